"""What is wrong with a policy that loads: values in, findings with place and mend out. Used by ``triage policy check``.

``finding`` has every kind of finding; each of the other modules looks for some of them. docs/policy-check.md tells
administrators what they mean.
"""

from __future__ import annotations

from app.triage.lint import names, promises, reading, rules, writing
from app.triage.lint.finding import CODES, Fault, Finding
from app.triage.lint.names import Site
from app.triage.policy import Policy

__all__ = ["CODES", "Fault", "Finding", "Site", "lint"]

_CHECKS = (rules.check, promises.check, names.check, reading.check, writing.check)


def lint(policy: Policy, site: Site | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with a policy, examples apart; ``site`` is what there is at the vendors, if that is
    known."""
    faults = [fault for check in _CHECKS for fault in check(policy)]
    faults += names.check_site(policy, site) if site is not None else ()
    return tuple(Finding.of(fault, policy) for fault in faults)
