"""The other side of the desk: customers who write and agents who edit. The seeds and the control API go through here.

Given and returned are small plain objects, the same for both vendors where they can be:

    create  {"subject", "body", "requester": "Name" or {"name", "email"}, "organization", "tags", "priority", ...}
    comment {"body", "by": "customer" or "agent", "public"}; of a customer on a closed ticket: a follow-up (Zendesk)
    edit    {"tags", "add_tags", "remove_tags", "priority", "group", "assignee", "status", "subject"}, as an agent;
            at Jira "duplicates" too, the key of an issue or empty
"""

from __future__ import annotations

from typing import Any

from app.sandbox import people
from app.sandbox.jira import catalog
from app.sandbox.jira.edits import Edit
from app.sandbox.jira.records import Issue, User
from app.sandbox.jira.site import Site
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.parameters import Parameters
from app.sandbox.zendesk.records import Record

Given = dict[str, Any]
AGENT = people.AGENTS[0]


def zendesk_create(account: Account, given: Given) -> Record:
    """A customer writes in. ``channel`` is email, web or another."""
    records = account.records
    with records.lock:
        name, email = _person(given)
        customer = records.customer(name, email, given.get("organization", ""), given.get("locale", "en-US"))
        wanted: Given = {name: given[name] for name in ("subject", "priority", "type", "tags") if name in given}
        public = {"public": given["public"]} if "public" in given else {}
        if "follow_up_of" in given:
            wanted["via_followup_source_id"] = given["follow_up_of"]
        parameters = Parameters({**wanted, "comment": {"body": given["body"], **public}}, records, creating=True)
        parameters.values["comment"]["attachments"] = given.get("attachments", [])
        source: Given = {"from": {"address": customer["email"], "name": name}, "to": {}, "rel": None}
        via: Given = {"channel": given.get("channel", "email"), "source": source}
        return account.tickets.create(parameters, customer, via)[0]


def zendesk_comment(account: Account, ticket_id: int, given: Given) -> Record:
    """The requester writes again, or an agent answers (``by`` may also be an agent's address)."""
    records = account.records
    with records.lock:
        ticket = records.ticket(ticket_id)
        by_customer = given.get("by", "customer") == "customer"
        author = records.users[ticket["requester_id"]] if by_customer else _zendesk_agent(account, given)
        if by_customer and ticket["status"] == "closed":
            person = {"name": author["name"], "email": author["email"]}
            more = {"subject": f"Re: {ticket['subject']}", "requester": person, "follow_up_of": ticket_id}
            return zendesk_create(account, {**given, **more})
        comment = {"body": given["body"], "public": bool(given.get("public", True)) or by_customer}
        parameters = Parameters({"comment": comment}, records)
        parameters.values["comment"]["attachments"] = given.get("attachments", [])
        via: Given = {"channel": "email" if by_customer else "web", "source": {"from": {}, "to": {}, "rel": None}}
        return account.tickets.update(ticket_id, parameters, author, via)[0]


def zendesk_edit(account: Account, ticket_id: int, given: Given) -> Record:
    """An agent changes the ticket in the browser. Names stand for groups and people; the rest as in the API."""
    records = account.records
    with records.lock:
        ticket = records.ticket(ticket_id)
        wanted = {name: value for name, value in given.items() if name not in ("group", "assignee", "add_tags",
                                                                              "remove_tags", "by")}  # fmt: skip
        if "add_tags" in given or "remove_tags" in given:
            tags = {*ticket["tags"], *given.get("add_tags", ())} - set(given.get("remove_tags", ()))
            wanted["tags"] = sorted(tags)
        if "group" in given:
            wanted["group_id"] = records.group(given["group"])["id"]
        if given.get("assignee"):
            agent = records.user_by_email(given["assignee"])
            agent = agent or next(one for one in records.users.values() if one["name"] == given["assignee"])
            wanted["assignee_id"] = agent["id"]
        via: Given = {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}}
        return account.tickets.update(ticket_id, Parameters(wanted, records), _zendesk_agent(account, given), via)[0]


