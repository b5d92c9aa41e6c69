"""The policies in force: one for all tickets, and others for the accounts and brands that have their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.triage.decision import Decision
from app.triage.policy import Policy
from app.triage.ticket import Ticket, VendorName


@dataclass(frozen=True, eq=False)
class Policies:
    """``by_brand`` has brands in small letters; a Jira project counts as a brand. ``by_account`` goes by vendor and
    name."""

    default: Policy
    by_brand: Mapping[str, Policy] = field(default_factory=dict)
    by_account: Mapping[tuple[VendorName, str], Policy] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Policy]:
        """Each policy once, the default first."""
        return iter(dict.fromkeys((self.default, *self.by_account.values(), *self.by_brand.values())))

    def of(self, ticket: Ticket) -> Policy:
        """The policy that a ticket is decided under: its brand's, or else its account's, or else the default."""
        own = self.by_account.get((ticket.ref.vendor, ticket.ref.account), self.default)
        return self.by_brand.get(ticket.brand.casefold(), own)

    def at(self, vendor: VendorName, account: str) -> Iterator[Policy]:
        """Each policy that tickets of this account may be decided under, once; the brands of others cannot be told."""
        own = self.by_account.get((vendor, account), self.default)
        return iter(dict.fromkeys((own, *self.by_brand.values())))

    def behind(self, decision: Decision) -> Policy:
        """The policy that a decision was made under, or the one that has its name now, or the default."""
        same = (policy for policy in self if policy.digest == decision.policy_digest)
        named = (policy for policy in self if policy.name == decision.policy)
        return next(same, None) or next(named, self.default)
