"""Tickets that report the same, at the sandbox's Zendesk and Jira: linked, told apart by people, and told on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.server import Sandbox
from app.triage.ticket import Event, Ref, VendorName
from tests.contract.test_undo import Office, office, sandbox
from workers.look import Result
from workers.reconcile import reconcile

__all__ = ["office", "sandbox"]  # fixtures

ERROR = (
    "java.lang.IllegalStateException: ledger 4711 is closed\n\tat com.acme.export.CsvWriter.flush(CsvWriter.java:88)"
)
REPORT = f"Since this morning the CSV export of invoices fails for a few of us with this error:\n\n{ERROR}"


class Desk:
    """The worker over an office, and what vendors show."""

    def __init__(self, office: Office) -> None:
        self.office, self.deliveries = office, 0

    def new(self, vendor: VendorName = "zendesk", body: str = REPORT, **given: Any) -> Ref:
        """A customer writes in; nobody looks."""
        given = {"subject": "CSV export of invoices fails", "tags": [], "requester": "Ann Field", **given}
        return self.office.new(vendor, body=body, **given)

    def earlier(self, vendor: VendorName, **given: Any) -> Ref:
        """A customer wrote in some minutes ago."""
        self.office.control("POST", "clock", {"at": (self.now() - timedelta(minutes=5)).isoformat()})
        try:
            return self.new(vendor, **given)
        finally:
            self.office.control("POST", "clock", {"at": None})

    def look(self, *refs: Ref) -> Result:
        """Something happens to each ticket and it is looked at, and so is every other that is rung by that."""
        result = Result("not_due")
        for ref in refs:
            self.deliveries += 1
            self.office.runtime.store.record(Event(ref, "updated", f"d{self.deliveries}"), "x", self.now())
            result = self._answer(ref)
        return result

    def _answer(self, ref: Ref) -> Result:
        result, line, seen = reconcile(self.office.runtime, ref), [ref], 0
        waiting = list(result.others)
        while waiting:
            seen += 1
            assert seen < 60, f"tickets ring each other for ever: {line}"
            line.append(waiting[0])
            waiting += reconcile(self.office.runtime, waiting.pop(0)).others
        return result

    def now(self) -> Any:
        return self.office.runtime.now()

    def hangs_on(self, ref: Ref) -> str:
        """The number or key of the ticket on which one hangs, as its vendor shows it; empty for none."""
        if ref.vendor == "zendesk":
            return str(self.office.shown(ref)["problem_id"] or "")
        fields = self.office.control("GET", f"jira/issues/{ref.id}")["rendered"]["fields"]
        return ",".join(one["outwardIssue"]["key"] for one in fields["issuelinks"] if "outwardIssue" in one)

    def type_of(self, ref: Ref) -> str:
        return str(self.office.shown(ref)["type"] or "")

    def said(self, ref: Ref, words: str) -> list[str]:
        """The comments of a ticket that have these words."""
        return [str(one["body"]) for one in self.office.shown(ref)["comments"] if words in str(one["body"])]

    def says(self, ref: Ref, text: str, by: str = "agent", *, public: bool = False) -> None:
        where = "zendesk/tickets" if ref.vendor == "zendesk" else "jira/issues"
        self.office.control("POST", f"{where}/{ref.id}/comments", {"body": text, "by": by, "public": public})
        self.look(ref)

    def edit(self, ref: Ref, **changes: Any) -> None:
        self.office.edit(ref, **changes)
        self.look(ref)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


@pytest.mark.policy("S0-64", "S0-65")
def test_at_zendesk_the_first_becomes_a_problem_and_the_others_its_incidents(desk: Desk) -> None:
    first, second, third = (desk.new(requester=name) for name in ("Ann Field", "Bo Lind", "Cy Moor"))
    desk.look(first)
    assert desk.type_of(first) == ""
    desk.look(second)
    assert (desk.type_of(first), desk.type_of(second)) == ("problem", "incident")
    assert (desk.hangs_on(second), desk.hangs_on(first)) == (first.id, "")
    desk.look(third)
    assert desk.hangs_on(third) == first.id
    for ref in (second, third):
        assert desk.office.shown(ref)["status"] in ("new", "open"), "nothing is closed or merged"
        (note,) = desk.said(ref, "Reports the same as #")
        assert "chance" in note
        (reply,) = desk.said(ref, "tracked and being worked on")
        assert first.id not in reply
    desk.look(first, second, third)
    written = desk.office.writes()
    desk.look(first, second, third)
    assert desk.office.writes() == written, "done once"


@pytest.mark.policy("S0-64", "S0-65")
def test_at_jira_the_repetition_duplicates_its_original(desk: Desk) -> None:
    first, second = desk.new("jira"), desk.new("jira", requester="Bo Lind")
    desk.look(first, second)
    assert (desk.hangs_on(second), desk.hangs_on(first)) == (first.id, "")
    assert len(desk.said(second, "tracked and being worked on")) == 1
    written = desk.office.writes()
    desk.look(first, second)
    assert desk.office.writes() == written


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_a_link_that_an_agent_takes_away_stays_away(desk: Desk, vendor: VendorName) -> None:
    first, second = desk.new(vendor), desk.new(vendor, requester="Bo Lind")
    desk.look(first, second)
    desk.edit(second, **({"problem_id": None} if vendor == "zendesk" else {"duplicates": ""}))
    desk.look(first, second)
    assert desk.hangs_on(second) == ""
    last = desk.office.runtime.store.last_decision(second)
    assert last is not None
    assert last["duplicate_of"] is None


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_a_command_sets_two_tickets_apart_and_another_joins_them(desk: Desk, vendor: VendorName) -> None:
    first, second = desk.new(vendor), desk.new(vendor, requester="Bo Lind")
    desk.look(first, second)
    desk.says(second, "/triage not-duplicate")
    assert desk.hangs_on(second) == ""
    assert len(desk.said(second, f"kept apart from {first}")) == 1
    desk.look(second)
    assert desk.hangs_on(second) == ""
    desk.says(second, f"/triage duplicate {first.id}")
    assert desk.hangs_on(second) == first.id


def test_a_command_joins_what_nothing_else_does(desk: Desk) -> None:
    first, second = desk.new(), desk.new(subject="Odd", body="My screen looks odd since today.", requester="Bo Lind")
    desk.look(first, second)
    assert desk.hangs_on(second) == ""
    desk.says(second, f"/triage duplicate {first.id}")
    assert desk.hangs_on(second) == first.id
    assert len(desk.said(second, f"the ticket hangs on {first}")) == 1


def test_an_agents_problem_is_not_replaced(desk: Desk) -> None:
    first, other = desk.new(), desk.new(subject="VAT", body="The VAT number is printed wrong.", requester="Di Post")
    second = desk.new(requester="Bo Lind")
    desk.look(first, other)
    desk.edit(other, type="problem")
    desk.office.edit(second, type="incident", problem_id=int(other.id))
    desk.look(second, first)
    assert desk.hangs_on(second) == other.id


@pytest.mark.policy("S0-66")
def test_the_first_is_told_once_what_others_know_and_what_they_add_later(desk: Desk) -> None:
    first = desk.new()
    second = desk.new(body=f"{REPORT}\n\nIt happens in our staging environment.", requester="Bo Lind")
    desk.look(first, second)
    (told,) = desk.said(first, "New from the others")
    assert "staging" in told
    desk.look(second, first)
    assert len(desk.said(first, "New from the others")) == 1
    desk.says(second, "Today there is a second one: java.lang.NullPointerException", "customer", public=True)
    desk.look(first)
    first_note, later = desk.said(first, "New from the others")
    assert "NullPointerException" in later
    assert "staging" not in later
    assert "NullPointerException" not in first_note


@pytest.mark.policy("S0-66")
def test_a_reply_to_a_merged_ticket_reaches_the_first_one(desk: Desk) -> None:
    first, second = desk.new(), desk.new(requester="Bo Lind")
    desk.look(first, second)
    address = f"{desk.office.url}/zendesk/api/v2/tickets/{first.id}/merge.json"
    merged = desk.office.http.post(
        address, json={"ids": [int(second.id)]}, auth=("firstline@sandbox.example/token", "sandbox"), timeout=5
    )
    assert merged.ok, merged.text
    desk.look(second, first)
    before = len(desk.said(first, "New from the others"))
    desk.office.control(
        "POST", f"zendesk/tickets/{second.id}/comments",
        {"body": "One more thing: it now says java.lang.NullPointerException", "by": "customer"},
    )  # fmt: skip
    newest = max(int(one["id"]) for one in desk.office.control("GET", "zendesk/tickets"))
    follow_up = Ref("zendesk", "acme", str(newest))
    assert follow_up not in (first, second)
    desk.look(follow_up, first)
    notes = desk.said(first, "New from the others")
    assert len(notes) == before + 1
    assert "NullPointerException" in notes[-1]


def test_undo_takes_links_and_types_back_and_they_stay_so(desk: Desk) -> None:
    first, second = desk.new(), desk.new(requester="Bo Lind")
    issue, repeated = desk.new("jira"), desk.new("jira", requester="Bo Lind")
    desk.look(first, second)
    assert desk.hangs_on(repeated) == ""
    done = desk.office.triage("undo", "--since", "2026-01-01", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"its link to {first} is gone" in done.stdout
    assert (desk.hangs_on(second), desk.type_of(first), desk.type_of(second)) == ("", "", "")
    desk.look(first, second)
    assert (desk.hangs_on(second), desk.type_of(first)) == ("", "")
    assert issue != repeated


@pytest.mark.parametrize(("name", "value"), [("mode", "shadow"), ("mode", "assist"), ("off", ["link"])])
def test_nothing_is_linked_where_it_may_not_be(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    made = Office(sandbox, tmp_path, monkeypatch)
    made.control("POST", "settings", {"zendesk_updates_per_minute": 0})
    accounts = {
        one: account.model_copy(update={"mode": None}) for one, account in made.runtime.settings.zendesk.items()
    }
    update = {"zendesk": accounts, "mode": "auto", name: value}
    made.runtime.settings = made.runtime.settings.model_copy(update=update)
    desk = Desk(made)
    first, second = desk.new(), desk.new(requester="Bo Lind")
    desk.look(first, second)
    assert (desk.hangs_on(second), desk.type_of(second)) == ("", "")
    last = made.runtime.store.last_decision(second)
    assert last is not None
    assert last["duplicate_of"] == str(first), "it is decided all the same"
    withheld = {one.kind for one in made.runtime.store.effects_of(first) if one.withheld}
    assert ("set_type" in withheld) is (name == "mode")
    if value == "assist":
        assert len(desk.said(first, "In auto mode we would also:")) == 1
    made.runtime.store.close()


DOWN = "The whole service is down for all of our users since nine, nobody can work and there is no workaround."


def test_of_two_pages_the_one_of_the_first_ticket_is_enough_once_they_are_joined(desk: Desk) -> None:
    store = desk.office.runtime.store
    first, second = desk.new(body=DOWN), desk.new(body=DOWN, requester="Bo Lind")
    desk.look(first)
    desk.says(second, f"/triage not-duplicate {first.id}")
    pages = [store.page(ref) for ref in (first, second)]
    assert all(page is not None and page.open for page in pages)
    desk.says(second, f"/triage duplicate {first.id}")
    kept, joined = store.page(first), store.page(second)
    assert kept is not None
    assert kept.open
    assert joined is not None
    assert joined.resolved_why == f"joined with {first}"
    desk.look(second)
    again = store.page(second)
    assert again is not None
    assert (again.episode, again.open) == (1, False), "nobody is woken twice about one incident"


def test_a_page_becomes_that_of_the_first_ticket_where_that_has_none(desk: Desk) -> None:
    store = desk.office.runtime.store
    first = desk.new(subject="Export", body="How do I export invoices?")
    second = desk.new(body=DOWN, requester="Bo Lind")
    desk.look(first, second)
    page = store.page(second)
    assert page is not None
    assert store.page(first) is None
    desk.says(second, f"/triage duplicate {first.id}")
    moved = store.page(first)
    assert moved is not None
    assert (moved.open, moved.key, moved.opened_by) == (True, page.key, second)
    assert store.page(second) is None
    desk.edit(second, status="solved")
    desk.look(first)
    assert len([one for one in store.open_pages() if one.incident in (first, second)]) <= 1


def test_whoever_repeats_a_solved_incident_wakes_nobody_again(desk: Desk) -> None:
    store = desk.office.runtime.store
    first, second = desk.new(body=DOWN), desk.new(body=DOWN, requester="Bo Lind")
    desk.look(first, second)
    page = store.page(first)
    assert page is not None
    assert store.page(second) is None
    desk.edit(first, status="solved")
    desk.look(second)
    over = store.page(first)
    assert over is not None
    assert (over.open, over.episode) == (False, 1)


@pytest.mark.policy("S0-67")
def test_the_first_is_raised_when_the_impact_widens_and_a_persons_word_stands(desk: Desk) -> None:
    first = desk.new()
    second = desk.new(body=f"{REPORT}\n\nAnd all invoices of this week are lost for all of us.", requester="Bo Lind")
    desk.look(first)
    before = desk.office.shown(first)["priority"]
    desk.look(second, first)
    raised = desk.office.shown(first)["priority"]
    assert ("low", "normal", "high", "urgent").index(raised) > ("low", "normal", "high", "urgent").index(before)
    desk.edit(first, priority=before)
    desk.look(second, first)
    assert desk.office.shown(first)["priority"] == before
    assert len(desk.said(first, "raise to")) >= 1


def test_a_cluster_that_grows_rings_and_writes_to_no_member(desk: Desk) -> None:
    refs = [desk.new(requester=f"Customer {n}", organization="") for n in range(6)]
    desk.look(*refs)
    desk.look(*refs)
    comments = {ref: len(desk.office.shown(ref)["comments"]) for ref in refs}
    for n in range(6, 9):
        result = desk.look(desk.new(requester=f"Customer {n}"))
        assert set(result.others) <= {refs[0]}
    assert {ref: len(desk.office.shown(ref)["comments"]) for ref in refs[1:]} == {
        ref: count for ref, count in comments.items() if ref != refs[0]
    }


def engineering(desk: Desk) -> None:
    """Issues are made at the account's own Jira, in the project of the engineers."""
    runtime = desk.office.runtime
    accounts = {
        name: account.model_copy(update={"engineering": "acme"}) for name, account in runtime.settings.zendesk.items()
    }
    runtime.settings = runtime.settings.model_copy(update={"zendesk": accounts})
    runtime.variables = {"TRIAGE_BRIDGE__PROJECT": "ENG"}


