"""What is written in each mode, with each switch, and until the brake: the worker over a vendor that counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from app.errors import Gone, Misconfigured
from app.runtime import Runtime, build
from app.store.ledger import Effect
from app.store.migrate import migrate
from app.store.pulse import BRAKE
from app.triage.actions import kind
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Ticket
from app.vendors import Write
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_messages import receiver
from workers import brake
from workers.reconcile import reconcile

REF = Ref("zendesk", "acme", "1")
TICKET = Ticket(
    ref=REF,
    subject="Export fails",
    body="Since the update the CSV export shows an error 500 for a few of us. We copy it by hand meanwhile.",
    created_at=NOW,
    updated_at=NOW,
    requester=Customer(id="7", name="Ada"),
    version="1",
)
NEEDS_A_FIX = Comment("c1", Speaker.AGENT, "Reproduced, it needs a code fix.", NOW, public=False)


_SYLLABLES = ("ba", "ke", "li", "mo", "nu", "pra", "ste", "vi", "wo", "zu")


class Desk(ScriptedVendor):
    """Many tickets, each about something else, with a vendor's memory of its own."""

    def __init__(self, like: Ticket) -> None:
        super().__init__(like)
        self.tickets: dict[str, Ticket] = {}

    def fetch(self, ref: Ref) -> Ticket:
        self.fetches += 1
        thing = "".join(_SYLLABLES[int(digit)] for digit in f"{ref.id}{ref.id}" if digit.isdigit())
        body = self.ticket.body.replace("CSV export", thing)
        return self.tickets.setdefault(
            ref.id, replace(self.ticket, ref=ref, subject=f"Trouble with {thing}", body=body)
        )

    def send(self, write: Write) -> None:
        ticket_id = write.path.rsplit("/", 1)[1]
        like, self.ticket = self.ticket, self.tickets[ticket_id]
        super().send(write)
        self.tickets[ticket_id], self.ticket = self.ticket, like


class Worker:
    """A worker at one account, with a clock that the test moves."""

    def __init__(self, runtime: Runtime, vendor: ScriptedVendor) -> None:
        self.runtime, self.vendor, self.at = runtime, vendor, NOW
        runtime.now = lambda: self.at

    def ring(self, delivery: str, ref: Ref = REF) -> str:
        self.runtime.store.record(Event(ref, "updated", delivery), "x", self.at)
        return reconcile(self.runtime, ref).outcome

    def look(self, ref: Ref = REF) -> str:
        """As a sweep does: nothing has happened to the ticket."""
        self.runtime.store.record(Event(ref, "created", str(ref)), "x", self.at)
        with self.runtime.store._begin() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'done'")
        self.runtime.store.replay(ref, self.at)
        return reconcile(self.runtime, ref).outcome

    def effects(self, ref: Ref = REF) -> dict[str, Effect]:
        return {effect.kind: effect for effect in self.runtime.store.effects_of(ref)}

    def withheld(self, ref: Ref = REF) -> dict[str, str]:
        return {name: effect.withheld for name, effect in self.effects(ref).items() if effect.withheld}

    def set(self, **settings: object) -> None:
        self.runtime.settings = self.runtime.settings.model_copy(update=settings)

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def written(self) -> set[str]:
        return {kind(action) for write in self.vendor.sent for action in write.actions}


@contextmanager
def worker(
    folder: Path, vendor: ScriptedVendor | None = None, message: str = "note", **more: object
) -> Iterator[Worker]:
    account = ZendeskAccount(subdomain="acme", fields={"severity": "1"}, default_groups=["Support"])
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder}/store.db",
            "redis_url": "redis://127.0.0.1:1/0",
            "zendesk": {"acme": account},
            **more,
        }
    )
    migrate(settings.database_url)
    vendor = vendor or ScriptedVendor(replace(TICKET, fields={"severity": None}, group="Support"))
    variables = {"TRIAGE_ESCALATION__MESSAGE": message}
    runtime = Runtime(settings, variables, clients={("zendesk", "acme"): vendor})
    try:
        yield Worker(runtime, vendor)
    finally:
        runtime.store.close()


def test_a_real_account_starts_in_shadow_and_the_sandbox_on_this_machine_in_auto() -> None:
    real, here = ZendeskAccount(subdomain="acme"), JiraAccount(url="http://127.0.0.1:9/jira")

    def modes(**more: object) -> dict[str, str]:
        settings = Settings.model_validate({"zendesk": {"acme": real}, "jira": {"sandbox": here}, **more})
        return {name: one.mode for name, one in build(settings).permissions().items()}

    assert modes() == {"zendesk:acme": "shadow", "jira:sandbox": "shadow"}
    assert modes(sandbox=True) == {"zendesk:acme": "shadow", "jira:sandbox": "auto"}
    assert modes(sandbox=True, mode="assist") == {"zendesk:acme": "assist", "jira:sandbox": "assist"}
    own = {"acme": ZendeskAccount(subdomain="acme", mode="auto")}
    assert modes(mode="assist", zendesk=own)["zendesk:acme"] == "auto"


