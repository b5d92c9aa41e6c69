"""The section ``oncall`` of a pack: the steps of the chain and when each is due (S1-16..S1-21, S4-108..110, C-17).

It names the steps alone; where they lead stands in the environment (C-25).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from app.triage.business_time import Span
from app.triage.rules import Duration, Part

Do = Literal["page", "chat", "email", "call"]


class ChainStep(Part):
    """One step, ``after`` so long without an acknowledgement. ``open_hours``: only when the page opened within the
    policy's calendar."""

    after: Duration
    open_hours: bool = False
    source: str = ""


class OnCall(Part):
    """``page`` wakes L2, and L3 once the ticket is there. ``late_after``: a step that comes later than due by more than
    this is marked late."""

    steps: Mapping[Do, ChainStep | None] = {"page": ChainStep(after=Span(0, "m"))}
    late_after: Duration = Field(default=Span(5, "m"))
    source: str = ""

    @model_validator(mode="after")
    def _somebody_is_paged(self) -> OnCall:
        if not self.steps.get("page"):
            raise ValueError("oncall.steps has no page; add page: {after: 0m}")
        return self
