"""From a customer's message to the note in the ticket, with nothing in between replaced."""

from __future__ import annotations

import re

import pytest
import requests

from tests.e2e import specs
from tests.e2e.installation import Installation

OUTAGE = ("Everything is down", "Since 9:00 the whole service is down for all users. There is no workaround.")
QUESTION = ("Time zone", "Hello, how do I change the time zone of my profile? Where is that setting? Thank you, Ada")


@pytest.mark.policy("U-03", "U-04", "U-05", "U-07", "U-08", "U-09", "S2-80", "S2-112")
def test_a_zendesk_ticket_comes_out_labelled_rated_tagged_routed_and_noted(running: Installation) -> None:
    ref = running.customer_writes("zendesk", *OUTAGE, tags=["vip"], organization="Kestrel Mutual Bank")
    decision = running.wait_until_decided(ref)
    ticket = running.at_vendor(ref)
    assert (decision["severity"], decision["level"], decision["page"]) == ("P0", "L2", True)
    assert ticket["priority"] == "urgent"
    assert {"vip", "sev-p0", f"label-{decision['label'].lower()}", "escalate-l2"} <= set(ticket["tags"])
    assert ticket["group_id"] is not None
    values = {field["id"]: field["value"] for field in ticket["custom_fields"]}
    assert {"P0", decision["label"]} <= {str(value) for value in values.values()}
    (note,) = running.notes(ref)
    assert note["public"] is False
    assert "down for all users" in note["body"]
    assert f"policy unified 2, U-11 ({decision['policy_digest']})" in note["body"]


@pytest.mark.parametrize("project", ["SUP", "ENG"])
@pytest.mark.policy("U-03", "U-04", "U-05", "U-08", "U-09", "S2-112")
def test_a_jira_issue_comes_out_labelled_rated_and_noted_internally(running: Installation, project: str) -> None:
    ref = running.customer_writes("jira", *QUESTION, project=project, labels=["vip"])
    decision = running.wait_until_decided(ref)
    fields = running.at_vendor(ref)["rendered"]["fields"]
    assert (decision["label"], decision["severity"]) == ("Guidance", "P3")
    assert {"vip", "label-guidance", "sev-p3"} <= set(fields["labels"])
    assert fields["priority"]["name"] == "Low"
    assert fields["customfield_10051"] == "Guidance"
    if project == "SUP":
        assert fields["status"]["name"] == "Triaged"
    (note,) = running.notes(ref)
    if project == "SUP":  # a service project, whose customers read public comments
        assert note["public"] is False
    else:
        assert note["properties"]["sd.public.comment"] == {"internal": True}


def test_our_own_writes_come_back_as_webhooks_and_change_nothing(running: Installation) -> None:
    ref = running.customer_writes("zendesk", *QUESTION)
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    writes = [w for w in running.control("GET", "/writes") if w["path"].split(".")[0].endswith(f"/{ref.id}")]
    assert len(writes) == 2
    assert len(running.store.history(ref)) == 1


def test_a_ticket_costs_two_reads_and_two_writes_and_an_issue_one_read_and_four(running: Installation) -> None:
    wanted = {
        "zendesk": ["GET", "GET", "PUT", "PUT"],  # everything, the answer
        "jira": ["GET", "PUT", "POST", "POST", "POST"],  # fields, note, move to "Triaged", answer
    }
    for vendor, calls in wanted.items():
        ref = running.customer_writes(vendor, *QUESTION)
        running.wait_until_decided(ref)
        running.wait_until_quiet()
        asked = [r for r in running.control("GET", "/requests") if f"/{ref.id}" in r["path"].replace(".json", "/")]
        assert [request["method"] for request in asked] == calls


@pytest.mark.policy("S0-69", "S0-72")
@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_a_customer_is_answered_once_in_public_and_not_again(running: Installation, vendor: str) -> None:
    where = "/zendesk/tickets" if vendor == "zendesk" else "/jira/issues"
    ref = running.customer_writes(vendor, *QUESTION)
    running.wait_until_decided(ref)
    running.control("POST", f"{where}/{ref.id}/comments", {"by": "customer", "body": "Thank you! Any news yet?"})
    running.wait_until_quiet()
    (answer,) = running.answers(ref)
    assert "Thank you for your question." in answer["body"]
    assert not re.search(r"\bP[0-4]\b|Firstline|label-|\{", answer["body"]), "no code of ours, no open field"
    (told,) = [effect for effect in running.store.effects_of(ref) if effect.kind == "reply"]
    assert (told.state, told.action["reason"]) == ("confirmed", "ack")


SILENCED = {
    "an automatic reply": (
        "Automatic reply: your invoice",
        "I am out of the office until Monday, with no access to mail.",
    ),
    "a bounce": (
        "Undeliverable: your message",
        "Your message could not be delivered: mailbox full. This is an automatic reply.",
    ),
    "advertising": ("Grow your business", "We offer SEO services and guest posts; rank on the first page of Google!"),
}


@pytest.mark.parametrize("text", SILENCED.values(), ids=SILENCED)
@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_nobody_who_did_not_ask_is_answered(running: Installation, vendor: str, text: tuple[str, str]) -> None:
    ref = running.customer_writes(vendor, *text)
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    assert running.answers(ref) == []
    assert len(running.notes(ref)) == 1


