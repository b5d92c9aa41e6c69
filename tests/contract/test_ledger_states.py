"""The ledger says what became of each write: every mishap at every write, and what the next look makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Busy, Conflict, Gone, OutcomeUnknown, Refused, TriageError, Unauthorized, Unavailable
from app.triage.actions import Reply
from app.triage.ticket import Comment, Speaker
from tests.contract.test_modes import REF, Worker, worker
from workers.reconcile import reconcile

UNKNOWN = OutcomeUnknown("the connection dropped")
FINE = ("never", UNKNOWN)
MISHAPS = [
    pytest.param("before", UNKNOWN, "unknown", id="never arrived"),
    pytest.param("after", UNKNOWN, "unknown", id="arrived, no answer"),
    pytest.param("before", Busy("429", after=1), "planned", id="limited"),
    pytest.param("before", Unavailable("503"), "planned", id="unavailable"),
    pytest.param("before", Refused("422"), "refused", id="refused"),
    pytest.param("before", Unauthorized("401"), "refused", id="not let in"),
]


def states(it: Worker) -> dict[str, str]:
    return {name: effect.state for name, effect in it.effects().items()}


def said(it: Worker) -> tuple[int, int]:
    """How many notes and answers the ticket shows."""
    comments = it.vendor.ticket.comments
    notes = sum(comment.speaker is Speaker.WORKER for comment in comments)
    return notes, len(comments) - notes


def look_again(it: Worker) -> str:
    it.runtime.store.replay(REF, it.at)
    return reconcile(it.runtime, REF).outcome


@pytest.mark.parametrize(("when", "error", "state"), MISHAPS)
@pytest.mark.parametrize("write", ["the fields and the note", "the answer"])
def test_each_mishap_at_each_write_is_written_down_and_made_good_once(
    tmp_path: Path, write: str, when: str, error: TriageError, state: str
) -> None:
    with worker(tmp_path, mode="auto") as it:
        at_answer = write == "the answer"
        it.vendor.mishaps = [*([FINE] if at_answer else []), (when, error)]
        it.ring("a")
        found = states(it)
        if at_answer:
            assert found.pop("reply") == state
            assert set(found.values()) == {"confirmed"}
        else:
            assert "reply" not in found, "the answer says what has happened, and nothing has yet"
            assert set(found.values()) == {state}
        for _ in range(2):
            it.move(minutes=10)
            look_again(it)
        assert set(states(it).values()) == {"confirmed"}
        assert said(it) == (1, 1)


def test_a_conflict_leaves_nothing_behind(tmp_path: Path) -> None:
    with worker(tmp_path, mode="auto") as it:
        it.vendor.mishaps = [("before", Conflict("409")), FINE, ("before", Conflict("409"))]
        assert it.ring("a") == "decided"
        assert set(states(it).values()) == {"confirmed"}
        assert said(it) == (1, 1)


def test_what_was_sent_a_moment_ago_is_not_sent_again_even_when_a_person_asks_for_a_look(tmp_path: Path) -> None:
    """The answer is under way: the ticket does not show it yet, and will."""
    with worker(tmp_path, mode="auto") as it:
        it.vendor.mishaps = [FINE, ("before", UNKNOWN)]
        assert it.ring("a") == "waiting"
        (late,) = it.vendor.sent[-1].actions
        assert isinstance(late, Reply)
        it.move(seconds=5)
        assert look_again(it) == "waiting"
        assert states(it)["reply"] == "unknown"
        arrived = Comment("late", Speaker.AGENT, late.text, it.at, True, "99")
        it.vendor.ticket = replace(it.vendor.ticket, comments=(*it.vendor.ticket.comments, arrived))
        it.move(minutes=1)
        assert reconcile(it.runtime, REF).outcome == "decided"
        assert states(it)["reply"] == "confirmed"
        assert said(it) == (1, 1)


@pytest.mark.parametrize("error", [Gone("404"), Refused("403"), Unavailable("503")])
def test_where_the_ticket_cannot_be_read_an_unknown_outcome_stays_and_is_shown(
    tmp_path: Path, error: TriageError
) -> None:
    with worker(tmp_path, mode="auto") as it:
        it.vendor.mishaps = [FINE, ("before", UNKNOWN)]
        it.ring("a")
        for _ in range(3):
            it.move(minutes=10)
            it.vendor.fetch_mishaps = [error]
            look_again(it)
        ((ref, effect),) = it.runtime.store.unknown_effects()
        assert (ref, effect.kind, effect.reason) == (REF, "reply", "the connection dropped")
        assert len(it.vendor.sent) == 2, "it is never sent without having been looked for"
