"""What a help desk's own words say is right about its tickets, and the tickets as they came in."""

from __future__ import annotations

import pytest

from app.triage.decision import Label, Severity
from app.triage.evaluation_history import Right, as_it_came, meaning, row
from app.triage.policy import Policy
from app.triage.ticket import Status
from tests.unit.triage.conftest import a_ticket

P0, P1, P2 = Severity.P0, Severity.P1, Severity.P2


def test_tags_named_after_a_label_say_it_without_being_mapped() -> None:
    known = meaning([])
    assert known.right(["vip", "Label-Billing"]) == Right(Label.BILLING)
    assert known.right(["billing", "label-nothing"]) is None
    assert known.right([]) is None


def test_words_are_mapped_to_labels_severities_pages_and_spam() -> None:
    pairs = [("Invoices", "billing"), ("sev1", "p0"), ("woke_somebody", "page"), ("junk", "spam")]
    known = meaning(pairs)
    assert known.right(["invoices", "SEV1"]) == Right(Label.BILLING, severities=(P0,), page=False)
    assert known.right(["woke_somebody", "junk"]) == Right(page=True, spam=True)
    assert known.right(["other"]) == Right(page=False)  # where pages are marked, no mark is an answer too
    assert known.knows("JUNK")
    assert not known.knows("other")


def test_of_several_labels_the_first_counts_and_the_others_can_be_defended() -> None:
    known = meaning([("bug", "Defect")])
    assert known.right(["bug", "label-data", "label-defect"]) == Right(Label.DEFECT, also=(Label.DATA,))


def test_a_priority_tells_the_severity_only_where_it_is_asked_for(policy: Policy) -> None:
    assert meaning([]).right(["label-data"], "urgent") == Right(Label.DATA)
    known = meaning([("on_fire", "P0")], policy.pack.priority)
    assert known.right([], "Urgent") == Right(severities=(P0, P1))
    assert known.right(["on_fire"], "urgent") == Right(severities=(P0,))
    assert known.right([], "High", "zendesk") == Right(severities=(P2,))
    assert known.right([], "High", "jira") == Right(severities=(P1,))
    assert known.right(["high"]) is None  # a tag is no priority


def test_a_word_with_a_meaning_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match=r"'Refunds' is nothing that 'money' can mean; known: Defect, .*P4, page, spam"
    ):
        meaning([("money", "Refunds")])


def test_a_ticket_is_read_without_what_was_set_on_it_since() -> None:
    fields = {"label": "Data", "severity": "P1", "area": "reports"}
    ticket = a_ticket(
        "Text", "Subject", ["Later"], priority="urgent", tags=frozenset({"label-data"}), status=Status.SOLVED,
        status_name="solved", group="Tier 2", assignee="7", type="problem", fields=fields, language="fr",
    )  # fmt: skip
    came = as_it_came(ticket, whole_thread=False)
    assert came == a_ticket("Text", "Subject", fields={"area": "reports"}, language="fr")
    assert as_it_came(ticket, whole_thread=True).comments == ticket.comments


def test_a_row_of_a_history_holds_ticket_answer_and_source() -> None:
    right = Right(Label.DATA, (Label.DEFECT,), (P1,), page=True, spam=False)
    found = row(a_ticket("Text", tags=frozenset({"label-data"})), right, "desk", whole_thread=False)
    assert (found.label, found.also, found.severities, found.page, found.source) == (
        Label.DATA, (Label.DEFECT,), (P1,), True, "desk",
    )  # fmt: skip
    assert found.ticket.tags == frozenset()
