"""The forms of the documents: every row with its source, filled with what is known, asked for where it is not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.triage import checklist, forms
from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.engine import decide
from app.triage.fields import FIELDS, Known
from app.triage.form_parts import Form, Row
from app.triage.forms import Filled, FilledRow, fill
from app.triage.layers import PolicyError
from app.triage.policy import Policy
from app.triage.ticket import Comment, Customer, Speaker
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

KIM = Customer(id="7", name="Kim", organization="Acme", tier="Enterprise")
REPORT = """Hello,

the CSV export fails since Monday. About 300 users cannot bill our customers, which costs us $4,000 a day.

Steps to reproduce:
1. Open Reports
2. Click Export

Expected: a CSV file
Actual: HTTP 500
Environment: production
Browser: Chrome 120
We cleared the cache.
"""


def known(policy: Policy, body: str = "", subject: str = "", **more: Any) -> Known:
    context, changes = more.pop("context", Context()), more.pop("decided", {})
    language = more.pop("language", "en")
    ticket = a_ticket(body, subject, **{"requester": KIM, **more})
    return Known(ticket, context, replace(decide(ticket, context, policy, NOW), **changes), policy, language)


def rows(filled: Filled) -> dict[str, str | None]:
    return {row.title: row.text for row in filled.rows}


@pytest.mark.policy(*(f"S2-{number}" for number in range(34, 71)))
def test_the_escalation_form_has_a_row_for_everything_that_the_template_asks(policy: Policy) -> None:
    sources = {row.source for row in policy.pack.forms["escalation"].rows}
    assert sources == {f"S2-{number}" for number in range(34, 71)}


@pytest.mark.policy("S2-95", "S2-96", "S2-97", "S2-98", "S2-99", "S2-100")
def test_the_feature_request_has_a_row_for_everything_that_the_template_asks(policy: Policy) -> None:
    assert [row.source for row in policy.pack.forms["feature_request"].rows] == [f"S2-{n}" for n in range(95, 101)]


@pytest.mark.policy("S2-34", "S2-41", "S2-42", "S2-45", "S2-46", "S2-47", "S2-48", "S2-49", "S2-50")
def test_the_escalation_form_is_filled_from_the_ticket(policy: Policy) -> None:
    told = rows(fill(policy.pack.forms["escalation"], known(policy, REPORT, "Export", decided={"level": Level.L2})))
    assert told["Customer"] == "Acme"
    assert told["Escalation level"] == "L2"
    assert told["Users affected"] == "About 300 users"
    assert told["Financial impact"] == "$4,000 a day"
    assert told["Steps to reproduce"] == "1. Open Reports\n2. Click Export"
    assert (told["Expected"], told["Actual"]) == ("a CSV file", "HTTP 500")
    assert (told["Environment"], told["Browser or client"]) == ("production", "Chrome 120")
    assert told["Logs"] is None


@pytest.mark.policy("S1-17", "C-28")
def test_the_incident_report_is_the_same_form_under_its_own_header(policy: Policy) -> None:
    known_now = known(policy, REPORT, decided={"severity": Severity.P0, "page": True})
    report = fill(policy.pack.forms["incident"], known_now)
    template = fill(policy.pack.forms["escalation"], known_now)
    own = [row.field for row in policy.pack.forms["incident"].rows]
    fields = [row.field for row in report.rows]
    assert forms.form_for(known_now.decision) == "incident"
    assert rows(report)["Severity"] == "P0"
    assert fields[: len(own)] == own
    assert fields[len(own) :] == [row.field for row in template.rows if row.field not in own]
    assert len(set(fields)) == len(fields)


@pytest.mark.policy("S2-78")
def test_completeness_is_the_share_of_what_the_label_needs(policy: Policy) -> None:
    form = policy.pack.forms["escalation"]
    defect, billing = {"label": Label.DEFECT}, {"label": Label.BILLING}
    assert fill(form, known(policy, "Pay.", decided=billing)).complete == 1
    bare = fill(form, known(policy, "Look here.", "Export", decided={**defect, "evidence": (), "facts": ()}))
    needed = [row.field for row in bare.rows if row.needed]
    assert needed == ["problem", "affected", "impact", "steps", "expected", "client", "errors"]
    assert bare.complete == pytest.approx(1 / 7)
    assert fill(form, known(policy, REPORT, "Export", decided=defect)).complete == 1


@pytest.mark.policy("S2-74", "S4-55")
def test_what_is_needed_and_missing_is_asked_in_the_order_of_the_form(policy: Policy) -> None:
    decided = {"label": Label.RELIABILITY, "evidence": (), "facts": ()}
    form = policy.pack.forms["escalation"]
    assert fill(form, known(policy, "Look here.", "Slow", decided=decided)).questions == (
        "How many people are affected?",
        "What can you not do because of it?",
        "Does it happen in production, or in a test environment?",
        "What does the error message say, word for word?",
    )
    german = fill(form, known(policy, "Look here.", "Slow", decided=decided, language="de")).questions
    assert german[0] == "Wie viele Personen sind betroffen?"
    assert fill(form, known(policy, REPORT, decided={"label": Label.DEFECT})).questions == ()


@pytest.mark.policy("S4-55")
def test_only_what_the_customer_can_tell_is_asked(policy: Policy) -> None:
    decided = {"label": Label.DEFECT, "evidence": (), "facts": ()}
    asked = forms.with_questions(known(policy, "Look here.", decided=decided)).questions
    assert asked == ("affected", "impact", "steps", "expected", "client", "errors")
    silent = laid_over("questions: {en: {steps: ''}, de: {steps: ''}}")
    assert "steps" not in forms.with_questions(known(silent, "Look here.", decided=decided)).questions
    assert "steps" in [row.field for row in fill(silent.pack.forms["escalation"], known(silent)).rows]


def test_every_row_that_is_needed_has_a_question_in_every_language(policy: Policy) -> None:
    for name, form in policy.pack.forms.items():
        for row in form.rows:
            for language in policy.pack.questions:
                assert not row.needed or policy.pack.questions[language].get(row.field), (name, row.field, language)


@pytest.mark.policy("S2-78")
def test_a_p0_or_p1_goes_on_whatever_is_known(policy: Policy) -> None:
    bare = {"label": Label.DEFECT, "evidence": (), "facts": ()}
    assert not forms.ready(known(policy, "Look here.", decided={**bare, "severity": Severity.P2}))
    assert forms.ready(known(policy, "Look here.", decided={**bare, "severity": Severity.P1}))
    assert forms.ready(known(policy, REPORT, decided={**bare, "severity": Severity.P2}))
    anything = laid_over("escalation: {min_complete: 0}")
    assert forms.ready(known(anything, "Look here.", decided={**bare, "severity": Severity.P2}))


@pytest.mark.parametrize(
    ("change", "form"),
    [
        ({"page": True, "label": Label.DEFECT}, "incident"),
        ({"level": Level.L2, "label": Label.DEFECT}, "escalation"),
        ({"level": Level.L1, "label": Label.DEFECT}, None),
        ({"level": Level.L1, "label": Label.ENHANCEMENT}, "feature_request"),
        ({"level": Level.L3, "label": Label.ENHANCEMENT}, "feature_request"),
    ],
)
def test_incidents_escalations_and_ideas_have_a_form(policy: Policy, change: dict[str, Any], form: str | None) -> None:
    decision = replace(decide(a_ticket("Hello"), Context(), policy, NOW), **{"page": False, **change})
    assert forms.form_for(decision) == form


def test_the_text_names_what_is_known_quotes_lines_and_lists_the_rest() -> None:
    filled = Filled(
        "Escalation form",
        (
            FilledRow("company", "Customer", "Acme", False, "S2-34"),
            FilledRow("steps", "Steps", "1. Open\n2. Click", True, "S2-46"),
            FilledRow("errors", "Error text", None, True, "S2-53"),
            FilledRow("logs", "Logs", None, False, "S2-54"),
        ),
        ("What does it say?",),
    )
    assert forms.text(filled) == (
        "Escalation form (50% of what is needed):\n- Customer: Acme\n- Steps:\n> 1. Open\n> 2. Click\n"
        "- Not stated: Error text, Logs."
    )


def test_a_form_that_needs_nothing_is_complete() -> None:
    assert Filled("Form", (FilledRow("logs", "Logs", None, False, ""),), ()).complete == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("forms: {escalation: {title: A, rows: [{field: stepps, title: B}]}}", "did you mean 'steps'?"),
        ("forms: {escalation: {title: A, rows: []}}", "forms.escalation.rows"),
        ("forms: {escalation: {title: A, rows: [{field: steps, title: B, needed: [Defekt]}]}}", "Defekt"),
        ("forms: {escalation: {title: A, continues: escalation, rows: [{field: steps, title: B}]}}", "continues"),
        ("forms: {incidents: {title: A, rows: [{field: steps, title: B}]}}", "incidents"),
        ("questions: {en: {colour: Which colour?}}", "colour"),
        ("questions: {EN: {steps: Which steps?}}", "EN"),
    ],
)
def test_a_form_that_cannot_be_filled_does_not_load(written: str, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        laid_over(written)
    assert said in str(refused.value) + refused.value.mend


@pytest.mark.policy("S2-101", "S2-102", "S2-103", "S2-104")
def test_the_message_to_engineering_has_the_template_s_subject_and_its_lines(policy: Policy) -> None:
    deadlines = {"level_response": NOW + timedelta(hours=2), "first_reply": NOW + timedelta(hours=1)}
    decided = {"level": Level.L3, "severity": Severity.P2, "deadlines": deadlines}
    told = known(policy, REPORT, "Re: Export fails", decided=decided)
    written = forms.message(policy.pack.messages["engineering"], told)
    assert written is not None
    subject, body = written
    assert subject == "[ESCALATION] [L3] - Export fails - Acme"
    lines = body.splitlines()
    assert {"Customer: Acme", "Priority: Medium", "Ticket: 1"} <= set(lines)
    assert any(line.startswith("Issue: ") and "export fails since Monday" in line for line in lines)
    assert any(line.startswith("Impact: ") for line in lines)
    assert "Please acknowledge and give a first assessment by 2026-03-02 11:00 UTC." in lines
    assert "The customer expects an answer by 2026-03-02 10:00 UTC." in lines


@pytest.mark.policy("S2-101")
def test_a_message_about_a_customer_of_no_organization_without_a_subject_still_has_its_subject(policy: Policy) -> None:
    alone = known(policy, "The export fails.", requester=Customer(id="7", name="Kim"), decided={"level": Level.L2})
    written = forms.message(policy.pack.messages["engineering"], alone)
    assert written is not None
    assert written[0] == "[ESCALATION] [L2] - The export fails. - Kim"


def test_a_subject_is_one_line_whatever_the_customer_calls_themselves(policy: Policy) -> None:
    alone = known(policy, "It fails.", "a\r\nBcc: x", requester=Customer(id="7", name="K\nim"))
    written = forms.message(policy.pack.messages["engineering"], alone)
    assert written is not None
    assert written[0].endswith("a Bcc: x - K im")
    assert "\n" not in written[0]


@pytest.mark.policy("S2-105", "S2-106")
def test_the_update_to_the_customer_is_a_draft_with_the_template_s_parts(policy: Policy) -> None:
    decided = {"deadlines": {"customer_update": NOW + timedelta(hours=2)}}
    written = forms.message(policy.pack.messages["customer_update"], known(policy, REPORT, "Export", decided=decided))
    assert written is not None
    subject, body = written
    assert subject == "Update: Export - ticket 1"
    assert body.startswith("Hello Kim,")
    assert "Status: [under investigation / fix in progress / fix deployed]" in body
    assert "You will hear from us again by 2026-03-02 11:00 UTC." in body


BODIES = st.sampled_from(
    [
        "",
        REPORT,
        "{customer} {missing} {{steps}}",
        "<div>It <b>fails</b></div><ol><li>Open</li><li>Click</li></ol>",
        "1. a\n\n3. b\n9) c",
        "```\n{code}\nError: {x}\n```",
        "> quoted\n\n-- \nKim",
        "Firstline note 0123456789ab",
        "\x00\u202e\u200bError: \x1b[31m",
        "? " * 200,
    ]
)


@given(
    body=st.one_of(BODIES, st.text(max_size=400)),
    subject=st.text(max_size=60),
    label=st.sampled_from(Label),
    severity=st.sampled_from(Severity),
    level=st.sampled_from(Level),
    thread=st.lists(st.tuples(st.sampled_from(Speaker), BODIES, st.booleans()), max_size=3),
)
@example(body=REPORT * 60, subject="x", label=Label.DEFECT, severity=Severity.P2, level=Level.L2, thread=[])
def test_papers_are_written_whatever_the_ticket_says(
    policy: Policy,
    body: str,
    subject: str,
    label: Label,
    severity: Severity,
    level: Level,
    thread: list[tuple[Speaker, str, bool]],
) -> None:
    comments = tuple(
        Comment(str(number), speaker, text, NOW, public=public) for number, (speaker, text, public) in enumerate(thread)
    )
    told = known(policy, body, subject, decided={"label": label, "severity": severity, "level": level})
    told = replace(told, ticket=replace(told.ticket, comments=comments))
    for form in policy.pack.forms.values():
        filled = fill(form, told)
        assert 0 <= filled.complete <= 1
        shape(forms.text(filled))
    shape(checklist.text(told))
    shape(checklist.transition(told))
    for part in policy.pack.messages.values():
        written = forms.message(part, told)
        assert written is None or "\n" not in written[0]


def shape(paragraph: str) -> None:
    """A heading, then items and quoted lines: nothing that a customer wrote begins a line of its own."""
    first, *lines = paragraph.split("\n")
    assert first.endswith(":")
    assert all(re.match(r"(?:- |> )\S", line) for line in lines)


@pytest.fixture(scope="module")
def decision(policy: Policy) -> Decision:
    return replace(decide(a_ticket("Hello"), Context(), policy, NOW), evidence=(), facts=())


class _Telling(Known):
    """Fields as a test wants them."""

    told: frozenset[str] = frozenset()

    def field(self, name: str) -> str | None:
        return "told" if name in self.told else None


@given(
    told=st.frozensets(st.sampled_from(tuple(FIELDS))),
    more=st.sampled_from(tuple(FIELDS)),
    needed=st.dictionaries(st.sampled_from(tuple(FIELDS)), st.sampled_from([*Label, "always"]), min_size=1),
    label=st.sampled_from(Label),
)
def test_knowing_more_never_makes_a_form_less_complete(
    policy: Policy,
    decision: Decision,
    told: frozenset[str],
    more: str,
    needed: dict[str, str],
    label: Label,
) -> None:
    form = Form(
        title="Form",
        rows=tuple(
            Row.model_validate({"field": name, "title": name, "needed": when if when == "always" else (when,)})
            for name, when in needed.items()
        ),
    )

    def filled(fields: frozenset[str]) -> Filled:
        telling = type("Telling", (_Telling,), {"told": fields})
        return fill(form, telling(a_ticket(), Context(), replace(decision, label=label), policy))

    before, after = filled(told), filled(told | {more})
    assert after.complete >= before.complete
    assert set(after.questions) <= set(before.questions)
    assert (after.complete == 1) == all(row.text for row in after.rows if row.needed)
