"""The receiver: what each delivery is answered with, and that a 202 is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.ticket import Ref
from app.vendors.zendesk.signature import TEST_SECRET
from app.web import create_app
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW, ROOT

ZENDESK_SECRET, JIRA_SECRET = "zendesk-secret", "It's a Secret to Everybody"
TICKET = {"type": "zen:event-type:ticket.created", "id": "e1", "subject": "zen:ticket:4711", "detail": {"id": "4711"}}
ISSUE = {"webhookEvent": "jira:issue_created", "timestamp": 1, "issue": {"id": "10013", "key": "SUP-7", "fields": {}}}


def settings(folder: Path, **more: object) -> Settings:
    values: dict[str, object] = {
        "database_url": f"sqlite:///{folder}/store.db",
        "redis_url": "redis://127.0.0.1:1/0",  # nothing listens there: the receiver must not care
        "zendesk": {
            "acme": ZendeskAccount(subdomain="acme", webhook_secret=ZENDESK_SECRET),
            "beta": ZendeskAccount(subdomain="beta", webhook_secret="new", webhook_secret_previous="old"),
        },
        "jira": {"acme": JiraAccount(url="https://acme.example", webhook_secret=JIRA_SECRET)},
    }
    return Settings(_env_file=None, **(values | more))  # type: ignore[call-arg, arg-type]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    built = Runtime(settings(tmp_path), now=lambda: NOW)
    migrate(built.settings.database_url)
    yield built
    built.store.close()


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def signed_zendesk(
    body: bytes, secret: str = ZENDESK_SECRET, at: datetime = NOW, delivery: str = "d1"
) -> dict[str, str]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    mac = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(mac).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Invocation-Id": delivery,
        "Content-Type": "application/json; charset=utf-8",
    }


def signed_jira(body: bytes, secret: str = JIRA_SECRET, delivery: str = "j1") -> dict[str, str]:
    return {
        "X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-Atlassian-Webhook-Identifier": delivery,
        "Content-Type": "application/json",
    }


def deliver(
    client: FlaskClient, content: object = TICKET, path: str = "/webhooks/zendesk/acme", **how: object
) -> TestResponse:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sign: Callable[..., dict[str, str]] = signed_jira if "/jira" in path else signed_zendesk
    return client.post(path, data=body, headers=sign(body, **how))


@pytest.mark.policy("U-01", "U-02")
def test_a_signed_delivery_is_kept_and_its_ticket_is_due(client: FlaskClient, runtime: Runtime) -> None:
    answer = deliver(client)
    assert (answer.status_code, answer.json) == (202, {"outcome": "accepted"})
    assert runtime.store.due(NOW, 10) == [Ref("zendesk", "acme", "4711")]


@pytest.mark.policy("U-01")
def test_a_jira_delivery_finds_the_only_site_without_a_name(client: FlaskClient, runtime: Runtime) -> None:
    assert deliver(client, ISSUE, "/webhooks/jira").status_code == 202
    assert runtime.store.due(NOW, 10) == [Ref("jira", "acme", "SUP-7")]


def test_a_second_delivery_answers_200_and_changes_nothing(client: FlaskClient) -> None:
    assert deliver(client).status_code == 202
    assert (deliver(client).status_code, deliver(client).json) == (200, {"outcome": "duplicate"})


def test_the_account_must_be_named_where_there_are_several_and_must_exist(client: FlaskClient) -> None:
    assert deliver(client, path="/webhooks/zendesk").status_code == 404
    assert deliver(client, path="/webhooks/zendesk/other").status_code == 404
    assert deliver(client, path="/webhooks/trello").status_code == 404


def test_one_accounts_secret_does_not_open_another(client: FlaskClient) -> None:
    assert deliver(client, path="/webhooks/zendesk/beta", secret=ZENDESK_SECRET).status_code == 401


@pytest.mark.parametrize("secret", ["new", "old"])
def test_during_rotation_both_secrets_open(client: FlaskClient, secret: str) -> None:
    assert deliver(client, path="/webhooks/zendesk/beta", secret=secret).status_code == 202


@pytest.mark.parametrize(("seconds", "status"), [(0, 202), (299, 202), (-299, 202), (301, 401), (-301, 401)])
def test_a_zendesk_signature_is_good_for_five_minutes(client: FlaskClient, seconds: int, status: int) -> None:
    assert deliver(client, at=NOW + timedelta(seconds=seconds)).status_code == status


def test_the_published_test_secret_opens_only_the_sandbox(tmp_path: Path) -> None:
    published = TEST_SECRET.decode()
    for sandbox, status in ((False, 401), (True, 202)):
        folder = tmp_path / str(sandbox)
        accounts = {"acme": ZendeskAccount(subdomain="acme", webhook_secret=published)}
        runtime = Runtime(settings(folder, zendesk=accounts, sandbox=sandbox), now=lambda: NOW)
        migrate(runtime.settings.database_url)
        assert deliver(create_app(runtime).test_client(), secret=published).status_code == status
        runtime.store.close()


def test_an_account_without_a_secret_takes_nothing(tmp_path: Path) -> None:
    runtime = Runtime(settings(tmp_path, zendesk={"acme": ZendeskAccount(subdomain="acme")}), now=lambda: NOW)
    assert deliver(create_app(runtime).test_client(), secret="").status_code == 401


def test_changing_any_byte_of_a_body_breaks_its_signature(client: FlaskClient) -> None:
    body = json.dumps(TICKET).encode()
    headers = signed_zendesk(body)
    for position in range(0, len(body), 7):
        changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        assert client.post("/webhooks/zendesk/acme", data=changed, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"text"',
        b"[1]",
        b"not json",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": 1',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        json.dumps(TICKET).encode("utf-16"),
        b'{"a": "\xff"}',
    ],
    ids=[
        "empty",
        "null",
        "text",
        "list",
        "words",
        "NaN",
        "lone-surrogate",
        "cut",
        "deep-list",
        "deep-object",
        "utf-16",
        "bytes",
    ],
)
def test_a_signed_body_that_cannot_be_read_is_400_and_kept_raw(
    client: FlaskClient, runtime: Runtime, body: bytes
) -> None:
    for path in ("/webhooks/zendesk/acme", "/webhooks/jira"):
        answer = deliver(client, body, path)
        assert (answer.status_code, answer.json["outcome"]) == (400, "malformed")  # type: ignore[index]
    assert {kept.body for kept in runtime.store.parked_deliveries()} == {body}


def test_an_unsigned_body_is_never_read_or_kept(client: FlaskClient, runtime: Runtime) -> None:
    headers = {"Content-Type": "application/json", "X-Zendesk-Webhook-Signature": "AAAA"}
    assert client.post("/webhooks/zendesk/acme", data=b"[" * 100_000, headers=headers).status_code == 401
    assert runtime.store.parked_deliveries() == []


def test_a_body_over_one_mebibyte_is_413_and_another_type_415(client: FlaskClient) -> None:
    assert deliver(client, b" " * (1024 * 1024 + 1)).status_code == 413
    body = json.dumps(TICKET).encode()
    headers = signed_zendesk(body) | {"Content-Type": "text/xml"}
    assert client.post("/webhooks/zendesk/acme", data=body, headers=headers).status_code == 415
    assert client.get("/webhooks/zendesk/acme").status_code == 405


def test_kinds_we_do_not_act_on_are_200_and_counted_as_ignored(client: FlaskClient, runtime: Runtime) -> None:
    answer = deliver(client, {"type": "zen:event-type:user.deleted", "id": "e1", "subject": "zen:user:9", "detail": {}})
    assert (answer.status_code, answer.json) == (200, {"outcome": "ignored"})
    assert runtime.store.due(NOW, 10) == []


def test_our_own_edits_come_back_and_are_ignored(client: FlaskClient, runtime: Runtime) -> None:
    runtime.store.beat("zendesk:acme", NOW, detail={"user_id": "99"})
    edit = {**TICKET, "type": "zen:event-type:ticket.tags_changed", "detail": {"id": "4711", "actor_id": "99"}}
    assert deliver(client, edit).json == {"outcome": "ignored"}
    edit["detail"] = {"id": "4711", "actor_id": "98"}
    assert deliver(client, edit, delivery="d2").json == {"outcome": "accepted"}


def test_a_store_that_is_down_answers_503_and_asks_for_another_delivery(tmp_path: Path) -> None:
    runtime = Runtime(settings(tmp_path), now=lambda: NOW)  # never migrated: every statement fails
    answer = deliver(create_app(runtime).test_client())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    runtime.store.close()


def test_a_broker_that_hangs_delays_no_answer(tmp_path: Path) -> None:
    with socket.socket() as black_hole:  # accepts and never says a word
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(8)
        url = f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0"
        runtime = Runtime(settings(tmp_path, redis_url=url), now=lambda: NOW)
        migrate(runtime.settings.database_url)
        client = create_app(runtime).test_client()
        began = time.monotonic()
        assert {deliver(client, delivery=f"d{n}").status_code for n in range(20)} == {202}
        assert time.monotonic() - began < 5, "twenty answers must not wait for a broker that takes ten seconds each"
        runtime.store.close()


def test_the_web_process_loads_neither_zenpy_nor_jira() -> None:
    code = "import sys, app.web, app.web.webhooks, app.budget.gate, app.vendors.zendesk.limits, app.vendors.jira.limits"
    code += "; print(sorted({'zenpy', 'jira'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_metrics_count_deliveries_and_show_the_backlog(client: FlaskClient, runtime: Runtime) -> None:
    deliver(client)
    runtime.store.park(runtime.store.lease(Ref("zendesk", "acme", "4711"), NOW, 5), NOW, "loop", "x")  # type: ignore[arg-type]
    text = client.get("/metrics").text
    assert 'triage_deliveries_total{outcome="accepted",vendor="zendesk"}' in text
    assert "triage_parked 1.0" in text
    assert "triage_queue_age_seconds 0.0" in text


def test_readyz_names_each_part_that_is_not_well(client: FlaskClient, runtime: Runtime) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    checks = answer.json["checks"]  # type: ignore[index]
    assert answer.status_code == 503
    assert {name for name, part in checks.items() if not part["ok"]} == {
        "broker", "worker", "zendesk:acme", "zendesk:beta", "jira:acme",
    }  # fmt: skip
    runtime.store.beat("worker", NOW - timedelta(seconds=20))
    runtime.store.beat("zendesk:acme", NOW, detail={"user_id": "1"})
    checks = client.get("/readyz").json["checks"]  # type: ignore[index]
    assert checks["worker"]["ok"]
    assert checks["zendesk:acme"]["ok"]
    runtime.store.beat("worker", NOW - timedelta(minutes=10))
    assert "mend" in client.get("/readyz").json["checks"]["worker"]  # type: ignore[index]


def test_readyz_says_each_accounts_mode_and_is_red_while_the_brake_is_on(client: FlaskClient, runtime: Runtime) -> None:
    checks = client.get("/readyz").json["checks"]  # type: ignore[index]
    assert (checks["mode zendesk:acme"]["ok"], checks["mode zendesk:acme"]["mode"]) == (True, "shadow")
    assert "brake" not in checks
    assert "triage_brake 0.0" in client.get("/metrics").text
    runtime.store.put_brake_on(NOW, {"cap": "run", "why": "500 tickets in run s-1"})
    checks = client.get("/readyz").json["checks"]  # type: ignore[index]
    assert not checks["brake"]["ok"]
    assert "500 tickets in run s-1" in checks["brake"]["error"]
    assert "triage resume" in checks["brake"]["mend"]
    assert "triage_brake 1.0" in client.get("/metrics").text


def test_metrics_and_readyz_tell_what_the_limits_leave_and_an_open_breaker(
    client: FlaskClient, runtime: Runtime
) -> None:
    assert "triage_budget_remaining{" not in client.get("/metrics").text, "Redis is away: nobody knows"
    runtime.settings = runtime.settings.model_copy(update={"redis_url": "memory://"})
    runtime.gates.clear()
    del runtime._redis
    runtime.store.beat("zendesk:acme", NOW, detail={"user_id": "1"})
    worker = Runtime(runtime.settings, now=lambda: NOW).gate("zendesk", "acme")
    worker.admit("PUT", "/api/v2/tickets/7.json")
    text = client.get("/metrics").text
    assert 'triage_budget_remaining{account="acme",bucket="updates",vendor="zendesk"} 99.0' in text
    assert 'triage_budget_remaining{account="beta",bucket="updates",vendor="zendesk"} 100.0' in text
    assert 'triage_budget_remaining{account="acme",bucket="requests",vendor="jira"} 400.0' in text
    assert 'triage_breaker_open{account="acme",vendor="zendesk"} 0.0' in text
    for _ in range(5):
        worker.unanswered("GET", "/api/v2/tickets/7.json")
    assert 'triage_breaker_open{account="acme",vendor="zendesk"} 1.0' in client.get("/metrics").text
    check = client.get("/readyz").json["checks"]["zendesk:acme"]  # type: ignore[index]
    assert not check["ok"]
    assert "breaker" in check["error"]
    assert "status page" in check["mend"]


@pytest.fixture
def production_server(runtime: Runtime, tmp_path: Path) -> Iterator[int]:
    """The receiver under its production server, as ``triage serve`` runs it."""
    from app.cli.broker import free_port

    port = free_port()
    env = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(port),
        "DATABASE_URL": runtime.settings.database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TRIAGE_METRICS_DIR": str(tmp_path / "metrics"),
        "TRIAGE_ZENDESK__ACME__SUBDOMAIN": "acme",
        "TRIAGE_ZENDESK__ACME__WEBHOOK_SECRET": ZENDESK_SECRET,
    }
    process = subprocess.Popen([sys.executable, "-m", "app.cli", "serve"], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(timeout=20)


def test_under_the_production_server_a_chunked_body_is_capped_too(production_server: int) -> None:
    head = (
        b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", production_server), timeout=10) as connection:
        connection.sendall(head)
        with suppress(OSError):  # the server may hang up while we still talk
            for _ in range(5 * 16):
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        status = connection.recv(100).split(b"\r\n")[0]
    assert b" 413 " in status


def test_under_the_production_server_a_small_chunked_delivery_is_taken(production_server: int) -> None:
    from datetime import UTC

    body = json.dumps(TICKET).encode()
    headers = signed_zendesk(body, at=datetime.now(UTC)) | {"Host": "x", "Transfer-Encoding": "chunked"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", production_server), timeout=10) as connection:
        connection.sendall(
            f"POST /webhooks/zendesk HTTP/1.1\r\n{lines}\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        )
        status = connection.recv(100).split(b"\r\n")[0]
    assert b" 202 " in status
