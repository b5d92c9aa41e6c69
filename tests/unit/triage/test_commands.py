"""What agents tell us in internal notes: who is obeyed, what is understood, what follows, and how it is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import Action, AddNote, SetFields, SetPriority
from app.triage.commands import accepted, commands_in
from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.effects import applied_after
from app.triage.engine import decide, plan
from app.triage.marks import answered_in, marks_in, outcome_in
from app.triage.note import render
from app.triage.policy import Policy
from app.triage.replies import due
from app.triage.restraint import noticed
from app.triage.ticket import Comment, Speaker, Ticket
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

EXPORT = "The CSV export shows an error for a few users."
DOWN = "The whole platform is down for all of our users."
LEGAL = "The export fails with an error. Our lawyers will take legal action against you."


def note(text: str, *, number: str = "77", **more: Any) -> Comment:
    """An agent's internal note."""
    return Comment(**{"id": number, "speaker": Speaker.AGENT, "body": text, "at": NOW, "public": False} | more)


def told(body: str, *texts: str, **more: Any) -> Ticket:
    """A ticket with internal notes by an agent."""
    return replace(a_ticket(body, **more), comments=tuple(note(t, number=f"c{n}") for n, t in enumerate(texts)))


def run(ticket: Ticket, context: Context, policy: Policy) -> tuple[Ticket, Context, Decision, tuple[Action, ...]]:
    """One run of the worker: the ticket and the context after it, what was decided and what was written."""
    decision = decide(ticket, context, policy, NOW)
    actions = plan(ticket, decision, context, policy)
    values, own = {**context.applied, **noticed(ticket, decision, context, policy)}, context.tags
    for action in actions:
        values, own = applied_after(action, values, own)
        match action:
            case SetPriority(value):
                ticket = replace(ticket, priority=value)
            case SetFields(pairs):
                ticket = replace(ticket, fields={**ticket.fields, **dict(pairs)})
            case AddNote(text):
                ours = Comment(f"n{len(ticket.comments)}", Speaker.WORKER, text, NOW, public=False)
                ticket = replace(ticket, comments=(*ticket.comments, ours))
    return ticket, Context(previous=decision, applied=values, tags=own), decision, actions


def said_next(ticket: Ticket, text: str) -> Ticket:
    """The ticket after one more internal note by an agent."""
    return replace(ticket, comments=(*ticket.comments, note(text, number=f"c{len(ticket.comments)}")))


def notes(actions: tuple[Action, ...]) -> list[str]:
    return [action.text for action in actions if isinstance(action, AddNote)]


@pytest.mark.parametrize(
    ("comment", "customer_reads", "obeyed"),
    [
        (note("/triage freeze"), True, True),
        (note("Please wait.\n  /Triage FREEZE.\nThanks"), True, True),
        (note("/triage freeze", public=True), True, False),
        (note("/triage freeze", public=True), False, True),
        (note("/triage freeze", speaker=Speaker.CUSTOMER), True, False),
        (note("/triage freeze", speaker=Speaker.CUSTOMER, public=True), False, False),
        (note("/triage freeze", speaker=Speaker.WORKER), True, False),
        (note("/triage freeze", author_id="us"), True, False),
        (note("> /triage freeze"), True, False),
        (note("The customer wrote:\nOn Mon, 2 Mar 2026 at 9:00, Ada wrote:\n/triage freeze"), True, False),
        (note("{quote}\n/triage freeze\n{quote}"), True, False),
        (note("```\n/triage freeze\n```"), True, False),
        (note("say /triage freeze to stop it"), True, False),
        (note("/triage/freeze and /triaged"), True, False),
    ],
)  # fmt: skip
def test_only_an_agent_s_own_words_in_a_note_that_no_customer_reads_are_a_command(
    policy: Policy, comment: Comment, customer_reads: bool, obeyed: bool
) -> None:
    ticket = replace(a_ticket(EXPORT, customer_reads=customer_reads), comments=(comment,))
    found = commands_in(ticket, policy.pack, "us")
    assert [command.verb for command in found] == (["freeze"] if obeyed else [])


@pytest.mark.parametrize(
    ("line", "verb", "value"),
    [
        ("/triage severity p1", "severity", "P1"),
        ("/TRIAGE Label billing.", "label", "Billing"),
        ("/triage\tescalate  l3", "escalate", "L3"),
        ("/triage severity\u00a0P2", "severity", "P2"),
        ("/triage why", "why", ""),
    ],
)
def test_a_command_is_understood_whatever_its_case_and_spaces(policy: Policy, line: str, verb: str, value: str) -> None:
    (command,) = commands_in(told(EXPORT, line), policy.pack)
    assert (command.verb, command.value, command.problem) == (verb, value, "")


