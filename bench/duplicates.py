"""What finding candidates costs among 10,000 and 100,000 open tickets, and what a new ticket costs, as ratios in one
run; on SQLite, and on PostgreSQL where it is installed.

Tickets are synthetic: 75 words each by Zipf's law. A query is a ticket of the index of which three words in ten are
others. Other sizes by hand; a million tickets take a long while: ``python -m bench.duplicates 1000000 --only SQLite``.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path

import psycopg
import pytest

from app.packs import load_policy
from app.store.migrate import migrate
from app.store.store import Store
from app.store.symptom_frequencies import frequencies
from app.store.symptom_rows import row_of
from app.store.symptom_tables import symptoms
from app.store.symptoms import candidates, keep, lock_space
from app.triage.decision import Label
from app.triage.duplicates.entry import Entry
from app.triage.symptoms.symptom import TITLE, Symptom
from app.triage.symptoms.words import term_hash
from app.triage.ticket import Ref
from bench.decide import measure as decisions
from tests.conftest import postgres_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIZES = (10_000, 100_000)
SPACE = "acme"
WORDS, TOKENS, IN_TITLE, REPLACED = 60_000, 75, 7, 0.3
QUERIES, INSERTS = 300, 300
CEILING_GROWTH = 5.0  # ten times as many tickets
CEILING_DECISION = 4.0  # a query, against a decision
FOUND = 0.95  # of the queries' tickets: a sanity check, no recall

_VOCABULARY = [term_hash(f"word{number}") for number in range(WORDS)]
_STRIDES = 997
_SAID = random.Random(1).choices(  # noqa: S311 - the same words in every run
    _VOCABULARY, cum_weights=list(accumulate(1 / (rank + 3) for rank in range(WORDS))), k=2_000_000
)
"""What all customers say, one word after another; each ticket picks its words from it at a distance of its own."""

_WEIGHTS = {
    (part, in_title, times): round(part * (TITLE * in_title + min(119, 40 * (1 + math.log(times)))))
    for part in (0.5, 1.0)
    for in_title in (False, True)
    for times in range(1, TOKENS + 1)
}


def tokens(number: int) -> list[int]:
    """The words of a ticket as hashes, the same in every run."""
    mixed = (number + 1) * 2_654_435_761_123 % 2**48
    start, stride = (mixed >> 10) % (len(_SAID) - TOKENS * _STRIDES), 1 + mixed % _STRIDES
    return _SAID[start : start + TOKENS * stride : stride]


def changed(number: int) -> list[int]:
    """A ticket's words, three in ten of them others."""
    choose = random.Random(number)  # noqa: S311
    other = tokens(number + 10**9)
    return [there if choose.random() < REPLACED else word for word, there in zip(tokens(number), other, strict=True)]


def an_entry(number: int, words: Sequence[int]) -> Entry:
    """A ticket as the index keeps it, with words and neighbours weighed like those that were read."""
    terms = _weighed([(31 * one + two) & 0x7FFFFFFF for one, two in pairwise(words)], 0.5) | _weighed(words, 1.0)
    return Entry(
        ref=Ref("zendesk", "acme", str(number)),
        space=SPACE,
        created_at=NOW + timedelta(seconds=number),
        symptom=Symptom(terms, surfaces=("payment",) if number % 3 else ()),
        label=Label.DEFECT,
        acute=number % 5 == 0,
        requester=str(number % 40_000),
        organization=str(number % 5_000),
        area=f"area {number % 40}",
        subject="The export of the contacts fails",
        told=(("browser", "Firefox 140"),),
    )


def _weighed(terms: Sequence[int], part: float) -> dict[int, int]:
    title = set(terms[:IN_TITLE])
    return {term: _WEIGHTS[part, term in title, times] for term, times in Counter(terms).items()}


