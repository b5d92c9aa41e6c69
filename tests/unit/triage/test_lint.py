"""The linter of policies finds each kind of fault where it was laid over the default policy, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from app.runtime import find_pack
from app.triage.environment import Knobs
from app.triage.lint import CODES, Finding, Site, lint
from app.triage.policy import Policy, read
from tests.policy.conftest import NAMES
from tests.policy.conftest import policy as shipped
from tests.unit.triage.conftest import PACK, laid_over

SOMEBODY = "somebody@{}".format("not-reserved.zz")
PROVED_ELSEWHERE = {"example-fails", "unknown-group", "unknown-brand"}

FAULTS = [
    pytest.param(
        "unreachable-rule",
        """\
rules:
  routes:
    - {name: billing-all, when: {label: [Billing, Data]}, then: {destination: finance}, source: derived}
    - {name: billing-one, when: {label: [Billing], facts: [fraud]}, then: {destination: security}, source: derived}
""",
        "test.yaml:4:7", "rules.routes.billing-one", "put it before 'billing-all'",
        marks=pytest.mark.policy("S0-59"),
    ),
    pytest.param(
        "overridden-rule",
        """\
rules:
  routes:
    - {name: mine, when: {label: [Billing]}, then: {destination: finance}, source: derived}
""",
        "unified.yaml:", "rules.routes.", "off: true}",
    ),
    pytest.param(
        "never-holds",
        """\
rules:
  tags:
    - name: both
      when: {all_facts: [outage], not_facts: [outage]}
      then: {tags: [x]}
      source: derived
""",
        "test.yaml:4:35", "rules.tags.both.when.not_facts", "change or take out the condition",
    ),
    pytest.param(
        "same-when",
        """\
rules:
  escalations:
    - {name: one, when: {severity: [P1], facts: [churn]}, then: {level: L2}, source: derived}
    - {name: two, when: {severity: [P1], facts: [churn]}, then: {level: L3}, source: derived}
""",
        "test.yaml:4:7", "rules.escalations.two", "keep one of them",
    ),
    pytest.param(
        "idea-above-p4",
        """\
rules:
  tags:
    - name: urgent-idea
      when: {label: [Enhancement], severity: [P1]}
      then: {tags: [x]}
      source: derived
