"""Reading a pack: what is wrong is named with its place and a mend."""

from __future__ import annotations

import re

import pytest

from app.errors import Misconfigured
from app.packs import find_pack
from app.triage import conditions
from app.triage.pack import Pack
from app.triage.policy import Policy, PolicyError, read
from app.triage.rules import When
from app.triage.vocabulary import DESTINATIONS, FACTS, LOOKED_UP
from tests.unit.triage.conftest import laid_over

ENGLISH = "parts/english"


def changed(old: str, new: str, pack: str) -> Policy:
    """The default policy, with one thing written otherwise in a pack that it is made of."""

    def find(name: str) -> tuple[str, str]:
        text, origin = find_pack(name)
        if name != pack:
            return text, origin
        assert old in text
        return text.replace(old, new, 1), origin

    return read(*find("unified"), find)


def broken(old: str, new: str, pack: str = "unified") -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        changed(old, new, pack)
    return caught.value


def line_of(old: str, pack: str = "unified") -> int:
    text, _ = find_pack(pack)
    return text[: text.index(old)].count("\n") + 1


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_key() -> None:
    error = broken("  upgrades:\n", "  upgardes:\n")
    assert isinstance(error, Misconfigured)
    assert error.where == f"unified.yaml:{line_of('  upgrades:')}:3"
    assert "upgardes" in error.what
    assert "upgrades" in error.mend


def test_an_unknown_condition_is_named_with_its_rule() -> None:
    old = "when: {facts: [security_active], not_facts: [resolved]}"
    error = broken(old, old.replace("not_facts", "not_fact"))
    assert error.where.startswith(f"unified.yaml:{line_of(old)}:")
    assert "rules.severity.breach-underway.when" in error.what
    assert "not_facts" in error.mend


def test_an_unknown_fact_is_refused_with_the_nearest_one() -> None:
    error = broken("when: {facts: [vulnerability]}", "when: {facts: [vulnerabilty]}")
    assert "vulnerabilty" in error.what
    assert "'vulnerability'" in error.mend


def test_an_unknown_label_is_refused_with_the_nearest_one() -> None:
    assert "Enhancement" in broken("when: {label: [Enhancement]", "when: {label: [Enhancment]").mend


def test_an_unknown_destination_is_refused() -> None:
    assert "'product'" in broken("then: {destination: product}", "then: {destination: produkt}").mend


def test_a_clock_that_a_rule_names_and_nobody_keeps_is_refused_with_the_rule() -> None:
    error = broken("when: {overdue: [first_reply]", "when: {overdue: [first_replay]")
    assert "first-reply-overdue" in error.what
    assert "first_replay" in error.what


def test_a_phrase_that_re2_cannot_read_is_refused_with_its_line_in_the_pack_that_holds_it() -> None:
    old = '"false alarm"'
    error = broken(old, '"false (alarm"', ENGLISH)
    assert error.where.startswith(f"english.yaml:{line_of(old, ENGLISH)}:")
    assert "facts.resolved" in error.what


def test_look_behind_and_back_references_are_refused_because_matching_stays_linear() -> None:
    for phrase in ("(?=down)x", "(a)\\\\1", "(?<!not )down"):
        assert "RE2" in broken('"aesthetics?"', f'"{phrase}"', ENGLISH).what


def test_an_unknown_word_list_is_refused() -> None:
    assert "no word list" in broken('"aesthetics?"', '"<nosuchlist> looks"', ENGLISH).what


def test_broken_yaml_is_named_with_its_line() -> None:
    with pytest.raises(PolicyError) as caught:
        read("pack:\n  name: [unclosed\n", "mine.yaml")
    assert caught.value.where.startswith("mine.yaml:")
    assert "YAML" in caught.value.what


@pytest.mark.parametrize(
    "text",
    ["", "just words", "- a\n- b\n", "a: 1\na: 2\n", "%YAML 9.9\n---\na: 1\n", "a: \x00\n", "a: &x [*x]\n", "[" * 5000],
)
def test_what_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        read(text, "mine.yaml")


def test_a_pack_whose_last_severity_rule_has_a_condition_is_refused() -> None:
    old = "    - name: minor-or-informational\n"
    assert "must hold always" in broken(old, old + "      when: {label: [Defect]}\n").what


def test_two_rules_of_one_name_are_refused() -> None:
    assert "two rules" in broken("- name: simple-billing", "- name: questions").what


def test_the_digest_follows_what_decides_and_not_comments_or_examples(policy: Policy, pack_text: str) -> None:
    assert read(pack_text + "\n# a comment\n", "x", find_pack).digest == policy.digest
    assert laid_over("examples: [{name: odd, body: hello}]").digest == policy.digest
    assert laid_over("clocks: {first_reply: {P0: {due: 59m}}}").digest != policy.digest
    assert laid_over("words: {product: ['...', kiosk]}").digest != policy.digest


@pytest.mark.policy("S1-01")
def test_the_stamp_says_name_version_effective_date_and_source() -> None:
    about = "pack: {name: mine, version: '7', effective: 2026-02-01, source: S1-01}"
    assert laid_over(about).stamp == "mine 7, effective 2026-02-01, S1-01"


def test_a_policy_names_the_files_that_its_values_come_from(policy: Policy) -> None:
    assert {"unified.yaml", "english.yaml"} <= set(policy.origins)
    assert "test.yaml" in laid_over("demand: {product_review: 9}").origins
    assert "test.yaml" not in policy.origins


def test_every_value_is_listed_once_with_its_place_and_defaults_say_so(policy: Policy) -> None:
    places = {path: leaf.place for path, leaf in policy.values.leaves()}
    assert places["upgrade", "churn", "max"].startswith(f"unified.yaml:{line_of('  churn: {max')}:")
    assert places["words", "product"].startswith(f"english.yaml:{line_of('  product: [', ENGLISH)}:")
    assert places["pack", "effective"] == "default"


def test_conditions_in_model_documentation_and_functions_are_one_set() -> None:
    documented = set(re.findall(r"^([a-z0-9_]+)  +\S", conditions.__doc__ or "", re.MULTILINE))
    assert set(When.model_fields) == set(conditions.CONDITIONS) == documented


def test_every_fact_has_phrases_except_those_found_by_looking(policy: Policy) -> None:
    with_phrases = {name for name, fact in policy.pack.facts.items() if fact.phrases}
    assert with_phrases == set(FACTS) - LOOKED_UP


def test_every_rule_names_its_source(policy: Policy) -> None:
    pack: Pack = policy.pack
    rules = [*pack.labels.weigh, *(rule for _, group in pack.rules.groups() for rule in group)]
    assert [rule.name for rule in rules if not re.fullmatch(r"(S\d|C|U)-\d+", rule.source)] == []
    assert all(fact.source for fact in pack.facts.values())


def test_every_destination_has_its_source_and_a_route_that_leads_to_it(policy: Policy) -> None:
    assert {rule.then.destination for rule in policy.pack.rules.routes} == set(DESTINATIONS)
    assert {name: policy.pack.destinations[name].source for name in DESTINATIONS} == dict(DESTINATIONS)


def test_severity_never_asks_for_words_of_urgency(policy: Policy) -> None:
    for rule in (*policy.pack.rules.severity, *policy.pack.rules.upgrades):
        for entries in (rule.when.facts, rule.when.all_facts, rule.when.not_facts):
            assert "urgency" not in (entries or ())
