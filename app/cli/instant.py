"""A moment on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class InstantType(click.ParamType[datetime]):
    """An ISO 8601 time; UTC where it names no zone."""

    name = "iso"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """``2026-03-01T09:00:00Z``; anything else is a usage error that says so."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an ISO 8601 time such as 2026-03-01T09:00:00Z", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