def test_a_repetition_hangs_on_the_first_ones_issue_and_gets_none_of_its_own(desk: Desk) -> None:
    engineering(desk)
    first, second, third = (desk.new(requester=name) for name in ("Ann Field", "Bo Lind", "Cy Moor"))
    issues = len(desk.office.control("GET", "jira/issues"))
    desk.look(first, second, third)
    desk.says(third, "/triage escalate L3")
    assert len(desk.office.control("GET", "jira/issues")) == issues
    desk.says(first, "/triage escalate L3")
    (issue,) = desk.office.runtime.store.linked(first)
    assert {one.ref for ref in (second, third) for one in desk.office.runtime.store.linked(ref)} == {issue.ref}
    assert len(desk.office.control("GET", "jira/issues")) == issues + 1


def test_a_ticket_hangs_by_the_bridge_on_an_issue_that_reports_the_same_and_is_triaged_on(desk: Desk) -> None:
    engineering(desk)
    first, second = desk.earlier("jira"), desk.new(requester="Bo Lind")
    desk.look(first, second)
    (issue,) = desk.office.runtime.store.linked(second)
    assert (issue.ref, issue.kind) == (first, "duplicate")
    assert desk.hangs_on(second) == ""
    assert len(desk.said(second, f"a report of the same as {first.id}")) == 1
    assert len(desk.said(second, f"Reports the same as {first}")) == 1
    assert reconcile(desk.office.runtime, first).outcome in ("decided", "unchanged", "not_due")
    assert desk.look(first).outcome in ("decided", "unchanged"), "it is still a customer's request"


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_where_an_earlier_ticket_is_met_later_all_others_are_hung_on_it(desk: Desk, vendor: VendorName) -> None:
    first = desk.earlier(vendor)
    second, third = (desk.new(vendor, requester=name) for name in ("Bo Lind", "Cy Moor"))
    desk.look(second, third)
    assert (desk.hangs_on(third), desk.hangs_on(second)) == (second.id, "")
    desk.look(first)
    assert {desk.hangs_on(ref) for ref in (second, third)} == {first.id}
    assert desk.hangs_on(first) == ""
    if vendor == "zendesk":
        assert [desk.type_of(ref) for ref in (first, second, third)] == ["problem", "incident", "incident"]


