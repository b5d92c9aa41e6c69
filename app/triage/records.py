"""Decisions as JSON objects: what ``triage decide`` prints, and what the store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from app.triage import opinion
from app.triage.decision import (
    Counterfactual,
    Decision,
    Evidence,
    Label,
    Level,
    Proposal,
    RuledOut,
    Severity,
    Voice,
)
from app.triage.duplicates.found import Candidate
from app.triage.patterns import pattern
from app.triage.ticket import Ref

_PRINTED = (
    *(
        "label",
        "second_label",
        "confidence",
        "runner_up",
        "runner_up_chance",
        "severity",
        "level",
        "destination",
        "page",
        "tags",
    ),
    *("communicator", "notify", "handover", "proposals", "pattern"),
    *("language", "unread", "duplicate_of", "known_issue", "deadlines", "facts", "evidence", "voices"),
    *("ruled_out", "counterfactuals"),
)


def decision_to_record(decision: Decision) -> dict[str, Any]:
    """What ``triage decide`` prints for one ticket."""
    whole = to_json(decision)
    policy = f"{decision.policy}@{decision.policy_digest}"
    return {"id": decision.ref.id, **{name: whole[name] for name in _PRINTED}, "policy": policy}


def to_json(decision: Decision) -> dict[str, Any]:
    """The whole decision as a JSON object; ``from_json`` gives it back."""
    return {
        "ref": str(decision.ref),
        "at": decision.at.isoformat(),
        "policy": decision.policy,
        "policy_digest": decision.policy_digest,
        "label": decision.label.value,
        "second_label": decision.second_label.value if decision.second_label else None,
        "confidence": decision.confidence,
        "severity": decision.severity.name,
        "level": decision.level.value,
        "destination": decision.destination,
        "page": decision.page,
        "tags": list(decision.tags),
        "policy_stamp": decision.policy_stamp,
        "runner_up": decision.runner_up.value if decision.runner_up else None,
        "runner_up_chance": decision.runner_up_chance,
        "rated": decision.rated.name if decision.rated is not None else None,
        "rated_at_lock": decision.rated_at_lock.name if decision.rated_at_lock is not None else None,
        "level_since": decision.level_since.isoformat() if decision.level_since else None,
        "critical_since": decision.critical_since.isoformat() if decision.critical_since else None,
        "escalations": decision.escalations,
        "escalated_at": decision.escalated_at.isoformat() if decision.escalated_at else None,
        "same_answers": [str(ref) for ref in decision.same_answers],
        "candidates": [_candidate_json(one) for one in decision.candidates],
        "communicator": decision.communicator,
        "notify": list(decision.notify),
        "handover": decision.handover,
        "proposals": [{"what": item.what, "why": item.why} for item in decision.proposals],
        "pattern": pattern.to_json(decision.pattern) if decision.pattern else None,
        "warnings": list(decision.warnings),
        "left_alone": decision.left_alone,
        "settled": {mark: list(proposals) for mark, proposals in decision.settled.items()},
        "because": list(decision.because),
        "language": decision.language,
        "unread": decision.unread,
        "known_issue": decision.known_issue,
        "duplicate_of": str(decision.duplicate_of) if decision.duplicate_of else None,
        "deadlines": {name: at.isoformat() for name, at in decision.deadlines.items()},
        "wake_at": decision.wake_at.isoformat() if decision.wake_at else None,
        "facts": list(decision.facts),
        "rules": list(decision.rules),
        "evidence": [_evidence_json(found) for found in decision.evidence],
        "ruled_out": [{"what": item.what, "why": item.why} for item in decision.ruled_out],
        "voices": [_voice_json(voice) for voice in decision.voices],
        "counterfactuals": [
            {"outcome": one.outcome, "add": list(one.add), "remove": list(one.remove)}
            for one in decision.counterfactuals
        ],
        "checks": dict(decision.checks),
        "opinion": opinion.to_json(decision.opinion) if decision.opinion else None,
    }


def from_json(data: Mapping[str, Any]) -> Decision:
    """The decision that ``to_json`` wrote."""
    return Decision(
        ref=Ref.parse(data["ref"]),
        at=datetime.fromisoformat(data["at"]),
        policy=data["policy"],
        policy_digest=data["policy_digest"],
        label=Label(data["label"]),
        second_label=Label(data["second_label"]) if data["second_label"] else None,
        confidence=data["confidence"],
        severity=Severity[data["severity"]],
        level=Level(data["level"]),
        destination=data["destination"],
        page=data["page"],
        tags=tuple(data["tags"]),
        policy_stamp=data.get("policy_stamp", ""),
        runner_up=Label(data["runner_up"]) if data.get("runner_up") else None,
        runner_up_chance=data.get("runner_up_chance", 0.0),
        rated=Severity[data["rated"]] if data.get("rated") else None,
        rated_at_lock=Severity[data["rated_at_lock"]] if data.get("rated_at_lock") else None,
        level_since=datetime.fromisoformat(data["level_since"]) if data.get("level_since") else None,
        critical_since=datetime.fromisoformat(data["critical_since"]) if data.get("critical_since") else None,
        escalations=data.get("escalations", 0),
        escalated_at=datetime.fromisoformat(data["escalated_at"]) if data.get("escalated_at") else None,
        same_answers=tuple(map(Ref.parse, data.get("same_answers", ()))),
        candidates=tuple(map(_candidate, data.get("candidates", ()))),
        communicator=data.get("communicator", ""),
        notify=tuple(data.get("notify", ())),
        handover=data.get("handover", ""),
        proposals=tuple(Proposal(**item) for item in data.get("proposals", ())),
        pattern=pattern.from_json(data["pattern"]) if data.get("pattern") else None,
        warnings=tuple(data.get("warnings", ())),
        left_alone=data.get("left_alone", ""),
        settled=MappingProxyType({mark: tuple(stood) for mark, stood in data.get("settled", {}).items()}),
        because=tuple(data.get("because", ())),
        language=data.get("language", ""),
        unread=data.get("unread", False),
        known_issue=data["known_issue"],
        duplicate_of=Ref.parse(data["duplicate_of"]) if data["duplicate_of"] else None,
        deadlines=MappingProxyType({name: datetime.fromisoformat(at) for name, at in data["deadlines"].items()}),
        wake_at=datetime.fromisoformat(data["wake_at"]) if data["wake_at"] else None,
        facts=tuple(data["facts"]),
        rules=tuple(data["rules"]),
        evidence=tuple(Evidence(**found) for found in data["evidence"]),
        ruled_out=tuple(RuledOut(**item) for item in data["ruled_out"]),
        voices=tuple(map(_voice, data.get("voices", ()))),
        counterfactuals=tuple(
            Counterfactual(one["outcome"], tuple(one["add"]), tuple(one["remove"])) for one in data["counterfactuals"]
        ),
        checks=MappingProxyType(dict(data["checks"])),
        opinion=opinion.from_json(data["opinion"]) if data.get("opinion") else None,
    )


def _evidence_json(found: Evidence) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "finding": found.finding,
        "quote": found.quote,
        "source": found.source,
        "start": found.start,
        "end": found.end,
    }


def _candidate_json(one: Candidate) -> dict[str, Any]:
    """Without its subject, which is a customer's."""
    return {
        "ref": str(one.ref),
        "chance": one.chance,
        "band": one.band,
        "why": list(one.why),
        "rejected": one.rejected,
    }


def _candidate(data: Mapping[str, Any]) -> Candidate:
    return Candidate(Ref.parse(data["ref"]), data["chance"], data["band"], tuple(data["why"]), data.get("rejected", ""))


def _voice_json(voice: Voice) -> dict[str, Any]:
    return {
        "by": voice.by,
        "label": voice.label.value,
        "label_chance": voice.label_chance,
        "severity": voice.severity.name,
        "severity_chance": voice.severity_chance,
        "words": list(voice.words),
    }


def _voice(data: Mapping[str, Any]) -> Voice:
    return Voice(
        data["by"],
        Label(data["label"]),
        data["label_chance"],
        Severity[data["severity"]],
        data["severity_chance"],
        tuple(data["words"]),
    )
