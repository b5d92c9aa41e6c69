"""The worker on one ticket: everything once in effect, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.errors import Busy, Conflict, Gone, OutcomeUnknown, Refused, TriageError, Unauthorized, Unavailable
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.actions import Action, AddNote, AddTags, Reply, SetPriority, kind
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket
from app.vendors import Write
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from workers.reconcile import reconcile

REF = Ref("zendesk", "acme", "4711")
FINE = ("never", Conflict("not raised"))


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor() -> ScriptedVendor:
    return ScriptedVendor(
        Ticket(
            ref=REF,
            subject="Export fails",
            body="Since the update the CSV export shows an error 500 for a few of us. We copy it by hand meanwhile.",
            created_at=NOW,
            updated_at=NOW,
            requester=Customer(id="7", name="Ada"),
            version="2026-03-02T10:00:00Z",
            tags=frozenset({"vip"}),
        )
    )


@pytest.fixture
def runtime(tmp_path: Path, clock: Clock, vendor: ScriptedVendor) -> Iterator[Runtime]:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        zendesk={"acme": ZendeskAccount(subdomain="acme")},
        mode="auto",
        model="off",  # what phrases and rules make of a text can be foretold
    )
    migrate(settings.database_url)
    built = Runtime(settings, now=clock, clients={("zendesk", "acme"): vendor})
    yield built
    built.store.close()


def ring(runtime: Runtime, delivery: str = "d1", event: str = "created") -> str:
    """An event arrives and the worker runs; returns how the run ended."""
    runtime.store.record(Event(REF, event, delivery), "x", runtime.now())
    return reconcile(runtime, REF).outcome


def notes(vendor: ScriptedVendor) -> list[Comment]:
    return [comment for comment in vendor.ticket.comments if comment.speaker is Speaker.WORKER]


def answers(vendor: ScriptedVendor) -> list[Comment]:
    """What the customer was told by us or by an agent."""
    return [comment for comment in vendor.ticket.comments if comment.public and comment.speaker is Speaker.AGENT]


def states(runtime: Runtime) -> dict[str, str]:
    return {effect.kind: effect.state for effect in runtime.store.effects_of(REF)}


def test_a_new_ticket_is_decided_written_once_and_remembered(runtime: Runtime, vendor: ScriptedVendor) -> None:
    assert ring(runtime) == "decided"
    assert len(vendor.sent) == 2, "everything in one, and what the customer is told"
    assert "vip" in vendor.ticket.tags
    assert len(notes(vendor)) == 1
    assert set(states(runtime).values()) == {"confirmed"}
    (decision,) = runtime.store.history(REF)
    assert decision["label"]
    assert "Firstline note" in notes(vendor)[0].body


@pytest.mark.parametrize(("brand", "priority"), [("OPS", "high"), ("ops", "high"), ("SUP", "normal"), ("", "normal")])
def test_a_ticket_is_decided_under_the_policy_of_its_brand(
    runtime: Runtime, vendor: ScriptedVendor, tmp_path: Path, brand: str, priority: str
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        'extends: unified\npack: {name: mine, version: "1"}\nrules:\n'
        "  severity: [{name: all-alike, when: {facts: [how_to]}, then: {severity: P2}}]\n"
    )
    runtime.settings = runtime.settings.model_copy(update={"policy_by_brand": {"OPS": str(mine)}})
    vendor.ticket = replace(vendor.ticket, brand=brand, subject="Export", body="How do I export my contacts?")
    ring(runtime)
    assert vendor.ticket.priority == priority
    (decision,) = runtime.store.history(REF)
    assert decision["policy"] == ("mine" if brand.upper() == "OPS" else "unified")
    assert decision["policy_stamp"].startswith(decision["policy"] + " ")


def test_without_a_new_event_nothing_is_fetched(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime)
    assert reconcile(runtime, REF).outcome == "not_due"
    assert vendor.fetches == 1


def test_our_own_write_coming_back_plans_to_nothing(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime)
    assert ring(runtime, "d2", "updated") == "unchanged"
    assert ring(runtime, "d3", "commented") == "unchanged"
    assert len(vendor.sent) == 2
    assert len(answers(vendor)) == 1
    assert len(runtime.store.history(REF)) == 1


def test_a_later_message_that_changes_the_picture_is_decided_again(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    ring(runtime)
    before = runtime.store.history(REF)[0]["severity"]
    clock.move(minutes=5)
    worse = "Now the whole service is down for all users and nobody can work. There is no workaround."
    vendor.ticket = replace(
        vendor.ticket, comments=(*vendor.ticket.comments, Comment("c9", Speaker.CUSTOMER, worse, clock.at))
    )
    assert ring(runtime, "d2", "commented") == "decided"
    assert runtime.store.history(REF)[-1]["severity"] < before
    assert len(notes(vendor)) == 2


def test_a_conflict_fetches_and_decides_again_in_the_same_run(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.mishaps = [("before", Conflict("409"))]
    assert ring(runtime) == "decided"
    assert vendor.fetches == 2
    assert len(notes(vendor)) == 1


def test_an_agents_edit_between_read_and_write_is_kept(runtime: Runtime, vendor: ScriptedVendor) -> None:
    def agent_edits() -> None:
        vendor.ticket = replace(vendor.ticket, tags=vendor.ticket.tags | {"from-agent"}, priority="urgent")
        vendor.before_write = lambda: None

    vendor.before_write = agent_edits
    vendor.mishaps = [("before", Conflict("409"))]
    assert ring(runtime) == "decided"
    assert "from-agent" in vendor.ticket.tags
    assert vendor.ticket.priority == "urgent"


@pytest.mark.parametrize("when", ["after", "before"])
def test_an_unknown_outcome_is_settled_by_reading_and_never_doubles_a_note(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock, when: str
) -> None:
    vendor.mishaps = [(when, OutcomeUnknown("the connection dropped"))]
    assert ring(runtime) == "waiting"
    assert set(states(runtime).values()) == {"unknown"}
    clock.move(minutes=5)
    reconcile(runtime, REF)
    assert len(notes(vendor)) == 1
    assert set(states(runtime).values()) == {"confirmed"}
    assert len(vendor.sent) == (2 if when == "after" else 3)


@pytest.mark.policy("S0-69", "C-29")
@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("after", OutcomeUnknown("the connection dropped")),
        ("before", OutcomeUnknown("the connection dropped")),
        ("before", Busy("429")),
        ("before", Conflict("409")),
    ],
)
def test_whatever_becomes_of_its_write_the_customer_is_answered_exactly_once(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock, when: str, error: TriageError
) -> None:
    vendor.mishaps = [FINE, (when, error)]
    ring(runtime)
    for n in range(3):
        clock.move(minutes=10)
        ring(runtime, f"d{n + 2}", "commented")
    assert len(answers(vendor)) == 1
    assert len(notes(vendor)) == 1
    assert set(states(runtime).values()) == {"confirmed"}


def test_a_worker_that_dies_before_it_wrote_down_its_answer_finds_it_and_gives_no_other(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    class PowerCut(BaseException):
        pass

    send = vendor.send

    def send_and_die(write: Write) -> None:
        send(write)
        if isinstance(write.actions[0], Reply):
            raise PowerCut

    vendor.send = send_and_die  # type: ignore[method-assign]
    with pytest.raises(PowerCut):
        ring(runtime)
    vendor.send = send  # type: ignore[method-assign]
    assert states(runtime)["reply"] == "sent"
    clock.move(minutes=10)
    assert reconcile(runtime, REF).outcome == "decided"
    assert len(answers(vendor)) == 1
    assert states(runtime)["reply"] == "confirmed"


def test_an_agent_who_answers_first_leaves_nothing_to_acknowledge(runtime: Runtime, vendor: ScriptedVendor) -> None:
    hello = Comment("c1", Speaker.AGENT, "Hello Ada, I am looking into it.", NOW, author_id="5")
    vendor.ticket = replace(vendor.ticket, comments=(hello,))
    assert ring(runtime) == "decided"
    assert answers(vendor) == [hello]


def test_an_agent_who_answers_while_we_write_leaves_nothing_to_acknowledge_either(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    hello = Comment("c1", Speaker.AGENT, "Hello Ada, I am looking into it.", NOW, author_id="5")

    def answered() -> None:
        if vendor.sent:
            vendor.ticket = replace(vendor.ticket, comments=(*vendor.ticket.comments, hello))

    vendor.before_write = answered
    vendor.mishaps = [FINE, ("before", Conflict("409"))]
    assert ring(runtime) == "decided"
    assert answers(vendor) == [hello]
    assert len(notes(vendor)) == 1


@pytest.mark.policy("C-29")
def test_our_answer_is_no_persons_the_first_reply_falls_overdue_all_the_same(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    ring(runtime)
    assert len(answers(vendor)) == 1
    clock.move(days=3)
    assert reconcile(runtime, REF).outcome == "decided", "it woke by itself"
    assert "overdue-first-reply" in vendor.ticket.tags
    assert len(answers(vendor)) == 1


@pytest.mark.policy("S2-81")
def test_a_customer_is_told_once_of_each_level_that_the_request_is_raised_to(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    ring(runtime)
    for n, word in enumerate(("Escalate to L2 please.", "It needs a code fix: a migration of the database."), 2):
        for again in range(2):
            clock.move(minutes=5)
            said = Comment(f"c{n}{again}", Speaker.AGENT, word, clock.at, public=False, author_id="5")
            tags = vendor.ticket.tags | {f"Escalate-L{n}"}
            vendor.ticket = replace(vendor.ticket, comments=(*vendor.ticket.comments, said), tags=tags)
            ring(runtime, f"d{n}{again}", "commented")
    told = [effect for effect in runtime.store.effects_of(REF) if effect.kind == "reply"]
    assert [effect.action["reason"] for effect in told] == ["ack", "escalated-L2", "escalated-L3"]
    assert len(answers(vendor)) == 3


def test_nobody_is_answered_where_nobody_reads(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.ticket = replace(vendor.ticket, customer_reads=False)
    assert ring(runtime) == "decided"
    assert answers(vendor) == []
    assert "reply" not in states(runtime)


def test_a_reply_that_the_vendor_cannot_take_is_refused_in_the_ledger_and_the_rest_is_done(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    vendor.cannot = {"reply": "customers do not read this project"}
    assert ring(runtime) == "decided"
    assert states(runtime)["reply"] == "refused"
    assert len(notes(vendor)) == 1


@pytest.mark.policy("S0-75", "C-08")
@pytest.mark.parametrize("routed", [True, False])
def test_a_reply_says_who_has_the_ticket_only_when_it_was_put_there(
    runtime: Runtime, vendor: ScriptedVendor, routed: bool
) -> None:
    breach = "An intruder is in our account right now and downloads customer data. It is a breach."
    vendor.ticket = replace(vendor.ticket, subject="Breach", body=breach)
    vendor.cannot = {} if routed else {"route": "no group of that name"}
    ring(runtime)
    (answer,) = answers(vendor)
    assert "highest urgency" in answer.body
    assert ("with our security team" in answer.body) is routed
    assert "intruder" not in answer.body, "no details of the ticket are repeated"


@pytest.mark.parametrize("error", [Busy("429", after=30), Unavailable("503")])
def test_a_vendors_trouble_waits_and_uses_up_no_try(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock, error: TriageError
) -> None:
    for _ in range(20):
        vendor.fetch_mishaps = [error]
        runtime.store.record(Event(REF, "created", "d1"), "x", clock.at)
        assert reconcile(runtime, REF).outcome == "waiting"
        assert reconcile(runtime, REF).outcome == "not_due"
        clock.move(hours=2)
    assert runtime.store.parked() == []
    assert reconcile(runtime, REF).outcome == "decided"


def test_a_vendor_that_takes_no_write_for_hours_parks_nothing_and_the_waiting_shows(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    vendor.mishaps = [("before", OutcomeUnknown("503"))] * 20
    runtime.store.record(Event(REF, "created", "d1"), "x", clock.at)
    for _ in range(20):
        assert reconcile(runtime, REF).outcome == "waiting"
        clock.move(minutes=10)
    assert runtime.store.backlog(clock.at) == (0, 20 * 600.0)
    assert reconcile(runtime, REF).outcome == "decided"
    assert len(notes(vendor)) == 1


def test_retry_after_is_kept(runtime: Runtime, vendor: ScriptedVendor, clock: Clock) -> None:
    vendor.fetch_mishaps = [Busy("429", after=90)]
    ring(runtime)
    clock.move(seconds=89)
    assert reconcile(runtime, REF).outcome == "not_due"
    clock.move(seconds=30)
    assert reconcile(runtime, REF).outcome == "decided"


def test_refused_credentials_wait_for_new_ones_and_park_nothing(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    for _ in range(10):
        vendor.fetch_mishaps = [Unauthorized("401")]
        runtime.store.record(Event(REF, "created", "d1"), "x", clock.at)
        assert reconcile(runtime, REF).outcome == "waiting"
        clock.move(minutes=5)
    assert runtime.store.parked() == []


def test_a_ticket_that_our_user_may_not_see_is_parked_while_others_go_on(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    vendor.fetch_mishaps = [Refused("403")]
    assert ring(runtime) == "parked"
    assert runtime.store.parked()[0].kind == "permanent"


def test_a_write_that_the_vendor_refuses_parks_the_ticket_and_replay_frees_it(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    vendor.mishaps = [("before", Refused("422"))]
    assert ring(runtime) == "parked"
    (parked,) = runtime.store.parked()
    assert (parked.ref, parked.kind) == (REF, "permanent")
    assert set(states(runtime).values()) == {"refused"}
    runtime.store.replay(REF, runtime.now())
    assert reconcile(runtime, REF).outcome == "decided"
    assert set(states(runtime).values()) == {"confirmed"}


def test_a_fault_of_ours_is_tried_a_few_times_and_then_parked(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    vendor.ticket = replace(vendor.ticket, tags=None)  # type: ignore[arg-type]
    outcomes = []
    runtime.store.record(Event(REF, "created", "d1"), "x", clock.at)
    for _ in range(runtime.settings.max_tries + 1):
        outcomes.append(reconcile(runtime, REF).outcome)
        clock.move(hours=1)
    assert outcomes == ["waiting"] * runtime.settings.max_tries + ["parked"]
    assert runtime.store.parked()[0].kind == "poison"


def test_a_deleted_ticket_rests_and_an_unseen_one_that_is_missing_is_parked(
    runtime: Runtime, vendor: ScriptedVendor
) -> None:
    vendor.fetch_mishaps = [Gone("404")]
    assert ring(runtime, "d1", "deleted") == "gone"
    vendor.fetch_mishaps = [Gone("404")]
    assert ring(runtime, "d2", "created") == "parked"


def test_a_closed_ticket_is_never_written_to(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.ticket = replace(vendor.ticket, status=Status.CLOSED)
    ring(runtime)
    assert vendor.sent == []


def test_what_cannot_be_done_does_not_stop_the_rest(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.cannot = {"route": "no group of that name"}
    assert ring(runtime) == "decided"
    assert vendor.ticket.group == ""
    assert len(notes(vendor)) == 1
    assert states(runtime)["route"] == "refused"


class WithAside(ScriptedVendor):
    """Sends something before the rest that the ticket can do without."""

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        writes, impossible = super().writes(ticket, actions)
        return (Write("POST", "/watchers", "dana", (), aside=True), *writes), impossible


@pytest.mark.parametrize(
    ("error", "outcome", "written"),
    [(Refused("no permission"), "decided", 1), (Unauthorized("no"), "waiting", 0), (OutcomeUnknown("?"), "waiting", 0)],
)
def test_what_a_ticket_can_do_without_stops_nothing_when_it_is_refused(
    runtime: Runtime, vendor: ScriptedVendor, error: TriageError, outcome: str, written: int
) -> None:
    other = runtime.clients["zendesk", "acme"] = WithAside(vendor.ticket)
    other.mishaps = [("before", error)]
    assert ring(runtime) == outcome
    assert len(notes(other)) == written


def test_a_worker_that_lost_its_lease_writes_nothing(runtime: Runtime, vendor: ScriptedVendor, clock: Clock) -> None:
    original = vendor.fetch

    def slow_fetch(ref: Ref) -> Ticket:
        clock.move(seconds=runtime.settings.lease_seconds + 1)
        assert runtime.store.lease(REF, clock.at, 60) is not None
        return original(ref)

    vendor.fetch = slow_fetch  # type: ignore[method-assign]
    assert ring(runtime) == "lost_lease"
    assert vendor.sent == []


def test_an_event_during_the_work_asks_for_another_run(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.before_write = lambda: runtime.store.record(Event(REF, "commented", "d2"), "x", runtime.now()) and None
    runtime.store.record(Event(REF, "created", "d1"), "x", runtime.now())
    assert reconcile(runtime, REF).again == REF
    assert reconcile(runtime, REF).outcome == "unchanged"


def test_an_issue_asked_for_by_number_goes_on_under_its_key(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.ticket = replace(vendor.ticket, ref=Ref("zendesk", "acme", "4712"))
    runtime.store.record(Event(REF, "created", "d1"), "x", runtime.now())
    result = reconcile(runtime, REF)
    assert (result.outcome, result.again) == ("renamed", vendor.ticket.ref)
    assert reconcile(runtime, vendor.ticket.ref).outcome == "decided"


def test_a_ticket_that_keeps_changing_is_parked_as_a_loop(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    outcomes = []
    for n in range(runtime.settings.max_decisions_per_hour + 1):
        vendor.ticket = replace(vendor.ticket, comments=())  # somebody else's rule takes our note away each time
        clock.move(seconds=1)
        outcomes.append(ring(runtime, f"d{n}"))
    assert outcomes[-1] == "parked"
    assert runtime.store.parked()[0].kind == "loop"
    assert ring(runtime, "later") == "not_due"


def test_the_ledger_holds_no_text_of_the_note_or_the_reply(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime)
    by_kind = {effect.kind: effect.action for effect in runtime.store.effects_of(REF)}
    assert set(by_kind["add_note"]) == {"mark"}
    assert set(by_kind["reply"]) == {"reason", "mark", "promise", "clock"}
    kinds = {kind(action) for write in vendor.sent for action in write.actions}
    assert {kind(SetPriority("x")), kind(AddTags(())), kind(AddNote("", ""))} <= kinds
