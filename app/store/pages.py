"""Pages: one row an episode of an incident, and a lease so that one worker at a time carries its steps out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from app.store.schema import pages, tickets
from app.store.transaction import Transactional, about, ref_of
from app.triage.page import Page, Taken, Via, key_of
from app.triage.ticket import Ref

EARLY = timedelta(minutes=1)
"""How far another clock may be behind ours: an acknowledgement from before the page opened is of an earlier episode."""


_LONGEST = 64


class Pages(Transactional):
    """What on-call was woken for."""

    def page(self, incident: Ref) -> Page | None:
        """The newest page of an incident, open or not."""
        with self._begin() as connection:
            return _newest(connection, about(incident, pages))

    def page_by_key(self, key: str) -> Page | None:
        """The newest page under a dedup key, as pagers name it."""
        with self._begin() as connection:
            return _newest(connection, pages.c.key == key)

    def open_page(
        self, incident: Ref, opened_by: Ref, told_at: datetime, now: datetime, severity: str, summary: str
    ) -> Page:
        """The open page of an incident: a new episode where none is open. Of two who open one at once both get the
        same."""
        with self._begin() as connection:
            last = _newest(connection, about(incident, pages))
            if last is None or not last.open:
                connection.execute(
                    self._insert(pages)
                    .values(
                        **{"vendor": incident.vendor, "account": incident.account, "ticket_id": incident.id},
                        episode=1 if last is None else last.episode + 1,
                        key=key_of(incident),
                        opened_by=_by(opened_by, incident),
                        told_at=min(told_at, now),
                        opened_at=now,
                        severity=severity,
                        summary=summary,
                        acknowledged_by="",
                        acknowledged_via="",
                        confirmed_by="",
                        closed_there=False,
                        resolved_why="",
                        next_at=now,
                        taken={},
                        trouble={},
                        lease_token=0,
                    )
                    .on_conflict_do_nothing()
                )
            opened = _newest(connection, about(incident, pages))
        assert opened is not None  # noqa: S101 - it was just written
        return opened

    def hold_page(self, page: Page, now: datetime, until: datetime) -> Page | None:
        """Take the right to carry steps out, and read the page anew; None while another has it."""
        free = or_(pages.c.lease_until.is_(None), pages.c.lease_until <= now)
        with self._begin() as connection:
            row = connection.execute(
                update(pages)
                .where(_this(page), free)
                .values(lease_until=until, lease_token=pages.c.lease_token + 1)
                .returning(pages)
            ).first()
        return _page(row) if row is not None else None

    def still_holds_page(self, page: Page, now: datetime) -> bool:
        """Whether that right is still ours; asked right before each message."""
        held = and_(_this(page), pages.c.lease_token == page.token, pages.c.lease_until > now)
        with self._begin() as connection:
            return connection.execute(select(pages.c.episode).where(held)).first() is not None

    def page_step(self, page: Page, step: str, taken: Taken | None, trouble: str = "") -> Page:
        """Write down what became of a step: ``taken`` None where no target took it. Whoever lost the lease writes
        nothing."""
        done, ills = dict(page.taken), {name: why for name, why in page.trouble.items() if name != step}
        if taken is not None:
            done[step] = taken
        if trouble:
            ills[step] = trouble[:500]
        with self._begin() as connection:
            row = connection.execute(
                update(pages)
                .where(_this(page), pages.c.lease_token == page.token)
                .values(taken={name: _to_json(one) for name, one in done.items()}, trouble=ills)
                .returning(pages)
            ).first()
        return _page(row) if row is not None else page

    def release_page(self, page: Page, next_at: datetime | None) -> None:
        """Give the right back, and keep when the next step falls due."""
        with self._begin() as connection:
            connection.execute(
                update(pages)
                .where(_this(page), pages.c.lease_token == page.token)
                .values(lease_until=None, next_at=next_at)
            )

    def page_waits(self, page: Page, next_at: datetime | None) -> None:
        """Keep when the next step falls due, where nothing is due now."""
        with self._begin() as connection:
            connection.execute(update(pages).where(_this(page)).values(next_at=next_at))

    def acknowledge_page(self, page: Page, at: datetime, by: str, via: Via) -> bool:
        """Keep that somebody has seen it, the first of them; False when it was known, is over, or is older than the
        page."""
        fresh = and_(_open(page), pages.c.acknowledged_at.is_(None), pages.c.opened_at <= at + EARLY)
        values = {"acknowledged_at": at, "acknowledged_by": by[:128], "acknowledged_via": via}
        return self._change(fresh, values)

    def confirm_page(self, page: Page, at: datetime, by: str) -> bool:
        """Keep that a person confirmed the P0 or P1, the first of them."""
        return self._change(
            and_(_open(page), pages.c.confirmed_at.is_(None)), {"confirmed_at": at, "confirmed_by": by[:128]}
        )

    def page_closed_there(self, page: Page) -> None:
        """Keep that somebody resolved it at the pager, while it is open here."""
        self._change(_open(page), {"closed_there": True})

    def resolve_page(self, page: Page, now: datetime, why: str) -> bool:
        """End an episode."""
        return self._change(_open(page), {"resolved_at": now, "resolved_why": why[:128], "next_at": now})

    def retell_page(self, page: Page, summary: str) -> Page:
        """Give a page another summary, for what is sent from now on."""
        self._change(_this(page), {"summary": summary})
        return replace(page, summary=summary)

    def hand_page_over(self, page: Page, incident: Ref) -> Page:
        """Make an open page another incident's, which has none that is open: the ticket that it is about was found to
        repeat that one. Its key stays: the pagers know it. Gives the page that is open there then."""
        with self._begin() as connection:
            last = _newest(connection, about(incident, pages))
            if last is None or not last.open:
                row: dict[str, Any] = {"vendor": incident.vendor, "account": incident.account, "ticket_id": incident.id}
                row |= {"episode": 1 if last is None else last.episode + 1}
                row |= {"opened_by": _by(page.opened_by, incident)}
                connection.execute(update(pages).where(_open(page)).values(row))
                last = _newest(connection, about(incident, pages))
        return last or page

    def open_pages(self, limit: int = 50) -> list[Page]:
        """The pages that are not over, the oldest first."""
        return self._list(pages.c.resolved_at.is_(None), limit)

    def stuck_pages(self, overdue_since: datetime, now: datetime, limit: int = 50) -> list[Page]:
        """Pages with a step overdue since then whose ticket no look will reach by itself: it is parked, waits for its
        vendor, or is not to be looked at."""
        looked_at = and_(
            tickets.c.vendor == pages.c.vendor,
            tickets.c.account == pages.c.account,
            or_(tickets.c.ticket_id == pages.c.ticket_id, tickets.c.ticket_id == pages.c.opened_by),
            tickets.c.parked_at.is_(None),
            tickets.c.waits == 0,
            tickets.c.due_at <= now,
        )
        return self._list(and_(pages.c.next_at <= overdue_since, ~exists().where(looked_at)), limit)

    def _list(self, which: ColumnElement[bool], limit: int) -> list[Page]:
        with self._begin() as connection:
            rows = connection.execute(select(pages).where(which).order_by(pages.c.opened_at).limit(limit))
            return [_page(row) for row in rows]

    def _change(self, which: ColumnElement[bool], values: Mapping[str, Any]) -> bool:
        with self._begin() as connection:
            return connection.execute(update(pages).where(which).values(**values)).rowcount > 0


def move_pages(connection: Connection, old: Ref, new: Ref) -> None:
    """Pages of a ticket that has another name now. Their key stays: the pagers know it."""
    there = connection.execute(select(pages.c.episode).where(about(new, pages))).first()
    if there is None:
        connection.execute(
            update(pages)
            .where(about(old, pages))
            .values(vendor=new.vendor, account=new.account, ticket_id=new.id, opened_by=new.id)
        )


def _newest(connection: Connection, which: ColumnElement[bool]) -> Page | None:
    query = select(pages).where(which).order_by(pages.c.opened_at.desc(), pages.c.episode.desc()).limit(1)
    row = connection.execute(query).first()
    return _page(row) if row is not None else None


def _this(page: Page) -> ColumnElement[bool]:
    return and_(about(page.incident, pages), pages.c.episode == page.episode)


def _open(page: Page) -> ColumnElement[bool]:
    return and_(_this(page), pages.c.resolved_at.is_(None))


def _page(row: Any) -> Page:
    incident = ref_of(row)
    return Page(
        incident=incident,
        episode=row.episode,
        key=row.key,
        opened_by=_opener(row.opened_by, incident),
        told_at=row.told_at,
        opened_at=row.opened_at,
        severity=row.severity,
        summary=row.summary,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_via=row.acknowledged_via,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
        closed_there=row.closed_there,
        resolved_at=row.resolved_at,
        resolved_why=row.resolved_why,
        next_at=row.next_at,
        taken=MappingProxyType({name: _from_json(data) for name, data in row.taken.items()}),
        trouble=MappingProxyType(dict(row.trouble)),
        token=row.lease_token,
    )


def _by(opener: Ref, incident: Ref) -> str:
    """Whose look opened it: the id of a ticket of the same account, the whole name of another one's."""
    here = (opener.vendor, opener.account) == (incident.vendor, incident.account)
    name = opener.id if here else str(opener)
    return name if len(name) <= _LONGEST else incident.id


def _opener(name: str, incident: Ref) -> Ref:
    return Ref.parse(name) if ":" in name else Ref(incident.vendor, incident.account, name)


def _to_json(taken: Taken) -> dict[str, Any]:
    return {"at": taken.at.isoformat(), "by": list(taken.by), "late": taken.late, "unknown": taken.unknown}


def _from_json(data: Mapping[str, Any]) -> Taken:
    return Taken(datetime.fromisoformat(data["at"]), tuple(data["by"]), data["late"], data["unknown"])
