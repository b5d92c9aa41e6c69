"""The sandbox's tickets were written and judged by somebody who did not write the policy: how far do they agree?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from app.packs import load_policy
from app.sandbox.seeding import seeds
from app.triage.decision import Context, Decision
from app.triage.engine import decide
from app.triage.ticket_records import ticket_from_record

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@cache
def decided() -> list[tuple[dict[str, list[str]], Decision]]:
    """What each ticket expects, and the decision about its whole thread."""
    policy = load_policy("unified")
    both = []
    for number, seed in enumerate(seeds()):
        said = [step for step in seed.then if "body" in step]
        comments = [{"body": step["body"], "author": step.get("by", "customer")} for step in said]
        record = {"id": str(number), "subject": seed.given["subject"], "body": seed.given["body"], "comments": comments}
        both.append((dict(seed.expect), decide(ticket_from_record(record), Context(), policy, NOW)))
    return both


def test_at_least_four_fifths_of_the_labels_agree() -> None:
    agree = sum(decision.label.value in expected["label"] for expected, decision in decided())
    assert agree >= 0.8 * len(decided())


def test_at_least_five_sixths_of_the_severities_agree() -> None:
    agree = sum(decision.severity.name in expected["severity"] for expected, decision in decided())
    assert agree >= len(decided()) * 5 / 6


def test_nothing_that_is_minor_wakes_anybody() -> None:
    woken = [d for expected, d in decided() if d.page and min(expected["severity"]) >= "P2"]
    assert [decision.ref for decision in woken] == []


def test_no_outage_breach_or_loss_is_slept_through() -> None:
    missed = [d.ref for expected, d in decided() if max(expected["severity"]) == "P0" and not d.page]
    assert missed == []