def test_a_ticket_that_is_out_is_written_to_by_nobody_and_still_counted(desk: Desk) -> None:
    first, second = desk.new(), desk.new(requester="Bo Lind", tags=["triage-off"])
    desk.look(first, second)
    assert desk.hangs_on(second) == ""
    assert desk.office.shown(second)["comments"][1:] == []
    assert desk.type_of(first) == "problem"


def test_a_problem_that_an_agent_makes_later_keeps_the_incidents_that_people_hang_on_it(desk: Desk) -> None:
    first, second = desk.new(), desk.new(requester="Bo Lind")
    desk.look(first, second)
    problem = desk.new(subject="Known: export", body="We track the export here.", requester="Di Post")
    desk.edit(problem, type="problem")
    for ref in (second, first):
        desk.edit(ref, type="incident", problem_id=int(problem.id))
    desk.look(first, second, problem)
    assert {desk.hangs_on(ref) for ref in (first, second)} == {problem.id}
    assert desk.type_of(problem) == "problem"


@pytest.mark.policy("S0-61")
def test_what_the_same_customer_wrote_before_stands_in_the_note(desk: Desk) -> None:
    customer = "Harbour & Finch Logistics"
    vat = {"subject": "VAT", "body": "The VAT number is printed wrong.", "requester": "Em Frost"}
    before, now = desk.new(**vat, organization=customer), desk.new(requester="Fay Good", organization=customer)
    desk.look(before, now)
    assert len(desk.said(now, "From the same customer: #")) == 1
    stranger = desk.new(requester="Gil Hart", organization="Lumen Press")
    desk.look(stranger)
    assert desk.said(stranger, "From the same customer") == []
