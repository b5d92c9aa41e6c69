"""The section ``oncall`` of a pack: the steps of the chain and when each is due (S1-16..S1-21, S4-108..110, C-17).

It names roles of the chain (``l2``, ``l3``, ``email``, ``call``, ``chat``); where they lead stands in the environment
alone (C-25).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from app.triage.business_time import Span
from app.triage.rules import Duration, Part


class ChainStep(Part):
    """One step, ``after`` so long without an acknowledgement. ``page`` wakes L2, and L3 once the ticket is there.
    ``open_hours``: only when the page opened within the policy's calendar."""

    after: Duration
    do: Literal["page", "chat", "email", "call"]
    open_hours: bool = False
    source: str = ""


class OnCall(Part):
    """``late_after``: a step that comes later than due by more than this is marked late."""

    steps: tuple[ChainStep, ...] = (ChainStep(after=Span(0, "m"), do="page"),)
    late_after: Duration = Field(default=Span(5, "m"))
    source: str = ""

    @model_validator(mode="after")
    def _somebody_is_paged(self) -> OnCall:
        kinds = [step.do for step in self.steps]
        if "page" not in kinds:
            raise ValueError("oncall.steps has no step that does page; add {after: 0m, do: page}")
        if double := next((do for do in kinds if kinds.count(do) > 1), None):
            raise ValueError(f"oncall.steps does {double} twice; each is done once a page")
        return self
