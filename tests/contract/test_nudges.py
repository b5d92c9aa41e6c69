"""Engineering is asked after its issue every 48 hours until it is resolved: once a window, whatever happens."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from app.errors import Busy, OutcomeUnknown, Refused, TriageError, Unauthorized, Unavailable
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.bridge import LinkedIssue
from app.triage.policies import Policies
from app.triage.ticket import Ref, Speaker
from tests.contract import test_bridge as one
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_bridge import ISSUE, KNOBS, REF, TICKET, Died, Mortal, configured, look, ring
from tests.contract.test_bridge_many import FIRST, SECOND, Desks, numbered
from tests.contract.test_messages import receiver
from tests.contract.test_reconcile import Clock
from tests.contract.tracker import Tracker

clock, desk, tracker, policies, runtime = one.clock, one.desk, one.tracker, one.policies, one.runtime


def told(desk: ScriptedVendor, words: str) -> list[str]:
    """Our internal notes on the ticket that hold these words."""
    ours = (note.body for note in desk.ticket.comments if note.speaker is Speaker.WORKER and not note.public)
    return [body for body in ours if words in body]


def pass_hours(runtime: Runtime, clock: Clock, hours: float, *refs: Ref) -> None:
    """Time passes; every ticket is looked at when it is due, as the sweep has it."""
    until = clock.at.timestamp() + hours * 3600
    while clock.at.timestamp() < until:
        clock.move(hours=min(6, (until - clock.at.timestamp()) / 3600))
        for ref in refs or (REF,):
            look(runtime, ref)


def states(runtime: Runtime, ref: Ref = REF, kind: str = "nudge") -> list[str]:
    return [effect.state for effect in runtime.store.effects_of(ref) if effect.kind == kind]


@pytest.mark.policy("S3-16", "S3-17", "S3-18")
def test_engineering_is_asked_every_48_hours_until_the_issue_is_resolved(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    pass_hours(runtime, clock, 47.5)
    assert tracker.nudges() == []
    for window in (1, 2, 3):
        pass_hours(runtime, clock, 1)
        assert len(tracker.nudges()) == window
        pass_hours(runtime, clock, 47)
        assert len(tracker.nudges()) == window
    first = tracker.nudges()[0]
    assert first.startswith(
        "Support asks after this issue. The ticket has waited for it since 2026-03-02 10:00 UTC, 2 days."
    )
    assert "Zendesk ticket 4711: https://acme.zendesk.com/agent/tickets/4711\nP2 · L3\n> Export fails\n" in first
    assert "please confirm that you have it" in first
    assert "three users" not in first, "the customer's words stay in the ticket"
    assert len(told(desk, "Dev followup: was due")) == 3
    assert len(told(desk, "Dev receipt: was due")) == 1, "asked for once, together with the first"
    assert "Engineering was asked on ENG-1, 2026-03-04 10:30 UTC." in told(desk, "Dev receipt")[0]
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    pass_hours(runtime, clock, 120)
    assert len(tracker.nudges()) == 3
    assert not {"dev_receipt", "dev_followup"} & set(runtime.store.history(REF)[-1]["deadlines"])
    assert set(states(runtime)) == {"confirmed"}


@pytest.mark.policy("S3-16")
@pytest.mark.parametrize(("what", "confirmed"), [("takes", True), ("moves", True), ("comments", True), ("rule", False)])
def test_an_issue_that_engineering_took_moved_or_commented_on_is_received_and_still_followed_up(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, what: str, confirmed: bool
) -> None:
    ring(runtime, "a")
    clock.move(hours=5)
    match what:
        case "takes":
            tracker.takes("ENG-1")
        case "moves":
            tracker.moves("ENG-1")
        case "comments":
            tracker.comments("ENG-1", "we look at it")
        case "rule":
            tracker.moves("ENG-1", by="")
    ring(runtime, "b", ISSUE)
    pass_hours(runtime, clock, 44)
    (asked,) = tracker.nudges()
    assert ("please confirm that you have it" in asked) is not confirmed
    assert bool(told(desk, "Dev receipt")) is not confirmed
    assert told(desk, "Dev followup")


def test_an_issue_that_is_opened_again_is_asked_after_48_hours_later(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    clock.move(hours=1)
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    pass_hours(runtime, clock, 100)
    tracker.reopens("ENG-1")
    ring(runtime, "c", ISSUE)
    pass_hours(runtime, clock, 47)
    assert tracker.nudges() == []
    pass_hours(runtime, clock, 2)
    assert len(tracker.nudges()) == 1
    assert told(desk, "Dev receipt") == [], "who opens it again has it"


def test_after_five_days_in_which_nobody_looked_engineering_is_asked_once(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    clock.move(days=5)
    for _ in range(3):
        look(runtime)
        clock.move(minutes=5)
    assert len(tracker.nudges()) == 1
    assert len(told(desk, "Dev followup: was due by 2026-03-06 10:00 UTC, 2 times by now.")) == 1


@pytest.mark.parametrize("how", ["resolved", "deleted", "forbidden"])
def test_an_issue_is_read_before_it_is_asked_after(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, how: str
) -> None:
    ring(runtime, "a")
    if how == "resolved":
        tracker.resolves("ENG-1")
    elif how == "deleted":
        tracker.issues.clear()
    else:
        tracker.hidden = True
    pass_hours(runtime, clock, 120)
    assert "ask" not in tracker.calls, "its event never came, and it shows all the same"
    assert told(desk, "Dev ") == []


def test_an_issue_in_a_backlog_is_not_asked_after(runtime: Runtime, desk: ScriptedVendor, tracker: Tracker) -> None:
    assert LinkedIssue(ISSUE, "escalation").awaited
    assert not LinkedIssue(ISSUE, "backlog").awaited


@pytest.fixture
def two(runtime: Runtime, tracker: Tracker) -> Desks:
    """Two tickets that hang on the issue ENG-1."""
    tracker.holds("ENG-1", status_name="To Do")
    desks = Desks(numbered(1, "Acme"), numbered(2, "Beta"))
    runtime.clients["zendesk", "acme"] = desks  # type: ignore[assignment]  # a double
    return desks


@pytest.mark.parametrize("apart", [0, 24, 47])
def test_tickets_on_one_issue_ask_after_it_once_in_48_hours_all_together(
    runtime: Runtime, two: Desks, tracker: Tracker, clock: Clock, apart: int
) -> None:
    for ref, hours in ((FIRST, 0), (SECOND, apart)):
        pass_hours(runtime, clock, hours, FIRST)
        runtime.store.link(two.of[ref].ticket, LinkedIssue(ISSUE, "known_issue"), runtime.now())
        ring(runtime, f"a{ref}", ref)
    pass_hours(runtime, clock, 200 - apart, FIRST, SECOND)
    asked = [note.at for note in tracker.issues["ENG-1"].comments if note.speaker is Speaker.WORKER]
    assert len(asked) == 4
    assert all((later - earlier).total_seconds() >= 40 * 3600 for earlier, later in pairwise(asked))
    assert "2 tickets hang on this issue" in tracker.nudges()[-1]
    for ref in (FIRST, SECOND):
        notes = told(two.of[ref], "Dev followup")
        assert len(notes) >= 3
        assert all("Engineering was asked on ENG-1, 2026-03-" in note for note in notes)


def test_two_tickets_never_ask_at_the_same_moment(runtime: Runtime, two: Desks, tracker: Tracker, clock: Clock) -> None:
    for ref in (FIRST, SECOND):
        runtime.store.link(two.of[ref].ticket, LinkedIssue(ISSUE, "known_issue"), runtime.now())
        ring(runtime, f"a{ref}", ref)
    clock.move(hours=49)
    assert runtime.store.hold(f"nudge {ISSUE}", runtime.now(), 60), "as the other's worker does"
    look(runtime, FIRST)
    assert tracker.nudges() == []
    assert len(told(two.of[FIRST], "Dev followup")) == 1, "the note does not wait"
    pass_hours(runtime, clock, 1, FIRST, SECOND)
    assert len(tracker.nudges()) == 1


@pytest.mark.parametrize("error", [Busy("429", after=5.0), Unavailable("503"), Unauthorized("401")])
def test_a_site_that_is_away_is_asked_later_though_the_note_is_written(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, error: TriageError
) -> None:
    ring(runtime, "a")
    clock.move(hours=48)
    tracker.nudge_mishaps = [("before", error)]
    look(runtime)
    assert states(runtime)[0] == "planned"
    assert tracker.nudges() == []
    assert "was asked" not in told(desk, "Dev followup")[0]
    pass_hours(runtime, clock, 1)
    assert len(tracker.nudges()) == 1
    assert len(told(desk, "Dev followup")) == 1
    assert set(states(runtime)) == {"confirmed"}


@pytest.mark.parametrize("lost_after", ["before", "after"])
def test_a_comment_that_got_no_answer_is_looked_for_before_it_is_sent_again(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, lost_after: str
) -> None:
    ring(runtime, "a")
    clock.move(hours=48)
    tracker.nudge_mishaps = [(lost_after, OutcomeUnknown("no answer"))]
    look(runtime)
    assert set(states(runtime)) == {"unknown"}
    pass_hours(runtime, clock, 1)
    assert len(tracker.nudges()) == 1
    assert tracker.calls.count("ask") == (1 if lost_after == "after" else 2)
    assert set(states(runtime)) == {"confirmed"}


def test_what_was_asked_without_an_answer_is_settled_though_nothing_is_asked_any_more(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    clock.move(hours=48)
    tracker.nudge_mishaps = [("after", OutcomeUnknown("no answer"))]
    look(runtime)
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    pass_hours(runtime, clock, 1)
    assert set(states(runtime)) == {"confirmed"}


def test_a_refusal_is_told_once_and_tried_again_in_the_next_window(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    tracker.nudge_mishaps = [("before", Refused("403: no permission to comment")) for _ in range(2)]
    pass_hours(runtime, clock, 49)
    assert tracker.calls.count("ask") == 1
    assert set(states(runtime)) == {"refused"}
    (note,) = told(desk, "could not be asked")
    assert note.startswith("Engineering could not be asked on ENG-1: 403: no permission to comment.")
    pass_hours(runtime, clock, 48)
    assert tracker.calls.count("ask") == 2
    pass_hours(runtime, clock, 48)
    assert len(tracker.nudges()) == 1, "somebody gave the permission"
    assert len(told(desk, "could not be asked")) == 1


@pytest.mark.parametrize(("mode", "off"), [("shadow", ""), ("assist", ""), ("auto", "nudge")])
def test_a_question_that_is_held_back_is_asked_when_it_is_permitted(
    tmp_path: Path, runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock, mode: str, off: str
) -> None:
    ring(runtime, "a")
    runtime.settings = configured(tmp_path, mode=mode, off=off)
    pass_hours(runtime, clock, 50)
    assert tracker.nudges() == []
    assert set(states(runtime)) == {"planned"}
    notes = told(desk, "Dev followup")
    assert bool(notes) is (mode != "shadow")
    assert not any("was asked" in note for note in notes)
    assert all(("ask engineering on its issue" in note) is (mode == "assist") for note in notes)
    runtime.settings = configured(tmp_path)
    ring(runtime, "b")
    assert len(tracker.nudges()) == 1
    assert set(states(runtime)) == {"confirmed"}


def test_a_ticket_that_people_took_out_asks_nothing(
    runtime: Runtime, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    ring(runtime, "a")
    desk.ticket = replace(desk.ticket, tags=desk.ticket.tags | {"triage-off"})
    pass_hours(runtime, clock, 50)
    assert tracker.nudges() == []


def test_where_engineering_is_told_by_webhook_the_same_goes_there_once(
    tmp_path: Path, desk: ScriptedVendor, tracker: Tracker, clock: Clock
) -> None:
    with receiver(204) as (url, got), receiver(503) as (away, _):
        settings = configured(tmp_path).model_copy(update={"engineering_webhook": SecretStr(url)})
        migrate(settings.database_url)
        clients = {("zendesk", "acme"): desk, ("jira", "dev"): tracker}
        runtime = Runtime(settings, {**KNOBS, "TRIAGE_ESCALATION__MESSAGE": "webhook"}, now=clock, clients=clients)  # type: ignore[arg-type]  # doubles
        ring(runtime, "a")
        runtime.settings = settings.model_copy(update={"engineering_webhook": SecretStr(away)})
        pass_hours(runtime, clock, 49)
        assert len(tracker.nudges()) == 1
        assert len(told(desk, "Dev followup")) == 1, "only the message waits"
        runtime.settings = settings
        pass_hours(runtime, clock, 12)
        ring(runtime, "b")
        assert not any(key.startswith("message:nudge") for key in runtime.store.written(REF)[0]), "it need not be kept"
        runtime.store.close()
    _, nudge = (orjson.loads(body) for _, body in got)
    assert nudge["subject"] == "[ENG-1] Support asks how far it is: Export fails"
    assert nudge["text"].startswith("Support asks after this issue.")
    assert "Firstline nudge" not in nudge["text"]
    assert len(tracker.nudges()) == 1


WRITES = {"plan_effects", "mark_effects", "hold", "observed", "wrote", "remember"}
CALLS = {"send", "fetch"}


@pytest.mark.policy("S3-18")
def test_a_worker_that_dies_after_any_step_leaves_one_question_and_one_note(tmp_path: Path, policies: Policies) -> None:
    start, before = Clock(), ScriptedVendor(TICKET)
    tracker = Tracker(start)
    (tmp_path / "first").mkdir()
    first = made(tmp_path / "first", start, policies)
    first.clients |= {("zendesk", "acme"): before, ("jira", "dev"): tracker}  # type: ignore[dict-item]  # doubles
    migrate(first.settings.database_url)
    ring(first, "a")
    first.store.close()
    steps, died = 0, True
    while died:
        steps += 1
        folder = tmp_path / str(steps)
        folder.mkdir()
        shutil.copy(tmp_path / "first" / "store.db", folder / "store.db")
        clock, desk, site = Clock(), ScriptedVendor(before.ticket), Tracker(start)
        site.now, site.issues = clock, dict(tracker.issues)
        runtime = made(folder, clock, policies)
        store = runtime.store
        runtime.__dict__["store"] = Mortal(store, WRITES)
        mortal = {("zendesk", "acme"): Mortal(desk, {"send"}), ("jira", "dev"): Mortal(site, CALLS)}
        runtime.clients |= mortal  # type: ignore[arg-type]
        Mortal.mortal_calls, Mortal.mortal_at, Mortal.mortal_counts = 0, steps, True
        clock.move(hours=48)
        died = False
        try:
            look(runtime)
        except Died:
            died = True
        Mortal.mortal_at = 0
        for _ in range(2):
            clock.move(minutes=5)
            look(runtime)
        assert len(site.nudges()) == 1, steps
        assert len(told(desk, "Dev followup")) == 1, steps
        assert len(told(desk, "Dev receipt")) == 1, steps
        assert set(states(runtime)) == {"confirmed"}, steps
        store.close()
    assert steps > 12


def made(folder: Path, clock: Clock, policies: Policies) -> Runtime:
    runtime = Runtime(configured(folder), KNOBS, now=clock)
    runtime.__dict__["policies"] = policies
    return runtime
