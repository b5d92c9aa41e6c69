"""The internal note: the outcome in one line, then why, in the customer's words, and what was ruled out (S0-80)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.triage.decision import Counterfactual, Decision, Evidence
from app.triage.language import ENGLISH, NAMES
from app.triage.outcome import mark
from app.triage.patterns import words as pattern_words
from app.triage.policy import Policy
from app.triage.thread import STRUCTURAL
from app.triage.ticket import Ticket
from app.triage.vocabulary import FACTS

__all__ = ["after_headline", "counterfactual", "headline", "render", "why"]

_LONGEST_QUOTE = 200
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
_MOST_QUOTES = 6


def after_headline(text: str, paragraphs: Iterable[str]) -> str:
    """A note's text with further paragraphs below its first line; its last line, which holds the mark, stays last."""
    first, rest = text.split("\n\n", 1)
    return "\n\n".join((first, *paragraphs, rest))


def render(
    decision: Decision,
    policy: Policy,
    held_back: str = "",
    ticket: Ticket | None = None,
    papers: str = "",
    answer: str = "",
    handed_over: bool = False,
    alike: str = "",
) -> str:
    """The note as plain text: paragraphs, ``- `` items, ``> `` for the customer's words (see ``AddNote``).

    With the ticket at hand the quotes are the sentences that the evidence stands in, else the bare words. ``papers``
    are further paragraphs that go with the ticket, ``answer`` is what we say to commands, and ``handed_over`` says that
    the ticket is now taken off its holder, which else a person is asked to do. ``alike`` is about tickets that report
    the same.
    """
    bundle = policy.pack.bundles.get(decision.handover)
    paragraphs = [
        f"{bundle.note}: {headline(decision, policy)}" if bundle and bundle.note else headline(decision, policy),
        answer,
        _left_alone(decision),
        held_back,
        _asked(decision),
        pattern_words.paragraph(decision),
        _noticed(decision),
        _told(decision, policy, handed_over),
        _language(decision),
        why(decision, ticket),
        alike,
        _voices(decision),
        _second_opinion(decision),
        _ruled_out(decision),
        _otherwise(decision),
        _checked(decision),
        _promise(decision),
        papers,
        foot(decision),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def foot(decision: Decision) -> str:
    """The note's last line, by which it is known again."""
    return f"Firstline note {mark(decision)} · policy {decision.policy_stamp} ({decision.policy_digest})"


def headline(decision: Decision, policy: Policy) -> str:
    """``P1 · Integration · Technical Support · L2, on-call paged``."""
    label = f"{decision.label} + {decision.second_label}" if decision.second_label else str(decision.label)
    known = policy.pack.destinations.get(decision.destination)
    team = known.team if known else decision.destination or "not routed yet"
    level = f"{decision.level}, page on-call" if decision.page else str(decision.level)
    unsure = f" · {_guesses(decision)}" if decision.confidence < policy.pack.labels.unsure_below else ""
    return f"{policy.pack.shown(decision.severity)} · {label} · {team} · {level}{unsure}"


def _language(decision: Decision) -> str:
    """In which language the words were read, where that is not English; or that they could not be."""
    if decision.language in ("", ENGLISH):
        return ""
    name = NAMES.get(decision.language, decision.language)
    if not decision.unread:
        return f"Read as {name}."
    structural = [found for found in decision.evidence if found.finding == f"fact {STRUCTURAL}"]
    codes = ", ".join(f"“{_flat(found.quote)}”" for found in structural)
    found = f"of it only what machines say was read: {codes}" if codes else "no error text or code was found in it"
    return f"The text seems to be {name}, and this policy has no phrases for that; {found}. Please read it yourself."


def _guesses(decision: Decision) -> str:
    """The two best labels of a ticket that nothing tells for sure, for a person to choose."""
    if decision.runner_up is None:
        return "please check the label"
    best, other = f"{decision.label} {decision.confidence:.2f}", f"{decision.runner_up} {decision.runner_up_chance:.2f}"
    return f"please check the label: {best} or {other}"


def why(decision: Decision, ticket: Ticket | None) -> str:
    """What the decision rests on: each quoted sentence once, under everything that was read from it."""
    if not decision.evidence:
        return "Why: no phrase of the policy occurs in the ticket; the defaults hold."
    said: dict[tuple[str, str], list[str]] = {}
    for found in _best(decision.evidence):
        where = (_source(found), _flat(_sentence(found, ticket)))
        said.setdefault(where, [])
        if _say(found) not in said[where]:
            said[where].append(_say(found))
    lines = ["Why:"]
    for (source, quote), findings in list(said.items())[:_MOST_QUOTES]:
        lines += [f"- {'; '.join(findings)} ({source})", f"> {quote}"]
    return "\n".join(lines)


def _sentence(found: Evidence, ticket: Ticket | None) -> str:
    """The sentence around the evidence, cut to what can be read at a glance; the bare words without the ticket."""
    text = _text(found.source, ticket) if ticket else ""
    if text[found.start : found.end] != found.quote:
        return found.quote
    room = max(0, _LONGEST_QUOTE - len(found.quote)) // 2
    first, last = max(0, found.start - room), min(len(text), found.end + room)
    ends = [end.end() for end in _SENTENCE_END.finditer(text, first, found.start)]
    stop = _SENTENCE_END.search(text, found.end, last)
    return text[ends[-1] if ends else first : stop.start() if stop else last]


def _text(source: str, ticket: Ticket) -> str:
    if source in ("subject", "body"):
        return ticket.subject if source == "subject" else ticket.body
    return next((comment.body for comment in ticket.comments if comment.id == source), "")


def _best(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Facts decide how bad it is, so they come first; then the strongest words for the label."""
    return sorted(evidence, key=lambda found: not found.finding.startswith("fact "))


def _say(found: Evidence) -> str:
    kind, _, name = found.finding.partition(" ")
    if found.rule == "reader":
        return f"reads as {name}"
    return FACTS.get(name, name) if kind == "fact" else f"{name}: {found.rule.replace('_', ' ')}"


def _source(found: Evidence) -> str:
    return found.source if found.source in ("subject", "body") else f"comment {found.source}"


def _voices(decision: Decision) -> str:
    """What phrases and learned reader say each alone, in one line."""
    said = []
    for voice in decision.voices:
        name = "phrases" if voice.by == "cues" else "learned reader"
        words = f" ({', '.join(voice.words)})" if voice.words else ""
        rank = f"{voice.severity.name} {voice.severity_chance:.2f}" if voice.severity_chance else voice.severity.name
        said.append(f"{name} {voice.label} {voice.label_chance:.2f}{words}, {rank}")
    return f"Read by: {'; '.join(said)}." if said else ""


def _flat(quote: str) -> str:
    """One line without control characters, short enough to read."""
    flat = " ".join(_UNSEEN.sub(" ", quote).split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"


def _second_opinion(decision: Decision) -> str:
    """What a language model made of it, and what that did to the decision."""
    opinion = decision.opinion
    if opinion is None:
        return ""
    did = opinion.effect or "it agrees"
    said = f"Second opinion ({_flat(opinion.model)}): {opinion.label}, {opinion.severity}; {did}."
    return "\n".join([said, *(f"> {_flat(quote)}" for quote in opinion.quotes)])


def _ruled_out(decision: Decision) -> str:
    if not decision.ruled_out:
        return ""
    return "\n".join(["Ruled out:", *(f"- {_flat(item.what)}: {_flat(item.why)}" for item in decision.ruled_out[:5])])


def _asked(decision: Decision) -> str:
    """What a person is asked to confirm."""
    if not decision.proposals:
        return ""
    items = [f"- {_flat(item.what)}: {_flat(item.why)}" for item in decision.proposals]
    return "\n".join(["Please decide:", *items, "- to answer: /triage accept or /triage reject, in an internal note"])


def _noticed(decision: Decision) -> str:
    """What a person should know of, without a choice to make."""
    return "\n".join(["Please note:", *(f"- {warning}" for warning in decision.warnings)]) if decision.warnings else ""


def _left_alone(decision: Decision) -> str:
    return f"Nothing is written to this ticket: {decision.left_alone}." if decision.left_alone else ""


def _told(decision: Decision, policy: Policy, handed_over: bool) -> str:
    """Who talks to the customer, and who is to be told; roles, never people (C-25)."""
    usual = decision.communicator in ("", "assignee")
    talks = "" if usual else f"Talks to the customer: {_role(decision.communicator)}."
    told = f"Tell: {', '.join(map(_role, decision.notify))}." if decision.notify else ""
    bundle = policy.pack.bundles.get(decision.handover)
    if bundle and handed_over:
        follows = " and follows" if bundle.follow else ""
        over = f"Handed over to: {bundle.team}; the agent is taken off{follows}."
    else:
        steps = [", take the agent off"] if bundle and bundle.unassign else []
        steps += [", who follows"] if bundle and bundle.follow else []
        over = f"Hand over to: {bundle.team}{''.join(steps)}." if bundle else ""
    return " ".join(part for part in (talks, told, over) if part)


def _role(name: str) -> str:
    return name.replace("_", " ")


def _otherwise(decision: Decision) -> str:
    """The smallest changes that would change the outcome."""
    if not decision.counterfactuals:
        return ""
    return "\n".join(["It would be:", *(f"- {counterfactual(one)}" for one in decision.counterfactuals)])


def counterfactual(one: Counterfactual) -> str:
    """``P1 if there is no practical alternative``; ``P3 unless it is getting worse``."""
    added = " and ".join(FACTS[name] for name in one.add)
    removed = " or ".join(FACTS[name] for name in one.remove)
    said = " and ".join(part for part in (added and f"if {added}", removed and f"but for: {removed}") if part)
    return f"{one.outcome} {said}"


def _checked(decision: Decision) -> str:
    if not decision.checks:
        return ""
    return "Checked: " + ", ".join(f"{name.replace('_', ' ')} ({what})" for name, what in decision.checks.items()) + "."


def _promise(decision: Decision) -> str:
    due = decision.deadlines.get("first_reply")
    if due is None:
        return ""
    return f"First reply to the customer due by {due:%Y-%m-%d %H:%M} UTC."
