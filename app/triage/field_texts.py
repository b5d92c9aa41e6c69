"""How the fields that need more than a look are written: one function a field, and what they share.

What customers and colleagues wrote is quoted, never reworded; a moment is told with its time zone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.triage.clocks import UNKNOWN, running
from app.triage.decision import Evidence, Label, Level, Severity
from app.triage.routing import team_of
from app.triage.ticket import Speaker
from app.triage.vocabulary import FACTS, IMPACT

if TYPE_CHECKING:
    from app.triage.fields import Known
    from app.triage.rules import Rule

_BRIEF = 80  # characters of a gist that stands in a subject line
_LONGEST_LOG = 1200
_MOST_SIMILAR = 3
_MOST_REASONS = 3
_ANSWER_TO = re.compile(r"(?:\s*(?:re|fwd?|aw|wg)\s*:)+\s*", re.IGNORECASE)
_SCOPE = ("scope_all", "scope_many", "scope_few", "scope_one")
_BUSINESS = IMPACT.difference(_SCOPE)
_ACTIONS = MappingProxyType(
    {
        "bug fix": (Label.DEFECT, Label.INTEGRATION, Label.DATA, Label.RELIABILITY),
        "feature enhancement": (Label.ENHANCEMENT,),
        "configuration change": (Label.ACCESS,),
        "documentation update": (Label.GUIDANCE,),
        "escalation to leadership": (),
        "other": (Label.BILLING, Label.SECURITY),
    }
)
"""What the next level may be asked to do (S2-64), and for which labels it usually is."""


def plain(line: str) -> str:
    """A line without what cannot be seen, and without white space that means nothing."""
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def quote(found: Evidence | None) -> str | None:
    """The words of a finding, on one line."""
    return " ".join(found.quote.split()) if found else None


def quotes(found: Sequence[Evidence]) -> str | None:
    """The words of several findings, each once."""
    return "; ".join(dict.fromkeys(" ".join(one.quote.split()) for one in found))


def said(known: Known, facts: Collection[str]) -> str | None:
    """The words behind the first of these facts, quoted as the decision has them."""
    found = next((one for one in known.decision.evidence if one.rule in facts), None)
    return f"“{quote(found)}”" if found else None


def moment(at: datetime, known: Known) -> str:
    """An instant, the same in every language: in the customer's time zone where a custom field ``time_zone`` tells it
    (as in Europe/Paris), else in that of the ticket's calendar (S0-71)."""
    return at.astimezone(_zone(known)).strftime("%Y-%m-%d %H:%M %Z")


def _zone(known: Known) -> tzinfo:
    try:
        return ZoneInfo(known.ticket.fields.get("time_zone") or "")
    except (KeyError, ValueError, OSError):  # what is no zone's name is told in any of these ways
        return known.policy.calendar_for(known.ticket).zone


def due(clock: str, known: Known) -> str | None:
    """When a clock is due."""
    at = known.decision.deadlines.get(clock)
    return moment(at, known) if at else None


def reported_on(known: Known) -> str | None:
    """The day on which the ticket came, UTC."""
    at = known.ticket.created_at
    return f"{at:%Y-%m-%d}" if at > UNKNOWN else None


def since(known: Known) -> str | None:
    """When the first ticket about the same fault was made; this one's own time where it is alone."""
    pattern = known.decision.pattern
    at = pattern.since if pattern else known.ticket.created_at
    return moment(at, known) if at > UNKNOWN else None


def brief(known: Known) -> str | None:
    """The subject's gist, else that of the problem."""
    return gist(known.ticket.subject) or _cut(quote(known.details.problem) or "")


def gist(subject: str) -> str:
    """A subject without "Re:" and the like, short enough for a subject line."""
    return _cut(_ANSWER_TO.sub("", plain(subject), count=1))


def _cut(text: str) -> str:
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1].rsplit(' ', 1)[0]}…"


def team(known: Known) -> str | None:
    """The team whose queue has the ticket."""
    destination = known.decision.destination
    return team_of(destination, known.context, known.policy.pack) if destination else None


def severity_words(known: Known) -> str | None:
    """The severity as a customer may hear it, where the policy shows it (C-13)."""
    pack, rank = known.policy.pack, known.decision.severity.name
    if rank not in pack.ack.show_severity:
        return None
    words = pack.severity.words
    return words.get(known.language, words.get(pack.ack.language, {})).get(rank)


def problem(known: Known) -> str | None:
    """The subject and the sentence that states the problem, not reworded (S2-41)."""
    subject, sentence = plain(known.ticket.subject), quote(known.details.problem) or ""
    if not subject or not sentence or subject.casefold() == sentence.casefold():
        return sentence or subject
    return f"{subject}: “{sentence}”"


def affected(known: Known) -> str | None:
    """How many, as the customer counts them; else the words that say how widely it is felt (S2-42)."""
    return quote(known.details.affected) or said(known, _SCOPE)


def impact(known: Known) -> str | None:
    """What business suffers; else the words behind a fact of impact (S2-43)."""
    return quote(known.details.impact) or said(known, _BUSINESS)


def urgency(known: Known) -> str:
    """High, Medium or Low (C-16)."""
    return known.policy.pack.urgency[known.decision.severity.name]


def priority(known: Known) -> str:
    """The urgency; the word for P2 where a lesser ticket was escalated all the same (C-16)."""
    lifted = known.decision.level > Level.L1 and known.decision.severity > Severity.P2
    return known.policy.pack.urgency["P2"] if lifted else urgency(known)


