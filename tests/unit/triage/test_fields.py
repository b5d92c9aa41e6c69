"""The closed list of fields: its reference, what each holds, and None for what is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage import field_texts, fields
from app.triage.decision import Context, Decision, Evidence, KnownIssue, Label, Level, Severity
from app.triage.engine import decide
from app.triage.fields import FIELDS, Known
from app.triage.policy import Policy
from app.triage.ticket import Comment, Customer, Ref, Speaker
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

KIM = Customer(id="7", name="Kim", organization="Acme", tier="Enterprise")
Tell = Callable[..., Known]


@pytest.fixture
def tell(policy: Policy) -> Tell:
    """``tell("text", subject=..., context=..., decided={...})``: what fields are read from."""

    def known(body: str = "", subject: str = "", **more: Any) -> Known:
        context, changes = more.pop("context", Context()), more.pop("decided", {})
        language, under = more.pop("language", "en"), more.pop("under", policy)
        ticket = a_ticket(body, subject, **{"requester": KIM, **more})
        decision = replace(decide(ticket, context, under, NOW), **changes)
        return Known(ticket, context, decision, under, language)

    return known


def saying(*evidence: tuple[str, str]) -> Mapping[str, Any]:
    """A decision's facts with the words behind them."""
    found = tuple(Evidence(name, f"fact {name}", words, "body", 0, len(words)) for name, words in evidence)
    return {"evidence": found, "facts": tuple(name for name, _ in evidence)}


def test_the_reference_names_exactly_the_fields_that_there_are() -> None:
    documented = re.findall(r"^([a-z][a-z_]*)  +\S", fields.__doc__ or "", re.MULTILINE)
    assert documented == list(FIELDS)


def test_an_unknown_name_is_no_field(tell: Tell) -> None:
    with pytest.raises(KeyError):
        tell().field("colour")


@pytest.mark.policy("S2-34", "S2-35", "S2-36", "S2-37", "S2-38")
def test_who_reported_what_and_when(tell: Tell) -> None:
    known = tell("It fails.", created_at=NOW)
    told = [known.field(name) for name in ("company", "organization", "tier", "customer", "reported_on", "ticket_id")]
    assert told == ["Acme", "Acme", "Enterprise", "Kim", "2026-03-02", "1"]


@pytest.mark.policy("S2-34")
def test_a_customer_without_an_organization_is_named_instead(tell: Tell) -> None:
    alone = tell("It fails.", requester=Customer(id="7", name="Kim"))
    assert (alone.field("company"), alone.field("organization")) == ("Kim", None)


@pytest.mark.policy("S2-39", "S2-40", "S2-44", "S2-70", "C-16")
@pytest.mark.parametrize(
    ("severity", "urgency"),
    [("P0", "High"), ("P1", "High"), ("P2", "Medium"), ("P3", "Low"), ("P4", "Low")],
)
def test_level_team_urgency_and_communicator_are_the_decision_s(tell: Tell, severity: str, urgency: str) -> None:
    decided = {
        "severity": Severity[severity],
        "level": Level.L3,
        "destination": "engineering",
        "communicator": "head_of_support",
    }
    known = tell(decided=decided)
    told = [known.field(name) for name in ("severity", "level", "urgency", "communicator")]
    assert told == [severity, "L3", urgency, "head of support"]
    assert known.field("team") == known.policy.pack.destinations["engineering"].team
    assert tell(decided=decided, context=Context(teams={"engineering": "R&D"})).field("team") == "R&D"


@pytest.mark.policy("C-16")
@pytest.mark.parametrize(
    ("severity", "level", "priority"),
    [("P1", "L2", "High"), ("P2", "L1", "Medium"), ("P3", "L1", "Low"), ("P3", "L2", "Medium"), ("P4", "L2", "Medium")],
)
def test_a_message_to_colleagues_calls_an_escalated_low_medium(
    tell: Tell, severity: str, level: str, priority: str
) -> None:
    known = tell(decided={"severity": Severity[severity], "level": Level(level)})
    assert known.field("priority") == priority


@pytest.mark.policy("C-13")
def test_severity_is_told_in_words_of_the_language_and_only_where_the_policy_shows_it(tell: Tell) -> None:
    urgent = {"severity": Severity.P1}
    assert tell(decided=urgent).field("severity_words") == "high priority"
    assert tell(decided=urgent, language="de").field("severity_words") == "hoher Priorität"
    assert tell(decided=urgent, language="fr").field("severity_words") == "high priority"
    assert tell(decided={"severity": Severity.P3}).field("severity_words") is None


