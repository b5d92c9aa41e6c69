"""Keeping what people told us by command, in the run that answers it."""

from __future__ import annotations

from app.runtime import Runtime
from app.store.corrections import Correction
from app.triage.commands import commands_in
from app.triage.decision import Context
from app.triage.pack import Pack
from app.triage.ticket import Ticket


def keep(runtime: Runtime, ticket: Ticket, context: Context, pack: Pack) -> None:
    """Write down each command that is not answered yet, with what we had decided when it came. A question is none, and
    neither is an acknowledgement."""
    told = [one for one in commands_in(ticket, pack, context.our_id) if not (one.answered or one.problem)]
    previous = context.previous
    said = {} if previous is None else {
        "label": previous.label.value,
        "severity": previous.severity.name,
        "level": previous.level.value,
        "proposals": [proposal.what for proposal in previous.proposals],
    }  # fmt: skip
    given = [
        Correction(ticket.ref, one.comment_id, one.line, one.at, one.author, one.verb, one.value, said)
        for one in told
        if one.verb not in ("why", "ack", "workaround-broken")
    ]
    if given:
        runtime.store.correct(given)
