"""Logs: one line an event, ids and words of ours only. What a customer wrote, an address or a secret never gets in:
keys pass an allow-list, and an unexpected error is logged by its type and place, not by its message."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from config.settings import Settings

_KEYS = """
    event level timestamp logger error where reason
    vendor account ref delivery kind outcome state status name
    decision policy digest label severity level_ destination page tags confidence rules
    effects actions writes ms seconds count parked due rung outdated tries waits attempts warnings
    broker store port pid version revision mode
"""
_NOISY = (
    *("celery", "kombu", "amqp", "waitress", "urllib3", "zenpy", "jira", "werkzeug", "alembic", "redis"),
    *("pydantic_ai", "openai", "httpx2", "httpcore2", "pagerduty"),
)
ALLOWED = frozenset(_KEYS.split())


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Set structlog and the standard library's root logger up, once a process."""
    stream = stream or sys.stderr
    console = settings.log_format == "console" or (settings.log_format == "auto" and stream.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
        only_allowed,
    ]
    renderer: Any = one_line if console else structlog.processors.JSONRenderer(sort_keys=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its warnings quote answers and addresses
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that has to wait a moment


def only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not known to be harmless."""
    return {key: value for key, value in event.items() if key in ALLOWED or key.startswith("_")}


def foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A library's record: keep its words, and of an exception the type and the place only."""
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            event["error"], event["where"] = place(record.exc_info[1])
            record.exc_info = None
            record.exc_text = None
            event.pop("exc_info", None)
            event["event"] = "a library reported an error"
    return event


def place(error: BaseException) -> tuple[str, str]:
    """An exception's type and the innermost lines of its traceback, without its message: that may quote a customer."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return type(error).__name__, " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames))


def one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """The terminal's form: a decision reads as a sentence, everything else as ``event key=value``."""
    time, level = event.pop("timestamp", ""), event.pop("level", "")
    what = event.pop("event", "")
    if what == "decided":
        page = "PAGE " if event.get("page") else ""
        return (
            f"{time}  {event.get('severity', ''):2}  {event.get('label', ''):<11} {event.get('level_', ''):2}  "
            f"{event.get('destination', ''):<10} {page:5}{event.get('ref', ''):<26} "
            f"{event.get('effects', '')}  {event.get('ms', '')} ms"
        )
    mark = "" if level in ("info", "debug") else f"{level.upper()}: "
    rest = " ".join(f"{key}={value}" for key, value in sorted(event.items()) if not key.startswith("_"))
    return f"{time}  {mark}{what}  {rest}".rstrip()
