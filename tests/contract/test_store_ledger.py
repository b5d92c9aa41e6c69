"""What the ledger and the brake remember, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

from app.store.ledger import Effect
from app.store.store import Store
from app.triage.ticket import Event, Ref
from tests.conftest import NOW
from tests.contract.test_store import store, url

__all__ = ["store", "url"]  # fixtures

REFS = [Ref("zendesk", "acme", str(n)) for n in range(4)]
OTHER = Ref("zendesk", "beta", "0")
MINUTE = timedelta(minutes=1)


def effect(ref: Ref, name: str = "add_tags", reason: str = "", run: str = "") -> Effect:
    return Effect(f"{ref}:{name}", name, "planned", {"tags": ["a"]}, reason, run=run, before={"tags": []})


def done(store: Store, ref: Ref, run: str = "", at=NOW, state: str = "confirmed") -> None:
    store.plan_effects(ref, [effect(ref, run=run)], at)
    store.mark_effects([effect(ref).key], state, at)  # type: ignore[arg-type]


def test_what_is_held_back_is_kept_until_it_is_no_longer_wanted(store: Store) -> None:
    ref = REFS[0]
    store.record(Event(ref, "created", "d"), "x", NOW)
    lease = store.lease(ref, NOW, 60)
    assert lease is not None
    store.withhold_effects(ref, [effect(ref, "reply", "mode is shadow"), effect(ref, "route", "mode is shadow")], NOW)
    store.remember(lease, NOW, decision=None)
    assert {one.kind: one.withheld for one in store.withheld_of(REFS)[ref]} == {
        "reply": "mode is shadow", "route": "mode is shadow"
    }  # fmt: skip
    store.withhold_effects(ref, [effect(ref, "route", "brake: x")], NOW)
    assert [one.kind for one in store.effects_of(ref)] == ["route"]
    assert store.withheld_tickets() == [ref]
    assert store.due(NOW, 5) == []
    assert store.replay_withheld(NOW, "mode") == 0
    assert store.replay_withheld(NOW, "brake") == 1
    assert store.due(NOW, 5) == [ref]
    store.withhold_effects(ref, [], NOW)
    assert store.effects_of(ref) == []


def test_what_was_done_is_not_overwritten_by_what_is_held_back(store: Store) -> None:
    for state in ("confirmed", "sent", "unknown"):
        done(store, REFS[0], state=state)
        store.withhold_effects(REFS[0], [effect(REFS[0], reason="mode is shadow")], NOW)
        (kept,) = store.effects_of(REFS[0])
        assert (kept.state, kept.withheld) == (state, "")
    done(store, REFS[0], state="refused")
    store.withhold_effects(REFS[0], [effect(REFS[0], reason="mode is shadow")], NOW)
    assert store.effects_of(REFS[0])[0].withheld == "mode is shadow"


def test_tickets_are_counted_once_by_run_or_by_account_and_time(store: Store) -> None:
    for ref in REFS[:3]:
        done(store, ref, "s-1")
        store.plan_effects(ref, [effect(ref, "route", run="s-1")], NOW)
        store.mark_effects([effect(ref, "route").key], "sent", NOW)
    done(store, REFS[3], at=NOW - 2 * MINUTE)
    done(store, OTHER, "s-1")
    done(store, Ref("zendesk", "acme", "9"), "u-1")
    assert store.changed_tickets(REFS[0], NOW - MINUTE, "s-1") == 3, "another account's too, not this ticket"
    assert store.changed_tickets(REFS[0], NOW - MINUTE) == 2
    assert store.changed_tickets(REFS[0], NOW - 3 * MINUTE) == 3
    assert store.changed_tickets(REFS[0], NOW, "s-1") == 0
    ran = {run.id: (run.tickets, dict(run.states)) for run in store.runs()}
    assert ran == {"s-1": (4, {"confirmed": 4, "sent": 3}), "u-1": (1, {"confirmed": 1})}


def test_what_was_done_is_told_by_run_by_time_and_by_account_until_it_is_taken_back(store: Store) -> None:
    done(store, REFS[0], "s-1")
    done(store, REFS[1], at=NOW + MINUTE)
    done(store, OTHER, "s-1", at=NOW + MINUTE)
    done(store, REFS[2], "u-1", at=NOW + MINUTE)
    done(store, REFS[3], "s-1", state="refused")
    assert set(store.done(run="s-1")) == {REFS[0], OTHER}
    assert set(store.done(since=NOW + MINUTE)) == {REFS[1], OTHER}
    assert set(store.done(since=NOW, account=("zendesk", "acme"))) == {REFS[0], REFS[1]}
    ((kept,),) = store.done(run="s-1", account=("zendesk", "beta")).values()
    assert (kept.before, kept.run, kept.at) == ({"tags": []}, "s-1", NOW + MINUTE)
    store.taken_back([kept.key], "u-2")
    assert set(store.done(run="s-1")) == {REFS[0]}
    assert store.changed_tickets(REFS[0], NOW, "s-1") == 1, "when it was done stays as it is"


def test_one_of_many_puts_the_brake_on_and_a_person_takes_it_off(store: Store) -> None:
    assert store.brake() is None
    assert store.put_brake_on(NOW, {"why": "a"})
    assert not store.put_brake_on(NOW + MINUTE, {"why": "b"})
    brake = store.brake()
    assert brake is not None
    assert (brake.at, brake.detail["why"]) == (NOW, "a")
    store.release_brake(NOW + MINUTE)
    assert store.brake() is None
    assert store.put_brake_on(NOW + 2 * MINUTE, {"why": "c"})


def test_a_person_takes_a_ticket_that_is_not_due_and_gives_it_back_as_it_was(store: Store) -> None:
    ref = REFS[0]
    assert store.lease(ref, NOW, 60, due=False) is None, "nobody knows it"
    store.record(Event(ref, "created", "d"), "x", NOW)
    first = store.lease(ref, NOW, 60)
    assert first is not None
    assert store.lease(ref, NOW, 60, due=False) is None, "a worker has it"
    store.park(first, NOW, "permanent", "Refused: 422")
    taken = store.lease(ref, NOW, 60, due=False)
    assert taken is not None
    assert (taken.tries, store.still_holds(taken, NOW)) == (1, True)
    store.release(taken)
    assert not store.still_holds(taken, NOW)
    assert [parked.ref for parked in store.parked()] == [ref]


def test_anew_forgets_what_is_ours_and_keeps_what_was_said(store: Store) -> None:
    ref = REFS[0]
    store.record(Event(ref, "created", "d"), "x", NOW)
    lease = store.lease(ref, NOW, 60)
    assert lease is not None
    store.wrote(lease, {"priority": "high", "reply:ack": "0", "message:engineering-L3": "confirmed"}, frozenset({"a"}))
    store.remember(lease, NOW, decision=None)
    assert store.replay(ref, NOW)
    kept = store.lease(ref, NOW, 60)
    assert kept is not None
    assert (kept.applied["priority"], kept.own_tags) == ("high", {"a"})
    store.remember(kept, NOW, decision=None)
    assert store.replay(ref, NOW, anew=True)
    kept = store.lease(ref, NOW, 60)
    assert kept is not None
    assert (set(kept.applied), kept.own_tags) == ({"reply:ack", "message:engineering-L3"}, frozenset())
