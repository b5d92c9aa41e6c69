"""Jobs: changes of many tickets that a vendor carries out in its own time, until each is known to have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select, update

from app.store.schema import jobs, tickets
from app.store.transaction import Transactional
from app.triage.ticket import Ref, VendorName

JobEnd = Literal["completed", "failed", "lost"]


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job whose end is not known yet. ``add`` and ``remove`` are tags; ``run`` names what asked for it."""

    vendor: VendorName
    account: str
    job_id: str
    run: str
    ids: tuple[str, ...]
    add: tuple[str, ...]
    remove: tuple[str, ...]
    started_at: datetime

    def ref(self, ticket_id: str) -> Ref:
        """The reference of one of its tickets."""
        return Ref(self.vendor, self.account, ticket_id)


class Jobs(Transactional):
    """queued -> completed, failed, or lost (nobody can tell any more)."""

    def keep_job(
        self,
        vendor: VendorName,
        account: str,
        job_id: str,
        run: str,
        ids: Sequence[str],
        add: Sequence[str],
        remove: Sequence[str],
        now: datetime,
    ) -> None:
        """Write down a job that the vendor took. The same one again changes nothing."""
        asked = {"ids": list(ids), "add": list(add), "remove": list(remove)}
        key = {"vendor": vendor, "account": account, "job_id": job_id}
        state = {"run": run, "state": "queued", "asked": asked, "failed": {}, "started_at": now, "changed_at": now}
        with self._begin() as connection:
            connection.execute(self._insert(jobs).values(**key, **state).on_conflict_do_nothing())

    def open_jobs(self) -> list[OpenJob]:
        """The jobs that have not ended, oldest first."""
        query = select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.id)
        with self._begin() as connection:
            return [
                OpenJob(
                    cast(VendorName, row.vendor), row.account, row.job_id, row.run, tuple(row.asked["ids"]),
                    tuple(row.asked["add"]), tuple(row.asked["remove"]), row.started_at,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def close_job(self, job: OpenJob, state: JobEnd, failed: Mapping[str, str], now: datetime) -> None:
        """End a job. The tickets that took it show its tags: those that it added are ours from now on, and those that
        it removed are no longer."""
        done = [one for one in job.ids if one not in failed] if state == "completed" else []
        with self._begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.vendor == job.vendor, jobs.c.account == job.account, jobs.c.job_id == job.job_id)
                .values(state=state, failed=dict(failed), changed_at=now)
            )
            here = (tickets.c.vendor == job.vendor, tickets.c.account == job.account)
            query = select(tickets.c.ticket_id, tickets.c.own_tags).where(*here, tickets.c.ticket_id.in_(done))
            for row in connection.execute(query.with_for_update()).all():
                own = (set(row.own_tags or ()) | set(job.add)) - set(job.remove)
                connection.execute(
                    update(tickets).where(*here, tickets.c.ticket_id == row.ticket_id).values(own_tags=sorted(own))
                )
