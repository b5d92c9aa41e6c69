"""The fields that texts and forms may name, one function each. A function returns the field's text, or None: unknown.

customer          the requester's name
organization      the requester's organization
tier              the organization's tier
reported_on       the day the ticket came
ticket_id         the ticket's number or key
subject           the ticket's subject
level             the level that was reached
team              the team whose queue has the ticket
severity          the severity by its shown name
severity_words    the severity in words for the customer, where the policy shows it
label             the primary label
second_label      the secondary label
problem           the customer's sentence that states the problem
disruption        what is disturbed, in a few words of the customer's
capability        what an idea asks for, in a few words of the customer's
affected          how many are affected, in the customer's words
impact            what business suffers, in the customer's words
urgency           High, Medium or Low, by severity (C-16)
money             an amount at stake, in the customer's words
steps             steps to reproduce, numbered
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
sentiment         the customer's mood, with the words that show it
diagnosis         what the worker makes of it, marked as automatic
workaround        a workaround of the known issue that matches
workaround_told   whether there is a workaround, by the known issue or by the customer's own words
known_issue       the known issue that matches
related           the ticket that this one repeats, and known issues
requested_action  what is asked of the next level, by label
timeline          when it is promised to be answered
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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.triage.clocks import UNKNOWN
from app.triage.decision import Context, Decision, Evidence, Label, Level
from app.triage.details import Details, details
from app.triage.ticket import Ticket
from app.triage.vocabulary import FACTS

if TYPE_CHECKING:
    from app.triage.policy import Policy


@dataclass(frozen=True)
class Known:
    """What fields are read from. ``questions`` are those that a form has found missing; ``language`` is the text's."""

    ticket: Ticket
    context: Context
    decision: Decision
    policy: Policy
    language: str = "en"
    questions: tuple[str, ...] = ()

    def field(self, name: str) -> str | None:
        """A field's text, None when unknown. Raises KeyError for a name that is no field."""
        return FIELDS[name](self) or None

    @cached_property
    def details(self) -> Details:
        """What can be read off the customer's words; read once, and only when a field asks."""
        return details(self.ticket)


def _quote(found: Evidence | None) -> str | None:
    return " ".join(found.quote.split()) if found else None


def _quotes(found: Sequence[Evidence]) -> str | None:
    return "; ".join(dict.fromkeys(" ".join(one.quote.split()) for one in found)) or None


def _moment(at: datetime | None, known: Known) -> str | None:
    """An instant in the time zone of the policy's calendar, the same in every language."""
    return at.astimezone(known.policy.calendar.zone).strftime("%Y-%m-%d %H:%M %Z") if at else None


def _custom(name: str) -> Callable[[Known], str | None]:
    return lambda known: known.ticket.fields.get(name)


def _team(known: Known) -> str | None:
    destination = known.decision.destination
    teams = {name: team.team for name, team in known.policy.pack.destinations.items()} | dict(known.context.teams)
    return teams.get(destination)


def _severity_words(known: Known) -> str | None:
    pack, rank = known.policy.pack, known.decision.severity.name
    if rank not in pack.ack.show_severity:
        return None
    words = pack.severity.words
    return words.get(known.language, words.get(pack.ack.language, {})).get(rank)


def _steps(known: Known) -> str | None:
    steps = known.details.steps
    return "; ".join(f"{number}. {_quote(step)}" for number, step in enumerate(steps, start=1)) or None


def _sentiment(known: Known) -> str | None:
    said = next((found for found in known.decision.evidence if found.rule == "frustrated"), None)
    if said is None:
        return "frustrated" if "frustrated" in known.decision.facts else None
    return f"frustrated (“{_quote(said)}”)"


def _diagnosis(known: Known) -> str:
    facts = "; ".join(FACTS[name] for name in known.decision.facts)
    return f"automatic: {known.decision.label}" + (f", {facts}" if facts else "")


def _of_known_issue(known: Known) -> str | None:
    issues = known.context.known_issues or ()
    return next((one.workaround for one in issues if one.workaround and not one.workaround_broken), None)


def _workaround_told(known: Known) -> str | None:
    said = next((found for found in known.decision.evidence if found.rule == "workaround"), None)
    if _of_known_issue(known):
        return _of_known_issue(known)
    if "workaround" in known.decision.facts:
        return f"yes (“{_quote(said)}”)" if said else "yes"
    return "no" if "no_workaround" in known.decision.facts else None


def _known_issue(known: Known) -> str | None:
    issues = known.context.known_issues or ()
    return next((f"{one.id} {one.title}".strip() for one in issues), None)


