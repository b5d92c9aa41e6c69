"""The commands of the Procfile. Each becomes another program: the doors run as processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import structlog

from app.errors import Misconfigured, Unavailable
from config import celery as celery_settings
from config import logging as logs
from config.server import server_command
from config.settings import Settings, load

log = structlog.get_logger("start")


def environment(settings: Settings) -> dict[str, str]:
    """What every process of this host needs to find before it starts: the shared metrics folder, and Celery's answer
    to SIGTERM (finish what runs, give back the rest)."""
    folder = settings.metrics_dir.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "REMAP_SIGTERM": "SIGQUIT"}


def _checked() -> Settings:
    """The settings, once the policies they name have been read: a mistake in one must stop the start, not the tickets.
    The store remembers which policies they were; without it the start goes on."""
    from app.runtime import build

    settings = load()
    logs.configure(settings)
    runtime = build(settings)
    for policy in runtime.policies:
        where = ", ".join(runtime.origins(policy))
        log.info("policy", name=policy.name, version=policy.version, digest=policy.digest, where=where)
    for account, permission in runtime.permissions().items():
        log.info("mode", account=account, mode=str(permission))
    try:
        runtime.record_policies()
        moved = runtime.settle_tenants()
    except Unavailable as error:
        log.warning("policy not recorded", reason=str(error))
    else:
        if moved:
            log.warning("tenants changed: run triage reindex", spaces=moved)
        runtime.store.close()
    return settings


def _become(settings: Settings, *words: str) -> None:
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", *words], environment(settings))  # noqa: S606 - our own modules


@click.command()
def serve() -> None:
    """Run the receiver and the pages on TRIAGE_HOST and PORT."""
    settings = _checked()
    _become(settings, *server_command(settings))


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), help="Child processes; TRIAGE_WORKER_PROCESSES otherwise.")
@click.option("--opinions", is_flag=True, help="Only ask a model for second opinions (TRIAGE_LLM_URL).")
def worker(processes: int | None, opinions: bool) -> None:
    """Run a worker: it reconciles tickets and sweeps, or asks for second opinions."""
    settings = _checked()
    asked_for = [celery_settings.OPINION_QUEUE] if opinions else celery_settings.queues(settings)
    if celery_settings.OPINION_QUEUE in asked_for:
        _can_ask(settings)
    _become(
        settings, "celery", "-A", "workers.tasks", "--quiet", "worker", "--pool", "prefork",
        "--concurrency", str(processes or settings.worker_processes), "--queues", ",".join(asked_for),
        "--without-gossip", "--without-mingle", "--loglevel", settings.log_level,
    )  # fmt: skip


def _can_ask(settings: Settings) -> None:
    """Raise Misconfigured where no model is named, or the extra is missing."""
    from app.advisor.server import lacking

    if not settings.asks_model:
        raise Misconfigured("no model is named that could be asked", where="TRIAGE_LLM_URL", mend="set it in .env")
    if missing := lacking():
        raise missing


@click.command()
def beat() -> None:
    """Run the clock that starts the sweeps. One is enough; two do no harm."""
    settings = load()
    _become(
        settings, "celery", "-A", "workers.tasks", "--quiet", "beat", "--pidfile=", "--loglevel", settings.log_level
    )


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def sandbox(options: tuple[str, ...]) -> None:
    """Run a Zendesk and a Jira to try things on, on 127.0.0.1. OPTIONS are its own; see `triage sandbox -- --help`."""
    _become(load(), "app.sandbox", *options)


@click.command()
def migrate() -> None:
    """Bring the store's tables up to date; safe to run again."""
    from app.store.migrate import migrate as run

    settings = load()
    revision = run(settings.database_url)
    click.echo(f"store at revision {revision}", err=True)


def clear_metrics(settings: Settings) -> None:
    """Forget the numbers of processes that are gone; only when none is running."""
    for file in Path(settings.metrics_dir).glob("*.db"):
        file.unlink(missing_ok=True)
