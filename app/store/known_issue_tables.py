"""The tables of the registry of known issues."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from app.store.schema import Utc, metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")

known_issues = Table(
    "known_issue",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("key", String(255), nullable=False),  # what it is at its source
    Column("tag", String(128)),  # None: a candidate that has no issue yet
    Column("number", String(80), nullable=False),  # the issue's number or key, as in the tag
    Column("state", String(10), nullable=False),  # candidate | open | fixed | dropped
    Column("revision", Integer, nullable=False),  # grows with each change in the tenant
    Column("first_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("body", JSON, nullable=False),  # the entry
    UniqueConstraint("tenant", "key", name="uq_known_issue_key"),
    UniqueConstraint("tenant", "tag", name="uq_known_issue_tag"),
    Index("ix_known_issue_number", "tenant", "number"),
)

matches = Table(  # which tickets match an entry; of one that is fixed, those that did
    "known_issue_match",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("vendor", String(16), primary_key=True),
    Column("account", String(63), primary_key=True),
    Column("ticket_id", String(64), primary_key=True),
    Column("how", String(8), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("broken", String(12), nullable=False),  # mark of the workaround that stopped working there
    Column("at", Utc, nullable=False),
    Index("ix_known_issue_match_ticket", "ticket_id", "account", "vendor"),
)