def jira_create(site: Site, given: Given) -> Issue:
    """A customer files a request, or in the project ENG a colleague a bug."""
    records = site.records
    with records.lock:
        project = catalog.PROJECTS[given.get("project", "SUP")]
        name, email = _person(given)
        if project.kind == "service_desk":
            reporter = records.customer(name, email, given.get("organization", ""))
        else:
            reporter = records.user_by_email(email) or _jira_agent(site, given)
        issue_type = given.get("type") or next(iter(project.issue_types.values()))
        fields = {
            "project": {"key": project.key},
            "issuetype": {"name": issue_type},
            "summary": given["subject"],
            "description": given["body"],
            "labels": given.get("labels", given.get("tags", [])),
            **({"priority": {"name": given["priority"]}} if given.get("priority") else {}),
        }
        if reporter.organization:
            fields[catalog.ORGANIZATIONS_FIELD] = [reporter.organization]
            tier = records.organizations.get(reporter.organization)
            fields |= {catalog.TIER_FIELD: {"value": tier}} if tier else {}
        issue = site.issues.create(Edit({"fields": fields}, records, project, 2, None), project, reporter)
        issue.values["attachment"] = list(given.get("attachments", ()))
        return issue


def jira_comment(site: Site, key: str, given: Given) -> Issue:
    """The reporter writes again, which takes a request that waits for them back to support; or an agent answers."""
    with site.records.lock:
        issue = site.records.issue(key)
        by_customer = given.get("by", "customer") == "customer"
        author = site.records.users[issue.values["reporter"]] if by_customer else _jira_agent(site, given)
        site.issues.comment(issue, given["body"], author, public=bool(given.get("public", True)) or by_customer)
        if by_customer and issue.status == catalog.CUSTOMER:
            site.issues.transition(issue, "31", author)
        return issue


def jira_edit(site: Site, key: str, given: Given) -> Issue:
    """An agent changes the issue in the browser; ``status`` takes the move that leads there, ``project`` moves it."""
    records = site.records
    with records.lock:
        issue, agent = records.issue(key), _jira_agent(site, given)
        fields: Given = {}
        update: Given = {}
        for wanted, name in (("subject", "summary"), ("labels", "labels"), ("tags", "labels")):
            if wanted in given:
                fields[name] = given[wanted]
        if "priority" in given:
            fields["priority"] = {"name": given["priority"]}
        if "group" in given:
            fields["components"] = [{"name": given["group"]}]
        if "assignee" in given:
            user = records.user_by_email(given["assignee"] or "")
            fields["assignee"] = {"accountId": user.account_id} if user else None
        if "fix_versions" in given:
            fields["fixVersions"] = [{"name": one} for one in given["fix_versions"]]
        operations = [{"add": one} for one in given.get("add_tags", ())]
        operations += [{"remove": one} for one in given.get("remove_tags", ())]
        if operations:
            update["labels"] = operations
        edit = Edit({"fields": fields, "update": update}, records, catalog.PROJECTS[issue.project], 2, issue)
        site.issues.edit(issue, edit, agent)
        if "status" in given:
            move = next((one.id for one in site.issues.transitions(issue) if one.to == given["status"]), None)
            site.issues.transition(issue, move, agent)
        if "project" in given:
            site.issues.move(issue, given["project"], agent)
        if "duplicates" in given:
            _duplicates(site, issue, given["duplicates"], agent)
        return issue


def _duplicates(site: Site, issue: Issue, of: str, agent: User) -> None:
    """An agent says which issue this one duplicates, or with an empty key that it duplicates none."""
    kind = next(number for number, words in catalog.LINK_TYPES.items() if words[0] == "Duplicate")
    for link in [one for one in site.records.links if (one.type_id, one.source) == (kind, issue.id)]:
        site.issues.unlink(link, agent)
    if of:
        site.issues.link(kind, issue, site.records.issue(of), agent)


def _person(given: Given) -> tuple[str, str]:
    told = given.get("requester") or "Alex Doe"
    return (told, "") if isinstance(told, str) else (told["name"], told.get("email", ""))


def _zendesk_agent(account: Account, given: Given) -> Record:
    by = given.get("by", "agent")
    return account.records.caller(by if "@" in by else AGENT.email)


def _jira_agent(site: Site, given: Given) -> User:
    by = given.get("by", "agent")
    return site.records.caller(by if "@" in by else AGENT.email)