def steps(known: Known) -> str | None:
    """The steps, numbered, one a line (S2-46)."""
    return "\n".join(f"{number}. {quote(step)}" for number, step in enumerate(known.details.steps, start=1))


def logs(known: Known) -> str | None:
    """The first lines of what was pasted (S2-54)."""
    found = known.details.logs
    return found.quote[:_LONGEST_LOG] if found else None


def recent(known: Known) -> str | None:
    """How often each side spoke, and when a colleague did last (S2-57); None for a ticket of one message."""
    spoken = [comment for comment in known.ticket.comments if comment.public]
    if not spoken:
        return None
    ours = [answer.at for answer in known.ticket.answers]
    theirs = 1 + sum(comment.speaker is Speaker.CUSTOMER for comment in spoken)
    last = f", the last on {moment(max(ours), known)}" if ours and max(ours) > UNKNOWN else ""
    return f"in this ticket {theirs} by the customer, {len(ours)} by colleagues{last}"


def sentiment(known: Known) -> str | None:
    """The mood, with the words that show it (S2-58)."""
    if "frustrated" not in known.decision.facts:
        return None
    words = said(known, ("frustrated",))
    return f"frustrated ({words})" if words else "frustrated"


def diagnosis(known: Known) -> str:
    """Label and facts, marked as the worker's own opinion (S2-60)."""
    facts = "; ".join(FACTS[name] for name in known.decision.facts)
    return f"automatic: {known.decision.label}" + (f", {facts}" if facts else "")


def workaround(known: Known) -> str | None:
    """The known issue's workaround, unless it is known to be broken (S0-70)."""
    issues = known.context.known_issues or ()
    return next((one.instructions for one in issues if one.instructions), None)


def workaround_told(known: Known) -> str | None:
    """Yes or no: by the known issue, else by what the customer says (S2-61)."""
    if known_workaround := workaround(known):
        return f"yes: {known_workaround}"
    for fact, answer in (("workaround_broken", "no longer"), ("no_workaround", "no"), ("workaround", "yes")):
        if fact in known.decision.facts:
            words = said(known, (fact,))
            return f"{answer} ({words})" if words else answer
    return None


def known_issue(known: Known) -> str | None:
    """Id and title of the known issue."""
    issues = known.context.known_issues or ()
    return next((f"{one.id} {one.title}".strip() for one in issues), None)


def related(known: Known) -> str | None:
    """The ticket that this one repeats, similar ones and the known issue (S2-63)."""
    master, issue = known.decision.duplicate_of, known_issue(known)
    similar = [str(ref) for ref in known.context.similar or () if ref != master][:_MOST_SIMILAR]
    parts = (
        f"repeats {master}" if master else "",
        f"known issue {issue}" if issue else "",
        f"similar: {', '.join(similar)}" if similar else "",
    )
    return "; ".join(filter(None, parts))


def requested_action(known: Known) -> str:
    """The template's boxes, the likeliest ticked; a person corrects them (S2-64)."""
    label = known.decision.label
    likely = next((action for action, labels in _ACTIONS.items() if label in labels), "other")
    ticked = "escalation to leadership" if known.decision.level is Level.L4 else likely
    return ", ".join(f"[{'x' if action == ticked else ' '}] {action}" for action in _ACTIONS)


def timeline(known: Known) -> str | None:
    """Every promise by its due time (S2-65)."""
    deadlines = sorted((at, name.replace("_", " ")) for name, at in known.decision.deadlines.items())
    return "; ".join(f"{name} by {moment(at, known)}" for at, name in deadlines)


def justification(known: Known) -> str | None:
    """The rules that rated and raised it, and the words they rest on (S2-66)."""
    rules = known.policy.pack.rules
    groups: tuple[tuple[Rule[Any], ...], ...] = (rules.severity, rules.upgrades, rules.escalations)
    rating = {rule.name for group in groups for rule in group if rule.when.model_fields_set}
    why = [name.replace("-", " ") for name in known.decision.rules if name in rating]
    words = [f"“{quote(found)}”" for found in known.decision.evidence if found.finding.startswith("fact ")]
    return "; ".join((*why[:_MOST_REASONS], *words[:_MOST_REASONS]))


def commitment(known: Known) -> str | None:
    """What the customer may expect by the clocks: an answer while the first is owed, then the next update (S2-67)."""
    ours = known.policy.pack.ack.counts_as_first_reply
    answer = due("first_reply", known) if running(known.ticket, ours_counts=ours) else None
    update = due("customer_update", known)
    return f"an answer by {answer}" if answer else f"an update by {update}" if update else None


def update_every(known: Known) -> str | None:
    """How often the customer hears from us (S2-68)."""
    clock = known.policy.pack.clocks.get("customer_update")
    target = clock.of(known.decision.severity) if clock else None
    return f"every {target.due.in_words()}" if target else None


def missing(known: Known) -> str | None:
    """The questions to the customer, one a line, in the text's language."""
    return "\n".join(f"- {known.policy.pack.question(name, known.language)}" for name in known.questions)


def document(known: Known) -> str | None:
    """The page that answers the ticket (S0-72)."""
    library = known.policy.library
    cited = library.best(library.search(known.ticket, [known.decision.label]))
    return f"{cited.title}: {cited.url}" if cited else None
