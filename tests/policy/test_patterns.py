"""Several tickets about one fault: what is raised, what is proposed to people, once a stage, and who asks for an idea
(S0-48, S0-62, S0-81, S2-90, S4-76, S4-77, S4-116, S4-117)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.packs import PACKS, find_pack
from app.triage.actions import AddNote
from app.triage.decision import Context, Decision, KnownIssue, Severity
from app.triage.duplicates.found import Candidate, Cluster, Placed
from app.triage.duplicates.placing import with_placed
from app.triage.engine import decide, outcome_hash, plan
from app.triage.fields import Known
from app.triage.layers import PolicyError, parse
from app.triage.oncall_words import summary
from app.triage.patterns.pattern import Named, Post
from app.triage.policy import Policy, read
from app.triage.ticket import Ref
from tests.policy.conftest import NAMES, NOW, a_ticket, policy

MINOR = "The logo on the invoice page is blurry."
BROKEN = "The CSV export shows an error and stops. We export by hand meanwhile."
DOWN = "The whole platform is down for all of our users."
IDEA = "Please add a dark theme, it would be nice."
FIRST = NOW - timedelta(minutes=20)
TAG = "make it a known issue, tag 1-checkout-page"


def of(tickets: int, customers: int, *, storm: int = 0, master: Ref | None = None) -> Cluster:
    """The tickets of a fault, as this one sees it: the first of them unless a master is named."""
    ref = a_ticket("x").ref
    return Cluster(
        master=master or ref, tickets=tickets, customers=customers, lately=customers, in_storm=storm,
        first_at=FIRST, last_at=NOW, storm=storm > 0, via=None if master is None else "alike",
    )  # fmt: skip


def known(cluster: Cluster | None, previous: Decision | None = None, **more: Any) -> Context:
    """What the look-ups found: that cluster, and nothing else."""
    placed = Placed(cluster=cluster, **{name: more.pop(name) for name in ("demand", "nearby") if name in more})
    candidates = more.pop("candidates", ())
    found = with_placed(Context(previous=previous, **more), placed, a_ticket("x"))
    return replace(found, candidates=candidates)


def look(
    body: str, context: Context, subject: str = "Checkout page", under: Policy | None = None, **given: Any
) -> Decision:
    return decide(a_ticket(body, subject, **given), context, under or policy(), NOW)


def note(body: str, context: Context, subject: str = "Checkout page", **given: Any) -> str:
    """The note that stands on the ticket after a look."""
    ticket = a_ticket(body, subject, **given)
    actions = plan(ticket, decide(ticket, context, policy(), NOW), context, policy())
    return "\n".join(action.text for action in actions if isinstance(action, AddNote))


def said(words: str, number: int = 1) -> dict[str, Any]:
    """An agent's internal note."""
    return {"id": f"c{number}", "speaker": "agent", "public": False, "author_id": "7", "body": words}


def turned(change: str) -> Policy:
    text = (PACKS / "unified.yaml").read_text(encoding="utf-8")
    return read(text, "unified.yaml", find_pack, [parse(change, "change.yaml")])


@pytest.mark.policy("S0-48", "S0-81")
@pytest.mark.parametrize("name", NAMES)
def test_three_customers_with_the_same_minor_fault_raise_it_and_two_do_not(name: str) -> None:
    two, three = (look(MINOR, known(of(9, customers)), under=policy(name)) for customers in (2, 3))
    assert (two.severity, three.severity) == (Severity.P3, Severity.P2)
    assert "same-symptom-elsewhere" in three.rules


@pytest.mark.policy("S0-48", "S0-81")
@pytest.mark.parametrize("name", NAMES)
def test_one_customer_who_files_fifty_times_is_no_pattern(name: str) -> None:
    decision = look(BROKEN, known(of(50, 1)), under=policy(name))
    assert decision.severity is look(BROKEN, known(None), under=policy(name)).severity
    assert decision.proposals == ()
    assert decision.pattern is not None
    assert decision.pattern.post is None