@pytest.mark.policy("S2-41")
def test_the_problem_is_the_subject_and_a_sentence_of_the_customer(tell: Tell) -> None:
    assert tell("Hello,\nthe export fails since noon.", "Export").field("problem") == (
        "Export: “the export fails since noon.”"
    )
    assert tell("", "Export fails").field("problem") == "Export fails"
    assert tell("The export fails.").field("problem") == "The export fails."
    assert tell().field("problem") is None


@pytest.mark.parametrize(
    ("subject", "brief"),
    [
        ("RE: Fwd: Export fails", "Export fails"),
        ("Reports fail", "Reports fail"),
        ("Export " + "of many things " * 10, "Export " + ("of many things " * 5)[:-8].rstrip() + "…"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_the_brief_is_a_subject_line_s_length(tell: Tell, subject: str, brief: str) -> None:
    assert tell(subject=subject).field("brief") == brief


def test_without_a_subject_the_brief_is_the_problem(tell: Tell) -> None:
    assert tell("The export fails.").field("brief") == "The export fails."


@pytest.mark.policy("S2-42", "S2-43", "S2-45")
def test_numbers_impact_and_money_are_quoted(tell: Tell) -> None:
    known = tell("About 300 users cannot log in. We cannot ship orders. It costs us $4,000 a day.")
    assert known.field("affected") == "About 300 users"
    assert known.field("impact") == "We cannot ship orders."
    assert known.field("money") == "$4,000 a day"


@pytest.mark.policy("S2-42", "S2-43")
def test_where_no_number_is_given_the_words_behind_the_facts_stand_in(tell: Tell) -> None:
    decided = saying(("broken", "does not open"), ("scope_all", "for all of us"))
    assert tell("It is bad.", decided=decided).field("affected") == "“for all of us”"
    assert tell("It is bad.", decided=decided).field("impact") == "“does not open”"
    assert tell("It is bad.", decided=saying()).field("affected") is None
    assert tell("It is bad.", decided=saying(("scope_all", "all"))).field("impact") is None


@pytest.mark.policy("S2-46")
def test_steps_stand_one_a_line(tell: Tell) -> None:
    known = tell("Steps to reproduce:\n1. Open the list\n2. Click\n   Export\n")
    assert known.field("steps") == "1. Open the list\n2. Click Export"


@pytest.mark.policy("S2-54")
def test_logs_keep_their_lines(tell: Tell) -> None:
    known = tell('It stops:\n\nTraceback (most recent call last):\n  File "a.py", line 1, in b\nValueError: {x}\n')
    assert known.field("logs") == 'Traceback (most recent call last):\nFile "a.py", line 1, in b\nValueError: {x}'


@pytest.mark.policy("S2-55", "S2-56", "S2-59")
def test_what_the_account_tells_comes_from_custom_fields(tell: Tell) -> None:
    known = tell(fields={"account_value": "$12,000", "health": "Yellow", "renewal": None})
    assert [known.field(name) for name in ("account_value", "health", "renewal")] == ["$12,000", "Yellow", None]


@pytest.mark.policy("S2-57")
def test_recent_interactions_are_counted_in_the_ticket(tell: Tell) -> None:
    assert tell("It fails.").field("recent") is None
    thread = (
        Comment("1", Speaker.AGENT, "We look into it.", NOW - timedelta(hours=2)),
        Comment("2", Speaker.CUSTOMER, "Any news?", NOW),
        Comment("3", Speaker.AGENT, "Look at the logs.", NOW, public=False),
    )
    known = replace(tell("It fails."), ticket=replace(a_ticket("It fails."), comments=thread))
    assert known.field("recent") == (
        "in this ticket 2 by the customer, 1 by colleagues, the last on 2026-03-02 07:00 UTC"
    )


@pytest.mark.policy("S2-58")
def test_the_mood_comes_with_the_words_that_show_it(tell: Tell) -> None:
    assert tell(decided=saying(("frustrated", "so angry"))).field("sentiment") == "frustrated (“so angry”)"
    assert tell(decided={"facts": ("frustrated",), "evidence": ()}).field("sentiment") == "frustrated"
    assert tell(decided=saying()).field("sentiment") is None


@pytest.mark.policy("S2-60")
def test_the_diagnosis_is_marked_as_automatic(tell: Tell) -> None:
    decided = {"label": Label.DATA, **saying(("data_missing", "rows are missing"))}
    assert tell(decided=decided).field("diagnosis") == "automatic: Data, some data is missing, doubled or wrong"


@pytest.mark.policy("S2-62")
def test_the_cause_is_a_colleague_s_to_tell(tell: Tell) -> None:
    assert tell("It fails because of your database.").field("root_cause") is None
    decided = saying(("code_fix_needed", "needs a code fix"))
    assert tell(decided=decided).field("root_cause") == "“needs a code fix”"


@pytest.mark.policy("S0-70", "S2-61")
@pytest.mark.parametrize(
    ("issue", "facts", "workaround", "told"),
    [
        (KnownIssue("E-1", "Export", "Use CSV."), (), "Use CSV.", "yes: Use CSV."),
        (KnownIssue("E-1", "Export", "Use CSV.", workaround_broken=True), (), None, None),
        (KnownIssue("E-1", "Export"), (("workaround", "by hand it works"),), None, "yes (“by hand it works”)"),
        (None, (("no_workaround", "no other way"),), None, "no (“no other way”)"),
        (None, (("workaround", "by hand"), ("workaround_broken", "not even by hand")), None,
         "no longer (“not even by hand”)"),
        (None, (), None, None),
    ],
)  # fmt: skip
def test_a_workaround_is_the_registry_s_or_the_customer_s(
    tell: Tell, issue: KnownIssue | None, facts: tuple[tuple[str, str], ...], workaround: str | None, told: str | None
) -> None:
    context = Context(known_issues=(issue,) if issue else ())
    known = tell(context=context, decided=saying(*facts))
    assert (known.field("workaround"), known.field("workaround_told")) == (workaround, told)


@pytest.mark.policy("S2-63")
def test_related_tickets_are_the_repeated_one_similar_ones_and_the_known_issue(tell: Tell) -> None:
    refs = tuple(Ref("zendesk", "acme", str(number)) for number in range(5, 10))
    context = Context(duplicate_of=refs[0], similar=refs, known_issues=(KnownIssue("E-1", "Export"),))
    assert tell(context=context).field("related") == (
        "repeats zendesk:acme:5; known issue E-1 Export; similar: zendesk:acme:6, zendesk:acme:7, zendesk:acme:8"
    )
    assert tell(context=Context(similar=None, known_issues=None)).field("related") is None


@pytest.mark.policy("S2-64")
@pytest.mark.parametrize(
    ("label", "level", "ticked"),
    [
        (Label.DEFECT, Level.L2, "bug fix"),
        (Label.ENHANCEMENT, Level.L2, "feature enhancement"),
        (Label.ACCESS, Level.L2, "configuration change"),
        (Label.GUIDANCE, Level.L2, "documentation update"),
        (Label.BILLING, Level.L2, "other"),
        (Label.DEFECT, Level.L4, "escalation to leadership"),
    ],
)
def test_one_of_the_six_actions_is_ticked(tell: Tell, label: Label, level: Level, ticked: str) -> None:
    action = tell(decided={"label": label, "level": level}).field("requested_action") or ""
    boxes = action.split(", ")
    assert len(boxes) == 6
    assert [box for box in boxes if not box.startswith("[ ] ")] == [f"[x] {ticked}"]


def test_every_label_has_an_action() -> None:
    named = [label for labels in field_texts._ACTIONS.values() for label in labels]
    assert sorted(named) == sorted(Label)


@pytest.mark.policy("S2-65", "S2-67", "S2-68", "S2-69", "S2-103")
def test_promises_are_the_clocks(tell: Tell) -> None:
    deadlines = {
        "first_reply": NOW + timedelta(hours=4),
        "customer_update": NOW + timedelta(hours=2),
        "level_response": NOW + timedelta(days=1),
    }
    known = tell(decided={"severity": Severity.P1, "deadlines": deadlines})
    assert known.field("timeline") == (
        "customer update by 2026-03-02 11:00 UTC; first reply by 2026-03-02 13:00 UTC; "
        "level response by 2026-03-03 09:00 UTC"
    )
    assert known.field("commitment") == "an answer by 2026-03-02 13:00 UTC"
    assert known.field("update_every") == "every 2 hours"
    assert known.field("next_update") == "2026-03-02 11:00 UTC"
    assert known.field("acknowledge_by") == "2026-03-03 09:00 UTC"
    nothing = tell(decided={"severity": Severity.P4, "deadlines": {}})
    names = ("timeline", "commitment", "update_every", "next_update", "acknowledge_by", "update_by")
    assert [nothing.field(name) for name in names] == [None] * 6


@pytest.mark.policy("S2-67")
def test_once_a_person_answered_the_customer_expects_the_next_update(tell: Tell) -> None:
    deadlines = {"first_reply": NOW + timedelta(hours=4), "customer_update": NOW + timedelta(hours=2)}
    known = tell("It fails.", comments=[(Speaker.AGENT, "We look into it.")], decided={"deadlines": deadlines})
    assert known.field("commitment") == "an update by 2026-03-02 11:00 UTC"


@pytest.mark.policy("S0-71")
@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Paris", "2026-03-02 10:00 CET"),
        ("America/New_York", "2026-03-02 04:00 EST"),
        ("Nowhere/Land", "2026-03-02 09:00 UTC"),
        ("../../etc/passwd", "2026-03-02 09:00 UTC"),
        ("Europe", "2026-03-02 09:00 UTC"),
        ("", "2026-03-02 09:00 UTC"),
        (None, "2026-03-02 09:00 UTC"),
    ],
)
def test_a_promise_is_told_in_the_customer_s_time_zone_where_the_ticket_has_it(
    tell: Tell, zone: str | None, told: str
) -> None:
    known = tell(fields={"time_zone": zone}, decided={"deadlines": {"first_reply": NOW}})
    assert known.field("update_by") == told


def test_else_a_promise_is_told_in_the_calendar_s_time_zone(tell: Tell) -> None:
    known = tell(under=laid_over("calendar: {timezone: Asia/Tokyo}"), decided={"deadlines": {"first_reply": NOW}})
    assert known.field("update_by") == "2026-03-02 18:00 JST"


@pytest.mark.policy("S2-66")
def test_the_justification_names_rules_that_asked_something_and_quotes_the_words(tell: Tell) -> None:
    told = tell("The whole platform is down for all our users.").field("justification") or ""
    assert "“" in told
    assert "first rung" not in told
    assert "to be investigated" not in told


@pytest.mark.policy("S2-97", "S2-100")
def test_demand_and_competitors(tell: Tell) -> None:
    known = tell(context=Context(demand=6), decided=saying(("competitor", "Other tools have it")))
    assert (known.field("demand"), known.field("competitor")) == ("6", "“Other tools have it”")
    assert tell(decided=saying()).field("demand") is None


@pytest.mark.policy("S4-55")
def test_what_is_missing_is_asked_for_in_the_text_s_language(tell: Tell) -> None:
    known = replace(tell(), questions=("affected", "client"))
    assert known.field("missing") == (
        "- How many people are affected?\n- Which browser or app do you use, and which version?"
    )
    german = replace(known, language="de").field("missing") or ""
    assert german.startswith("- Wie viele Personen sind betroffen?\n- Welchen Browser")
    assert replace(known, language="fr").field("missing") == known.field("missing")
    assert tell().field("missing") is None


@given(
    text=st.text(max_size=300),
    name=st.text(max_size=40),
    subject=st.text(max_size=120),
    custom=st.text(max_size=40),
)
def test_a_field_is_printable_and_one_line_whatever_people_write(
    policy: Policy, decision: Decision, text: str, name: str, subject: str, custom: str
) -> None:
    written: dict[str, str | None] = {"account_value": custom, "time_zone": custom}
    customer = Customer(id="7", name=name, organization=name)
    ticket = a_ticket(text, subject, requester=customer, fields=written)
    known = Known(ticket, Context(), decision, policy)
    for field in FIELDS:
        value = known.field(field)
        assert value is None or value.strip()
        lines = (value or "").split("\n")
        assert all(line.isprintable() for line in lines), field
        assert field in ("steps", "logs", "missing") or len(lines) == 1, field


@pytest.fixture(scope="module")
def decision(policy: Policy) -> Decision:
    return decide(a_ticket("The export fails."), Context(), policy, NOW)


def test_details_are_read_once_and_only_when_a_field_asks(tell: Tell) -> None:
    known = tell("The export fails.")
    for name in ("customer", "level", "severity", "update_by"):
        known.field(name)
    assert "details" not in vars(known)
    known.field("steps")
    first = known.details
    known.field("errors")
    assert known.details is first
