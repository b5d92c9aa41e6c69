"""``triage decide``: JSON Lines in, decisions out, in the same order. No vendor, no store, nothing written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import click

from app.cli.instant import InstantType

if TYPE_CHECKING:
    from app.triage.policies import Policies


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--policy", default=None, metavar="PACK|FILE", help="This policy by itself; otherwise those in force.")
@click.option("--now", type=InstantType(), default=None, help="Decide as if it were this time; the present otherwise.")
@click.option("--format", "form", type=click.Choice(["jsonl", "table"]), default="jsonl", show_default=True)
def decide(file: IO[bytes], policy: str | None, now: datetime | None, form: str) -> None:
    """Decide about the tickets in FILE (- or nothing: standard input), one JSON object a line.

    Each line has id, subject and body, and may have comments, requester, organization, tags, created_at, priority,
    vendor, status, language and more. A line that cannot be read is reported with its number; the others go on, and the
    exit code is then 1.
    """
    from app.cli.policy import chosen_policies
    from app.triage.records import decision_to_record

    in_force = chosen_policies(policy)
    at = now or datetime.now(UTC)
    bad = 0
    if form == "table":
        click.echo(f"{'id':<24} {'sev':<4} {'label':<12} {'lvl':<4} {'destination':<12} {'page':<5} why")
    for number, decided in _decisions(file, in_force, at):
        if isinstance(decided, ValueError):
            bad += 1
            click.echo(f"line {number}: {decided}", err=True)
        else:
            given_id, decision = decided
            _print({**decision_to_record(decision), "id": given_id}, form)
    sys.stdout.flush()
    if bad:
        click.echo(f"{bad} line{'s' if bad > 1 else ''} could not be read", err=True)
        sys.exit(1)


def _decisions(file: IO[bytes], policies: Policies, now: datetime) -> Iterator[tuple[int, Any]]:
    import orjson

    from app.triage.decision import Context
    from app.triage.engine import decide as decide_one
    from app.triage.ticket_records import ticket_from_record

    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            ticket = ticket_from_record(record)
        except ValueError as error:  # orjson's error is a ValueError too
            yield number, ValueError(str(error))
            continue
        yield number, (record["id"], decide_one(ticket, Context(), policies.of(ticket), now))


def _print(record: dict[str, Any], form: str) -> None:
    import orjson

    if form == "jsonl":
        click.echo(orjson.dumps(record))
        return
    why = "; ".join(str(found["quote"]).replace("\n", " ")[:40] for found in record["evidence"][:2])
    click.echo(
        f"{record['id']!s:<24.24} {record['severity']:<4} {record['label']:<12} {record['level']:<4} "
        f"{record['destination']:<12} {'yes' if record['page'] else '-':<5} {why}"
    )
