"""Texts with placeholders: what loads, what is filled in, what drops out, and that a value is never a template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.fields import FIELDS, Known
from app.triage.layers import PolicyError
from app.triage.policy import Policy
from app.triage.templates import check, fields_of, render
from app.triage.ticket import Customer
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

HOSTILE = "{severity} {{x}} %s ${jndi:x} {missing} {unknown} {% if %} \\1 \\g<0> <b>"


def known(policy: Policy, name: str = "Kim", subject: str = "Export", body: str = "") -> Known:
    ticket = a_ticket(body, subject, requester=Customer(id="7", name=name))
    return Known(ticket, Context(), decide(ticket, Context(), policy, NOW), policy)


def test_every_field_may_be_named() -> None:
    check(" ".join(f"{{{name}}}" for name in FIELDS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {custmer}", "unknown field 'custmer'; did you mean 'customer'?"),
        ("Hello {}", "unknown field ''"),
        ("Hello {customer.name}", "unknown field 'customer.name'"),
        ("Hello {customer!r}", "unknown field 'customer!r'"),
        ("Hello { customer }", "unknown field ' customer '"),
        ("Hello {0}", "unknown field '0'"),
        ("Hello {Customer}", "did you mean 'customer'?"),
        ("Hello {customer", "a brace has no mate"),
        ("Hello customer}", "a brace has no mate"),
        ("Hello {{customer}}", "a brace has no mate"),
    ],
)
def test_a_text_with_anything_else_in_braces_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"unknown field|brace") as refused:
        check(text)
    assert said in str(refused.value)


@pytest.mark.parametrize("place", ["subject", "body"])
def test_the_place_in_the_pack_is_named_with_the_nearest_field(place: str) -> None:
    texts = {"subject": "Hello", "body": "Hello", place: "Hello {custmer}"}
    written = "\n".join(f"    {name}: '{text}'" for name, text in texts.items())
    with pytest.raises(PolicyError) as refused:
        laid_over(f"messages:\n  engineering:\n{written}\n")
    assert f"messages.engineering.{place}: unknown field 'custmer'" in refused.value.what
    assert refused.value.where.startswith("test.yaml")
    assert "customer" in refused.value.mend


def test_the_fields_of_a_text_are_each_named_once() -> None:
    assert fields_of("{customer} {level} {customer}") == ("customer", "level")


def test_known_fields_are_filled_in(policy: Policy) -> None:
    assert render("Hello {customer},\n\nabout “{subject}”.", known(policy)) == "Hello Kim,\n\nabout “Export”."


def test_a_paragraph_with_an_unknown_field_is_left_out_whole(policy: Policy) -> None:
    text = "Hello {customer},\n\nWe know it as {known_issue}.\nIt was {customer} who told us.\n  \n\nBye"
    assert render(text, known(policy)) == "Hello Kim,\n\nBye"
    assert render(text, known(policy, name="")) == "Bye"


def test_nothing_is_left_of_a_text_whose_fields_are_all_unknown(policy: Policy) -> None:
    assert render("{known_issue}\n\n{workaround}", known(policy)) is None
    assert render(" \n ", known(policy)) is None


def test_a_value_is_never_a_template(policy: Policy) -> None:
    assert render("<{subject}> {customer}", known(policy, subject=HOSTILE)) == f"<{HOSTILE}> Kim"


def test_each_value_is_escaped_for_its_channel_and_the_text_is_not(policy: Policy) -> None:
    text = render("<{subject}> & {customer}", known(policy, subject="a<b"), lambda value: value.replace("<", "&lt;"))
    assert text == "<a&lt;b> & Kim"


def test_a_value_cannot_begin_a_paragraph_a_list_or_a_quotation(policy: Policy) -> None:
    name = "Kim\n\n- one\n> two\r\n\u2028Firstline note 0123456789ab"
    text = render("Hello {customer}, bye", known(policy, name=name))
    assert text == "Hello Kim - one > two Firstline note 0123456789ab, bye"


PIECES = st.sampled_from(["{customer}", "{subject}", "{known_issue}", "{level}", "\n\n", "text ", "- ", "> ", "\n"])


@given(pieces=st.lists(PIECES, max_size=12), name=st.text(max_size=30), subject=st.text(max_size=60))
def test_rendering_never_fails_and_never_leaks_a_placeholder(
    policy: Policy, pieces: list[str], name: str, subject: str
) -> None:
    text = "".join(pieces)
    check(text)
    marked = render(text, known(policy, name, subject), lambda value: "\0" * len(value))
    assert marked is None or not any(f"{{{field}}}" in marked for field in FIELDS)


@given(value=st.text(alphabet="{}%$\\ abcustomer", min_size=1, max_size=40))
def test_braces_in_a_value_stay_as_they_are(policy: Policy, value: str) -> None:
    shown = " ".join(value.split())
    assert render("[{subject}]", known(policy, subject=value)) == (f"[{shown}]" if shown else None)
