"""What may be set on an issue, as Jira tells it: when one is made ("create metadata") and when one is edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.jira import catalog
from app.sandbox.jira.answers import number, version
from app.sandbox.jira.errors import refused
from app.sandbox.jira.render import Json, Render
from app.sandbox.jira.site import Site

REQUIRED = frozenset({"summary", "issuetype", "project"})


def routes(site: Site) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules below the version, with a view for each method."""
    screens = _Screens(site)
    rule = "issue/createmeta/<key>/issuetypes"
    return {rule: {"GET": screens.types}, f"{rule}/<type_id>": {"GET": screens.fields}}


def editable(project: catalog.Project, render: Render) -> Json:
    """The fields on the edit screen, by their ids."""
    never = {"project", "issuetype"}
    return {
        "fields": {
            name: {"key": name, **_meta(catalog.FIELDS[name], project, render)}
            for name in sorted(project.screen - never)
        }
    }


def schema(field: catalog.Field) -> Json:
    """What kind of value a field has."""
    found: Json = {"type": field.kind, **({"items": field.items} if field.items else {})}
    if field.custom:
        kind = f"com.atlassian.jira.plugin.system.customfieldtypes:{field.custom}"
        return found | {"custom": kind, "customId": int(field.id.removeprefix("customfield_"))}
    return found | {"system": field.id}


class _Screens:
    def __init__(self, site: Site) -> None:
        self._site = site

    def types(self, key: str) -> Json:
        project, render = self._project(key), self._site.render(version())
        return self._page("issueTypes", [render.issue_type(project, name) for name in project.issue_types.values()])

    def fields(self, key: str, type_id: str) -> Json:
        project = self._project(key)
        if type_id not in project.issue_types:
            raise refused("The issue type is not valid for this project.")
        render = self._site.render(version())
        shown = [catalog.FIELDS[name] for name in sorted(project.screen)]
        return self._page(
            "fields", [{"fieldId": one.id, "key": one.id, **_meta(one, project, render)} for one in shown]
        )

    def _page(self, name: str, every: list[Json]) -> Json:
        start, size = number("startAt", 0), number("maxResults", 50, 200)
        page = every[start : start + size]
        shown: Json = {"startAt": start, "maxResults": size, "total": len(every)}
        if self._site.server:
            return {**shown, "isLast": start + size >= len(every), "values": page}
        return {**shown, name: page}

    def _project(self, key: str) -> catalog.Project:
        project = catalog.PROJECTS.get(key.upper())
        if project is None:
            raise refused(f"No project could be found with key '{key}'.", 404)
        return project


def _meta(field: catalog.Field, project: catalog.Project, render: Render) -> Json:
    allowed = _allowed(field.id, project, render)
    return {
        "name": field.name,
        "required": field.id in REQUIRED,
        "hasDefaultValue": field.id in ("priority", "reporter"),
        "operations": ["add", "set", "remove"] if field.kind == "array" else ["set"],
        "schema": schema(field),
        **({"allowedValues": allowed} if allowed is not None else {}),
    }


def _allowed(name: str, project: catalog.Project, render: Render) -> list[Json] | None:
    match name:
        case "priority":
            return [render.priority(one) for one in catalog.PRIORITIES.values()]
        case "components":
            return [render.component(project, one) for one in project.components.values()]
        case "fixVersions":
            return [render.fix_version(project, one) for one in project.versions.values()]
        case "issuetype":
            return [render.issue_type(project, one) for one in project.issue_types.values()]
        case "project":
            return [render.project(project)]
        case catalog.TIER_FIELD:
            return [render.option(one) for one in catalog.TIERS.values()]
    return None
