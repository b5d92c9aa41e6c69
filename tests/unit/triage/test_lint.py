"""The linter of policies: a fault in a small pack over the default one is found once, at its place, with a mend."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from app.packs import find_pack
from app.triage import severity
from app.triage.environment import Knobs
from app.triage.layers import chain, parse
from app.triage.lint import CODES, Finding, Site, lint
from app.triage.lint.reading import COMPARED, TOLD
from app.triage.policy import Policy, checked, read
from app.triage.vocabulary import FACTS
from tests.conftest import ROOT
from tests.policy.conftest import NAMES, policy

HEAD = "extends: unified\npack: {name: mine, version: '1'}\n"  # what a test adds begins on line 3
SOMEBODY = "somebody@{}".format("not-reserved.zz")
DEFECT = "when: {label: [Defect]}"
TO_FINANCE, TO_PRODUCT = "then: {destination: finance}", "then: {destination: product}"


def mine(text: str) -> Policy:
    """A pack over the default one. Its phrases are the default's: compiling takes longer than all the rest."""
    tree = chain(parse(HEAD + text, "mine.yaml"), find_pack)
    return replace(policy("unified"), pack=checked(tree), tree=tree)


def turned(**variables: str) -> Policy:
    """The default policy with variables of the environment over it."""
    knobs = Knobs({f"TRIAGE_{name}": text for name, text in variables.items()})
    return read(*find_pack("unified"), find_pack, knobs=knobs)


@cache
def as_shipped() -> frozenset[tuple[str, str]]:
    """What is found in the default pack itself, by code and path."""
    return frozenset((one.code, one.path) for one in lint(policy("unified")))


def new_in(chosen: Policy, site: Site | None = None) -> list[Finding]:
    """What is found in a policy and not in the default one."""
    return [one for one in lint(chosen, site) if (one.code, one.path) not in as_shipped()]


def only(chosen: Policy, site: Site | None = None) -> Finding:
    (finding,) = new_in(chosen, site)
    return finding


def rules(group: str, *written: str) -> str:
    """A section of rules; the first one stands on line 5 and begins in column 7."""
    return f"rules:\n  {group}:\n" + "".join(f"    - {{{rule}}}\n" for rule in written)


def two(group: str, first: str, second: str) -> str:
    return rules(group, f"name: first-one, {first}", f"name: second-one, {second}")


