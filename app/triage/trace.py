"""How a decision came about: what was read, which facts hold, and of each rule that was asked what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from app.triage import effects, records, replies
from app.triage.actions import Action, kind
from app.triage.conditions import Seen
from app.triage.decision import Context, Decision
from app.triage.engine import Stage, examine, plan
from app.triage.facts import Facts, facts_of
from app.triage.labels import scores
from app.triage.policy import Policy
from app.triage.rules import Rule
from app.triage.text import Message
from app.triage.thread import read
from app.triage.ticket import Ticket
from app.triage.vocabulary import FACTS


@dataclass(frozen=True, slots=True)
class Answer:
    """One condition of a rule: what it wanted, as the pack says it, and what it saw; None where it does not hold."""

    condition: str
    wanted: Any
    saw: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked. It held when every condition did; one without conditions always does."""

    rule: Rule[Any]
    answers: tuple[Answer, ...]

    @property
    def held(self) -> bool:
        """Whether what it says follows."""
        return all(answer.saw is not None for answer in self.answers)

    @property
    def then(self) -> dict[str, Any]:
        """What follows when it holds, without what says nothing."""
        said: dict[str, Any] = self.rule.then.model_dump(mode="json", exclude_defaults=True)
        return said


@dataclass(frozen=True, slots=True)
class Group:
    """Rules in the order they were asked. ``first``: asking ended at the one that held, ``not_asked`` stood after."""

    name: str
    first: bool
    asked: tuple[Asked, ...]
    not_asked: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A decision about a ticket that nobody has touched, from the words to the plan. ``cues`` are the points by label
    that the words gave, before rules changed them."""

    policy: Policy
    decision: Decision
    messages: tuple[Message, ...]
    facts: Facts
    cues: dict[str, float]
    groups: tuple[Group, ...]
    actions: tuple[Action, ...]


def trace(ticket: Ticket, policy: Policy, now: datetime) -> Trace:
    """Decide about a ticket as if it had just come, and keep every step."""
    context = Context()
    decision, stages = examine(ticket, context, policy, now)
    thread = read(ticket, context.boilerplate, policy)
    points, _ = scores(thread.hits, policy.pack.labels)
    return Trace(
        policy=policy,
        decision=decision,
        messages=tuple(thread.messages),
        facts=facts_of(thread.hits),
        cues={label.value: round(score, 2) for label, score in sorted(points.items(), key=lambda one: -one[1])},
        groups=tuple(_group(stage) for stage in (*stages, _of_replies(stages[-1].seen, policy))),
        actions=tuple(_actions(ticket, decision, context, policy)),
    )


def to_json(found: Trace) -> dict[str, Any]:
    """The trace as a JSON object."""
    return {
        "decision": records.decision_to_record(found.decision),
        "policy": {"stamp": found.policy.stamp, "digest": found.policy.digest, "origins": list(found.policy.origins)},
        "read": [
            {
                "source": message.source,
                "speaker": message.speaker.value,
                "characters": len(message.text),
                "read_as": message.read_as,
            }
            for message in found.messages
        ],
        "facts": [
            {
                "fact": name,
                "meaning": FACTS[name],
                "evidence": asdict(found.facts[name]) if name in found.facts else None,
            }
            for name in found.decision.facts
        ],
        "dropped": [asdict(one) for one in found.facts.dropped],
        "cues": found.cues,
        "groups": [
            {
                "name": group.name,
                "takes": "the first that holds" if group.first else "every one that holds",
                "asked": [
                    {
                        "rule": one.rule.name,
                        "source": one.rule.source,
                        "held": one.held,
                        "conditions": [asdict(answer) for answer in one.answers],
                        "then": one.then,
                    }
                    for one in group.asked
                ],
                "not_asked": group.not_asked,
            }
            for group in found.groups
        ],
        "plan": [{"kind": kind(action), **asdict(action)} for action in found.actions],
    }


def _group(stage: Stage) -> Group:
    asked: list[Asked] = []
    for rule in stage.rules:
        wanted = rule.when.model_dump(mode="json", exclude_none=True)
        asked.append(
            Asked(rule, tuple(Answer(name, wanted[name], saw) for name, saw in rule.when.answers_to(stage.seen)))
        )
        if stage.first and asked[-1].held:
            break
    return Group(stage.name, stage.first, tuple(asked), len(stage.rules) - len(asked))


def _of_replies(seen: Seen, policy: Policy) -> Stage:
    """The rules of replies are asked after the decision and know no clocks that ran out."""
    return Stage("replies", policy.pack.rules.replies, replace(seen, overdue=()), first=False)


def _actions(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> Iterator[Action]:
    """The plan, and the replies that are due once it was carried out."""
    applied = dict(context.applied)
    for action in plan(ticket, decision, context, policy):
        applied, _ = effects.applied_after(action, applied, context.tags)
        yield action
    yield from replies.due(ticket, decision, replace(context, applied=applied), policy)
