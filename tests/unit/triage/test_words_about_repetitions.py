"""What the note says of tickets that report the same, and how placing a ticket reaches its decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import AddNote
from app.triage.classified import classified
from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.duplicates.found import LESS_LIKELY, SAME, Band, Candidate, Cluster, Placed
from app.triage.duplicates.placing import entry_of, reports, with_placed
from app.triage.duplicates.telling import Told
from app.triage.engine import decide, outcome_hash, plan
from app.triage.policy import Policy
from app.triage.records import from_json, to_json
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Change, Customer, Ref, Status, Ticket
from app.triage.vocabulary import FACTS
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

FIRST, MINE = Ref("zendesk", "acme", "4711"), Ref("zendesk", "acme", "4800")
BODY = "The CSV export shows an error for a few of us."


def candidate(number: int, chance: float, band: Band, *why: str, rejected: str = "") -> Candidate:
    return Candidate(Ref("zendesk", "acme", str(number)), chance, band, why, rejected)


def cluster(master: Ref = FIRST, **more: Any) -> Cluster:
    counts: dict[str, Any] = {"tickets": 2, "customers": 2, "lately": 2, "in_storm": 0, "via": "alike"}
    return Cluster(master=master, first_at=NOW, last_at=NOW, **counts | more)


def noted(policy: Policy, placed: Placed, ticket: Ticket | None = None) -> tuple[Decision, str]:
    ticket = ticket or a_ticket(BODY, ref=MINE)
    context = with_placed(Context(), placed, ticket)
    decision = decide(ticket, context, policy, NOW)
    (note,) = (one for one in plan(ticket, decision, context, policy) if isinstance(one, AddNote))
    return decision, note.text


@pytest.mark.policy("S0-60", "S0-61", "S0-62")
def test_the_chosen_and_the_rejected_stand_in_the_note_with_their_chances_and_why(policy: Policy) -> None:
    found = (
        candidate(4711, 0.97, "link", "same error E-4711", "same words"),
        candidate(4702, 0.61, "suggest", "same words", rejected="solved before"),
        candidate(4713, 0.72, "suggest", "same words", rejected=f"{LESS_LIKELY} 95%"),
        candidate(4714, 0.98, "link", "same words", rejected=SAME),
        candidate(4000, 0.32, "nothing", "same customer", rejected=f"{LESS_LIKELY} 95%"),
    )
    around = (Ref("zendesk", "acme", "4790"), Ref("jira", "acme", "SUP-3"), FIRST)
    decision, text = noted(policy, Placed(candidates=found, cluster=cluster(), nearby=around))
    assert (
        "Reports the same as #4711 (chance 0.97: same error E-4711, same words); not #4702 (0.61: solved before)."
        in text
    )
    assert "2 reports from 2 customers of the same; the first of them is #4711." in text
    assert "Perhaps the same: #4713 (chance 0.72: same words)." in text
    assert "From the same customer: #4000." in text
    assert "The newest others in this product area: #4790, jira:acme:SUP-3." in text
    assert "4714" not in text, "it is counted"
    assert decision.duplicate_of == FIRST
    assert decision.checks["duplicates"] == "repeats zendesk:acme:4711, 2 similar"
    kept = from_json(to_json(decision))
    assert [(one.ref, one.chance, one.why, one.rejected) for one in kept.candidates] == [
        (one.ref, one.chance, one.why, one.rejected) for one in found
    ]


def test_the_first_of_them_says_how_many_there_are_and_a_persons_word_is_told_as_one(policy: Policy) -> None:
    children = tuple(Ref("zendesk", "acme", str(number)) for number in range(4712, 4720))
    _, text = noted(policy, Placed(cluster=cluster(MINE, tickets=9, customers=8, children=children, via=None)))
    assert "The first of 9 reports from 8 customers of the same" in text
    assert "The others: #4712, #4713, #4714, #4715, #4716 and 3 more." in text
    for via, said in (("person", "by a person's word"), ("follow_up", "Goes on with a closed ticket")):
        assert said in noted(policy, Placed(cluster=cluster(via=via)))[1]


def test_in_a_storm_a_note_is_one_line_and_its_foot(policy: Policy) -> None:
    storm = cluster(tickets=143, customers=120, lately=120, in_storm=120, storm=True, via="storm")
    _, text = noted(policy, Placed(cluster=storm))
    line, foot = text.split("\n\n")
    assert line == "Part of a storm: 143 reports from 120 customers, the first is #4711; nothing to do here."
    assert foot.startswith("Firstline note ")
    _, first = noted(policy, Placed(cluster=replace(storm, master=MINE)))
    assert "Why:" in first


def test_a_cluster_that_grows_changes_no_outcome_of_its_members(policy: Policy) -> None:
    few, _ = noted(policy, Placed(cluster=cluster(tickets=40, customers=30, lately=30)))
    many, _ = noted(policy, Placed(cluster=cluster(tickets=143, customers=120, lately=120, storm=True)))
    assert outcome_hash(few) == outcome_hash(many)


def test_which_ticket_is_the_first_changes_no_outcome_and_that_there_is_one_does(policy: Policy) -> None:
    one, other = (noted(policy, Placed(cluster=cluster(Ref("zendesk", "acme", number))))[0] for number in ("7", "8"))
    assert one.duplicate_of != other.duplicate_of
    assert outcome_hash(one) == outcome_hash(other) != outcome_hash(noted(policy, Placed())[0])


def test_a_ticket_alone_counts_one_and_what_other_look_ups_count_stays() -> None:
    alone = with_placed(Context(), Placed(), a_ticket(ref=MINE))
    assert (alone.reporters, alone.organizations, alone.demand, alone.similar) == (1, 1, 1, ())
    on_an_issue = with_placed(
        Context(reporters=7, organizations=5), Placed(cluster=cluster(lately=3), demand=6), a_ticket(ref=MINE)
    )
    assert (on_an_issue.reporters, on_an_issue.organizations, on_an_issue.demand) == (7, 5, 6)


def test_a_new_ticket_repeats_no_solved_one_and_a_linked_one_goes_on_to(policy: Policy) -> None:
    over = Placed(cluster=cluster(master_over=True))
    decision, text = noted(policy, over)
    assert decision.duplicate_of is None
    assert "It is solved or closed." in text
    before = replace(decision, duplicate_of=FIRST)
    assert with_placed(Context(previous=before), over, a_ticket(ref=MINE)).duplicate_of == FIRST


@pytest.mark.policy("S0-67")
def test_what_others_tell_about_impact_raises_the_first_of_them_and_no_other(policy: Policy) -> None:
    ticket = a_ticket("The CSV export shows an error for me.", ref=FIRST)
    alone = decide(ticket, Context(), policy, NOW)
    facts = frozenset({"data_loss", "scope_many", "churn"})
    widened = with_placed(Context(previous=alone), Placed(cluster=cluster(facts=facts)), a_ticket(ref=FIRST))
    raised = decide(ticket, widened, policy, NOW)
    assert raised.severity < alone.severity
    assert {"data_loss", "scope_many"} <= set(raised.facts)
    assert "churn" not in raised.facts, "what a customer threatens is no impact"
    assert decide(replace(ticket, ref=MINE), widened, policy, NOW).severity == alone.severity
    _, text = noted(policy, Placed(cluster=cluster(facts=facts | {"broken"}, via=None)), ticket)
    assert f"What the others tell counts here too: {FACTS['data_loss']}; {FACTS['scope_many']}." in text


def test_a_persons_downgrade_of_the_first_one_stands_and_the_raise_is_proposed(policy: Policy) -> None:
    ticket = a_ticket("The CSV export shows an error for me.", ref=FIRST, fields={"severity": "P3"})
    before = replace(decide(ticket, Context(), policy, NOW), severity=Severity.P1, rated=Severity.P1)
    facts = frozenset({"data_loss", "scope_many"})
    context = with_placed(
        Context(previous=before, applied={"severity": "P1"}), Placed(cluster=cluster(facts=facts)), a_ticket(ref=FIRST)
    )
    decision = decide(ticket, context, policy, NOW)
    assert decision.severity is Severity.P3
    assert any(one.what.startswith("raise to") for one in decision.proposals)


def test_look_ups_never_turn_the_label(policy: Policy) -> None:
    ticket, found = a_ticket(BODY, ref=MINE), Placed(cluster=cluster(), candidates=(candidate(4711, 0.97, "link"),))
    read = classified(ticket, Context(), policy, NOW)
    context = with_placed(Context(), found, a_ticket(ref=MINE))
    assert classified(ticket, context, policy, NOW).labelled == read.labelled
    assert decide(ticket, context, policy, NOW, read) == decide(ticket, context, policy, NOW)


def entry(ticket: Ticket, policy: Policy) -> Any:
    read = classified(ticket, Context(), policy, NOW)
    return entry_of(ticket, read, Context(), space="acme", symptom=Symptom(), told=Told())


def test_the_index_keeps_of_a_ticket_what_others_need(policy: Policy) -> None:
    text = "We lose data in production since the update.\n\nError: E-4711 could not write file"
    customer = Customer(id="7", organization_id="70", organization="Contoso")
    ticket = replace(a_ticket(text, ref=MINE, type="incident"), requester=customer)
    kept = entry(ticket, policy)
    assert (kept.ref, kept.label, kept.type, kept.over_at) == (MINE, kept.label, "incident", None)
    assert (kept.requester, kept.organization, kept.customer) == ("7", "70", "70")
    assert {"environment": "production", "account": "Contoso"}.items() <= dict(kept.told).items()
    assert "data_missing" in kept.facts
    assert "error_shown" not in kept.facts
    assert isinstance(kept.label, Label)


def test_a_solved_ticket_is_over_since_it_was_solved(policy: Policy) -> None:
    solved = Change(NOW, "42", "status", "open", "solved", Status.SOLVED)
    ticket = a_ticket(BODY, status=Status.SOLVED, history=(solved,))
    assert entry(ticket, policy).over_at == NOW


def test_no_customer_stands_behind_a_machines_letter_or_our_own(policy: Policy) -> None:
    def told(ticket: Ticket) -> bool:
        return reports(ticket, classified(ticket, Context(), policy, NOW), "99")

    ticket = a_ticket(BODY)
    assert told(ticket)
    assert not told(replace(ticket, automatic=True))
    assert not told(replace(ticket, requester=Customer(id="99")))


@pytest.mark.policy("S0-65")
def test_whoever_was_acknowledged_hears_of_the_repetition_only_where_the_policy_wants_it(policy: Policy) -> None:
    from app.triage.effects import REPLY
    from app.triage.replies import due

    ticket = a_ticket(BODY, ref=MINE)
    context = with_placed(Context(), Placed(cluster=cluster()), a_ticket(ref=MINE))
    decision = decide(ticket, context, policy, NOW)
    (first,) = due(ticket, decision, context, policy)
    assert first.reason == "duplicate"
    assert "tracked and being worked on" in first.text
    assert "4711" not in first.text
    for said in ("ack", "duplicate", "known-issue"):
        assert due(ticket, decision, replace(context, applied={REPLY + said: "0" * 12}), policy) == ()
    raised = replace(decision, level=Level.L2)
    told = replace(context, applied={REPLY + "ack": "0" * 12}, previous=decision)
    assert due(ticket, raised, told, policy) == (), "nor that it was raised: that is the first one's matter"
    alone = replace(told, duplicate_of=None)
    assert [one.reason for one in due(ticket, raised, alone, policy)] == ["escalated-L2"]
    wanting = laid_over("ack: {afterwards: [duplicate]}\n")
    acknowledged = replace(context, applied={REPLY + "ack": "0" * 12})
    assert [one.reason for one in due(ticket, decision, acknowledged, wanting)] == ["duplicate"]
