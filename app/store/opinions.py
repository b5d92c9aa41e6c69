"""Second opinions: one row a text, policy and model of an account, so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, select, update

from app.store.schema import opinions
from app.store.transaction import Transactional
from app.triage.ticket import Ref

OpinionState = Literal["asking", "answered", "dropped"]


@dataclass(frozen=True, slots=True)
class KeptOpinion:
    """What became of a question: ``answer`` as JSON when it was answered, ``reason`` when the answer was dropped."""

    state: OpinionState
    answer: Mapping[str, Any] | None = None
    reason: str = ""


class Opinions(Transactional):
    """The second opinions of each account. Quotes in them are masked, as the model read them."""

    def opinion(self, ref: Ref, key: str) -> KeptOpinion | None:
        """What is known under a key; None where nobody asked."""
        query = select(opinions.c.state, opinions.c.answer, opinions.c.reason).where(_of(ref, key))
        with self._begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else KeptOpinion(row.state, row.answer, row.reason)

    def begin_opinion(self, ref: Ref, key: str, model: str, policy_digest: str, now: datetime, seconds: float) -> bool:
        """Claim a question; False when it was answered, or is being asked since less than so many seconds."""
        values = {"ticket_id": ref.id, "at": now, "model": model, "policy_digest": policy_digest, "state": "asking"}
        values |= {"answer": None, "reason": ""}
        stale = and_(opinions.c.state == "asking", opinions.c.at <= now - timedelta(seconds=seconds))
        with self._begin() as connection:
            claimed = connection.execute(
                self._insert(opinions)
                .values(vendor=ref.vendor, account=ref.account, key=key, **values)
                .on_conflict_do_update(index_elements=["vendor", "account", "key"], set_=values, where=stale)
                .returning(opinions.c.key)
            ).first()
        return claimed is not None

    def keep_opinion(self, ref: Ref, key: str, answer: Mapping[str, Any] | None, reason: str = "") -> None:
        """Keep an answer, or that there is none and why: this text is then not asked about again."""
        state: OpinionState = "dropped" if answer is None else "answered"
        with self._begin() as connection:
            connection.execute(
                update(opinions).where(_of(ref, key)).values(state=state, answer=answer and dict(answer), reason=reason)
            )

    def give_up_opinion(self, ref: Ref, key: str) -> None:
        """Let go of a question that got no answer: the next look at the ticket may ask it again."""
        with self._begin() as connection:
            connection.execute(delete(opinions).where(_of(ref, key), opinions.c.state == "asking"))

    def forget_opinions(self, before: datetime) -> int:
        """Delete what was asked before a moment; returns how many."""
        with self._begin() as connection:
            return connection.execute(delete(opinions).where(opinions.c.at < before)).rowcount


def _of(ref: Ref, key: str) -> ColumnElement[bool]:
    return and_(opinions.c.vendor == ref.vendor, opinions.c.account == ref.account, opinions.c.key == key)
