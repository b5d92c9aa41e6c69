"""A few pages for people: what is here, and one ticket with everything the worker wrote. All text is escaped."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template_string

from app.sandbox.jira import catalog
from app.sandbox.jira.errors import JiraError
from app.sandbox.jira.records import Issue
from app.sandbox.jira.site import Site
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.errors import ZendeskError

STYLE = """
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } dt { font-weight: 600; } dd { margin: 0 0 .4rem; }
article { border: 1px solid #8885; border-radius: 6px; padding: .6rem 1rem; margin: .8rem 0; }
article.internal { background: #f5c40022; border-color: #c90; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .4rem 0; }
small, .quiet { color: #777; } .tag { border: 1px solid #8886; border-radius: 4px; padding: 0 .4rem; }
td { padding: .15rem .8rem .15rem 0; vertical-align: top; }
</style>
"""
INDEX = """
<h1>Sandbox</h1>
<p>A Zendesk and a Jira to try things on. Nothing here is real, and nothing leaves this machine.</p>
{% for name, rows in lists %}<h2>{{ name }}: {{ rows|length }}</h2><table>
{% for row in rows %}<tr><td><a href="{{ row.url }}">{{ row.id }}</a><td>{{ row.subject }}
<td class="quiet">{{ row.state }}
{% endfor %}</table>{% endfor %}
<p><a href="/control/writes">everything written through the APIs</a> · <a href="/control/deliveries">webhooks</a></p>
"""
TICKET = """
<p><a href="/">all tickets</a></p><h1>{{ title }}</h1><dl>
{% for name, value in facts %}<dt>{{ name }}<dd>{% if value is string %}{{ value or "none" }}{% else %}
{% for one in value %}<span class="tag">{{ one }}</span> {% else %}none{% endfor %}{% endif %}{% endfor %}</dl>
{% for one in messages %}<article class="{{ '' if one.public else 'internal' }}">
<strong>{{ one.author }}</strong> <small>{{ one.at }}{{ '' if one.public else ' · internal note' }}</small>
<pre>{{ one.body }}</pre></article>{% endfor %}
"""


def blueprint(account: Account, site: Site) -> Blueprint:
    """The pages over these two vendors."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> str:
        lists = [("Zendesk tickets", _tickets(account)), ("Jira issues", _issues(site))]
        return render_template_string(STYLE + INDEX, title="Sandbox", lists=lists)

    @pages.get("/zendesk/agent/tickets/<int:ticket_id>")
    def ticket(ticket_id: int) -> str:
        with account.records.lock:
            try:
                shown = _ticket(account, ticket_id)
            except ZendeskError:
                abort(404)
        return render_template_string(STYLE + TICKET, **shown)

    @pages.get("/jira/browse/<key>")
    def issue(key: str) -> str:
        with site.records.lock:
            try:
                shown = _issue(site, site.records.issue(key))
            except JiraError:
                abort(404)
        return render_template_string(STYLE + TICKET, **shown)

    return pages


def _tickets(account: Account) -> list[dict[str, Any]]:
    with account.records.lock:
        return [
            {"url": f"/zendesk/agent/tickets/{one['id']}", "id": one["id"], "subject": one["subject"],
             "state": f"{one['status']}, {one['priority'] or 'no priority'}"}
            for one in reversed(account.records.tickets.values())
        ]  # fmt: skip


def _issues(site: Site) -> list[dict[str, Any]]:
    with site.records.lock:
        return [
            {"url": f"/jira/browse/{one.key}", "id": one.key, "subject": one.values["summary"],
             "state": f"{one.status}, {one.values['priority']}"}
            for one in reversed(site.records.issues.values())
        ]  # fmt: skip


def _ticket(account: Account, ticket_id: int) -> dict[str, Any]:
    records = account.records
    ticket = records.ticket(ticket_id)
    users = records.users
    group = records.groups.get(ticket["group_id"], {"name": ""})
    organization = records.organizations.get(ticket["organization_id"], {"name": ""})
    assignee = users.get(ticket["assignee_id"], {"name": ""})
    fields = [
        (records.fields[one["id"]]["title"], str(one["value"])) for one in ticket["custom_fields"] if one["value"]
    ]
    return {
        "title": f"#{ticket['id']} {ticket['subject']}",
        "facts": [
            ("Requester", f"{users[ticket['requester_id']]['name']} {organization['name']}"),
            ("Status", ticket["status"]), ("Priority", ticket["priority"] or ""), ("Group", group["name"]),
            ("Assignee", assignee["name"]), ("Tags", ticket["tags"]), *fields,
        ],
        "messages": [
            {"author": users[one["author_id"]]["name"], "at": one["created_at"], "public": one["public"],
             "body": one["body"]} for one in records.comments[ticket_id]
        ],
    }  # fmt: skip


def _issue(site: Site, issue: Issue) -> dict[str, Any]:
    users, values = site.records.users, issue.values
    first = {"author": users[values["reporter"]].name, "at": issue.created, "public": True,
             "body": values.get("description") or ""}  # fmt: skip
    links = [one for one in site.records.links if issue.id in (one.source, one.target)]
    others = [site.records.issues[one.target if one.source == issue.id else one.source].key for one in links]
    assignee = users[values["assignee"]].name if values.get("assignee") else ""
    fields = [(one.name, values[one.id]) for one in catalog.FIELDS.values() if one.custom and values.get(one.id)]
    return {
        "title": f"{issue.key} {values['summary']}",
        "facts": [
            ("Reporter", f"{users[values['reporter']].name} {users[values['reporter']].organization}"),
            ("Status", issue.status), ("Priority", values["priority"]), ("Components", values.get("components") or []),
            ("Assignee", assignee), ("Labels", values["labels"]), ("Links", others), *fields,
        ],
        "messages": [first] + [
            {"author": users[one.author].name, "at": one.created, "public": one.public, "body": one.body}
            for one in issue.comments
        ],
    }  # fmt: skip
