"""Promises: when they begin, stand still, end and fall due, what is done then, and when to look again (C-03, C-04).

``parts`` is how packs write a clock, ``story`` when what happened on a ticket, ``cycles`` what comes of both, ``steps``
what is to be done and when. Nothing of it remembers anything: it is worked out anew at every look.
"""

from __future__ import annotations

from app.triage.clocks.cycles import Clocks, Cycle, clocks_of, moved
from app.triage.clocks.intervals import Explained, Interval, explained, intervals
from app.triage.clocks.steps import Agenda, Step, agenda, moves, steps_taken
from app.triage.clocks.story import UNKNOWN, Story, critical_since, level_since, running, story

__all__ = [
    "UNKNOWN",
    "Agenda",
    "Clocks",
    "Cycle",
    "Explained",
    "Interval",
    "Step",
    "Story",
    "agenda",
    "clocks_of",
    "critical_since",
    "explained",
    "intervals",
    "level_since",
    "moved",
    "moves",
    "running",
    "steps_taken",
    "story",
]
