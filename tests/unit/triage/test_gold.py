"""Rows with the right answer beside the ticket."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage.decision import Label, Severity
from app.triage.gold import row_from_record

TICKET = {"id": "1", "subject": "Rows gone", "body": "Since the import."}


def test_a_row_of_our_own_is_read() -> None:
    row = row_from_record({**TICKET, "label": "data", "also": ["Defect"], "severity": ["P1", "P2"], "page": True}, "x")
    assert (row.label, row.also) == (Label.DATA, (Label.DEFECT,))
    assert (row.severities, row.page, row.source) == ((Severity.P1, Severity.P2), True, "x")


def test_a_row_with_gold_beside_other_words_is_read() -> None:
    row = row_from_record({**TICKET, "source": "s", "gold_label": "Defect", "gold_severity": "P3", "kind": "type"})
    assert (row.label, row.severities, row.page, row.source) == (Label.DEFECT, (Severity.P3,), None, "s")
    assert row.symptoms


def test_what_is_not_known_stays_open() -> None:
    row = row_from_record({**TICKET, "gold_label": None, "original_label": "spam"})
    assert (row.label, row.severities, row.page, row.spam) == (None, (), None, True)


def test_equal_words_have_one_hash_whatever_their_spaces_and_letters() -> None:
    other = {**TICKET, "id": "2", "subject": "ROWS  gone", "body": "Since the\nimport."}
    assert row_from_record(TICKET).hash == row_from_record(other).hash
    assert row_from_record(TICKET).hash != row_from_record({**TICKET, "body": "Since the export."}).hash


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"label": "Bugs"}, "'Bugs' is no label"),
        ({"severity": "S1"}, "'S1' is no severity"),
        ({"also": 3}, "3 is no label"),
        ({"page": "yes"}, "page must be true or false"),
        ({"id": ""}, "no id"),
    ],
)
def test_a_bad_row_says_what_is_wrong(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        row_from_record({**TICKET, **given})
