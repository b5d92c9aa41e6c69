"""Tickets and decisions as JSON objects: what ``triage decide`` reads and prints, and what the store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.triage import opinion
from app.triage.clocks import UNKNOWN
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
from app.triage.ticket import Comment, Customer, Ref, Speaker, Status, Ticket, VendorName


def ticket_from_record(record: Any) -> Ticket:
    """A ticket from one JSON object; ``id`` and a ``subject`` or ``body`` are required. Raises ValueError."""
    if not isinstance(record, Mapping):
        raise ValueError("a ticket is a JSON object with id, subject and body")
    if "id" not in record or record["id"] in (None, ""):
        raise ValueError("the ticket has no id")
    subject = _text(record, "subject")
    body = _text(record, "body") or _text(record, "description")
    if "subject" not in record and "body" not in record and "description" not in record:
        raise ValueError("the ticket has neither subject nor body")
    created = _time(record, "created_at") or UNKNOWN
    return Ticket(
        ref=_ref(record),
        subject=subject,
        body=body,
        created_at=created,
        updated_at=_time(record, "updated_at") or created,
        comments=tuple(_comments(record, created)),
        requester=_customer(record),
        status=_status(_text(record, "status")),
        status_name=_text(record, "status"),
        priority=_text(record, "priority") or None,
        type=_text(record, "type"),
        tags=frozenset(_texts(record, "tags")),
        group=_text(record, "group"),
        assignee=_text(record, "assignee"),
        channel=_text(record, "channel"),
        brand=_text(record, "brand"),
        language=_text(record, "language"),
        fields=MappingProxyType({"area": area} if (area := _text(record, "area")) else {}),
    )


_PRINTED = (
    *("label", "second_label", "confidence", "severity", "level", "destination", "page", "tags"),
    *("communicator", "notify", "handover", "proposals"),
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
        "rated": decision.rated.name if decision.rated is not None else None,
        "rated_at_lock": decision.rated_at_lock.name if decision.rated_at_lock is not None else None,
        "level_since": decision.level_since.isoformat() if decision.level_since else None,
        "communicator": decision.communicator,
        "notify": list(decision.notify),
        "handover": decision.handover,
        "proposals": [{"what": item.what, "why": item.why} for item in decision.proposals],
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
        rated=Severity[data["rated"]] if data.get("rated") else None,
        rated_at_lock=Severity[data["rated_at_lock"]] if data.get("rated_at_lock") else None,
        level_since=datetime.fromisoformat(data["level_since"]) if data.get("level_since") else None,
        communicator=data.get("communicator", ""),
        notify=tuple(data.get("notify", ())),
        handover=data.get("handover", ""),
        proposals=tuple(Proposal(**item) for item in data.get("proposals", ())),
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


def _ref(record: Mapping[str, Any]) -> Ref:
    name = str(record.get("vendor") or "zendesk").lower()
    vendor: VendorName
    if name == "zendesk":
        vendor = "zendesk"
    elif name == "jira":
        vendor = "jira"
    else:
        raise ValueError(f"vendor {name!r} is not known; it is zendesk or jira")
    return Ref(vendor, _text(record, "account") or "local", str(record["id"]))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, Mapping) and "name" in value:
        value = value["name"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {type(value).__name__}")
    return value


def _texts(record: Mapping[str, Any], name: str) -> list[str]:
    value = record.get(name) or []
    if isinstance(value, str):
        return value.split()
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValueError(f"{name} must be a list of texts")
    return list(value)


def _time(record: Mapping[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError):
            raise ValueError(f"{name} is not a time: {value!r}") from None
    try:
        at = datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is not an ISO 8601 time such as 2026-03-01T09:00:00Z: {value!r}") from None


_STATUSES = {
    **{status.value: status for status in Status},
    "to do": Status.NEW,
    "in progress": Status.OPEN,
    "on-hold": Status.HOLD,
    "resolved": Status.SOLVED,
    "done": Status.SOLVED,
}


def _status(name: str) -> Status:
    """The status by its own or a usual name; a name of the account's own is an open one."""
    return _STATUSES.get(name.lower(), Status.OPEN) if name else Status.NEW


def _customer(record: Mapping[str, Any]) -> Customer:
    requester = record.get("requester")
    person: Mapping[str, Any] = requester if isinstance(requester, Mapping) else {"name": requester or ""}
    given = record.get("organization", record.get("organisation", person.get("organization")))
    organization: Mapping[str, Any] = given if isinstance(given, Mapping) else {"name": given or ""}
    return Customer(
        id=str(person.get("id") or ""),
        name=str(person.get("name") or ""),
        organization_id=str(organization.get("id") or ""),
        organization=str(organization.get("name") or ""),
        tier=str(organization.get("tier") or person.get("tier") or ""),
        strategic=organization.get("strategic") is True,
    )


def _comments(record: Mapping[str, Any], created: datetime) -> list[Comment]:
    given = record.get("comments") or []
    if not isinstance(given, list):
        raise ValueError("comments must be a list")
    return [_comment(entry, number, created) for number, entry in enumerate(given, start=1)]


def _comment(entry: Any, number: int, created: datetime) -> Comment:
    if isinstance(entry, str):
        return Comment(id=str(number), speaker=Speaker.CUSTOMER, body=entry, at=created)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("body"), str):
        raise ValueError(f"comment {number} must be a text or an object with a body")
    public = entry.get("public", True)
    if not isinstance(public, bool):
        raise ValueError(f"public of comment {number} must be true or false")
    return Comment(
        id=str(entry.get("id") or number),
        speaker=_speaker(entry, number, public),
        body=entry["body"],
        at=_time(entry, "at") or _time(entry, "created_at") or created,
        public=public,
        author_id=str(entry.get("author_id") or ""),
    )


_SPEAKERS = {
    "customer": Speaker.CUSTOMER,
    "user": Speaker.CUSTOMER,
    "end-user": Speaker.CUSTOMER,
    "end_user": Speaker.CUSTOMER,
    "requester": Speaker.CUSTOMER,
    "agent": Speaker.AGENT,
    "admin": Speaker.AGENT,
    "support": Speaker.AGENT,
    "staff": Speaker.AGENT,
    "worker": Speaker.WORKER,
    "bot": Speaker.WORKER,
}


def _speaker(entry: Mapping[str, Any], number: int, public: bool) -> Speaker:
    """Who wrote it: ``speaker`` or ``role`` in known words, or an ``author`` by role; a private note is an agent's."""
    for name in ("speaker", "role"):
        if entry.get(name):
            word = str(entry[name]).lower()
            if word not in _SPEAKERS:
                raise ValueError(f"{name} {word!r} of comment {number} is not known; it is customer, agent or worker")
            return _SPEAKERS[word]
    author = entry.get("author")
    if isinstance(author, Mapping):
        author = author.get("role") or author.get("name")
    return _SPEAKERS.get(str(author or "").lower(), Speaker.CUSTOMER if public else Speaker.AGENT)
