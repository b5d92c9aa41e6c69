"""The candidate for the registry of known issues that several tickets about one fault make (S4-76)."""

from __future__ import annotations

import structlog

from app.runtime import Runtime
from app.triage.fields import Known

log = structlog.get_logger("patterns")


def keep(runtime: Runtime, known: Known) -> None:
    """Put the fault into the registry, where a person accepted that or the policy asks nobody; once for a ticket.
    Raises Unavailable."""
    pattern, ref = known.decision.pattern, known.ticket.ref
    named = pattern.named if pattern else None
    if named is None or not named.wanted or known.decision.left_alone:
        return
    approved = known.policy.pack.known_issues.approval == "none"
    runtime.store.propose_known_issue(
        runtime.tenant_of(ref), ref, named.title, named.tag, runtime.now(), approved=approved
    )