""",
        "test.yaml:4:36", "rules.tags.urgent-idea.when.severity", "leave the severity out",
    ),
    pytest.param(
        "idea-escalates",
        "rules:\n  escalations:\n    - {name: mine, when: {facts: [churn]}, then: {level: L2}, source: derived}\n",
        "test.yaml:3:7", "rules.escalations.mine", "without Enhancement",
        marks=pytest.mark.policy("S4-97"),
    ),
    pytest.param(
        "p4-rises",
        "rules:\n  upgrades:\n    - {name: mine, when: {facts: [churn]}, then: {cause: churn}, source: derived}\n",
        "test.yaml:3:7", "rules.upgrades.mine", "name the severities",
        marks=pytest.mark.policy("C-02"),
    ),
    pytest.param(
        "not-impact",
        "rules:\n  severity:\n    - {name: mine, when: {facts: [urgency]}, then: {severity: P1}, source: derived}\n",
        "test.yaml:3:27", "rules.severity.mine.when.facts", "ask what is impaired",
        marks=pytest.mark.policy("S1-02"),
    ),
    pytest.param(
        "goal-after-due",
        "clocks:\n  first_reply:\n    P1: {goal: 5h, due: 4h}\n",
        "test.yaml:3:10", "clocks.first_reply.P1.goal", "warn before it is due",
    ),
    pytest.param(
        "goal-after-due-at-times",
        "clocks:\n  first_reply:\n    P2: {goal: 4bh, due: 20h}\n",
        "test.yaml:3:10", "clocks.first_reply.P2.goal", "warn before it is due",
    ),
    pytest.param(
        "due-shrinks",
        "clocks:\n  first_reply:\n    P1: {due: 30m, goal: 15m}\n",
        "test.yaml:3:10", "clocks.first_reply.P1.due", "promise the more severe ticket more",
    ),
    pytest.param(
        "no-calendar", "demand: {product_review: 6}\n", "test.yaml:1:1", "calendar.hours", "set calendar.timezone",
        marks=pytest.mark.policy("C-04"),
    ),
    pytest.param(
        "illegal-tag",
        "rules:\n  tags:\n    - {name: mine, then: {tags: [fine, 'two,words']}, source: derived}\n",
        "test.yaml:3:40", "rules.tags.mine.then.tags.1", "tags.map.zendesk",
        marks=pytest.mark.policy("C-14"),
    ),
    pytest.param(
        "illegal-tag",
        "severity:\n  display: {P0: Really bad}\n",
        "unified.yaml:", "rules.tags.outcome.then.tags.2", "tags.map.jira",
        marks=pytest.mark.policy("C-14"),
    ),
    pytest.param(
        "illegal-tag", "tags:\n  map:\n    jira: {Escalate-L2: Escalate L2}\n",
        "unified.yaml:", "ladder.L2.tag", "tags.map.jira",
        marks=pytest.mark.policy("C-14", "S1-27"),
    ),
    pytest.param(
        "unknown-placeholder",
        "rules:\n  tags:\n    - {name: mine, then: {tags: ['x-{sevrity}']}, source: derived}\n",
        "test.yaml:3:34", "rules.tags.mine.then.tags.0", "did you mean 'severity'?",
    ),
    pytest.param(
        "illegal-priority", "priority:\n  zendesk: {P0: critical}\n",
        "test.yaml:2:13", "priority.zendesk.P0", "urgent, high, normal, low",
    ),
    pytest.param(
        "unusual-priority", "priority:\n  jira: {P0: Blocker}\n",
        "test.yaml:2:10", "priority.jira.P0", "Highest, High, Medium, Low, Lowest",
    ),
    pytest.param(
        "no-team", "destinations:\n  finance: {team: ' '}\n",
        "test.yaml:2:13", "destinations.finance.team", "name the group",
    ),
    pytest.param(
        "personal-data", f"destinations:\n  finance: {{team: '{SOMEBODY}'}}\n",
        "test.yaml:2:13", "destinations.finance.team", "name a role",
        marks=pytest.mark.policy("C-25", "S4-115"),
    ),
    pytest.param(
        "personal-data", "l4: {source: 'S2-31, or call +1 202-555-0143'}\n",
        "test.yaml:1:6", "l4.source", "name a role",
        marks=pytest.mark.policy("C-25"),
    ),
    pytest.param(
        "unused-fact",
        "rules:\n  escalations:\n    - {name: the-public-may-hear-of-it, off: true}\n",
        "english.yaml:", "facts.brand_risk", "ask for it in a rule",
    ),
    pytest.param(
        "fact-without-phrases", "facts:\n  churn: {phrases: []}\n",
        "english.yaml:", "labels.weigh.", "write facts.churn.phrases",
    ),
    pytest.param(
        "unused-words", "words:\n  colours: [red, green]\n", "test.yaml:2:3", "words.colours", "name it in one",
    ),
    pytest.param(
        "empty-phrase", "words:\n  product: ['...', '']\n", "test.yaml:2:20", "words.product", "take it out",
    ),
    pytest.param(
        "no-source",
        """\
rules:
  notifications:
    - {name: one, when: {facts: [legal]}, then: {roles: [csm]}, source: S0-01}
    - {name: two, when: {facts: [fraud]}, then: {roles: [csm]}}
""",
        "test.yaml:4:7", "rules.notifications.two", "add source",
    ),
    pytest.param(
        "bad-source",
        "rules:\n  notifications:\n    - {name: one, when: {facts: [legal]}, then: {roles: [csm]}, source: S9-01}\n",
        "test.yaml:3:65", "rules.notifications.one.source", "S1-27",
    ),
]  # fmt: skip


@cache
def findings(name: str = "unified") -> tuple[Finding, ...]:
    return lint(shipped(name))


@pytest.mark.parametrize(
    ("code", "text", "place", "path", "mend"), FAULTS, ids=[f"{case.values[0]} {case.values[3]}" for case in FAULTS]
)
def test_a_fault_is_found_with_its_place_and_mend(code: str, text: str, place: str, path: str, mend: str) -> None:
    found = [one for one in lint(laid_over(text)) if one.code == code and one not in findings()]
    assert [
        one
        for one in found
        if one.path.startswith(path)
        and (one.place == place or (place.endswith(":") and one.place.startswith(place)))
        and mend in one.mend
        and one.severity == CODES[code][0]
    ], [str(one) for one in found]


def test_every_kind_of_fault_is_proved() -> None:
    assert {case.values[0] for case in FAULTS} | PROVED_ELSEWHERE == set(CODES)


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_that_is_shipped_has_no_error(name: str) -> None:
    assert [str(one) for one in findings(name) if one.severity == "error"] == []


FINE = [
    pytest.param("unreachable-rule", """\
rules:
  routes:
    - {name: fraud, when: {label: [Billing], facts: [fraud]}, then: {destination: security}, source: derived}
    - {name: billing, when: {label: [Billing, Data]}, then: {destination: finance}, source: derived}
""", id="the narrow rule stands first"),
    pytest.param("never-holds", """\
rules:
  tags:
    - {name: some, when: {facts: [outage, churn], not_facts: [outage]}, then: {tags: [x]}, source: derived}
""", id="one of the facts is left"),
    pytest.param("same-when", """\
