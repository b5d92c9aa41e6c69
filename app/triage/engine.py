"""``decide``: a ticket, what is known about it, a policy and a moment in; a decision with its evidence out.

The stages stand in S0-59's order: read the thread, facts, labels (``classified``); known issues and duplicates, which
are looked up in between and handed in with the context; severity, checks, route, escalate, clocks, tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any

from app.triage import answers_alike, clocks, forms, opinion, re_escalation, routing
from app.triage.classified import Classified, classified
from app.triage.communication import communication, spoke_instead
from app.triage.conditions import Seen
from app.triage.counterfactuals import Outcome, counterfactuals
from app.triage.decision import Context, Decision, Evidence, Level, Severity, Voice
from app.triage.escalation import Escalated, ask_first, escalate
from app.triage.facts import Facts, noted, of_others
from app.triage.labels import Labelled
from app.triage.lock import InForce, in_force
from app.triage.outcome import mark, outcome_hash
from app.triage.patterns import found as patterns
from app.triage.policy import Policy
from app.triage.restraint import opted_out, plan
from app.triage.rules import Rule, every
from app.triage.severity import Rated, rate
from app.triage.tags import tags_for
from app.triage.text import Message
from app.triage.ticket import Ref, Ticket

__all__ = ["Classified", "Stage", "classified", "decide", "examine", "mark", "outcome_hash", "plan"]

_MOST_EVIDENCE = 16


@dataclass(frozen=True, slots=True)
class Stage:
    """A group of rules and what they were asked with. ``first``: only the first that holds counts."""

    name: str
    rules: Sequence[Rule[Any]]
    seen: Seen
    first: bool


def decide(ticket: Ticket, context: Context, policy: Policy, now: datetime, read: Classified | None = None) -> Decision:
    """The whole answer for one ticket at one moment. Pure: the same four values give the same decision. ``read`` is
    what ``classified`` makes of them, where that is known already."""
    return examine(ticket, context, policy, now, read)[0]


def examine(
    ticket: Ticket, context: Context, policy: Policy, now: datetime, read: Classified | None = None
) -> tuple[Decision, tuple[Stage, ...]]:
    """The decision, and every group of rules with what it was asked with, for explaining.

    A second opinion is heard where one is wanted, as far as its outcome bears it (see ``app.triage.opinion``).
    """
    read = read or classified(ticket, context, policy, now)
    plain, stages = _examine(ticket, context, policy, now, read)
    given = context.opinion
    if given is None or not opinion.wanted(plain, policy.pack.labels):
        return plain, stages
    for breaks_ties in (True, False):
        hear = partial(opinion.weighed, opinion=given, labels=policy.pack.labels, breaks_ties=breaks_ties)
        heard, asked = _examine(ticket, context, policy, now, read, hear)
        if opinion.bears(plain, heard):
            return replace(heard, opinion=replace(given, effect=opinion.effect(given, plain, heard))), asked
    return replace(plain, opinion=replace(given, effect=opinion.NOTHING)), stages


def _examine(
    ticket: Ticket,
    context: Context,
    policy: Policy,
    now: datetime,
    read: Classified,
    hear: Callable[[Labelled], Labelled] = lambda labelled: labelled,
) -> tuple[Decision, tuple[Stage, ...]]:
    """The decision and its stages; ``hear`` is asked about the labels before anything follows from them."""
    pack, thread, facts, orders = policy.pack, read.thread, read.facts, read.seen.orders
    labelled = hear(read.labelled)
    seen = replace(
        read.seen,
        context=context,
        facts=read.seen.facts | of_others(ticket, context),
        label=labelled.primary,
        second_label=labelled.second,
        unsure=labelled.confidence < pack.labels.unsure_below,
    )
    resolved = facts.get("resolved")
    thanked = _said_at(ticket, resolved.source) if resolved else None
    seen, rated, severity = _rate(seen, thanked)
    checked = routing.checks(context)
    destination, route_rule = routing.route(seen, checked)
    at_routes = seen
    escalated = _ready(escalate(seen, severity, rated), seen, policy)
    destination = routing.queue(destination, escalated, seen)
    escalations, escalated_at = re_escalation.escalations(ticket, context, pack, escalated.level, now)
    same_answers = _same_answers(seen)
    late = {"escalated_bare"} if escalated.by_clock and not noted(ticket) else set[str]()
    late |= {"escalated_again"} if escalations > 1 else set()
    late |= {"undocumented"} if same_answers else set()
    seen = replace(seen, level=escalated.level, paged=escalated.page, facts=seen.facts | late)
    course = clocks.story(seen, severity.severity, escalated.level, thanked)
    promises = clocks.clocks_of(seen, course, severity.severity, escalated.level)
    seen = replace(_with(promises, seen), on_time=promises.on_time)
    to_do = clocks.agenda(promises, seen, severity.severity, escalated.level)
    told = communication(seen, escalated)
    found = patterns.found(seen)
    bundle = pack.bundles.get(told.handover)
    since = course.moments["level"][-1]
    escalation_tags = () if bundle is not None and bundle.drop_escalations else escalated.tags
    tags, tag_rules = tags_for(seen, escalation_tags, destination)
    decision = Decision(
        ref=ticket.ref,
        at=now,
        policy=policy.name,
        policy_stamp=policy.stamp,
        policy_digest=policy.digest,
        label=labelled.primary,
        second_label=labelled.second,
        confidence=labelled.confidence,
        runner_up=labelled.runner_up,
        runner_up_chance=labelled.runner_up_chance,
        severity=severity.severity,
        rated=rated.severity,
        rated_at_lock=severity.rated_at_lock,
        level=escalated.level,
        level_since=since,
        critical_since=next(iter(course.moments["critical"]), None),
        escalations=escalations,
        escalated_at=escalated_at,
        same_answers=same_answers,
        candidates=context.candidates,
        destination=destination,
        page=escalated.page,
        tags=tags,
        communicator=told.communicator,
        notify=told.notify,
        handover=told.handover,
        proposals=tuple(
            proposal
            for proposal in (*severity.proposals, *escalated.proposals, *found.proposals)
            if proposal.what not in orders.rejected
        ),
        pattern=found.pattern,
        warnings=(
            *spoke_instead(seen, told.communicator, since),
            *re_escalation.told(escalations, escalated.level),
            *clocks.moved(promises),
            *answers_alike.told(same_answers),
            *context.known_issue_hints,
        ),
        left_alone=opted_out(ticket, pack) or orders.left_alone,
        settled=orders.settled,
        language=thread.language,
        unread=thread.unread,
        known_issue=context.known_issues[0].id if context.known_issues else None,
        duplicate_of=context.duplicate_of,
        deadlines=MappingProxyType(promises.deadlines),
        wake_at=to_do.wake_at,
        clocks=promises.cycles,
        steps=to_do.due,
        facts=tuple(sorted({*rated.facts, *late})),
        rules=(*labelled.rules, *rated.rules, route_rule, *escalated.rules, *told.rules, *tag_rules, *found.rules),
        evidence=_evidence(facts, labelled.evidence, _read(policy, thread.messages, rated)),
        voices=_voices(seen, labelled, rated),
        ruled_out=(*labelled.ruled_out, *rated.ruled_out, *severity.ruled_out, *context.not_known, *facts.dropped),
        counterfactuals=counterfactuals(
            rated.at_upgrades,
            Outcome(rated.severity, escalated.level),
            lambda facts: _outcome(rated.at_upgrades, facts),
        ),
        checks=MappingProxyType(dict(checked)),
    )
    rules = pack.rules
    stages = (
        Stage("labels", pack.labels.weigh, replace(read.seen, label=labelled.leader), first=False),
        Stage("severity", rules.severity, rated.at_upgrades, first=True),
        Stage("upgrades", rules.upgrades, rated.at_upgrades, first=False),
        Stage("routes", rules.routes, at_routes, first=True),
        Stage("escalations", rules.escalations, at_routes, first=False),
        Stage("communicators", rules.communicators, seen, first=True),
        Stage("notifications", rules.notifications, seen, first=False),
        Stage("tags", rules.tags, seen, first=False),
        Stage("patterns", patterns.asked(seen), seen, first=False),
        Stage("issues", rules.issues, replace(seen, on_time=(), at_risk=(), overdue=(), breached=()), first=True),
    )
    if any(command.verb == "why" for command in orders.news):
        decision = replace(decision, because=tuple(_because(stages)))
    return decision, stages


def _ready(escalated: Escalated, seen: Seen, policy: Policy) -> Escalated:
    """The escalation, or its wait for what is missing; a person's wish, a clock that ran out, a page, P0 and P1 wait
    for nothing (S2-78)."""
    urgent = escalated.page or seen.severity is None or seen.severity <= Severity.P1
    if escalated.level not in (Level.L2, Level.L3) or escalated.by_person or escalated.by_clock or urgent:
        return escalated
    lacking = forms.lacking(seen.ticket, seen.label, policy.pack) if seen.label else ()
    return ask_first(escalated, lacking) if lacking else escalated


def _same_answers(seen: Seen) -> tuple[Ref, ...]:
    """The other tickets with the answer that a page should give (S4-09): told once, and known from then on."""
    previous, wanted = seen.context.previous, seen.pack.repeated_answers
    if previous is not None and previous.same_answers:
        return previous.same_answers
    found = answers_alike.to_propose(seen.context.answers, wanted.times) if seen.label in wanted.label else ()
    return () if found and answers_alike.shows_a_page(seen.ticket, wanted.not_pages) else found


def _rate(seen: Seen, thanked: datetime | None) -> tuple[Seen, Rated, InForce]:
    """The severity, then once more with the clocks that have passed under it. They run by the level that the ticket
    had: which one it reaches may follow from them."""
    previous = seen.context.previous
    level = previous.level if previous else Level.L1
    rated = rate(seen, previous)
    severity = in_force(rated, seen)
    rules = seen.pack.rules
    if asked := rules.asked_early:
        had = replace(seen, level=level, facts=rated.at_upgrades.facts, severity=severity.severity)
        course = clocks.story(had, severity.severity, level, thanked)
        seen = _with(clocks.clocks_of(had, course, severity.severity, level, asked), seen)
    if not rules.asked_for_severity.isdisjoint((*seen.overdue, *seen.at_risk, *seen.breached)):
        rated = rate(seen, previous)
        severity = in_force(rated, seen)
    return replace(seen, facts=rated.at_upgrades.facts, severity=severity.severity), rated, severity


def _with(promises: clocks.Clocks, seen: Seen) -> Seen:
    """What rules see, with the clocks that have passed."""
    return replace(seen, at_risk=promises.at_risk, overdue=promises.overdue, breached=promises.breached)


def _said_at(ticket: Ticket, source: str) -> datetime | None:
    """When a comment was written; None for the first message, with which the ticket came."""
    return next((one.at for one in ticket.comments if one.id == source), None)


def _because(stages: Sequence[Stage]) -> Iterator[str]:
    """The rules that hold because they saw something, a line each."""
    for stage in stages:
        held = every(stage.rules, stage.seen)
        for one in islice(held, 1) if stage.first else held:
            if one.saw:
                yield f"{stage.name}: {one.rule.name.replace('-', ' ')} ({', '.join(one.saw)})"


def _outcome(seen: Seen, facts: frozenset[str]) -> Outcome:
    """What other facts would come to, everything else being equal."""
    rated = rate(replace(seen, facts=facts, severity=None), seen.context.previous)
    severity = InForce(rated.severity)
    asked = replace(seen, facts=rated.at_upgrades.facts, severity=rated.severity)
    return Outcome(rated.severity, escalate(asked, severity, rated).level)


def _evidence(facts: Facts, labels: tuple[Evidence, ...], read: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What the decision rests on: the label's words first, then the sentences that turned the severity, then the
    facts', each once."""
    return tuple(dict.fromkeys((*labels, *read, *facts.values())))[:_MOST_EVIDENCE]


def _read(policy: Policy, thread: Sequence[Message], rated: Rated) -> Sequence[Evidence]:
    """The sentences by which the learned reader turned the rules' severity, where it did."""
    return policy.model.because(thread, rated.read) if policy.model and rated.read is not None else ()


def _voices(seen: Seen, labelled: Labelled, rated: Rated) -> tuple[Voice, ...]:
    """What the phrases and the learned reader would say, each alone; none where there is only one of them."""
    reading = seen.reading
    if reading is None:
        return ()
    label, severity = reading.label, reading.severity
    return (
        Voice("cues", labelled.by_cues, labelled.by_cues_chance, rated.by_rule),
        Voice(
            "reader",
            label,
            round(reading.labels[label], 3),
            severity,
            round(reading.severities[severity], 3),
            reading.words,
        ),
    )
