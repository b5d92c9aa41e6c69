"""The internal note: the outcome in one line, then why, in the customer's words, and what was ruled out (S0-80)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.triage.decision import Decision, Evidence
from app.triage.outcome import mark
from app.triage.policy import Policy
from app.triage.vocabulary import FACTS

MARK = re.compile(r"^[ \t>*_]*Firstline note ([0-9a-f]{12})\b", re.MULTILINE)
_LONGEST_QUOTE = 200
_MOST_QUOTES = 6


def marks_in(text: str) -> tuple[str, ...]:
    """The marks of our notes in a text; how adapters recognise our own notes."""
    return tuple(MARK.findall(text))


def render(decision: Decision, policy: Policy, held_back: str = "") -> str:
    """The note as plain text: paragraphs, ``- `` items, ``> `` for the customer's words (see ``AddNote``)."""
    paragraphs = [
        headline(decision, policy),
        held_back,
        _why(decision),
        _ruled_out(decision),
        _checked(decision),
        _promise(decision),
        f"Firstline note {mark(decision)} · policy {decision.policy}@{decision.policy_digest}",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def headline(decision: Decision, policy: Policy) -> str:
    """``P1 · Integration · Technical Support · L2, on-call paged``."""
    label = f"{decision.label} + {decision.second_label}" if decision.second_label else str(decision.label)
    known = policy.pack.destinations.get(decision.destination)
    team = known.team if known else decision.destination or "not routed yet"
    level = f"{decision.level}, page on-call" if decision.page else str(decision.level)
    unsure = " · please check the label" if decision.confidence < policy.pack.labels.unsure_below else ""
    return f"{decision.severity} · {label} · {team} · {level}{unsure}"


def _why(decision: Decision) -> str:
    if not decision.evidence:
        return "Why: no phrase of the policy occurs in the ticket; the defaults hold."
    lines = ["Why:"]
    quoted: set[str] = set()
    for found in _best(decision.evidence):
        quote = _flat(found.quote)
        lines.append(f"- {_say(found)} ({_source(found)})")
        if quote not in quoted:
            lines.append(f"> {quote}")
            quoted.add(quote)
    return "\n".join(lines)


def _best(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Facts decide how bad it is, so they come first; then the strongest words for the label."""
    return sorted(evidence, key=lambda found: not found.finding.startswith("fact "))[:_MOST_QUOTES]


def _say(found: Evidence) -> str:
    kind, _, name = found.finding.partition(" ")
    return FACTS.get(name, name) if kind == "fact" else f"{name}: {found.rule.replace('_', ' ')}"


def _source(found: Evidence) -> str:
    return found.source if found.source in ("subject", "body") else f"comment {found.source}"


def _flat(quote: str) -> str:
    """One line without control characters, short enough to read."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in quote).split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"


def _ruled_out(decision: Decision) -> str:
    if not decision.ruled_out:
        return ""
    return "\n".join(["Ruled out:", *(f"- {_flat(item.what)}: {_flat(item.why)}" for item in decision.ruled_out[:5])])


def _checked(decision: Decision) -> str:
    if not decision.checks:
        return ""
    return "Checked: " + ", ".join(f"{name.replace('_', ' ')} ({what})" for name, what in decision.checks.items()) + "."


def _promise(decision: Decision) -> str:
    due = decision.deadlines.get("first_reply")
    if due is None:
        return ""
    return f"First reply to the customer due by {due:%Y-%m-%d %H:%M} UTC."
