"""The fields that texts and forms may name, one function each. A function returns the field's text, or None: unknown.

customer          the requester's name
organization      the requester's organization
company           the requester's organization, or the requester where there is none
tier              the organization's tier
reported_on       the day the ticket came
area              the product area (the field `area`, or the first Jira component)
since             when the first ticket about the same fault came
ticket_id         the ticket's number or key
subject           the ticket's subject
brief             the subject without "Re:" and the like, short enough for a subject line
level             the level that was reached
team              the team whose queue has the ticket
severity          the severity by its shown name
severity_words    the severity in words for the customer, where the policy shows it
label             the primary label
second_label      the secondary label
problem           the subject, and the customer's sentence that states the problem
use_case          the customer's sentence about what they want to do
disruption        what is disturbed, in a few words of the customer's
capability        what an idea asks for, in a few words of the customer's
affected          how many are affected, in the customer's words
impact            what business suffers, in the customer's words
urgency           High, Medium or Low, by severity (C-16)
priority          the same for a message to colleagues, where an escalated Low is a Medium (C-16)
money             an amount at stake, in the customer's words
steps             steps to reproduce, numbered, one a line
expected          what should happen
actual            what happens instead
environment       production, staging and the like
client            browser, app or system with its version
role              the user's role
urls              addresses that were named
errors            error texts, verbatim
logs              the beginning of a pasted log or stack trace
screenshot        that a picture or recording is mentioned
tried             what was tried already
account_value     the organization's yearly value, where the account tells
health            the organization's health, where the account tells
renewal           when its contract renews, where the account tells
recent            how often each side has spoken in this ticket
sentiment         the customer's mood, with the words that show it
diagnosis         what the worker makes of it, marked as automatic
workaround        a workaround of the known issue that matches
workaround_told   whether there is a workaround, by the known issue or by the customer's own words
known_issue       the known issue that matches
root_cause        the cause, in the words of a colleague who found it
related           the ticket that this one repeats, similar ones, and known issues
requested_action  what may be asked of the next level, ticked by label
timeline          every promise with its due time
justification     the rules and facts behind the severity
commitment        what the customer was promised
update_every      how often the customer hears from us
next_update       when the customer hears from us next
update_by         until when the customer hears from a person
acknowledge_by    until when the level that was reached must answer
communicator      the role that talks to the customer
demand            how many customers ask for the same
competitor        a competitor that is named as having it
missing           what to ask the customer, one question a line
document          title and address of the page that answers
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.triage import field_texts as texts
from app.triage.decision import Context, Decision
from app.triage.details import Details, details
from app.triage.ticket import Ticket

if TYPE_CHECKING:
    from app.triage.policy import Policy

_IN_LINES = frozenset({"steps", "logs", "missing"})
"""Fields whose line breaks mean something; any other is one line."""


@dataclass(frozen=True)
class Known:
    """What fields are read from. ``questions`` are the fields that a form lacks and that the customer can tell;
    ``language`` is the text's."""

    ticket: Ticket
    context: Context
    decision: Decision
    policy: Policy
    language: str = "en"
    questions: tuple[str, ...] = ()

    def field(self, name: str) -> str | None:
        """A field's text, None when unknown: printable, and on one line unless its lines mean something.

        Raises KeyError for a name that is no field.
        """
        lines = filter(None, map(texts.plain, (FIELDS[name](self) or "").splitlines()))
        return ("\n" if name in _IN_LINES else " ").join(lines) or None

    @cached_property
    def details(self) -> Details:
        """What can be read off the customer's words; read once, and only when a field asks."""
        return details(self.ticket, self.context.boilerplate)


FIELDS: Mapping[str, Callable[[Known], str | None]] = MappingProxyType(
    {
        "customer": lambda known: known.ticket.requester.name,
        "organization": lambda known: known.ticket.requester.organization,
        "company": lambda known: known.ticket.requester.organization or known.ticket.requester.name,
        "tier": lambda known: known.ticket.requester.tier,
        "reported_on": texts.reported_on,
        "area": lambda known: known.ticket.area,
        "since": texts.since,
        "ticket_id": lambda known: known.ticket.ref.id,
        "subject": lambda known: known.ticket.subject,
        "brief": texts.brief,
        "level": lambda known: str(known.decision.level),
        "team": texts.team,
        "severity": lambda known: known.policy.pack.shown(known.decision.severity),
        "severity_words": texts.severity_words,
        "label": lambda known: str(known.decision.label),
        "second_label": lambda known: str(known.decision.second_label or ""),
        "problem": texts.problem,
        "use_case": lambda known: texts.quote(known.details.problem),
        "disruption": lambda known: known.details.disruption,
        "capability": lambda known: known.details.capability,
        "affected": texts.affected,
        "impact": texts.impact,
        "urgency": texts.urgency,
        "priority": texts.priority,
        "money": lambda known: texts.quote(known.details.money),
        "steps": texts.steps,
        "expected": lambda known: texts.quote(known.details.expected),
        "actual": lambda known: texts.quote(known.details.actual),
        "environment": lambda known: texts.quote(known.details.environment),
        "client": lambda known: texts.quote(known.details.client),
        "role": lambda known: texts.quote(known.details.role),
        "urls": lambda known: texts.quotes(known.details.urls),
        "errors": lambda known: texts.quotes(known.details.errors),
        "logs": texts.logs,
        "screenshot": lambda known: texts.quote(known.details.screenshot),
        "tried": lambda known: texts.quotes(known.details.tried),
        "account_value": lambda known: known.ticket.fields.get("account_value"),
        "health": lambda known: known.ticket.fields.get("health"),
        "renewal": lambda known: known.ticket.fields.get("renewal"),
        "recent": texts.recent,
        "sentiment": texts.sentiment,
        "diagnosis": texts.diagnosis,
        "workaround": texts.workaround,
        "workaround_told": texts.workaround_told,
        "known_issue": texts.known_issue,
        "root_cause": lambda known: texts.said(known, ("code_fix_needed",)),
        "related": texts.related,
        "requested_action": texts.requested_action,
        "timeline": texts.timeline,
        "justification": texts.justification,
        "commitment": texts.commitment,
        "update_every": texts.update_every,
        "next_update": lambda known: texts.due("customer_update", known),
        "update_by": lambda known: texts.due("first_reply", known),
        "acknowledge_by": lambda known: texts.due("level_response", known),
        "communicator": lambda known: known.decision.communicator.replace("_", " "),
        "demand": lambda known: str(known.context.demand) if known.context.demand > 1 else None,
        "competitor": lambda known: texts.said(known, ("competitor",)),
        "missing": texts.missing,
        "document": texts.document,
    }
)
