"""Reminder, note and move of a ticket that waits are each done once: whoever is killed between two writes, whatever
becomes of a write, and never on a ticket that a person moved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.triage.actions import Action
from app.triage.ticket import Ref, Status, Ticket
from app.vendors import Write
from tests.contract.office import Made, Office, made, office, sandbox

__all__ = ["made", "office", "sandbox"]  # fixtures

VENDORS = pytest.mark.parametrize("vendor", ["zendesk", "jira"])
REMINDER = "Do you still need our help with it?"
REMINDED, SOLVED = "The customer has not answered for three days", "The customer did not answer the reminder"


class Killed(BaseException):
    """The process ends here: nothing catches it."""


class Mortal:
    """A vendor's client whose process is killed at one of its writes: before it is sent, or after it arrived."""

    def __init__(self, client: Any) -> None:
        self.client, self.left, self.arrives = client, -1, False

    def send(self, write: Write) -> Any:
        self.left -= 1
        if self.left == 0 and not self.arrives:
            raise Killed
        answer = self.client.send(write)
        if self.left == 0:
            raise Killed
        return answer

    def whoami(self) -> str:
        return str(self.client.whoami())

    def fetch(self, ref: Ref) -> Ticket:
        ticket: Ticket = self.client.fetch(ref)
        return ticket

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        found: tuple[tuple[Write, ...], Mapping[Action, str]] = self.client.writes(ticket, actions)
        return found


def mortal(office: Office, vendor: Any) -> Mortal:
    client = Mortal(office.runtime.client(vendor, "desk"))
    office.runtime.clients[vendor, "desk"] = client  # type: ignore[assignment]
    return client


def counted(office: Office, ref: Ref) -> tuple[int, int, int]:
    """How often the customer was reminded, the note of that written, and the note of the solution."""
    public, notes = office.said(ref, public=True), office.said(ref, public=False)
    return (
        sum(REMINDER in body for body in public),
        sum(REMINDED in body for body in notes),
        sum(SOLVED in body for body in notes),
    )


