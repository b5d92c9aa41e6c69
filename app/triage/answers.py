"""What we say to an agent's commands: what was understood and what follows, all of a run in one internal note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.triage import oncall_words
from app.triage.commands import Command, Orders
from app.triage.decision import Decision, Severity
from app.triage.marks import answer_line
from app.triage.pack import Pack
from app.triage.page import Page
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` is a note's paragraph, ``foot`` the line that stands last in the note, ``mark`` one of its marks."""

    text: str
    foot: str
    mark: str


def answer_to(orders: Orders, decision: Decision, pack: Pack, page: Page | None = None) -> Answer | None:
    """The answer to every command that has none yet, None when there is no such one. ``page`` is the incident's."""
    if not orders.news:
        return None
    lines = [line for command in orders.news for line in _lines(command, orders, decision, pack, page)]
    marks = [command.mark for command in orders.news]
    return Answer("\n".join(["You said:", *lines]), answer_line(marks), marks[0])


def _lines(command: Command, orders: Orders, decision: Decision, pack: Pack, page: Page | None) -> Iterator[str]:
    if command.problem:
        yield f"- not understood (line {command.line}): {command.problem}"
        return
    if command.verb in ("ack", "confirm"):
        what = oncall_words.answer(page, _confirmed(decision) if command.verb == "confirm" else "")
    elif command.verb == "workaround-broken":
        what = _workaround(decision)
    else:
        what = _what(command, orders, decision, pack)
    yield f"- {' '.join(filter(None, (command.verb, _shown(command, pack))))}: {what}"
    if command.verb == "why":
        yield from (f"- {line}" for line in decision.because)


def _shown(command: Command, pack: Pack) -> str:
    return pack.shown(Severity[command.value]) if command.verb == "severity" else command.value


def _what(command: Command, orders: Orders, decision: Decision, pack: Pack) -> str:
    """What follows from a command, as it is decided now."""
    match command.verb:
        case "severity":
            return _severity(command, orders, decision, pack)
        case "label" if orders.label == command:
            return f"the label is {decision.label}"
        case "escalate" if orders.level == command:
            return f"the level is {decision.level}"
        case "duplicate" if str(orders.duplicate) == command.value:
            return _repeats(command, decision)
        case "not-duplicate" if orders.apart and (not command.value or Ref.parse(command.value) in orders.apart):
            return f"it is kept apart from {', '.join(map(str, sorted(orders.apart)))}"
        case "not-duplicate" if not command.value:
            return "it was not taken for a repetition of any ticket"
        case "freeze" if decision.left_alone:
            return "nothing more is written here but answers, until /triage unfreeze"
        case "unfreeze" if not decision.left_alone:
            return "the ticket is written to again"
        case "accept":
            return f"accepted: {_proposals(command, orders) or 'nothing waited for a decision'}"
        case "reject" if stood := _proposals(command, orders):
            return f"not proposed again: {stood}"
        case "reject" if decision.left_alone:
            return (
                "nothing was proposed, so all of it is rejected: nothing more is written here, until /triage unfreeze"
            )
        case "why":
            return "these rules hold, by what they saw" if decision.because else "no rule with a condition holds"
    return "a later command takes its place"


def _repeats(command: Command, decision: Decision) -> str:
    """What comes of the word that the ticket repeats another."""
    if decision.duplicate_of is None:
        return f"{command.value} is not known, later than this ticket or none of this tenant's, so nothing follows"
    if str(decision.duplicate_of) == command.value:
        return f"the ticket hangs on {command.value}"
    return f"the ticket hangs on {decision.duplicate_of}, the first of those that report the same"


def _workaround(decision: Decision) -> str:
    """What comes of the word that a workaround stopped working."""
    if not decision.known_issue:
        return "no known issue matches this ticket, so nothing follows"
    return f"no customer is told a workaround of {decision.known_issue} until a person writes another"


def _severity(command: Command, orders: Orders, decision: Decision, pack: Pack) -> str:
    if orders.severity != command:
        return "a later command takes its place"
    said = f"the severity is {pack.shown(decision.severity)}"
    if decision.severity.name != command.value:
        said += f", because {_shown(command, pack)} is for ideas alone"
    if any(proposal.what == "page on-call" for proposal in decision.proposals):
        said += "; nobody is paged until it is confirmed"
    return said


def _confirmed(decision: Decision) -> str:
    """What a confirmation comes to."""
    if decision.severity > Severity.P1:
        return f"the severity is {decision.severity}, so there is no P0 or P1 to confirm"
    return f"confirmed, the level is {decision.level}"


def _proposals(command: Command, orders: Orders) -> str:
    return ", ".join(orders.settled.get(command.mark, ()))
