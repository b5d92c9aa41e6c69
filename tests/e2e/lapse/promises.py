"""The promises of the unified policy as a time-lapse counts them: by the policy's numbers, not by our code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Promise:
    """When it starts, starts anew, ends, stands still, and how long it is. ``goals`` and ``dues`` are lengths by
    severity or level, of those at which something is done. ``told``: of these severities the customer was told the due
    time, which no pause moves then (C-29). ``silent``: nothing is noted when its time is over."""

    name: str
    start: tuple[str, ...]
    dues: Mapping[str, str]
    goals: Mapping[str, str] = field(default_factory=dict)
    restart: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    repeat: bool = False
    told: tuple[str, ...] = ()
    silent: bool = False


def _same(length: str, ranks: str = "P0 P1 P2 P3 P4") -> dict[str, str]:
    return dict.fromkeys(ranks.split(), length)


RESTING = ("pending", "waiting", "hold", "review")
TOUCHED = ("assigned", "answered", "noted", "moved")
UPDATED: dict[str, Any] = {"start": ("created", "answered"), "restart": ("answered",), "pause": ("pending", "waiting"),
                           "repeat": True}  # fmt: skip

FIRST_REPLY = Promise(
    "first_reply", ("created",), {"P0": "60m", "P1": "4h", "P2": "1bd", "P3": "2bd", "P4": "2bd"},
    goals={"P0": "15m", "P1": "2h"}, stop=("answered",), told=("P0", "P1", "P2", "P3"),
)  # fmt: skip
CONFIRM = Promise("confirm", ("critical",), _same("5m", "P0 P1"), silent=True)
L1_ATTEMPT = Promise("l1_attempt", TOUCHED, _same("30bm", "P2 P3"), restart=TOUCHED, pause=RESTING, silent=True)
REMINDER = Promise("pending_reminder", ("pending",), _same("3d", "P2 P3 P4"), only=("pending",))
RESOLVE = Promise("pending_resolve", ("reminded",), _same("3d", "P2 P3 P4"), only=("pending",))
WAITING = Promise("waiting_on_customer", ("waiting",), _same("10d"), only=("waiting",))
HOLD = Promise("hold", ("hold",), _same("7d"), only=("hold",))

PROMISES = (
    FIRST_REPLY,
    CONFIRM,
    L1_ATTEMPT,
    REMINDER,
    RESOLVE,
    WAITING,
    HOLD,
    Promise("next_reply", ("asked_again",), {"P0": "60m", "P1": "4h", "P2": "1bd", "P3": "2bd"}, stop=("answered",),
            pause=RESTING),
    Promise("customer_update", dues={"P0": "2h", "P1": "2h", "P2": "3bd"}, goals={"P0": "1h"}, **UPDATED),
    Promise("escalated_update", dues={"P3 L2": "2bd"}, **UPDATED),
    Promise("no_touch", ("created", *TOUCHED), {"P0": "30m"}, restart=TOUCHED, pause=("pending", "waiting"),
            repeat=True),
    Promise("investigation_start", ("critical",), _same("eod", "P0 P1"), stop=("noted",)),
    Promise("l2_window", ("level",), {"P2 L2": "2bd", "P3 L2": "2bd"}, goals={"P2 L2": "1bd", "P3 L2": "1bd"},
            pause=RESTING),
    Promise("level_response", ("level",), _same("2h", "L3"), stop=("answered", "noted"), pause=RESTING),
    Promise("t3_start", ("level",), {"P2 L3": "24bdh"}, stop=("answered", "noted", "assigned")),
    Promise("dev_receipt", ("linked",), _same("48h", "P0 P1 P2 P3")),
    Promise("dev_followup", ("linked",), _same("48h", "P0 P1 P2 P3"), repeat=True),
)  # fmt: skip
