"""Faults that several open tickets report: found in the index, listed by ``triage storms``, counted by ``/metrics``,
and made candidates of the registry where a person accepts that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.packs import PACKS, find_pack
from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.store.ledger import Effect
from app.store.migrate import migrate
from app.store.store import Store
from app.store.symptom_frequencies import frequencies
from app.store.symptoms import keep, lock_space
from app.store.tickets import Lease
from app.triage.decision import Context, Label, Proposal
from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.found import Cluster
from app.triage.engine import decide, outcome_hash
from app.triage.fields import Known
from app.triage.layers import parse
from app.triage.patterns.faults import Fault, storm_of
from app.triage.policy import Policy, read
from app.triage.records import to_json
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Event, Ref, Ticket
from app.web import create_app
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract import test_store
from tests.contract.test_command_line import triage
from tests.contract.workshop import Workshop
from workers import pages, patterns

url, store = test_store.url, test_store.store

MINUTE = timedelta(minutes=1)
DOWN = "The whole platform is down for all of our users."


def a_ref(number: int) -> Ref:
    return Ref("zendesk", "acme", str(number))


def report(store: Store, number: int, of: int, after: float = 0, **more: Any) -> None:
    """Put a ticket into the index that reports what an earlier one does, made so many minutes after ``NOW``."""
    parent = None if number == of else Parent(a_ref(of), 0.99, "alike")
    values = {"space": "acme", "created_at": NOW + after * MINUTE, "symptom": Symptom(), "label": Label.DEFECT}
    entry = Entry(ref=a_ref(number), parent=parent, master=a_ref(of), subject=f"Report {number}", **values | more)
    with store._begin() as connection:
        lock_space(connection, entry.space)
        keep(connection, store._insert, entry, frequencies(connection, entry.space))


def looked_at(number: int, context: Context, policy: Policy) -> Known:
    ticket = Ticket(ref=a_ref(number), subject=f"Report {number}", body=DOWN, created_at=NOW, updated_at=NOW)
    return Known(ticket, context, decide(ticket, context, policy, NOW), policy)


def leased(store: Store, number: int) -> Lease:
    store.record(Event(a_ref(number), "created", str(number)), "x", NOW)
    lease = store.lease(a_ref(number), NOW, 3600)
    assert lease is not None
    return lease


def decided(store: Store, number: int, policy: Policy) -> None:
    """Keep a decision about a ticket."""
    known = looked_at(number, Context(), policy)
    outcome = outcome_hash(known.decision)
    store.remember(
        leased(store, number), NOW, decision=to_json(known.decision), outcome=outcome, ticket=known.ticket
    )  # fmt: skip


def storm(store: Store, since: datetime = NOW) -> None:
    """Six tickets by five customers within twenty minutes."""
    for number, customer in enumerate(("o1", "o2", "o3", "o4", "o5", "o1"), start=1):
        report(store, number, 1, organization=customer, created_at=since + 4 * (number - 1) * MINUTE)


def test_clusters_are_listed_by_their_open_tickets_and_customers_the_greatest_first(store: Store) -> None:
    storm(store)
    for number in (11, 12, 13):
        report(store, number, 11, after=number, requester="r1")
    report(store, 21, 21)
    report(store, 22, 21)
    report(store, 23, 21, over_at=NOW)
    first, second = store.faults(3)
    assert (first.master, first.tickets, first.customers, first.since) == (a_ref(1), 6, 5, NOW)
    assert (first.subject, first.severity, first.known_issue) == ("Report 1", "", "")
    assert (second.master, second.tickets, second.customers) == (a_ref(11), 3, 1)
    assert [one.master for one in store.faults(2)] == [a_ref(1), a_ref(11), a_ref(21)]
    assert [one.master for one in store.faults(2, limit=1)] == [a_ref(1)]


def test_only_clusters_to_which_a_ticket_came_lately_are_asked_for(store: Store) -> None:
    report(store, 1, 1, after=-60)
    report(store, 2, 1, after=-50)
    report(store, 3, 3, after=-60)
    report(store, 4, 3, after=-1)
    assert [one.master for one in store.faults(2, since=NOW - 10 * MINUTE)] == [a_ref(3)]


def test_a_cluster_whose_first_ticket_is_solved_is_listed_while_others_are_open(store: Store) -> None:
    report(store, 1, 1, over_at=NOW)
    report(store, 2, 1, after=1)
    report(store, 3, 1, after=2)
    (fault,) = store.faults(2)
    assert (fault.master, fault.subject, fault.tickets) == (a_ref(1), "Report 1", 2)


def test_a_fault_says_what_was_decided_last_about_its_first_ticket(store: Store, policy: Policy) -> None:
    storm(store)
    decided(store, 1, policy)
    assert [(one.severity, one.known_issue) for one in store.faults(3)] == [("P0", "")]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read(*find_pack("unified"), find_pack)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (NOW + 20 * MINUTE, "5 customers in 20 min"),
        (NOW + 80 * MINUTE, "5 customers in 20 min"),
        (NOW + 81 * MINUTE, ""),
    ],
)
def test_a_storm_is_one_until_its_gap_has_passed(policy: Policy, now: datetime, words: str) -> None:
    reports = tuple((NOW + 5 * n * MINUTE, f"o{n}") for n in range(5))
    assert storm_of(Fault(master=a_ref(1), reports=reports), policy, now) == words


def test_customers_who_came_earlier_make_no_storm(policy: Policy) -> None:
    slow = tuple((NOW + 10 * n * MINUTE, f"o{n}") for n in range(9))
    same = tuple((NOW + n * MINUTE, "o1") for n in range(50))
    assert storm_of(Fault(master=a_ref(1), reports=slow), policy, NOW + 81 * MINUTE) == ""
    assert storm_of(Fault(master=a_ref(1), reports=same), policy, NOW + 50 * MINUTE) == ""


def test_the_command_lists_storms_first_with_what_is_known_of_them(tmp_path: Path, policy: Policy) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    migrate(address)
    store, since = Store(address), datetime.now(UTC).replace(microsecond=0) - 20 * MINUTE
    storm(store, since)
    decided(store, 1, policy)
    for number in range(11, 21):
        report(store, number, 11, organization=f"p{number}")
    report(store, 21, 11, over_at=NOW)
    store.close()
    env = {"DATABASE_URL": address}
    first, second = (line.split("\t") for line in triage("storms", env=env).stdout.splitlines())
    assert first == [
        "zendesk:acme:1", "6 tickets", "5 customers", f"since {since:%Y-%m-%d %H:%M} UTC",
        "storm: 5 customers in 20 min", "P0", "no known issue", "Report 1",
    ]  # fmt: skip
    assert second[:3] == ["zendesk:acme:11", "10 tickets", "10 customers"]
    (found,) = json.loads(triage("storms", "--least", "7", "--format", "json", env=env).stdout)
    assert found == {
        "master": "zendesk:acme:11", "tickets": 10, "customers": 10, "since": NOW.isoformat(), "storm": "",
        "severity": "", "known_issue": "", "subject": "Report 11",
    }  # fmt: skip


@pytest.fixture
def runtime(tmp_path: Path) -> Any:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        zendesk={"acme": ZendeskAccount(subdomain="acme")},
    )
    migrate(settings.database_url)
    built = Runtime(settings, now=lambda: NOW + 20 * MINUTE)
    yield built
    built.store.close()


def test_storms_are_counted_for_prometheus(runtime: Runtime) -> None:
    client = create_app(runtime).test_client()
    assert "triage_storms 0.0" in client.get("/metrics").text
    storm(runtime.store)
    assert "triage_storms 1.0" in client.get("/metrics").text


class Free:
    """Holds nothing back."""

    run = ""

    def holds(self, effect: Effect) -> bool:
        return False


def test_an_open_page_tells_how_great_the_storm_is_by_now(runtime: Runtime, policy: Policy) -> None:
    said, lease = [], leased(runtime.store, 1)
    for customers in (5, 14):
        cluster = Cluster(
            master=a_ref(1), tickets=customers, customers=customers, lately=customers, in_storm=customers,
            first_at=NOW, last_at=NOW + 20 * MINUTE, storm=True,
        )  # fmt: skip
        context = Context(cluster=cluster, page=runtime.store.page(a_ref(1)))
        pages.attend(runtime, lease, looked_at(1, context, policy), Free())
        page = runtime.store.page(a_ref(1))
        assert page is not None
        said.append((page.episode, page.summary))
    about = "P0 Reliability: Report 1 (zendesk:acme:1), storm: "
    assert said == [(1, f"{about}5 customers in 20 min"), (1, f"{about}14 customers in 20 min")]


def the_first_of_three(policy: Policy) -> Known:
    cluster = Cluster(master=a_ref(1), tickets=3, customers=3, lately=3, in_storm=3, first_at=NOW, last_at=NOW)
    return looked_at(1, Context(cluster=cluster, organizations=3), policy)


def accepted(known: Known) -> Known:
    """The same, once a person has accepted what was proposed."""
    pattern = known.decision.pattern
    assert pattern is not None
    assert pattern.named is not None
    return replace(
        known, decision=replace(known.decision, pattern=replace(pattern, named=replace(pattern.named, wanted=True)))
    )


@pytest.mark.policy("S4-76")
def test_only_what_a_person_accepted_becomes_a_candidate_and_once(runtime: Runtime, policy: Policy) -> None:
    known = the_first_of_three(policy)
    assert Proposal("make it a known issue, tag 1-report-1", "3 tickets by 3 customers since 2026-03-02 10:00 UTC") in (
        known.decision.proposals
    )
    patterns.keep(runtime, known)
    assert runtime.store.known_issues("acme") == []
    for _ in range(2):
        patterns.keep(runtime, accepted(known))
    (entry,) = runtime.store.known_issues("acme")
    assert (entry.tag, entry.title, entry.state, entry.source) == ("1-report-1", "Report 1", "candidate", "pattern")


@pytest.mark.policy("S4-76")
def test_a_policy_that_asks_nobody_makes_an_entry_that_counts(runtime: Runtime) -> None:
    asks_nobody = "patterns: {create: create}\nknown_issues: {approval: none}"
    text = (PACKS / "unified.yaml").read_text(encoding="utf-8")
    policy = read(text, "unified.yaml", find_pack, [parse(asks_nobody, "change.yaml")])
    patterns.keep(runtime, the_first_of_three(policy))
    assert [one.state for one in runtime.store.known_issues("acme")] == ["open"]


EXPORT = (
    "The CSV export of our payroll report ends with error E-4711 and no file comes. We copy it by hand meanwhile.",
    "Payroll report: when I export it as CSV I get E-4711 instead of a file.",
    "CSV export of the payroll report is broken, it says E-4711. No file is made.",
)


@pytest.mark.policy("S0-48", "S4-76")
def test_the_third_customer_raises_the_first_ticket_which_asks_a_person_about_the_known_issue(tmp_path: Path) -> None:
    with Sandbox(seed=False) as sandbox:
        shop = Workshop(tmp_path, sandbox)
        refs = []
        for number, body in enumerate(EXPORT):
            person = {"name": f"User {number}", "email": f"user@firm{number}.example"}
            refs.append(shop.customer_writes("zendesk", f"Payroll export {number}", body, requester=person))
            shop.work(refs[-1])
        first = refs[0]
        severities = [shop.runtime.store.history(first)[-1]["severity"]]
        shop.work(first)
        severities.append(shop.runtime.store.history(first)[-1]["severity"])
        assert severities == ["P2", "P1"]
        proposal = f"make it a known issue, tag {first.id}-payroll-export-0"
        assert [item["what"] for item in shop.runtime.store.history(first)[-1]["proposals"]] == [proposal]
        assert any(proposal in one["body"] for one in shop.shown(first)["comments"] if not one["public"])
        assert shop.runtime.store.known_issues("desk") == []
        accept = {"body": "/triage accept", "by": "agent", "public": False}
        shop.control("POST", f"/zendesk/tickets/{first.id}/comments", accept)
        shop.tell(first)
        shop.work(first)
        (entry,) = shop.runtime.store.known_issues("desk")
        assert (entry.tag, entry.state, entry.ref) == (f"{first.id}-payroll-export-0", "candidate", first)
        (told,) = (one["body"] for one in shop.shown(first)["comments"] if "accept: accepted" in one["body"])
        assert f"It is a candidate for the known issues, tag {entry.tag}." in told
        shop.tell(first)
        assert shop.work(first) == ["unchanged"]
        shop.close()
