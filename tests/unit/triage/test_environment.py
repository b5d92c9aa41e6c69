"""Knobs from the environment: what a variable says holds exactly, or it is refused by its name."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.packs import PACKS, find_pack
from app.triage.environment import Knobs, variable_of
from app.triage.layers import Node, Path, PolicyError
from app.triage.pack import Pack
from app.triage.policy import Policy, content, read
from config.settings import Settings, setting_names

FIND = cache(find_pack)
UNIFIED: Policy = read(*FIND("unified"), FIND)
CONTENT = content(UNIFIED.pack)
LEAVES = [(path, leaf) for path, leaf in UNIFIED.values.leaves()]
READ_AS_PHRASES = ("words", "guards", "facts", "labels", "documents")


def under(**variables: str) -> Policy:
    return read(*FIND("unified"), FIND, knobs=Knobs(variables, setting_names()))


def refused(**variables: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        under(**variables)
    return caught.value


def text_of(value: Any) -> str:
    """A value as an admin writes it into a variable."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def at(values: Any, path: Path) -> Any:
    for step in path:
        if isinstance(values, list) and isinstance(step, str):
            values = next(item for item in values if item["name"] == step)
        else:
            values = values[step]
    return values


def changed_at(path: Path, value: Any) -> dict[str, Any]:
    """The default pack's values with one of them changed, by other means than the code that is tested."""
    values = copy.deepcopy(CONTENT)
    at(values, path[:-1])[path[-1]] = value
    return values


@pytest.mark.policy("U-11")
def test_a_promise_is_set_by_its_path() -> None:
    policy = under(TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE="3h")
    assert content(policy.pack) == changed_at(("clocks", "first_reply", "P1", "due"), "3h")
    assert policy.digest != UNIFIED.digest
    assert "environment TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE" in policy.origins


@pytest.mark.policy("U-11", "C-09")
def test_a_ceiling_and_a_rule_are_set_and_the_rule_is_named_with_underscores() -> None:
    policy = under(TRIAGE_UPGRADE__CHURN__MAX="P2", TRIAGE_RULES__UPGRADES__CHURN_THREAT__WHEN__SEVERITY='["P3"]')
    assert policy.pack.upgrade["churn"].max == "P2"
    rule = next(rule for rule in policy.pack.rules.upgrades if rule.name == "churn-threat")
    assert rule.when.severity == ("P3",)
    assert rule.when.facts == ("churn",)
    assert [rule.name for rule in policy.pack.rules.upgrades] == [r.name for r in UNIFIED.pack.rules.upgrades]


def test_three_dots_keep_the_inherited_entries_of_a_list() -> None:
    policy = under(TRIAGE_WORDS__PRODUCT='["...", "kiosk"]')
    assert policy.pack.words["product"] == (*UNIFIED.pack.words["product"], "kiosk")
    assert under(TRIAGE_WORDS__PRODUCT='["kiosk"]').pack.words["product"] == ("kiosk",)


def test_a_map_merges_and_a_list_of_rules_merges_by_name() -> None:
    policy = under(
        TRIAGE_FEATURES='{"mine": true}',
        TRIAGE_RULES__TAGS='[{"name": "always", "then": {"tags": ["ours"]}}, {"name": "idea", "off": true}]',
    )
    assert policy.pack.features == {**UNIFIED.pack.features, "mine": True}
    before = [rule.name for rule in UNIFIED.pack.rules.tags if rule.name != "idea"]
    assert [rule.name for rule in policy.pack.rules.tags] == ["always", *before]


def test_off_takes_a_rule_away_and_a_setting_for_a_rule_that_is_gone_is_refused() -> None:
    policy = under(TRIAGE_RULES__UPGRADES__CHURN_THREAT__OFF="true")
    assert "churn-threat" not in [rule.name for rule in policy.pack.rules.upgrades]
    error = refused(
        TRIAGE_RULES__UPGRADES__CHURN_THREAT__OFF="true",
        TRIAGE_RULES__UPGRADES__CHURN_THREAT__WHEN__SEVERITY='["P3"]',
    )
    assert error.where == "environment TRIAGE_RULES__UPGRADES__CHURN_THREAT__WHEN__SEVERITY"


def test_text_stays_text_and_a_number_is_one_only_where_the_pack_wants_one() -> None:
    policy = under(
        TRIAGE_PACK__VERSION="3",
        TRIAGE_DESTINATIONS__TECHNICAL__TEAM="[Tier 2]",
        TRIAGE_DEMAND__PRODUCT_REVIEW="7",
        TRIAGE_ESCALATION__MIN_COMPLETE="0.75",
        TRIAGE_L4__AUTO="True",
        TRIAGE_LADDER__L2__QUEUE="null",
    )
    pack = policy.pack
    assert (pack.pack.version, pack.destinations["technical"].team) == ("3", "[Tier 2]")
    assert (pack.demand.product_review, pack.escalation.min_complete, pack.l4.auto) == (7, 0.75, True)
    assert next(rung for level, rung in pack.ladder.items() if level == "L2").queue is None


