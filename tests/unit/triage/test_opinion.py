"""A second opinion: when one is wanted, which answers count, and how little one may do, whatever it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.triage import note, opinion, records
from app.triage.decision import Context, Decision, Label, Opinion, Severity
from app.triage.engine import decide
from app.triage.labels import Labelled
from app.triage.masking import Masked
from app.triage.opinion import Answer
from app.triage.outcome import outcome_hash
from app.triage.policy import Policy
from app.triage.ticket import Ticket
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

TIED = "quibble and quabble"
OPEN = "quibble"
TEXTS = {
    "tied": TIED,
    "open": OPEN,
    "nothing said": "hello",
    "sure": "How do I change the colour of my avatar? I would like to know how to do it.",
    "P0": "Everything is down for all users, nothing works, production outage.",
    "P1": "The checkout is broken for all our customers, there is no workaround and we lose money.",
    "Security": "There is a data breach: strangers can see our customers' records.",
    "spam": "Refund support phone number +1-800-555-0100 call now toll free quickbooks support number",
    "automatic": "Automatic reply: I am out of the office until Monday.",
}
CUES = """
labels:
  tie_margin: 0.4
  unsure_below: 0.35
  cues:
    Guidance: {quibble: {points: 1.5, phrases: [quibble]}}
    Data: {quabble: {points: 1.4, phrases: [quabble]}}
