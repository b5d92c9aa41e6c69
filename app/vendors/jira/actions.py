"""Actions to Jira's requests. Pure.

Their order: fields and labels in one PUT, the note, links, watchers and the assignee, the status, the reply.
Labels are added and removed one by one within that PUT, so nobody's label is lost and nothing needs to be merged.
An issue has no group: ``Route`` is carried by the destination's label, so it counts as done with the PUT and asks for
nothing itself. Status cannot be set by PUT (Jira ignores it there): it is a transition, by the *string* id of one that
is available now. People are named by their id and never searched for: the library's own search takes the first of
several who match, who may be somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Reply,
    SetFields,
    SetPriority,
    SetStatus,
    SetType,
    Unassign,
    Unlink,
)
from app.triage.ticket import Ticket
from app.vendors import Write
from app.vendors.jira.markup import note_wiki
from app.vendors.jira.values import INTERNAL, person, shaped
from app.vendors.jira.values import labels as as_labels
from config.accounts import JiraAccount

DESK = "/rest/servicedeskapi/"
LINKS = "/rest/api/2/issueLink"
TRANSITIONS = "/transitions"
LINK_TYPES = {"duplicate": "Duplicate", "incident": "Relates", "relates": "Relates"}
"""The link types that every Jira has, by relation. Nothing ships by which an issue is one incident of another."""


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
    others: list[Write] = []
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
            case Link() | Unlink():
                reason = _link(others, action, ticket)
            case AddFollowers():
                others += _watchers(action, ticket)
            case Assign() | Unassign():
                others += _assignee(action, ticket, account)
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
    return (*put, *notes, *others, *moves, *replies), impossible


def _link(links: list[Write], link: Link | Unlink, ticket: Ticket) -> str:
    """Add the request that links the two issues, none where they are. Returns why they cannot be linked.

    A link is deleted by its own id, which the issue shows ("Delete issue link").

    ``inwardIssue`` is the one that has the outward words: "will create a link from the first issue to the second issue
    using the outward description" (Data Center's reference of ``issueLink``; the Cloud's calls it otherwise, and does
    the same). So the repetition is the inward issue and "duplicates" the outward one. The same request again makes no
    second link, but would add its comment again: there is never one in it.
    """
    if isinstance(link, Unlink):
        link_id = ticket.native.get("links", {}).get((link.relation, link.to.id))
        links += [Write("DELETE", f"{LINKS}/{link_id}", None, (link,), aside=True)] if link_id else []
        return ""
    if (link.to.vendor, link.to.account) != (ticket.ref.vendor, ticket.ref.account):
        return f"{link.to} is not an issue of this Jira site; a ticket elsewhere is shown by a remote link"
    if (link.relation, link.to) in ticket.links or (
        link.relation == "incident" and ("relates", link.to) in ticket.links
    ):
        return ""
    body = {
        "type": {"name": LINK_TYPES[link.relation]},
        "inwardIssue": {"key": ticket.ref.id},
        "outwardIssue": {"key": link.to.id},
    }
    links.append(Write("POST", LINKS, body, (link,), aside=True))
    return ""


def _watchers(add: AddFollowers, ticket: Ticket) -> list[Write]:
    """One request a person, whose body is the bare id as a JSON string. Adding somebody again changes nothing, so the
    action counts as sent with the last of them: what breaks off before that is sent again whole."""
    missing = [one for one in add.people if one not in ticket.followers]
    path = f"{issue_path(ticket.ref.id)}/watchers"
    return [Write("POST", path, one, (add,) if one == missing[-1] else (), aside=True) for one in missing]


def _assignee(action: Assign | Unassign, ticket: Ticket, account: JiraAccount) -> list[Write]:
    """A request of its own, none where it is done or somebody else than the one meant holds the issue by now: a person
    whom Jira refuses ("cannot be assigned issues") would take the whole PUT with them."""
    if (ticket.assignee == action.agent) is not isinstance(action, Unassign):
        return []
    body: dict[str, str | None] = dict(person(action.agent, account.deployment))
    if isinstance(action, Unassign):
        body = dict.fromkeys(body)
    return [Write("PUT", f"{issue_path(ticket.ref.id)}/assignee", body, (action,), aside=True)]


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
    """Add the transition to the first status to which there is one, none when the issue is there. Returns why there is
    none. A workflow may ask for more than we can tell (a resolution): a clock's move is then left to people."""
    if ticket.status_name.casefold() in map(str.casefold, action.names):
        return ""
    open_ones = ticket.native.get("transitions", {})
    transition = next((open_ones[name.casefold()] for name in action.names if name.casefold() in open_ones), "")
    if not transition:
        names = " or ".join(map(repr, action.names))
        return f"no move from {ticket.status_name!r} to {names} is open to our user"
    body, found = {"transition": {"id": transition}}, ticket.status_name if action.step else ""
    path = f"{issue_path(ticket.ref.id)}{TRANSITIONS}"
    moves.append(Write("POST", path, body, (action,), aside=bool(action.step), found=found))
    return ""


def _edit(
    labels: list[dict[str, str]], fields: dict[str, Any], action: Action, ticket: Ticket, account: JiraAccount
) -> str:
    """Add an action's labels or fields to the PUT. Returns why it cannot be done, empty when it can."""
    match action:
        case AddTags(tags):
            if reason := _uneditable("labels", ticket):
                return reason
            labels += [{"add": label} for label in sorted(as_labels(tags) - ticket.tags)]
        case RemoveOwnTags(tags):
            if reason := _uneditable("labels", ticket):
                return reason
            labels += [{"remove": label} for label in sorted(as_labels(tags) & ticket.tags)]
        case SetPriority(value):
            if reason := _uneditable("priority", ticket) or _unknown_priority(value, ticket):
                return reason
            fields["priority"] = {"name": value}
        case SetType():
            return "an issue's type is a matter of its project, and is left to people"
        case SetFields(values):
            return _custom_fields(fields, values, ticket, account)
    return ""


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
        wanted[field_id] = shaped(value, ticket.native.get("editable", {}).get(field_id, "")) if value else None
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
