"""Who is given a ticket of a team: in turn, by skill and capacity, and never one that a person gave or took away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from app.triage.decision import Agent, Context, Label
from app.triage.edits import SEEN
from app.triage.ticket import Status, Ticket

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_UNDER_WAY = (Status.NEW, Status.OPEN)


def choose(agents: Iterable[Agent], label: Label) -> Agent | None:
    """Whose turn it is: the one whom we gave a ticket longest ago, of those who have the skill and room for one more.

    None when nobody has: the ticket then stays in the team's queue.
    """
    able = (agent for agent in agents if _skilled(agent, label) and _has_room(agent))
    return min(able, key=lambda agent: (agent.last or _NEVER, agent.id), default=None)


def turn(ticket: Ticket, label: Label, team: str, context: Context) -> Agent | None:
    """Who is given this ticket, which is or comes into that team's queue.

    Nobody where it has a holder, ever had one whom we did not choose, or lost the one whom we chose.
    """
    settled = not {"assignee", SEEN + "assignee"}.isdisjoint(context.applied)
    if ticket.assignee or settled or ticket.status not in _UNDER_WAY:
        return None
    agents = (agent for name, those in context.agents.items() if name.casefold() == team.casefold() for agent in those)
    return choose(agents, label)


def _skilled(agent: Agent, label: Label) -> bool:
    return not agent.skills or label.casefold() in {skill.casefold() for skill in agent.skills}


def _has_room(agent: Agent) -> bool:
    return agent.capacity is None or agent.load < agent.capacity