FAULTS = [
    pytest.param(
        two("routes", f"{DEFECT}, {TO_FINANCE}", f"when: {{label: [Defect], facts: [churn]}}, {TO_PRODUCT}"),
        "unreachable-rule", "6:7", "rules.routes.second-one", "put it before 'first-one'",
        id="an earlier rule holds wherever it does",
    ),
    pytest.param(
        rules("routes", f"name: mine, when: {{label: [Billing], severity: [P2, P3, P4]}}, {TO_FINANCE}"),
        "overridden-rule", "unified.yaml", "rules.routes.simple-billing", "{name: simple-billing, off: true}",
        id="a rule holds wherever an inherited one does",
    ),
    pytest.param(
        two("routes", f"{DEFECT}, {TO_FINANCE}", f"{DEFECT}, {TO_PRODUCT}"),
        "same-when", "6:7", "rules.routes.second-one", "keep one",
        id="one question, two answers",
    ),
    pytest.param(
        two("escalations", f"{DEFECT}, then: {{level: L2}}", f"{DEFECT}, then: {{level: L3}}"),
        "same-when", "6:7", "rules.escalations.second-one", "keep one",
        id="one question, two rungs",
    ),
    pytest.param(
        "bundles: {one: {team: One}, two: {team: Two}}\nrules:\n  notifications:\n"
        "    - {name: to-one, when: {facts: [legal]}, then: {handover: one}}\n"
        "    - {name: to-two, when: {facts: [legal]}, then: {handover: two}}\n",
        "same-when", "7:7", "rules.notifications.to-two", "keep one",
        id="one question, two teams that take over",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{facts: [churn], not_facts: [churn]}}, {TO_FINANCE}"),
        "never-holds", "5:46", "rules.routes.odd-one.when.not_facts", "take out the condition",
        id="a fact must hold and must not",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{label: []}}, {TO_FINANCE}"),
        "never-holds", "5:30", "rules.routes.odd-one.when.label", "take out the condition",
        id="an empty list",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{label: [Data], second_label: [Data]}}, {TO_FINANCE}"),
        "never-holds", "5:45", "rules.routes.odd-one.when.second_label", "take out the condition",
        id="the second label is the first",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{label: [Defect, Data], severity: [P4]}}, {TO_FINANCE}"),
        "never-holds", "5:53", "rules.routes.odd-one.when.severity", "take out the condition",
        id="P4 under labels that never have it",
    ),
    pytest.param(
        rules("severity", "name: odd-one, when: {severity: [P2]}, then: {severity: P1}"),
        "never-holds", "5:30", "rules.severity.odd-one.when.severity", "take out the condition",
        id="the severity, asked while it is sought",
    ),
    pytest.param(
        "labels:\n  weigh:\n    - {name: odd-one, when: {duplicate: true}, then: {label: Data, points: 1}}\n",
        "never-holds", "5:30", "labels.weigh.odd-one.when.duplicate", "take out the condition",
        id="what is looked up after the label, asked for it", marks=pytest.mark.policy("S0-59"),
    ),
    pytest.param(
        rules("tags", "name: odd-one, when: {label: [Enhancement], severity: [P1, P2]}, then: {tags: [x]}"),
        "idea-above-p4", "5:52", "rules.tags.odd-one.when.severity", "leave the severity out",
        id="ideas of a severity that ideas lack",
    ),
    pytest.param(
        rules("escalations", "name: odd-one, when: {facts: [churn]}, then: {level: L3}"),
        "idea-escalates", "5:7", "rules.escalations.odd-one", "labels without Enhancement",
        id="an escalation without a label", marks=pytest.mark.policy("S4-97"),
    ),
    pytest.param(
        rules("escalations", "name: odd-one, when: {waited: 4h, severity: [P3, P4]}, then: {level: L2}"),
        "idea-escalates", "5:7", "rules.escalations.odd-one", "severities without P4",
        id="an escalation by time that reaches P4", marks=pytest.mark.policy("S4-97"),
    ),
    pytest.param(
        rules("upgrades", "name: odd-one, when: {overdue: [first_reply]}, then: {cause: sla}"),
        "p4-rises", "5:7", "rules.upgrades.odd-one", "severity: [P1, P2, P3]",
        id="an upgrade of any severity", marks=pytest.mark.policy("C-02"),
    ),
    pytest.param(
        rules("severity", "name: odd-one, when: {facts: [urgency]}, then: {severity: P1}"),
        "not-impact", "5:30", "rules.severity.odd-one.when.facts", "ask what is impaired",
        id="a severity by words of urgency", marks=pytest.mark.policy("S1-02"),
    ),
    pytest.param(
        rules("upgrades", "name: odd-one, when: {severity: [P3], all_facts: [frustrated]}, then: {cause: churn}"),
        "not-impact", "5:46", "rules.upgrades.odd-one.when.all_facts", "ask what is impaired",
        id="an upgrade by mood", marks=pytest.mark.policy("S1-02"),
    ),
    pytest.param(
        rules("severity", "name: odd-one, when: {facts: [code_fix_needed]}, then: {severity: P1}"),
        "not-impact", "5:30", "rules.severity.odd-one.when.facts", "ask what is impaired",
        id="a severity by effort", marks=pytest.mark.policy("S1-02"),
    ),
    pytest.param(
        "clocks:\n  first_reply:\n    P1: {goal: 5h}\n",
        "goal-after-due", "5:10", "clocks.first_reply.P1.goal", "before it is due",
        id="a goal after the due time",
    ),
    pytest.param(
        "clocks:\n  level_response:\n    L3: {goal: 3h}\n",
        "goal-after-due", "5:10", "clocks.level_response.L3.goal", "before it is due",
        id="a goal after the due time of a level",
    ),
    pytest.param(
        "clocks:\n  first_reply:\n    P2: {goal: 1bd, due: 24h}\n",
        "goal-after-due-at-times", "5:10", "clocks.first_reply.P2.goal", "before it is due",
        id="a goal after the due time over the weekend",
    ),
    pytest.param(
        "clocks:\n  first_reply:\n    P3: {goal: 1h, due: 3h}\n",
        "due-shrinks", "5:20", "clocks.first_reply.P3.due", "the more severe",
        id="a less severe ticket is promised more",
    ),
    pytest.param(
        rules("tags", "name: odd-one, then: {tags: [fine, 'two,words']}"),
        "illegal-tag", "5:43", "rules.tags.odd-one.then.tags.1", "tags.map.zendesk",
        id="a tag with a comma", marks=pytest.mark.policy("C-14"),
    ),
    pytest.param(
        "ladder:\n  L2: {tag: 'Escalate#L2'}\n",
        "illegal-tag", "4:8", "ladder.L2.tag", "tags.map.zendesk",
        id="a rung's tag with a sign that Zendesk lacks", marks=pytest.mark.policy("C-14"),
    ),
    pytest.param(
        "tags: {map: {jira: {Escalate-L2: Escalate L2}}}\n",
        "illegal-tag", "unified.yaml", "ladder.L2.tag", "tags.map.jira",
        id="a spelling that its vendor refuses", marks=pytest.mark.policy("C-14"),
    ),
    pytest.param(
        "labels: {alias: {Data: 'my+data'}}\n",
        "illegal-tag", "3:18", "labels.alias.Data", "tags.map.zendesk",
        id="an alias with a sign that Zendesk lacks",
    ),
    pytest.param(
        "p0: {confirm_tag: 'yes!'}\n",
        "illegal-tag", "3:6", "p0.confirm_tag", "tags.map.zendesk",
        id="the tag by which people confirm",
    ),
    pytest.param(
        "severity: {display: {P3: 'low!'}}\n",
        "illegal-tag", "unified.yaml", "rules.tags.outcome.then.tags.2", "tags.map.zendesk",
        id="what fills a placeholder makes a tag illegal",
    ),
    pytest.param(
        rules("tags", "name: odd-one, then: {tags: ['sev-{severty}']}"),
        "unknown-placeholder", "5:37", "rules.tags.odd-one.then.tags.0", "did you mean 'severity'?",
        id="a placeholder that nothing fills",
    ),
    pytest.param(
        "priority: {zendesk: {P0: Highest}}\n",
        "illegal-priority", "3:22", "priority.zendesk.P0", "urgent, high, normal, low",
        id="a priority that Zendesk lacks",
    ),
    pytest.param(
        "priority: {jira: {P0: Blocker}}\n",
        "unusual-priority", "3:19", "priority.jira.P0", "Highest, High",
        id="a priority that Jira lacks unless it was made",
    ),
    pytest.param(
        "destinations: {finance: {team: ' '}}\n",
        "no-team", "3:26", "destinations.finance.team", "name the group",
        id="a blank team",
    ),
    pytest.param(
        f"bundles: {{sales: {{team: Sales, note: 'Write to {SOMEBODY} first'}}}}\n",
        "personal-data", "3:32", "bundles.sales.note", "role",
        id="an address", marks=pytest.mark.policy("C-25"),
    ),
    pytest.param(
        "bundles: {sales: {team: Sales, note: 'Call +1 202-555-0143 first'}}\n",
        "personal-data", "3:32", "bundles.sales.note", "role",
        id="a telephone number", marks=pytest.mark.policy("C-25"),
    ),
    pytest.param(
        f"facts: {{legal: {{phrases: ['...', '{SOMEBODY}']}}}}\n",
        "personal-data", "3:34", "facts.legal.phrases.", "role",
        id="an address as a phrase", marks=pytest.mark.policy("C-25"),
    ),
    pytest.param(
        "rules:\n  notifications:\n    - {name: wants-to-buy, off: true}\n",
        "unused-fact", "english.yaml", "facts.sales", "ask for it in a rule",
        id="a fact that nothing asks for any more",
    ),
    pytest.param(
        "facts: {legal: {phrases: []}}\n",
        "fact-without-phrases", "unified.yaml", "rules.", "facts.legal.phrases",
        id="a fact that nothing tells",
    ),
    pytest.param(
        "words: {unheard: [silent]}\n",
        "unused-words", "3:9", "words.unheard", "name it in one",
        id="a list that no phrase names",
    ),
    pytest.param(
        "words: {data: []}\n",
        "empty-phrase", "3:9", "words.data", "write what it stands for",
        id="a list without entries",
    ),
    pytest.param(
        "facts: {legal: {phrases: ['...', '  ']}}\n",
        "empty-phrase", "3:34", "facts.legal.phrases.", "take it out",
        id="a blank phrase",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{facts: [legal]}}, {TO_FINANCE}, source: S9-01"),
        "bad-source", "5:77", "rules.routes.odd-one.source", "S1-27",
        id="a source that is no id",
    ),
    pytest.param(
        rules(
            "routes",
            f"name: odd-one, when: {{facts: [legal]}}, {TO_FINANCE}, source: S1-10",
            f"name: bare-one, when: {{facts: [dispute]}}, {TO_FINANCE}",
        ),
        "no-source", "6:7", "rules.routes.bare-one", "add source",
        id="a rule without a source beside one that has it",
    ),
    pytest.param(
        "calendars: {berlin: {timezone: Europe/Berlin}}\n",
        "idle-calendar", "3:13", "calendars.berlin", "name it in a clock",
        id="a calendar that is nobody's",
    ),
    pytest.param(
        "calendars:\n  berlin: {organizations: [Acme]}\n  tokyo: {organizations: [Globex, ACME]}\n",
        "two-calendars", "5:35", "calendars.tokyo.organizations", "keep one",
        id="an organization with two calendars",
    ),
    pytest.param(
        "calendars: {berlin: {brands: [SUP, SUP]}, tokyo: {brands: [sup]}}\n",
        "two-calendars", "3:60", "calendars.tokyo.brands", "keep one",
        id="a brand with two calendars",
    ),
    pytest.param(
        "calendars: {nights: {hours: {sun: ['00:00-01:00']}, timezone: Europe/Berlin}}\n"
        "clocks: {odd: {calendar: nights, P2: {goal: 2bh, due: 2d}}}\n",
        "goal-after-due", "4:39", "clocks.odd.P2.goal", "warn before",
        id="a clock whose goal is too late by its own calendar",
    ),
]  # fmt: skip
PROVED_BELOW = {"no-calendar", "unknown-group", "unknown-brand"}
PROVED_BY_THE_COMMAND = {"example-fails"}


