"""The issue that engineering gets for a ticket: whether the policy wants one, and what it says (S3-14, S4-30).

It holds the escalation form with what is known and how much of it, the words that the decision rests on, and the way
back to the ticket. Customers' words are quoted, one line each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.triage import answers_alike, forms
from app.triage import field_texts as texts
from app.triage.bridge import NewIssue, marker_of
from app.triage.bridge_parts import MakeIssue
from app.triage.fields import Known
from app.triage.note import why
from app.triage.replies import seen_after
from app.triage.rules import first
from app.triage.ticket import Ref, Status

LABEL = "firstline"
"""The label of every issue that we make."""

_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9]\d*")
_LONGEST_SUMMARY = 200
_MOST_ATTACHMENTS = 20


def chosen(known: Known) -> MakeIssue | None:
    """What the rules want for the ticket: the first of ``rules.issues`` that holds. Only tickets of customers get
    issues, and only while they are under way."""
    ticket = known.ticket
    if ticket.ref.vendor == "jira" or ticket.status in (Status.SOLVED, Status.CLOSED):
        return None
    held = first(known.policy.pack.rules.issues, seen_after(known))
    return held.rule.then if held else None


def known_issue(known: Known) -> Ref | None:
    """The issue of the known issue that the ticket matches, where its name is an issue's key: nothing new is made."""
    key = known.decision.known_issue or ""
    return Ref("jira", known.context.engineering, key) if _KEY.fullmatch(key) else None


def project(rule: MakeIssue, known: Known) -> str:
    """The key of the project, empty where neither the rule nor the pack names one."""
    return rule.project or known.policy.pack.bridge.project


def issue(rule: MakeIssue, known: Known, url: str) -> NewIssue:
    """The issue that a rule wants. ``url`` is where people read the ticket."""
    bridge, decision = known.policy.pack.bridge, known.decision
    by_area = {area.casefold(): component for area, component in bridge.components.items()}
    component = rule.component or by_area.get(known.ticket.area.casefold(), "")
    return NewIssue(
        project=project(rule, known),
        issue_type=rule.issue_type or bridge.issue_type,
        summary=summary(known, rule.title),
        text="\n\n".join(_paragraphs(known, url)),
        marker=marker_of(known.ticket.ref),
        labels=(LABEL, *rule.labels),
        components=(component,) if component else (),
        priority=known.policy.pack.priority["jira"][decision.severity.name],
        fields={
            name: value
            for name, value in (
                ("severity", known.field("severity")),
                ("label", known.field("label")),
                ("level", known.field("level")),
                ("organization", known.field("organization")),
                ("tier", known.field("tier")),
            )
            if value
        },
    )


def summary(known: Known, title: str = "") -> str:
    """The subject on one line, or the problem where there is none, after a rule's title; 200 characters at most."""
    said = texts.plain(known.ticket.subject) or known.field("problem") or f"Ticket {known.ticket.ref.id}"
    said = f"{title}: {said}" if title else said
    return said if len(said) <= _LONGEST_SUMMARY else said[: _LONGEST_SUMMARY - 1] + "…"


def proposal(known: Known) -> str:
    """What a person is asked to file, where no account is named in which we may; empty for nothing."""
    rule = chosen(known) if not known.context.engineering else None
    if rule is None:
        return ""
    wanted = issue(rule, known, "")
    where = f" in {wanted.project}" if wanted.project else ""
    more = [f"component {one}" for one in wanted.components] + [f"label {one}" for one in wanted.labels[1:]]
    asked = "".join(f", {one}" for one in more)
    return f"For engineering, please file a {wanted.issue_type}{where}{asked}:\n> {wanted.summary}"


def _paragraphs(known: Known, url: str) -> Iterator[str]:
    ticket, decision, pack = known.ticket, known.decision, known.policy.pack
    who = texts.plain(ticket.requester.organization) or "a customer"
    tier = f" ({texts.plain(ticket.requester.tier)})" if ticket.requester.tier else ""
    yield "\n".join(
        (
            f"{ticket.ref.vendor.capitalize()} ticket {ticket.ref.id}: {url}",
            f"{pack.shown(decision.severity)} · {decision.label} · {decision.level} · {who}{tier}",
        )
    )
    if decision.same_answers:
        yield "\n".join(f"{line[:1].upper()}{line[1:]}." for line in answers_alike.told(decision.same_answers))
    form = pack.forms.get("escalation")
    if form:
        yield forms.text(forms.fill(form, known))
    if decision.evidence:
        yield why(decision, ticket)
    attached = [*ticket.attachments, *(name for one in ticket.comments for name in one.attachments)]
    names = [texts.plain(name) for name in attached]
    if names:
        more = f" and {len(names) - _MOST_ATTACHMENTS} more" if len(names) > _MOST_ATTACHMENTS else ""
        yield f"Attached to the ticket:\n> {', '.join(names[:_MOST_ATTACHMENTS])}{more}"
    yield f"A comment that begins with {pack.bridge.support_mark} goes back to support; the customer does not see it."
