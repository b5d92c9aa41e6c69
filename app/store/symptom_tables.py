"""The tables of the index of symptoms. They hold hashes and facts; of a ticket's words only its subject and what it
tells its master."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from app.store.schema import Utc, metadata

spaces = Table(  # one row a space: whoever changes anything in it holds this row
    "space",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("version", Integer, nullable=False, server_default="0"),  # grows whenever the frequencies are taken
    Column("tickets", Integer, nullable=False, server_default="0"),  # so many they were taken from
    Column("taken_at", Utc),
    Column("frequencies", LargeBinary),
)

symptoms = Table(
    "symptom",
    metadata,
    Column("n", Integer, primary_key=True),  # by what postings name a ticket
    Column("vendor", String(16), nullable=False),
    Column("account", String(63), nullable=False),
    Column("ticket_id", String(64), nullable=False),
    Column("space", String(80), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("over_at", Utc),  # solved or closed; None: open
    Column("label", String(16), nullable=False),
    Column("acute", Boolean, nullable=False),
    Column("requester", String(128), nullable=False),
    Column("organization", String(128), nullable=False),
    Column("area", String(255), nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", String(64), nullable=False),
    Column("symptom", LargeBinary, nullable=False),
    Column("surfaces", Text, nullable=False),  # the symptom's, one after another: storms ask for nothing else of it
    Column("detail", Text, nullable=False),  # JSON: told, facts, said, apart; only what there is
    Column("parent_vendor", String(16)),
    Column("parent_account", String(63)),
    Column("parent_id", String(64)),
    Column("chance", Float),
    Column("via", String(16)),
    Column("master_vendor", String(16), nullable=False),  # its own where it hangs on none
    Column("master_account", String(63), nullable=False),
    Column("master_id", String(64), nullable=False),
    Column("posted", LargeBinary),  # the terms of its postings, four bytes each; None: it has yet to be posted
    Column("digest", LargeBinary, nullable=False),  # of all of this: what did not change is not written
    UniqueConstraint("vendor", "account", "ticket_id", name="uq_symptom_ticket"),
    Index("ix_symptom_master", "master_id", "master_account", "master_vendor"),
    Index("ix_symptom_requester", "requester", "account", "vendor", "created_at"),
    Index("ix_symptom_organization", "organization", "account", "vendor", "created_at"),
    Index("ix_symptom_area", "space", "area", "created_at"),
    Index("ix_symptom_created_at", "space", "created_at"),
    Index("ix_symptom_over_at", "over_at"),
)

postings = Table(  # which tickets of a space have a term
    "posting",
    metadata,
    Column("space", Integer, primary_key=True, autoincrement=False),
    Column("term", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