@pytest.mark.parametrize(("text", "code", "place", "path", "mend"), FAULTS)
def test_a_fault_is_found_once_with_its_place_and_mend(text: str, code: str, place: str, path: str, mend: str) -> None:
    one = only(mine(text))
    assert (one.code, one.severity) == (code, CODES[code][0])
    assert one.place == f"mine.yaml:{place}" or one.place.startswith(f"{place}:")
    assert one.path.startswith(path)
    assert mend in one.mend


def test_every_kind_of_fault_is_proved() -> None:
    assert {case.values[1] for case in FAULTS} | PROVED_BELOW | PROVED_BY_THE_COMMAND == set(CODES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_pack_has_no_error_and_every_finding_a_place_in_a_file(name: str) -> None:
    found = lint(policy(name))
    assert [str(one) for one in found if one.severity == "error"] == []
    assert [str(one) for one in found if not re.fullmatch(r"[\w-]+\.yaml:\d+:\d+", one.place)] == []


FINE = [
    pytest.param(
        two("routes", f"when: {{label: [Defect], facts: [churn]}}, {TO_PRODUCT}", f"{DEFECT}, {TO_FINANCE}"),
        id="the narrow rule stands first",
    ),
    pytest.param(
        two("upgrades", "when: {severity: [P3], facts: [churn]}, then: {cause: churn}",
            "when: {severity: [P3], facts: [churn]}, then: {cause: executive}"),
        id="two causes of one question add up",
    ),
    pytest.param(
        two("tags", "when: {facts: [legal]}, then: {tags: [one]}", "when: {facts: [legal]}, then: {tags: [two]}"),
        id="two tags for one question add up",
    ),
    pytest.param(
        rules("escalations", "name: odd-one, when: {facts: [legal]}, then: {level: L3, propose: true}"),
        id="an escalation that a person confirms, beside another one",
    ),
    pytest.param(
        rules("escalations", "name: odd-one, when: {facts: [legal], severity: [P2, P3]}, then: {level: L3}"),
        id="an escalation above P4",
    ),
    pytest.param(
        rules("upgrades", "name: odd-one, when: {label: [Defect], facts: [legal]}, then: {cause: churn}"),
        id="an upgrade under a label that has no P4",
    ),
    pytest.param("clocks: {first_reply: {P1: {goal: 4h}}}\n", id="a goal at the due time"),
    pytest.param(
        "tags: {map: {zendesk: {two words: two_words}, jira: {two words: two-words}}}\n"
        + rules("tags", "name: spaced, then: {tags: [two words]}"),
        id="a tag that is spelt for each vendor",
    ),
    pytest.param("priority: {jira: {P0: highest}}\n", id="a priority in small letters"),
    pytest.param(
        "bundles: {sales: {team: Sales, note: 'As in sales@acme.example, 2026-03-02 10:15, order 4711000123'}}\n"
        "accounts: {strategic: ['360012345678']}\n",
        id="an invented address, a time, numbers of an order and an organization",
    ),
    pytest.param(
        r"""facts: {legal: {phrases: ['...', '\S+@\S+\.\w+', '[a-z.]+@acme\.com', '\d{3}[ -]\d{3}[ -]\d{4}']}}"""
        "\n",
        id="expressions for addresses and numbers",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{facts: [legal]}}, {TO_FINANCE}"),
        id="an administrator's file without any source",
    ),
    pytest.param(
        rules("routes", f"name: odd-one, when: {{facts: [legal]}}, {TO_FINANCE}, source: house rules 7"),
        id="a source in an administrator's own words",
    ),
    pytest.param("words: {outer: [<inner>], inner: [till], data: ['...', <outer>]}\n", id="a list by another list"),
    pytest.param(
        "facts: {sales: {replaces: [churn]}}\nrules:\n  notifications:\n    - {name: wants-to-buy, off: true}\n",
        id="a fact that takes another one back",
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", FINE)
def test_what_is_well_is_let_be(text: str) -> None:
    assert [str(one) for one in new_in(mine(text))] == []


def test_a_rule_over_everything_leaves_nothing_to_those_after_it() -> None:
    found = new_in(mine(two("communicators", "then: {communicator: csm}", f"{DEFECT}, then: {{communicator: sales}}")))
    assert {one.code for one in found} == {"unreachable-rule", "overridden-rule"}
    by_path = {one.path: one for one in found}
    assert by_path["rules.communicators.second-one"].place == "mine.yaml:6:7"
    inherited = by_path["rules.communicators.head-of-support-for-incidents"]
    assert inherited.place.startswith("unified.yaml:")
    assert "'first-one' of mine.yaml" in inherited.sentence


def test_of_replies_only_those_of_one_kind_stand_in_each_others_way() -> None:
    ack = "when: {facts: [legal]}, then: {reason: ack, text: guidance}"
    held_back = "when: {facts: [legal]}, then: {reason: ack, text: guidance, passed_to: product}"
    other_kind = "when: {facts: [legal]}, then: {reason: escalated, text: escalated}"
    assert only(mine(two("replies", ack, held_back))).code == "same-when"
    assert new_in(mine(two("replies", held_back, ack))) == []
    assert new_in(mine(two("replies", ack, other_kind))) == []


def test_an_idea_is_known_by_the_severity_that_the_policy_gives_it() -> None:
    ideas = "rules:\n  severity:\n    - {name: enhancement, when: {label: [Enhancement]}, then: {severity: P3}}\n"
    rising = "  escalations:\n    - {name: odd-one, when: {severity: [P3]}, then: {level: L2}}\n"
    assert "rules.escalations.odd-one" in {one.path for one in new_in(mine(ideas + rising))}
    assert new_in(mine("rules:\n" + rising)) == []


@pytest.mark.policy("C-14")
@pytest.mark.parametrize("tag", ["two words", "a" * 256])
def test_a_tag_that_both_vendors_refuse_is_told_for_each(tag: str) -> None:
    found = new_in(mine(rules("tags", f"name: odd-one, then: {{tags: ['{tag}']}}")))
    assert [one.mend.rpartition(".")[2] for one in found if one.code == "illegal-tag"] == ["zendesk", "jira"]


def test_phrases_that_are_found_in_any_text_are_told() -> None:
    text = "facts:\n  legal:\n    phrases: ['...', '(?:court)?', '\\w+']\n"
    found = new_in(read(HEAD + text, "mine.yaml", find_pack))
    assert [(one.code, one.place) for one in found] == [
        ("empty-phrase", "mine.yaml:5:22"),
        ("empty-phrase", "mine.yaml:5:36"),
    ]
    assert all("any text" in one.sentence for one in found)


@pytest.mark.policy("C-04")
@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("", True),
        ("calendar: {timezone: Europe/Berlin}\n", True),
        ("calendar: {hours: {mon: ['09:00-17:00'], tue: ['09:00-17:00']}}\n", False),
    ],
)
def test_business_hours_that_nobody_stated_are_told(text: str, warned: bool) -> None:
    found = [one for one in lint(mine(text)) if one.code == "no-calendar"]
    assert [one.place.partition(":")[0] for one in found] == (["mine.yaml"] if warned else [])
    assert all("calendar.hours" in one.mend for one in found)


