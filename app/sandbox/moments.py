"""Times, as each vendor writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_stopped: datetime | None = None


def now() -> datetime:
    """The present, in UTC; for all sandboxes of this process the same."""
    return _stopped or datetime.now(UTC)


def stop(at: datetime | None) -> None:
    """Let the present be ``at`` from here on; None lets it run again."""
    global _stopped  # noqa: PLW0603 - time is everywhere the same
    _stopped = at


def zendesk(at: datetime) -> str:
    """``2026-11-21T04:00:00Z``: whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def jira(at: datetime) -> str:
    """``2026-11-21T04:00:00.000+0000``: milliseconds, and an offset without a colon."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def parse(text: str) -> datetime | None:
    """Either way of writing, or None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def after(previous: str, at: datetime) -> datetime:
    """``at``, or one second after ``previous`` when that is later: a Zendesk ticket's updated_at changes each time."""
    last = parse(previous)
    return at if last is None or at >= last + timedelta(seconds=1) else last + timedelta(seconds=1)
