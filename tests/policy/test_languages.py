"""Texts in other languages: read with their own phrases beside English, or marked and never trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.packs import find_pack
from app.triage.conditions import CONDITIONS
from app.triage.decision import Context, Decision, Label, Severity
from app.triage.engine import decide
from app.triage.layers import PolicyError
from app.triage.lint import lint
from app.triage.note import render
from app.triage.policy import Policy, read
from app.triage.records import from_json, to_json
from tests.policy.conftest import NOW, a_ticket, decided, policy, seen

JAPANESE = "今朝からシステムにログインできません。全員が仕事を止めています。至急確認をお願いします。"
ITALIAN = "Buongiorno, da questa mattina non riusciamo più ad accedere e nessuno di noi può lavorare, grazie."
OUTAGE = "The whole platform is down for all users since nine, nobody can work."


def mine(text: str) -> Policy:
    return read(f"extends: unified\npack: {{name: mine, version: '1'}}\n{text}", "mine.yaml", find_pack)


def test_a_german_text_is_read_with_german_phrases_and_the_note_says_so() -> None:
    decision = decided("Unser Konto ist gesperrt, wir können uns nicht mehr anmelden.")
    assert (decision.language, decision.unread) == ("de", False)
    assert decision.label is Label.ACCESS
    assert "lockout" in decision.facts
    assert "Read as German." in render(decision, policy())


def test_an_english_text_is_read_as_english_and_the_note_says_nothing() -> None:
    decision = decided(OUTAGE)
    assert (decision.language, decision.unread) == ("en", False)
    assert "Read as" not in render(decision, policy())


def test_english_words_in_a_german_text_are_read_too() -> None:
    decision = decided("Guten Morgen, bei uns gilt seit heute früh: all users are locked out. Bitte helfen Sie uns!")
    assert decision.language == "de"
    assert {"scope_all", "lockout"} <= set(decision.facts)


def test_a_german_denial_takes_an_english_finding_back() -> None:
    assert "outage" not in decided("Guten Tag, das ist natürlich keine total outage, nur eine Frage dazu.").facts
    assert "outage" in decided("Guten Tag, das ist natürlich eine total outage, bitte helfen Sie.").facts


def test_each_message_of_a_thread_is_read_in_its_own_language() -> None:
    decision = decided(OUTAGE, comments=["Danke schön, es funktioniert wieder bei allen."])
    assert decision.language == "de"
    assert "resolved" in decision.facts
    assert "outage" not in decision.facts


def test_umlauts_may_be_left_out_or_spelt_out() -> None:
    for text in (
        "Das Passwort ist ungültig, ich kann mich nicht anmelden. Können Sie das zurücksetzen?",
        "Das Passwort ist ungultig, ich kann mich nicht anmelden. Konnen Sie das zurucksetzen?",
        "Das Passwort ist ungueltig, ich kann mich nicht anmelden. Koennen Sie das zuruecksetzen?",
    ):
        assert "lockout" in decided(text).facts


@pytest.mark.parametrize("text", [JAPANESE, ITALIAN])
def test_a_language_without_phrases_goes_to_needs_triage(text: str) -> None:
    decision = decided(text)
    assert decision.unread
    assert "needs-triage" in decision.tags
    assert not decision.page
    assert "Please read it yourself." in render(decision, policy())


def test_what_machines_say_is_found_in_any_language() -> None:
    decision = decided(
        JAPANESE + "\n\nHTTP 503\njava.lang.NullPointerException: x\n    at com.acme.Orders.load(Orders.java:42)"
    )
    assert "error_shown" in decision.facts
    assert "of it only what machines say was read: “" in render(decision, policy())
    assert "no error text or code was found" in render(decided(JAPANESE), policy())


@pytest.mark.parametrize("more", [JAPANESE + " resolved now", ITALIAN + " Ok, works now."])
def test_words_that_cannot_be_read_lower_no_severity(more: str) -> None:
    before = decided(OUTAGE)
    assert before.severity is Severity.P0
    after = decided(OUTAGE, comments=[more], context=Context(previous=before))
    assert after.unread
    assert (after.severity, after.page) == (before.severity, before.page)


def test_a_severity_that_paged_nobody_pages_nobody_after_words_that_cannot_be_read() -> None:
    before = replace(decided("The export fails with an error."), rated=Severity.P1, severity=Severity.P1)
    after = decided(JAPANESE, context=Context(previous=before))
    assert (after.severity, after.page) == (Severity.P1, False)


def test_words_that_can_be_read_lower_the_severity_as_before() -> None:
    before = decided(OUTAGE)
    after = decided(OUTAGE, comments=["Vielen Dank, alles funktioniert wieder."], context=Context(previous=before))
    assert after.severity is Severity.P3


@pytest.mark.parametrize(
    ("entries", "language", "locale", "holds"),
    [
        (("de",), "de", "en-US", True),
        (("en",), "de", "en-US", False),
        (("en-GB",), "en", "en-gb", True),
        (("en",), "en", "en-GB", True),
        (("en",), "", "en-GB", True),
        (("unknown",), "de", "", False),
    ],
)
def test_the_condition_asks_for_what_is_written_and_the_locale_only_for_its_region(
    entries: tuple[str, ...], language: str, locale: str, holds: bool
) -> None:
    asked = seen((), Label.DEFECT, ticket=a_ticket("x", language=locale), language=language)
    assert bool(CONDITIONS["language"](entries, asked)) is holds


def test_unknown_is_a_language_to_rules() -> None:
    asked = seen((), Label.DEFECT, language="ja", unread=True)
    assert CONDITIONS["language"](("unknown",), asked)
    assert CONDITIONS["language"](("ja",), asked)


def test_a_further_language_is_a_matter_of_the_pack() -> None:
    dutch = mine("""