@pytest.mark.policy("C-04")
def test_hours_from_the_environment_are_stated_and_defaults_are_not() -> None:
    assert "no-calendar" in {one.code for one in lint(turned(L4__AUTO="true"))}
    assert "no-calendar" not in {one.code for one in lint(turned(CALENDAR__HOURS__MON='["08:00-16:00"]'))}


@pytest.mark.parametrize(
    "calendar", ["{timezone: America/Los_Angeles}", "{hours: {mon: ['09:00-17:00'], fri: ['09:00-12:00']}}"]
)
def test_no_calendar_makes_errors_of_the_shipped_promises(calendar: str) -> None:
    assert [str(one) for one in lint(mine(f"calendar: {calendar}\n")) if one.severity == "error"] == []


@pytest.mark.policy("C-25")
def test_the_environment_may_say_who_a_role_is() -> None:
    chosen = turned(DESTINATIONS__FINANCE__TEAM=SOMEBODY)
    assert chosen.pack.destinations["finance"].team == SOMEBODY
    assert "personal-data" not in {one.code for one in lint(chosen)}


def test_what_a_variable_set_wrongly_is_told_by_its_name() -> None:
    one = only(turned(PRIORITY__ZENDESK__P0="Blocker"))
    assert (one.code, one.place) == ("illegal-priority", "environment TRIAGE_PRIORITY__ZENDESK__P0")


