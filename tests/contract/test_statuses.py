"""What becomes of tickets that wait: at both vendors, with the real clients, over weeks of the sandbox's own time."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage.ticket import Ref, Status
from tests.contract.office import Office, made, office, sandbox

__all__ = ["made", "office", "sandbox"]  # fixtures

VENDORS = pytest.mark.parametrize("vendor", ["zendesk", "jira"])
REMINDER = {"en": "Do you still need our help with it?", "de": "Brauchen Sie noch Hilfe dabei?"}
SOLVED = "The customer did not answer the reminder"


@pytest.mark.policy("S4-65", "C-19", "S4-66")
@VENDORS
def test_a_pending_ticket_is_reminded_of_once_and_solved_three_days_later(office: Office, vendor: str) -> None:
    ref = office.pending(vendor)
    office.at_work(ref, days=2, hours=23)
    assert office.count(ref, REMINDER["en"], public=True) == 0
    office.at_work(ref, hours=2)
    assert office.count(ref, REMINDER["en"], public=True) == 1
    assert office.count(ref, "The customer has not answered for three days") == 1
    office.at_work(ref, days=2, hours=22)
    assert office.status(ref) is Status.PENDING
    office.at_work(ref, hours=3)
    assert office.status(ref) is Status.SOLVED
    assert office.count(ref, SOLVED) == 1
    office.at_work(ref, days=10)
    assert office.count(ref, REMINDER["en"], public=True) == 1
    assert office.count(ref, SOLVED) == 1
    assert office.status(ref) is Status.SOLVED


@pytest.mark.policy("S4-67")
def test_who_writes_to_a_closed_ticket_gets_a_new_one(office: Office) -> None:
    ref = office.pending("zendesk")
    office.at_work(ref, days=6, hours=2)
    office.edits(ref, status="closed")
    body = {"by": "customer", "body": "How do I import them again?"}
    office.control("POST", f"/zendesk/tickets/{ref.id}/comments", body)
    office.hears(ref)
    (new,) = office.shown(ref)["followup_ids"]
    again = Ref("zendesk", "desk", str(new))
    office.hears(again)
    assert (office.status(ref), office.ticket(again).follow_up_of) == (Status.CLOSED, ref.id)
    assert len(office.said(again, public=False)) == 1
    assert office.count(ref, SOLVED) == 1


@pytest.mark.policy("S4-65")
@VENDORS
def test_the_reminder_speaks_the_customers_language(office: Office, vendor: str) -> None:
    text = {"subject": "Kontakte", "body": "Wie kann ich meine Kontakte exportieren? Ich finde die Einstellung nicht."}
    german = {"locale": "de", "requester": {"name": "Jana", "email": "jana@kunde.example"}}
    ref = office.pending(vendor, **text, **(german if vendor == "zendesk" else {}))
    office.at_work(ref, days=3, hours=1)
    assert office.count(ref, REMINDER["de"], public=True) == 1


@pytest.mark.policy("C-19")
def test_a_late_reminder_still_leaves_three_days_to_answer(office: Office) -> None:
    ref = office.pending("zendesk")
    office.pass_time(days=8)  # nobody was there
    office.at_work(ref, hours=1)
    assert office.count(ref, REMINDER["en"], public=True) == 1
    office.at_work(ref, days=2, hours=22)
    assert office.status(ref) is Status.PENDING
    office.at_work(ref, hours=3)
    assert office.status(ref) is Status.SOLVED


@pytest.mark.policy("S4-65", "S4-64")
@pytest.mark.parametrize("after", [1, 4])
@VENDORS
def test_who_answers_is_not_reminded_nor_solved(office: Office, vendor: str, after: int) -> None:
    ref = office.pending(vendor)
    office.at_work(ref, days=after)
    before = office.count(ref, REMINDER["en"], public=True)
    office.customer_answers(ref, "It does not work for me, there is no such button.")
    office.at_work(ref, days=12)
    assert office.status(ref) not in (Status.PENDING, Status.SOLVED)
    assert office.count(ref, REMINDER["en"], public=True) == before == (after > 3)


@pytest.mark.policy("C-19")
def test_an_answer_that_leaves_the_ticket_pending_ends_its_clocks_too(office: Office) -> None:
    ref = office.pending("jira")
    office.at_work(ref, days=4)
    body = "It does not work for me, there is no such button."
    office.sandbox.site.issues.comment(  # no rule of the project moves the request when its customer writes
        office.sandbox.site.records.issue(ref.id), body, _reporter(office, ref)
    )
    office.hears(ref)
    office.at_work(ref, days=12)
    assert office.status(ref) is Status.PENDING
    assert office.count(ref, REMINDER["en"], public=True) == 1


def _reporter(office: Office, ref: Ref) -> Any:
    site = office.sandbox.site
    return site.records.users[site.records.issue(ref.id).values["reporter"]]


@pytest.mark.policy("S4-65")
def test_an_agent_who_writes_again_begins_the_three_days_anew(office: Office) -> None:
    ref = office.pending("zendesk")
    office.at_work(ref, days=4)
    office.answers(ref, "One more thing: the export is under Contacts, More, Export.")
    office.hears(ref)
    office.at_work(ref, days=2, hours=22)
    assert (office.count(ref, REMINDER["en"], public=True), office.status(ref)) == (1, Status.PENDING)
    office.at_work(ref, hours=3)
    assert (office.count(ref, REMINDER["en"], public=True), office.status(ref)) == (2, Status.PENDING)
    office.at_work(ref, days=3, hours=1)
    assert (office.count(ref, REMINDER["en"], public=True), office.status(ref)) == (2, Status.SOLVED)


@pytest.mark.policy("S0-23", "C-19", "S4-65")
@VENDORS
def test_p0_and_p1_are_neither_reminded_of_nor_solved(office: Office, vendor: str) -> None:
    broken = "The whole application is down for all users, nobody can work. It is an outage since this morning."
    ref = office.pending(vendor, subject="Down", body=broken)
    office.at_work(ref, days=12)
    assert office.status(ref) is Status.PENDING
    assert office.count(ref, REMINDER["en"], public=True) == 0
    assert any("P0" in body or "P1" in body for body in office.said(ref, public=False))


@pytest.mark.policy("C-19")
def test_a_ticket_whose_issue_is_open_is_neither_reminded_of_nor_solved(office: Office) -> None:
    ref = office.asks("zendesk", "Export fails", "The CSV export shows an error for three users.")
    office.answers(ref, "Reproduced, it needs a code fix.", public=False)
    office.hears(ref)
    office.answers(ref)
    office.edits(ref, state="pending")
    (issue,) = office.runtime.store.linked(ref)
    office.at_work(ref, days=12)
    assert (office.status(ref), office.count(ref, REMINDER["en"], public=True)) == (Status.PENDING, 0)
    office.control("POST", f"/jira/issues/{issue.ref.id}/edit", {"status": "Done"})
    office.hears(issue.ref)
    office.at_work(ref, hours=1)
    assert (office.status(ref), office.count(ref, REMINDER["en"], public=True)) == (Status.PENDING, 1)
    office.at_work(ref, days=3, hours=1)
    assert office.status(ref) is Status.SOLVED


@pytest.mark.policy("S4-68")
@VENDORS
def test_waiting_on_customer_ends_after_ten_days_without_a_reminder(office: Office, vendor: str) -> None:
    ref = office.asks(vendor)
    office.answers(ref)
    office.edits(ref, state="waiting")
    office.at_work(ref, days=9, hours=23)
    assert office.ticket(ref).status_name.casefold() == "waiting on customer"
    office.at_work(ref, hours=2)
    assert office.status(ref) is Status.OPEN
    assert office.count(ref, "The customer has not answered for ten days") == 1
    assert office.count(ref, REMINDER["en"], public=True) == 0
    office.at_work(ref, days=11)
    assert office.count(ref, "The customer has not answered for ten days") == 1


@pytest.mark.policy("S4-69")
@VENDORS
def test_a_hold_ends_after_the_days_of_its_tag_and_again_when_it_is_put_on_hold_anew(
    office: Office, vendor: str
) -> None:
    ref, over = office.asks(vendor), "The time for which it was put on hold is over"
    office.edits(ref, state="hold", add_tags=["hold-7d"])
    office.at_work(ref, days=6, hours=23)
    assert office.status(ref) is Status.HOLD
    office.at_work(ref, hours=2)
    assert (office.status(ref), office.count(ref, over)) == (Status.OPEN, 1)
    assert "hold-7d" in office.ticket(ref).tags, "a person's tag is a person's"
    office.at_work(ref, days=8)
    assert office.count(ref, over) == 1
    office.edits(ref, state="hold")
    office.at_work(ref, days=6, hours=23)
    assert (office.status(ref), office.count(ref, over)) == (Status.HOLD, 1)
    office.at_work(ref, hours=2)
    assert (office.status(ref), office.count(ref, over)) == (Status.OPEN, 2)


@pytest.mark.policy("S4-69")
@VENDORS
def test_a_hold_may_name_its_day_and_without_a_tag_it_has_no_end(office: Office, vendor: str) -> None:
    dated, endless, late = office.asks(vendor), office.asks(vendor), office.asks(vendor)
    office.edits(dated, state="hold", add_tags=["hold-2026-03-12"])
    office.edits(endless, state="hold")
    office.edits(late, state="hold")
    office.pass_time(days=5)
    office.edits(late, add_tags=["hold-3d"])
    office.at_work(late, days=2, hours=22)  # until Tuesday 9th, and Tuesday 10th at 8
    assert office.status(late) is Status.HOLD, "the days count from the tag where it came later"
    office.at_work(late, hours=3)
    assert office.status(late) is Status.OPEN
    office.at_work(dated, days=1, hours=20)
    assert office.status(dated) is Status.HOLD
    office.at_work(dated, hours=4)
    assert office.status(dated) is Status.OPEN
    office.edits(dated, state="hold")
    office.at_work(dated, days=9)
    assert office.status(dated) is Status.HOLD, "a day that has passed says nothing of another time"
    office.at_work(endless, days=30)
    assert office.status(endless) is Status.HOLD


@pytest.mark.policy("S4-70")
@VENDORS
def test_thanks_are_reviewed_by_people_who_are_asked_to_after_a_business_day(office: Office, vendor: str) -> None:
    ref, ask = office.asks(vendor), "The customer says that it works again: please review it and solve it"
    office.answers(ref)
    office.edits(ref, state="pending")
    office.pass_time(hours=1)
    office.customer_answers(ref, "Thanks, that was it, it works again now!")
    assert "review" in office.ticket(ref).tags
    office.at_work(ref, hours=20)
    assert office.count(ref, ask) == 0
    office.at_work(ref, hours=6)
    assert office.count(ref, ask) == 1
    office.at_work(ref, days=20)
    assert office.status(ref) not in (Status.SOLVED, Status.PENDING)
    assert (office.count(ref, ask), office.count(ref, REMINDER["en"], public=True)) == (1, 0)


@pytest.mark.policy("S4-70")
def test_an_agent_who_says_that_it_works_is_no_customer(office: Office) -> None:
    ref = office.asks("jira")
    office.answers(ref, "We have fixed it, it works again now.")
    office.hears(ref)
    assert "review" not in office.ticket(ref).tags