languages:
  nl:
    words: {product: [systeem, website]}
    guards: {negation: [geen, niet]}
    facts: {outage: {phrases: ["<product> .. (?:plat|onbereikbaar)"]}}
""")
    text = "Goedemorgen, sinds vanochtend ligt het hele systeem plat en wij kunnen niets meer doen, alvast bedankt."
    assert decided(text).unread
    decision = decide(a_ticket(text), Context(), dutch, NOW)
    assert (decision.language, decision.unread, "outage" in decision.facts) == ("nl", False, True)
    assert decision.severity is Severity.P0


def test_who_may_say_a_fact_and_what_it_replaces_are_the_facts_own_in_every_language() -> None:
    by_customer = decided("Guten Tag, ich konnte den Fehler nachstellen, er ist bestätigt.")
    assert "verified" not in by_customer.facts
    agent = {"speaker": "agent", "public": False, "body": "Ich konnte den Fehler bei uns nachstellen."}
    assert "verified" in decided("Der Export bricht mit einem Fehler ab.", comments=[agent]).facts


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("languages:\n  nl:\n    facts:\n      outage: {phrases: ['plat', '(plat']}\n", "mine.yaml:6"),
        ("languages:\n  nl:\n    guards: {negation: ['<nothing>']}\n", "mine.yaml:5"),
        ("languages:\n  nl:\n    facts:\n      outtage: {phrases: [plat]}\n", "mine.yaml:6"),
        ("languages:\n  nl:\n    fact:\n      outage: {phrases: [plat]}\n", "mine.yaml:5"),
    ],
)
def test_a_fault_in_a_language_names_its_place_when_the_policy_loads(text: str, place: str) -> None:
    with pytest.raises(PolicyError) as caught:
        mine(text)
    assert str(caught.value).startswith(place) or caught.value.where.startswith(place)


def test_the_check_finds_faults_in_a_language() -> None:
    faulty = mine("""
languages:
  nl:
    words: {nobody: [geen], product: []}
    facts: {outage: {phrases: ["<product>", ".*"], unless: [""]}}
""")
    found = {(one.code, one.path) for one in lint(faulty)}
    assert ("unused-words", "languages.nl.words.nobody") in found
    assert ("empty-phrase", "languages.nl.words.product") in found
    assert ("empty-phrase", "languages.nl.facts.outage.phrases.1") in found
    assert ("empty-phrase", "languages.nl.facts.outage.unless.0") in found


def test_the_language_survives_being_stored_and_older_decisions_have_none() -> None:
    decision = decided(JAPANESE)
    stored = to_json(decision)
    assert from_json(stored) == decision
    del stored["language"], stored["unread"]
    older: Decision = from_json(stored)
    assert (older.language, older.unread) == ("", False)


def test_the_lexicon_of_a_language_is_compiled_once() -> None:
    lexicons = policy().lexicons
    assert lexicons.of("de") is lexicons.of("de") is not None
    assert lexicons.of("nl") is None
