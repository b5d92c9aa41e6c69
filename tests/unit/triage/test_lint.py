"""What the linter finds, each kind by a small change of the default policy; and that the shipped ones have no error."""

from __future__ import annotations

import re

import pytest

from app.runtime import PACKS, find_pack, load_policy
from app.triage.layers import parse
from app.triage.lint import CODES, Finding, Site, lint
from app.triage.policy import Policy, read
from tests.conftest import ROOT

TEXT = (PACKS / "unified.yaml").read_text(encoding="utf-8")


def changed(yaml: str, origin: str = "mine.yaml") -> Policy:
    return read(TEXT, "unified.yaml", find_pack, [parse(yaml, origin)])


def found(yaml: str, code: str, origin: str = "mine.yaml", groups: list[str] | None = None) -> list[Finding]:
    site = Site(groups={"": groups}) if groups else None
    return [one for one in lint(changed(yaml, origin), site) if one.code == code]


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
            "rules: {escalations: [{name: mine, when: {facts: [legal]}, then: {level: L3, propose: true}, source: C-11}]}",
            "rules.escalations.the-law-is-invoked",
        ),
        ("goal-after-due", "clocks: {first_reply: {P1: {goal: 5h, due: 4h}}}", "clocks.first_reply.P1.goal"),
        ("due-shrinks", "clocks: {first_reply: {P1: {due: 30m, goal: 5m}}}", "clocks.first_reply.P1.due"),
        (
            "illegal-tag",
            "rules: {tags: [{name: mine, when: {duplicate: true}, then: {tags: [two words]}, source: C-14}]}",
            "rules.tags.mine.then.tags",
        ),
        (
            "unknown-placeholder",
            "rules: {tags: [{name: mine, when: {known_issue: true}, then: {tags: ['a-{lable}']}, source: C-14}]}",
            "rules.tags.mine.then.tags",
        ),
        ("personal-data", "destinations: {product: {team: jo@support.acme}}", "destinations.product.team"),
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
            "rules: {tags: [{name: mine, when: {vendor: [jira]}, then: {tags: [a]}}, {name: my-own, then: {tags: [b]}, source: C-14}]}",
            "rules.tags.mine",
        ),
        ("bad-source", "upgrade: {churn: {source: S9-1}}", "upgrade.churn.source"),
    ],
)
def test_a_mistake_is_found_where_it_stands_with_a_mend(code: str, yaml: str, path: str) -> None:
    of_it = [one for one in found(yaml, code) if f"{one.path}.".startswith(f"{path}.")]
    assert len(of_it) == (2 if "two words" in yaml else 1), [one.path for one in found(yaml, code)]  # once a vendor
    assert of_it[0].severity == CODES[code][0]
    assert of_it[0].mend
    inherited = code in ("overridden-rule", "same-when")  # the one that is not reached stands below
    assert of_it[0].place.startswith("unified.yaml:" if inherited else "mine.yaml:")


@pytest.mark.policy("C-04")
def test_business_hours_that_nobody_set_are_told_and_set_ones_are_not() -> None:
    assert [one.code for one in lint(load_policy("unified"))].count("no-calendar") == 1
    hours = "{mon: ['09:00-17:00']}"
    assert found(f"calendar: {{timezone: UTC, hours: {hours}}}", "no-calendar") == []


@pytest.mark.policy("C-25")
def test_addresses_may_come_from_the_environment() -> None:
    assert found("destinations: {product: {team: jo@support.acme}}", "personal-data", "environment X") == []


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


def test_every_code_is_in_the_reference() -> None:
    written = (ROOT / "docs" / "policy-check.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (\(warning\))?", written, re.MULTILINE))
    assert {code: bool(warning) for code, warning in told.items()} == {
        code: grade == "warning" for code, (grade, _) in CODES.items()
    }
