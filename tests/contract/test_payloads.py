"""Every real delivery that we have goes through verify and parse, and every published signature vector holds.

``VENDOR_PAYLOADS_DIR`` names another folder with ``zendesk/*.json`` and ``jira/*.json`` to run the same tests on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.errors import BadSignature
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.ticket import Event, Ignored, Ref
from app.vendors.jira import payload as jira_payload
from app.vendors.jira import signature as jira_signature
from app.vendors.zendesk import payload as zendesk_payload
from app.vendors.zendesk import signature as zendesk_signature
from app.web import create_app
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract.conftest import VENDOR, material

SECRET = b"the secret of these tests"
STAMP = "2026-03-01T10:00:00Z"
NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)


def files(vendor: str) -> list[Any]:
    other = os.environ.get("VENDOR_PAYLOADS_DIR")
    folder = Path(other) / vendor if other else VENDOR / vendor / "payloads" / "webhooks"
    found = sorted(folder.glob("*.json"))
    return [pytest.param(path, id=path.name) for path in found] or [pytest.param(None, id="no-material")]


def delivery(path: Path | None, vendor: str) -> tuple[dict[str, str], bytes]:
    """Headers and raw body; a recorded attempt is a wrapper around both."""
    if path is None:
        path = material(vendor, "payloads", "webhooks", "*.json")  # skips or fails
    body = path.read_bytes()
    wrapper = json.loads(body)
    if isinstance(wrapper, dict) and {"headers", "raw_body"} <= wrapper.keys():
        return wrapper["headers"], wrapper["raw_body"].encode()
    return {}, body


@pytest.mark.parametrize("path", files("zendesk"))
def test_a_zendesk_delivery_is_verified_and_names_its_own_ticket(path: Path | None) -> None:
    headers, body = delivery(path, "zendesk")
    digest = base64.b64encode(hmac.digest(SECRET, STAMP.encode() + body, hashlib.sha256)).decode()
    signed = headers | {"X-Zendesk-Webhook-Signature": digest, "X-Zendesk-Webhook-Signature-Timestamp": STAMP}
    zendesk_signature.verify(signed, body, (SECRET,), NOW)
    with pytest.raises(BadSignature):
        zendesk_signature.verify(signed, body + b" ", (SECRET,), NOW)

    answer, said = zendesk_payload.parse(signed, body, "acme"), json.loads(body)
    kind = str(said.get("type", "")).removeprefix("zen:event-type:")
    if kind in zendesk_payload.ACCEPTED:
        assert isinstance(answer, Event)
        assert answer.kind == zendesk_payload.ACCEPTED[kind]
        assert answer.ref == Ref("zendesk", "acme", str(said["detail"]["id"]))
    elif str(said.get("type", "")).startswith("zen:event-type:"):
        assert isinstance(answer, Ignored)
        assert answer.reason in {"not_acted_on", kind.partition(".")[0]}
    else:
        assert isinstance(answer, Event)
        assert any(re.search(rf"(^|\D){answer.ref.id}(\D|$)", text) for text in map(str, leaves(said)))


@pytest.mark.parametrize("path", files("jira"))
def test_a_jira_delivery_is_verified_and_names_its_own_issue(path: Path | None) -> None:
    headers, body = delivery(path, "jira")
    signed = headers | {"X-Hub-Signature": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()}
    jira_signature.verify(signed, body, (SECRET,), NOW)
    with pytest.raises(BadSignature):
        jira_signature.verify(signed, body + b" ", (SECRET,), NOW)

    answer, said = jira_payload.parse(signed, body, "acme"), json.loads(body)
    kind = said["webhookEvent"]
    if kind not in jira_payload.ACCEPTED:
        assert isinstance(answer, Ignored)
        assert answer.reason == jira_payload.IGNORED[kind]
        return
    assert isinstance(answer, Event)
    if "issue" in said:
        assert answer.ref == Ref("jira", "acme", said["issue"]["key"])
        assert answer.kind in {jira_payload.ACCEPTED[kind], "commented"}
    else:
        assert f"/issue/{answer.ref.id}/comment/" in said["comment"]["self"]
    if "user" in said:
        assert answer.actor_id in {said["user"].get("accountId"), said["user"].get("name")}
    assert answer.at == datetime.fromtimestamp(said["timestamp"] / 1000, UTC)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Runtime]]:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path_factory.mktemp('receiver')}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        zendesk={"acme": ZendeskAccount(subdomain="acme", webhook_secret=SECRET.decode())},
        jira={"acme": JiraAccount(url="https://acme.example", webhook_secret=SECRET.decode())},
    )
    migrate(settings.database_url)
    runtime = Runtime(settings, now=lambda: NOW)
    yield create_app(runtime).test_client(), runtime
    runtime.store.close()


@pytest.mark.parametrize(
    ("vendor", "path"),
    [pytest.param(vendor, param.values[0], id=param.id) for vendor in ("zendesk", "jira") for param in files(vendor)],
)
def test_every_delivery_goes_through_the_receiver(
    receiver: tuple[FlaskClient, Runtime], vendor: str, path: Path | None
) -> None:
    client, runtime = receiver
    headers, body = delivery(path, vendor)
    if vendor == "zendesk":
        digest = base64.b64encode(hmac.digest(SECRET, STAMP.encode() + body, hashlib.sha256)).decode()
        headers = {"X-Zendesk-Webhook-Signature": digest, "X-Zendesk-Webhook-Signature-Timestamp": STAMP}
        told = zendesk_payload.parse(headers, body, "acme")
    else:
        headers = {"X-Hub-Signature": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()}
        told = jira_payload.parse(headers, body, "acme")
    answer = client.post(f"/webhooks/{vendor}", data=body, headers=headers, content_type="application/json")
    if isinstance(told, Event):
        assert (answer.status_code, answer.json) == (202, {"outcome": "accepted"})
        assert told.ref in runtime.store.due(NOW, 1000)
    else:
        assert (answer.status_code, answer.json) == (200, {"outcome": "ignored"})
        assert told.reason
    again = client.post(f"/webhooks/{vendor}", data=body, headers=headers, content_type="application/json")
    assert (again.status_code, again.json) == (200, {"outcome": "duplicate"})


def test_zendesks_vectors_hold() -> None:
    vectors = json.loads(material("zendesk", "payloads", "signature-vectors.json").read_bytes())["zendesk"]
    assert vectors
    for vector in vectors:
        body, secrets = vector["raw_body"].encode(), (vector["secret"].encode(),)
        assert zendesk_signature.matches(vector["signature"], vector["timestamp"], body, secrets)
        assert not zendesk_signature.matches(vector["signature"], vector["timestamp"], body + b" ", secrets)


def test_jiras_vectors_hold() -> None:
    vectors = json.loads(material("zendesk", "payloads", "signature-vectors.json").read_bytes())["jira"]
    assert vectors
    for vector in vectors:
        body, secrets = vector["raw_body"].encode(), (vector["secret"].encode(),)
        assert jira_signature.matches(vector["x_hub_signature"], body, secrets)
        assert not jira_signature.matches(vector["x_hub_signature"], body + b" ", secrets)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]
