"""The worker tells engineering outside the ticket: once for each level, whatever the receiver does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from app.errors import Misconfigured
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Ticket
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_messages import mail_server, receiver
from workers.reconcile import reconcile

REF = Ref("zendesk", "acme", "1")
NOTE = Comment("1", Speaker.AGENT, "Reproduced, it needs a code fix.", NOW, public=False)
TICKET = Ticket(
    ref=REF,
    subject="Export fails",
    body="The CSV export shows an error for three users.",
    created_at=NOW,
    updated_at=NOW,
    comments=(NOTE,),
    requester=Customer(id="7", name="Ada", organization="Acme"),
    version="1",
)


@contextmanager
def worker(tmp_path: Path, channel: str, **settings: object) -> Iterator[Runtime]:
    """A worker whose policy tells engineering by that channel."""
    configured = Settings.model_validate(
        {
            "database_url": f"sqlite:///{tmp_path}/store.db",
            "redis_url": "redis://127.0.0.1:1/0",
            "zendesk": {"acme": ZendeskAccount(subdomain="acme")},
            "mode": "auto",
            **settings,
        }
    )
    migrate(configured.database_url)
    variables = {"TRIAGE_ESCALATION__MESSAGE": channel}
    clients = {("zendesk", "acme"): ScriptedVendor(TICKET)}
    runtime = Runtime(configured, variables, now=lambda: NOW, clients=clients)  # type: ignore[arg-type]  # a double
    try:
        yield runtime
    finally:
        runtime.store.close()


def ring(runtime: Runtime, delivery: str) -> str:
    runtime.store.record(Event(REF, "updated", delivery), "x", runtime.now())
    return reconcile(runtime, REF).outcome


def state(runtime: Runtime) -> list[tuple[str, str]]:
    return [(effect.key, effect.state) for effect in runtime.store.effects_of(REF) if effect.kind == "message"]


@pytest.mark.policy("S2-101", "S2-79")
def test_engineering_is_told_once_however_often_the_ticket_is_looked_at(tmp_path: Path) -> None:
    with receiver(204) as (url, got), worker(tmp_path, "webhook", engineering_webhook=url) as runtime:
        for delivery in ("a", "b", "c"):
            ring(runtime, delivery)
        assert state(runtime) == [("zendesk:acme:1:message:engineering-L3", "confirmed")]
    assert len(got) == 1
    sent = orjson.loads(got[0][1])
    assert sent["subject"].startswith("[ESCALATION] [L3] - ")
    assert sent["ticket"] == "zendesk:acme:1"


def test_a_ticket_that_stays_with_support_tells_engineering_nothing(tmp_path: Path) -> None:
    with receiver(204) as (url, got), worker(tmp_path, "webhook", engineering_webhook=url) as runtime:
        vendor = runtime.clients["zendesk", "acme"]
        vendor.ticket = replace(TICKET, comments=())  # type: ignore[attr-defined]  # the double's own
        ring(runtime, "a")
        assert state(runtime) == []
    assert got == []


def test_a_receiver_that_is_away_is_told_later_and_the_ticket_is_written_meanwhile(tmp_path: Path) -> None:
    with receiver(503) as (url, _), worker(tmp_path, "webhook", engineering_webhook=url) as runtime:
        assert ring(runtime, "a") == "waiting"
        assert state(runtime)[0][1] == "planned"
        assert any(
            effect.kind == "add_note" and effect.state == "confirmed" for effect in runtime.store.effects_of(REF)
        )


def test_a_receiver_that_refuses_is_not_asked_again(tmp_path: Path) -> None:
    with receiver(403) as (url, got), worker(tmp_path, "webhook", engineering_webhook=url) as runtime:
        assert ring(runtime, "a") == "decided"
        ring(runtime, "b")
        assert state(runtime)[0][1] == "refused"
    assert len(got) == 1


def test_an_e_mail_whose_fate_is_unknown_is_shown_and_not_sent_again(tmp_path: Path) -> None:
    with mail_server({}, hang_up_after_data=True) as (server, got):
        mail = {"smtp_url": server, "mail_from": "f@acme.example", "engineering_email": "e@acme.example"}
        with worker(tmp_path, "email", **mail) as runtime:
            assert ring(runtime, "a") == "decided"
            ring(runtime, "b")
            assert state(runtime)[0][1] == "unknown"
    assert sum(line.upper().startswith(b"DATA") for line in got) == 1


@pytest.mark.parametrize("channel", ["email", "webhook"])
def test_a_worker_dying_while_it_sends_repeats_a_webhook_and_no_e_mail(tmp_path: Path, channel: str) -> None:
    class Died(BaseException):
        pass

    with receiver(204) as (url, got):
        where = {
            "engineering_webhook": url,
            "smtp_url": "smtp://127.0.0.1:9",
            "mail_from": "f",
            "engineering_email": "e",
        }
        with worker(tmp_path, channel, **where) as runtime:
            alive = runtime.post

            def dying(message: object, by: str) -> None:
                raise Died

            runtime.post = dying  # type: ignore[method-assign, assignment]  # the process ends here
            with pytest.raises(Died):
                ring(runtime, "a")
            assert state(runtime)[0][1] == "sent"
            runtime.post = alive  # type: ignore[method-assign]
            runtime.now = lambda: NOW.replace(hour=NOW.hour + 1)  # the dead worker's lease has run out
            ring(runtime, "b")
            assert state(runtime)[0][1] == ("confirmed" if channel == "webhook" else "unknown")
    assert len(got) == (1 if channel == "webhook" else 0)


@pytest.mark.parametrize(
    ("channel", "mend"), [("email", "TRIAGE_ENGINEERING_EMAIL"), ("webhook", "TRIAGE_ENGINEERING_WEBHOOK")]
)
def test_a_channel_without_an_address_does_not_start(tmp_path: Path, channel: str, mend: str) -> None:
    with worker(tmp_path, channel) as runtime, pytest.raises(Misconfigured) as told:
        runtime.policies.of(TICKET)
    assert mend in str(told.value)
