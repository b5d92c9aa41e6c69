"""What is done before what: known issues and duplicates are looked up before routing, severity before escalation."""

from __future__ import annotations

import pytest

from app.triage.actions import AddNote, AddTags, Route
from app.triage.decision import Context, KnownIssue
from app.triage.engine import decide, examine, plan
from app.triage.note import render
from app.triage.ticket import Ref
from tests.policy.conftest import NAMES, NOTHING_KNOWN, NOW, a_ticket, decided, policy

FAULT = "The calendar shows an error when I press save."
UNCHECKED = [
    pytest.param(Context(similar=None), id="duplicates not looked up"),
    pytest.param(Context(known_issues=None), id="known issues not looked up"),
    pytest.param(Context(similar=None, known_issues=None), id="nothing looked up"),
]


@pytest.mark.policy("S0-59", "S0-79", "S2-76", "S4-53")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("context", UNCHECKED)
def test_nothing_is_routed_before_both_checks_are_recorded(name: str, context: Context) -> None:
    ticket, chosen = a_ticket(FAULT), policy(name)
    decision = decide(ticket, context, chosen, NOW)
    assert decision.destination == ""
    assert "not recorded" in decision.checks.values()
    assert "routing-waits-for-checks" in decision.rules
    assert not any(isinstance(action, Route) for action in plan(ticket, decision, context, chosen))


@pytest.mark.policy("S0-79", "S4-53")
@pytest.mark.parametrize("context", UNCHECKED)
def test_an_escalation_waits_for_the_checks_with_its_queue_too(context: Context) -> None:
    assert decided(FAULT, tags=["Escalate-L3"], context=context).destination == ""


@pytest.mark.policy("S0-59", "S0-79", "S2-76")
def test_both_checks_are_recorded_with_what_they_found() -> None:
    found = Context(similar=(Ref("zendesk", "acme", "7"),), known_issues=(KnownIssue("SUP-9"), KnownIssue("SUP-10")))
    decision = decided(FAULT, context=found)
    assert decision.checks == {"duplicates": "1 similar", "known_issues": "SUP-9; SUP-10"}
    assert decision.destination
    assert "Checked: duplicates (1 similar), known issues (SUP-9; SUP-10)." in render(decision, policy())


@pytest.mark.policy("S0-59", "S3-28", "S2-77")
@pytest.mark.parametrize("name", NAMES)
def test_label_then_severity_then_route_then_escalation(name: str) -> None:
    stages = examine(a_ticket(FAULT), NOTHING_KNOWN, policy(name), NOW)[1]
    names = [stage.name for stage in stages]
    assert names[:5] == ["labels", "severity", "upgrades", "routes", "escalations"]
    known = {stage.name: stage.seen for stage in stages}
    assert known["severity"].label is not None
    assert known["routes"].severity is not None
    assert known["escalations"].severity is not None
    assert known["tags"].level is not None


@pytest.mark.policy("S0-59")
def test_the_label_is_found_before_the_look_ups_and_the_severity_after_them() -> None:
    master = Ref("zendesk", "acme", "7")
    found = Context(similar=(master,), duplicate_of=master, organizations=3, known_issues=(KnownIssue("SUP-9"),))
    known = {stage.name: stage.seen.context for stage in examine(a_ticket(FAULT), found, policy(), NOW)[1]}
    label = known["labels"]
    assert (label.similar, label.duplicate_of, label.organizations, label.known_issues) == ((), None, 1, ())
    for stage in ("severity", "upgrades", "routes", "escalations"):
        assert known[stage] is found


@pytest.mark.policy("S3-28")
def test_an_escalation_is_never_written_without_the_assessment() -> None:
    ticket = a_ticket("The whole platform is down for all of our users.")
    planned = plan(ticket, decide(ticket, NOTHING_KNOWN, policy(), NOW), NOTHING_KNOWN, policy())
    (tags,) = (action.tags for action in planned if isinstance(action, AddTags))
    (note,) = (action.text for action in planned if isinstance(action, AddNote))
    assert {"Escalate-L2", "sev-p0"} <= set(tags)
    assert note.startswith("P0 · Reliability")
