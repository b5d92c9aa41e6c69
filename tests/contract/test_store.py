"""The store keeps its promises on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.errors import Unavailable
from app.packs import find_pack
from app.store.engine import open_engine
from app.store.gaps import Heard
from app.store.ledger import Effect
from app.store.migrate import current, migrate, newest
from app.store.opinions import KeptOpinion
from app.store.schema import metadata
from app.store.store import Store
from app.store.tickets import Lease
from app.triage.layers import parse
from app.triage.policy import Policy, read
from app.triage.ticket import Event, Ignored, Ref, Ticket
from tests.conftest import NOW

REF = Ref("zendesk", "acme", "4711")
SECOND = timedelta(seconds=1)
DECISION = {"policy": "unified", "policy_digest": "abc", "label": "Defect", "severity": "P2"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: str = request.getfixturevalue("postgres")
    name = f"test_{abs(hash(request.node.name + str(tmp_path))):x}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    migrate(url)
    opened = Store(url)
    yield opened
    opened.close()


def event(delivery: str = "d1", ref: Ref = REF, kind: str = "created") -> Event:
    return Event(ref, kind, delivery)


def leased(store: Store, ref: Ref = REF, at=NOW, seconds: float = 60) -> Lease:
    lease = store.lease(ref, at, seconds)
    assert lease is not None
    return lease


def test_a_fresh_migration_gives_exactly_the_tables_of_the_schema(url: str) -> None:
    assert current(url) == ""
    assert migrate(url) == newest() == current(url)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(url: str) -> None:
    assert migrate(url) == migrate(url)


def test_the_second_delivery_of_the_same_id_is_a_duplicate(store: Store) -> None:
    assert store.record(event(), "x", NOW) == "accepted"
    assert store.record(event(), "x", NOW) == "duplicate"
    assert store.record(event(ref=Ref("zendesk", "other", "4711")), "x", NOW) == "accepted"


def test_an_ignored_delivery_is_known_again_and_makes_nothing_due(store: Store) -> None:
    assert store.record_ignored("jira", "acme", Ignored("own_edit", "d1"), "x", NOW) == "accepted"
    assert store.record_ignored("jira", "acme", Ignored("own_edit", "d1"), "x", NOW) == "duplicate"
    assert store.due(NOW, 10) == []


def test_a_recorded_event_makes_its_ticket_due_until_it_is_remembered(store: Store) -> None:
    store.record(event(), "x", NOW)
    assert store.due(NOW, 10) == [REF]
    lease = leased(store)
    assert store.due(NOW, 10) == []
    assert store.remember(lease, NOW, decision=DECISION) is False
    assert store.due(NOW + timedelta(days=1), 10) == []


def test_only_one_worker_holds_a_ticket(store: Store) -> None:
    store.record(event(), "x", NOW)
    leased(store)
    assert store.lease(REF, NOW, 60) is None


def test_two_workers_that_ask_at_the_same_moment_get_one_lease(store: Store) -> None:
    store.record(event(), "x", NOW)
    won: list[Lease | None] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        won.append(store.lease(REF, NOW, 60))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(lease is not None for lease in won) == 1


def test_an_expired_lease_is_due_again_and_the_old_holder_is_fenced_off(store: Store) -> None:
    store.record(event(), "x", NOW)
    stale = leased(store, seconds=5)
    later = NOW + 6 * SECOND
    assert store.due(later, 10) == [REF]
    fresh = leased(store, at=later)
    assert fresh.token > stale.token
    assert not store.still_holds(stale, later)
    assert store.still_holds(fresh, later)
    store.remember(stale, later, decision=DECISION)
    assert store.history(REF) == []


def test_an_event_that_comes_during_the_work_makes_the_ticket_due_at_once(store: Store) -> None:
    store.record(event("d1"), "x", NOW)
    lease = leased(store)
    store.record(event("d2"), "x", NOW)
    assert store.remember(lease, NOW, decision=DECISION, wake_at=NOW + timedelta(days=1)) is True
    assert store.due(NOW, 10) == [REF]
    assert leased(store).kinds == {"created"}


def test_a_ticket_wakes_when_its_time_has_come(store: Store) -> None:
    store.record(event(), "x", NOW)
    store.remember(leased(store), NOW, decision=DECISION, wake_at=NOW + timedelta(hours=1))
    assert store.due(NOW + timedelta(minutes=59), 10) == []
    assert store.due(NOW + timedelta(minutes=60), 10) == [REF]


def test_a_lease_remembers_what_was_applied_and_decided_before(store: Store) -> None:
    store.record(event(), "x", NOW)
    lease = leased(store)
    assert (lease.previous, dict(lease.applied), lease.tries) == (None, {}, 1)
    store.wrote(lease, {"priority": "high"}, frozenset({"sev-p2"}))
    store.remember(lease, NOW, decision=DECISION)
    store.replay(REF, NOW)
    again = leased(store)
    assert again.previous == DECISION
    assert (dict(again.applied), again.own_tags) == ({"priority": "high"}, {"sev-p2"})
    assert again.decisions_last_hour == 1


def test_a_start_without_an_end_counts_as_a_try(store: Store) -> None:
    store.record(event(), "x", NOW)
    tries = [leased(store, at=NOW + n * 10 * SECOND, seconds=1).tries for n in range(3)]
    assert tries == [1, 2, 3]


def test_a_vendors_outage_uses_up_no_try_and_waits_longer_each_time(store: Store) -> None:
    store.record(event(), "x", NOW)
    lease = leased(store)
    store.wait(lease, NOW, 30, "Busy", blameless=True)
    assert store.lease(REF, NOW + 29 * SECOND, 60) is None
    again = leased(store, at=NOW + 30 * SECOND)
    assert (again.tries, again.waits) == (1, 1)


def test_a_new_event_gives_a_parked_ticket_another_chance_but_not_a_loop(store: Store) -> None:
    for kind, free in (("permanent", True), ("poison", True), ("loop", False)):
        ref = Ref("jira", "acme", f"SUP-{len(kind)}")
        store.record(event(f"{kind}1", ref), "x", NOW)
        store.park(leased(store, ref), NOW, kind, "why")
        assert [p.ref for p in store.parked()][:1] == [ref]
        store.record(event(f"{kind}2", ref), "x", NOW + SECOND)
        assert (store.lease(ref, NOW + SECOND, 60) is not None) is free


def test_replay_frees_a_parked_ticket(store: Store) -> None:
    store.record(event(), "x", NOW)
    store.park(leased(store), NOW, "loop", "why")
    assert store.due(NOW, 10) == []
    assert store.replay(REF, NOW) is True
    assert store.due(NOW, 10) == [REF]
    assert store.parked() == []
    assert store.replay(Ref("jira", "acme", "NO-1"), NOW) is False


def test_a_body_that_cannot_be_read_is_kept_with_its_raw_bytes(store: Store) -> None:
    raw = b'{"broken": \x00\xff'
    store.park_delivery("zendesk", "acme", "d9", raw, "x", "not JSON", NOW)
    (kept,) = store.parked_deliveries()
    assert (kept.body, kept.error) == (raw, "not JSON")


def test_an_effect_goes_from_planned_to_confirmed_under_one_key(store: Store) -> None:
    effect = Effect("k1", "add_note", "planned", {"mark": "0123456789ab"})
    store.plan_effects(REF, [effect], NOW)
    store.mark_effects(["k1"], "sent", NOW)
    assert [e.key for e in store.unsettled(REF)] == ["k1"]
    store.plan_effects(REF, [effect], NOW)
    store.mark_effects(["k1"], "sent", NOW)
    store.mark_effects(["k1"], "confirmed", NOW)
    (only,) = store.effects_of(REF)
    assert (only.state, only.attempts) == ("confirmed", 2)
    assert store.unsettled(REF) == []


def test_an_issue_asked_for_by_number_becomes_its_key_with_its_events(store: Store) -> None:
    number, key = Ref("jira", "acme", "10013"), Ref("jira", "acme", "SUP-7")
    store.record(event("d1", number), "x", NOW)
    leased(store, number)
    store.rename(number, key, NOW)
    assert store.due(NOW, 10) == [key]
    assert leased(store, key).kinds == {"created"}


def pack(more: str = "") -> Policy:
    layers = [parse(more, "mine.yaml")] if more else []
    return read(*find_pack("unified"), find_pack, layers)


def test_a_policy_is_written_down_once_a_change_with_what_changed(store: Store) -> None:
    first, second = pack(), pack("demand: {product_review: 9}")
    assert store.record_policy(first, ["unified.yaml"], NOW) is True
    assert store.record_policy(first, ["unified.yaml"], NOW + SECOND) is False
    assert store.record_policy(second, ["unified.yaml", "mine.yaml"], NOW + 2 * SECOND) is True
    assert store.record_policy(first, ["unified.yaml"], NOW + 3 * SECOND) is True
    third, newest, oldest = store.loaded_policies()
    assert [oldest.digest, newest.digest, third.digest] == [first.digest, second.digest, first.digest]
    assert (oldest.loaded_at, oldest.seen_at, oldest.diff) == (NOW, NOW + SECOND, ())
    assert (newest.name, newest.version, newest.origin) == ("unified", "2", ("unified.yaml", "mine.yaml"))
    assert newest.diff == (("demand.product_review", 5, 9),)
    assert third.diff == (("demand.product_review", 9, 5),)
    assert len(store.loaded_policies(2)) == 2


def test_policies_of_two_names_do_not_follow_one_another(store: Store) -> None:
    unified, other = pack(), pack("pack: {name: other}")
    for now in (NOW, NOW + SECOND):
        for policy in (unified, other):
            assert store.record_policy(policy, [], now) is (now == NOW)
    assert [(loaded.name, loaded.diff) for loaded in store.loaded_policies()] == [("other", ()), ("unified", ())]


def test_processes_that_start_together_write_a_policy_down_once(store: Store) -> None:
    policy, start = pack(), threading.Barrier(6)
    news: list[bool] = []

    def begin() -> None:
        start.wait()
        news.append(store.record_policy(policy, [], NOW))

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(news) == [False] * 5 + [True]
    assert len(store.loaded_policies()) == 1


def test_the_backlog_is_the_age_of_the_longest_due_ticket(store: Store) -> None:
    assert store.backlog(NOW) == (0, 0.0)
    store.record(event(), "x", NOW)
    assert store.backlog(NOW + 90 * SECOND) == (0, 90.0)


def test_a_lease_by_name_has_one_holder_at_a_time(store: Store) -> None:
    assert store.hold("sweep", NOW, 30)
    assert not store.hold("sweep", NOW + SECOND, 30)
    assert store.hold("sweep", NOW + 31 * SECOND, 30)


def test_the_newest_beat_of_a_part_wins(store: Store) -> None:
    store.beat("worker", NOW)
    store.beat("worker", NOW + SECOND, ok=False, detail={"error": "x"})
    beat = store.beats()["worker"]
    assert (beat.at, beat.ok, beat.detail) == (NOW + SECOND, False, {"error": "x"})


def test_old_closed_deliveries_are_forgotten_and_open_ones_never(store: Store) -> None:
    store.record(event("open"), "x", NOW)
    store.record_ignored("jira", "acme", Ignored("kind", "closed"), "x", NOW)
    assert store.forget_deliveries(NOW + timedelta(days=31)) == 1
    assert store.due(NOW, 10) == [REF]


def test_a_store_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    empty = Store(f"sqlite:///{tmp_path}/never_migrated.db")
    with pytest.raises(Unavailable, match="OperationalError"):
        empty.record(event(), "x", NOW)
    empty.close()


def test_the_version_that_our_last_write_left_is_the_one_that_is_known(store: Store) -> None:
    store.record(event(), "x", NOW)
    lease = leased(store)
    shown = Ticket(ref=REF, subject="s", body="b", created_at=NOW, updated_at=NOW, version="read")
    store.remember(replace(lease, left="written"), NOW, decision=None, ticket=shown)
    assert store.heard("zendesk", "acme", ["4711", "4712"]) == Heard({"4711": "written"}, frozenset(), frozenset())
    assert store.heard("zendesk", "other", ["4711"]).versions == {}


def test_what_is_asked_for_and_what_was_reported_deleted_is_told_apart(store: Store) -> None:
    for number, kind in (("1", "updated"), ("2", "deleted"), ("3", "created")):
        store.record(event(f"d{number}", Ref("zendesk", "acme", number), kind), "x", NOW)
    store.remember(leased(store, Ref("zendesk", "acme", "2")), NOW, decision=None)
    heard = store.heard("zendesk", "acme", ["1", "2"])
    assert (heard.asked, heard.deleted) == ({"1"}, {"2"})
    assert heard.versions == {"1": "", "2": ""}


def test_a_jobs_end_makes_its_tags_ours_where_they_were_taken(store: Store) -> None:
    for number in ("1", "2"):
        ref = Ref("zendesk", "acme", number)
        store.record(event(number, ref), "x", NOW)
        store.wrote(leased(store, ref), {}, frozenset({"old", "kept"}))
    for _ in range(2):
        store.keep_job("zendesk", "acme", "j", "run", ["1", "2"], ["new"], ["old"], NOW)
    (job,) = store.open_jobs()
    assert (job.ids, job.add, job.remove, job.started_at) == (("1", "2"), ("new",), ("old",), NOW)
    store.close_job(job, "completed", {"2": "RecordInvalid"}, NOW + SECOND)
    assert store.open_jobs() == []
    assert store.own_tags(Ref("zendesk", "acme", "1")) == {"kept", "new"}
    assert store.own_tags(Ref("zendesk", "acme", "2")) == {"kept", "old"}
    assert store.own_tags(Ref("zendesk", "acme", "3")) == frozenset()


def test_the_worst_severity_is_due_first_and_what_waits_is_asked_for_by_account(store: Store) -> None:
    refs = {rank: Ref("zendesk", "acme", str(rank)) for rank in (4, 2, 3, 0)}
    for place, (rank, ref) in enumerate(refs.items()):
        store.record(event(f"w{rank}", ref=ref), "x", NOW + place * SECOND)
        lease = store.lease(ref, NOW + place * SECOND, 60)
        assert lease is not None
        assert lease.rank is None, "it is looked at anew"
        store.wait(lease, NOW, 1, "held", blameless=True, rank=rank)
    store.record(event("new"), "x", NOW)
    later = NOW + timedelta(minutes=1)
    assert store.due(later, 10) == [REF]
    assert store.waiting(later, "zendesk", "acme", 10, urgent=False) == [refs[2], refs[3], refs[4]]
    assert store.waiting(later, "zendesk", "acme", 2, urgent=False) == [refs[2], refs[3]]
    assert store.waiting(later, "zendesk", "acme", 10, urgent=True) == [refs[0]]
    assert store.waiting(later, "zendesk", "other", 10, urgent=True) == []
    lease = store.lease(refs[4], later, 60)
    assert lease is not None
    assert lease.rank == 4


def test_news_about_a_waiting_ticket_may_be_urgent_until_somebody_reads_them(store: Store) -> None:
    store.record(event("d1"), "x", NOW)
    store.wait(leased(store), NOW, 1, "held", blameless=True, rank=4)
    later = NOW + timedelta(minutes=1)
    assert store.waiting(later, "zendesk", "acme", 10, urgent=True) == []
    store.record(event("d2"), "x", later)
    assert store.waiting(later, "zendesk", "acme", 10, urgent=True) == [REF]
    lease = leased(store, at=later)
    assert lease.rank == 1
    store.remember(lease, later, decision=None, rank=3)
    store.record(event("d3"), "x", later)
    assert leased(store, at=later).rank is None


def test_a_question_is_claimed_once_until_its_asker_is_given_up(store: Store) -> None:
    def begin(after: float = 0.0, key: str = "k", ref: Ref = REF) -> bool:
        return store.begin_opinion(ref, key, "a-model", "abc", NOW + after * SECOND, 90)

    assert store.opinion(REF, "k") is None
    assert [begin(), begin(), begin(89)] == [True, False, False]
    assert begin(ref=Ref("zendesk", "other", "4711"))  # the same words in another account are nobody else's
    assert begin(90)
    store.give_up_opinion(REF, "k")
    assert store.opinion(REF, "k") is None
    assert begin(91)


def test_an_answer_is_kept_once_and_for_all_until_it_is_forgotten(store: Store) -> None:
    for key, given in (("k", {"label": "Data"}), ("dropped", None)):
        assert store.begin_opinion(REF, key, "a-model", "abc", NOW, 90)
        store.keep_opinion(REF, key, given, "" if given else "quote")
        store.give_up_opinion(REF, key)
        assert not store.begin_opinion(REF, key, "a-model", "abc", NOW + 100 * SECOND, 90)
    assert store.opinion(REF, "k") == KeptOpinion("answered", {"label": "Data"}, "")
    assert store.opinion(REF, "dropped") == KeptOpinion("dropped", None, "quote")
    assert store.forget_opinions(NOW) == 0
    assert store.forget_opinions(NOW + SECOND) == 2
    assert store.opinion(REF, "k") is None


def test_the_last_decision_is_the_newest(store: Store) -> None:
    assert store.last_decision(REF) is None
    for number in range(2):
        store.record(event(f"d{number}"), "x", NOW)
        store.remember(leased(store), NOW, decision={**DECISION, "number": number})
    assert store.last_decision(REF) == {**DECISION, "number": 1}
