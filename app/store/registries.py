"""The registries of all tenants, prepared for matching: read once and kept until they change."""

from __future__ import annotations

from functools import partial

import structlog

from app.store.known_issues import Stamp
from app.store.store import Store
from app.triage.known_issues import matching
from app.triage.known_issues.asking import described
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.matching import Asked, Found, Registry
from app.triage.known_issues.registry import combined
from app.triage.policy import Policy
from app.triage.symptoms.alike import alike
from app.triage.symptoms.symptom import Symptom

log = structlog.get_logger("known_issues")


class Registries:
    """One object a process; safe for threads, because what it keeps may be made twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], tuple[Stamp, Registry]] = {}

    def entries(self, tenant: str, policy: Policy) -> list[RegistryEntry]:
        """Every entry that counts for tickets of a tenant under a policy, whatever its state."""
        return list(combined(policy.pack.known_issues, self._store.known_issues(tenant)))

    def of(self, tenant: str, policy: Policy) -> Registry:
        """The registry of a tenant under a policy."""
        stamp, key = self._store.known_issues_stamp(tenant), (tenant, policy.digest)
        known = self._known.get(key)
        if known is None or known[0] != stamp:
            describe = partial(described, policy=policy)
            made = matching.registry(self.entries(tenant, policy), policy.pack.words, describe)
            known = self._known[key] = (stamp, made)
            if made.unread:
                log.warning("phrases of known issues cannot be read", reason=", ".join(made.unread))
        return known[1]

    def found(self, tenant: str, space: str, asked: Asked, policy: Policy) -> Found:
        """What of a tenant's registry a ticket matches. ``space`` is where it is compared with others."""
        there = self.of(tenant, policy)
        if not there.entries:
            return matching.NOTHING
        common, bands = self._store.frequencies_of(space), policy.pack.duplicates

        def likeness(one: Symptom, other: Symptom) -> float:
            return alike(one, other, common).chance

        return matching.found(asked, there, likeness, bands.link, bands.suggest)