@pytest.mark.policy("S0-48")
def test_a_ticket_that_repeats_another_rises_with_it() -> None:
    member = look(BROKEN, known(of(3, 3, master=Ref("zendesk", "local", "0"))))
    assert member.severity is look(BROKEN, known(of(3, 3))).severity is Severity.P1
    assert member.pattern is None
    assert member.proposals == ()


@pytest.mark.policy("S0-81")
@pytest.mark.parametrize("name", NAMES)
def test_repeated_reports_of_something_minor_are_proposed_as_a_known_issue(name: str) -> None:
    decision = look(MINOR, known(of(3, 3)), under=policy(name))
    assert TAG in [proposal.what for proposal in decision.proposals]


@pytest.mark.policy("S0-81")
def test_a_storm_of_minor_reports_wakes_on_call() -> None:
    decision = look(MINOR, known(of(15, 14, storm=14)))
    assert (decision.severity, decision.page) == (Severity.P1, True)


@pytest.mark.policy("S4-76")
def test_the_third_ticket_proposes_a_tag_on_the_first_one_alone() -> None:
    two, three = (look(BROKEN, known(of(tickets, 2))) for tickets in (2, 3))
    member = look(BROKEN, known(of(3, 2, master=Ref("zendesk", "local", "0"))))
    assert [len(one.proposals) for one in (two, three, member)] == [0, 1, 0]
    assert three.proposals[0].what == TAG
    assert three.proposals[0].why == "3 tickets by 2 customers since 2026-03-02 09:40 UTC"
    assert f"- {TAG}: 3 tickets by 2 customers" in note(BROKEN, known(of(3, 2)))


@pytest.mark.policy("S4-76")
def test_an_accepted_tag_becomes_the_candidate_and_a_rejected_one_is_not_proposed_again() -> None:
    proposed = look(BROKEN, known(of(3, 2)))
    for words, wanted in (("/triage accept", True), ("/triage reject", False)):
        answered = look(BROKEN, known(of(3, 2), proposed), comments=[said(words)])
        later = look(BROKEN, known(of(5, 4), answered), "A subject written anew", comments=[said(words)])
        for decision in (answered, later):
            assert decision.proposals == ()
            assert decision.pattern is not None
            named = decision.pattern.named
            assert (named and (named.tag, named.wanted)) == (("1-checkout-page", True) if wanted else None)


@pytest.mark.policy("S4-76")
def test_a_tag_that_was_proposed_stays_the_same_when_the_subject_changes() -> None:
    proposed = look(BROKEN, known(of(3, 2)))
    later = look(BROKEN, known(of(4, 2), proposed), "Something else entirely")
    assert later.proposals[0].what == TAG
    assert outcome_hash(later) == outcome_hash(proposed)


@pytest.mark.policy("S4-76")
def test_a_policy_may_have_the_candidate_made_without_a_person() -> None:
    decision = look(BROKEN, known(of(3, 2)), under=turned("patterns: {create: create}"))
    assert decision.proposals == ()
    assert decision.pattern is not None
    assert decision.pattern.named == Named("1-checkout-page", "Checkout page", wanted=True)


def test_a_subject_without_plain_letters_is_named_by_its_label() -> None:
    decision = look(MINOR, known(of(3, 2)), "エラー")
    assert decision.proposals[0].what == "make it a known issue, tag 1-defect"


def test_what_is_a_known_issue_already_is_not_proposed_as_one() -> None:
    decision = look(BROKEN, known(of(9, 2), known_issues=(KnownIssue("SUP-9"),)))
    assert decision.proposals == ()


@pytest.mark.policy("S4-77")
@pytest.mark.parametrize(("tickets", "post"), [(5, None), (6, Post("investigating")), (7, Post("investigating"))])
def test_the_sixth_ticket_proposes_the_status_page(tickets: int, post: Post | None) -> None:
    decision = look(MINOR, known(of(tickets, 3)))
    assert decision.severity is Severity.P2
    assert decision.pattern is not None
    assert decision.pattern.post == post