def _related(known: Known) -> str | None:
    master = known.decision.duplicate_of
    return (
        "; ".join(part for part in (f"repeats {master}" if master else "", _known_issue(known) or "") if part) or None
    )


_ASKED = MappingProxyType(
    {
        Label.ENHANCEMENT: "feature enhancement",
        Label.GUIDANCE: "documentation update",
        Label.ACCESS: "configuration change",
        Label.BILLING: "decision on the account",
        Label.SECURITY: "security review",
    }
)


def _requested_action(known: Known) -> str:
    return (
        "escalation to leadership" if known.decision.level is Level.L4 else _ASKED.get(known.decision.label, "bug fix")
    )


def _justification(known: Known) -> str | None:
    rules = {rule.name for _, group in known.policy.pack.rules.groups() for rule in group}
    why = [name.replace("-", " ") for name in known.decision.rules if name in rules][:3]
    said = [f"“{_quote(found)}”" for found in known.decision.evidence if found.finding.startswith("fact ")][:3]
    return "; ".join((*why, *said)) or None


def _due(name: str) -> Callable[[Known], str | None]:
    return lambda known: _moment(known.decision.deadlines.get(name), known)


def _commitment(known: Known) -> str | None:
    by = _due("first_reply")(known)
    return f"an answer by {by}" if by else None


def _update_every(known: Known) -> str | None:
    clock = known.policy.pack.clocks.get("customer_update")
    target = clock.of(known.decision.severity) if clock else None
    return f"every {target.due}" if target else None


def _competitor(known: Known) -> str | None:
    said = next((found for found in known.decision.evidence if found.rule == "competitor"), None)
    return f"“{_quote(said)}”" if said else None


def _document(known: Known) -> str | None:
    library = known.policy.library
    cited = library.best(library.search(known.ticket, [known.decision.label]))
    return f"{cited.title}: {cited.url}" if cited else None


FIELDS: Mapping[str, Callable[[Known], str | None]] = MappingProxyType(
    {
        "customer": lambda known: known.ticket.requester.name,
        "organization": lambda known: known.ticket.requester.organization,
        "tier": lambda known: known.ticket.requester.tier,
        "reported_on": lambda known: f"{at:%Y-%m-%d}" if (at := known.ticket.created_at) > UNKNOWN else None,
        "ticket_id": lambda known: known.ticket.ref.id,
        "subject": lambda known: " ".join(known.ticket.subject.split()),
        "level": lambda known: str(known.decision.level),
        "team": _team,
        "severity": lambda known: known.policy.pack.shown(known.decision.severity),
        "severity_words": _severity_words,
        "label": lambda known: str(known.decision.label),
        "second_label": lambda known: str(known.decision.second_label) if known.decision.second_label else None,
        "problem": lambda known: _quote(known.details.problem),
        "disruption": lambda known: known.details.disruption,
        "capability": lambda known: known.details.capability,
        "affected": lambda known: _quote(known.details.affected),
        "impact": lambda known: _quote(known.details.impact),
        "urgency": lambda known: known.policy.pack.urgency[known.decision.severity.name],
        "money": lambda known: _quote(known.details.money),
        "steps": _steps,
        "expected": lambda known: _quote(known.details.expected),
        "actual": lambda known: _quote(known.details.actual),
        "environment": lambda known: _quote(known.details.environment),
        "client": lambda known: _quote(known.details.client),
        "role": lambda known: _quote(known.details.role),
        "urls": lambda known: _quotes(known.details.urls),
        "errors": lambda known: _quotes(known.details.errors),
        "logs": lambda known: _quote(known.details.logs),
        "screenshot": lambda known: _quote(known.details.screenshot),
        "tried": lambda known: _quotes(known.details.tried),
        "account_value": _custom("account_value"),
        "health": _custom("health"),
        "renewal": _custom("renewal"),
        "sentiment": _sentiment,
        "diagnosis": _diagnosis,
        "workaround": _of_known_issue,
        "workaround_told": _workaround_told,
        "known_issue": _known_issue,
        "related": _related,
        "requested_action": _requested_action,
        "timeline": _due("first_reply"),
        "justification": _justification,
        "commitment": _commitment,
        "update_every": _update_every,
        "next_update": _due("customer_update"),
        "update_by": _due("first_reply"),
        "acknowledge_by": _due("level_response"),
        "communicator": lambda known: known.decision.communicator.replace("_", " "),
        "demand": lambda known: str(known.context.demand) if known.context.demand > 1 else None,
        "competitor": _competitor,
        "missing": lambda known: "\n".join(f"- {question}" for question in known.questions),
        "document": _document,
    }
)
