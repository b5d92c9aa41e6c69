"""Commands, turns and opt-outs through the worker, with the store: heard once, answered once, kept once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import OutcomeUnknown
from app.runtime import Runtime
from app.store.migrate import migrate
from app.store.schema import effects
from app.triage.marks import answered_in, outcome_in
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket
from config.accounts import Colleague, ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_command_line import triage
from workers.reconcile import reconcile

REF = Ref("zendesk", "acme", "4711")
TEAM = "Senior / Technical Support"


@pytest.fixture
def vendor() -> ScriptedVendor:
    return ScriptedVendor(a_ticket(REF))


def a_ticket(ref: Ref, **more: object) -> Ticket:
    return Ticket(
        **{  # type: ignore[arg-type]
            "ref": ref,
            "subject": "Export fails",
            "body": "The CSV export shows an error 500 for a few of us.",
            "created_at": NOW,
            "updated_at": NOW,
            "requester": Customer(id="7", name="Ada"),
            "version": "1",
            **more,
        }
    )


@pytest.fixture
def runtime(tmp_path: Path, vendor: ScriptedVendor) -> Iterator[Runtime]:
    agents = {TEAM: (Colleague(id="bob"), Colleague(id="cay", capacity=1))}
    account = ZendeskAccount(name="acme", subdomain="acme", agents=agents)
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        mode="auto",
        zendesk={"acme": account},
    )
    migrate(settings.database_url)
    built = Runtime(settings, now=lambda: NOW, clients={("zendesk", "acme"): vendor})
    yield built
    built.store.close()


def ring(runtime: Runtime, delivery: str, ref: Ref = REF) -> str:
    runtime.store.record(Event(ref, "updated", delivery), "x", runtime.now())
    return reconcile(runtime, ref).outcome


def say(vendor: ScriptedVendor, text: str, number: str = "501") -> None:
    """An agent writes an internal note."""
    said = Comment(number, Speaker.AGENT, text, NOW + timedelta(minutes=5), public=False, author_id="31")
    vendor.ticket = replace(vendor.ticket, comments=(*vendor.ticket.comments, said))


def our_notes(vendor: ScriptedVendor) -> list[str]:
    return [comment.body for comment in vendor.ticket.comments if comment.speaker is Speaker.WORKER]


def test_a_command_is_carried_out_answered_in_one_note_and_kept_once(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime, "d1")
    say(vendor, "/triage severity P1\n/triage label Security\n/triage why")
    assert ring(runtime, "d2") == "decided"
    _, answer = our_notes(vendor)
    assert len(answered_in(answer)) == 3
    assert vendor.ticket.priority == "urgent"
    assert "label-security" in vendor.ticket.tags
    written = len(vendor.sent)
    assert [ring(runtime, "d3"), ring(runtime, "d4")] == ["unchanged", "unchanged"]
    assert len(vendor.sent) == written
    kept = runtime.store.corrections()
    assert [(one.command, one.value, one.line, one.author) for one in kept] == [
        ("severity", "P1", 1, "31"),
        ("label", "Security", 2, "31"),
    ], "a question corrects nothing"
    assert kept[0].said["severity"] == "P2", "what we had said before, not what follows"


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_whose_fate_is_unknown_is_looked_for_and_never_doubled(
    runtime: Runtime, vendor: ScriptedVendor, when: str
) -> None:
    ring(runtime, "d1")
    say(vendor, "/triage why")
    vendor.mishaps = [(when, OutcomeUnknown("no answer came"))]
    assert ring(runtime, "d2") == "waiting"
    later = NOW + timedelta(minutes=1)  # by then it has arrived, or never will
    runtime.now = lambda: later
    runtime.store.replay(REF, later)
    reconcile(runtime, REF)
    assert [len(answered_in(body)) for body in our_notes(vendor)] == [0, 1]


def test_a_frozen_ticket_is_decided_and_recorded_and_only_answered(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime, "d1")
    say(vendor, "/triage freeze")
    ring(runtime, "d2")
    written = len(vendor.sent)
    worse = Comment("9", Speaker.CUSTOMER, "Now the whole platform is down for all users.", NOW)
    vendor.ticket = replace(vendor.ticket, comments=(*vendor.ticket.comments, worse))
    assert ring(runtime, "d3") == "decided"
    assert len(vendor.sent) == written
    newest = runtime.store.history(REF)[-1]
    assert (newest["severity"], newest["left_alone"]) == ("P0", "an agent froze it")
    say(vendor, "/triage unfreeze", "502")
    ring(runtime, "d4")
    assert vendor.ticket.priority == "urgent"
    assert outcome_in(our_notes(vendor)[-1])


def test_a_ticket_that_people_took_out_is_recorded_and_not_written_to(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.ticket = replace(vendor.ticket, tags=frozenset({"triage-off"}))
    say(vendor, "/triage why")
    assert ring(runtime, "d1") == "decided"
    assert ring(runtime, "d2") == "unchanged"
    assert vendor.sent == []
    assert runtime.store.history(REF)[-1]["left_alone"] == "it carries the tag triage-off"
    vendor.ticket = replace(vendor.ticket, tags=frozenset())
    assert ring(runtime, "d3") == "decided"
    assert "Firstline note" in our_notes(vendor)[0]


def test_what_a_person_changes_after_our_first_look_is_theirs_although_we_wrote_nothing_there(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    vendor.ticket = replace(vendor.ticket, priority="normal")
    ring(runtime, "d1")
    vendor.ticket = replace(vendor.ticket, priority="low")
    ring(runtime, "d2")
    assert vendor.ticket.priority == "low"


def others(runtime: Runtime, held: dict[str, int], given: dict[str, int]) -> None:
    """Other tickets: how many each person holds, and how many minutes ago we gave each the last one."""
    for person, number in held.items():
        for index in range(number):
            ref = Ref("zendesk", "acme", f"{person}-{index}")
            runtime.store.record(Event(ref, "created", str(ref)), "x", NOW)
            lease = runtime.store.lease(ref, NOW, 60)
            assert lease is not None
            runtime.store.remember(lease, NOW, decision=None, ticket=a_ticket(ref, assignee=person, status=Status.OPEN))
    with runtime.store._begin() as connection:
        for person, ago in given.items():
            connection.execute(
                effects.insert().values(
                    key=f"zendesk:acme:x:assign:{person}", vendor="zendesk", account="acme", ticket_id="x",
                    kind="assign", state="confirmed", action={"agent": person}, attempts=1, planned_at=NOW,
                    changed_at=NOW - timedelta(minutes=ago),
                )
            )  # fmt: skip


@pytest.mark.parametrize(
    ("held", "given", "chosen"),
    [
        ({}, {}, "bob"),
        ({}, {"bob": 5, "cay": 9}, "cay"),
        ({"cay": 1}, {"bob": 5, "cay": 9}, "bob"),
        ({"bob": 3}, {"cay": 1}, "bob"),
        ({}, {"bob": 5, "cay": 200_000}, "cay"),
    ],
)
def test_a_ticket_goes_to_whoever_has_room_and_was_given_one_longest_ago(
    runtime: Runtime, vendor: ScriptedVendor, held: dict[str, int], given: dict[str, int], chosen: str
) -> None:
    others(runtime, held, given)
    vendor.ticket = replace(vendor.ticket, body="The whole platform is down for all of our users.")
    ring(runtime, "d1")
    assert vendor.ticket.assignee == chosen
    vendor.ticket = replace(vendor.ticket, assignee="")
    ring(runtime, "d2")
    assert vendor.ticket.assignee == "", "who gave it back is not followed by another"


def test_the_corrections_are_listed_beside_what_we_had_said(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime, "d1")
    say(vendor, "/triage label Billing")
    ring(runtime, "d2")
    env = {"DATABASE_URL": runtime.settings.database_url}
    text = triage("corrections", "--since", "2026-03-02T10:00", env=env)
    assert text.stdout.rstrip().split("\t") == [
        "2026-03-02T10:05:00+00:00", "zendesk:acme:4711", "31", "label Billing", "we had said: P2 Data L1"
    ]  # fmt: skip
    (line,) = csv.DictReader(io.StringIO(triage("corrections", "--format", "csv", env=env).stdout))
    assert (line["command"], line["value"], line["label"], line["severity"]) == ("label", "Billing", "Data", "P2")
    assert json.loads(triage("corrections", "--format", "json", "--since", "2026-03-03", env=env).stdout) == []
    wrong = triage("corrections", "--since", "yesterday", env=env)
    assert wrong.returncode == 2 and "2026-03-01" in wrong.stderr
