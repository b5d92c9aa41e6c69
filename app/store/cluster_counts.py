"""What a cluster comes to, counted by the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from app.store.symptom_rows import REPORT, report_of
from app.store.symptom_tables import symptoms
from app.store.symptoms import of_master
from app.store.transaction import about, ref_of
from app.triage.duplicates.entry import Entry
from app.triage.duplicates.found import Cluster, News
from app.triage.duplicates.parts import Duplicates, Patterns, wall_time
from app.triage.duplicates.storms import is_on
from app.triage.ticket import Ref


def cluster_of(
    connection: Connection, entry: Entry, duplicates: Duplicates, patterns: Patterns, now: datetime
) -> Cluster | None:
    """The cluster of a ticket as it sees it; None where no other ticket is in it."""
    master, storm = entry.master or entry.ref, duplicates.storm
    of_it = and_(of_master(master), symptoms.c.space == entry.space)
    customer = _customer()
    row = connection.execute(
        select(
            func.count().label("tickets"),
            func.count(func.distinct(customer)).label("customers"),
            _since(customer, now - wall_time(patterns.window)).label("lately"),
            _since(customer, now - wall_time(storm.within)).label("in_storm"),
            func.min(symptoms.c.created_at).label("first_at"),
            func.max(symptoms.c.created_at).label("last_at"),
        ).where(of_it)
    ).one()
    if row.tickets < 2 and master == entry.ref:
        return None
    recent = symptoms.c.created_at >= now - wall_time(storm.gap) - 2 * wall_time(storm.within)
    reports = [
        (at, who) for at, who in connection.execute(select(symptoms.c.created_at, customer).where(of_it, recent))
    ]
    first = connection.execute(select(symptoms.c.type, symptoms.c.over_at).where(about(master, symptoms))).first()
    others = _others(connection, master, of_it) if master == entry.ref else []
    return Cluster(
        master=master,
        tickets=row.tickets,
        customers=row.customers,
        lately=row.lately,
        in_storm=row.in_storm,
        first_at=row.first_at,
        last_at=row.last_at,
        via=entry.parent.via if entry.parent is not None else None,
        master_type=first.type if first is not None else "",
        master_over=first is not None and first.over_at is not None,
        storm=is_on(reports, storm, now),
        children=tuple(other.ref for other in others),
        news=tuple(News(other.ref, other.customer, other.told) for other in others if other.told),
        facts=frozenset().union(*(other.facts for other in others)),
    )


def members_with_a_word(connection: Connection, masters: set[Ref], space: str) -> list[Ref]:
    """The tickets of these clusters of which a person said what they do not repeat."""
    found: list[Ref] = []
    for master in sorted(masters):
        query = select(symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id).where(
            of_master(master), symptoms.c.space == space, symptoms.c.detail.contains('"apart":')
        )
        found += [ref_of(row) for row in connection.execute(query)]
    return found


def _others(connection: Connection, master: Ref, of_it: ColumnElement[bool]) -> list[Entry]:
    query = select(*REPORT).where(of_it, ~about(master, symptoms))
    return sorted(map(report_of, connection.execute(query)), key=lambda other: other.age)


def _customer() -> ColumnElement[str]:
    """As ``Entry.customer``."""
    itself = symptoms.c.vendor + ":" + symptoms.c.account + ":" + symptoms.c.ticket_id
    known = (
        (symptoms.c.organization != "", symptoms.c.organization),
        (symptoms.c.requester != "", symptoms.c.requester),
    )
    return case(*known, else_=itself)


def _since(customer: ColumnElement[str], since: datetime) -> Any:
    return func.count(func.distinct(case((symptoms.c.created_at > since, customer))))