@pytest.mark.policy("S4-77")
def test_what_stays_minor_is_no_matter_for_the_status_page() -> None:
    ours = look(MINOR, known(None))
    locked = known(of(6, 3), ours, applied={"priority": "normal"})
    lowered = look(MINOR, locked, priority="low", comments=[said("/triage severity P3")])
    assert lowered.severity is Severity.P3
    assert lowered.pattern is not None
    assert lowered.pattern.post is None


@pytest.mark.policy("S4-77", "S4-116")
def test_the_draft_names_no_customer_and_a_person_posts_it() -> None:
    customer = {
        "requester": {"name": "Ada Lovelace"},
        "organization": {"name": "Globex"},
        "fields": {"time_zone": "Asia/Tokyo"},
    }
    text = note("Globex here. " + MINOR, known(of(6, 3)), "Globex: blurry logo", area="Invoices", **customer)
    _, draft = text.split(
        "Draft for the status page, that it is being looked into (not sent out), for a person to post:"
    )
    draft, _ = draft.split("\n\n", 1)
    assert "We are looking into reports that something does not work as it should." in draft
    assert "Affected: Invoices" in draft
    assert "The first report reached us at 2026-03-02 09:40 UTC." in draft
    for name in ("Globex", "Ada", "blurry", "JST"):
        assert name not in draft


@pytest.mark.policy("S4-77")
def test_a_growing_count_is_told_in_stages_and_not_at_every_look() -> None:
    before, told = None, []
    for tickets in range(1, 26):
        decision = look(MINOR, known(of(tickets, 3) if tickets > 1 else None, before))
        if before is not None and outcome_hash(decision) != outcome_hash(before):
            told.append(tickets)
        before = decision
    assert told == [2, 3, 6, 12, 24]  # at two, these three customers raise it


def test_a_storm_is_told_once_and_neither_its_end_nor_a_sinking_count_is_news() -> None:
    calm = look(DOWN, known(of(13, 9)))
    storm = look(DOWN, known(of(14, 9, storm=9), calm))
    greater = look(DOWN, known(of(15, 14, storm=14), storm))
    over = look(DOWN, known(of(11, 14), greater))
    assert outcome_hash(calm) != outcome_hash(storm)
    assert outcome_hash(storm) == outcome_hash(greater) == outcome_hash(over)
    assert over.pattern is not None
    assert over.pattern.storm == "14 customers in 20 min"


@pytest.mark.policy("S4-116")
@pytest.mark.parametrize("name", NAMES)
def test_whatever_pages_on_call_is_proposed_as_being_looked_into_and_not_sent_out(name: str) -> None:
    paged, minor = look(DOWN, known(None), under=policy(name)), look(MINOR, known(None), under=policy(name))
    assert paged.page
    assert paged.pattern is not None
    assert paged.pattern.post == Post("investigating", blast=False)
    assert minor.pattern is None


@pytest.mark.policy("S4-116", "S4-117")
@pytest.mark.parametrize(
    "body", ["Somebody else reads our data right now, we were hacked.", "I found an SQL injection."]
)
def test_nothing_about_security_is_proposed_for_a_page_that_everybody_reads(body: str) -> None:
    decision = look(body, known(of(400, 350)))
    assert decision.page
    assert decision.pattern is None or decision.pattern.post is decision.pattern.named is None


@pytest.mark.policy("S4-117")
def test_many_hundreds_of_customers_are_told_what_is_known() -> None:
    few, many = (look(BROKEN, known(of(500, customers))) for customers in (299, 300))
    assert few.pattern is not None
    assert many.pattern is not None
    assert (few.pattern.post, many.pattern.post) == (Post("investigating"), Post("known_issue", blast=True))
    workaround = KnownIssue("SUP-9", workaround="Export one month at a time.")
    text = note(BROKEN, known(of(500, 300), known_issues=(workaround,)))
    assert "what is known of it (and sent out to all customers), for a person to post:" in text
    assert "Until it is solved, this may help: Export one month at a time." in text


