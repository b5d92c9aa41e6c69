"""What the linter finds, each kind by a small change of the default policy; and that the shipped ones have no error."""

from __future__ import annotations

import re

import pytest

from app.runtime import PACKS, find_pack, load_policy
from app.triage.layers import parse
from app.triage.lint import WARNINGS, Finding, lint
from app.triage.policy import Policy, read
from app.triage.reach import contradiction, implies
from app.triage.rules import When
from tests.conftest import ROOT

TEXT = (PACKS / "unified.yaml").read_text(encoding="utf-8")


def changed(yaml: str, origin: str = "mine.yaml") -> Policy:
    return read(TEXT, "unified.yaml", find_pack, [parse(yaml, origin)])


def found(yaml: str, code: str, origin: str = "mine.yaml", groups: list[str] | None = None) -> list[Finding]:
    return [one for one in lint(changed(yaml, origin), groups) if one.code == code]


@pytest.mark.parametrize("name", sorted(path.stem for path in PACKS.glob("*.yaml")))
def test_a_shipped_policy_has_no_error(name: str) -> None:
    assert [one for one in lint(load_policy(name)) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("code", "yaml", "path"),
    [
        (
            "unreachable-rule",
            """
rules:
  routes:
    - {name: all-billing, when: {label: [Billing]}, then: {destination: finance}, source: S0-58}
    - {name: some-billing, when: {label: [Billing], severity: [P3]}, then: {destination: frontline}, source: S0-53}
""",
            "rules.routes.some-billing",
        ),
        (
            "overridden-rule",
            "rules: {routes: [{name: all, when: {label: [Enhancement]}, then: {destination: product}, source: S0-56}]}",
            "rules.routes.ideas",
        ),
        (
            "never-holds",
            "rules: {tags: [{name: mine, when: {facts: [spam], not_facts: [spam]}, then: {tags: [a]}, source: C-14}]}",
            "rules.tags.mine.when",
        ),
        (
            "same-when",
            "rules: {tags: [{name: mine, when: {duplicate: true}, then: {tags: [a]}, source: C-14}]}",
            "rules.tags.repeats-an-open-ticket",
        ),
        ("goal-after-due", "clocks: {first_reply: {P1: {goal: 5h, due: 4h}}}", "clocks.first_reply.P1.goal"),
        ("due-shrinks", "clocks: {first_reply: {P1: {due: 30m, goal: 5m}}}", "clocks.first_reply.P1.due"),
        (
            "illegal-tag",
            "rules: {tags: [{name: mine, when: {duplicate: true}, then: {tags: [two words]}, source: C-14}]}",
            "rules.tags.mine.then.tags",
        ),
        (
            "illegal-tag",
            "rules: {tags: [{name: mine, when: {known_issue: true}, then: {tags: ['a-{lable}']}, source: C-14}]}",
            "rules.tags.mine.then.tags",
        ),
        ("personal-data", "destinations: {product: {team: jo@acme.example}}", "destinations.product.team"),
        ("personal-data", "ladder: {L2: {title: call +49 30 123456 78}}", "ladder.L2.title"),
        (
            "idea-escalates",
            "rules: {escalations: [{name: mine, when: {facts: [churn]}, then: {level: L2}, source: S1-27}]}",
            "rules.escalations.mine",
        ),
        (
            "p4-rises",
            "rules: {upgrades: [{name: mine, when: {facts: [churn]}, then: {cause: churn}, source: S0-49}]}",
            "rules.upgrades.mine",
        ),
        (
            "not-impact",
            "rules: {severity: [{name: mine, when: {facts: [urgency]}, then: {severity: P1}, source: S1-02}]}",
            "rules.severity.mine.when",
        ),
        ("illegal-priority", "priority: {zendesk: {P0: critical}}", "priority.zendesk.P0"),
        ("unusual-priority", "priority: {jira: {P0: Blocker}}", "priority.jira.P0"),
        ("unused-words", "words: {kiosks: [kiosk]}", "words.kiosks"),
        (
            "no-source",
            "rules: {tags: [{name: mine, when: {known_issue: true, vendor: [jira]}, then: {tags: [a]}}]}",
            "rules.tags.mine",
        ),
        ("bad-source", "upgrade: {churn: {source: my head}}", "upgrade.churn.source"),
    ],
)
def test_a_mistake_is_found_where_it_stands_with_a_mend(code: str, yaml: str, path: str) -> None:
    of_it = [one for one in found(yaml, code) if one.path == path]
    assert len(of_it) == (2 if "two words" in yaml else 1), [one.path for one in found(yaml, code)]  # once a vendor
    assert of_it[0].severity == ("warning" if code in WARNINGS else "error")
    assert of_it[0].mend
    inherited = code in ("overridden-rule", "same-when")  # the one that is not reached stands below
    assert of_it[0].place.startswith("unified.yaml:" if inherited else "mine.yaml:")