class Index:
    """An index of so many tickets."""

    def __init__(self, url: str, size: int) -> None:
        migrate(url)
        self.url, self.size, self.store = url, size, Store(url)
        self.sqlite = self.store._engine.dialect.name == "sqlite"
        for start in range(0, size, 5000):
            rows = [row_of(an_entry(n, tokens(n))) for n in range(start, min(size, start + 5000))]
            with self.store._begin() as connection:
                lock_space(connection, SPACE)
                connection.execute(symptoms.insert(), rows)
        began = time.perf_counter()
        self.store.rebuild(SPACE, NOW)
        self.build = time.perf_counter() - began
        if not self.sqlite:
            with self.store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE symptom, posting, space")

    def query(self, number: int) -> tuple[float, bool]:
        """Milliseconds of one query, and whether it found its ticket."""
        entry = an_entry(self.size + 10**7, changed(number))
        began = time.perf_counter()
        with self.store._begin() as connection:
            found = candidates(connection, entry, frequencies(connection, SPACE))
        return (time.perf_counter() - began) * 1000, any(one.ref.id == str(number) for one in found)

    def insert(self, number: int) -> float:
        """Milliseconds of putting one more ticket in."""
        entry = an_entry(self.size + number, tokens(self.size + number))
        began = time.perf_counter()
        with self.store._begin() as connection:
            lock_space(connection, SPACE)
            assert keep(connection, self.store._insert, entry, frequencies(connection, SPACE))  # noqa: S101
        return (time.perf_counter() - began) * 1000

    def disk(self) -> float:
        """MB of its tables and their indexes."""
        with self.store._engine.connect() as connection:
            if self.sqlite:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                return float(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()) / 1e6
            sizes = "pg_total_relation_size('symptom') + pg_total_relation_size('posting')"
            return float(connection.exec_driver_sql(f"SELECT {sizes}").scalar_one()) / 1e6

    def memory(self) -> float:
        """MB that a worker keeps of it."""
        fresh = Store(self.url)
        tracemalloc.start()
        with fresh._begin() as connection:
            frequencies(connection, SPACE)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        fresh.close()
        return taken / 1e6


def main(sizes: Sequence[int] = SIZES, only: str = "") -> bool:
    """Print the figures, of one database where it is named; False when a ceiling is broken."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        names = [f"symptoms{size}" for size in sizes]
        urls = {"SQLite": [f"sqlite:///{Path(folder)}/{name}.db" for name in names]}
        try:
            if only != "SQLite":
                urls["PostgreSQL"] = list(_databases(stack.enter_context(postgres_server()), names))
        except pytest.skip.Exception as lacking:
            print(f"duplicates not measured on PostgreSQL: {lacking}")
        kept = [_measured(name, some, sizes) for name, some in urls.items() if only in ("", name)]
        return all(kept)


def _databases(server: str, names: Sequence[str]) -> Iterator[str]:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            yield server.rsplit("/", 1)[0] + f"/{name}"


def _measured(name: str, urls: Sequence[str], sizes: Sequence[int]) -> bool:
    indexes = [Index(url, size) for url, size in zip(urls, sizes, strict=True)]
    choose = random.Random(7)  # noqa: S311
    medians, found_all = [], True
    for index in indexes:
        numbers = [choose.randrange(index.size) for _ in range(QUERIES)]
        for number in numbers[:20]:
            index.query(number)
        asked = [index.query(number) for number in numbers]
        found = sum(there for _, there in asked) / len(asked)
        took = sorted(ms for ms, _ in asked)
        inserts = sorted(index.insert(number) for number in range(INSERTS))
        medians.append(took[len(took) // 2])
        found_all = found_all and found >= FOUND
        print(
            f"duplicates {index.size:>9,} tickets on {name}: query p50 {_at(took, 50):.2f} p95 {_at(took, 95):.2f} ms, "
            f"insert p50 {_at(inserts, 50):.2f} p99 {_at(inserts, 99):.2f} ms, built in {index.build:.1f} s, "
            f"{index.disk():.0f} MB on disk, {index.memory():.1f} MB in a worker, {found:.0%} found"
        )
        index.store.close()
    steps = [later / before for before, later in pairwise(medians)]
    took = decisions(load_policy("unified"), 200)
    decision = took[len(took) // 2]
    print(
        f"duplicates a query among ten times as many costs {max(steps, default=1.0):.1f} times as much "
        f"(ceiling {CEILING_GROWTH}), and {medians[-1] / decision:.1f} times a decision (ceiling {CEILING_DECISION})"
    )
    return found_all and max(steps, default=1.0) <= CEILING_GROWTH and medians[-1] / decision <= CEILING_DECISION


def _at(took: Sequence[float], percent: int) -> float:
    return took[min(len(took) - 1, len(took) * percent // 100)]


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("sizes", nargs="*", type=int, default=SIZES)
    given.add_argument("--only", choices=["SQLite", "PostgreSQL"], default="")
    told = given.parse_args()
    sys.exit(0 if main(told.sizes, told.only) else 1)
