"""The tag of a known issue: generated, validated, read off tickets (S4-71, C-27)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.triage.known_issues.tag import LONGEST, SHORTEST, BadTag, checked, looks_like_one, made, number_of


@pytest.mark.parametrize(
    ("number", "description", "tag"),
    [
        ("123", "Umlauts in CSV", "123-umlauts-in-csv"),
        ("ENG-7", "Export is slow!", "ENG-7-export-is-slow"),
        ("A_B2-10", "Can't log in", "A_B2-10-cant-log-in"),
        ("7", "Größe wird falsch gerundet", "7-grosse-wird-falsch-gerundet"),
        ("7", "500 error on save", "7-500-error-on-save"),
        ("7", "one two three four five six seven eight nine ten", "7-one-two-three-four-five-six-seven-eight"),
        ("7", "x" * 60, "7-" + "x" * LONGEST),
    ],
)
def test_a_tag_is_made_of_the_issue_and_a_few_words(number: str, description: str, tag: str) -> None:
    assert made(number, description) == tag
    assert checked(tag) == tag


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("umlauts", "write it as <issue#>-<brief-description>"),
        ("123", "write it as"),
        ("123-", "write it as"),
        ("0-umlauts", "write it as"),
        ("2026-03-01", "write it as"),
        ("123-umlauts_in_csv", "write it as"),
        ("123 umlauts", "write it as"),
        ("123--umlauts", "write it as"),
        ("123-ab", "2 characters"),
        ("123-" + "a" * 41, "41 characters"),
        ("123-Umlauts", "write 123-umlauts"),
        ("eng-7-slow-export", "ENG-7-slow-export"),
    ],
)
def test_what_is_no_tag_is_refused_with_the_mend(tag: str, says: str) -> None:
    with pytest.raises(BadTag, match=says):
        checked(tag)


@pytest.mark.parametrize(("number", "description"), [("x", "Slow"), ("0", "Slow"), ("eng-7", "Slow"), ("7", "日本語")])
def test_nothing_is_made_of_what_is_no_number_or_has_no_letters(number: str, description: str) -> None:
    with pytest.raises(BadTag):
        made(number, description)


@given(st.integers(1, 10**6).map(str) | st.from_regex(r"[A-Z][A-Z0-9]{1,5}-[1-9][0-9]{0,3}", fullmatch=True), st.text())
def test_whatever_is_made_is_valid_and_leads_back_to_the_issue(number: str, description: str) -> None:
    try:
        tag = made(number, description)
    except BadTag:
        assume(False)
    assert checked(tag) == tag
    assert number_of(tag) == number_of(tag.lower()) == number
    assert SHORTEST <= len(tag) - len(number) - 1 <= LONGEST
    assert looks_like_one(tag.lower())


@pytest.mark.parametrize("tag", ["vip", "2026-03-01", "sev-p1", "known-issue", "escalate-l2"])
def test_other_tags_do_not_look_like_one(tag: str) -> None:
    assert not looks_like_one(tag)