def test_a_key_of_a_closed_list_may_be_new_and_its_case_does_not_matter() -> None:
    policy = under(
        TRIAGE_LABELS__ALIAS__RELIABILITY="performance",
        TRIAGE_SEVERITY__TIER_SCOPE__P0='["enterprise"]',
        TRIAGE_CALENDAR__EXCEPTIONS__2026_12_24='["09:00-12:00"]',
        TRIAGE_CALENDAR__HOURS__SAT='["10:00-12:00"]',
    )
    assert policy.pack.labels.alias == {**UNIFIED.pack.labels.alias, "Reliability": "performance"}
    assert policy.pack.severity.tier_scope["P0"] == ("enterprise",)
    assert {str(day): hours for day, hours in policy.pack.calendar.exceptions.items()} == {
        "2026-12-24": ("09:00-12:00",)
    }
    assert policy.pack.calendar.hours == {**UNIFIED.pack.calendar.hours, "sat": ("10:00-12:00",)}


def test_a_whole_section_is_laid_before_what_lies_in_it() -> None:
    policy = under(TRIAGE_UPGRADE__CHURN__MAX="P3", TRIAGE_UPGRADE='{"churn": {"max": "P2"}, "storm": {"max": "P2"}}')
    assert (policy.pack.upgrade["churn"].max, policy.pack.upgrade["storm"].max) == ("P3", "P2")


@pytest.mark.parametrize(
    ("variable", "mend"),
    [
        ("TRIAGE_UPGRADE__CHRUN__MAX", "did you mean TRIAGE_UPGRADE__CHURN__MAX?"),
        ("TRIAGE_CLOCKS__FIRST_REPLY__P1__DEU", "did you mean TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE?"),
        ("TRIAGE_CLOCKS_FIRST_REPLY__P1__DUE", "did you mean TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE?"),
        ("TRIAGE_CALENDAR_TIMEZONE", "did you mean TRIAGE_CALENDAR__TIMEZONE?"),
        ("TRIAGE_RULES__UPGRADES__CHURN_THREATS__OFF", "did you mean TRIAGE_RULES__UPGRADES__CHURN_THREAT__OFF?"),
        ("TRIAGE_WORKER_PROCESES", "did you mean TRIAGE_WORKER_PROCESSES?"),
        ("TRIAGE_ZENDSK__ACME__TOKEN", "did you mean TRIAGE_ZENDESK__ACME__TOKEN?"),
        ("TRIAGE_PORT__X", "TRIAGE_PORT is a setting without parts"),
        ("TRIAGE_BUNDLES__NOSUCHTEAM__TEAM", ""),
        ("TRIAGE_DEMAND__PRODUCT_REVIEW__X", ""),
        ("TRIAGE_WORDS__PRODUCT__0", ""),
        ("TRIAGE_", ""),
        ("TRIAGE_QQQQ", "known at the top: accounts"),
    ],
)
def test_a_variable_that_leads_nowhere_is_refused_with_the_nearest_name(variable: str, mend: str) -> None:
    error = refused(**{variable: "x"})
    assert error.where == f"environment {variable}"
    assert variable in error.what
    assert mend in error.mend
    assert error.mend


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE", "soon", "not a span"),
        ("TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE", "", "not a span"),
        ("TRIAGE_UPGRADE__CHURN__MAX", "P7", "P7"),
        ("TRIAGE_DEMAND__PRODUCT_REVIEW", "0", "greater"),
        ("TRIAGE_DEMAND__PRODUCT_REVIEW", "5.0", "whole number"),
        ("TRIAGE_DEMAND__PRODUCT_REVIEW", "true", "whole number"),
        ("TRIAGE_ESCALATION__MIN_COMPLETE", "NaN", "number"),
        ("TRIAGE_LABELS__TIE_MARGIN", "1e999", "number"),
        ("TRIAGE_LABELS__TIE_MARGIN", "9" * 5000, "number"),
        ("TRIAGE_L4__AUTO", "yes", "neither true nor false"),
        ("TRIAGE_WORDS__PRODUCT", "kiosk", "not JSON"),
        ("TRIAGE_WORDS__PRODUCT", '"kiosk"', "no list"),
        ("TRIAGE_WORDS__PRODUCT", '["(a"]', "RE2"),
        ("TRIAGE_WORDS__PRODUCT", '["\\ud800"]', "UTF-8"),
        ("TRIAGE_WORDS__PRODUCT", "[" * 100_000, "not JSON"),
        ("TRIAGE_FEATURES", '{"a": true, "a": false}', "twice"),
        ("TRIAGE_FEATURES", '["a"]', ""),
        ("TRIAGE_DESTINATIONS__TECHNICAL__TEAM", "", "at least 1"),
        ("TRIAGE_DESTINATIONS__TECHNICAL__TEAM", "\udcff", "UTF-8"),
        ("TRIAGE_RULES__TAGS__IDEA__OFF", "false", "off is true"),
        ("TRIAGE_RULES__TAGS__IDEA__WHEN__FEATURE", '["nosuch"]', "nosuch"),
        ("TRIAGE_RULES__SEVERITY__MINOR_OR_INFORMATIONAL__OFF", "true", "must hold always"),
    ],
)
def test_a_value_that_cannot_hold_is_refused_with_the_variables_name(variable: str, value: str, said: str) -> None:
    error = refused(**{variable: value})
    assert error.where == f"environment {variable}"
    assert said in error.what
    assert error.mend