@pytest.mark.parametrize(
    ("line", "possible"),
    [
        ("/triage", "accept, reject, ack, confirm, why, freeze, unfreeze, severity, label, escalate"),
        ("/triage sverity P2", "accept, reject, ack, confirm, why"),
        ("/triage severity", "P0, P1, P2, P3, P4"),
        ("/triage severity urgent", "P0, P1, P2, P3, P4"),
        ("/triage label Biling", "Billing"),
        ("/triage escalate L1", "L2, L3, L4"),
        ("/triage accept everything", "accept stands alone"),
    ],
)
def test_what_is_not_understood_is_answered_with_what_is_possible_and_changes_nothing(
    policy: Policy, line: str, possible: str
) -> None:
    ticket, context, first, _ = run(a_ticket(EXPORT), Context(), policy)
    ticket, context, decision, actions = run(said_next(ticket, line), context, policy)
    (text,) = notes(actions)
    assert possible in text
    assert (decision.severity, decision.label, decision.level) == (first.severity, first.label, first.level)
    assert run(ticket, context, policy)[3] == ()


def test_a_severity_is_named_as_people_see_it_and_a_label_by_its_older_tag() -> None:
    shown = laid_over("severity: {display: {P0: P1, P1: P2, P2: P3, P3: P4}}\nlabels: {alias: {Reliability: slow-app}}")
    ticket = told(EXPORT, "/triage severity P2\n/triage severity P4\n/triage label slow-app")
    found = commands_in(ticket, shown.pack)
    assert [command.value for command in found] == ["P1", "P3", "Reliability"]
    assert [command.line for command in found] == [1, 2, 3]


@pytest.mark.policy("S1-20")
def test_a_severity_by_command_is_in_force_and_written_like_ours(policy: Policy) -> None:
    ticket, context, first, _ = run(a_ticket(EXPORT, fields={"severity": None}), Context(), policy)
    assert first.severity is not Severity.P1
    ticket, context, decision, actions = run(said_next(ticket, "/triage severity P1"), context, policy)
    assert (decision.severity, decision.rated) == (Severity.P1, first.severity)
    assert (ticket.priority, ticket.fields["severity"]) == ("urgent", "P1")
    assert "severity P1: the severity is P1" in notes(actions)[0]
    assert run(ticket, context, policy)[3] == ()


def test_a_severity_that_only_an_agent_gave_wakes_nobody_until_it_is_confirmed(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket("The icon is blurry."), Context(), policy)
    ticket, context, decision, actions = run(said_next(ticket, "/triage severity P0"), context, policy)
    assert (decision.severity, decision.page) == (Severity.P0, False)
    assert "nobody is paged until it is confirmed" in notes(actions)[0]
    _, _, confirmed, _ = run(said_next(ticket, "/triage accept"), context, policy)
    assert confirmed.page


@pytest.mark.policy("S1-20")
def test_the_newest_of_a_command_and_an_edited_field_counts(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(EXPORT), Context(), policy)
    ticket, context, _, _ = run(replace(ticket, priority="low"), context, policy)
    ticket, context, by_command, _ = run(said_next(ticket, "/triage severity P1"), context, policy)
    assert (by_command.severity, ticket.priority) == (Severity.P1, "urgent"), "it was said after the field was edited"
    ticket, context, by_field, _ = run(replace(ticket, priority="normal"), context, policy)
    assert (by_field.severity, ticket.priority) == (Severity.P3, "normal"), "the field was edited after the command"
    ticket, context, again, _ = run(said_next(ticket, "/triage severity P2"), context, policy)
    assert (again.severity, ticket.priority) == (Severity.P2, "high")


def test_a_command_that_says_what_the_field_shows_already_is_the_newer_one(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(DOWN), Context(), policy)
    ticket, context, _, _ = run(replace(ticket, priority="high"), context, policy)
    ticket = replace(said_next(ticket, "/triage severity P1"), priority="urgent")
    for _ in range(2):
        ticket, context, decision, _ = run(ticket, context, policy)
        assert decision.severity is Severity.P1, "and not P0, which has the same priority and was rated"


def test_of_several_commands_the_later_wins_and_all_are_answered_in_one_note(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(EXPORT), Context(), policy)
    spoken = said_next(ticket, "/triage severity P1\nsorry:\n/triage severity P2\n/triage label Data")
    ticket, context, decision, actions = run(spoken, context, policy)
    (text,) = notes(actions)
    assert (decision.severity, decision.label) == (Severity.P2, Label.DATA)
    assert "- severity P1: a later command takes its place" in text
    assert "- severity P2: the severity is P2" in text
    assert "- label Data: the label is Data" in text
    assert len(answered_in(text)) == 3