rules:
  tags:
    - {name: one, when: {facts: [churn]}, then: {tags: [x]}, source: derived}
    - {name: two, when: {facts: [churn]}, then: {tags: [y]}, source: derived}
""", id="tags add up"),
    pytest.param("idea-escalates", """\
rules:
  escalations:
    - {name: one, when: {facts: [churn], label: [Defect]}, then: {level: L2}, source: derived}
    - {name: two, when: {facts: [churn], severity: [P0, P1]}, then: {level: L3}, source: derived}
    - {name: three, when: {facts: [churn]}, then: {level: L3, propose: true}, source: derived}
""", id="ideas are left out, or a person is asked"),
    pytest.param("p4-rises", """\
rules:
  upgrades:
    - {name: mine, when: {facts: [churn], severity: [P2, P3]}, then: {cause: churn}, source: derived}
""", id="other severities rise"),
    pytest.param("goal-after-due", "clocks: {first_reply: {P1: {goal: 4h, due: 4h}}}\n", id="goal and due are one"),
    pytest.param("illegal-tag", """\
rules:
  tags:
    - {name: mine, then: {tags: [two words]}, source: derived}
tags: {map: {zendesk: {two words: two_words}, jira: {two words: two-words}}}
""", id="both vendors have a spelling"),
    pytest.param("no-calendar", "calendar: {hours: {mon: ['09:00-17:00']}}\n", id="hours are set"),
    pytest.param("personal-data", "accounts: {strategic: ['360012345678', 'Acme 2026-03-02']}\n", id="ids and dates"),
    pytest.param("bad-source", """\
rules:
  tags:
    - {name: mine, when: {facts: [churn]}, then: {tags: [x]}, source: Handbook 4.2}
""", id="a document of their own"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), FINE)
def test_what_is_meant_so_is_no_fault(code: str, text: str) -> None:
    assert [str(one) for one in lint(laid_over(text)) if one.code == code] == []


def with_knobs(**variables: str) -> Policy:
    return read(PACK.read_text(encoding="utf-8"), "unified.yaml", find_pack, (), Knobs(variables))


@pytest.mark.policy("C-04")
def test_a_knob_that_sets_something_else_does_not_set_the_calendar() -> None:
    codes = {one.code for one in lint(with_knobs(TRIAGE_DEMAND__PRODUCT_REVIEW="6"))}
    assert "no-calendar" in codes


def test_a_fault_that_a_variable_makes_names_the_variable() -> None:
    found = lint(with_knobs(TRIAGE_PRIORITY__ZENDESK__P0="critical"))
    assert [one.place for one in found if one.code == "illegal-priority"] == [
        "environment TRIAGE_PRIORITY__ZENDESK__P0"
    ]


@pytest.mark.policy("C-25")
def test_the_environment_may_say_who_it_is() -> None:
    found = lint(with_knobs(TRIAGE_DESTINATIONS__FINANCE__TEAM=SOMEBODY))
    assert [one for one in found if one.code == "personal-data"] == []


def test_groups_are_looked_for_in_every_account_with_the_names_it_has_for_them() -> None:
    text = "destinations: {finance: {team: Billing desk, source: derived}}\n"
    teams = {part.team for part in (*shipped().pack.destinations.values(), *shipped().pack.bundles.values())}
    site = Site(groups={"zendesk:acme": teams, "jira:acme": {*teams, "billing DESK"}})
    found = [one for one in lint(laid_over(text), site) if one.code == "unknown-group"]
    assert [(one.path, one.place) for one in found] == [("destinations.finance.team", "test.yaml:1:26")]
    assert "zendesk:acme" in found[0].sentence
    named = Site(groups=dict(site.groups), teams={"zendesk:acme": {"finance": next(iter(teams))}})
    assert [one for one in lint(laid_over(text), named) if one.code == "unknown-group"] == []


def test_brands_of_rules_are_looked_for_when_those_are_known() -> None:
    text = (
        "rules: {routes: [{name: kiosks, when: {brand: [KISOK]}, then: {destination: technical}, source: derived}]}\n"
    )
    found = [one for one in lint(laid_over(text), Site(brands=["KIOSK"])) if one.code == "unknown-brand"]
    assert [one.mend for one in found] == ["did you mean 'KIOSK'?"]
    assert "unknown-brand" not in {one.code for one in lint(laid_over(text))}


def test_a_finding_is_one_line() -> None:
    found = lint(laid_over("priority: {zendesk: {P0: critical}}\n"))
    lines = [str(one) for one in found if one.code == "illegal-priority"]
    assert lines[0].startswith("test.yaml:1:22: error[illegal-priority] priority.zendesk.P0: ")
    assert "; name one of" in lines[0]
    assert "\n" not in lines[0]
