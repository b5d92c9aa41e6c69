"""How on-call is reached, over real sockets: what is a receipt, what each fault means, and who is asked next."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from app.errors import Busy, Misconfigured, OutcomeUnknown, Refused, TriageError, Unavailable
from app.oncall import targets, webhook
from app.oncall.alert import Alert
from app.oncall.pagerduty import PagerDutyTarget
from tests.conftest import NOW
from tests.contract.pagers import KEY, Pager, pager

ALERT = Alert(
    action="trigger",
    key="zendesk:acme:1:page:1:L2:page",
    dedup_key="firstline:zendesk:acme:1",
    ticket="zendesk:acme:1",
    step="L2:page",
    severity="P0",
    summary="[unconfirmed] P0 Reliability: Everything is down",
    text="Please acknowledge.",
    url="https://acme.zendesk.com/agent/tickets/1",
    at=NOW,
)


@pytest.fixture
def one() -> Iterator[Pager]:
    with pager() as running:
        yield running


@pytest.fixture
def two() -> Iterator[Pager]:
    with pager() as running:
        yield running


SECRET = "s3cret"


def opened(addresses: str, secret: str = SECRET) -> tuple[targets.Target, ...]:
    return targets.read(addresses, secret, "TRIAGE_PAGER__L2")


def impatient(server: Pager) -> PagerDutyTarget:
    return PagerDutyTarget("pagerduty-x", KEY, f"http://127.0.0.1:{server.server_port}", 0.3)


@pytest.mark.policy("S1-18")
def test_pagerduty_gets_an_event_with_our_dedup_key_and_answers_with_a_receipt(one: Pager) -> None:
    (target,) = opened(one.pagerduty)
    target.send(ALERT, NOW)
    (event,) = one.events
    assert one.paths == ["/v2/enqueue"]
    assert (event["routing_key"], event["event_action"], event["dedup_key"]) == (
        KEY, "trigger", "firstline:zendesk:acme:1"
    )  # fmt: skip
    assert event["payload"]["summary"] == ALERT.summary
    assert event["payload"]["severity"] == "critical"
    assert event["links"] == [{"href": ALERT.url, "text": "zendesk:acme:1"}]


def test_the_end_of_an_incident_is_told_under_the_same_key(one: Pager) -> None:
    (target,) = opened(one.pagerduty)
    for action in ("trigger", "acknowledge", "resolve"):
        target.send(replace(ALERT, action=action), NOW)  # type: ignore[arg-type]
    assert one.incidents == {"firstline:zendesk:acme:1": "resolve"}
    assert "payload" not in one.events[-1]


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (403, Refused), (429, Busy), (500, Unavailable), (503, Unavailable)]
)
def test_what_pagerduty_answers_means_what_it_says_and_is_not_waited_for(
    one: Pager, status: int, error: type[TriageError]
) -> None:
    one.status = status
    with pytest.raises(error) as told:
        opened(one.pagerduty)[0].send(ALERT, NOW)
    assert len(one.events) == 1, "the client's own retries, which sleep, are off"
    assert KEY not in str(told.value)


@pytest.mark.parametrize("answer", [b"", b"[]", b"not json", b'{"status": "success"}'])
def test_an_answer_without_a_receipt_is_none(one: Pager, answer: bytes) -> None:
    one.answer = answer
    with pytest.raises(Unavailable) as told:
        opened(one.pagerduty)[0].send(ALERT, NOW)
    assert "127.0.0.1" not in str(told.value)


def test_a_receipt_for_another_incident_is_none(one: Pager) -> None:
    one.answer = b'{"status": "success", "dedup_key": "another"}'
    with pytest.raises(OutcomeUnknown):
        opened(one.pagerduty)[0].send(ALERT, NOW)


def test_a_pager_that_hangs_or_is_not_there_is_left_after_its_time(one: Pager) -> None:
    one.hangs = True
    with pytest.raises(Unavailable):
        impatient(one).send(ALERT, NOW)
    with pytest.raises(Unavailable):
        opened("pagerduty+http://KEY@127.0.0.1:9")[0].send(ALERT, NOW)


def test_a_webhook_gets_the_whole_alert_signed(one: Pager) -> None:
    one.status = 200
    opened(one.hook)[0].send(ALERT, NOW)
    headers, event = one.headers[0], one.events[0]
    assert headers["Idempotency-Key"] == ALERT.key
    assert (event["action"], event["dedup_key"], event["step"]) == ("trigger", ALERT.dedup_key, "L2:page")
    sent = orjson.dumps(event)
    expected = webhook.signature("s3cret", headers["X-Firstline-Timestamp"], sent)
    assert hmac.compare_digest(headers["X-Firstline-Signature"], expected)


def test_apprise_reaches_whatever_has_an_address_of_its_own(one: Pager) -> None:
    one.status = 200
    (target,) = opened(f"json://127.0.0.1:{one.server_port}/notify")
    target.send(ALERT, NOW)
    assert one.paths == ["/notify"]
    assert one.events[0]["title"] == ALERT.summary
    assert "Please acknowledge." in one.events[0]["message"]
    assert not target.follows
    one.status = 500
    with pytest.raises(Unavailable):
        target.send(ALERT, NOW)


@pytest.mark.policy("S1-18")
def test_the_next_target_is_asked_where_one_gives_no_receipt(one: Pager, two: Pager) -> None:
    one.status = 503
    both = opened(f"{one.pagerduty}, {two.hook}")
    sent = targets.first_that_takes(both, ALERT, NOW)
    assert sent.by == both[1].id
    assert sent.by.startswith("webhook-")
    assert sent.failures == (f"{both[0].id}: PagerDuty answers 503",)
    assert (len(one.events), len(two.events)) == (1, 1)


def test_where_none_takes_it_every_reason_is_told_and_no_secret(one: Pager, two: Pager) -> None:
    one.status, two.status = 400, 500
    sent = targets.first_that_takes(
        opened(f"{one.pagerduty} {two.hook} pagerduty+http://OTHER@127.0.0.1:9"), ALERT, NOW
    )
    assert sent.by == ""
    said = " ".join(sent.failures)
    assert len(sent.failures) == 3
    for secret in (KEY, "hook-secret", "OTHER", "s3cret"):
        assert secret not in said


def test_addresses_part_at_commas_and_spaces_and_keep_commas_of_their_own() -> None:
    several = opened("pagerduty://AAA, https://pager.example/hook?x=1,2 ,\n pagerduty://BBB@events.eu.pagerduty.com,")
    assert [one.id.split("-")[0] for one in several] == ["pagerduty", "webhook", "pagerduty"]
    assert [getattr(one, "base_url", "") for one in several] == [
        "https://events.pagerduty.com", "", "https://events.eu.pagerduty.com"
    ]  # fmt: skip
    assert several[1].url == "https://pager.example/hook?x=1,2"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("addresses", "secret", "said"),
    [
        ("pagerduty://", "s", "pagerduty://ROUTING_KEY"),
        ("pagerduty://KEY/path", "s", "pagerduty://ROUTING_KEY"),
        ("pagerduty+http://KEY@pager.example", "s", "double on this machine"),
        ("https://", "s", "no host"),
        ("https://pager.example/hook", "", "TRIAGE_PAGER_SECRET"),
        ("R0UT1NGKEY", "s", "no scheme"),
        ("nonsense://token-in-host", "s", "Apprise cannot read"),
        ("slack://", "s", "Apprise cannot read"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_by_its_variable_and_its_mend(
    addresses: str, secret: str, said: str
) -> None:
    with pytest.raises(Misconfigured) as told:
        opened(f"pagerduty://FINE {addresses}", secret)
    assert said in str(told.value)
    assert "where: TRIAGE_PAGER__L2" in str(told.value)
    assert "mend: " in str(told.value)
    for secret_part in ("token-in-host", "FINE", "R0UT1NGKEY"):
        assert secret_part not in str(told.value)


def test_no_target_shows_its_secret_when_it_is_printed() -> None:
    several = opened("pagerduty://ROUTING https://pager.example/h?token=HIDDEN json://user:PASSWORD@h.example")
    for secret in ("ROUTING", "HIDDEN", "PASSWORD", "s3cret"):
        assert secret not in repr(several)
