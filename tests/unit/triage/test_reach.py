"""What conditions come to: a yes of ``implies`` and ``contradiction`` is certain, whatever the ticket."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.triage.decision import Context, KnownIssue, Label, Level, Severity
from app.triage.lint.reach import contradiction, implies
from app.triage.rules import When
from tests.policy.conftest import NOTHING_KNOWN, a_ticket, seen

FACTS = ("outage", "broken", "churn", "legal")
TAGS = ("vip", "beta")
SOME_LABELS = (Label.DEFECT, Label.BILLING, Label.DATA)
RANKS = ("P0", "P2", "P4")


def when(**conditions: Any) -> When:
    return When.model_validate(conditions)


HOLDS = [
    ({"label": ["Defect"]}, {}),
    ({}, {}),
    ({"label": ["Defect"]}, {"label": ["Defect", "Data"]}),
    ({"label": ["Defect"], "facts": ["outage"]}, {"label": ["Defect", "Data"]}),
    ({"facts": ["outage"]}, {"facts": ["outage", "broken"]}),
    ({"facts": ["outage", "broken"], "not_facts": ["broken"]}, {"facts": ["outage"]}),
    ({"all_facts": ["outage", "churn"]}, {"facts": ["outage", "broken"]}),
    ({"all_facts": ["outage", "churn"]}, {"all_facts": ["churn"]}),
    ({"facts": ["outage"]}, {"all_facts": ["outage"]}),
    ({"not_facts": ["outage", "broken"]}, {"not_facts": ["broken"]}),
    ({"not_tags": ["VIP", "beta"]}, {"not_tags": ["vip"]}),
    ({"reporters": 5}, {"reporters": 3}),
    ({"organizations": 3}, {"organizations": 3}),
    ({"answers": 2}, {"answers": 1}),
    ({"waited": "2d"}, {"waited": "24h"}),
    ({"waited": "8bh"}, {"waited": "4bh"}),
    ({"known_issue": True}, {"known_issue": True}),
    ({"language": ["en-GB"]}, {"language": ["en", "de"]}),
    ({"language": ["en-GB"]}, {"language": ["en-gb"]}),
    ({"facts": ["outage"]}, {"label": list(Label)}),
    ({"facts": ["outage"]}, {"severity": ["P0", "P1", "P2", "P3", "P4"]}),
    ({"brand": ["SUP"]}, {"brand": ["sup", "ops"]}),
]


@pytest.mark.parametrize(("later", "earlier"), HOLDS)
def test_one_rule_holds_wherever_another_does(later: dict[str, Any], earlier: dict[str, Any]) -> None:
    assert implies(when(**later), when(**earlier))


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ({}, {"label": ["Defect"]}),
        ({"label": ["Defect", "Data"]}, {"label": ["Defect"]}),
        ({"facts": ["outage", "broken"]}, {"facts": ["outage"]}),
        ({"facts": ["outage", "broken"]}, {"all_facts": ["outage"]}),
        ({"facts": ["outage"]}, {"all_facts": ["outage", "broken"]}),
        ({"not_facts": ["broken"]}, {"not_facts": ["outage", "broken"]}),
        ({"facts": ["outage"]}, {"facts": ["outage"], "not_facts": ["broken"]}),
        ({"reporters": 3}, {"reporters": 5}),
        ({"organizations": 3}, {"reporters": 3}),
        ({"waited": "1bd"}, {"waited": "8bh"}),
        ({"waited": "4h"}, {"waited": "4bh"}),
        ({"known_issue": False}, {"known_issue": True}),
        ({}, {"known_issue": False}),
        ({"language": ["en"]}, {"language": ["en-gb"]}),
        ({}, {"second_label": list(Label)}),
        ({"tags": ["vip"]}, {"tags": ["beta"]}),
    ],
)
def test_it_is_not_said_where_it_is_not_certain(later: dict[str, Any], earlier: dict[str, Any]) -> None:
    assert not implies(when(**later), when(**earlier))


@pytest.mark.parametrize(
    ("conditions", "group", "by"),
    [
        ({"all_facts": ["outage", "broken"], "not_facts": ["broken"]}, "routes", "not_facts"),
        ({"facts": ["outage", "broken"], "not_facts": ["broken", "outage"]}, "routes", "not_facts"),
        ({"facts": []}, "routes", "facts"),
        ({"label": []}, "routes", "label"),
        ({"tags": ["VIP"], "not_tags": ["vip"]}, "tags", "not_tags"),
        ({"label": ["Data"], "second_label": ["Data"]}, "routes", "second_label"),
        ({"severity": ["P1"]}, "severity", "severity"),
        ({"severity": ["P1"]}, "weigh", "severity"),
        ({"second_label": ["Data"]}, "weigh", "second_label"),
        ({"level": ["L2"]}, "routes", "level"),
        ({"level": ["L2"]}, "escalations", "level"),
        ({"overdue": ["first_reply"]}, "replies", "overdue"),
        ({"breached": ["confirm"]}, "issues", "breached"),
        ({"paged": True}, "escalations", "paged"),
        ({"on_time": ["tier_band"]}, "escalations", "on_time"),
        ({"facts": ["grown"]}, "severity", "facts"),
        ({"all_facts": ["grown"]}, "severity", "all_facts"),
        ({"facts": ["escalated_again"]}, "escalations", "facts"),
        ({"all_facts": ["undocumented", "how_to"]}, "routes", "all_facts"),
    ],
)
def test_what_can_never_hold_is_told_with_the_condition_to_blame(
    conditions: dict[str, Any], group: str, by: str
) -> None:
    found = contradiction(when(**conditions), group)
    assert found is not None
    assert found[0] == by


@pytest.mark.parametrize(
    ("conditions", "group"),
    [
        ({}, "routes"),
        ({"all_facts": [], "not_facts": [], "not_tags": []}, "routes"),
        ({"facts": ["outage", "broken"], "not_facts": ["broken"]}, "routes"),
        ({"label": ["Data", "Defect"], "second_label": ["Data"]}, "routes"),
        ({"severity": ["P1"], "level": ["L2"]}, "tags"),
        ({"facts": ["grown"]}, "upgrades"),
        ({"facts": ["grown", "outage"]}, "severity"),
        ({"facts": ["escalated_again"]}, "tags"),
        ({"facts": ["undocumented", "how_to"]}, "routes"),
        ({"overdue": ["first_reply"]}, "upgrades"),
    ],
)
def test_what_may_hold_is_let_be(conditions: dict[str, Any], group: str) -> None:
    assert contradiction(when(**conditions), group) is None


def some(entries: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(entries), unique=True, max_size=3)


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "label": some(SOME_LABELS),
        "second_label": some(SOME_LABELS),
        "facts": some(FACTS),
        "all_facts": some(FACTS),
        "not_facts": some(FACTS),
        "severity": some(RANKS),
        "level": some(tuple(Level)),
        "tags": some(TAGS),
        "not_tags": some(TAGS),
        "language": some(("en", "en-gb", "de")),
        "known_issue": st.booleans(),
        "reporters": st.integers(2, 4),
        "organizations": st.integers(2, 4),
    },
)


@st.composite
def tickets(draw: st.DrawFn) -> Any:
    """What a rule may be asked with; the second label is another than the first, as the engine has it."""
    label = draw(st.sampled_from(SOME_LABELS))
    second = draw(st.none() | st.sampled_from(SOME_LABELS))
    issues = (KnownIssue("1-x"),) if draw(st.booleans()) else ()
    return seen(
        draw(some(FACTS)),
        label,
        second_label=second if second is not label else None,
        severity=Severity[draw(st.sampled_from(RANKS))],
        level=draw(st.sampled_from(Level)),
        ticket=a_ticket("x", tags=draw(some(TAGS)), language=draw(st.sampled_from(("en", "en-gb", "de")))),
        context=Context(known_issues=issues, reporters=draw(st.integers(1, 5)), organizations=draw(st.integers(1, 5))),
    )


@settings(max_examples=300)
@given(CONDITIONS, CONDITIONS, st.lists(tickets(), min_size=1, max_size=6))
def test_no_ticket_ever_proves_it_wrong(one: dict[str, Any], other: dict[str, Any], asked: list[Any]) -> None:
    later, earlier = when(**one), when(**other)
    never = contradiction(later, "tags")
    assume(never or implies(later, earlier))
    for ticket in asked:
        if later.saw(ticket) is not None:
            assert never is None
            assert earlier.saw(ticket) is not None


@settings(max_examples=200)
@given(CONDITIONS, st.data(), st.lists(tickets(), min_size=1, max_size=6))
def test_a_rule_that_asks_for_more_holds_for_less(one: dict[str, Any], data: st.DataObject, asked: list[Any]) -> None:
    fewer = {name: one[name] for name in data.draw(st.sets(st.sampled_from(sorted(one) or ["label"]))) if name in one}
    later, earlier = when(**one), when(**fewer)
    assert implies(later, earlier) or contradiction(later, "tags")
    for ticket in asked:
        assert later.saw(ticket) is None or earlier.saw(ticket) is not None


def test_a_ticket_of_nothing_known_meets_an_empty_rule() -> None:
    assert when().saw(seen((), Label.DEFECT, context=NOTHING_KNOWN)) == ()
