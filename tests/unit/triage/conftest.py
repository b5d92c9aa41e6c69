"""The default policy, read once; and short ways to make a ticket and to decide about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from app.packs import find_pack
from app.triage.decision import Context, Decision
from app.triage.engine import decide
from app.triage.layers import parse
from app.triage.policy import Policy, read
from app.triage.ticket import Change, ChangedField, Comment, Ref, Speaker, Ticket

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PACK = Path(config.__file__).parent / "packs" / "unified.yaml"


@pytest.fixture(scope="session")
def pack_text() -> str:
    return PACK.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def policy(pack_text: str) -> Policy:
    return read(pack_text, "unified.yaml", find_pack)


def laid_over(text: str) -> Policy:
    """The default policy with a few values of a test's own laid over it."""
    return read(PACK.read_text(encoding="utf-8"), "unified.yaml", find_pack, [parse(text, "test.yaml")])


def a_ticket(
    body: str = "", subject: str = "", comments: Sequence[str | tuple[Speaker, str]] = (), **more: Any
) -> Ticket:
    """A ticket whose comments are the customer's, unless a speaker is given."""
    thread = [(Speaker.CUSTOMER, entry) if isinstance(entry, str) else entry for entry in comments]
    return Ticket(
        **{
            "ref": Ref("zendesk", "acme", "1"),
            "subject": subject,
            "body": body,
            "created_at": NOW,
            "updated_at": NOW,
            "comments": tuple(
                Comment(id=str(number), speaker=speaker, body=text, at=NOW, public=speaker is not Speaker.WORKER)
                for number, (speaker, text) in enumerate(thread, start=1)
            ),
            **more,
        }
    )


@pytest.fixture
def decided(policy: Policy) -> Callable[..., Decision]:
    """``decided("text", subject=..., comments=[...])`` under the default policy."""

    def run(body: str = "", subject: str = "", comments: Sequence[Any] = (), **more: Any) -> Decision:
        context = more.pop("context", Context())
        return decide(a_ticket(body, subject, comments, **more), context, policy, more.pop("now", NOW))

    return run


def was_set(field: ChangedField, by: str | None, new: str = "") -> tuple[Change, ...]:
    """The history of a ticket on which somebody changed one thing; none where nobody did."""
    return () if by is None else (Change(NOW, by, field, "", new),)
