"""Many tickets on one issue, packs with rules of their own, and tickets that are solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.packs import load_policies
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue
from app.triage.decision import KnownIssue
from app.triage.engine import decide
from app.triage.fields import Known
from app.triage.policies import Policies
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket
from config.settings import Settings
from tests.conftest import NOW
from tests.contract import test_bridge as one
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_bridge import ISSUE, KNOBS, TICKET, configured, look, news, ring
from tests.contract.test_reconcile import Clock
from tests.contract.tracker import Tracker
from workers import bridge, surroundings
from workers.withholding import Withholding

clock = one.clock
tracker = one.tracker


def numbered(number: int, organization: str, **more: object) -> Ticket:
    customer = Customer(id=str(number), name="Kim", organization=organization, organization_id=f"o-{organization}")
    ref = Ref("zendesk", "acme", str(number))
    return replace(TICKET, ref=ref, requester=customer, **more)  # type: ignore[arg-type]


class Desks:
    """Several tickets of one account, each in a double of its own."""

    def __init__(self, *tickets: Ticket) -> None:
        self.of = {ticket.ref: ScriptedVendor(ticket) for ticket in tickets}

    def whoami(self) -> str:
        return "99"

    def fetch(self, ref: Ref) -> Ticket:
        return self.of[ref].fetch(ref)

    def writes(self, ticket: Ticket, actions: object) -> object:
        return self.of[ticket.ref].writes(ticket, actions)  # type: ignore[arg-type]

    def send(self, write: object) -> None:
        number = write.path.rsplit("/", 1)[1]  # type: ignore[attr-defined]
        self.of[Ref("zendesk", "acme", number)].send(write)  # type: ignore[arg-type]


FIRST, SECOND, THIRD = (Ref("zendesk", "acme", str(number)) for number in (1, 2, 3))


@pytest.fixture
def desks() -> Desks:
    return Desks(numbered(1, "Acme"), numbered(2, "Beta"), numbered(3, "Gamma"))


@pytest.fixture(scope="module")
def policies() -> dict[str, Policies]:
    return {
        name: load_policies(Settings(_env_file=None, policy=name), KNOBS)  # type: ignore[call-arg]
        for name in ("unified", "bug-sop", "tiered-helpdesk")
    }


@pytest.fixture
def runtime(
    tmp_path: Path, clock: Clock, desks: Desks, tracker: Tracker, policies: dict[str, Policies]
) -> Iterator[Runtime]:
    settings = configured(tmp_path)
    migrate(settings.database_url)
    clients = {("zendesk", "acme"): desks, ("jira", "dev"): tracker}
    built = Runtime(settings, KNOBS, now=clock, clients=clients)  # type: ignore[arg-type]  # doubles
    built.__dict__["policies"] = policies["unified"]
    yield built
    built.store.close()


def crosses(runtime: Runtime, ref: Ref, **found: object) -> tuple[AddNote, ...]:
    """What the bridge does for a ticket of which look-ups found something; gives the notes that are due."""
    runtime.store.record(Event(ref, "created", f"cross {ref}"), "x", NOW)
    lease = runtime.store.lease(ref, NOW, 60)
    assert lease is not None
    while True:
        ticket = runtime.client("zendesk", "acme").fetch(ref)
        context = replace(surroundings.of(runtime, lease, ticket, "99"), **found)  # type: ignore[arg-type]
        policy = runtime.policy_for(ticket)
        decision = decide(ticket, context, policy, NOW)
        held = Withholding(runtime, lease, ticket, decision, runtime.permission(ref))
        crossed = bridge.cross(runtime, lease, Known(ticket, context, decision, policy), held)
        if not crossed.changed:
            return crossed.news


def test_a_repetition_hangs_on_the_issue_of_the_ticket_that_it_repeats(runtime: Runtime, tracker: Tracker) -> None:
    ring(runtime, "a", FIRST)
    crosses(runtime, SECOND, duplicate_of=FIRST)
    assert len(tracker.asked) == 1
    assert sorted(tracker.links) == [("ENG-1", "zendesk=acme&ticket=1"), ("ENG-1", "zendesk=acme&ticket=2")]
    assert runtime.store.hanging_on(ISSUE) == [FIRST, SECOND]


def test_a_known_issue_gets_the_ticket_and_no_second_issue(runtime: Runtime, tracker: Tracker) -> None:
    tracker.holds("ENG-7", status_name="In Progress", status=Status.OPEN)
    (told,) = crosses(runtime, FIRST, known_issues=(KnownIssue("ENG-7"),))
    assert tracker.asked == []
    assert list(tracker.links) == [("ENG-7", "zendesk=acme&ticket=1")]
    assert told.text.startswith("This ticket hangs on the known issue ENG-7: https://dev.example/browse/ENG-7")
    crosses(runtime, SECOND, known_issues=(KnownIssue("123-slow-export"),))
    assert len(tracker.asked) == 1, "a name that is no key names no issue"


def test_a_known_issue_that_is_not_there_is_told_and_stops_nothing(runtime: Runtime, tracker: Tracker) -> None:
    (told,) = crosses(runtime, FIRST, known_issues=(KnownIssue("ENG-7"),))
    assert told.text.startswith("ENG-7 was deleted, or our user may no longer see it.")
    assert (tracker.asked, tracker.links) == ([], {})


def test_a_resolution_reaches_every_ticket_once(runtime: Runtime, desks: Desks, tracker: Tracker, clock: Clock) -> None:
    issue = tracker.holds("ENG-1", status_name="To Do")
    for ref in (FIRST, SECOND, THIRD):
        runtime.store.link(desks.of[ref].ticket, LinkedIssue(issue.ref, "known_issue"), NOW)
        ring(runtime, f"a{ref}", ref)
    tracker.resolves("ENG-1")
    assert set(ring(runtime, "b", ISSUE).others) == {FIRST, SECOND, THIRD}
    for ref in (FIRST, SECOND, THIRD, FIRST, SECOND, THIRD):
        look(runtime, ref)
    for ref in (FIRST, SECOND, THIRD):
        assert sum("ENG-1 is resolved as Fixed" in body for body in news(desks.of[ref])) == 1


def test_each_customer_more_on_an_issue_makes_the_others_be_looked_at_again(
    runtime: Runtime, desks: Desks, tracker: Tracker
) -> None:
    """Three organizations with one symptom raise the severity (S0-48), though their words are not alike."""
    others = {
        SECOND: "Our invoices show an error on the second page.",
        THIRD: "The calendar shows an error when saving.",
    }
    for ref in (FIRST, SECOND, THIRD):
        ticket = desks.of[ref].ticket
        if ref in others:
            ticket = replace(ticket, comments=(), subject="Trouble", body=others[ref])
        desks.of[ref].ticket = ticket
        ring(runtime, f"a{ref}", ref)
    assert runtime.store.affected(FIRST) == (1, 1)
    assert runtime.store.affected(SECOND) == (0, 0)
    for ref in (SECOND, THIRD):
        runtime.store.link(desks.of[ref].ticket, LinkedIssue(ISSUE, "known_issue"), NOW)
    assert runtime.store.affected(FIRST) == (3, 3)
    assert FIRST in runtime.store.due(NOW, 10)
    assert desks.of[FIRST].ticket.priority == "high"
    look(runtime, FIRST)
    assert desks.of[FIRST].ticket.priority == "urgent"


@pytest.mark.policy("S3-12")
def test_a_minor_bug_waits_in_the_backlog_and_no_clock_of_engineering_runs(
    runtime: Runtime, desks: Desks, tracker: Tracker, policies: dict[str, Policies]
) -> None:
    runtime.__dict__["policies"] = policies["bug-sop"]
    desks.of[FIRST].ticket = numbered(1, "Acme", subject="Typo on the export page", comments=(),
                                      body="There is a typo on the export page, a cosmetic bug.")  # fmt: skip
    ring(runtime, "a", FIRST)
    (issue,) = tracker.asked
    assert "triage-backlog" in issue.labels
    decision = runtime.store.history(FIRST)[-1]
    assert (decision["level"], decision["page"], decision["severity"]) == ("L1", False, "P3")
    assert "level_response" in decision["deadlines"], "support's own, of the first level"
    assert not {"dev_receipt", "dev_followup"} & set(decision["deadlines"]), "nobody asks after a backlog"
    assert "This ticket waits in engineering's backlog as ENG-1" in news(desks.of[FIRST])[0]


@pytest.mark.policy("S4-30", "S4-32", "S4-33")
def test_every_bug_gets_an_unassigned_issue_goes_on_with_it_and_is_verified_when_it_is_fixed(
    runtime: Runtime, desks: Desks, tracker: Tracker, policies: dict[str, Policies]
) -> None:
    runtime.__dict__["policies"] = policies["tiered-helpdesk"]
    desks.of[FIRST].ticket = numbered(1, "Acme", comments=(), body=BUG, subject="Calendar")
    ring(runtime, "a", FIRST)
    (issue,) = tracker.asked
    assert not {"assignee", "owner"} & set(issue.fields)
    assert [one["level"] for one in runtime.store.history(FIRST)] == ["L3"], "decided again with its issue"
    assert "escalate-l3" in {tag.lower() for tag in desks.of[FIRST].ticket.tags}
    tracker.resolves("ENG-1")
    ring(runtime, "b", ISSUE)
    look(runtime, FIRST)
    assert runtime.store.history(FIRST)[-1]["level"] == "L3"
    assert "fixed-and-to-be-verified" in runtime.store.history(FIRST)[-1]["rules"]


BUG = """Saving an appointment in the calendar shows an error since Monday. About 30 users cannot plan their week.

