"""What agents tell us in internal notes: ``/triage severity P2``, one command a line (S1-20).

Level-triggered: commands are read from the thread each time, and later ones win. Only a person on our side is obeyed,
only in a note that no customer reads, and only in words that are the writer's own there, not quoted, signed or pasted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.folding import fold
from app.triage.marks import answered_in, mark_of
from app.triage.text import Message
from app.triage.ticket import Comment, Ref, Speaker, Ticket

if TYPE_CHECKING:
    from app.triage.pack import Pack

VERBS = (
    *("accept", "reject", "ack", "confirm", "why", "freeze", "unfreeze", "severity", "label", "escalate"),
    *("duplicate", "not-duplicate", "workaround-broken"),
)
_LINE = re.compile(r"^[ \t]*/triage(?![\w/.-])[ \t]*(\S*)[ \t]*([^\n]*)$", re.MULTILINE)
_OF_ANOTHER = ("duplicate", "not-duplicate")
_ID = {"zendesk": re.compile(r"[1-9]\d{0,18}"), "jira": re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9]\d{0,18}")}
_LEVELS = (Level.L2, Level.L3, Level.L4)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of an agent's note. ``line`` counts from 1, ``value`` is a rank, a label, a level or another ticket's
    reference by our own name.

    ``problem`` says what is possible instead where the line is not understood. ``answered``: our answer stands in the
    thread, so this is not news.
    """

    comment_id: str
    line: int
    at: datetime
    author: str
    verb: str
    value: str = ""
    problem: str = ""
    answered: bool = False

    @property
    def mark(self) -> str:
        """Twelve hex digits by which its answer is known; an edited command is another one."""
        return mark_of(json.dumps([self.comment_id, self.line, self.verb, self.value, self.problem]))


@dataclass(frozen=True, slots=True)
class Orders:
    """What all commands of a thread come to. ``left_alone`` says why nothing more is written, empty when it is.

    ``duplicate`` says of which ticket this one is a repetition, ``apart`` are those of which it is none.
    ``workaround_broken`` says that the known issue's workaround stopped working.
    ``confirmed`` says that a P0 or P1 is one, as the policy's tag does (S1-16). ``accepted`` and ``rejected`` are
    proposals by what they propose; ``settled`` are those that each accept or reject was about, and the tickets that a
    bare ``not-duplicate`` was about, by the command's mark.
    """

    given: tuple[Command, ...] = ()
    severity: Command | None = None
    label: Command | None = None
    level: Command | None = None
    confirmed: Command | None = None
    duplicate: Ref | None = None
    apart: frozenset[Ref] = frozenset()
    workaround_broken: Command | None = None
    left_alone: str = ""
    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    settled: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def news(self) -> tuple[Command, ...]:
        """Those that nobody has answered yet."""
        return tuple(command for command in self.given if not command.answered)


def repeats(decision: Decision) -> tuple[Ref, ...]:
    """The tickets of which a decision says that its own reports the same: the first of them, and those it was linked
    by."""
    chosen = (one.ref for one in decision.candidates if not one.rejected)
    found = ([decision.duplicate_of] if decision.duplicate_of else []) + list(chosen)
    return tuple(dict.fromkeys(found))


def commands_in(ticket: Ticket, pack: Pack, our_id: str = "") -> tuple[Command, ...]:
    """Every command of the thread, in order. ``our_id`` is our account's user, whom nobody obeys."""
    answered = {
        mark for one in ticket.comments if one.speaker is Speaker.WORKER for mark in answered_in(one.body)
    }  # fmt: skip
    found = (
        _understood(Command(comment.id, line, comment.at, comment.author_id, verb), words, pack, ticket.ref)
        for comment, line, verb, words in _lines(ticket, our_id)
    )
    return tuple(replace(one, answered=True) if one.mark in answered else one for one in found)


def accepted(ticket: Ticket, our_id: str = "") -> bool:
    """Whether a person let through what we hold back: ``accept``, with no ``reject`` or ``freeze`` since."""
    said = [verb for _, _, verb, words in _lines(ticket, our_id) if verb in ("accept", "reject", "freeze") if not words]
    return said[-1:] == ["accept"]


def says_more(comment: Comment) -> bool:
    """Whether a comment says anything besides commands."""
    lines = (line.strip().casefold() for line in comment.body.splitlines())
    return any(line and not line.startswith("/triage") for line in lines)


def orders_of(ticket: Ticket, context: Context, pack: Pack) -> Orders:
    """What the thread's commands come to. An accept or reject is about what our last decision proposed when the
    command was first heard; later decisions carry that on."""
    orders = Orders(given=commands_in(ticket, pack, context.our_id))
    frozen = refused = ""
    for command in orders.given:
        match command.problem or command.verb:
            case "severity":
                orders = replace(orders, severity=command)
            case "label":
                orders = replace(orders, label=command)
            case "escalate":
                orders = replace(orders, level=command)
            case "duplicate":
                said = Ref.parse(command.value)
                orders = replace(orders, duplicate=said, apart=orders.apart - {said})
            case "not-duplicate":
                orders = _part(orders, command, context)
            case "workaround-broken":
                orders = replace(orders, workaround_broken=command)
            case "confirm":
                orders = replace(orders, confirmed=orders.confirmed or command)
            case "freeze":
                frozen = "an agent froze it"
            case "unfreeze":
                frozen = refused = ""
            case "accept":
                refused, orders = "", _accept(orders, command, _stood(command, context), pack)
            case "reject":
                stood = _stood(command, context)
                refused = refused if stood else "an agent rejected the triage"
                orders = replace(
                    orders,
                    accepted=orders.accepted - set(stood),
                    rejected=orders.rejected | set(stood),
                    settled=MappingProxyType({**orders.settled, command.mark: stood}),
                )
    return replace(orders, left_alone=frozen or refused)


