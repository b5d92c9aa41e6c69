"""What a ticket is told once its known issue is fixed, and how it hangs on a problem ticket that is one (S4-59)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import AddNote, Link
from app.triage.bridge import LinkedIssue
from app.triage.commands import Orders
from app.triage.decision import Context, KnownIssue
from app.triage.duplicates.links import linking
from app.triage.engine import decide
from app.triage.fields import Known
from app.triage.known_issues import news
from app.triage.layers import PolicyError
from app.triage.policy import Policy
from app.triage.ticket import Ref, Speaker, Status
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

FIXED = KnownIssue("123-slow-export", tag="123-slow-export", entry=4, fixed_in="4.2", url="https://forum.example/1")
PROBLEM = KnownIssue("35-login-fails", tag="35-login-fails", ref=Ref("zendesk", "acme", "35"))
REPLY = """
known_issues:
  fixed_reply:
    en: "What you told us of is mended.\\n\\nIt is in version {fixed_in}."
    de: "Was Sie gemeldet haben, ist behoben."
"""


def known(policy: Policy, context: Context, comments: Sequence[Any] = (), **more: Any) -> Known:
    ticket = a_ticket("The export is slow.", comments=comments, **more)
    return Known(ticket, context, decide(ticket, context, policy, NOW), policy)


def notes(policy: Policy, context: Context, comments: Sequence[Any] = (), **more: Any) -> list[AddNote]:
    return list(news.fixed(known(policy, context, comments, **more)))


@pytest.mark.policy("S4-59")
def test_a_fixed_one_is_told_once_and_a_later_version_once_more(policy: Policy) -> None:
    (note,) = notes(policy, Context(fixed=(FIXED,)))
    assert "The known issue 123-slow-export is fixed in 4.2: https://forum.example/1" in note.text
    assert notes(policy, Context(fixed=(FIXED,)), [(Speaker.WORKER, note.text)]) == []
    assert notes(policy, Context(fixed=(FIXED,)), [(Speaker.AGENT, note.text)]) == [note], "somebody quoted it"
    (other,) = notes(policy, Context(fixed=(replace(FIXED, fixed_in="4.3"),)), [(Speaker.WORKER, note.text)])
    assert "4.3" in other.text
    (bare,) = notes(policy, Context(fixed=(replace(FIXED, fixed_in="", url=""),)))
    assert "123-slow-export is fixed\n" in bare.text


def test_nothing_is_told_twice_by_the_bridge_nor_on_a_closed_ticket(policy: Policy) -> None:
    ref = Ref("jira", "acme", "ENG-7")
    hangs = Context(fixed=(replace(FIXED, ref=ref),), linked=(LinkedIssue(ref, "known_issue", done=True),))
    assert notes(policy, hangs) == []
    assert notes(policy, Context(fixed=(FIXED,)), status=Status.CLOSED) == []


def test_the_policy_may_have_a_reply_for_people_to_send() -> None:
    own = laid_over(REPLY)
    (note,) = notes(own, Context(fixed=(FIXED,)))
    assert "for you to send:\n> What you told us of is mended.\n> \n> It is in version 4.2." in note.text
    (german,) = notes(own, Context(fixed=(FIXED,)), language="de-DE")
    assert "> Was Sie gemeldet haben" in german.text
    (bare,) = notes(own, Context(fixed=(replace(FIXED, fixed_in=""),)))
    assert "version" not in bare.text
    (unread,) = notes(own, Context(fixed=(FIXED,)), customer_reads=False)
    assert "for you to send" not in unread.text
    with pytest.raises(PolicyError, match=r"there is .fixed_in"):
        laid_over(REPLY.replace("{fixed_in}", "{version}"))


def links(policy: Policy, context: Context, **more: Any) -> list[Any]:
    one = known(policy, context, **more)
    return list(linking(one.ticket, one.decision, context, Orders()))


def test_a_ticket_becomes_an_incident_of_the_problem_that_is_its_known_issue(policy: Policy) -> None:
    context = Context(known_issues=(PROBLEM,))
    assert links(policy, context) == [Link(Ref("zendesk", "acme", "35"), "incident")]
    assert links(policy, context, status=Status.CLOSED) == []
    assert links(policy, context, ref=Ref("zendesk", "other", "1")) == []
    assert links(policy, context, type="task") == []
    assert links(policy, context, links=frozenset({("incident", Ref("zendesk", "acme", "9"))})) == []
    assert links(policy, Context(known_issues=(replace(PROBLEM, ref=None),))) == []
    removed = replace(context, applied={"link:incident:zendesk:acme:35": "linked"})
    assert links(policy, removed) == [], "a person took it off"