def test_a_kill_switch_that_would_switch_nothing_off_stops_the_start() -> None:
    with pytest.raises(Misconfigured) as told:
        build(Settings.model_validate({"off": "reply,rout"}))
    assert "'rout' is no kind of action; did you mean 'route'?" in str(told.value)
    assert "TRIAGE_OFF" in str(told.value)


def test_shadow_decides_and_writes_nothing_however_often_it_looks(tmp_path: Path) -> None:
    with receiver(204) as (url, got), worker(tmp_path, message="webhook", engineering_webhook=url) as it:
        it.vendor.ticket = replace(it.vendor.ticket, comments=(NEEDS_A_FIX,))
        assert [it.ring(name) for name in ("a", "b", "c")] == ["decided", "unchanged", "unchanged"]
        assert it.vendor.sent == []
        held = it.withheld()
        assert set(held.values()) == {"mode is shadow"}
        assert held.keys() >= {"set_priority", "add_tags", "set_fields", "route", "add_note", "message"}
        lease = it.runtime.store.lease(REF, it.at, 60, due=False)
        assert lease is not None
        assert {name for name in lease.applied if not name.startswith("seen:")} == set(), "nothing was applied"
        assert lease.own_tags == frozenset()
    assert got == []


def test_what_was_held_back_is_carried_out_by_the_next_look_that_may(tmp_path: Path) -> None:
    with worker(tmp_path) as it:
        it.ring("a")
        assert it.runtime.store.withheld_tickets() == [REF]
        it.set(mode="auto")
        assert reconcile(it.runtime, REF).outcome == "not_due"
        assert it.runtime.store.replay_withheld(it.at) == 1
        assert it.runtime.store.due(it.at, 10) == [REF]
        assert reconcile(it.runtime, REF).outcome == "decided"
        assert {effect.state for effect in it.effects().values()} == {"confirmed"}
        assert it.written() >= {"set_priority", "add_tags", "add_note", "reply"}
        assert it.runtime.store.withheld_tickets() == []


def test_what_is_no_longer_wanted_is_no_longer_held_back(tmp_path: Path) -> None:
    with worker(tmp_path) as it:
        it.ring("a")
        first = it.effects()["set_priority"].action
        worse = Comment("c9", Speaker.CUSTOMER, "Now the whole service is down for all users, no workaround.", NOW)
        it.vendor.ticket = replace(it.vendor.ticket, comments=(worse,))
        it.ring("b")
        (priority,) = (one for one in it.runtime.store.effects_of(REF) if one.kind == "set_priority")
        assert priority.action != first
        it.vendor.fetch_mishaps = [Gone("404")]
        it.ring("c")
        assert it.withheld() == {}


def test_assist_writes_what_agents_see_and_drafts_the_reply_in_one_lasting_note(tmp_path: Path) -> None:
    with receiver(204) as (url, got), worker(tmp_path, message="webhook", engineering_webhook=url, mode="assist") as it:
        it.vendor.ticket = replace(it.vendor.ticket, comments=(NEEDS_A_FIX,))
        assert [it.ring(name) for name in ("a", "b", "c")] == ["decided", "unchanged", "unchanged"]
        assert len(it.vendor.sent) == 1, "an unchanged ticket costs no write"
        assert it.written() == {"set_priority", "add_tags", "set_fields", "route", "add_note"}
        assert set(it.withheld().values()) == {"mode is assist"}
        note = it.vendor.ticket.comments[-1]
        assert "Assist mode. In auto mode we would also:" in note.body
        assert "- send a message to engineering" in note.body
        assert not note.public
    assert got == []


def test_the_draft_of_assist_mode_is_the_reply_of_auto_mode(tmp_path: Path) -> None:
    with worker(tmp_path, mode="assist") as it:
        it.ring("a")
        assert it.withheld() == {"reply": "mode is assist"}
        (note,) = it.vendor.ticket.comments
        assert "- answer the customer (ack)\n\nA reply to the customer, for you to send:\n> Hello" in note.body
        it.set(mode="auto")
        it.ring("b")
        (_, answer) = it.vendor.ticket.comments
        assert answer.public
        for line in answer.body.splitlines():
            assert f"> {line}" in note.body


@pytest.mark.parametrize("name", ["set_priority", "add_tags", "set_fields", "route", "add_note", "reply", "message"])
def test_each_switch_stops_its_kind_and_no_other(tmp_path: Path, name: str) -> None:
    with (
        receiver(204) as (url, got),
        worker(tmp_path, message="webhook", engineering_webhook=url, mode="auto", off=(name,)) as it,
    ):
        it.ring("a")
        it.vendor.ticket = replace(it.vendor.ticket, comments=(*it.vendor.ticket.comments, NEEDS_A_FIX))
        it.ring("b")
        assert set(it.withheld()) == {name}
        done = it.written() | ({"message"} if got else set())
        assert done >= {"set_priority", "add_tags", "set_fields", "route", "add_note", "reply", "message"} - {name}
        assert name not in done


