"""REST for what hangs on an issue: links to other issues, links to other systems, and entity properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from app.sandbox.jira import catalog
from app.sandbox.jira.answers import comment_text, json_object, version
from app.sandbox.jira.errors import invalid
from app.sandbox.jira.errors import refused as refusal
from app.sandbox.jira.render import Json, Render
from app.sandbox.jira.site import Site, caller, written


def routes(site: Site) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules below the version, with a view for each method."""
    links = _Links(site)
    return {
        "issue/<key>/properties/<name>": {"GET": links.property, "PUT": links.set_property},
        "issue/<key>/remotelink": {"GET": links.remote_links, "POST": links.remote_link},
        "issueLink": {"POST": links.link},
        "issueLink/<link_id>": {"DELETE": links.unlink},
        "issueLinkType": {"GET": links.link_types},
    }


class _Links:
    def __init__(self, site: Site) -> None:
        self.site, self.records = site, site.records

    @property
    def render(self) -> Render:
        return self.site.render(version())

    def link_types(self) -> Json:
        return {
            "issueLinkTypes": [
                {"id": one, "name": name, "inward": inward, "outward": outward,
                 "self": self.render.address(f"issueLinkType/{one}")}
                for one, (name, inward, outward) in catalog.LINK_TYPES.items()
            ]
        }  # fmt: skip

    def link(self) -> tuple[None, int]:
        body = json_object()
        type_id, source, target = self.site.issues.link_parts(body)
        self.site.limits.write(source)
        note = body.get("comment")
        text = comment_text(note.get("body")) if note else None
        self.site.issues.link(type_id, source, target, caller(self.site))
        if text:
            self.site.issues.comment(source, text, caller(self.site))
        return None, 201

    def unlink(self, link_id: str) -> tuple[None, int]:
        link = next((one for one in self.records.links if one.id == link_id), None)
        if link is None:
            raise refusal(f"No issue link with id '{link_id}' exists.", 404)
        self.site.limits.write(self.records.issues[link.source])
        self.site.issues.unlink(link, caller(self.site))
        return None, 204

    def remote_links(self, key: str) -> list[Json]:
        wanted = request.args.get("globalId")
        links = self.records.issue(key).remote_links
        return [one for one in links if wanted is None or one.get("globalId") == wanted]

    def remote_link(self, key: str) -> tuple[Json, int]:
        issue, body = written(self.site, key), json_object()
        target = body.get("object") or {}
        missing = [name for name in ("url", "title") if not target.get(name)]
        if missing:
            raise invalid({name: f"'{name}' is required." for name in missing})
        same = (one for one in issue.remote_links if body.get("globalId") and one["globalId"] == body["globalId"])
        found = next(same, None)
        link_id = found["id"] if found else int(self.records.new_id())
        address = self.render.address(f"issue/{issue.key}/remotelink/{link_id}")
        kept: Json = {name: body[name] for name in ("application", "relationship", "object") if name in body}
        link = {"id": link_id, "self": address, "globalId": body.get("globalId", ""), **kept}
        if found:
            found.clear()
            found.update(link)
        else:
            issue.remote_links.append(link)
        return {"id": link_id, "self": address}, 200 if found else 201

    def property(self, key: str, name: str) -> Json:
        issue = self.records.issue(key)
        if name not in issue.properties:
            raise refusal(f"The property {name} does not exist.", 404)
        return {"key": name, "value": issue.properties[name]}

    def set_property(self, key: str, name: str) -> tuple[Json, int]:
        issue = written(self.site, key)
        status = 200 if name in issue.properties else 201
        issue.properties[name] = request.get_json(silent=True)
        return {}, status
