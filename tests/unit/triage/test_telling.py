"""What a ticket tells of a failure: the part of the product, and whether it fails now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.packs import load_policy
from app.triage.classified import classified
from app.triage.decision import Context, Label
from app.triage.duplicates.telling import Told, surfaces_of, told
from app.triage.layers import PolicyError
from app.triage.policy import Policy
from app.triage.thread import Thread
from app.triage.thread import read as read_thread
from app.triage.ticket import Comment, Ref, Speaker, Ticket
from tests.conftest import NOW
from tests.unit.triage.conftest import laid_over

POLICY = load_policy("unified")


def ticket(subject: str, body: str = "", *later: str) -> Ticket:
    comments = tuple(Comment(str(n), Speaker.CUSTOMER, text, NOW) for n, text in enumerate(later))
    ref = Ref("zendesk", "acme", "1")
    return Ticket(ref=ref, subject=subject, body=body, created_at=NOW, updated_at=NOW, comments=comments)


def thread(subject: str, body: str = "", *later: str, policy: Policy = POLICY) -> Thread:
    return read_thread(ticket(subject, body, *later), frozenset(), policy)


def surfaces(subject: str, body: str = "", *later: str) -> tuple[str, ...]:
    return surfaces_of(thread(subject, body, *later), POLICY)


def tells(subject: str, body: str = "", label: Label = Label.DEFECT) -> Told:
    """What a ticket tells that has this label."""
    read = classified(ticket(subject, body), Context(), POLICY, NOW)
    return told(replace(read, labelled=replace(read.labelled, primary=label)), POLICY)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Nobody can check out", "checkout"),
        ("The checkout button does nothing", "checkout"),
        ("Unsere Kunden können nicht bezahlen", "checkout"),
        ("Le paiement ne passe plus", "checkout"),
        ("Los clientes no pueden pagar", "checkout"),
        ("O pagamento não funciona", "checkout"),
        ("We cannot sign in since this morning", "login"),
        ("SSO is broken for all of us", "login"),
        ("Anmeldung schlägt fehl", "login"),
        ("Impossible de se connecter", "login"),
        ("No podemos iniciar sesión", "login"),
        ("Confirmation e-mails never arrive", "email"),
        ("Keine E-Mails mehr", "email"),
        ("Your API answers 503", "api"),
        ("Webhooks are not delivered", "webhooks"),
        ("The search finds nothing", "search"),
        ("Dashboards stay empty", "reports"),
        ("CSV export hangs", "export"),
        ("Import of contacts fails", "import"),
        ("File upload fails at 99 %", "attachments"),
        ("The Salesforce sync stopped", "sync"),
        ("Push notifications are late", "push"),
        ("Our calendar shows no bookings", "calendar"),
        ("Incoming calls are dropped", "telephony"),
        ("Label printing does not work", "printing"),
        ("GPS positions of the vehicles are missing", "devices"),
        ("Payroll run stops", "payroll"),
        ("The database is read-only", "database"),
        ("Your website is down", "everything"),
        ("Nichts geht mehr", "everything"),
    ],
)
def test_the_parts_of_a_product_are_known_by_their_words(text: str, surface: str) -> None:
    assert surfaces(text)[:1] == (surface,)


def test_the_subject_counts_more_than_the_text() -> None:
    assert surfaces("Exports are empty", "I press search and then the export runs")[0] == "export"


def test_what_is_narrower_counts_first_where_both_are_as_clear() -> None:
    assert surfaces("Coupon at checkout")[0] == "coupons"


def test_what_is_named_in_passing_is_not_clear() -> None:
    assert surfaces("Coupon codes are not accepted", "Voucher and coupon fail. Checkout is fine.") == ("coupons",)


def test_what_a_part_belongs_to_follows_it() -> None:
    assert surfaces("The MFA code is not accepted") == ("two_factor", "login")


def test_a_part_of_what_is_none_does_not_load() -> None:
    with pytest.raises(PolicyError) as raised:
        laid_over("duplicates: {surfaces: {robots: {phrases: [robot], part_of: machines}}}")
    assert "robots is part of machines, which is none" in str(raised.value)


def test_who_names_a_part_means_that_part_and_not_everything() -> None:
    assert surfaces("The site is down", "The checkout does not load")[-1] == "everything"


def test_later_words_count_only_where_the_first_message_names_nothing() -> None:
    assert surfaces("Help", "It hangs.", "It is the CSV export") == ("export",)
    assert surfaces("Help", "The search hangs.", "It is the CSV export") == ("search",)


def test_a_failure_of_now_is_acute_by_words_or_by_facts() -> None:
    assert tells("Checkout answers 504").acute
    assert tells("Bestellungen", "Niemand kann mehr bezahlen, seit heute um zehn").acute
    assert not tells("Checkout", "Where is its setting?").acute


def test_what_is_so_for_long_is_not_acute_unless_it_began_just_now() -> None:
    assert not tells("Export fails", "It does since last summer.").acute
    assert not tells("Export fails", "Two or three times a week.").acute
    assert tells("Export fails", "Last week it was slow, and since 10:15 it fails.").acute


def test_a_question_is_not_acute_but_one_about_an_outage_is() -> None:
    assert not tells("How do I retry when a payment fails?", label=Label.GUIDANCE).acute
    assert tells("When does checkout work again?", "It isn't working right now.", label=Label.GUIDANCE).acute


def test_what_worked_yesterday_fails_today() -> None:
    assert tells("Search finds nothing", "It worked yesterday.").acute


def test_one_person_s_trouble_is_vague() -> None:
    assert tells("Error in search", "It shows an error message").vague
    assert not tells("Search is broken", "None of our customers finds a thing").vague
    assert not tells("Search is broken", "It is so since 10:20").vague


def test_what_is_severe_by_its_own_words_is_known_before_anything_is_looked_up() -> None:
    assert tells("Your whole platform is down", "Nobody can work, all 400 users are locked out").severe
    assert not tells("Search is broken", "Please look").severe


def test_pasted_errors_are_read_and_quoted_mail_is_not() -> None:
    assert surfaces("It fails", "```\nPOST /v1/checkout/pay 502\n```")[0] in ("api", "checkout")
    assert surfaces("It fails", "I wrote before.\n\nOn Monday you wrote:\n> try the CSV export") == ()


def test_a_phrase_that_does_not_compile_names_its_place() -> None:
    with pytest.raises(PolicyError) as raised:
        laid_over('duplicates: {surfaces: {robots: {phrases: ["("]}}}')
    assert "duplicates.surfaces.robots" in str(raised.value)
    assert "test.yaml:1" in str(raised.value)


def test_an_administrator_adds_parts_and_words() -> None:
    policy = laid_over("""
duplicates:
  surfaces:
    robots: {phrases: ["robots?", "arms?"], unless: ["toys?"]}
    export: {phrases: [..., "take-?out"]}
""")
    assert surfaces_of(thread("Robot arm is stuck", policy=policy), policy) == ("robots",)
    assert surfaces_of(thread("A toy robot as a gift", policy=policy), policy) == ()
    assert surfaces_of(thread("Take-out fails", policy=policy), policy) == ("export",)
    assert surfaces_of(thread("CSV export fails", policy=policy), policy) == ("export",)
