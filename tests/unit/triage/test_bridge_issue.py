"""What engineering's issue says, and what a person is asked to file where we may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.triage import bridge, bridge_issue
from app.triage.bridge import LinkedIssue
from app.triage.decision import Context
from app.triage.engine import plan
from app.triage.fields import Known
from app.triage.layers import PolicyError
from app.triage.marks import nudge_line
from app.triage.policy import Policy
from app.triage.ticket import Change, Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket, laid_over
from tests.unit.triage.test_forms import REPORT, known

URL = "https://acme.zendesk.com/agent/tickets/1"
MAY = Context(engineering="dev")


def sent_on(policy: Policy, body: str = REPORT, **more: Any) -> Known:
    """A ticket that a colleague sent to engineering."""
    return known(
        policy, body, **{"context": MAY, "subject": "Export fails", "tags": frozenset({"Escalate-L3"}), **more}
    )


def made(found: Known) -> bridge.NewIssue:
    rule = bridge_issue.chosen(found)
    assert rule is not None
    return bridge_issue.issue(rule, found, URL)


@pytest.mark.policy("S3-14")
def test_an_issue_holds_the_form_with_its_score_the_reasons_and_the_way_back(policy: Policy) -> None:
    issue = made(sent_on(policy, attachments=("log.txt", "evil\n- [x] name")))
    paragraphs = issue.text.split("\n\n")
    assert paragraphs[0].startswith(f"Zendesk ticket 1: {URL}\n")
    assert paragraphs[0].endswith("· L3 · Acme (Enterprise)")
    assert "% of what is needed):" in issue.text
    assert "1. Open Reports" in issue.text
    assert "Why:\n- " in issue.text
    assert "Attached to the ticket:\n> log.txt, evil - [x] name" in issue.text
    assert "begins with #support" in paragraphs[-1]
    assert issue.marker == "zendesk-acme-1"
    assert issue.priority == policy.pack.priority["jira"][str(sent_on(policy).decision.severity)]


@pytest.mark.policy("S3-14")
def test_the_component_follows_the_product_area_whatever_its_case() -> None:
    policy = laid_over("bridge: {project: ENG, components: {Reports: Reporting}}")
    assert made(sent_on(policy, fields={"area": "reports"})).components == ("Reporting",)
    assert made(sent_on(policy, fields={"area": "login"})).components == ()


def test_a_rule_s_own_project_type_component_and_labels_come_before_the_pack_s() -> None:
    policy = laid_over(
        "bridge: {project: ENG, components: {reports: Reporting}}\n"
        "rules:\n  issues:\n    - {name: api, when: {level: [L3], area: [reports]}, "
        "then: {project: API, issue_type: Incident, component: Core, labels: [api]}}\n"
    )
    issue = made(sent_on(policy, fields={"area": "reports"}))
    assert (issue.project, issue.issue_type, issue.components) == ("API", "Incident", ("Core",))
    assert issue.labels == ("firstline", "api")
    assert made(sent_on(policy)).project == "ENG"


@pytest.mark.parametrize(
    ("subject", "summary"),
    [("  Two\nlines\x07 here ", "Two lines here"), ("x" * 300, "x" * 199 + "…"), ("", "Hm.")],
)
def test_the_summary_is_the_subject_on_one_line(policy: Policy, subject: str, summary: str) -> None:
    assert made(sent_on(policy, "Hm.", subject=subject)).summary == summary


@pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
def test_a_ticket_that_is_over_gets_no_issue(policy: Policy, status: Status) -> None:
    assert bridge_issue.chosen(sent_on(policy, status=status)) is None


def test_a_jira_issue_gets_no_issue(policy: Policy) -> None:
    assert bridge_issue.chosen(sent_on(policy, ref=Ref("jira", "acme", "SUP-1"))) is None


@pytest.mark.parametrize(
    ("name", "key"), [("ENG-7", "ENG-7"), ("ENG-7-slow-export", ""), ("123-slow", ""), ("eng-7", ""), ("", "")]
)
def test_only_a_known_issue_named_by_a_key_is_an_issue_of_jira(policy: Policy, name: str, key: str) -> None:
    found = bridge_issue.known_issue(sent_on(policy, decided={"known_issue": name or None}))
    assert (found.id if found else "") == key


def test_where_nothing_may_be_made_the_note_asks_a_person_to_file_it() -> None:
    policy = laid_over("bridge: {project: ENG, components: {reports: Reporting}}")
    found = sent_on(policy, context=Context(), fields={"area": "reports"})
    said = "For engineering, please file a Bug in ENG, component Reporting:\n> Export fails"
    assert bridge_issue.proposal(found) == said
    (note,) = (one.text for one in plan(found.ticket, found.decision, found.context, policy) if hasattr(one, "text"))
    assert said in note
    assert bridge_issue.proposal(sent_on(policy)) == ""


@pytest.mark.parametrize("wrong", ["project: eng", "project: E N G", "support_mark: x", "colour: red"])
def test_a_bridge_that_cannot_be_does_not_load(wrong: str) -> None:
    with pytest.raises(PolicyError):
        laid_over(f"bridge: {{{wrong}}}")


def an_issue(*said: tuple[Speaker, str], **more: Any) -> Ticket:
    comments = [(speaker, text) for speaker, text in said]
    return a_ticket("x", "x", comments, ref=Ref("jira", "dev", "ENG-1"), **more)


def test_only_what_engineers_mark_for_support_comes_back() -> None:
    issue = an_issue(
        (Speaker.AGENT, "  #Support: tell them it is a full disk"),
        (Speaker.AGENT, "#support"),
        (Speaker.AGENT, "no #support here"),
        (Speaker.CUSTOMER, "#support me"),
        (Speaker.WORKER, "#support\n\nFirstline note 0123456789ab"),
    )
    assert [one.body for one in bridge.shown_by(issue, "#support", "us").comments] == [
        "tell them it is a full disk",
        "",
    ]


def test_a_resolution_counts_only_while_the_issue_is_done() -> None:
    issue = an_issue(status=Status.OPEN, status_name="Reopened", resolution="Fixed", fix_versions=("2.4",))
    assert (bridge.shown_by(issue, "#s", "us").done, bridge.shown_by(issue, "#s", "us").resolution) == (False, "")
    done = bridge.shown_by(replace(issue, status=Status.SOLVED), "#s", "us")
    assert (done.done, done.resolution, done.fix_versions) == (True, "Fixed", ("2.4",))


def test_engineering_is_heard_by_what_people_do_who_are_not_us() -> None:
    minutes = [NOW + timedelta(minutes=number) for number in range(9)]
    changes = (
        Change(minutes[0], "us", "assignee", "", "eng"),
        Change(minutes[1], "", "status", "To Do", "In Progress", Status.OPEN),
        Change(minutes[2], "eng", "priority", "High", "Low"),
        Change(minutes[3], "eng", "assignee", "eng", ""),
        Change(minutes[4], "eng", "assignee", "", "eng"),
        Change(minutes[5], "eng", "status", "In Progress", "In Review", Status.OPEN),
    )
    said = (
        Comment("1", Speaker.AGENT, "mine", minutes[6], public=False, author_id="eng"),
        Comment("2", Speaker.AGENT, "by our account's user, by hand", minutes[7], public=False, author_id="us"),
        Comment("3", Speaker.WORKER, f"x\n\n{nudge_line(['0123456789ab'])}", minutes[8], False, "us"),
    )
    shown = bridge.shown_by(replace(an_issue(), history=changes, comments=said), "#support", "us")
    assert shown.heard == tuple(minutes[4:7])
    assert shown.nudges == (bridge.Nudge(minutes[8], ("0123456789ab",)),)


def test_a_ticket_waits_for_an_issue_that_was_opened_again_from_then_on() -> None:
    minutes = [NOW + timedelta(minutes=number) for number in range(4)]
    done, again = (Status.SOLVED, Status.CLOSED), (Status.NEW, Status.OPEN)
    changes = tuple(
        Change(at, "eng", "status", "x", "y", status)
        for at, status in zip(minutes, (done[0], again[0], done[1], again[1]), strict=True)
    )
    hung = replace(bridge.shown_by(replace(an_issue(), history=changes), "#support", "us"), since=NOW)
    assert hung.waits_since == minutes[3]
    never = bridge.shown_by(replace(an_issue(), history=changes[:1]), "#support", "us")
    assert never.waits_since is None, "no ticket hangs on it"
    assert replace(never, since=NOW).waits_since == NOW


def test_of_very_much_that_engineering_did_the_first_and_the_newest_are_kept() -> None:
    happened = tuple(
        Change(NOW + timedelta(hours=number), "eng", "assignee", "", f"e{number}") for number in range(200)
    )
    heard = bridge.shown_by(replace(an_issue(), history=happened), "#support", "us").heard
    assert len(heard) == 50
    assert heard[0] == NOW
    assert heard[-49:] == tuple(one.at for one in happened[-49:])


def test_what_was_read_of_an_issue_survives_the_store() -> None:
    read = an_issue((Speaker.AGENT, "#support yes"), status=Status.SOLVED, status_name="Done")
    asked = Comment("9", Speaker.WORKER, nudge_line(["0123456789ab"]), NOW, public=False, author_id="us")
    issue = bridge.shown_by(replace(read, comments=(*read.comments, asked)), "#support", "us")
    issue = replace(issue, reopened=NOW)
    assert issue.heard
    assert issue.nudges
    kept = replace(issue, kind="backlog", url="https://x", at=NOW, left_out={"priority": "no such"}, gone=True)
    again = bridge.from_json(kept.ref, kept.kind, bridge.to_json(kept), NOW)
    assert replace(again, comments=()) == replace(kept, comments=(), since=NOW)
    assert [one.body for one in again.comments] == ["yes"]
    assert bridge.from_json(kept.ref, "", {}) == LinkedIssue(kept.ref, "")
