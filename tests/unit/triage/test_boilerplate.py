"""Paragraphs that an account's tickets share are blanked beside other words; equal complaints are left alone."""

from __future__ import annotations

from dataclasses import replace

from app.triage.boilerplate import Shared, paragraphs_of, requester_of
from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.policy import Policy
from app.triage.text import messages
from app.triage.ticket import Comment, Customer, Ref, Speaker, Ticket
from tests.conftest import NOW

FORM = (
    "Thank you for shopping with us. If the parcel was lost, or our site is down for everybody, please tell us the\n"
    "number of your order 4711 and the day on which you placed it, so that we find it quickly."
)
COMPLAINT = "The invoice of my last order shows the wrong total."


def ticket(body: str, ref: Ref = Ref("zendesk", "acme", "1"), requester: str = "7") -> Ticket:  # noqa: B008 - frozen
    return Ticket(
        ref=ref,
        subject="Order",
        body=body,
        created_at=NOW,
        updated_at=NOW,
        requester=Customer(id=requester),
    )


def said(one: Ticket, shared: frozenset[str]) -> str:
    return " ".join(" ".join(message.said for message in messages(one, shared) if message.source != "subject").split())


def test_a_shared_paragraph_is_blanked_wherever_it_stands() -> None:
    one = ticket(f"{COMPLAINT}\n\n{FORM}\n\nPlease mend it.")
    shared = frozenset(paragraphs_of(one))
    assert len(shared) == 1
    assert said(one, shared) == "the invoice of my last order shows the wrong total. please mend it."
    later = replace(one, body=COMPLAINT, comments=(Comment("9", Speaker.CUSTOMER, f"And?\n\n{FORM}", NOW),))
    assert said(later, shared).endswith("total. and?")


def test_case_line_breaks_and_numbers_do_not_matter() -> None:
    one = ticket(f"{COMPLAINT}\n\n{FORM}")
    other = ticket(f"Hm.\n\n{FORM.upper().replace(chr(10), ' ').replace('4711', '4712')}")
    assert paragraphs_of(one) == paragraphs_of(other)


def test_a_message_of_nothing_else_is_neither_counted_nor_blanked() -> None:
    alone = ticket(FORM)
    assert paragraphs_of(alone) == ()
    shared = frozenset(paragraphs_of(ticket(f"{COMPLAINT}\n\n{FORM}")))
    assert "site is down" in said(alone, shared)
    assert "site is down" in said(ticket(f"{FORM}\n\n-- \nAnn"), shared), "a signature is no other word"


def test_a_sentence_is_never_counted() -> None:
    assert paragraphs_of(ticket("Checkout is down for all our customers since noon.\n\nPlease help us.")) == ()


def test_what_is_counted_of_one_ticket_has_a_bound() -> None:
    body = "\n\n".join(f"{FORM} {'x' * number}" for number in range(200))
    assert len(paragraphs_of(ticket(f"{COMPLAINT}\n\n{body}"))) <= 8


def test_hashes_are_of_one_account_and_tell_nothing() -> None:
    here = ticket(f"{COMPLAINT}\n\n{FORM}")
    there = replace(here, ref=Ref("zendesk", "other", "1"))
    assert paragraphs_of(here) != paragraphs_of(there)
    assert requester_of(here) != requester_of(there)
    assert requester_of(here) != "7"
    assert requester_of(ticket("x", requester="")) == ""


def test_the_decision_does_not_read_what_is_shared(policy: Policy) -> None:
    one = ticket(f"{COMPLAINT}\n\n{FORM}")
    alone = decide(one, Context(), policy, NOW)
    known = decide(one, Context(boilerplate=frozenset(paragraphs_of(one))), policy, NOW)
    assert "outage" in alone.facts or alone.severity < known.severity
    assert not {"outage", "broad"} & set(known.facts)
    assert all("down" not in evidence.quote for evidence in known.evidence)


def test_spans_stay_whole_where_a_paragraph_is_taken_out() -> None:
    text = f"{COMPLAINT}\n\n{FORM}\n\nhttps://shop.example/x\n\n{FORM}"
    one = ticket(text)
    found = Shared(one.ref, frozenset(paragraphs_of(one)))
    for message in messages(one, found.hashes):
        assert len(message.said) == len(message.text)