def _part(orders: Orders, command: Command, context: Context) -> Orders:
    """The orders with the ticket set apart from the one that is named; without a name from all that it was said to
    repeat when the command was first heard."""
    if command.value:
        apart = frozenset({Ref.parse(command.value)})
    else:
        previous = context.previous
        repeated = repeats(previous) if previous is not None else ()
        stood = previous.settled.get(command.mark, tuple(map(str, repeated))) if previous is not None else ()
        apart = frozenset(map(Ref.parse, stood))
        if orders.duplicate is not None:
            apart |= {orders.duplicate}
        orders = replace(orders, settled=MappingProxyType({**orders.settled, command.mark: stood}))
    kept = orders.duplicate if orders.duplicate not in apart else None
    return replace(orders, duplicate=kept, apart=orders.apart | apart)


def _stood(command: Command, context: Context) -> tuple[str, ...]:
    """The proposals that a command is about."""
    if context.previous is None:
        return ()
    stood = tuple(proposal.what for proposal in context.previous.proposals)
    return context.previous.settled.get(command.mark, stood)


def _accept(orders: Orders, command: Command, stood: tuple[str, ...], pack: Pack) -> Orders:
    """The orders with every proposal taken as the person's own word."""
    for what in stood:
        kind, _, value = what.rpartition(" ")
        if kind == "raise to":
            rank = next((rank for rank, shown in pack.severity.display.items() if what == f"raise to {shown}"), None)
            orders = replace(orders, severity=replace(command, value=rank)) if rank else orders
        elif kind == "escalate to":
            orders = replace(orders, level=replace(command, value=value))
    return replace(
        orders,
        accepted=orders.accepted | set(stood),
        rejected=orders.rejected - set(stood),
        settled=MappingProxyType({**orders.settled, command.mark: stood}),
    )


def _lines(ticket: Ticket, our_id: str) -> Iterator[tuple[Comment, int, str, str]]:
    """Comment, line, verb and the rest of each line that speaks to us, in plain small letters."""
    for comment in ticket.comments:
        internal = not (comment.public and ticket.customer_reads)
        ours = bool(our_id) and comment.author_id == our_id
        if comment.speaker is not Speaker.AGENT or not internal or ours or "/triage" not in comment.body.casefold():
            continue
        message = Message(comment.id, comment.speaker, comment.body)
        for match in _LINE.finditer(message.said):
            start, _ = message.original(match.start(1), match.end(1))
            line = comment.body.count("\n", 0, start) + 1
            yield comment, line, match[1].rstrip(".!"), match[2].strip().rstrip(".!").rstrip()


def _understood(command: Command, words: str, pack: Pack, about: Ref) -> Command:
    """The command with its value by our own name, or with what is possible instead. ``about`` is its ticket."""
    if command.verb not in VERBS:
        return replace(command, verb="", problem=f"unknown command; there are {', '.join(VERBS)}")
    if command.verb in _OF_ANOTHER:
        return _of_another(command, words, about)
    if command.verb not in _VALUES:
        problem = f"{command.verb} stands alone on its line" if words else ""
        return replace(command, problem=problem)
    possible = _VALUES[command.verb](pack)
    value = next((value for name, value in possible.items() if _plain(name) == " ".join(words.split())), None)
    if value is not None:
        return replace(command, value=value)
    return replace(command, problem=f"{command.verb} wants one of {', '.join(possible)}")


def _of_another(command: Command, words: str, about: Ref) -> Command:
    """The command with the ticket that it names: by its number or key, or whole, such as ``zendesk:acme:4711``."""
    if not words and command.verb == "not-duplicate":
        return command
    named = words.removeprefix("#")
    account, _, ticket_id = named.rpartition(":")
    account = account or f"{about.vendor}:{about.account}"
    try:
        other = Ref.parse(f"{account}:{ticket_id.upper()}")
    except ValueError:
        other = about
    possible = _ID[other.vendor].fullmatch(other.id)
    if other == about or not possible:
        return replace(command, problem=f"{command.verb} wants another ticket: its number or key, or {about}")
    return replace(command, value=str(other))


def _plain(name: str) -> str:
    return " ".join(fold(name)[0].split())


def _ranks(pack: Pack) -> dict[str, str]:
    """By the name that people are shown, the worst rank of that name; by our own where that is nobody's shown name."""
    shown = {pack.severity.display[rank]: rank for rank in reversed(Severity.__members__)}
    return {**{rank: rank for rank in Severity.__members__}, **shown}


def _labels(pack: Pack) -> dict[str, str]:
    return {
        **{alias: label.value for label, alias in pack.labels.alias.items()},
        **{one.value: one.value for one in Label},
    }


def _levels(_: Pack) -> dict[str, str]:
    return {level.value: level.value for level in _LEVELS}


_VALUES: Mapping[str, Callable[[Pack], dict[str, str]]] = {"severity": _ranks, "label": _labels, "escalate": _levels}
