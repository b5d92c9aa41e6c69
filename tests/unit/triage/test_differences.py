"""What differs between two policies is named value by value."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage.differences import differences
from app.triage.policy import Policy, content
from tests.unit.triage.conftest import laid_over


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({}, {"a": [1, 2]}, [("a", None, [1, 2])]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, [("a", ["x", "y"], ["y", "x"])]),
        ({"a": [{"name": "n", "b": 1}]}, {"a": [{"name": "n", "b": 2}]}, [("a.n.b", 1, 2)]),
        ({"a": [{"name": "n"}]}, {"a": [{"name": "m"}]}, [("a.n", {"name": "n"}, None), ("a.m", None, {"name": "m"})]),
        (
            {"a": [{"name": "n"}, {"name": "m"}, {"name": "o"}]},
            {"a": [{"name": "new"}, {"name": "o"}, {"name": "n"}]},
            [
                ("a.m", {"name": "m"}, None),
                ("a.new", None, {"name": "new"}),
                ("a.order", ["n", "o"], ["o", "n"]),
            ],
        ),
        ({"a": []}, {"a": [{"name": "n"}]}, [("a.n", None, {"name": "n"})]),
        ({"a": {"b": 1}}, {"a": 1}, [("a", {"b": 1}, 1)]),
        ({"examples": [1]}, {"examples": [2]}, []),
    ],
)
def test_each_difference_is_named_with_its_path(old: Any, new: Any, found: list[Any]) -> None:
    assert [tuple(one) for one in differences(old, new)] == found


def test_policies_differ_in_a_value_exactly_when_their_digests_do(policy: Policy) -> None:
    for layer in ("demand: {product_review: 9}", "words: {product: [x]}", "rules: {tags: [{name: idea, off: true}]}"):
        other = laid_over(layer)
        assert other.digest != policy.digest
        assert len(list(differences(content(policy.pack), content(other.pack)))) == 1
    same = laid_over("examples: [{name: odd, body: hello}]")
    assert same.digest == policy.digest
    assert list(differences(content(policy.pack), content(same.pack))) == []
