"""What people told us by command: the record of where we were wrong, or right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.store.schema import corrections
from app.store.transaction import Transactional, ref_of
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class Correction:
    """One command: who said what when, in which comment and line, and what we ``said`` before: label, severity, level
    and proposals of the decision then in force, empty when there was none. ``at`` is the comment's time, UTC."""

    ref: Ref
    comment_id: str
    line: int
    at: datetime
    author: str
    command: str
    value: str
    said: Mapping[str, Any]


class Corrections(Transactional):
    """Commands by ticket, comment and line, each once."""

    def correct(self, given: Sequence[Correction]) -> None:
        """Write down what was not written down before; what we had said then stays as it was."""
        with self._begin() as connection:
            for one in given:
                connection.execute(
                    self._insert(corrections)
                    .values(
                        vendor=one.ref.vendor,
                        account=one.ref.account,
                        ticket_id=one.ref.id,
                        comment_id=one.comment_id,
                        line=one.line,
                        at=one.at,
                        author=one.author,
                        command=one.command,
                        value=one.value,
                        said=dict(one.said),
                    )
                    .on_conflict_do_nothing()
                )

    def corrections(self, since: datetime | None = None, limit: int = 10_000) -> list[Correction]:
        """What people told us since a moment, oldest first; the newest ones where there are more than ``limit``."""
        query = select(corrections).order_by(corrections.c.at.desc(), corrections.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(corrections.c.at >= since)
        with self._begin() as connection:
            rows = connection.execute(query).all()
        return [
            Correction(
                ref_of(row),
                row.comment_id,
                row.line,
                row.at,
                row.author,
                row.command,
                row.value,
                row.said,
            )
            for row in reversed(rows)
        ]
