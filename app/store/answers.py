"""What people answered in public, as hashes: in which other tickets of an account nearly the same was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from app.store.schema import answers
from app.store.transaction import Transactional, about
from app.triage.answers_alike import LEAST_SHARED, MOST_ALIKE, GivenAnswer, alike
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class Answered:
    """What is kept of a ticket's answers: those that are new, each with the instant (UTC) from which it counts no more,
    and whether the ticket shows the customer a page, which those kept before then know too."""

    news: Sequence[tuple[GivenAnswer, datetime]]
    cited: bool


class Answers(Transactional):
    """One row a band, answer and account."""

    def answers_alike(self, ref: Ref, given: Sequence[GivenAnswer], now: datetime) -> tuple[GivenAnswer, ...]:
        """Those of a ticket's answers that are not kept yet, each with the other tickets that have it."""
        if not given:
            return ()
        kept = select(answers.c.comment_id).where(about(ref, answers)).distinct()
        with self._begin() as connection:
            known = set(connection.execute(kept).scalars())
            return tuple(alike(one, _found(connection, ref, one, now)) for one in given if one.comment_id not in known)

    def forget_answers(self, now: datetime) -> int:
        """Delete what counts no more."""
        with self._begin() as connection:
            return connection.execute(delete(answers).where(answers.c.until <= now)).rowcount


def keep(connection: Connection, insert: Callable[[Table], Any], ref: Ref, told: Answered) -> None:
    """Keep a ticket's answers, except one that so many tickets have that one more tells nothing."""
    rows = [
        {**_key(ref), "band": band, "comment_id": one.comment_id, "until": until, "cited": int(told.cited)}
        for one, until in told.news
        if len(one.tickets) < MOST_ALIKE
        for band in one.bands
    ]
    if rows:
        connection.execute(insert(answers).on_conflict_do_nothing(), rows)
    if told.cited:
        connection.execute(update(answers).where(about(ref, answers), answers.c.cited == 0).values(cited=1))


def _found(connection: Connection, ref: Ref, one: GivenAnswer, now: datetime) -> list[tuple[Ref, bool]]:
    """The other tickets in which nearly the same was said, the newest first, each with whether it shows a page."""
    near = (
        select(
            answers.c.ticket_id,
            func.max(answers.c.until).label("until"),
            func.max(answers.c.cited).label("cited"),
        )
        .where(
            answers.c.vendor == ref.vendor,
            answers.c.account == ref.account,
            answers.c.band.in_(one.bands),
            answers.c.ticket_id != ref.id,
            answers.c.until > now,
        )
        .group_by(answers.c.ticket_id, answers.c.comment_id)
        .having(func.count() >= LEAST_SHARED)
        .subquery()
    )
    query = (
        select(near.c.ticket_id, func.max(near.c.cited))
        .group_by(near.c.ticket_id)
        .order_by(func.max(near.c.until).desc(), near.c.ticket_id)
        .limit(MOST_ALIKE)
    )
    rows = connection.execute(query).all()
    return [(Ref(ref.vendor, ref.account, ticket_id), bool(cited)) for ticket_id, cited in rows]


def _key(ref: Ref) -> dict[str, str]:
    return {"vendor": ref.vendor, "account": ref.account, "ticket_id": ref.id}
