"""The policies that were loaded: one row a change, so that it can be said what held when, and what had changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.store.schema import leases, policies
from app.store.transaction import Transactional
from app.triage.differences import Difference, differences
from app.triage.policy import Policy, content

_LOCK = "policy"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy as it was loaded. ``origin`` are files and variables, ``diff`` is against the one before of that name,
    empty for the first; ``seen_at`` is the last start under it."""

    name: str
    version: str
    digest: str
    origin: tuple[str, ...]
    loaded_at: datetime
    seen_at: datetime
    diff: tuple[Difference, ...]


class Loads(Transactional):
    """Policies by name, each change once."""

    def record_policy(self, policy: Policy, origin: Sequence[str], now: datetime) -> bool:
        """Write down that a policy was loaded; True when its content is not that of the last one of its name."""
        whole = {key: value for key, value in content(policy.pack).items() if key != "examples"}
        with self._begin() as connection:
            connection.execute(  # the row's lock: processes that start together come one after another
                self._insert(leases)
                .values(name=_LOCK, until=now)
                .on_conflict_do_update(index_elements=["name"], set_={"until": now})
            )
            before = connection.execute(
                select(policies.c.id, policies.c.digest, policies.c.content)
                .where(policies.c.name == policy.name)
                .order_by(policies.c.id.desc())
                .limit(1)
            ).first()
            if before is not None and before.digest == policy.digest:
                connection.execute(update(policies).where(policies.c.id == before.id).values(seen_at=now))
                return False
            changed: list[Any] = [] if before is None else [list(one) for one in differences(before.content, whole)]
            connection.execute(
                policies.insert().values(
                    name=policy.name,
                    version=policy.version,
                    digest=policy.digest,
                    origin="\n".join(origin),
                    loaded_at=now,
                    seen_at=now,
                    content=whole,
                    diff=changed,
                )
            )
            return True

    def newest_policies(self) -> dict[str, str]:
        """The digest of the policy that was loaded last, by name."""
        last = select(func.max(policies.c.id)).group_by(policies.c.name)
        query = select(policies.c.name, policies.c.digest).where(policies.c.id.in_(last))
        with self._begin() as connection:
            return {row.name: row.digest for row in connection.execute(query)}

    def loaded_policies(self, most: int = 100) -> list[Loaded]:
        """The policies that were loaded, the newest change first."""
        asked = [column for column in policies.c if column.name != "content"]
        with self._begin() as connection:
            rows = connection.execute(select(*asked).order_by(policies.c.id.desc()).limit(most)).all()
        return [
            Loaded(
                row.name,
                row.version,
                row.digest,
                tuple(row.origin.splitlines()),
                row.loaded_at,
                row.seen_at,
                tuple(Difference(*one) for one in row.diff),
            )
            for row in rows
        ]