def test_a_ticket_outside_the_roll_out_is_only_decided(tmp_path: Path) -> None:
    with worker(tmp_path, Desk(TICKET), mode="auto", rollout_percent=20) as it:
        refs = [Ref("zendesk", "acme", str(n)) for n in range(30)]
        for ref in refs:
            assert it.ring(str(ref), ref) == "decided"
        inside = {ref for ref in refs if not it.withheld(ref)}
        assert 0 < len(inside) < 15
        it.set(rollout_percent=50)
        for ref in refs:
            it.ring(f"again {ref}", ref)
        assert inside < {ref for ref in refs if not it.withheld(ref)}


def refs(count: int, start: int = 100) -> list[Ref]:
    return [Ref("zendesk", "acme", str(start + n)) for n in range(count)]


def test_a_sweep_stops_at_its_cap_tells_the_admins_once_and_goes_on_when_a_person_says_so(tmp_path: Path) -> None:
    with (
        receiver(204) as (url, got),
        worker(tmp_path, Desk(TICKET), mode="auto", max_changes_per_run=3, engineering_webhook=url) as it,
    ):
        brake.begin_run(it.runtime)
        assert [it.look(ref) for ref in refs(6)] == ["decided"] * 6
        assert [bool(it.withheld(ref)) for ref in refs(6)] == [False] * 3 + [True] * 3
        assert set(it.withheld(refs(6)[5]).values()) == {"brake: 3 tickets in run s-20260302-100000"}
        assert it.runtime.store.brake() is not None
        it.ring("now even what somebody did", refs(1, 200)[0])
        assert it.withheld(refs(1, 200)[0])
        it.move(seconds=60)
        brake.begin_run(it.runtime)
        assert it.look(refs(6)[4]) == "unchanged", "the next sweep does not go on by itself"
        it.runtime.store.release_brake(it.at)
        assert it.runtime.store.replay_withheld(it.at, BRAKE) == 4
        for ref in it.runtime.store.due(it.at, 10):
            it.move(seconds=1)
            reconcile(it.runtime, ref)
        assert sorted(it.runtime.store.withheld_tickets()) == [refs(1, 200)[0]], "three more, and then it holds again"
    assert [orjson.loads(body)["subject"] for _, body in got] == ["Firstline has stopped writing"] * 2


def test_the_cap_of_a_run_holds_back_no_p0_and_that_of_an_hour_holds_back_all(tmp_path: Path) -> None:
    down = replace(TICKET, subject="Down", body="The whole service is down for all users, there is no workaround.")
    desk = Desk(TICKET)
    with worker(tmp_path, desk, mode="auto", max_changes_per_run=1, max_changes_per_hour=3) as it:
        brake.begin_run(it.runtime)
        for ref in refs(2):
            it.look(ref)
        assert it.withheld(refs(2)[1])
        desk.ticket = down
        assert [it.look(ref) and bool(it.withheld(ref)) for ref in refs(3, 300)] == [False, False, True]
        assert "within an hour" in it.withheld(refs(3, 300)[2])["add_note"]


def test_the_cap_of_an_hour_counts_deliveries_too_and_forgets_what_is_older(tmp_path: Path) -> None:
    with worker(tmp_path, Desk(TICKET), mode="auto", max_changes_per_hour=2) as it:
        for ref in refs(2):
            it.ring(str(ref), ref)
        it.move(minutes=61)
        for ref in refs(3, 200):
            it.ring(str(ref), ref)
        assert [bool(it.withheld(ref)) for ref in refs(3, 200)] == [False, False, True]


def test_a_ticket_that_was_begun_is_finished_whatever_the_cap(tmp_path: Path) -> None:
    with worker(tmp_path, mode="auto", max_changes_per_hour=1) as it:
        it.ring("a")
        assert {effect.state for effect in it.effects().values()} == {"confirmed"}
        assert "reply" in it.effects()


def test_an_effect_knows_its_sweep_and_what_stood_there_before(tmp_path: Path) -> None:
    with worker(tmp_path, mode="auto") as it:
        it.move(seconds=12)
        run = brake.begin_run(it.runtime)
        it.look()
        effect = it.effects()["route"]
        assert (run, effect.run, effect.before) == ("s-20260302-100012", run, {"group": "Support"})
        (shown,) = it.runtime.store.runs()
        assert (shown.id, shown.tickets, set(shown.states)) == (run, 1, {"confirmed"})
        assert isinstance(shown.began, datetime)
