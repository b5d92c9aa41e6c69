"""``RegistryEntry``: a documented fault, wherever it is documented."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.triage.decision import KnownIssue, Label
from app.triage.known_issues.tag import KEY, number_of
from app.triage.marks import mark_of
from app.triage.ticket import Ref

State = Literal["candidate", "open", "fixed", "dropped"]
"""Proposed and not approved yet; a fault that is there; one that was fixed; one that is no more in the registry."""

Source = Literal["pack", "jira", "zendesk", "github", "hand", "form", "pattern"]
"""Where an entry comes from: a policy, an issue, a problem ticket, a person by command or form, several tickets."""


WRITTEN: tuple[Source, ...] = ("pack", "hand", "form")
"""Sources of which the words are a person's own for this registry, which a tracker's do not replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One known issue.

    ``tag`` names it, empty while a candidate has no issue yet. ``key`` is what it is at its source, unique in a tenant:
    ``jira:acme:ENG-7``, ``pack:123-umlauts``. ``patterns`` are phrases as packs write them, ``errors`` are texts that
    are found literally, ``text`` is what else describes the fault. ``workaround`` is for customers' eyes;
    ``workaround_at`` is since when it reads so, UTC, None where that is not known. ``labels`` are those of tickets that
    it concerns, empty for all. ``id`` is the store's, 0 where the store does not know it yet. ``security``: only
    tickets about security match it, and no others. ``retired``: a person said that it is fixed, whatever its source
    says. ``issue`` is the key of the one that we made for it, and
    ``making_at`` is when an issue was asked for it whose making was not confirmed yet, UTC.
    """

    source: Source
    key: str
    title: str
    tag: str = ""
    id: int = 0
    state: State = "open"
    ref: Ref | None = None
    patterns: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    text: str = ""
    workaround: str = ""
    workaround_broken: bool = False
    workaround_at: datetime | None = None
    url: str = ""
    fixed_in: str = ""
    fixed_at: datetime | None = None
    area: str = ""
    labels: tuple[Label, ...] = ()
    security: bool = False
    retired: bool = False
    issue: str = ""
    making_at: datetime | None = None

    @property
    def number(self) -> str:
        """The issue's number or key."""
        return number_of(self.tag)

    @property
    def name(self) -> str:
        """By what people call it: its tag, or its number in the store."""
        return self.tag or f"candidate {self.id}"

    @property
    def workaround_mark(self) -> str:
        """Twelve hex digits that stand for the workaround as it reads now."""
        return mark_of(self.workaround) if self.workaround else ""

    def shown(self, site: str, public_titles: tuple[Source, ...]) -> KnownIssue:
        """The entry as a decision knows it. ``site`` is the Jira account on which tickets are hung: an issue of that
        one goes by its key, anything else by its tag."""
        here = self.ref is None or (self.ref.vendor == "jira" and self.ref.account == site)
        by_key = here and self.source != "zendesk" and KEY.fullmatch(self.number)
        return KnownIssue(
            id=self.number if by_key else self.tag,
            title=self.title,
            workaround=self.workaround,
            workaround_broken=self.workaround_broken,
            url=self.url,
            tag=self.tag,
            entry=self.id,
            ref=self.ref,
            fixed_in=self.fixed_in,
            public=self.source in public_titles and not self.security,
        )


def merged(kept: RegistryEntry, news: RegistryEntry, now: datetime) -> RegistryEntry:
    """An entry as it is kept, with what its source says by now. Its tag stays, so do phrases and errors that the source
    has none of; a candidate stays one until a person approves it, and one that a person retired stays fixed."""
    state = news.state
    if (kept.state == "candidate" and state == "open") or (state == "candidate" and kept.state != "dropped"):
        state = kept.state
    if kept.retired and news.state == "open":
        state = "fixed"
    after = replace(
        kept,
        title=kept.title if kept.source in WRITTEN else news.title,
        tag=kept.tag or news.tag,
        ref=news.ref or kept.ref,
        patterns=news.patterns or kept.patterns,
        errors=news.errors or kept.errors,
        text=news.text or kept.text,
        url=news.url or kept.url,
        area=news.area or kept.area,
        security=kept.security or news.security,
    )
    if news.workaround and kept.source not in WRITTEN:
        after = with_workaround(after, news.workaround, now)
    return over(after, state, news.fixed_in or kept.fixed_in, now)


def with_workaround(entry: RegistryEntry, workaround: str, now: datetime) -> RegistryEntry:
    """The entry with a workaround; one that reads otherwise than before is taken to work."""
    if workaround == entry.workaround:
        return entry
    return replace(entry, workaround=workaround, workaround_broken=False, workaround_at=now)


def over(entry: RegistryEntry, state: State, fixed_in: str, now: datetime) -> RegistryEntry:
    """The entry in a state, with the version that fixes it and since when it is fixed."""
    fixed = state == "fixed"
    at = (entry.fixed_at or now) if fixed else None
    return replace(entry, state=state, fixed_in=fixed_in if fixed else "", fixed_at=at)


def laid_over(pack: RegistryEntry, kept: RegistryEntry) -> RegistryEntry:
    """An entry of a policy with what the store knows besides: its number, where it stands, where it is read."""
    same_workaround = not pack.workaround or pack.workaround_mark == kept.workaround_mark
    over = kept.state != "open"
    return replace(
        pack,
        id=kept.id,
        key=kept.key,
        ref=kept.ref,
        state=kept.state if over else pack.state,
        fixed_in=kept.fixed_in if over else pack.fixed_in,
        fixed_at=kept.fixed_at if over else pack.fixed_at,
        url=pack.url or kept.url,
        workaround=pack.workaround or kept.workaround,
        workaround_broken=kept.workaround_broken and same_workaround,
        workaround_at=kept.workaround_at,
        security=pack.security or kept.security,
    )
