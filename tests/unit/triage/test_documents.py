"""Documents are found by what customers say, cited above a threshold, and listed for colleagues."""

from __future__ import annotations

import pytest

from app.triage.decision import Label
from app.triage.policy import Policy, PolicyError
from app.triage.ticket import Speaker
from tests.unit.triage.conftest import a_ticket, laid_over

EXPORT = "https://docs.example/export"
ZONES = "https://docs.example/time-zones"
SHELF = f"""
documents:
  - {{title: Export a report, url: "{EXPORT}", phrases: [export .. reports?, download .. report, as csv]}}
  - {{title: Time zones, url: "{ZONES}", phrases: [time ?zone], label: [Guidance]}}
  - {{title: Reports in general, url: "https://docs.example/reports", phrases: [reports?]}}
"""
GUIDANCE = [Label.GUIDANCE]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return laid_over(SHELF)


def titles(policy: Policy, body: str, subject: str = "", labels: list[Label] = GUIDANCE) -> list[tuple[str, float]]:
    return [(one.document.title, one.score) for one in policy.library.search(a_ticket(body, subject), labels)]


@pytest.mark.policy("S0-72", "S2-72")
def test_each_phrase_counts_once_and_more_in_the_subject(policy: Policy) -> None:
    assert titles(policy, "How do I export my reports? Can I download the report as CSV?") == [
        ("Export a report", 3.0),
        ("Reports in general", 1.0),
    ]
    assert titles(policy, "Reports, reports, reports", "A report") == [("Reports in general", 2.0)]
    assert titles(policy, "Where is the moon?") == []


def test_a_document_of_a_label_is_found_only_under_it(policy: Policy) -> None:
    assert titles(policy, "Which time zone is this?") == [("Time zones", 1.0)]
    assert titles(policy, "Which time zone is this?", labels=[Label.DATA]) == []
    assert titles(policy, "Which time zone is this?", labels=[Label.DATA, Label.GUIDANCE]) == [("Time zones", 1.0)]


def test_only_what_the_customer_says_is_searched(policy: Policy) -> None:
    ticket = a_ticket("Hello", comments=[(Speaker.AGENT, "time zone"), (Speaker.WORKER, "time zone")])
    assert policy.library.search(ticket, GUIDANCE) == ()
    assert policy.library.search(a_ticket("Hello", comments=["it is the time zone"]), GUIDANCE) != ()


@pytest.mark.policy("S0-72")
def test_only_a_match_above_the_threshold_may_be_cited(policy: Policy) -> None:
    library = policy.library
    weak = library.search(a_ticket("Which time zone is this?"), GUIDANCE)
    assert library.best(weak) is None
    strong = library.search(a_ticket("Which is it?", "Time zone"), GUIDANCE)
    assert library.best(strong) == policy.pack.documents[1]
    assert library.best(()) is None


@pytest.mark.policy("S2-72")
def test_colleagues_see_how_much_was_searched_and_what_was_found(policy: Policy) -> None:
    found = policy.library.search(a_ticket("Which time zone is this?"), GUIDANCE)
    assert policy.library.searched(found) == f"Searched 3 documents: Time zones ({ZONES})."
    assert policy.library.searched(()) == "Searched 3 documents: none fits."
    assert laid_over("documents: []").library.searched(()) == ""


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{title: x, url: 'https://docs.example/x', phrases: ['(']}", "documents.0.phrases.0: RE2 cannot read it"),
        ("{title: x, url: 'https://docs.example/x', phrases: ['<nowhere>']}", "no word list is named 'nowhere'"),
        ("{title: x, url: 'http://docs.example/x', phrases: [x]}", "give an https address"),
        ("{title: x, url: 'https://docs.example/x?a=b', phrases: [x]}", "give an https address"),
        ("{title: x, url: 'javascript:alert(1)', phrases: [x]}", "give an https address"),
        ("{title: x, url: 'https://docs.example/x', phrases: []}", "documents.0.phrases"),
    ],
)
def test_a_document_that_cannot_be_found_or_sent_does_not_load(entry: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        laid_over(f"documents: [{entry}]")
    assert told in str(caught.value)
