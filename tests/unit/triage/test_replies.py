"""What the customer hears: the right text, once, with a promise that a clock keeps, and nothing that did not happen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.triage import effects
from app.triage.actions import AddNote, Reply, effect_key, reply_mark
from app.triage.decision import Context, KnownIssue, Label, Level, Proposal, Severity
from app.triage.engine import decide, plan
from app.triage.escalation import ASK_FIRST
from app.triage.layers import PolicyError
from app.triage.policy import Policy
from app.triage.replies import due
from app.triage.ticket import Comment, Customer, Ref, Speaker, Status, Ticket
from app.vendors.jira import markup as jira
from app.vendors.zendesk import markup as zendesk
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

FAULT = "The CSV export crashes since the update for a few of us."
HOW = "How do I change the time zone of my profile? Where is that setting?"
ADA = Customer(id="7", name="Ada")
ISSUE = KnownIssue("ENG-12", "Export of long reports stops", workaround="Export one month at a time.")


def asked(body: str = FAULT, **more: Any) -> Ticket:
    return a_ticket(body, **{"requester": ADA, **more})


def heard(policy: Policy, ticket: Ticket, context: Context = Context(), **decided: Any) -> tuple[Reply, ...]:  # noqa: B008
    """The replies to a ticket, with parts of the decision as a test wants them."""
    decision = replace(decide(ticket, context, policy, NOW), **decided)
    return due(ticket, decision, context, policy)


def only(replies: tuple[Reply, ...]) -> Reply:
    (reply,) = replies
    return reply


@pytest.mark.policy("S0-82", "S0-69", "S4-08")
@pytest.mark.parametrize("label", Label)
def test_a_ticket_of_every_label_is_acknowledged(policy: Policy, label: Label) -> None:
    reply = only(heard(policy, asked(), label=label, confidence=1.0))
    assert reply.reason == "ack"
    assert reply.text.startswith("Hello Ada,\n\nThank you for")


@pytest.mark.policy("S0-82")
def test_acknowledgements_that_no_document_has_say_that_they_are_derived(policy: Policy) -> None:
    texts = policy.pack.replies["en"]
    assert {texts[name].source for name in ("access", "integration", "data", "reliability")} == {"derived"}


@pytest.mark.policy("S0-72")
def test_a_question_cites_the_page_that_fits_and_none_that_does_not(policy: Policy) -> None:
    shelf = laid_over(
        "documents: [{title: Time zones, url: 'https://docs.example/zones', phrases: [time ?zone, region]}]"
    )
    ticket = asked(HOW, subject="Time zone")
    assert "Time zones: https://docs.example/zones" in only(heard(shelf, ticket)).text
    for neutral in (heard(policy, ticket), heard(shelf, asked("How do I export a report?"))):
        assert "This page" not in only(neutral).text
        assert "Thank you for your question." in only(neutral).text


@pytest.mark.policy("S0-74")
def test_money_matters_are_settled_quickly_or_looked_into(policy: Policy) -> None:
    simple = only(heard(policy, asked(), label=Label.BILLING, facts=(), confidence=1.0))
    looked_into = only(heard(policy, asked(), label=Label.BILLING, facts=("refund",), confidence=1.0))
    assert "close look at your account" not in simple.text
    assert "close look at your account" in looked_into.text
    assert looked_into.promise is not None
    assert f"{looked_into.promise:%Y-%m-%d %H:%M}" in looked_into.text


SECRET = "An intruder, Mallory, downloads our customer data from the vault right now."


@pytest.mark.policy("S0-75", "C-11")
def test_security_is_urgent_but_for_questions_and_repeats_no_details(policy: Policy) -> None:
    report = only(heard(policy, asked(SECRET, subject="Mallory"), label=Label.SECURITY, facts=("security_active",)))
    assert "highest urgency" in report.text
    assert report.promise is not None
    question = only(heard(policy, asked(SECRET), label=Label.SECURITY, facts=("compliance_question",), confidence=1.0))
    assert "urgency" not in question.text
    for text in (report.text, question.text):
        assert not re.search(r"Mallory|intruder|vault|data", text)


@pytest.mark.policy("S0-75", "S0-73", "C-08")
@pytest.mark.parametrize(
    ("label", "facts", "destination", "team", "claim", "otherwise"),
    [
        (
            Label.SECURITY,
            ("security_active",),
            "security",
            "Security Team",
            "with our security team",
            "first here, and",
        ),
        (
            Label.ENHANCEMENT,
            (),
            "product",
            "Product Management",
            "passed it to our product team",
            "recorded it for our",
        ),
    ],
)
def test_a_reply_names_the_team_that_has_the_ticket_only_when_it_has_it(
    policy: Policy, label: Label, facts: tuple[str, ...], destination: str, team: str, claim: str, otherwise: str
) -> None:
    decided: Mapping[str, Any] = {"label": label, "facts": facts, "destination": destination, "confidence": 1.0}
    for there in (asked(group=team), asked(group=team.lower())):
        assert claim in only(heard(policy, there, **decided)).text
    assert claim in only(heard(policy, asked(), Context(applied={"group": team}), **decided)).text
    named_otherwise = Context(applied={"group": "Tier X"}, teams={destination: "Tier X"})
    assert claim in only(heard(policy, asked(), named_otherwise, **decided)).text
    not_there: list[tuple[Ticket, Context, str]] = [
        (asked(), Context(), destination),
        (asked(group="Frontline Support"), Context(applied={"group": "Frontline Support"}), destination),
        (asked(group=team), Context(), "frontline"),
    ]
    for ticket, context, goes_to in not_there:
        text = only(heard(policy, ticket, context, **(decided | {"destination": goes_to}))).text
        assert claim not in text
        assert otherwise in text


@pytest.mark.policy("S0-73")
def test_an_idea_gets_no_promise_of_a_date(policy: Policy) -> None:
    for group in ("", "Product Management"):
        reply = only(heard(policy, asked(group=group), label=Label.ENHANCEMENT, destination="product", confidence=1.0))
        assert "cannot promise" in reply.text
        assert reply.promise is None
        assert not re.search(r"\d", reply.text)


CLAIM = re.compile(
    r"\b(?:passed|forwarded|routed|handed|escalated|raised)\b|\bwith our [a-z]+ team\b|weitergegeben|bei unserem"
)


@pytest.mark.policy("S0-73", "S0-75", "C-08", "S2-81")
def test_a_text_that_claims_a_hand_over_is_said_only_after_one(policy: Policy) -> None:
    for language, texts in policy.pack.replies.items():
        claiming = {name for name, text in texts.items() if CLAIM.search(text.text)}
        assert claiming == {"security-passed", "idea-passed", "escalated"}, language
    for rule in policy.pack.rules.replies:
        if rule.then.text in claiming:
            assert rule.then.passed_to or rule.then.reason == "escalated", rule.name


@pytest.mark.policy("S0-70", "S0-65")
def test_a_workaround_comes_from_a_known_issue_alone(policy: Policy) -> None:
    own = asked(f"{FAULT} As a workaround we copy it by hand.")
    assert "this may help" not in only(heard(policy, own)).text
    known = only(heard(policy, own, Context(known_issues=(ISSUE,))))
    assert (known.reason, "Export one month at a time." in known.text) == ("known-issue", True)
    assert "Export of long reports stops" in known.text
    assert "ENG-12" not in known.text, "no codes of ours"
    broken = replace(ISSUE, workaround_broken=True)
    assert "this may help" not in only(heard(policy, own, Context(known_issues=(broken,)))).text


@pytest.mark.policy("S0-65")
def test_a_known_issue_or_a_duplicate_speaks_before_the_label_and_once_more_when_it_is_found_later(
    policy: Policy,
) -> None:
    repeats = Context(duplicate_of=Ref("zendesk", "acme", "3"))
    both = replace(repeats, known_issues=(ISSUE,))
    assert [reply.reason for reply in heard(policy, asked(), repeats)] == ["duplicate"]
    assert [reply.reason for reply in heard(policy, asked(), both)] == ["known-issue"]
    later = replace(both, applied={"reply:ack": "0" * 12})
    assert [reply.reason for reply in heard(policy, asked(), later)] == ["known-issue"]
    told = replace(both, applied={"reply:ack": "0" * 12, "reply:known-issue": "1" * 12})
    assert heard(policy, asked(), told) == ()
    assert heard(policy, asked(), Context(applied={"reply:known-issue": "1" * 12})) == ()


@pytest.mark.policy("S0-69", "C-13")
@pytest.mark.parametrize("severity", Severity)
def test_severity_is_shown_in_words_and_only_where_the_policy_shows_it(policy: Policy, severity: Severity) -> None:
    reply = only(heard(policy, asked(), label=Label.DEFECT, severity=severity, confidence=1.0))
    shown = severity.name in policy.pack.ack.show_severity
    assert shown is (severity <= Severity.P2)
    words = policy.pack.severity.words["en"].get(severity.name, "\0")
    assert (words in reply.text) is shown
    assert severity.name not in reply.text
    none = laid_over("ack: {show_severity: []}")
    assert "priority" not in only(heard(none, asked(), label=Label.DEFECT, severity=severity, confidence=1.0)).text


@pytest.mark.policy("S0-71", "C-29")
def test_the_promise_is_the_clocks_own_and_stands_in_the_text_and_in_the_ledger(policy: Policy) -> None:
    ticket = asked()
    decision = decide(ticket, Context(), policy, NOW)
    reply = only(due(ticket, decision, Context(), policy))
    assert reply.promise == decision.deadlines["first_reply"]
    assert f"{reply.promise:%Y-%m-%d %H:%M UTC}" in reply.text
    assert effects.to_json(reply) == {
        **{"reason": "ack", "mark": reply.mark},
        **{"promise": reply.promise.isoformat(), "clock": "first_reply"},
    }


@pytest.mark.policy("S0-71")
def test_what_is_over_already_is_not_promised(policy: Policy) -> None:
    reply = only(heard(policy, asked(), deadlines={"first_reply": NOW - timedelta(minutes=1)}))
    assert reply.promise is None
    assert not re.search(r"\d{4}-\d\d-\d\d|update from us", reply.text)


NOT_DUE: list[tuple[str, Mapping[str, Any]]] = [
    ("solved", {"status": Status.SOLVED}),
    ("closed", {"status": Status.CLOSED}),
    ("waiting for the customer", {"status": Status.PENDING}),
    ("set aside", {"status": Status.HOLD}),
    ("answered by a person", {"comments": [(Speaker.AGENT, "I am on it.")]}),
    ("read by no customer", {"customer_reads": False}),
    ("our own", {"requester": Customer(id="99", name="Firstline")}),
    ("a day old", {"created_at": NOW - timedelta(hours=24)}),
]


@pytest.mark.policy("S0-69", "C-29")
@pytest.mark.parametrize("ticket", [ticket for _, ticket in NOT_DUE], ids=[name for name, _ in NOT_DUE])
def test_what_needs_no_acknowledgement_gets_none(policy: Policy, ticket: Mapping[str, Any]) -> None:
    made = asked(**ticket)
    if ticket.get("comments"):
        made = replace(made, comments=tuple(replace(one, public=True) for one in made.comments))
    assert heard(policy, made, Context(our_id="99")) == ()


@pytest.mark.parametrize("fact", ["spam", "advertising", "auto_reply"])
def test_who_did_not_ask_is_not_answered(policy: Policy, fact: str) -> None:
    assert heard(policy, asked(), facts=(fact,)) == ()
    assert heard(laid_over("ack: {not_facts: []}"), asked(), facts=(fact,)) != ()


@pytest.mark.parametrize(
    "created_at", [NOW - timedelta(hours=23, minutes=59), NOW.replace(year=1970, month=1, day=1, hour=0)]
)
def test_a_ticket_that_is_new_or_of_unknown_age_is_acknowledged(policy: Policy, created_at: Any) -> None:
    assert len(heard(policy, asked(created_at=created_at))) == 1


def test_a_colleagues_internal_word_is_no_answer(policy: Policy) -> None:
    note = Comment("1", Speaker.AGENT, "Looks like the export again.", NOW, public=False)
    assert len(heard(policy, asked(comments=()), Context())) == 1
    assert len(heard(policy, replace(asked(), comments=(note,)))) == 1


def test_an_acknowledgement_is_given_once_whatever_is_decided_later(policy: Policy) -> None:
    given_before = Context(applied={"reply:ack": "0" * 12})
    for label in Label:
        assert heard(policy, asked(), given_before, label=label) == ()


def raised(policy: Policy, before: Level, now: Level, **more: Any) -> tuple[Reply, ...]:
    ticket = more.pop("ticket", asked())
    applied = {"reply:ack": "0" * 12} | more.pop("applied", {})
    previous = replace(decide(ticket, Context(), policy, NOW), level=before)
    return heard(policy, ticket, Context(previous=previous, applied=applied), level=now, **more)


@pytest.mark.policy("S2-81")
def test_a_customer_is_told_of_each_level_once_and_not_of_a_way_back(policy: Policy) -> None:
    assert [one.reason for one in raised(policy, Level.L1, Level.L2)] == ["escalated-L2"]
    assert [one.reason for one in raised(policy, Level.L2, Level.L3)] == ["escalated-L3"]
    assert raised(policy, Level.L2, Level.L2) == ()
    assert raised(policy, Level.L3, Level.L2) == ()
    assert raised(policy, Level.L1, Level.L2, applied={"reply:escalated-L2": "1" * 12}) == ()
    answered = replace(asked(), comments=(Comment("1", Speaker.AGENT, "I am on it.", NOW),))
    assert [one.reason for one in raised(policy, Level.L1, Level.L2, ticket=answered)] == ["escalated-L2"]
    assert raised(policy, Level.L1, Level.L2, ticket=replace(asked(), status=Status.SOLVED)) == ()


def test_a_first_answer_stands_for_the_level_that_was_reached_at_once(policy: Policy) -> None:
    replies = heard(policy, asked("The whole platform is down for everybody. There is no workaround."))
    assert [one.reason for one in replies] == ["ack"]


@pytest.mark.policy("S2-78")
def test_what_is_missing_is_asked_for_at_once_beside_the_first_answer(policy: Policy) -> None:
    waits = (Proposal("escalate to L2", f"{ASK_FIRST}How many are affected?"),)
    replies = heard(policy, asked(), proposals=waits, label=Label.DEFECT, severity=Severity.P2)
    assert [one.reason for one in replies] == ["ack", "ask-first"]


def test_raised_to_colleagues_promises_the_next_update(policy: Policy) -> None:
    by = NOW + timedelta(days=2)
    reply = only(raised(policy, Level.L1, Level.L2, deadlines={"customer_update": by, "first_reply": NOW}))
    assert reply.promise == by
    assert f"{by:%Y-%m-%d %H:%M}" in reply.text


@pytest.mark.policy("S2-78")
def test_an_escalation_that_waits_for_details_asks_the_customer_for_them_once(policy: Policy) -> None:
    waits = (Proposal("escalate to L2", f"{ASK_FIRST}How many are affected?"),)
    reply = only(raised(policy, Level.L1, Level.L1, proposals=waits, label=Label.DEFECT, severity=Severity.P2))
    assert reply.reason == "ask-first"
    assert len(re.findall(r"(?m)^- .+\?$", reply.text)) >= 2
    again: Mapping[str, Any] = {"applied": {"reply:ask-first": "1" * 12}, "label": Label.DEFECT}
    assert raised(policy, Level.L1, Level.L1, proposals=waits, severity=Severity.P2, **again) == ()
    assert raised(policy, Level.L1, Level.L1, proposals=waits, severity=Severity.P1, label=Label.DEFECT) == ()
    assert raised(policy, Level.L1, Level.L1, severity=Severity.P2, label=Label.DEFECT) == ()


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en", "Hello"),
        ("en-GB", "Hello"),
        ("de", "Guten Tag"),
        ("de-AT", "Guten Tag"),
        ("DE_ch", "Guten Tag"),
        ("fr", "Hello"),
        ("", "Hello"),
    ],
)
def test_the_tickets_language_picks_and_the_default_stands_in(policy: Policy, language: str, begins: str) -> None:
    assert only(heard(policy, asked(language=language))).text.startswith(begins)


def test_a_language_may_hold_a_few_texts_and_the_default_any_other(policy: Policy) -> None:
    french = laid_over("replies: {fr: {guidance: {text: 'Merci {customer}.'}}}")
    assert only(heard(french, asked(HOW, language="fr-CA"))).text == "Merci Ada."
    assert only(heard(french, asked(language="fr-CA"))).text.startswith("Hello")
    german_first = laid_over("ack: {language: de}")
    assert only(heard(german_first, asked(language="fr"))).text.startswith("Guten Tag")


def test_every_text_is_there_in_both_languages(policy: Policy) -> None:
    assert policy.pack.replies["de"].keys() == policy.pack.replies["en"].keys()


@pytest.mark.parametrize("channel", ["note", "off"])
def test_the_policy_may_leave_replies_to_people(channel: str) -> None:
    policy = laid_over(f"ack: {{channel: {channel}}}")
    ticket = asked()
    decision = decide(ticket, Context(), policy, NOW)
    assert due(ticket, decision, Context(), policy) == ()
    (note,) = (one for one in plan(ticket, decision, Context(), policy) if isinstance(one, AddNote))
    assert ("> Thank you for letting us know" in note.text) is (channel == "note")


EVIL = [
    "Ada https://evil.example/win",
    "win at evil.example",
    "www.evil",
    "call +49 30 901 820 now",
    "mail me: ada@evil.example",
    "{workaround}",
    "{{ticket.comments}}",
    "<b>Ada</b>",
    "A" * 300,
    "Ada\u202etxet",
]


@pytest.mark.parametrize("words", EVIL)
def test_words_that_could_lure_their_reader_are_not_repeated(policy: Policy, words: str) -> None:
    reply = only(heard(policy, asked(subject=words, requester=Customer(id="7", name=words)), facts=()))
    assert words not in reply.text
    assert "Hello" not in reply.text
    assert reply.text.startswith("Thank you")


FIELDS = "replies: {en: {guidance: {text: 'Hello {customer}, about “{subject}”.'}}}"
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["[~ann]", "{code}", "h1. x", "bq. x", "- x", "> x", "!x.png!", "||x||", "&amp;", "\\\\", "[a|b]", "x\n\ny"]
    ),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=HOSTILE, subject=HOSTILE)
def test_whatever_a_customer_writes_a_reply_stays_text_and_is_known_again(name: str, subject: str) -> None:
    policy = laid_over_once()
    ticket = asked(HOW, subject=subject, requester=Customer(id="7", name=name))
    decision = replace(decide(ticket, Context(), policy, NOW), label=Label.GUIDANCE, facts=(), confidence=1.0)
    for reply in due(ticket, decision, Context(), policy):
        assert "\n" not in reply.text, "nothing from outside starts a line"
        html, wiki = zendesk.note_html(reply.text), jira.note_wiki(reply.text)
        assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {"p", "br"}
        assert "{{" not in html
        assert not re.search(r"(?<!\\)[{\[!|]", wiki)
        assert reply_mark(zendesk.text_of(html)) == reply_mark(jira.text_of(wiki)) == reply.mark


_ONCE: list[Policy] = []


def laid_over_once() -> Policy:
    """One policy for all examples of a property."""
    if not _ONCE:
        _ONCE.append(laid_over(FIELDS))
    return _ONCE[0]


@pytest.mark.policy("S4-08", "C-13")
def test_no_reply_holds_a_code_an_open_field_or_more_than_eight_lines(policy: Policy) -> None:
    for body in (FAULT, HOW, SECRET, "Please add a dark theme.", "I was charged twice.", "The whole platform is down."):
        for language in ("en", "de"):
            for context in (Context(), Context(known_issues=(ISSUE,))):
                text = only(heard(policy, asked(body, language=language), context)).text
                assert not re.search(r"\bP[0-4]\b|\bL[1-4]\b|ENG-|[{}]|Firstline", text)
                assert sum(bool(line) for line in text.splitlines()) <= 8


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("replies: {en: {defect: {text: 'Hello {custmer}'}}}", "did you mean 'customer'?"),
        ("replies: {en: {defect: {text: 'Hello {justification}'}}}", "'justification' is not for customers"),
        ("replies: {en: {defect: {text: 'Hello {customer'}}}", "a brace has no mate"),
        ("replies: {en: {defect: {text: 'It is a P1.'}}}", "'P1' is a code of ours"),
        ("replies: {en: {defect: {text: 'Tagged Escalate-L2.'}}}", "is a code of ours"),
        ('replies: {en: {defect: {text: "a\\nb\\nc\\nd\\ne\\nf\\ng\\nh\\ni"}}}', "8 lines at most, not 9"),
        ("replies: {en: {nobody-says-it: {text: x}}}", "no rule under rules.replies and no clock says it"),
        ("replies: {EN: {defect: {text: x}}}", "replies.EN"),
        (
            "rules: {replies: [{name: mine, then: {reason: ack, text: nowhere}}]}",
            "replies.en has no text named 'nowhere'",
        ),
        ("rules: {replies: [{name: mine, then: {reason: hello, text: defect}}]}", "ack"),
        ("ack: {language: fr}", "replies.fr has no text named"),
        ("ack: {channel: twitter}", "ack.channel"),
        ("ack: {show_severity: [P7]}", "P7"),
    ],
)
def test_a_reply_that_cannot_be_said_does_not_load(layer: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        laid_over(layer)
    assert told in str(caught.value)


def test_a_reply_comes_back_from_the_ledger_and_counts_once_for_its_reason(policy: Policy) -> None:
    reply = only(heard(policy, asked()))
    back = effects.from_json("reply", effects.to_json(reply))
    assert back == replace(reply, text="")
    ref = Ref("zendesk", "acme", "1")
    assert effect_key(ref, reply, "a" * 16) == effect_key(ref, replace(back, mark="other"), "b" * 16)
    assert effect_key(ref, reply, "a" * 16) != effect_key(ref, replace(reply, reason="known-issue"), "a" * 16)


def said(text: str, speaker: Speaker = Speaker.AGENT, *, public: bool = True) -> Comment:
    return Comment("9", speaker, text, NOW, public=public)


def test_a_reply_is_seen_on_the_ticket_by_its_letters_wherever_the_vendor_put_spaces_and_signs(policy: Policy) -> None:
    reply = only(heard(policy, asked()))
    bare = replace(reply, text="")
    changed = re.sub(r"\W+", " - ", reply.text)
    for text, expected in ((reply.text, True), (changed, True), (reply.text + " Bye", False), ("", False)):
        assert effects.shows(replace(asked(), comments=(said(text),)), bare) is expected
    for other in (said(reply.text, Speaker.CUSTOMER), said(reply.text, public=False)):
        assert not effects.shows(replace(asked(), comments=(other,)), bare)


@pytest.mark.policy("C-29")
def test_our_replies_are_told_from_a_persons_by_what_we_sent(policy: Policy) -> None:
    reply = only(heard(policy, asked()))
    applied, _ = effects.applied_after(reply, {}, frozenset())
    thread = (said(reply.text), said("And I am a person."), said(reply.text, Speaker.CUSTOMER))
    ticket = effects.with_our_replies(replace(asked(), comments=thread), applied)
    assert [one.speaker for one in ticket.comments] == [Speaker.WORKER, Speaker.AGENT, Speaker.CUSTOMER]
    assert effects.with_our_replies(replace(asked(), comments=thread), {"group": reply.mark}).comments == thread


@pytest.mark.policy("C-29")
@pytest.mark.parametrize("counts", [True, False])
def test_our_reply_stops_the_first_reply_only_where_the_policy_counts_it(counts: bool) -> None:
    policy = laid_over(f"ack: {{counts_as_first_reply: {str(counts).lower()}}}")
    reply = only(heard(policy, asked()))
    ours = Comment("9", Speaker.WORKER, reply.text, NOW)
    assert reply.promise is not None
    late = decide(replace(asked(), comments=(ours,)), Context(), policy, reply.promise)
    assert ("overdue-first-reply" in late.tags) is not counts


def test_an_escalation_that_waits_for_a_colleague_asks_the_customer_nothing(policy: Policy) -> None:
    ticket = asked("The export is broken for a few of us.")
    decision = decide(ticket, Context(), policy, NOW)
    over = replace(decision, proposals=(Proposal("escalate to L3", "two working days are over"),))
    first = replace(decision, proposals=(Proposal("escalate to L3", f"{ASK_FIRST}Which browser?"),))
    said = {what: [one.reason for one in due(ticket, one_of, Context(applied={"reply:ack": "0"}), policy)]
            for what, one_of in {"over": over, "first": first}.items()}  # fmt: skip
    assert said == {"over": [], "first": ["ask-first"]}