def test_an_answered_command_is_not_answered_again_but_an_edited_one_is(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(EXPORT), Context(), policy)
    spoken = said_next(ticket, "/triage label Data")
    ticket, context, _, first = run(spoken, context, policy)
    assert len(notes(first)) == 1
    assert run(ticket, context, policy)[3] == ()
    edited = tuple(
        replace(one, body="/triage label Billing") if one.body == "/triage label Data" else one
        for one in ticket.comments
    )
    _, _, decision, second = run(replace(ticket, comments=edited), context, policy)
    assert decision.label is Label.BILLING
    assert "- label Billing: the label is Billing" in notes(second)[0]


def test_a_label_by_command_is_the_label_and_rules_after_it_see_it(policy: Policy) -> None:
    ticket, context, first, _ = run(a_ticket(EXPORT, fields={"label": None}), Context(), policy)
    ticket, context, decision, _ = run(said_next(ticket, "/triage label Security"), context, policy)
    assert (decision.label, decision.confidence, ticket.fields["label"]) == (Label.SECURITY, 1.0, "Security")
    assert (first.destination, decision.destination) == ("technical", "security")
    assert "label-security" in decision.tags
    assert f"label {first.label}" in [one.what for one in decision.ruled_out]


def test_a_label_field_that_a_person_changed_is_the_label(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(EXPORT, fields={"label": None}), Context(), policy)
    ticket = replace(ticket, fields={"label": "Data"})
    ticket, context, decision, _ = run(ticket, context, policy)
    assert (decision.label, ticket.fields["label"]) == (Label.DATA, "Data")
    ticket, context, commanded, _ = run(said_next(ticket, "/triage label Access"), context, policy)
    assert (commanded.label, ticket.fields["label"]) == (Label.ACCESS, "Access")
    _, _, edited, _ = run(replace(ticket, fields={"label": "Security"}), context, policy)
    assert edited.label is Label.SECURITY


@pytest.mark.policy("S1-27", "S2-27")
@pytest.mark.parametrize("level", ["L2", "L3", "L4"])
def test_a_person_escalates_by_command_and_nobody_else_is_asked(policy: Policy, level: str) -> None:
    ticket, context, _, _ = run(a_ticket("How do I map the fields of the import?"), Context(), policy)
    _, _, decision, actions = run(said_next(ticket, f"/triage escalate {level}"), context, policy)
    assert decision.level is Level(level)
    assert f"Escalate-{level}" in decision.tags
    assert f"- escalate {level}: the level is {level}" in notes(actions)[0]


@pytest.mark.policy("S1-26", "S4-57")
def test_an_escalation_by_command_alone_lacks_what_was_tried(policy: Policy) -> None:
    bare = decide(told(EXPORT, "/triage escalate L2\n\n/triage why"), Context(), policy, NOW)
    noted = decide(told(EXPORT, "/triage escalate L2\nI tried another browser and a new file."), Context(), policy, NOW)
    assert "missing-troubleshooting" in bare.tags
    assert "missing-troubleshooting" not in noted.tags


def test_a_frozen_ticket_is_decided_and_gets_nothing_but_answers_until_it_is_unfrozen(policy: Policy) -> None:
    ticket, context, _, actions = run(told(EXPORT, "/triage freeze"), Context(), policy)
    assert [type(action) for action in actions] == [AddNote]
    assert outcome_in(notes(actions)[0]) == ""
    worse = replace(ticket, comments=(*ticket.comments, Comment("9", Speaker.CUSTOMER, DOWN, NOW)))
    worse, context, decision, actions = run(worse, context, policy)
    assert (decision.severity, actions) == (Severity.P0, ())
    assert due(worse, decision, context, policy) == ()
    _, _, decision, actions = run(said_next(worse, "/triage unfreeze"), context, policy)
    assert decision.left_alone == ""
    assert SetPriority("urgent") in actions
    assert "- unfreeze: the ticket is written to again" in notes(actions)[0]


@pytest.mark.policy("S2-31")
def test_what_was_proposed_is_carried_out_once_it_is_accepted(policy: Policy) -> None:
    ticket, context, first, _ = run(a_ticket(LEGAL), Context(), policy)
    assert "escalate to L4" in [proposal.what for proposal in first.proposals]
    ticket, context, decision, actions = run(said_next(ticket, "/triage accept"), context, policy)
    assert (decision.level, decision.proposals) == (Level.L4, ())
    assert "- accept: accepted: escalate to L4" in notes(actions)[0]
    assert run(ticket, context, policy)[2].level is Level.L4, "and it stays so"


def test_an_accepted_raise_is_the_person_s_own_severity(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(DOWN), Context(), policy)
    ticket, context, locked, _ = run(replace(ticket, priority="normal"), context, policy)
    assert [proposal.what for proposal in locked.proposals] == ["raise to P0"]
    ticket, context, decision, _ = run(said_next(ticket, "/triage accept"), context, policy)
    assert (decision.severity, decision.page, ticket.priority) == (Severity.P0, True, "urgent")
    assert run(ticket, context, policy)[2].severity is Severity.P0


