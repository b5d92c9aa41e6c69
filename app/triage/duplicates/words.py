"""What the note says of tickets that report the same: those that were chosen and those that were not, each with its
chance and why, who else wrote about the same part of the product, and how many there are (S0-59 to S0-64)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.triage.decision import Context, Decision
from app.triage.duplicates.found import HANGS_HERE, LESS_LIKELY, SAME, SAME_CUSTOMER, Candidate, Cluster
from app.triage.duplicates.reports import count, name_of
from app.triage.field_texts import plain
from app.triage.ticket import Ref
from app.triage.vocabulary import FACTS, IMPACT

_MOST = 5


def storm_line(decision: Decision, context: Context) -> str:
    """All that agents read on one ticket of a storm but its first; empty for any other."""
    cluster = context.cluster
    if cluster is None or not cluster.storm or decision.duplicate_of is None:
        return ""
    first = name_of(decision.duplicate_of, decision.ref)
    return f"Part of a storm: {count(cluster)}, the first is {first}; nothing to do here."


def paragraph(decision: Decision, context: Context) -> str:
    """Lines for the note; empty where nothing was found."""
    return "\n".join(_lines(decision, context))


def _lines(decision: Decision, context: Context) -> Iterator[str]:
    ref, cluster = decision.ref, context.cluster
    chosen, perhaps, rejected = _sorted(context.candidates)
    if cluster is not None:
        yield from _of_cluster(decision, cluster, chosen, rejected)
    elif rejected:
        yield f"Reports the same as no other: {_rejections(rejected, ref)}."
    if perhaps:
        yield f"Perhaps the same: {'; '.join(_candidate(one, ref) for one in perhaps[:_MOST])}."
    told = {one.ref for one in context.candidates if one.band != "nothing"}
    theirs = [one.ref for one in context.candidates if one.ref not in told and SAME_CUSTOMER in one.why]
    if theirs:
        yield f"From the same customer: {_names(theirs, ref)}."
    around = [one for one in context.nearby if one not in told and one not in theirs]
    if around:
        yield f"The newest others in this product area: {_names(around, ref)}."


def _sorted(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate], list[Candidate]]:
    """Those that were chosen, those that may be the same but are not sure enough, and those that something speaks
    against. Others of the same cluster are counted there."""
    weighed = [one for one in candidates if one.band != "nothing" and one.rejected not in (SAME, HANGS_HERE)]
    chosen = [one for one in weighed if not one.rejected]
    perhaps = [one for one in weighed if one.rejected.startswith(LESS_LIKELY)]
    return chosen, perhaps, [one for one in weighed if one not in chosen and one not in perhaps]


def _of_cluster(
    decision: Decision, cluster: Cluster, chosen: Sequence[Candidate], rejected: Sequence[Candidate]
) -> Iterator[str]:
    ref = decision.ref
    if cluster.master == ref:
        others = f" The others: {_names(cluster.children, ref)}." if cluster.children else ""
        last = f"{cluster.last_at:%Y-%m-%d %H:%M} UTC"
        yield f"The first of {count(cluster)} of the same, the last one of {last}.{others}"
        own = {found.finding for found in decision.evidence}
        if told := [FACTS[fact] for fact in sorted(cluster.facts & IMPACT) if f"fact {fact}" not in own]:
            yield f"What the others tell counts here too: {'; '.join(told)}."
        return
    not_these = f"; {_rejections(rejected, ref)}" if rejected else ""
    yield f"{_how(cluster, chosen, ref)}{not_these}."
    first = name_of(cluster.master, ref)
    over = " It is solved or closed." if cluster.master_over else ""
    yield f"{count(cluster)} of the same; the first of them is {first}.{over}"


def _how(cluster: Cluster, chosen: Sequence[Candidate], beside: Ref) -> str:
    """By what the ticket came to its cluster."""
    best = _candidate(chosen[0], beside) if chosen else name_of(cluster.master, beside)
    match cluster.via:
        case "person":
            return "Repeats another by a person's word"
        case "follow_up":
            return "Goes on with a closed ticket"
        case "storm":
            return "Part of a storm of reports"
    return f"Reports the same as {best}"


def _candidate(one: Candidate, beside: Ref) -> str:
    """``#4711 (chance 0.97: same error E-4711, same words)``."""
    why = f": {', '.join(map(plain, one.why))}" if one.why else ""
    return f"{name_of(one.ref, beside)} (chance {one.chance:.2f}{why})"


def _rejections(rejected: Sequence[Candidate], beside: Ref) -> str:
    """``not #4702 (0.61: solved before)``."""
    return ", ".join(f"not {name_of(one.ref, beside)} ({one.chance:.2f}: {one.rejected})" for one in rejected[:_MOST])


def _names(refs: Sequence[Ref], beside: Ref) -> str:
    more = f" and {len(refs) - _MOST} more" if len(refs) > _MOST else ""
    return f"{', '.join(name_of(one, beside) for one in refs[:_MOST])}{more}"
