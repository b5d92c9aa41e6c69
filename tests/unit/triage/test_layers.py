"""Layers: what a pack takes over, what it replaces, and whose line an error names."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Misconfigured
from app.packs import find_pack
from app.triage.layers import (
    Node,
    Path,
    PolicyError,
    chain,
    dotted,
    origin_of,
    over,
    parse,
    place_of,
    placed,
    settled,
    written_in,
)
from app.triage.policy import Policy, read

BASE = """\
clocks:
  first_reply: {P0: 60m, P1: 4h}
words:
  product: [site, shop]
rules:
  tags:
    - {name: one, then: 1}
    - {name: two, then: 2}
    - {name: three, then: 3}
features: {a: true}
"""


def laid(*texts: str) -> Any:
    """The first text with the others over it, each in a file of its own: ``0.yaml``, ``1.yaml`` ..."""
    return tree(*texts).plain()


def tree(*texts: str) -> Node:
    layers = [parse(text, f"{number}.yaml") for number, text in enumerate(texts)]
    below = layers[0]
    for layer in layers[1:]:
        below = over(below, layer)
    return below


def library(**packs: str) -> Any:
    def find(name: str) -> tuple[str, str]:
        if name not in packs:
            raise Misconfigured(f"no pack is named {name!r}", where="somewhere", mend="name one that there is")
        return packs[name], f"{name}.yaml"

    return find


def chained(name: str, **packs: str) -> Any:
    find = library(**packs)
    return chain(parse(*find(name)), find).plain()


def names(rules: list[dict[str, Any]]) -> list[str]:
    return [rule["name"] for rule in rules]


def test_maps_merge_key_by_key_and_other_values_replace() -> None:
    merged = laid(BASE, "clocks: {first_reply: {P1: 2h}}\nwords: {product: [app]}\nfeatures: {b: false}")
    assert merged["clocks"] == {"first_reply": {"P0": "60m", "P1": "2h"}}
    assert merged["words"] == {"product": ["app"]}
    assert merged["features"] == {"a": True, "b": False}


def test_a_rule_of_the_same_name_is_replaced_whole_where_it_stands() -> None:
    rules = laid(BASE, "rules: {tags: [{name: two, when: always}]}")["rules"]["tags"]
    assert rules == [{"name": "one", "then": 1}, {"name": "two", "when": "always"}, {"name": "three", "then": 3}]


def test_a_new_rule_comes_before_all_inherited_ones() -> None:
    rules = laid(BASE, "rules: {tags: [{name: two, then: 9}, {name: new}, {name: newer}]}")["rules"]["tags"]
    assert names(rules) == ["new", "newer", "one", "two", "three"]


def test_off_takes_an_inherited_rule_away() -> None:
    assert names(laid(BASE, "rules: {tags: [{name: two, off: true}]}")["rules"]["tags"]) == ["one", "three"]


@pytest.mark.parametrize(
    ("layer", "line", "said"),
    [
        ("rules:\n  tags:\n  - {name: too, off: true}", 3, "no inherited rule is named 'too'"),
        ("rules:\n  tags:\n  - {name: two, off: false}", 3, "off is true"),
        ("rules:\n  tags:\n  - {name: two, then: 1}\n  - {name: two, then: 2}", 4, "two rules are named 'two'"),
    ],
)
def test_what_a_rule_of_a_layer_cannot_say_is_refused_with_its_line(layer: str, line: int, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        laid(BASE, layer)
    assert said in caught.value.what
    assert caught.value.where.startswith(f"1.yaml:{line}:")


def test_three_dots_stand_for_the_inherited_entries() -> None:
    assert laid(BASE, "words: {product: ['...', kiosk]}")["words"]["product"] == ["site", "shop", "kiosk"]
    assert laid(BASE, "words: {product: [kiosk, '...']}")["words"]["product"] == ["kiosk", "site", "shop"]
    assert names(laid(BASE, "rules: {tags: ['...', {name: last}]}")["rules"]["tags"]) == ["one", "two", "three", "last"]


def test_three_dots_without_anything_to_inherit_are_refused_with_their_line() -> None:
    for text in ("words:\n  prodcut: ['...', kiosk]", "words:\n  prodcut: [{a: b}, '...']"):
        with pytest.raises(PolicyError, match="nothing is inherited") as caught:
            settled(tree(BASE, text))
        assert caught.value.where.startswith("1.yaml:2:")
    assert settled(tree(BASE, "words: {product: ['...', kiosk]}")).plain()["words"]["product"][-1] == "kiosk"


def test_a_pack_lies_over_what_it_extends_and_that_over_what_it_extends() -> None:
    merged = chained("c", a="x: 1\ny: 1\nz: 1", b="extends: a\ny: 2\nz: 2", c="extends: [b]\nz: 3")
    assert merged == {"x": 1, "y": 2, "z": 3}


def test_of_several_bases_the_later_lies_over_the_earlier() -> None:
    assert chained("c", a="x: 1\ny: 1", b="y: 2", c="extends: [a, b]") == {"x": 1, "y": 2}


def test_name_and_examples_are_not_inherited() -> None:
    assert chained("b", a="pack: {name: a}\nexamples: [1]\nx: 1", b="extends: a\npack: {title: b}") == {
        "pack": {"title": "b"},
        "x": 1,
    }


@pytest.mark.parametrize(
    ("packs", "said", "where"),
    [
        ({"a": "x: 1\nextends: b", "b": "y: 1\nextends: c", "c": "extends: b"}, "circle: b > c > b", "c.yaml:1:1"),
        ({"a": "x: 1\nextends: nosuch"}, "no pack is named 'nosuch'", "a.yaml:2:1"),
        ({"a": "x: 1\nextends: {b: c}"}, "extends names a pack", "a.yaml:2:1"),
        ({"a": "extends: b", "b": "x: [1"}, "not YAML", "b.yaml:1:"),
    ],
)
def test_a_chain_that_cannot_be_followed_names_the_line_that_leads_astray(
    packs: dict[str, str], said: str, where: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        chained("a", **packs)
    assert said in caught.value.what
    assert caught.value.where.startswith(where)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("clocks", "first_reply", "P0"), "0.yaml:2:17"),
        (("clocks", "first_reply", "P1"), "1.yaml:1:24"),
        (("rules", "tags", 0), "1.yaml:2:16"),
        (("rules", "tags", "two"), "0.yaml:8:7"),
        (("words", "product"), "1.yaml:3:9"),
        (("words", "product", 0), "0.yaml:4:13"),
        (("words", "product", 2), "1.yaml:3:26"),
        (("words", "nosuch", "thing"), "1.yaml:3:1"),
    ],
)
def test_every_value_keeps_the_place_where_it_is_written(path: Path, place: str) -> None:
    layer = "clocks: {first_reply: {P1: 2h}}\nrules: {tags: [{name: new}]}\nwords: {product: ['...', kiosk]}"
    assert place_of(tree(BASE, layer), path) == place


def test_an_origin_names_also_the_files_whose_entries_a_list_took_over() -> None:
    merged = tree(BASE, "words: {product: ['...', kiosk]}")
    origins = {path: origin_of(leaf) for path, leaf in merged.leaves()}
    assert origins["words", "product"] == "1.yaml:1:9, entries from 0.yaml"
    assert origins["clocks", "first_reply", "P0"] == "0.yaml:2:17"
    assert origins["rules", "tags", "two", "then"].startswith("0.yaml:8:")


def test_a_place_tells_its_file_and_a_path_its_rules_by_name() -> None:
    assert [written_in(place) for place in ("mine.yaml:3:1", "environment TRIAGE_X", "default")] == [
        "mine.yaml",
        "environment TRIAGE_X",
        "default",
    ]
    assert dotted(tree(BASE), ("rules", "tags", 1, "then")) == "rules.tags.two.then"


def test_complete_values_know_their_places_and_which_are_defaults() -> None:
    whole = {"clocks": {"first_reply": {"P0": "60m"}}, "words": {"product": {"listed": ["site"]}}, "more": [1]}
    places = {path: leaf.place for path, leaf in placed(whole, tree(BASE)).leaves()}
    assert places == {
        ("clocks", "first_reply", "P0"): "0.yaml:2:17",
        ("words", "product", "listed"): "0.yaml:4:3",  # a short form in the file: the place of the whole
        ("more",): "default",
    }


class TestErrorsOfAWholePack:
    """An error names the file that causes it, whichever pack of the chain was asked for."""

    @staticmethod
    def error(child: str, base: str = "", old: str = "", new: str = "") -> PolicyError:
        def find(name: str) -> tuple[str, str]:
            text, origin = find_pack(name)
            return (text.replace(old, new, 1) if name == base else text), origin

        with pytest.raises(PolicyError) as caught:
            read("extends: unified\npack: {name: child, version: '1'}\n" + child, "child.yaml", find)
        return caught.value

    def test_what_the_child_says_wrong_is_at_the_childs_line(self) -> None:
        error = self.error("ladder:\n  L2: {queue: tecnical}")
        assert error.where.startswith("child.yaml:4:")
        assert "'technical'" in error.mend

    def test_what_the_base_says_wrong_is_at_the_bases_line(self) -> None:
        error = self.error("demand: {product_review: 9}", "unified", "queue: technical", "queue: tecnical")
        line = find_pack("unified")[0].split("queue: technical")[0].count("\n") + 1
        assert error.where.startswith(f"unified.yaml:{line}:")

    def test_a_rule_of_the_child_is_named_at_its_own_line_among_inherited_ones(self) -> None:
        error = self.error("rules:\n  upgrades:\n    - {name: mine, then: {cause: chrun}}")
        assert error.where.startswith("child.yaml:5:")
        assert error.what.startswith("rules.upgrades.mine.then")

    def test_a_pack_that_only_extends_is_as_its_base_but_for_the_name(self) -> None:
        child: Policy = read("extends: unified\npack: {name: child, version: '1'}", "child.yaml", find_pack)
        base = read(*find_pack("unified"), find_pack)
        assert child.pack.model_copy(update={"pack": base.pack.pack}) == base.pack.model_copy(update={"examples": ()})
