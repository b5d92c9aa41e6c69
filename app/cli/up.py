"""``triage up``: everything one host needs, with one command, and stopped with one Ctrl-C."""

from __future__ import annotations

import secrets
import shlex
import socket
import sys
from pathlib import Path
from typing import Any

import click

from app.cli import broker as brokers
from app.cli.processes import clear_metrics, environment
from app.errors import Unavailable
from app.runtime import build, permission_of
from app.triage.modes import Permission
from app.triage.ticket import VENDORS
from config.accounts import JiraAccount
from config.settings import Settings, load

VAR = Path("var")
SANDBOX = "sandbox"


@click.command()
@click.option("--over", default=50.0, show_default=True, help="Seconds over which the sandbox files its tickets.")
def up(over: float) -> None:
    """Start receiver, worker, sweep and pages, and a sandbox Zendesk and Jira when no account is configured.

    Without REDIS_URL a private broker is started; without DATABASE_URL the store is a SQLite file under var/.
    """
    settings = load()
    _claim_port(settings)
    clear_metrics(settings)
    variables: dict[str, str] = {
        "TRIAGE_LOG_FORMAT": "console" if settings.log_format == "auto" else settings.log_format
    }
    if "shutdown_seconds" not in settings.model_fields_set:
        variables["TRIAGE_SHUTDOWN_SECONDS"] = "2"  # whoever presses Ctrl-C is waiting
    programs = {"web": "triage serve", "worker": "triage worker", "beat": "triage beat"}
    if settings.asks_model and settings.llm_worker == "own":
        programs["opinions"] = "triage worker --opinions --processes 1"
    if not settings.has_vendors():
        programs["sandbox"] = _sandbox(settings, variables, over)
    broker = _broker(settings, VAR / "broker")
    variables["REDIS_URL"] = broker.url
    if broker.url.startswith("memory://"):
        programs = {name: command for name, command in programs.items() if name in ("web", SANDBOX)}
    try:
        code = _run(settings, variables, programs, broker)
    finally:
        broker.stop()
    sys.exit(code)


def _run(settings: Settings, variables: dict[str, str], programs: dict[str, str], broker: brokers.Broker) -> int:
    from honcho import manager

    from app.store.migrate import migrate

    database = variables.get("DATABASE_URL", settings.database_url)
    migrate(database)
    _say(settings, variables, broker, database)
    manager.KILL_WAIT = 25  # longer than a worker takes to finish what it holds
    crew = manager.Manager(_Plain())
    env = {**environment(settings), **variables, "PYTHONUNBUFFERED": "1"}
    for name, command in programs.items():
        crew.add_process(
            name, f"exec {shlex.quote(sys.executable)} -m app.cli {command.removeprefix('triage ')}", env=env
        )
    crew.loop()
    stopped_by_hand = crew.returncode in (130, 143)
    click.echo("stopped", err=True)
    return 0 if stopped_by_hand else int(crew.returncode or 0)


def _broker(settings: Settings, folder: Path) -> brokers.Broker:
    if settings.redis_url.startswith("memory://"):
        return brokers.Broker(settings.redis_url, "memory, everything in one process")
    if settings.redis_url:
        return brokers.Broker(settings.redis_url, settings.redis_url.rsplit("@", 1)[-1])
    if brokers.find() is None:
        return brokers.Broker("memory://", "memory, everything in one process: no Redis fits this machine")
    return brokers.start(folder)


def _sandbox(settings: Settings, variables: dict[str, str], over: float) -> str:
    """Prepare the variables for a sandbox of this run; returns its command. Its tickets start anew with each run, so
    the store is its own and starts anew too, unless you named one: then the account's name is new instead."""
    port = brokers.free_port()
    account = SANDBOX
    if "database_url" in settings.model_fields_set:
        account = f"{SANDBOX}_{secrets.token_hex(2)}"
    else:
        for file in VAR.glob("sandbox.db*"):
            file.unlink()
        variables["DATABASE_URL"] = f"sqlite:///{VAR}/sandbox.db"
    for vendor in VENDORS:
        secret = secrets.token_urlsafe(24)
        prefix = f"TRIAGE_{vendor.upper()}__{account.upper()}__"
        variables[f"SANDBOX_{vendor.upper()}_SECRET"] = secret
        variables[prefix + "URL"] = f"http://127.0.0.1:{port}/{vendor}"
        variables[prefix + "EMAIL"] = "firstline@sandbox.example"
        variables[prefix + "TOKEN"] = "sandbox"
        variables[prefix + "WEBHOOK_SECRET"] = secret
        variables[prefix + "REQUESTS_PER_MINUTE"] = "2500"  # as the sandbox says
    variables["TRIAGE_SANDBOX"] = "true"
    variables[f"TRIAGE_JIRA__{account.upper()}__TRIAGED_STATUS"] = "Triaged"
    variables[f"TRIAGE_ZENDESK__{account.upper()}__ENGINEERING"] = account
    variables["TRIAGE_BRIDGE__PROJECT"] = "ENG"
    target = f"http://{_reachable(settings.host)}:{settings.port}"
    return f"triage sandbox -- --port {port} --webhooks {target} --over {over}"


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound


def _claim_port(settings: Settings) -> None:
    """Say clearly that the port is taken, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Unavailable(
                f"port {settings.port} on {settings.host} cannot be used\n  cause: {error.strerror}\n"
                f"hint: stop what listens there, or choose another port: PORT={settings.port + 1} make run"
            ) from error


def _say(settings: Settings, variables: dict[str, str], broker: brokers.Broker, database: str) -> None:
    from sqlalchemy.engine import make_url

    store = make_url(database).render_as_string(hide_password=True)
    click.echo(f"broker {broker.name} · store {store}", err=True)
    vendors = "a sandbox Zendesk and Jira: nothing leaves this machine"
    if "TRIAGE_SANDBOX" not in variables:
        vendors = ", ".join([*(f"zendesk:{n}" for n in settings.zendesk), *(f"jira:{n}" for n in settings.jira)])
    click.echo(f"vendors {vendors}", err=True)
    for account, permission in _permissions(settings, variables).items():
        click.echo(f"mode {account} {permission}", err=True)
    click.echo(
        f"decided tickets at http://{_reachable(settings.host)}:{settings.port}/ · Ctrl-C stops everything", err=True
    )


def _permissions(settings: Settings, variables: dict[str, str]) -> dict[str, Permission]:
    """What may be written, by account. Raises Misconfigured for a kill switch that would switch nothing off."""
    known = build(settings).permissions()
    if known or "TRIAGE_SANDBOX" not in variables:
        return known
    here = JiraAccount(url="http://127.0.0.1")
    return {"sandbox": permission_of(here, settings.model_copy(update={"sandbox": True}))}


class _Plain:
    """honcho's printer, without its prefix: our lines carry their own time, and system chatter is left out."""

    width = 0

    def write(self, message: Any) -> None:
        if message.name == "system":
            return
        line = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        sys.stdout.write(line if line.endswith("\n") else line + "\n")
        sys.stdout.flush()