@pytest.mark.policy("C-19", "S4-65")
@pytest.mark.parametrize("arrives", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
@VENDORS
def test_whoever_is_killed_at_any_write_everything_is_done_once(
    office: Office, vendor: str, nth: int, arrives: bool
) -> None:
    ref, client = office.pending(vendor), mortal(office, vendor)
    for step in (3, 3):
        office.at_work(ref, days=step - 1, hours=23)
        client.left, client.arrives = nth, arrives
        with pytest.raises(Killed):
            office.at_work(ref, hours=2)
        office.at_work(ref, hours=1)
    assert office.status(ref) is Status.SOLVED
    office.at_work(ref, days=3)
    assert counted(office, ref) == (1, 1, 1)
    assert {one.state for one in office.runtime.store.effects_of(ref)} == {"confirmed"}


FAULTS: list[dict[str, Any]] = [
    {"action": "drop_before_apply"},
    {"action": "drop_after_apply"},
]
WRITES: dict[str, dict[str, Any]] = {
    "zendesk-note": {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/"},
    "zendesk-reminder-or-move": {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/", "skip": 1},
    "jira-note": {"vendor": "jira", "method": "POST", "path_contains": "/comment"},
    "jira-reminder": {"vendor": "jira", "method": "POST", "path_contains": "/comment", "skip": 1},
    "jira-move": {"vendor": "jira", "method": "POST", "path_contains": "/transitions"},
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["action"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails_twice_is_done_once(office: Office, write: str, fault: dict[str, Any]) -> None:
    ref = office.pending(WRITES[write]["vendor"])
    for _ in range(2):
        office.at_work(ref, days=2, hours=23)
        office.control("POST", "/faults", WRITES[write] | fault | {"times": 2})
        office.at_work(ref, hours=3)
        office.control("DELETE", "/faults")
    assert office.status(ref) is Status.SOLVED
    assert counted(office, ref) == (1, 1, 1)
    assert office.runtime.store.parked() == []


@pytest.mark.policy("C-19")
@pytest.mark.parametrize("fault", ["drop_before_apply", "drop_after_apply"])
def test_the_same_words_said_before_do_not_count_as_the_next_reminder(office: Office, fault: str) -> None:
    ref = office.pending("zendesk")
    office.at_work(ref, days=4)
    office.answers(ref, "One more thing: the export is under Contacts, More, Export.")
    office.hears(ref)
    office.at_work(ref, days=2, hours=23)
    office.control("POST", "/faults", WRITES["zendesk-reminder-or-move"] | {"action": fault, "times": 1})
    office.at_work(ref, hours=2)
    assert counted(office, ref)[0] == 2
    office.at_work(ref, days=4)
    assert office.status(ref) is Status.SOLVED


@pytest.mark.policy("C-19")
@VENDORS
def test_what_a_person_moved_while_we_looked_stays_where_it_is(office: Office, vendor: str) -> None:
    ref = office.pending(vendor)
    office.at_work(ref, days=5, hours=23)
    place = f"/zendesk/tickets/{ref.id}" if vendor == "zendesk" else f"/jira/issues/{ref.id}"
    opened = {"status": "open", "after": "comments"} if vendor == "zendesk" else {"status": "In progress"}
    office.control("POST", f"{place}/edit_after_read", opened)
    office.at_work(ref, days=2)
    assert office.status(ref) is Status.OPEN
    assert {one.state for one in office.runtime.store.effects_of(ref) if one.action.get("step")} <= {"planned"}


@pytest.mark.policy("S4-65")
def test_a_move_that_no_workflow_has_is_left_to_people_who_are_told_once(made: Made) -> None:
    office = made({"TRIAGE_STATUSES__SOLVED__JIRA": '["Nowhere", "Elsewhere"]'})
    ref = office.pending("jira")
    office.at_work(ref, days=6, hours=3)
    office.hears(ref)
    office.at_work(ref, days=9)
    why = "could not be set to solved: no move from 'Waiting for customer' to 'Nowhere' or 'Elsewhere' is open"
    assert (office.count(ref, why), office.status(ref)) == (1, Status.PENDING)
    assert [one.state for one in office.runtime.store.effects_of(ref) if one.action.get("step")] == ["refused"]


@pytest.mark.policy("S4-65")
@VENDORS
def test_a_move_that_the_vendor_refuses_is_tried_once_and_parks_nothing(office: Office, vendor: str) -> None:
    ref = office.pending(vendor)
    office.at_work(ref, days=5, hours=23)
    move = WRITES["zendesk-reminder-or-move" if vendor == "zendesk" else "jira-move"]
    office.control("POST", "/faults", move | {"action": "status:422" if vendor == "zendesk" else "status:400"})
    office.at_work(ref, hours=3)
    office.hears(ref)
    office.at_work(ref, days=9)
    assert (office.count(ref, "could not be set to solved: "), office.status(ref)) == (1, Status.PENDING)
    assert counted(office, ref) == (1, 1, 1)
    assert office.runtime.store.parked() == []


def test_the_first_status_that_there_is_is_taken(made: Made) -> None:
    office = made(
        {
            "TRIAGE_STATUSES__OPEN__ZENDESK": '["Nowhere", "Waiting for engineering", "open"]',
            "TRIAGE_STATUSES__OPEN__JIRA": '["Nowhere", "Escalated", "In Progress"]',
        }
    )
    for vendor, name in (("zendesk", "Waiting for engineering"), ("jira", "Escalated")):
        ref = office.asks(vendor)
        office.edits(ref, state="waiting")
        office.at_work(ref, days=10, hours=1)
        assert office.ticket(ref).status_name == name


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
@pytest.mark.policy("S4-65", "S4-68")
def test_in_assist_mode_people_remind_and_move_and_find_the_draft_in_the_note(made: Made, vendor: str) -> None:
    office = made(mode="assist")
    ref, waiting = office.pending(vendor), office.asks(vendor)
    office.edits(waiting, state="waiting")
    office.at_work(ref, days=9)
    office.at_work(waiting, days=2)
    (note,) = (body for body in office.said(ref, public=False) if REMINDED in body)
    assert "we would also:" in note
    assert "remind the customer" in note
    assert REMINDER in note
    (told,) = (body for body in office.said(waiting, public=False) if "has not answered for ten days" in body)
    assert "move it to " in told
    assert office.said(ref, public=True) == office.said(waiting, public=True) == []
    assert office.status(ref) is Status.PENDING
    assert office.ticket(waiting).status_name.casefold() == "waiting on customer"


def test_where_replies_are_drafts_the_reminder_is_one_and_nobody_is_solved(made: Made) -> None:
    office = made({"TRIAGE_ACK__CHANNEL": "note"})
    ref = office.pending("zendesk")
    office.at_work(ref, days=12)
    (note,) = (body for body in office.said(ref, public=False) if REMINDED in body)
    assert REMINDER in note
    assert (office.said(ref, public=True), office.status(ref)) == ([], Status.PENDING)


def test_in_shadow_mode_nothing_is_written(made: Made) -> None:
    office = made(mode="shadow")
    ref = office.pending("zendesk")
    office.at_work(ref, days=12)
    assert office.said(ref, public=True) == office.said(ref, public=False) == []
    assert office.status(ref) is Status.PENDING
