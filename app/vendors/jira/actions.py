"""Actions to Jira's requests, in the order they must be sent: fields and labels, the note, the status, the reply. Pure.

Labels are added and removed one by one within one PUT, so nobody's label is lost and nothing needs to be merged.
An issue has no group: ``Route`` is carried by the destination's label, so it counts as done with the PUT and asks for
nothing itself. Status cannot be set by PUT (Jira ignores it there): it is a transition, by the *string* id of one that
is available now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.triage.actions import Action, AddNote, AddTags, RemoveOwnTags, Reply, SetFields, SetPriority, SetStatus
from app.triage.ticket import Ticket
from app.vendors import Write
from app.vendors.jira.markup import note_wiki
from config.settings import JiraAccount

DESK = "/rest/servicedeskapi/"
INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}
"""The comment property by which Jira keeps a comment from a service desk's customers."""


def issue_path(issue: str) -> str:
    """Where an issue is read and written."""
    return f"/rest/api/2/issue/{issue}"


def platform_comment(wiki: str, *, internal: bool = True) -> dict[str, Any]:
    """The body of an issue's comment; a service desk's customers do not see an internal one."""
    return {"body": wiki, "properties": [INTERNAL]} if internal else {"body": wiki}


def writes(
    ticket: Ticket, actions: Sequence[Action], account: JiraAccount
) -> tuple[tuple[Write, ...], dict[Action, str]]:
    """The requests, in order, and the actions that cannot be carried out with the reason and its mend."""
    labels: list[dict[str, str]] = []
    fields: dict[str, Any] = {}
    edits: list[Action] = []
    notes: list[Write] = []
    moves: list[Write] = []
    replies: list[Write] = []
    impossible: dict[Action, str] = {}
    for action in actions:
        reason = ""
        match action:
            case AddNote():
                notes.append(_note(ticket, action))
            case Reply():
                reason = _reply(replies, action, ticket)
            case SetStatus():
                reason = _move(moves, action, ticket)
            case _:
                reason = _edit(labels, fields, action, ticket, account)
                edits += [] if reason else [action]
        if reason:
            impossible[action] = reason
    body: dict[str, Any] = {}
    if labels:
        body["update"] = {"labels": labels}
    if fields:
        body["fields"] = fields
    put = [Write("PUT", issue_path(ticket.ref.id), body, tuple(edits))] if body else []
    return (*put, *notes, *moves, *replies), impossible


def _note(ticket: Ticket, note: AddNote) -> Write:
    """An internal comment: by the service desk's own request where there is one, else by the comment property."""
    wiki = note_wiki(note.text)
    if ticket.native.get("service_desk"):
        return Write("POST", f"{DESK}request/{ticket.ref.id}/comment", {"body": wiki, "public": False}, (note,))
    return Write("POST", f"{issue_path(ticket.ref.id)}/comment", platform_comment(wiki), (note,))


def _reply(replies: list[Write], reply: Reply, ticket: Ticket) -> str:
    """Add the public comment of a customer's request. Returns why nobody would read it."""
    if not ticket.customer_reads:
        return "customers do not read this project: it is no service project"
    path = f"{DESK}request/{ticket.ref.id}/comment"
    replies.append(Write("POST", path, {"body": note_wiki(reply.text), "public": True}, (reply,)))
    return ""


def _move(moves: list[Write], action: SetStatus, ticket: Ticket) -> str:
    """Add the transition to that status, none when the issue is there. Returns why there is none."""
    wanted = action.name.casefold()
    if ticket.status_name.casefold() == wanted:
        return ""
    transition = ticket.native.get("transitions", {}).get(wanted)
    if not transition:
        return f"no move from {ticket.status_name!r} to {action.name!r} is open to our user"
    path = f"{issue_path(ticket.ref.id)}/transitions"
    moves.append(Write("POST", path, {"transition": {"id": transition}}, (action,)))
    return ""


def _edit(
    labels: list[dict[str, str]], fields: dict[str, Any], action: Action, ticket: Ticket, account: JiraAccount
) -> str:
    """Add an action's labels or fields to the PUT. Returns why it cannot be done, empty when it can."""
    match action:
        case AddTags(tags):
            if reason := _uneditable("labels", ticket):
                return reason
            labels += [{"add": label} for label in sorted(_labels(tags) - ticket.tags)]
        case RemoveOwnTags(tags):
            if reason := _uneditable("labels", ticket):
                return reason
            labels += [{"remove": label} for label in sorted(_labels(tags) & ticket.tags)]
        case SetPriority(value):
            if reason := _uneditable("priority", ticket) or _unknown_priority(value, ticket):
                return reason
            fields["priority"] = {"name": value}
        case SetFields(values):
            return _custom_fields(fields, values, ticket, account)
    return ""


def _labels(tags: Sequence[str]) -> set[str]:
    """Tags as labels: a label holds no spaces."""
    return {"-".join(tag.split()) for tag in tags}


def _custom_fields(
    fields: dict[str, Any], values: tuple[tuple[str, str], ...], ticket: Ticket, account: JiraAccount
) -> str:
    wanted: dict[str, Any] = {}
    for name, value in values:
        field_id = account.fields.get(name)
        if field_id is None:
            setting = f"TRIAGE_JIRA__{account.name.upper()}__FIELDS"
            return f'no field id for {name}; give it in {setting}={{"{name}": "customfield_10050"}}'
        if reason := _uneditable(field_id, ticket):
            return reason
        wanted[field_id] = _shaped(value, ticket.native.get("editable", {}).get(field_id, "")) if value else None
    fields.update(wanted)
    return ""


def _unknown_priority(value: str, ticket: Ticket) -> str:
    known: Sequence[str] = ticket.native.get("priorities", ())
    if not known or value.casefold() in map(str.casefold, known):
        return ""
    return f"{value!r} is not among this project's priorities ({', '.join(known)}); mend the policy"


def _uneditable(field_id: str, ticket: Ticket) -> str:
    """Why a field cannot be edited, where Jira told us: one such field would refuse the whole PUT."""
    editable: Mapping[str, str] | None = ticket.native.get("editable")
    if editable is None or field_id in editable:
        return ""
    return f"the field {field_id} is not on the edit screen of this project; put it there"


def _shaped(value: str, kind: str) -> Any:
    """A field's value in the shape its kind asks for; text where Jira did not tell the kind."""
    match kind:
        case "option":
            return {"value": value}
        case "array/option":
            return [{"value": value}]
        case "array/string":
            return [value]
        case "number" if value.isdecimal():
            return int(value)
    return value
