"""Reading a pack: what is wrong is named with its place and a mend."""

from __future__ import annotations

import re

import pytest

from app.errors import Misconfigured
from app.triage import conditions
from app.triage.pack import Pack
from app.triage.policy import Policy, PolicyError, read
from app.triage.rules import When
from app.triage.vocabulary import DESTINATIONS, FACTS


def broken(pack_text: str, old: str, new: str) -> PolicyError:
    assert old in pack_text
    with pytest.raises(PolicyError) as caught:
        read(pack_text.replace(old, new, 1), "mine.yaml")
    return caught.value


def line_of(pack_text: str, old: str) -> int:
    return pack_text[: pack_text.index(old)].count("\n") + 1


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_key(pack_text: str) -> None:
    error = broken(pack_text, "upgrades:\n", "upgardes:\n")
    assert isinstance(error, Misconfigured)
    assert error.where.startswith(f"mine.yaml:{line_of(pack_text, 'upgrades:')}:1")
    assert "upgardes" in error.what
    assert "upgrades" in error.mend


def test_an_unknown_condition_is_named_with_its_rule(pack_text: str) -> None:
    old = "when: {facts: [outage], not_facts: [scope_one, workaround]}"
    error = broken(pack_text, old, old.replace("not_facts", "not_fact"))
    assert error.where.startswith(f"mine.yaml:{line_of(pack_text, old)}:")
    assert "severity." in error.what
    assert "not_facts" in error.mend


def test_an_unknown_fact_is_refused_with_the_nearest_one(pack_text: str) -> None:
    error = broken(pack_text, "when: {facts: [vulnerability]}", "when: {facts: [vulnerabilty]}")
    assert "vulnerabilty" in error.what
    assert "'vulnerability'" in error.mend


def test_an_unknown_label_is_refused_with_the_nearest_one(pack_text: str) -> None:
    error = broken(pack_text, "when: {label: [Enhancement]}", "when: {label: [Enhancment]}")
    assert "Enhancement" in error.mend


def test_an_unknown_destination_is_refused(pack_text: str) -> None:
    error = broken(pack_text, "then: {destination: product}", "then: {destination: produkt}")
    assert "'product'" in error.mend


def test_a_phrase_that_re2_cannot_read_is_refused_with_its_line(pack_text: str) -> None:
    error = broken(pack_text, '"false alarm"', '"false (alarm"')
    assert re.match(r"mine\.yaml:\d+:\d+", error.where)
    assert not error.where.startswith("mine.yaml:1:")
    assert "resolved" in error.what


def test_look_behind_and_back_references_are_refused_because_matching_stays_linear(pack_text: str) -> None:
    for phrase in ("(?=down)x", "(a)\\\\1", "(?<!not )down"):
        assert "RE2" in broken(pack_text, '"aesthetics?"', f'"{phrase}"').what


def test_an_unknown_word_list_is_refused(pack_text: str) -> None:
    assert "no word list" in broken(pack_text, '"aesthetics?"', '"<nosuchlist> looks"').what


def test_broken_yaml_is_named_with_its_line() -> None:
    with pytest.raises(PolicyError) as caught:
        read("pack:\n  name: [unclosed\n", "mine.yaml")
    assert caught.value.where.startswith("mine.yaml:")
    assert "YAML" in caught.value.what


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "a: 1\na: 2\n"])
def test_what_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        read(text, "mine.yaml")


def test_a_pack_whose_last_severity_rule_has_a_condition_is_refused(pack_text: str) -> None:
    old = "  - name: minor-or-informational\n"
    assert "must hold always" in broken(pack_text, old, old + "    when: {label: [Defect]}\n").what


def test_two_rules_of_one_name_are_refused(pack_text: str) -> None:
    assert "two rules" in broken(pack_text, "- name: simple-billing", "- name: questions").what


def test_the_digest_follows_what_decides_and_not_comments_or_examples(policy: Policy, pack_text: str) -> None:
    assert read(pack_text + "\n# a comment\n", "x").digest == policy.digest
    without = pack_text[: pack_text.index("\nexamples:")] + "\n"
    assert read(without, "x").digest == policy.digest
    assert read(pack_text.replace("P0: 60m", "P0: 59m", 1), "x").digest != policy.digest


def test_conditions_in_model_documentation_and_functions_are_one_set() -> None:
    documented = set(re.findall(r"^([a-z_]+)  +\S", conditions.__doc__ or "", re.MULTILINE))
    assert set(When.model_fields) == set(conditions.CONDITIONS) == documented


def test_every_fact_has_phrases_except_the_one_found_by_comparing(policy: Policy) -> None:
    assert set(policy.pack.facts) == set(FACTS)
    assert [name for name, fact in policy.pack.facts.items() if not fact.phrases] == ["grown"]


def test_every_rule_names_its_source(policy: Policy) -> None:
    pack: Pack = policy.pack
    rules = [*pack.severity, *pack.upgrades, *pack.routes, *pack.escalations, *pack.tags, *pack.labels.weigh]
    assert [rule.name for rule in rules if not re.fullmatch(r"(S\d|C|U)-\d+", rule.source)] == []
    assert all(fact.source for fact in pack.facts.values())


def test_every_destination_has_its_source_and_a_route_that_leads_to_it(policy: Policy) -> None:
    assert {rule.then.destination for rule in policy.pack.routes} == set(DESTINATIONS)
    assert {name: policy.pack.destinations[name].source for name in DESTINATIONS} == dict(DESTINATIONS)


def test_severity_never_asks_for_words_of_urgency(policy: Policy) -> None:
    for rule in (*policy.pack.severity, *policy.pack.upgrades):
        for entries in (rule.when.facts, rule.when.all_facts, rule.when.not_facts):
            assert "urgency" not in (entries or ())