def test_facts_that_the_program_itself_reads_count_as_used() -> None:
    assert set(severity._SCOPES) | set(severity._GROWING) == COMPARED
    files = ("fields.py", "field_texts.py", "checklist.py")
    sources = [(ROOT / "app/triage" / file).read_text(encoding="utf-8") for file in files]
    named = {name for source in sources for name in re.findall(r'"(\w+)"', source)} & set(FACTS)
    assert named - TOLD - COMPARED == set()
    assert named >= TOLD


GROUPS = ("Frontline Support", "Senior / Technical Support", "Engineering", "Product Management", "Security Team")


def test_a_team_that_is_no_group_of_an_account_is_told_with_the_nearest() -> None:
    site = Site(groups={"zendesk:acme": (*GROUPS, "Finance and Billing"), "zendesk:eu": (*GROUPS, "finance / billing")})
    one = only(mine(""), site)
    assert (one.code, one.path) == ("unknown-group", "destinations.finance.team")
    assert "at zendesk:acme" in one.sentence
    assert one.mend == "did you mean 'Finance and Billing'?"
    assert new_in(mine(""), replace(site, teams={"zendesk:acme": {"finance": "Finance and Billing"}})) == []


def test_the_team_of_a_bundle_is_a_group_too() -> None:
    one = only(mine("bundles: {sales: {team: Sales}}\n"), Site(groups={"": (*GROUPS, "Finance / Billing")}))
    assert (one.code, one.place) == ("unknown-group", "mine.yaml:3:19")


def test_a_brand_that_nobody_knows_is_told_with_the_nearest() -> None:
    text = rules("routes", f"name: odd-one, when: {{brand: [SUPP]}}, {TO_FINANCE}")
    one = only(mine(text), Site(brands=["SUP", "OPS"]))
    assert (one.code, one.place, one.mend) == ("unknown-brand", "mine.yaml:5:30", "did you mean 'SUP'?")
    assert new_in(mine(text), Site(brands=["supp"])) == []
    assert new_in(mine(text)) == []
    calendars = "calendars: {berlin: {brands: [OPS, SUPP]}}\n"
    one = only(mine(calendars), Site(brands=["SUP", "OPS"]))
    assert (one.code, one.place, one.mend) == ("unknown-brand", "mine.yaml:3:36", "did you mean 'SUP'?")


def test_a_finding_is_one_line() -> None:
    one = Finding("no-team", "error", "a.b", "mine.yaml:1:1", "two\nlines", "mend it")
    assert str(one) == "mine.yaml:1:1: error[no-team] a.b: two lines; mend it"