def test_of_several_variables_the_one_to_blame_is_named() -> None:
    good = {"TRIAGE_FEATURES": '{"mine": true}', "TRIAGE_RULES__TAGS__IDEA__WHEN__FEATURE": '["mine"]'}
    assert under(**good).pack.features["mine"]
    error = refused(**good, TRIAGE_RULES__TAGS__OUTCOME__WHEN__FEATURE='["nosuch"]')
    assert error.where == "environment TRIAGE_RULES__TAGS__OUTCOME__WHEN__FEATURE"


def test_two_variables_for_one_value_are_refused() -> None:
    error = refused(**{"TRIAGE_RULES__TAGS__IDEA__SOURCE": "C-08", "TRIAGE_RULES__TAGS__idea__SOURCE": "C-08"})
    assert "set the same value" in error.what


def test_a_mistake_of_the_packs_own_is_not_blamed_on_a_variable() -> None:
    text, origin = FIND("unified")
    with pytest.raises(PolicyError) as caught:
        read(
            text.replace("queue: technical", "queue: tecnical"),
            origin,
            find_pack,
            knobs=Knobs({"TRIAGE_L4__AUTO": "true"}),
        )
    assert caught.value.where.startswith("unified.yaml:")


def test_settings_and_sections_of_a_pack_never_share_a_name() -> None:
    assert set(Settings.model_fields) & set(Pack.model_fields) == set()


def test_no_two_values_have_the_same_variable() -> None:
    assert len({variable_of(path) for path, _ in LEAVES}) == len(LEAVES)


@pytest.mark.policy("U-11")
@pytest.mark.parametrize("name", sorted(path.stem for path in PACKS.glob("*.yaml")))
def test_every_value_of_a_pack_can_be_set_to_what_it_is_and_changes_nothing(name: str) -> None:
    policy = read(*FIND(name), FIND)
    same = {variable_of(path): text_of(leaf.plain()) for path, leaf in policy.values.leaves()}
    again = read(*FIND(name), FIND, knobs=Knobs(same))
    assert again.digest == policy.digest
    assert {leaf.place for _, leaf in again.values.leaves()} == {f"environment {variable}" for variable in same}


ODD = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
    st.sampled_from(
        ["", "null", "true", "0", "1", "-1", "1e3", "P0", "P2", "L3", "5m", "2bd", "[]", "{}", "technical"]
    ),
    st.lists(st.text(max_size=8).filter(lambda entry: entry != "..."), max_size=3).map(json.dumps),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from([text_of(leaf.plain()) for path, leaf in LEAVES if path[0] not in READ_AS_PHRASES]),
)


def lean() -> str:
    """The default pack with every value that it has, and of phrases the first only, because compiling takes long."""
    values = copy.deepcopy(CONTENT)
    cues = [cue for cues in values["labels"]["cues"].values() for cue in cues.values()]
    for entry in (*values["facts"].values(), *cues):
        entry["phrases"] = entry["phrases"][:1]
    return json.dumps(values)


LEAN_TEXT = lean()
LEAN = read(LEAN_TEXT, "lean.yaml")
LEAVES_BY_SECTION = {path[0]: [leaf for leaf in LEAN.values.leaves() if leaf[0][0] == path[0]] for path, _ in LEAVES}
KNOBS = st.sampled_from(sorted(LEAVES_BY_SECTION, key=str)).flatmap(
    lambda name: st.sampled_from(LEAVES_BY_SECTION[name])
)


@pytest.mark.policy("U-11")
@settings(max_examples=100)
@given(KNOBS, ODD)
def test_a_knob_holds_exactly_or_is_refused_by_name(knob: tuple[Path, Node], text: str) -> None:
    path, leaf = knob
    variable = variable_of(path)
    try:
        policy = read(LEAN_TEXT, "lean.yaml", knobs=Knobs({variable: text}, setting_names()))
    except PolicyError as error:
        assert error.where == f"environment {variable}"
        return
    assert text == "null" or content(policy.pack) == as_meant(path, leaf, text)


def as_meant(path: Path, leaf: Node, text: str) -> dict[str, Any] | None:
    """The pack's values with what the text means at the path, read by JSON and by the model alone."""
    now = leaf.plain()
    value = text if isinstance(now, str) else json.loads(text.lower() if isinstance(now, bool) else text)
    values = json.loads(LEAN_TEXT)
    at(values, path[:-1])[path[-1]] = value
    return content(Pack.model_validate(values))