def test_colleagues_in_a_project_without_customers_are_not_answered(running: Installation) -> None:
    ref = running.customer_writes("jira", *QUESTION, project="ENG")
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    assert len(running.at_vendor(ref)["comments"]) == 1, "our note"


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_an_agent_who_was_quicker_is_not_talked_over(running: Installation, vendor: str) -> None:
    where = "/zendesk/tickets" if vendor == "zendesk" else "/jira/issues"
    running.control("POST", "/webhooks", {"paused": True})
    ref = running.customer_writes(vendor, *QUESTION)
    running.control("POST", f"{where}/{ref.id}/comments", {"by": "agent", "body": "In your profile, under Region."})
    running.control("POST", "/webhooks", {"paused": False, "release": True})
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    assert running.answers(ref) == []


@pytest.mark.policy("U-05", "S0-76")
def test_a_later_message_raises_the_severity_and_replaces_our_tags_only(running: Installation) -> None:
    ref = running.customer_writes("zendesk", "Slow page", "The report page is a bit slow today.", tags=["mine"])
    first = running.wait_until_decided(ref)
    running.control(
        "POST", f"/zendesk/tickets/{ref.id}/comments", {"by": "customer", "body": f"{OUTAGE[0]} now! {OUTAGE[1]}"}
    )
    running.wait_until(lambda: len(running.store.history(ref)) == 2, "the later message is decided")
    running.wait_until_quiet()
    second = running.decided(ref)
    assert second is not None
    assert second["severity"] < first["severity"]
    tags = set(running.at_vendor(ref)["tags"])
    assert {"mine", "sev-p0"} <= tags
    assert f"sev-{first['severity'].lower()}" not in tags
    assert len(running.notes(ref)) == 2


def test_a_priority_that_an_agent_set_is_never_lowered(running: Installation) -> None:
    ref = running.customer_writes("zendesk", *QUESTION)
    running.wait_until_decided(ref)
    running.control(
        "POST", f"/zendesk/tickets/{ref.id}/edit", {"priority": "urgent", "remove_tags": ["label-guidance"]}
    )
    running.control("POST", f"/zendesk/tickets/{ref.id}/comments", {"by": "customer", "body": "Any news?"})
    running.wait_until_quiet()
    ticket = running.at_vendor(ref)
    assert ticket["priority"] == "urgent"
    assert "label-guidance" not in ticket["tags"]


def test_a_webhook_of_a_trigger_with_an_admins_own_body_works_too(running: Installation) -> None:
    running.control("POST", "/zendesk/trigger", {"body": '{"ticket_id": "{{ticket.id}}", "event": "changed"}'})
    ref = running.customer_writes("zendesk", *QUESTION)
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    assert len(running.notes(ref)) == 1


def test_a_data_center_comment_without_user_and_issue_finds_its_ticket(running: Installation) -> None:
    ref = running.customer_writes("jira", "Slow page", "The report page is a bit slow today.")
    running.wait_until_decided(ref)
    running.wait_until_quiet()
    running.control("POST", "/settings", {"jira_webhook_shape": "server"})
    try:
        running.control("POST", f"/jira/issues/{ref.id}/comments", {"by": "customer", "body": " ".join(OUTAGE)})
        running.wait_until(lambda: len(running.store.history(ref)) == 2, "the comment is decided under the issue's key")
    finally:
        running.control("POST", "/settings", {"jira_webhook_shape": "cloud"})


def test_the_installation_says_that_it_is_ready_and_counts_what_it_did(running: Installation) -> None:
    ref = running.customer_writes("zendesk", *QUESTION)
    running.wait_until_decided(ref)
    ready = running.wait_until(
        lambda: (r := requests.get(f"{running.web}/readyz", timeout=5)).status_code == 200 and r.json(), "ready"
    )
    modes = {"mode zendesk:sandbox", "mode jira:sandbox"}
    accounts = {"zendesk:sandbox", "jira:sandbox"}
    trackers = {f"known issues {name}" for name in accounts}
    named = {"store", "broker", "worker", "coverage", "on-call", *accounts, *modes, *trackers}
    assert named == set(ready["checks"])
    assert ready["checks"]["coverage"]["changes_known_until"].keys() == accounts
    assert all(ready["checks"]["coverage"]["changes_known_until"].values())
    assert {ready["checks"][name]["mode"] for name in modes} == {"auto"}
    text = requests.get(f"{running.web}/metrics", timeout=5).text
    for sample in (
        'triage_deliveries_total{outcome="accepted",vendor="zendesk"}',
        'triage_decisions_total{label="Guidance",severity="P3",vendor="zendesk"}',
        'triage_effects_total{kind="add_note",state="confirmed",vendor="zendesk"}',
        'triage_stage_seconds_count{stage="fetch"}',
        "triage_parked 0.0",
        "triage_uncovered_tickets 0.0",
    ):
        assert sample in text, sample
    page = requests.get(running.web, timeout=5).text
    assert str(ref) in page
    assert "Guidance" in page


def test_no_log_line_holds_what_a_customer_wrote_or_a_secret(running: Installation) -> None:
    planted = "Quetzalcoatl-4711"
    ref = running.customer_writes("zendesk", f"About {planted}", f"{planted} is broken", requester=f"{planted} Person")
    running.wait_until_decided(ref)
    logs = running.logs()
    assert planted not in logs
    assert not [secret for secret in ("zendesk-secret", "jira-secret", running.broker.url) if secret in logs]


def test_every_request_of_this_module_fits_the_vendors_descriptions(running: Installation) -> None:
    journal = [entry for entry in running.control("GET", "/requests") if entry["who"]]
    assert {entry["vendor"] for entry in journal} == {"zendesk", "jira"}
    assert specs.problems(journal) == []
    calls = [entry for entry in journal if entry["vendor"] == "zendesk"]
    assert all(entry["method"] in ("GET", "PUT") for entry in calls)
