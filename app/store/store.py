"""``Store``: everything the product remembers, asked in its own words."""

from __future__ import annotations

from sqlalchemy import select

from app.store.agenda import Agenda
from app.store.answers import Answers
from app.store.clusters import Clusters
from app.store.colleagues import Colleagues
from app.store.corrections import Corrections
from app.store.coverage import Coverages
from app.store.cycles import Cycles
from app.store.engine import open_engine
from app.store.faults import Faults
from app.store.gaps import Gaps
from app.store.inbox import Inbox
from app.store.jobs import Jobs
from app.store.known_issues import KnownIssues
from app.store.ledger import Ledger
from app.store.links import Links
from app.store.lists import Lists
from app.store.loads import Loads
from app.store.opinions import Opinions
from app.store.outdated import Outdated
from app.store.pages import Pages
from app.store.paragraphs import Paragraphs
from app.store.pulse import Pulse
from app.store.symptom_index import SymptomIndex
from app.store.tickets import Tickets


class Store(
    SymptomIndex, Clusters, Inbox, Tickets, Lists, Agenda, Coverages, Outdated, Ledger, Links, Loads, Pulse, Gaps, Jobs,
    Corrections, Colleagues, Opinions, Paragraphs, Cycles, Answers, Pages, KnownIssues, Faults,
):  # fmt: skip
    """One object a process; safe for threads. Every method is one transaction and raises ``Unavailable`` when the
    database cannot be reached (full, locked, gone)."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def ping(self) -> None:
        """Prove that the database answers."""
        with self._begin() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()
