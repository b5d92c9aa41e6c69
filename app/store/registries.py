"""The registries of all tenants, prepared for matching: read once and kept until they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
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
from app.triage.text import Message

_MOST_KEPT = 5000  # entries whose words are read once

log = structlog.get_logger("known_issues")


class Registries:
    """One object a process; safe for threads, because what it keeps may be made twice. ``embed`` gives the vector of
    what a thread reports, empty where no sentence model is on."""

    def __init__(self, store: Store, embed: Callable[[Sequence[Message]], bytes] = lambda _: b"") -> None:
        self._store, self._embed = store, embed
        self._known: dict[tuple[str, str], tuple[Stamp, Registry]] = {}
        self._read: dict[tuple[str, ...], Symptom] = {}

    def entries(self, tenant: str, policy: Policy) -> list[RegistryEntry]:
        """Every entry that counts for tickets of a tenant under a policy, whatever its state."""
        return list(combined(policy.pack.known_issues, self._store.known_issues(tenant)))

    def of(self, tenant: str, policy: Policy) -> Registry:
        """The registry of a tenant under a policy."""
        stamp, key = self._store.known_issues_stamp(tenant), (tenant, policy.digest)
        known = self._known.get(key)
        if known is None or known[0] != stamp:
            made = matching.registry(self.entries(tenant, policy), policy.pack.words, partial(self._described, policy))
            known = self._known[key] = (stamp, made)
            if made.unread:
                log.warning("phrases of known issues cannot be read", reason=", ".join(made.unread))
        return known[1]

    def _described(self, policy: Policy, messages: Sequence[Message]) -> Symptom:
        """What an entry's words describe; read once, because most entries stay as they are when one changes."""
        key = (policy.digest, *(one.text for one in messages))
        if key not in self._read:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            self._read[key] = replace(described(messages, policy), vector=self._embed(messages))
        return self._read[key]

    def found(self, tenant: str, space: str, asked: Asked, policy: Policy) -> Found:
        """What of a tenant's registry a ticket matches. ``space`` is where it is compared with others."""
        there = self.of(tenant, policy)
        if not there.entries:
            return matching.NOTHING
        common, bands = self._store.frequencies_of(space), policy.pack.duplicates

        def likeness(one: Symptom, other: Symptom) -> float:
            return alike(one, other, common).chance

        return matching.found(asked, there, likeness, bands.link, bands.suggest)