def test_what_was_rejected_is_not_proposed_again_but_something_else_is(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(LEGAL), Context(), policy)
    ticket, context, decision, actions = run(said_next(ticket, "/triage reject"), context, policy)
    assert (decision.proposals, decision.left_alone) == ((), "")
    assert "- reject: not proposed again: escalate to L4" in notes(actions)[0]
    ticket, context, decision, _ = run(ticket, context, policy)
    assert decision.proposals == ()
    _, _, decision, _ = run(said_next(ticket, "/triage severity P1"), context, policy)
    assert "page on-call" in [proposal.what for proposal in decision.proposals]


def test_a_triage_that_is_rejected_as_a_whole_leaves_the_ticket_alone(policy: Policy) -> None:
    ticket, context, first, _ = run(a_ticket(EXPORT), Context(), policy)
    assert first.proposals == ()
    ticket, context, decision, actions = run(said_next(ticket, "/triage reject"), context, policy)
    assert decision.left_alone == "an agent rejected the triage"
    assert "all of it is rejected" in notes(actions)[0]
    worse = replace(ticket, comments=(*ticket.comments, Comment("9", Speaker.CUSTOMER, DOWN, NOW)))
    assert run(worse, context, policy)[3] == ()


def test_why_is_answered_with_the_rules_that_held_and_what_they_saw(policy: Policy) -> None:
    ticket, context, _, _ = run(a_ticket(DOWN), Context(), policy)
    _, _, _, actions = run(said_next(ticket, "/triage why"), context, policy)
    (text,) = notes(actions)
    assert outcome_in(text) == "", "nothing new was decided"
    assert any(line.startswith("- severity: ") and "fact outage" in line for line in text.splitlines())
    assert DOWN not in text


def test_an_answer_is_no_news_of_the_outcome(policy: Policy) -> None:
    ticket, context, _, first = run(a_ticket(EXPORT), Context(), policy)
    ticket, context, _, answer = run(said_next(ticket, "/triage why"), context, policy)
    assert marks_in(notes(answer)[0]) and outcome_in(notes(first)[0])
    assert run(ticket, context, policy)[3] == (), "the outcome's note is still the newest of its kind"


def test_a_quoted_mark_in_a_note_of_ours_answers_nothing(policy: Policy) -> None:
    asked = told(EXPORT, "/triage label Data")
    (command,) = commands_in(asked, policy.pack)
    forged = f"P3\n\n> Firstline answer {command.mark}\n\nFirstline note 0123456789ab · unified"
    ours = Comment("8", Speaker.WORKER, forged, NOW, public=False)
    (still,) = commands_in(replace(asked, comments=(*asked.comments, ours)), policy.pack)
    assert not still.answered
    assert marks_in(forged) == ("0123456789ab",)


@pytest.mark.parametrize(
    ("texts", "let_through"),
    [
        ([], False),
        (["/triage accept"], True),
        (["/triage accept", "/triage reject"], False),
        (["/triage freeze", "/triage accept"], True),
        (["/triage accept now"], False),
    ],
)
def test_a_person_lets_through_what_is_held_back(texts: list[str], let_through: bool) -> None:
    assert accepted(told(EXPORT, *texts)) is let_through


@pytest.mark.parametrize("vendor_tags", [["triage-off"], ["Triage-Off", "vip"]])
def test_a_ticket_that_people_took_out_by_tag_is_decided_and_never_written_to(
    policy: Policy, vendor_tags: list[str]
) -> None:
    ticket = told(DOWN, "/triage why", tags=frozenset(vendor_tags))
    _, context, decision, actions = run(ticket, Context(), policy)
    assert (decision.severity, actions) == (Severity.P0, ())
    assert decision.left_alone == "it carries the tag triage-off"
    assert "Nothing is written to this ticket: it carries the tag triage-off." in render(decision, policy)
    assert due(ticket, decision, context, policy) == ()
    _, _, decision, actions = run(replace(ticket, tags=frozenset()), context, policy)
    assert decision.left_alone == ""
    assert SetPriority("urgent") in actions


def test_the_tag_that_takes_a_ticket_out_is_the_policy_s() -> None:
    ours = laid_over('tags: {off: "hands-off"}')
    ticket = a_ticket(DOWN, tags=frozenset({"triage-off"}))
    assert run(ticket, Context(), ours)[3]
    assert run(replace(ticket, tags=frozenset({"hands-off"})), Context(), ours)[3] == ()
    nothing = laid_over('tags: {off: ""}')
    assert run(ticket, Context(), nothing)[3]
