"""When two tickets report the same fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.duplicates.parts import Duplicates
from app.triage.symptoms.alike import APART, Asked, alike
from app.triage.symptoms.common_words import CHANCES
from app.triage.symptoms.reading import symptom_of
from app.triage.symptoms.symptom import Frequencies, Symptom
from app.triage.symptoms.weights import indexed, inverse, searched
from app.triage.symptoms.words import stems, term_hash
from app.triage.text import Message
from app.triage.ticket import Speaker

NOTHING = Frequencies()
OTHERS = Frequencies(
    2000,
    {term: round(2000 * share) for term, share in CHANCES.items()}
    | {term_hash(next(stems(word))): 60 for word in ("csv", "export", "app", "login", "upload", "order")},
)
"""Those of a desk with 2,000 tickets."""

LINK, SUGGEST = Duplicates().link, Duplicates().suggest
TRACE = """
com.example.shop.LedgerException: ledger is locked
	at com.example.shop.Ledger.open(Ledger.java:41)
	at com.example.shop.Basket.pay(Basket.java:7)
"""

symptoms = st.builds(
    Symptom,
    terms=st.dictionaries(st.integers(0, 60), st.integers(1, 255), max_size=20),
    fingerprints=st.lists(st.sampled_from([f"{kind}:{n}" for kind in ("code", "stack", "vague") for n in range(4)]),
                          max_size=3, unique=True).map(tuple),
    surfaces=st.lists(st.sampled_from(["payment", "login", "mail"]), max_size=2, unique=True).map(tuple),
    vector=st.sampled_from([b"", bytes([1, 2, 3, 250]), bytes([9, 200, 3, 4])]),
)  # fmt: skip
frequencies = st.builds(
    Frequencies, tickets=st.just(500), of=st.dictionaries(st.integers(0, 60), st.integers(1, 500), max_size=30)
)


def ticket(subject: str, body: str = "") -> Symptom:
    return symptom_of([Message("subject", Speaker.CUSTOMER, subject), Message("body", Speaker.CUSTOMER, body)])


def space(*others: Symptom) -> Frequencies:
    of = Counter(term for one in others for term in one.terms)
    of.update(term_hash(fingerprint) for one in others for fingerprint in one.fingerprints)
    return Frequencies(len(others), of)


def chance(one: Symptom, other: Symptom, among: Frequencies = NOTHING) -> float:
    return alike(one, other, among).chance


@given(symptoms, symptoms, frequencies)
def test_the_chance_is_the_same_from_either_side(one: Symptom, other: Symptom, among: Frequencies) -> None:
    found = alike(one, other, among)
    assert found == alike(other, one, among)
    assert 0 <= found.chance <= 1


@given(symptoms, symptoms, frequencies)
def test_asking_many_gives_what_asking_one_gives(one: Symptom, other: Symptom, among: Frequencies) -> None:
    asked = Asked(one, among)
    asked.alike(one)
    assert asked.alike(other) == alike(one, other, among)


@given(symptoms, symptoms, frequencies)
def test_tickets_about_different_parts_of_the_product_are_never_linked(
    one: Symptom, other: Symptom, among: Frequencies
) -> None:
    one, other = replace(one, surfaces=("payment",)), replace(other, surfaces=("login", "mail"))
    assert chance(one, other, among) <= APART < SUGGEST


def test_equal_texts_about_different_parts_are_not_even_suggested() -> None:
    text = ticket("Nothing loads since the update, LedgerException", TRACE)
    assert chance(text, text) > LINK
    assert chance(replace(text, surfaces=("payment",)), replace(text, surfaces=("login",))) <= APART
    assert chance(replace(text, surfaces=("payment",)), replace(text, surfaces=("payment", "login"))) > LINK
    assert chance(replace(text, surfaces=("payment",)), text) > LINK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CSV export shows wrong totals", "totals in the exported CSV are wrong"),
        ("Cannot reset my authenticator", "authenticator reset is not possible"),
        ("Die Anmeldung mit Fingerabdruck schlägt fehl", "Anmelden per Fingerabdruck geht nicht"),
        ("L'export des factures en PDF est vide", "Factures : l'export PDF est vide"),
        ("La sincronización del calendario duplica las citas", "Citas duplicadas al sincronizar el calendario"),
        ("Relatório de estoque não abre no tablet", "Tablet: o relatório de estoque não abre"),
    ],
)
def test_a_few_words_in_another_order_and_form_are_at_least_suggested(one: str, other: str) -> None:
    assert chance(ticket(one), ticket(other), OTHERS) >= SUGGEST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CSV export shows wrong totals", "Where do I find the CSV export?"),
        ("The app is slow", "The app crashes"),
        ("Login does not work", "The upload does not work"),
        ("Problem with my order", "Question about my order"),
    ],
)
def test_a_few_common_words_in_common_are_not_enough(one: str, other: str) -> None:
    assert chance(ticket(one), ticket(other), OTHERS) < SUGGEST


@pytest.mark.policy("S0-60")
def test_a_shared_rare_fingerprint_raises_the_chance_a_lot() -> None:
    one = ticket("Basket", f"I cannot pay since this morning, the wheel turns for ever.{TRACE}")
    other = ticket("Checkout is broken", f"Customers ring us because no order goes through.{TRACE}")
    bare = replace(one, fingerprints=()), replace(other, fingerprints=())
    assert chance(one, other) > SUGGEST > 5 * chance(*bare)
    assert "same stack trace" in alike(one, other, NOTHING).why


def test_a_fingerprint_that_every_other_ticket_has_says_little() -> None:
    one = ticket("Basket", f"I cannot pay since this morning.{TRACE}")
    other = ticket("Images", f"The pictures of our shop are gone.{TRACE}")
    common = Frequencies(1000, {term_hash(fingerprint): 500 for fingerprint in one.fingerprints})
    rare = Frequencies(1000, {term_hash(fingerprint): 2 for fingerprint in one.fingerprints})
    assert chance(one, other, common) < 0.1 < chance(one, other, rare)


def test_an_exception_that_every_program_throws_links_nothing() -> None:
    one = ticket("Photos", "Photos vanish after rotating them.\n\njava.lang.NullPointerException")
    other = ticket("Invoices", "The second page of invoices stays white.\n\njava.lang.NullPointerException")
    assert chance(one, other) < SUGGEST


def test_different_error_codes_speak_against_the_same_fault() -> None:
    one, same = (ticket("Export of the ledger fails", "It stops at once with error E-4711.") for _ in range(2))
    other = ticket("Export of the ledger fails", "It stops at once with error E-9090.")
    assert chance(one, other) < chance(one, same)


def test_other_numbers_in_the_subject_tell_apart_what_reads_alike() -> None:
    one, other = ticket("Library broken on Debian 7.1 machines"), ticket("Library broken on Debian 8.0 machines")
    assert chance(one, other) < chance(one, one)


def test_orders_that_read_alike_are_not_linked() -> None:
    one, other = ticket("Please add user Anna to the team"), ticket("Please add user Bernd to the team")
    assert chance(one, other) < LINK


def test_greetings_signatures_and_politeness_make_nobody_alike() -> None:
    letter = "Hello dear support team,\n\n{}\n\nThank you very much for your help!\n\nBest regards,\nMaureen Example\n"
    one = ticket("Help", letter.format("The barcode scanner freezes at the till."))
    other = ticket("Help", letter.format("Our newsletter went to the wrong people."))
    assert chance(one, other) < 0.1


def test_what_a_form_asks_of_everybody_makes_nobody_alike_once_the_space_knows_it() -> None:
    form = "Steps to reproduce the bug in Examplar desktop edition, expected behaviour, actual behaviour: "
    said = (
        "the barcode scanner freezes", "the newsletter went to wrong people", "printing crops the margin",
        "dark theme hides the cursor", "import skips umlauts", "sound is gone after standby",
    )  # fmt: skip
    tickets = [ticket("Bug in Examplar desktop", form + one) for one in said]
    among = space(*tickets * 10)
    assert max(chance(one, other, among) for one in tickets for other in tickets if one is not other) < SUGGEST


def test_vectors_of_other_meaning_lower_the_chance_and_those_of_like_meaning_leave_it() -> None:
    one, other = ticket("Till shows a turning wheel"), ticket("Cash desk is stuck on loading")
    near, far = bytes([100, 20, 5, 1]), bytes([1, 236, 236, 100])
    with_vectors = [chance(replace(one, vector=near), replace(other, vector=vector)) for vector in (near, far)]
    assert with_vectors[0] == chance(one, other) > 2 * with_vectors[1]


def test_a_vector_on_one_side_only_changes_nothing() -> None:
    one, other = ticket("Till shows a turning wheel"), ticket("The till shows a wheel")
    assert chance(replace(one, vector=bytes([1, 2])), other) == chance(one, other)


def test_an_empty_ticket_is_like_nothing() -> None:
    assert chance(ticket(""), ticket("")) < 0.1
    assert searched(ticket(""), NOTHING) == []


def test_a_ticket_is_posted_and_searched_under_what_tells_most() -> None:
    one = ticket("The login with a fingerprint fails", f"I am sorry to bother you again.{TRACE}")
    terms = indexed(one, NOTHING, 12)
    assert term_hash(next(stems("fingerprint"))) in terms
    assert term_hash(one.fingerprints[0]) in terms
    assert term_hash("the") not in terms
    assert [term for term, _ in searched(one, NOTHING, 12)] == terms
    weights = [weight for _, weight in searched(one, NOTHING)]
    assert weights == sorted(weights, reverse=True)


def test_a_common_word_tells_little_even_where_no_ticket_is_known_yet() -> None:
    tells = [inverse(term_hash(next(stems(word))), NOTHING) for word in ("the", "please", "fingerprint")]
    assert tells == sorted(tells)
    assert inverse(term_hash(next(stems("bitte"))), NOTHING) < inverse(term_hash(next(stems("fingerabdruck"))), NOTHING)


def test_what_a_space_has_much_of_tells_little_there() -> None:
    term = term_hash(next(stems("fingerprint")))
    assert inverse(term, Frequencies(1000, {term: 400})) < 2 < inverse(term, Frequencies(1000, {}))


def test_a_long_ticket_has_no_more_terms_than_the_index_takes() -> None:
    many = ticket("Log", " ".join(f"word{number}" for number in range(50_000)))
    assert len(many.terms) <= 121
