"""Closed, merged and followed up: a closed ticket takes nothing, and what goes on with it inherits what was ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Refused, Unauthorized
from app.runtime import Runtime
from app.triage.ticket import Event, Ref, Status
from app.vendors import Write
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_engineering_is_told import NOTE, TICKET, worker
from tests.contract.test_reconcile import REF, Clock, clock, ring, runtime, states, vendor
from workers.reconcile import reconcile

__all__ = ["clock", "runtime", "vendor"]  # fixtures

REFUSED = Refused("422 to PUT /tickets/4711 (RecordInvalid, status)")


def closed_before_our_write(vendor: ScriptedVendor) -> None:
    """A person closes the ticket between our read and our write, which Zendesk then refuses."""

    def close() -> None:
        vendor.ticket = replace(vendor.ticket, status=Status.CLOSED, status_name="closed")

    vendor.before_write = close
    vendor.mishaps = [("before", REFUSED)]


def test_a_ticket_that_was_closed_before_our_write_ends_well_and_is_not_tried_again(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    closed_before_our_write(vendor)
    assert ring(runtime) == "decided"
    assert (len(vendor.sent), vendor.fetches) == (1, 2)
    assert set(states(runtime).values()) == {"refused"}
    assert all("closed meanwhile" in effect.reason for effect in runtime.store.effects_of(REF))
    assert runtime.store.parked() == []
    clock.move(hours=9)
    assert reconcile(runtime, REF).outcome == "not_due"
    assert len(vendor.sent) == 1


def test_a_reply_that_came_too_late_is_over_too(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.mishaps = [("never", REFUSED), ("before", REFUSED)]
    send = vendor.send

    def closes_after_the_first(write: Write) -> None:
        if vendor.sent:
            vendor.ticket = replace(vendor.ticket, status=Status.CLOSED)
        send(write)

    vendor.send = closes_after_the_first  # type: ignore[method-assign]
    assert ring(runtime) == "decided"
    assert (states(runtime)["add_note"], states(runtime)["reply"]) == ("confirmed", "refused")
    assert runtime.store.parked() == []


def test_what_is_refused_on_an_open_ticket_is_parked_as_before(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.mishaps = [("before", REFUSED)]
    assert ring(runtime) == "parked"
    assert (len(vendor.sent), vendor.fetches) == (1, 2)
    assert "422" in runtime.store.parked()[0].reason


def test_refused_credentials_are_no_reason_to_look_again(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.mishaps = [("before", Unauthorized("401"))]
    assert ring(runtime) == "waiting"
    assert vendor.fetches == 1


def test_a_ticket_that_was_merged_into_another_is_left_alone(runtime: Runtime, vendor: ScriptedVendor) -> None:
    vendor.ticket = replace(vendor.ticket, status=Status.CLOSED, tags=frozenset({"closed_by_merge"}))
    assert ring(runtime, event="merged") == "decided"
    assert vendor.sent == []
    assert reconcile(runtime, REF).outcome == "not_due"


def test_nobody_is_told_of_a_ticket_that_is_closed(tmp_path: Path) -> None:
    with worker(tmp_path, "webhook", engineering_webhook="http://127.0.0.1:1/") as runtime:
        closed = replace(TICKET, comments=(NOTE,), status=Status.CLOSED)
        runtime.clients["zendesk", "acme"] = ScriptedVendor(closed)  # type: ignore[assignment]  # a double
        runtime.store.record(Event(TICKET.ref, "updated", "d"), "x", runtime.now())
        assert reconcile(runtime, TICKET.ref).outcome == "decided"
        assert runtime.store.effects_of(TICKET.ref) == []


@pytest.mark.parametrize("ours", [True, False])
def test_a_follow_up_loses_the_closed_tickets_tags_that_were_ours_and_hold_no_more(
    runtime: Runtime, vendor: ScriptedVendor, ours: bool
) -> None:
    source = Ref("zendesk", "acme", "17")
    runtime.store.record(Event(source, "created", "d0"), "x", runtime.now())
    lease = runtime.store.lease(source, runtime.now(), 60)
    assert lease is not None
    runtime.store.wrote(lease, {}, frozenset({"sev-p0", "never-here"} if ours else ()))
    vendor.ticket = replace(vendor.ticket, follow_up_of="17", tags=frozenset({"sev-p0", "vip", "by-hand"}))
    assert ring(runtime) == "decided"
    assert ("sev-p0" in vendor.ticket.tags) is not ours
    assert {"vip", "by-hand"} <= vendor.ticket.tags
    kept = runtime.store.own_tags(REF)
    assert "never-here" not in kept
    assert kept <= vendor.ticket.tags


def test_an_inherited_tag_that_still_holds_stays_and_is_ours(runtime: Runtime, vendor: ScriptedVendor) -> None:
    ring(runtime)
    tags, follow_up = runtime.store.own_tags(REF), Ref("zendesk", "acme", "4800")
    assert tags
    vendor.ticket = replace(vendor.ticket, ref=follow_up, follow_up_of=REF.id, tags=frozenset(tags), comments=())
    runtime.store.record(Event(follow_up, "created", "d9"), "x", runtime.now())
    assert reconcile(runtime, follow_up).outcome == "decided"
    assert runtime.store.own_tags(follow_up) == tags
    assert vendor.ticket.tags == tags
