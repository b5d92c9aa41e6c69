"""S0's taxonomy: which of the nine labels a ticket bears, the second one, and the rules for choosing (C-22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.triage.decision import Label
from app.triage.engine import decide
from tests.policy.conftest import NOTHING_KNOWN, NOW, a_ticket, decided, policy


def P(requirement: str, label: str, text: str):  # noqa: N802 - one row of the table below
    return pytest.param(label, text, id=f"{label}: {text[:40]}", marks=pytest.mark.policy(requirement))


SIGNALS = (
    P("S0-03", "Defect", "The invoice editor crashes with the error message NullReference each time I press save."),
    P("S0-03", "Defect", "The totals on the dashboard are rendered wrongly, 1.200 is shown as 12."),
    P("S0-03", "Defect", "Since the last update the filter no longer works. It is a regression."),
    P("S0-04", "Guidance", "How do I move a project to another folder?"),
    P("S0-04", "Guidance", "Where can I find the setting for the time zone?"),
    P("S0-04", "Guidance", "Could you explain how to configure the opening hours?"),
    P("S0-05", "Enhancement", "It would help if the list could be sorted by date."),
    P("S0-05", "Enhancement", "Can you add a dark theme, please?"),
    P("S0-05", "Enhancement", "Are there plans for an Android app?"),
    P("S0-06", "Billing", "We were charged twice for June, please refund the second payment."),
    P("S0-06", "Billing", "Our subscription should be changed to the yearly plan, what will the invoice be?"),
    P("S0-06", "Billing", "My card payment for the subscription was declined, I would like to pay the invoice."),
    P("S0-07", "Access", "I am locked out of my account and the password reset mail never arrives."),
    P("S0-07", "Access", "Our new colleague needs the role of administrator, she has no permission to see users."),
    P("S0-07", "Access", "The code of my authenticator app for two-factor login is not accepted."),
    P("S0-08", "Integration", "Webhooks to our Slack workspace fail with HTTP 401."),
    P("S0-08", "Integration", "The OAuth connection to Salesforce expires and contacts are not synced."),
    P("S0-08", "Integration", "Your REST API answers our POST request with 422 and no explanation."),
    P("S0-09", "Security", "Somebody has had unauthorised access to our workspace last night."),
    P("S0-09", "Security", "I want to report a vulnerability: the search field allows cross-site scripting."),
    P("S0-09", "Security", "Do you have a SOC 2 report, and where is personal data stored under the GDPR?"),
    P("S0-10", "Data", "After the import 300 customer records are missing."),
    P("S0-10", "Data", "The migration created duplicate entries of all our contacts."),
    P("S0-10", "Data", "The CSV import of our contacts fails in row 12 because of the date format."),
    P("S0-11", "Reliability", "Every page is very slow to load since this morning."),
    P("S0-11", "Reliability", "We get timeouts and 503 errors on every page."),
    P("S0-11", "Reliability", "The service is unavailable."),
)


@pytest.mark.parametrize(("label", "text"), SIGNALS)
def test_each_label_is_known_by_its_signals(label: str, text: str) -> None:
    assert decided(text).label == label


@pytest.mark.policy("S0-01", "U-03")
@pytest.mark.parametrize("text", ["", "?", "Hello", "Guten Tag", "x" * 5000, "12345", "Billing Access Security Data"])
def test_every_ticket_gets_exactly_one_primary_label_and_its_tag(text: str) -> None:
    decision = decided(text)
    assert isinstance(decision.label, Label)
    assert [tag for tag in decision.tags if tag.startswith("label-")] == [f"label-{decision.label.lower()}"]


@pytest.mark.policy("S0-02")
def test_a_second_concern_becomes_the_second_label_with_its_own_tag() -> None:
    decision = decided(
        "We were charged twice for June, please refund the second payment. Also our webhooks to Slack fail with HTTP "
        "401 and the API answers with an OAuth error."
    )
    assert {decision.label, decision.second_label} == {Label.BILLING, Label.INTEGRATION}
    assert f"label2-{str(decision.second_label).lower()}" in decision.tags


@pytest.mark.policy("S0-02")
def test_a_single_concern_has_no_second_label() -> None:
    decision = decided("We were charged twice for June, please refund the second payment.")
    assert decision.second_label is None
    assert not any(tag.startswith("label2-") for tag in decision.tags)


@pytest.mark.policy("S0-12")
@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("Saving a note fails with an error message. By the way, a dark theme would be nice.", "Defect"),
        ("The export stopped working after the update. By the way, are there plans for a dark theme?", "Defect"),
        ("We were charged twice because the checkout page was slow. Please refund one payment.", "Billing"),
        ("The calendar crashes with an error. While you are at it, it would help if it could show weeks.", "Defect"),
    ],
)
def test_the_root_problem_decides_over_a_wish_beside_it(text: str, root: str) -> None:
    assert decided(text).label == root


@pytest.mark.policy("S0-77")
@pytest.mark.parametrize(
    ("text", "cause", "symptom"),
    [
        ("Orders are not synced to our shop: your API answers with an OAuth error 401.", "Integration", "Data"),
        ("Nobody can log in because the whole service is unavailable and returns 503.", "Reliability", "Access"),
    ],
)
def test_the_cause_that_is_named_decides_over_the_symptom(text: str, cause: str, symptom: str) -> None:
    assert decided(text).label == cause
    assert decided(text).label != symptom


@pytest.mark.policy("S0-13", "C-22")
@pytest.mark.parametrize(
    "text",
    [
        "We used to be able to sort the list by date. Since the last release we cannot. Please add it again.",
        "Bulk edit worked until yesterday and is gone now. Can you add it back?",
        "The filter by owner no longer works since the update, we relied on it every day.",
    ],
)
def test_what_the_customer_relied_on_is_a_defect_and_no_idea(text: str) -> None:
    assert decided(text).label is Label.DEFECT


@pytest.mark.policy("S0-14", "C-22")
@pytest.mark.parametrize(
    "text",
    [
        "Exporting to Parquet is not working, there is no such option. Can you add it?",
        "It does not work that I cannot set two owners for a project. It would help if this were possible.",
        "Dark mode isn't working for me because there is none. Are there plans for one?",
    ],
)
def test_a_new_way_of_working_is_an_idea_even_if_it_is_called_not_working(text: str) -> None:
    assert decided(text).label is Label.ENHANCEMENT


@pytest.mark.policy("S0-13", "S0-14", "C-22")
def test_worked_before_is_asked_before_new_capability() -> None:
    wish = "It would help if the list could be sorted by date."
    lost = f"{wish} It used to work until the update and is broken now."
    assert (decided(wish).label, decided(lost).label) == (Label.ENHANCEMENT, Label.DEFECT)


@pytest.mark.policy("S0-15", "C-22")
@pytest.mark.parametrize("text", ["Something is odd with the calendar.", "The calendar.", "It is strange today."])
def test_without_a_clear_sign_it_is_a_defect(text: str) -> None:
    assert decided(text).label is Label.DEFECT


@pytest.mark.policy("S0-15")
@pytest.mark.parametrize(("margin", "label"), [(0.0, Label.GUIDANCE), (100.0, Label.DEFECT)])
def test_within_the_margin_it_is_a_defect_and_the_decision_says_so(margin: float, label: Label) -> None:
    pack = policy().pack
    changed = pack.model_copy(update={"labels": pack.labels.model_copy(update={"tie_margin": margin})})
    text = "How do I move a project to another folder?"
    decision = decide(a_ticket(text), NOTHING_KNOWN, replace(policy(), pack=changed), NOW)
    assert decision.label is label
    assert ("ambiguous-prefers-defect" in decision.rules) is (label is Label.DEFECT)
