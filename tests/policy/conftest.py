"""The shipped policies, each read once, and short ways to decide under them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from app.packs import PACKS, find_pack
from app.triage.conditions import Seen
from app.triage.decision import Context, Decision, Label
from app.triage.engine import decide
from app.triage.policy import Policy, read
from app.triage.ticket import Ticket
from app.triage.ticket_records import ticket_from_record

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
NAMES = tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))
NOTHING_KNOWN = Context()


@cache
def policy(name: str = "unified") -> Policy:
    """A shipped policy by its phrases and rules alone, compiled once for all tests: what they say must hold without
    the learned reader."""
    return read(*find_pack(name), find_pack)


def a_ticket(
    body: str = "", subject: str = "", comments: Sequence[str | Mapping[str, Any]] = (), **given: Any
) -> Ticket:
    """A ticket as ``triage decide`` reads one, created now."""
    record = {"id": "1", "subject": subject, "body": body, "comments": list(comments), "created_at": NOW.isoformat()}
    return ticket_from_record({**record, **given})


def decided(
    body: str = "",
    subject: str = "",
    comments: Sequence[str | Mapping[str, Any]] = (),
    *,
    under: str = "unified",
    context: Context = NOTHING_KNOWN,
    **given: Any,
) -> Decision:
    """The decision about one ticket under a shipped policy."""
    return decide(a_ticket(body, subject, comments, **given), context, policy(under), NOW)


def seen(facts: Collection[str], label: Label, under: str = "unified", **more: Any) -> Seen:
    """What rules are asked with, for tests of rules without texts."""
    chosen = policy(under)
    return Seen(
        **{
            "ticket": a_ticket("x"),
            "context": NOTHING_KNOWN,
            "pack": chosen.pack,
            "calendar": chosen.calendar,
            "now": NOW,
            "facts": frozenset(facts),
            "label": label,
            **more,
        }
    )