@pytest.mark.policy("S4-117")
def test_a_post_for_all_customers_stays_one_when_fewer_count() -> None:
    many = look(BROKEN, known(of(500, 300)))
    fewer = look(BROKEN, known(of(500, 290), many))
    assert outcome_hash(fewer) == outcome_hash(many)


@pytest.mark.policy("S2-90")
def test_the_fifth_customer_takes_an_idea_to_product_with_the_count_and_the_tickets() -> None:
    others = tuple(
        Candidate(Ref("zendesk", "local", str(number)), 0.7, "suggest", rejected="wishes are counted, not linked")
        for number in (11, 12, 13, 14)
    )
    four, five = (known(None, demand=count, candidates=others[: count - 1]) for count in (4, 5))
    assert [look(IDEA, context).destination for context in (four, five)] == ["frontline", "product"]
    assert "product" in look(IDEA, five).notify
    assert "In demand: 5 customers ask for it, also in #11, #12, #13, #14." in note(IDEA, five)
    assert "In demand" not in note(IDEA, four)


@pytest.mark.policy("S2-90")
def test_one_account_of_high_value_is_enough_and_the_note_says_that_it_asks() -> None:
    decision = look(IDEA, known(None), tags=["high-value"])
    assert decision.destination == "product"
    assert "In demand: the account is high_value, and asks for it." in note(IDEA, known(None), tags=["high-value"])


def test_a_growing_demand_makes_no_new_note() -> None:
    five = look(IDEA, known(None, demand=5))
    assert outcome_hash(look(IDEA, known(None, five, demand=6))) == outcome_hash(five)


@pytest.mark.policy("S0-62")
def test_the_newest_tickets_of_the_product_area_stand_in_the_note() -> None:
    around = (Ref("zendesk", "local", "21"), Ref("jira", "acme", "SUP-7"))
    text = note(MINOR, known(None, nearby=around), area="Invoices")
    assert "The newest others in this product area: #21, jira:acme:SUP-7." in text


@pytest.mark.policy("S0-48")
def test_on_call_and_agents_read_how_great_a_storm_is_in_one_line() -> None:
    ticket, context = a_ticket(DOWN, "Checkout page"), known(of(15, 14, storm=14))
    decision = decide(ticket, context, policy(), NOW)
    line = summary(Known(ticket, context, decision, policy()))
    assert line.startswith("P0 Reliability: Checkout page (")
    assert line.endswith("), storm: 14 customers in 20 min")
    assert "\n\nStorm: 14 customers in 20 min.\n\n" in note(DOWN, context, "Checkout page")


@pytest.mark.parametrize(
    ("since", "lately", "words"),
    [
        (NOW, 14, "14 customers in 1 min"),
        (NOW - timedelta(seconds=61), 14, "14 customers in 2 min"),
        (NOW - timedelta(minutes=50), 12, "12 customers in 30 min"),
        (NOW - timedelta(minutes=50), 2, "14 customers in 50 min"),
        (NOW - timedelta(minutes=190), 2, "14 customers in 4 h"),
    ],
)
def test_a_storm_is_told_by_the_time_that_its_customers_took(since: datetime, lately: int, words: str) -> None:
    decision = look(DOWN, known(replace(of(15, 14, storm=lately), first_at=since)))
    assert decision.pattern is not None
    assert decision.pattern.storm == words


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("posts: {en: {investigating: {text: 'Hello {customer}'}}}", "unknown field of a post 'customer'"),
        ("posts: {en: {investigating: {text: A P1 is open}}}", "'P1' is a code of ours"),
        ("ack: {language: fr}\nreplies: {fr: {}}", "rules."),
        ("rules: {patterns: [{name: both, then: {known_issue: true, post: investigating}}]}", "write a rule for each"),
        ("rules: {patterns: [{name: neither, then: {}}]}", "write a rule for each"),
        ("rules: {patterns: [{name: loud, then: {known_issue: true, blast: true}}]}", "blast belongs to a post"),
    ],
)
def test_a_pack_that_could_not_be_said_does_not_load(change: str, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        turned(change)
