"""What a decision comes to, as a short name: two decisions with the same outcome need only one note."""

from __future__ import annotations

import hashlib
import json

from app.triage.decision import Decision


def outcome_hash(decision: Decision) -> str:
    """Sixteen hex digits over everything that is decided; not over time, policy or evidence."""
    return _digest(decision)[:16]


def mark(decision: Decision) -> str:
    """Twelve hex digits that stand in the note, by which a re-run finds it."""
    return _digest(decision)[:12]


def _digest(decision: Decision) -> str:
    outcome = [
        decision.label,
        decision.second_label,
        decision.severity.name,
        decision.level,
        decision.destination,
        decision.page,
        sorted(tag.casefold() for tag in decision.tags),
        decision.known_issue,
        True if decision.duplicate_of else None,  # which one may change while tickets come in: the link says so
        decision.communicator,
        sorted(decision.notify),
        decision.handover,
        sorted(proposal.what for proposal in decision.proposals),
        *decision.warnings,
        *([decision.pattern.outcome] if decision.pattern else []),
        *([decision.left_alone] if decision.left_alone else []),
        *([decision.opinion.label] if decision.opinion and decision.opinion.effect else []),  # one that agrees: no news
    ]
    return hashlib.sha256(json.dumps(outcome).encode()).hexdigest()
