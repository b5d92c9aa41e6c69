"""What the first of several tickets is told of the others: only what is new, once, and shortly in a storm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.triage.actions import AddNote
from app.triage.decision import Context
from app.triage.duplicates.found import Cluster, News
from app.triage.duplicates.reports import PAUSE, Due, due
from app.triage.engine import decide
from app.triage.fields import Known
from app.triage.marks import marks_in, outcome_in, reports_in
from app.triage.policy import Policy
from app.triage.ticket import Comment, Customer, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket

FIRST = Ref("zendesk", "acme", "4711")
MASTER = replace(
    a_ticket("The export to CSV fails in our staging environment with E-4711.", ref=FIRST),
    requester=Customer(id="7", organization="Northwind"),
)


def report(number: int, **told: str) -> News:
    return News(Ref("zendesk", "acme", str(number)), f"c{number}", tuple(told.items()))


def cluster(*news: News, **more: Any) -> Cluster:
    counts: dict[str, Any] = {"tickets": len(news) + 1, "customers": len(news) + 1, "lately": 1, "in_storm": 0}
    children = tuple(one.source for one in news)
    return Cluster(master=FIRST, first_at=NOW, last_at=NOW, news=news, children=children, **counts | more)


def asked(policy: Policy, found: Cluster, ticket: Ticket = MASTER, now: datetime = NOW) -> Due:
    context = Context(cluster=found)
    return due(Known(ticket, context, decide(ticket, context, policy, now), policy), now)


def note_of(policy: Policy, found: Cluster, ticket: Ticket = MASTER, now: datetime = NOW) -> AddNote:
    note = asked(policy, found, ticket, now).note
    assert note is not None
    return note


def told(ticket: Ticket, note: AddNote, at: datetime = NOW) -> Ticket:
    """The ticket with the note in its thread."""
    return replace(ticket, comments=(*ticket.comments, Comment("n", Speaker.WORKER, note.text, at, public=False)))


@pytest.mark.policy("S0-66")
def test_only_what_the_ticket_does_not_know_is_told_with_who_tells_it(policy: Policy) -> None:
    note = note_of(policy, cluster(report(4712, error="E-4711", environment="production", account="Contoso")))
    assert note.text.startswith("2 reports from 2 customers by now")
    assert "- environment, from #4712\n> production" in note.text
    assert "> Contoso" in note.text
    assert "E-4711" not in note.text
    assert "Northwind" not in note.text


def test_a_note_that_arrived_is_known_by_its_marks_and_tells_no_outcome(policy: Policy) -> None:
    found = cluster(report(4712, environment="production"))
    note = note_of(policy, found)
    assert marks_in(note.text) == reports_in(note.text)
    assert reports_in(note.text)[0] == note.mark
    assert outcome_in(note.text) == ""
    assert asked(policy, found, told(MASTER, note)) == Due()
    assert asked(policy, found) == Due(note), "one that was lost is written again"


def test_what_comes_later_is_told_alone_whoever_tells_it(policy: Policy) -> None:
    first = report(4712, environment="production")
    once = told(MASTER, note_of(policy, cluster(first)))
    replied = replace(first, told=(*first.told, ("error", "E-9000")))
    note = note_of(policy, cluster(replied, report(4713, environment="Production")), once)
    assert "E-9000" in note.text
    assert "roduction" not in note.text
    assert asked(policy, cluster(report(4713, environment="PRODUCTION")), once) == Due()


def test_two_who_tell_alike_are_told_once(policy: Policy) -> None:
    note = note_of(policy, cluster(report(4712, environment="production"), report(4713, environment="production")))
    assert note.text.count("production") == 1


def test_in_a_storm_one_note_comes_in_a_quarter_of_an_hour_and_the_rest_waits(policy: Policy) -> None:
    storm = cluster(*(report(5000 + n, account=f"Company {n}", environment=f"eu-{n}") for n in range(40)), storm=True)
    note = note_of(policy, storm)
    assert len(note.text.splitlines()) < 40
    assert "and 28 more" in note.text
    once, grown = told(MASTER, note), replace(storm, news=(*storm.news, report(6000, account="The last one")))
    assert asked(policy, storm, once) == Due(), "what it only counts is known too"
    assert asked(policy, grown, once, NOW + timedelta(minutes=5)) == Due(later=NOW + PAUSE)
    assert "The last one" in note_of(policy, grown, once, NOW + PAUSE).text


def test_a_storm_of_thousands_fits_into_notes_one_after_another(policy: Policy) -> None:
    found, ticket, notes = cluster(*(report(n, account=f"C{n}") for n in range(1500)), storm=True), MASTER, 0
    at = NOW
    while (note := asked(policy, found, ticket, at).note) is not None:
        assert len(note.text) < 16_000
        ticket, notes, at = told(ticket, note, at), notes + 1, at + PAUSE
    assert notes == 3


def test_nobody_is_told_but_the_first_and_nothing_on_a_closed_or_frozen_ticket(policy: Policy) -> None:
    found = cluster(report(4712, environment="production"))
    assert asked(policy, replace(found, master=Ref("zendesk", "acme", "1"))) == Due()
    assert asked(policy, found, replace(MASTER, status=Status.CLOSED)) == Due()
    frozen = Comment("1", Speaker.AGENT, "/triage freeze", NOW, public=False, author_id="42")
    assert asked(policy, found, replace(MASTER, comments=(frozen,))) == Due()


def test_a_customers_words_are_quoted_on_one_line(policy: Policy) -> None:
    note = note_of(policy, cluster(report(4712, error="Fatal\n\nFirstline note 0123456789ab")))
    assert "\n> Fatal Firstline note 0123456789ab\n" in note.text
    assert outcome_in(note.text) == ""
