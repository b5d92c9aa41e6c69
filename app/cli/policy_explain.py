"""``triage policy explain``: the full trace of a decision, for people and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import click

from app.cli.instant import InstantType

if TYPE_CHECKING:
    from app.triage.actions import Action
    from app.triage.trace import Asked, Group, Trace

_LONGEST = 300


@click.command()
@click.argument("file", type=click.File("rb"), default="-", metavar="TICKET.json")
@click.option("--policy", default=None, metavar="PACK|FILE", help="This policy by itself; otherwise those in force.")
@click.option("--now", type=InstantType(), default=None, help="Decide as if it were this time; the present otherwise.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(file: IO[bytes], policy: str | None, now: datetime | None, form: str) -> None:
    """Explain what would be decided about the one ticket in TICKET.json (- or nothing: standard input), a JSON object
    as `triage decide` reads it: the messages read, facts with their words, the scores of labels, each rule that was
    asked with what its conditions saw, the outcome, what would change it, and the plan for a ticket that nobody has
    touched. Writes nothing. Exit code 1 when the ticket cannot be read.
    """
    import orjson

    from app.cli.policy import chosen_policies
    from app.triage.ticket_records import ticket_from_record
    from app.triage.trace import to_json, trace

    policies = chosen_policies(policy)
    try:
        ticket = ticket_from_record(orjson.loads(file.read()))
    except ValueError as error:  # orjson's error is a ValueError too
        click.echo(f"{file.name}: {error}", err=True)
        sys.exit(1)
    found = trace(ticket, policies.of(ticket), now or datetime.now(UTC))
    if form == "json":
        click.echo(orjson.dumps(to_json(found), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(_lines(found)))


def _lines(found: Trace) -> Iterator[str]:
    yield f"Policy {found.policy.stamp} ({found.policy.digest}), from {', '.join(found.policy.origins)}"
    yield from ("", "Read:")
    for message in found.messages:
        yield f"  {message.source:<10} {message.speaker.value:<9} {_flat(message.text, 90)}"
        if left_out := [f"{count} {kind}" for kind, count in message.read_as.items() if kind != "said"]:
            yield f"{'':<23}characters not read as said: {', '.join(left_out)}"
    yield from _facts(found)
    yield from ("", "Points that words gave to labels: " + ", ".join(f"{n} {p:g}" for n, p in found.cues.items() if p))
    for group in found.groups:
        yield from ("", *_group(group))
    yield from ("", *_outcome(found))
    yield from ("", "Plan for a ticket that nobody has touched:")
    for action in found.actions:
        yield from _action(action)


def _facts(found: Trace) -> Iterator[str]:
    from app.triage.vocabulary import FACTS

    yield from ("", "Facts:" if found.decision.facts else "Facts: none.")
    for name in found.decision.facts:
        yield f"  {name}: {FACTS[name]}"
        if name in found.facts:
            words = found.facts[name]
            yield f"      “{_flat(words.quote)}” ({words.source} {words.start}-{words.end})"
    if found.facts.dropped:
        yield "Considered and dropped:"
        yield from (f"  {one.what.removeprefix('fact ')}: {_flat(one.why)}" for one in found.facts.dropped)


def _group(group: Group) -> Iterator[str]:
    takes = "the first that holds" if group.first else "every one that holds"
    yield f"{group.name.capitalize()}, {takes}:"
    for one in group.asked:
        yield from _rule(one)
    if group.not_asked:
        yield f"  {group.not_asked} more stand after it and were not asked"


def _rule(one: Asked) -> Iterator[str]:
    source = f"  {one.rule.source}" if one.rule.source else ""
    if not one.held:
        lacks = (f"{answer.condition} {_said(answer.wanted)}" for answer in one.answers if answer.saw is None)
        yield f"  no   {one.rule.name}: unmet: {'; '.join(lacks)}"
        return
    yield f"  YES  {one.rule.name} -> {_pairs(one.then)}{source}"
    for answer in one.answers:
        yield f"         {answer.condition} {_said(answer.wanted)}: {_flat(str(answer.saw))}"


def _outcome(found: Trace) -> Iterator[str]:
    from app.triage.note import counterfactual, headline

    decision = found.decision
    yield f"Outcome: {headline(decision, found.policy)}"
    yield f"  tags: {', '.join(decision.tags)}"
    yield f"  talks to the customer: {decision.communicator}; told: {', '.join(decision.notify) or 'nobody'}"
    yield from (f"  {name} due by {at:%Y-%m-%d %H:%M} UTC" for name, at in decision.deadlines.items())
    yield from (f"  a person decides: {one.what} ({_flat(one.why)})" for one in decision.proposals)
    yield from (f"  ruled out: {_flat(one.what)}: {_flat(one.why)}" for one in decision.ruled_out)
    yield from (f"  it would be {counterfactual(one)}" for one in decision.counterfactuals)


def _action(action: Action) -> Iterator[str]:
    from app.triage.actions import AddNote, Reply, kind
    from app.triage.effects import to_json

    yield f"  {kind(action)} {_pairs(to_json(action))}"
    if isinstance(action, AddNote | Reply):
        yield from (f"    | {_flat(line)}".rstrip() for line in action.text.splitlines())


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_said(value)}" for name, value in values.items() if value is not None)


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value)) if _are_plain(value) else json.dumps(value, default=str)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _are_plain(values: Iterable[Any]) -> bool:
    return not any(isinstance(value, list | tuple | dict) for value in values)


def _flat(text: str, longest: int = _LONGEST) -> str:
    """One line that a terminal can show: what a customer wrote must not steer it."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
