"""The brake: no sweep changes more tickets than an admin expects, and no hour does. Then nothing more is written until
a person says ``triage resume``.

Two workers that look at the same moment may both go on, so a cap may be passed by the number of processes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from app.errors import TriageError
from app.oncall.message import Message
from app.runtime import Runtime
from app.store.pulse import BRAKE
from app.triage.decision import Severity
from app.triage.ticket import Ref

log = structlog.get_logger("brake")

RUN = "run"
"""The beat that names the newest sweep's run."""

_HOUR, _EVER = timedelta(hours=1), datetime.fromtimestamp(0, UTC)


def begin_run(runtime: Runtime) -> str:
    """A sweep begins: what it rings belongs to a run of its own, ``s-20261121-103012``, until the next one."""
    now = runtime.now()
    name = f"s-{now:%Y%m%d-%H%M%S}"
    runtime.store.beat(RUN, now, detail={"id": name})
    return name


def current_run(runtime: Runtime) -> str:
    """The run of the newest sweep, empty before the first."""
    beat = runtime.store.last(RUN)
    return str(beat.detail.get("id", "")) if beat else ""


def holds(runtime: Runtime, ref: Ref, severity: Severity, run: str) -> str:
    """Why nothing is written to a ticket now, empty when it may be; puts the brake on when a cap is reached.

    A cap of a run does not hold back P0 and P1, that of an hour does. What was changed before the last ``triage
    resume`` counts no more.
    """
    settings, now = runtime.settings, runtime.now()
    beat, urgent = runtime.store.last(BRAKE), severity <= Severity.P1
    if beat and not beat.ok and not (urgent and beat.detail["cap"] == "run"):
        return f"{BRAKE}: {beat.detail['why']}"
    released = beat.at if beat and beat.ok else _EVER
    if runtime.store.changed_tickets(ref, max(released, now - _HOUR)) >= settings.max_changes_per_hour:
        why = f"{settings.max_changes_per_hour} tickets of {ref.vendor}:{ref.account} within an hour"
        return _put_on(runtime, ref, "hour", why)
    if run and not urgent and runtime.store.changed_tickets(ref, released, run) >= settings.max_changes_per_run:
        return _put_on(runtime, ref, "run", f"{settings.max_changes_per_run} tickets in run {run}")
    return ""


def _put_on(runtime: Runtime, ref: Ref, cap: str, why: str) -> str:
    """Put the brake on and tell the admins, once however many find it."""
    now, detail = runtime.now(), {"cap": cap, "why": why}
    if not runtime.store.put_brake_on(now, detail):
        runtime.store.beat(BRAKE, now, ok=False, detail=detail)  # it was on for a run, and now holds P0 and P1 too
    else:
        log.error("nothing is written any more", reason=f"{why}; see `triage runs`, then `triage resume`")
        _tell(runtime, ref, why, now)
    return f"{BRAKE}: {why}"


def _tell(runtime: Runtime, ref: Ref, why: str, now: datetime) -> None:
    settings = runtime.settings
    mail = settings.engineering_email and settings.mail_from and settings.smtp_url.get_secret_value()
    channel = "webhook" if settings.engineering_webhook.get_secret_value() else "email" if mail else ""
    if not channel:
        return
    text = (
        f"Firstline has changed {why}, which is as many as the settings allow, and writes nothing any more. Tickets "
        "are still read and decided.\n\nLook at what was changed: triage runs\nTake it back: triage undo RUN\n"
        "Go on: triage resume"
    )
    try:
        runtime.post(Message(f"brake:{now.isoformat()}", str(ref), "Firstline has stopped writing", text), channel)
    except TriageError as error:
        log.warning("the admins could not be told", reason=str(error))
