"""What a pack says about the bridge to engineering: which tickets get an issue, where, and how it is filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from app.triage.rules import Part

ProjectKey = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]{1,63})?$")]
"""A Jira project's key, such as ENG; empty: the one of ``bridge.project``."""


class MakeIssue(Part):
    """The issue that follows. ``kind``: engineering is asked now (``escalation``), or when there is room (``backlog``:
    no promise runs on it, S3-12). What is empty comes from the section ``bridge``. ``title`` stands before the
    ticket's subject in the issue's (S4-62)."""

    kind: Literal["escalation", "backlog"] = "escalation"
    project: ProjectKey = ""
    issue_type: str = ""
    component: str = ""
    title: str = Field(default="", max_length=60)
    labels: tuple[Annotated[str, Field(pattern=r"^\S{1,255}$")], ...] = ()


class Bridge(Part):
    """``project`` and ``issue_type``: of an issue whose rule names none. ``components``: the component by product area
    (S3-14). ``support_mark``: how a comment in Jira begins that is meant for support. ``after_resolution``: whether the
    checklist for what is left to do comes when the issue or the ticket is resolved (S2-84..S2-88)."""

    project: ProjectKey = ""
    issue_type: str = Field(default="Bug", min_length=1)
    components: Mapping[str, str] = {}
    support_mark: str = Field(default="#support", min_length=2)
    after_resolution: bool = True
    source: str = ""
