"""Fields, templates and forms: what is known is told, what is not is left out, counted and asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.triage import checklist, forms, templates
from app.triage.decision import Context, KnownIssue
from app.triage.engine import decide
from app.triage.fields import FIELDS, Known
from app.triage.form_parts import Form, Message, Row
from app.triage.papers import papers, to_engineering
from tests.policy.conftest import NOW, a_ticket, policy

RICH = """Hello,

since Monday the invoice export fails with "E-2041 unexpected state" for about 300 users in production.
We use Chrome 120 and I am logged in as an admin. We cannot send invoices, that costs us $4,000 a day.

Steps to reproduce:
1. Open the list of invoices
2. Choose all of them
3. Press export

Expected: a file is downloaded
Actual: the page shows an error

We already cleared the cache. See https://app.acme.example/invoices?page=3 for the page. A screenshot is attached.
Is there a way to get the file until it is mended?
"""
CUSTOMER = {"requester": {"id": "7", "name": "Jo Field"}, "organization": {"name": "Acme", "tier": "Pro"}}


def known(body: str = RICH, subject: str = "Export fails", context: Context | None = None, **given: Any) -> Known:
    under = policy()
    ticket = a_ticket(body, subject, **{**CUSTOMER, **given})
    context = context or Context()
    return Known(ticket, context, decide(ticket, context, under, NOW), under)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        pytest.param("organization", "Acme", marks=pytest.mark.policy("S2-34")),
        pytest.param("tier", "Pro", marks=pytest.mark.policy("S2-35")),
        pytest.param("customer", "Jo Field", marks=pytest.mark.policy("S2-36")),
        pytest.param("reported_on", "2026-03-02", marks=pytest.mark.policy("S2-37")),
        pytest.param("ticket_id", "1", marks=pytest.mark.policy("S2-38")),
        pytest.param("level", "L", marks=pytest.mark.policy("S2-39")),
        pytest.param("team", "Senior / Technical Support", marks=pytest.mark.policy("S2-40")),
        pytest.param("problem", "invoice export fails", marks=pytest.mark.policy("S2-41")),
        pytest.param("affected", "300 users", marks=pytest.mark.policy("S2-42")),
        pytest.param("impact", "cannot send invoices", marks=pytest.mark.policy("S2-43")),
        pytest.param("urgency", "High", marks=pytest.mark.policy("S2-44", "C-16")),
        pytest.param("money", "$4,000", marks=pytest.mark.policy("S2-45")),
        pytest.param("steps", "2. Choose all of them", marks=pytest.mark.policy("S2-46", "S2-75", "S3-06")),
        pytest.param("expected", "a file is downloaded", marks=pytest.mark.policy("S2-47")),
        pytest.param("actual", "the page shows an error", marks=pytest.mark.policy("S2-48")),
        pytest.param("environment", "production", marks=pytest.mark.policy("S2-49")),
        pytest.param("client", "Chrome 120", marks=pytest.mark.policy("S2-50", "S3-09")),
        pytest.param("role", "admin", marks=pytest.mark.policy("S2-51")),
        pytest.param("urls", "https://app.acme.example/invoices?page=3", marks=pytest.mark.policy("S2-52")),
        pytest.param("errors", "E-2041 unexpected state", marks=pytest.mark.policy("S2-53", "S3-08")),
        pytest.param("screenshot", "screenshot", marks=pytest.mark.policy("S3-07")),
        pytest.param("tried", "cleared the cache", marks=pytest.mark.policy("S2-71")),
        pytest.param("diagnosis", "automatic: ", marks=pytest.mark.policy("S2-60")),
        pytest.param("requested_action", "", marks=pytest.mark.policy("S2-64")),
        pytest.param("timeline", "2026-03-", marks=pytest.mark.policy("S2-65")),
        pytest.param("justification", "“", marks=pytest.mark.policy("S2-66")),
        pytest.param("commitment", "an answer by 2026-03-", marks=pytest.mark.policy("S2-67", "S2-104")),
        pytest.param("update_every", "every 2", marks=pytest.mark.policy("S2-68")),
        pytest.param("next_update", "2026-03-", marks=pytest.mark.policy("S2-69")),
        pytest.param("communicator", "", marks=pytest.mark.policy("S2-70")),
    ],
)
def test_a_field_tells_what_the_ticket_the_decision_or_the_account_say(field: str, part: str) -> None:
    told = known().field(field)
    assert told is not None
    assert part in told


@pytest.mark.policy("S2-54")
def test_a_pasted_log_is_a_field_of_its_own() -> None:
    told = known("It fails.\n\n```\nTraceback (most recent call last):\nValueError: no\n```\n").field("logs")
    assert told is not None
    assert "ValueError: no" in told


@pytest.mark.policy("S2-55", "S2-56", "S2-59")
def test_what_the_account_alone_knows_comes_from_its_fields() -> None:
    asked = known()
    fields = {"account_value": "120,000", "health": "Yellow", "renewal": "2026-06-01"}
    told = replace(asked, ticket=replace(asked.ticket, fields=fields))
    assert [told.field(name) for name in fields] == list(fields.values())
    assert [asked.field(name) for name in fields] == [None, None, None]


@pytest.mark.policy("S2-58")
def test_the_mood_is_told_with_the_words_that_show_it() -> None:
    assert "ridiculous" in (known("This is ridiculous, the export fails again.").field("sentiment") or "")
    assert known("The export fails.").field("sentiment") is None


@pytest.mark.policy("S2-61", "S0-70")
def test_a_workaround_is_a_known_issues_or_told_by_the_customer_and_never_invented() -> None:
    issue = KnownIssue("ABC-1-export", "Export", workaround="Use the API.")
    with_issue = known(context=Context(known_issues=(issue,)))
    broken = known(context=Context(known_issues=(replace(issue, workaround_broken=True),)))
    assert with_issue.field("workaround") == "Use the API."
    assert broken.field("workaround") is None
    assert known().field("workaround") is None
    assert "by hand" in (known("The export fails, we copy the rows by hand.").field("workaround_told") or "")


@pytest.mark.policy("S2-63")
def test_related_tickets_and_issues_are_told() -> None:
    issue = KnownIssue("ABC-1-export", "Export of invoices")
    assert known(context=Context(known_issues=(issue,))).field("related") == "ABC-1-export Export of invoices"


def test_nothing_told_is_nothing_known() -> None:
    nothing = known("Please help.", subject="")
    for field in ("steps", "expected", "client", "errors", "affected", "money", "urls", "logs", "tried"):
        assert nothing.field(field) is None


def test_an_unknown_field_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ValueError, match="did you mean 'customer'"):
        templates.check("Hello {custumer}")
    with pytest.raises(ValueError, match="no mate"):
        templates.check("Hello {customer")
    with pytest.raises(ValidationError, match="did you mean 'steps'"):
        Row.model_validate({"field": "step", "title": "Steps"})


def test_a_paragraph_with_an_unknown_field_is_left_out() -> None:
    asked = known("Please help.", subject="Help")
    text = "Dear {customer},\n\nSteps: {steps}\n\nAbout {subject}."
    assert templates.render(text, asked) == "Dear Jo Field,\n\nAbout Help."
    assert templates.render("{steps}", asked) is None


HOSTILE = st.text(alphabet=st.sampled_from("{}abc customer%$[]\\n\n"), max_size=60)


@given(name=HOSTILE, subject=HOSTILE)
def test_a_customers_words_are_values_and_never_templates(name: str, subject: str) -> None:
    told = known("x", subject="s")
    told = replace(
        told, ticket=replace(told.ticket, subject=subject, requester=replace(told.ticket.requester, name=name))
    )
    written = templates.render("A {customer} B {subject} C", told)
    if written is not None:
        assert written == f"A {name} B {' '.join(subject.split())} C"


@given(body=st.text(max_size=300))
def test_every_field_can_be_asked_of_any_text(body: str) -> None:
    asked = known(body, subject="")
    for field in FIELDS:
        assert asked.field(field) != ""


@pytest.mark.policy("S2-74", "S2-78")
def test_a_form_counts_what_is_needed_and_asks_for_the_rest() -> None:
    form = policy().pack.forms["escalation"]
    rich, poor = forms.fill(form, known()), forms.fill(form, known("The export fails.", subject=""))
    assert rich.complete == 1.0
    assert rich.questions == ()
    assert poor.complete < 0.3
    assert "What does the error message say word for word?" in poor.questions


def test_a_form_that_needs_nothing_is_complete() -> None:
    form = Form(title="x", rows=(Row(field="steps", title="Steps"),))
    assert forms.fill(form, known("x")).complete == 1.0


@given(added=st.sampled_from([line for line in RICH.splitlines() if line]))
def test_telling_more_never_makes_a_form_less_complete(added: str) -> None:
    form = policy().pack.forms["escalation"]
    less = known("The invoice export fails.")
    more = replace(less, ticket=replace(less.ticket, body=f"The invoice export fails.\n\n{added}"))
    assert forms.fill(form, more).complete >= forms.fill(form, less).complete


@pytest.mark.policy("S1-17", "C-28")
def test_a_page_comes_with_the_incident_report_and_a_draft_of_the_update() -> None:
    text = papers(known("The whole platform is down for all of our users, nobody can work."))
    assert text.startswith("Incident report (")
    assert "Draft of the next update to the customer, for a person to send:" in text


@pytest.mark.policy("S2-105", "S2-106", "S1-34")
def test_the_draft_asks_for_status_findings_next_steps_and_time_of_the_solution() -> None:
    draft = forms.message(policy().pack.messages["customer_update"], known())
    assert draft is not None
    subject, body = draft
    assert subject == "Update: Export fails"
    for part in ("under investigation / fix in progress / fix deployed", "What we have found", "What happens next"):
        assert part in body
    assert "Expected time of the solution: [to be filled in]" in body


ENGINEER = {"comments": [{"speaker": "agent", "public": False, "body": "Reproduced, it needs a code fix."}]}


@pytest.mark.policy("S2-101", "S2-102", "S2-103", "S2-104")
def test_the_message_to_engineering_has_its_subject_form_and_a_time_to_acknowledge_by() -> None:
    written = forms.message(policy().pack.messages["engineering"], known(**ENGINEER))
    assert written is not None
    subject, body = written
    assert subject.startswith("[ESCALATION] [L3] - ")
    assert subject.endswith(" - Acme")
    assert "\n" not in subject
    assert "Please acknowledge and give a first assessment by 2026-03-02 12:00 UTC." in body  # two hours, S2-21
    assert "expect an answer by" in body


def test_engineering_is_told_in_the_note_by_default_and_elsewhere_only_where_the_policy_says() -> None:
    asked = known(**ENGINEER)
    assert "Message to engineering:" in papers(asked)
    assert to_engineering(asked) is None
    pack = asked.policy.pack
    by_mail = pack.model_copy(update={"escalation": pack.escalation.model_copy(update={"message": "email"})})
    elsewhere = replace(asked, policy=replace(asked.policy, pack=by_mail))
    assert "Message to engineering:" not in papers(elsewhere)
    reason, subject, _ = to_engineering(elsewhere) or ("", "", "")
    assert (reason, subject[:12]) == ("engineering-L3", "[ESCALATION]")


@pytest.mark.policy("S4-26", "S4-55", "S4-56", "S4-57")
def test_the_note_to_the_next_level_numbers_the_questions_and_flags_missing_debugging() -> None:
    text = checklist.transition(known("The export fails. Is there another way to get the file?", tags=["Escalate-L2"]))
    assert "ESCALATED QUESTION 1: What is the cause, and what mends it?" in text
    assert "ESCALATED QUESTION 2: Is there another way to get the file?" in text
    assert "Debugging by agents: MISSING" in text
    assert "Ask the customer: What does the error message say word for word?" in text
    assert "1 internal notes above" in checklist.transition(known(**ENGINEER))


@pytest.mark.policy("S4-54")
def test_a_customer_who_has_not_heard_for_a_day_is_written_to_first() -> None:
    early = known(tags=["Escalate-L2"])
    late = known(tags=["Escalate-L2"], created_at="2026-02-27T10:00:00Z")
    assert "has not heard from us for a day" not in checklist.transition(early)
    assert "has not heard from us for a day" in checklist.transition(late)


@pytest.mark.policy("S3-20", "S3-21", "S3-22", "S3-23", "S3-25", "S3-26", "S2-76", "S2-77")
def test_the_checklist_is_ticked_from_what_is_recorded() -> None:
    def ticked(asked: Known) -> dict[str, bool]:
        return {item: done for done, item, _ in checklist.checklist(asked)}

    rich, poor = ticked(known(**ENGINEER)), ticked(known("The export fails.", subject=""))
    assert rich["steps to reproduce"] and not poor["steps to reproduce"]
    assert rich["error text or logs"] and not poor["error text or logs"]
    assert rich["escalated"] and not poor["escalated"]
    assert rich["troubleshooting noted by the agent"] and not poor["troubleshooting noted by the agent"]
    assert rich["duplicates and known issues checked"]
    assert not ticked(known(context=Context(similar=None)))["duplicates and known issues checked"]


@pytest.mark.policy("S2-95", "S2-96", "S2-97", "S2-98", "S2-99", "S2-100", "S2-34")
def test_an_idea_comes_with_its_own_form() -> None:
    idea = known(
        "Can you add a dark mode? Our night shift cannot read the screen. Every competitor has one.",
        subject="An idea",
        context=Context(demand=4),
    )
    text = papers(idea)
    assert text.startswith("Feature request (")
    assert "- Summary: a dark mode" in text
    assert "- Customers who ask: 4" in text
    assert "- Competitors: “" in text


def test_a_ticket_that_stays_where_it_is_comes_with_no_papers() -> None:
    assert papers(known("How do I export a report?")) == ""


def test_a_message_of_which_nothing_is_known_is_none() -> None:
    assert forms.message(Message(subject="{steps}", body="x"), known("x", subject="")) is None