@pytest.mark.policy("C-04")
def test_business_hours_that_nobody_set_are_told_and_set_ones_are_not() -> None:
    assert [one.code for one in lint(load_policy("unified"))].count("no-calendar") == 1
    assert found("calendar: {timezone: UTC}", "no-calendar") == []


@pytest.mark.policy("C-25")
def test_addresses_may_come_from_the_environment() -> None:
    assert found("destinations: {product: {team: jo@acme.example}}", "personal-data", "environment X") == []


def test_a_fact_that_nothing_tells_is_found() -> None:
    tree = parse(TEXT, "unified.yaml")
    without = read(TEXT, "unified.yaml", find_pack)
    facts = {name: part for name, part in without.pack.facts.items() if name != "outage"}
    poorer = type(without)(
        **{**vars_of(without), "pack": without.pack.model_copy(update={"facts": facts}), "tree": tree}
    )
    assert "fact-without-phrases" in [one.code for one in lint(poorer)]


def vars_of(policy: Policy) -> dict[str, object]:
    return {name: getattr(policy, name) for name in policy.__dataclass_fields__}


def test_teams_without_a_group_are_found_and_the_nearest_is_named() -> None:
    groups = ["Frontline Support", "Senior / Technical Support", "Enginering", "Product Management", "Security Team"]
    told = {one.path: one.mend for one in found("{}", "unknown-group", groups=groups)}
    assert told["destinations.engineering.team"] == "did you mean 'Enginering'?"
    assert "destinations.finance.team" in told
    assert "destinations.frontline.team" not in told


@pytest.mark.parametrize(
    ("later", "earlier", "holds"),
    [
        ({"label": ["Data"]}, {}, True),
        ({"label": ["Data"]}, {"label": ["Data", "Access"]}, True),
        ({"label": ["Data", "Access"]}, {"label": ["Data"]}, False),
        ({}, {"label": ["Data"]}, False),
        ({"all_facts": ["outage"]}, {"facts": ["outage", "broken"]}, True),
        ({"facts": ["outage"]}, {"all_facts": ["outage"]}, True),
        ({"facts": ["outage", "broken"]}, {"all_facts": ["outage"]}, False),
        ({"not_facts": ["spam", "outage"]}, {"not_facts": ["spam"]}, True),
        ({"not_facts": ["spam"]}, {"not_facts": ["spam", "outage"]}, False),
        ({"organizations": 5}, {"organizations": 3}, True),
        ({"organizations": 3}, {"organizations": 5}, False),
        ({"known_issue": True}, {"known_issue": True}, True),
        ({"known_issue": False}, {"known_issue": True}, False),
        ({"tags": ["VIP"]}, {"tags": ["vip"]}, True),
        ({"waited": "2d"}, {"waited": "1d"}, False),  # cautious: only equal spans are compared
    ],
)
def test_implication_is_certain_where_it_says_yes(later: dict, earlier: dict, holds: bool) -> None:  # type: ignore[type-arg]
    assert implies(When.model_validate(later), When.model_validate(earlier)) is holds


def test_what_contradicts_itself_is_named() -> None:
    assert "outage" in contradiction(When(all_facts=("outage",), not_facts=("outage",)))
    assert "each" in contradiction(When(facts=("outage",), not_facts=("outage", "broken")))
    assert "lists nothing" in contradiction(When(tags=()))
    assert contradiction(When(facts=("outage", "broken"), not_facts=("outage",))) == ""


def test_every_code_is_in_the_reference() -> None:
    written = (ROOT / "docs" / "policy-check.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z0-9-]+)` \|", written, re.MULTILINE))
    source = (ROOT / "app" / "triage" / "lint.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'"([a-z0-9]+(?:-[a-z]+)+)"', source)) | {"example-fails"}
    assert told == codes
    assert told >= WARNINGS
