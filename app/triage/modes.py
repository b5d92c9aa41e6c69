"""How much may be written: the mode of an account, the kill switches, the roll-out. What is held back is only decided.

``shadow`` writes nothing. ``assist`` writes what agents see and can change at a glance (priority, tags, fields, queue,
note), and leaves to people whatever a customer sees or a colleague is given. ``auto`` writes everything.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.triage.actions import KINDS, AddNote, Reply
from app.triage.intents import intent
from app.triage.note import after_headline
from app.triage.replies import draft
from app.triage.ticket import Ref

Mode = Literal["shadow", "assist", "auto"]

SWITCHES = (*KINDS, "message", "issue", "nudge", "page")
"""What ``TRIAGE_OFF`` may name: the kinds of action, messages to engineering, issues made for engineering, comments
there that ask how far it is, and steps of the on-call chain."""

ASSISTS = frozenset({"set_priority", "add_tags", "remove_own_tags", "set_fields", "route", "add_note"})
"""What assist mode writes."""

WITHHELD = "withheld: "
"""How the ledger's reason of an effect begins that was decided and held back."""

BY_ASSIST = "mode is assist"
"""Why assist mode leaves something to people."""

_SAYS = {
    "shadow": "shadow: nothing is written",
    "assist": "assist: tags, fields, queue and notes are written; replies are drafts in the note",
    "auto": "auto: everything is written",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be written to the tickets of one account.

    ``off`` are kinds that are switched off (see ``SWITCHES``). ``percent`` is the share of tickets, 0..100, and
    ``brands`` the brands or Jira projects, in small letters, that are written to; no brands means all.
    """

    mode: Mode = "shadow"
    off: frozenset[str] = frozenset()
    percent: int = 100
    brands: frozenset[str] = frozenset()

    def withholds(self, kind: str, ref: Ref, brand: str) -> str:
        """Why this kind of action is not carried out on a ticket; empty when it is."""
        if self.mode == "shadow":
            return "mode is shadow"
        if self.brands and brand.casefold() not in self.brands:
            return "its brand is not in TRIAGE_ROLLOUT_BRANDS"
        if share(ref) >= self.percent:
            return f"not among the {self.percent} % of TRIAGE_ROLLOUT_PERCENT"
        if kind in self.off:
            return f"TRIAGE_OFF names {kind}"
        if self.mode == "assist" and kind not in ASSISTS:
            return BY_ASSIST
        return ""

    def accepted(self) -> Permission:
        """The same for a ticket whose decision a person accepted: what assist mode left to people goes through.
        Shadow stays shadow, and switches and roll-out hold."""
        return replace(self, mode="auto") if self.mode == "assist" else self

    def __str__(self) -> str:
        """The mode in a sentence, with what narrows it."""
        parts = [_SAYS[self.mode]]
        if self.mode != "shadow":
            parts += [f"off: {', '.join(sorted(self.off))}"] if self.off else []
            parts += [f"{self.percent} % of the tickets"] if self.percent < 100 else []
            parts += [f"brands {', '.join(sorted(self.brands))}"] if self.brands else []
        return "; ".join(parts)


def share(ref: Ref) -> int:
    """A ticket's place in the roll-out, 0..99: always the same, so who is in at 20 % is in at 50 %."""
    return int(hashlib.sha256(str(ref).encode()).hexdigest()[:8], 16) % 100


def unknown_switch(names: Collection[str]) -> str:
    """The first name that is no switch, with the nearest that is; empty when all are."""
    for name in names:
        if name not in SWITCHES:
            near = difflib.get_close_matches(name, SWITCHES, n=1, cutoff=0.5)
            return f"{name!r} is no kind of action" + (f"; did you mean {near[0]!r}?" if near else "")
    return ""


def left_to_people(note: AddNote, would: Sequence[str], replies: Sequence[Reply]) -> AddNote:
    """The note of assist mode: it says what we would do besides, and gives the replies as drafts. The mark stays, so it
    is the same note to every later run."""
    told = "Assist mode: tags, fields, queue and this note are ours, the rest is left to you."
    wishes = [*would, *map(intent, replies)]
    if wishes:
        told = "\n".join(("Assist mode. In auto mode we would also:", *(f"- {one}" for one in wishes)))
    return replace(note, text=after_headline(note.text, (told, *map(draft, replies))))
