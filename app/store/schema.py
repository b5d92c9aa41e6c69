"""The tables. Every key carries vendor and account, so nothing can cross from one account to another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A UTC instant. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the store takes aware datetimes only")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Serial = BigInteger().with_variant(Integer, "sqlite")


def _ticket_key(*, primary_key: bool = False) -> tuple[Column[Any], ...]:
    return (
        Column("vendor", String(16), nullable=False, primary_key=primary_key),
        Column("account", String(63), nullable=False, primary_key=primary_key),
        Column("ticket_id", String(64), nullable=False, primary_key=primary_key),
    )


deliveries = Table(
    "delivery",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("vendor", String(16), nullable=False),
    Column("account", String(63), nullable=False),
    Column("delivery_id", String(255), nullable=False),
    Column("ticket_id", String(64)),
    Column("kind", String(32), nullable=False),
    Column("state", String(8), nullable=False),  # open | done | ignored | parked
    Column("received_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("body_sha256", String(64), nullable=False),
    Column("body", LargeBinary),  # raw bytes, only of a parked delivery
    Column("error", Text),
    UniqueConstraint("vendor", "account", "delivery_id"),
    Index("ix_delivery_open", "vendor", "account", "ticket_id", "state"),
)

tickets = Table(
    "ticket",
    metadata,
    *_ticket_key(primary_key=True),
    Column("due_at", Utc),  # when it wants to be looked at; None: never
    Column("not_before", Utc),  # back-off: not leased before this
    Column("lease_token", Integer, nullable=False, default=0),  # only grows: the fencing token
    Column("lease_until", Utc),
    Column("tries", Integer, nullable=False, default=0),  # starts without an end, counted at the lease
    Column("waits", Integer, nullable=False, default=0),  # back-offs in a row, for the next delay
    Column("parked_at", Utc),
    Column("parked_kind", String(16)),  # permanent | poison | loop
    Column("last_error", Text),
    Column("subject", Text, nullable=False, default=""),
    Column("applied", JSON, nullable=False, default=dict),  # what we wrote last: {priority, group, fields}
    Column("own_tags", JSON, nullable=False, default=list),
    Column("decided_at", Utc),
    Column("looked_at", Utc),
    Column("decision_id", _Serial),
    Column("rank", Integer, nullable=False, server_default="1"),  # of the severity; 1 before it is known
    Column("status", String(16), nullable=False, server_default=""),
    Column("version", String(64), nullable=False, server_default=""),  # the vendor's text of its last change
    Column("assignee", String(128), nullable=False, server_default=""),
    Column("organization", String(128), nullable=False, server_default=""),  # its id, or its name
    Column("policy_digest", String(64), nullable=False, server_default=""),  # an open one's last look was under it
    Index("ix_ticket_due", "parked_at", "due_at"),
    Index("ix_ticket_account_due", "vendor", "account", "due_at"),
    Index("ix_ticket_open", "vendor", "account", "status", "due_at", "parked_at", "looked_at"),
    Index("ix_ticket_policy", "vendor", "account", "policy_digest", "rank"),
    Index("ix_ticket_assignee", "vendor", "account", "assignee"),
    Index("ix_ticket_decided", "decided_at"),
)

decisions = Table(
    "decision",
    metadata,
    Column("id", _Serial, primary_key=True),
    *_ticket_key(),
    Column("at", Utc, nullable=False),
    Column("policy", String(128), nullable=False),
    Column("policy_digest", String(64), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("label", String(16), nullable=False),
    Column("severity", String(2), nullable=False),
    Column("body", JSON, nullable=False),
    Index("ix_decision_ticket", "vendor", "account", "ticket_id", "id"),
)

policies = Table(  # one row a change of a policy's content: who worked under what, and since when
    "policy",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("origin", Text, nullable=False),  # files and variables, one a line
    Column("loaded_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # the last start under it
    Column("content", JSON, nullable=False),  # every value but the examples
    Column("diff", JSON, nullable=False),  # [[path, old, new], ...] against the row before of that name
    Index("ix_policy_name", "name", "id"),
)

effects = Table(
    "effect",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    *_ticket_key(),
    Column("kind", String(24), nullable=False),
    Column("state", String(10), nullable=False),  # planned | sent | confirmed | unknown | refused
    Column("action", JSON, nullable=False),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("planned_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("run", String(48), nullable=False, server_default=""),  # the sweep it belongs to; empty: a delivery's
    Column("before", JSON),  # what the ticket showed before, for taking it back
    Index("ix_effect_ticket", "vendor", "account", "ticket_id", "state"),
    Index("ix_effect_changed", "changed_at"),
    Index("ix_effect_run", "run"),
    Index("ix_effect_state", "state", "reason"),
)

links = Table(  # a ticket hangs on an issue of another system
    "link",
    metadata,
    Column("id", _Serial, primary_key=True),
    *_ticket_key(),
    Column("to_vendor", String(16), nullable=False),
    Column("to_account", String(63), nullable=False),
    Column("to_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # escalation | backlog | known_issue
    Column("at", Utc, nullable=False),
    Column("shown", JSON, nullable=False),  # the issue as it was last read
    UniqueConstraint("vendor", "account", "ticket_id", "to_vendor", "to_account", "to_id", name="uq_link_ends"),
    Index("ix_link_to", "to_vendor", "to_account", "to_id"),
)

corrections = Table(  # what people told us by command: the record of where we were wrong
    "correction",
    metadata,
    Column("id", _Serial, primary_key=True),
    *_ticket_key(),
    Column("comment_id", String(64), nullable=False),
    Column("line", Integer, nullable=False),  # a comment may hold several commands
    Column("at", Utc, nullable=False),
    Column("author", String(128), nullable=False),
    Column("command", String(16), nullable=False),
    Column("value", String(64), nullable=False),
    Column("said", JSON, nullable=False),  # label, severity and level that we had decided
    UniqueConstraint("vendor", "account", "ticket_id", "comment_id", "line", name="uq_correction_command"),
)

jobs = Table(  # a change of many tickets that the vendor carries out in its own time
    "job",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("vendor", String(16), nullable=False),
    Column("account", String(63), nullable=False),
    Column("job_id", String(64), nullable=False),
    Column("run", String(48), nullable=False),
    Column("state", String(10), nullable=False),  # queued | working | failed | completed | lost
    Column("asked", JSON, nullable=False),  # ids, tags to add and to remove
    Column("failed", JSON, nullable=False),  # id to reason
    Column("started_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    UniqueConstraint("vendor", "account", "job_id", name="uq_job_id"),
    Index("ix_job_state", "state"),
)

opinions = Table(  # what a language model answered, by the hash of text, policy and model
    "opinion",
    metadata,
    Column("vendor", String(16), nullable=False, primary_key=True),
    Column("account", String(63), nullable=False, primary_key=True),
    Column("key", String(64), nullable=False, primary_key=True),
    Column("ticket_id", String(64), nullable=False),  # the one that asked first
    Column("at", Utc, nullable=False),
    Column("model", String(128), nullable=False),
    Column("policy_digest", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # asking | answered | dropped
    Column("reason", String(16), nullable=False),
    Column("answer", JSON(none_as_null=True)),  # label, severity, confidence, masked quotes
    Index("ix_opinion_at", "at"),
)

paragraphs = Table(  # how often a paragraph was seen in an account's tickets
    "paragraph",
    metadata,
    Column("vendor", String(16), primary_key=True),
    Column("account", String(63), primary_key=True),
    Column("hash", String(32), primary_key=True),  # keyed by the account; its words are not kept
    Column("tickets", Integer, nullable=False),
    Column("days", Integer, nullable=False),  # UTC days on which it was seen
    Column("requesters", String(64), nullable=False),  # hashes of the first few, one after another
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Index("ix_paragraph_last_on", "last_on"),
)

cycles = Table(  # each cycle of each clock, as the last look at its ticket found it
    "cycle",
    metadata,
    *_ticket_key(primary_key=True),
    Column("clock", String(42), primary_key=True),
    Column("started_at", Utc, primary_key=True),
    Column("goal_at", Utc),
    Column("due_at", Utc),  # None: it stands still
    Column("stopped_at", Utc),
    Column("outcome", String(8), nullable=False),  # running | kept | missed | left
    Column("severity", String(2), nullable=False),
    Column("level", String(2), nullable=False),
    Column("label", String(16), nullable=False),
    Index("ix_cycle_started_at", "started_at"),
    Index("ix_cycle_stopped_at", "stopped_at"),
)

answers = Table(  # what people answered in public: one row a band, by which answers that are alike meet
    "answer",
    metadata,
    Column("vendor", String(16), primary_key=True),
    Column("account", String(63), primary_key=True),
    Column("band", String(16), primary_key=True),  # keyed by the account; no words are kept
    Column("ticket_id", String(64), primary_key=True),
    Column("comment_id", String(64), primary_key=True),
    Column("until", Utc, nullable=False),  # when it counts no more
    Column("cited", Integer, nullable=False),  # 1: its ticket shows the customer a page
    # the ticket first: an index that begins like the key, SQLite would scan an account through for its groups
    Index("ix_answer_ticket", "ticket_id", "account", "vendor", "comment_id"),
    Index("ix_answer_until", "until"),
)

pages = Table(  # on-call is woken about an incident: one row an episode
    "page",
    metadata,
    *_ticket_key(primary_key=True),
    Column("episode", Integer, primary_key=True, autoincrement=False),
    Column("key", String(255), nullable=False),  # the dedup key at every pager
    Column(
        "opened_by", String(64), nullable=False
    ),  # the ticket whose look opened it; its whole name where it is of another account
    Column("told_at", Utc, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("severity", String(2), nullable=False),
    Column("summary", Text, nullable=False),
    Column("acknowledged_at", Utc),
    Column("acknowledged_by", String(128), nullable=False),
    Column("acknowledged_via", String(16), nullable=False),  # pagerduty | command | board
    Column("confirmed_at", Utc),
    Column("confirmed_by", String(128), nullable=False),
    Column("closed_there", Boolean, nullable=False),  # somebody resolved it at the pager
    Column("resolved_at", Utc),
    Column("resolved_why", String(128), nullable=False),
    Column("next_at", Utc),  # when the next step falls due; None: nothing follows
    Column("taken", JSON, nullable=False),  # step to {at, by, late, unknown}
    Column("trouble", JSON, nullable=False),  # step to why a target did not take it
    Column("lease_token", Integer, nullable=False),
    Column("lease_until", Utc),
    Index("ix_page_key", "key"),
    Index("ix_page_open", "resolved_at", "next_at"),
)

health = Table(
    "health",
    metadata,
    Column("name", String(128), primary_key=True),  # worker | beat | zendesk:acme
    Column("at", Utc, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("detail", JSON, nullable=False),
)

leases = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("until", Utc, nullable=False),
)