Steps to reproduce:
1. Open the calendar
2. Press save

Expected: it is saved
Actual: error 500
Environment: production
Browser: Chrome 120
"""


@pytest.mark.policy("S2-84", "S2-86", "S2-88")
@pytest.mark.parametrize("noted", [True, False])
def test_a_solved_ticket_that_was_escalated_is_asked_for_what_is_left_to_do_once(
    runtime: Runtime, desks: Desks, clock: Clock, tmp_path: Path, noted: bool
) -> None:
    runtime.settings = configured(tmp_path, engineering="")
    desk = desks.of[FIRST]
    ring(runtime, "a", FIRST)
    clock.move(hours=2)
    cause = Comment("9", Speaker.AGENT, "A full disk; cleared, and an alert added.", clock(), public=False)
    desk.ticket = replace(desk.ticket, status=Status.SOLVED, status_name="solved",
                          comments=(*desk.ticket.comments, *([cause] if noted else ())))  # fmt: skip
    for delivery in "bcd":
        ring(runtime, delivery, FIRST)
        clock.move(minutes=5)
    (told,) = news(desk)
    assert told.startswith("This ticket was escalated and is solved now.")
    assert ("No note says what the cause was" in told) is not noted
    assert ("resolution-missing" in desk.ticket.tags) is not noted
    for part in ("After resolution:", "Closing summary, a draft from the decisions:", "· L3"):
        assert part in told


def test_a_solved_ticket_that_never_was_escalated_is_left_in_peace(
    runtime: Runtime, desks: Desks, clock: Clock
) -> None:
    desk = desks.of[FIRST]
    desk.ticket = replace(desk.ticket, comments=(), body="How do I export a report?", subject="Export")
    ring(runtime, "a", FIRST)
    desk.ticket = replace(desk.ticket, status=Status.SOLVED, status_name="solved")
    ring(runtime, "b", FIRST)
    assert news(desk) == []
    assert "resolution-missing" not in desk.ticket.tags