"""


@pytest.fixture(scope="module")
def pack() -> Policy:
    return laid_over(CUES)


def said(label: Label, severity: Severity = Severity.P3, confidence: float = 0.9) -> Opinion:
    return Opinion("a-model", label, severity, confidence, ("quabble",))


Heard = Callable[..., tuple[Decision, Decision]]


@pytest.fixture(scope="module")
def heard(pack: Policy) -> Heard:
    """The decision without an opinion, and with it."""

    def run(ticket: Ticket | str, given: Opinion, context: Context = Context()) -> tuple[Decision, Decision]:  # noqa: B008
        ticket = a_ticket(ticket) if isinstance(ticket, str) else ticket
        plain = decide(ticket, context, pack, NOW)
        return plain, decide(ticket, replace(context, opinion=given), pack, NOW)

    return run


def test_it_breaks_a_tie_between_the_two_best_labels(heard: Heard) -> None:
    plain, decided = heard(TIED, said(Label.DATA))
    assert (plain.label, decided.label) == (Label.GUIDANCE, Label.DATA)
    assert decided.confidence <= plain.confidence
    assert decided.opinion is not None
    assert decided.opinion.effect == "it breaks the tie between Guidance and Data"
    assert opinion.BREAKS_TIES in decided.rules
    assert "label Guidance" in [one.what for one in decided.ruled_out]


def test_where_there_is_no_tie_it_only_makes_the_label_less_sure(heard: Heard) -> None:
    for text, label in ((OPEN, Label.DATA), (TIED, Label.BILLING), (TIED, Label.DEFECT)):
        plain, decided = heard(text, said(label, confidence=0.99))
        assert decided.label is plain.label is Label.GUIDANCE
        assert decided.confidence == 0.01 < plain.confidence
        assert decided.opinion is not None
        assert decided.opinion.effect == "it makes the label less sure"


def test_a_tie_is_one_of_an_unsure_decision_alone(pack: Policy) -> None:
    scores = dict.fromkeys(Label, 0.0) | {Label.GUIDANCE: 6.0, Label.DATA: 5.0}
    labelled = Labelled(Label.GUIDANCE, None, 0.9, (), (), scores)
    found = opinion.weighed(labelled, said(Label.DATA), pack.pack.labels, breaks_ties=True)
    assert (found.primary, found.confidence) == (Label.GUIDANCE, 0.1)


def test_one_that_agrees_changes_nothing_and_is_no_news(heard: Heard) -> None:
    plain, decided = heard(TIED, said(Label.GUIDANCE, confidence=1.0))
    assert replace(decided, opinion=None) == plain
    assert outcome_hash(decided) == outcome_hash(plain)


def test_one_that_is_unsure_itself_changes_nothing(heard: Heard) -> None:
    plain, decided = heard(OPEN, said(Label.DATA, confidence=0.1))
    assert replace(decided, opinion=None) == plain
    assert decided.opinion is not None
    assert decided.opinion.effect == opinion.NOTHING


@given(
    text=st.sampled_from(sorted(TEXTS.values())),
    label=st.sampled_from(Label),
    severity=st.sampled_from(Severity),
    confidence=st.floats(0, 1),
    off=st.booleans(),
)
def test_whatever_it_says_it_decides_no_security_no_p0_or_p1_and_no_page(
    heard: Heard, text: str, label: Label, severity: Severity, confidence: float, off: bool
) -> None:
    ticket = a_ticket(text, tags=frozenset({"triage-off"} if off else ()))
    plain, decided = heard(ticket, said(label, severity, confidence))
    assert (decided.severity <= Severity.P1) == (plain.severity <= Severity.P1)
    assert (decided.label is Label.SECURITY) == (plain.label is Label.SECURITY)
    assert (decided.second_label is Label.SECURITY) == (plain.second_label is Label.SECURITY)
    assert decided.page == plain.page
    assert [one for one in decided.proposals if one.what.startswith(("page", "raise"))] == [
        one for one in plain.proposals if one.what.startswith(("page", "raise"))
    ]
    assert decided.confidence <= plain.confidence
    if decided.label is not plain.label:
        assert (text, decided.label) == (TIED, Label.DATA)


@pytest.mark.parametrize(
    "rule",
    [
        "{severity: [{name: data-is-urgent, when: {label: [Data]}, then: {severity: P1}}]}",
        "{escalations: [{name: data-wakes, when: {label: [Data]}, then: {level: L3, page: true}}]}",
        "{severity: [{name: guidance-is-urgent, when: {label: [Guidance]}, then: {severity: P1}}]}",
    ],
)
def test_a_tie_is_not_broken_where_that_would_lead_to_p1_or_away_from_it_or_wake_somebody(rule: str) -> None:
    policy = laid_over(f"{CUES}rules: {rule}")
    plain = decide(a_ticket(TIED), Context(), policy, NOW)
    decided = decide(a_ticket(TIED), Context(opinion=said(Label.DATA)), policy, NOW)
    assert decided.label is plain.label is Label.GUIDANCE
    assert (decided.severity, decided.page, decided.proposals) == (plain.severity, plain.page, plain.proposals)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("tied", True),
        ("open", True),
        ("sure", False),
        ("P0", False),
        ("P1", False),
        ("Security", False),
        ("spam", False),
        ("automatic", False),
    ],
)
def test_it_is_wanted_where_the_label_is_in_doubt_and_may_be_doubted(pack: Policy, name: str, wanted: bool) -> None:
    doubtful = pack.pack.labels.model_copy(update={"unsure_below": 1.1} if name not in ("sure", "open") else {})
    assert opinion.wanted(decide(a_ticket(TEXTS[name]), Context(), pack, NOW), doubtful) == wanted


def test_it_is_not_wanted_on_a_ticket_that_people_took_out(pack: Policy) -> None:
    ticket = a_ticket(TIED, tags=frozenset({"triage-off"}))
    assert not opinion.wanted(decide(ticket, Context(), pack, NOW), pack.pack.labels)


def answer(**more: object) -> Answer:
    return Answer.model_validate(
        {"label": "Data", "severity": "P3", "confidence": 0.9, "evidence": ["and quabble"], **more}
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, ""),
        ({"evidence": ["quibble", "Quabble"]}, "quote"),
        ({"evidence": ["quibble and  quabble"]}, "quote"),
        ({"label": "Security"}, "security"),
        ({"severity": "P0"}, "urgent"),
        ({"severity": "P1"}, "urgent"),
    ],
)
def test_an_answer_counts_when_every_quote_is_in_the_text_and_it_stays_within_bounds(
    more: dict[str, object], reason: str
) -> None:
    assert opinion.judged(answer(**more), TIED) == reason


@pytest.mark.parametrize(
    "more",
    [{"label": "Urgent"}, {"severity": "P5"}, {"confidence": 7}, {"evidence": []}, {"evidence": [""]}, {"page": True}],
)
def test_an_answer_of_another_form_is_none(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        answer(**more)


def test_it_is_remembered_and_told_in_the_note_with_the_customers_own_words(heard: Heard, pack: Policy) -> None:
    kept = opinion.to_json(opinion.from_answer(answer(evidence=["and [NAME_1]"]), "a-model"))
    given = opinion.restored(kept, Masked("quibble and [NAME_1]", {"[NAME_1]": "quabble"}))
    plain, decided = heard(TIED, given)
    assert records.from_json(records.to_json(decided)) == decided
    assert records.from_json({**records.to_json(plain), "opinion": None}) == plain
    told = "Second opinion (a-model): Data, P3; it breaks the tie between Guidance and Data.\n> and quabble"
    assert told in note.render(decided, pack)
    assert "Second opinion" not in note.render(plain, pack)
    assert outcome_hash(decided) != outcome_hash(plain)


def test_the_key_names_the_words_the_policy_and_the_model() -> None:
    keys = {opinion.key(*one) for one in (("a", "b", "c"), ("a", "b", "d"), ("a", "c", "c"), ("b", "b", "c"))}
    assert len(keys) == 4
    assert opinion.key("a", "b", "c") in keys
