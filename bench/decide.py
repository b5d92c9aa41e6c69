"""How long one decision takes on a 4 KB ticket, once the policy is compiled: median and p99 in milliseconds.

Run from the checkout: ``python -m bench.decide [ROUNDS]``. Every round reads another text, so that nothing is cached.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import config
from app.triage.decision import Context
from app.triage.engine import decide, plan
from app.triage.policy import Policy, read
from app.triage.ticket import Ref, Ticket

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENTENCES = (
    "Since the update on Tuesday the export of our monthly report fails with an error.",
    "About forty colleagues in two offices see the same message, the others do not.",
    "We can still copy the numbers by hand, which takes an hour.",
    "The webhook to our warehouse returns HTTP 500 now and then.",
    "Could you tell me where the settings for time zones have gone?",
    "It worked until last week and nothing changed on our side.",
    "A short note on our environment: Chrome, Windows, a proxy with inspection.",
    "Our finance team closes the books on Friday, so this is getting uncomfortable.",
    "By the way, it would be nice to have a dark theme.",
    "No data was lost as far as we can see.",
)


def a_text(number: int, size: int) -> str:
    """About ``size`` characters of prose, different for every number."""
    choose = random.Random(number)  # noqa: S311
    text = ""
    while len(text) < size:
        text += f"{choose.choice(SENTENCES)} Reference {choose.getrandbits(40):x}.\n" + "\n" * choose.getrandbits(1)
    return text[:size]


def measure(policy: Policy, rounds: int, size: int = 4096) -> list[float]:
    """Milliseconds of each round, sorted."""
    took = []
    for number in range(rounds):
        ticket = Ticket(
            ref=Ref("zendesk", "acme", str(number)),
            subject="Export of the monthly report fails",
            body=a_text(number, size),
            created_at=NOW,
            updated_at=NOW,
        )
        started = time.perf_counter()
        decision = decide(ticket, Context(), policy, NOW)
        plan(ticket, decision, Context(), policy)
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


def main() -> None:
    """Print the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    pack = Path(config.__file__).parent / "packs" / "unified.yaml"
    started = time.perf_counter()
    policy = read(pack.read_text(encoding="utf-8"), pack.name)
    print(f"policy read and compiled in {(time.perf_counter() - started) * 1000:.0f} ms")
    measure(policy, 50)
    took = measure(policy, rounds)
    print(
        f"decide and plan, 4 KB, {rounds} texts: median {statistics.median(took):.2f} ms, p99 {took[len(took) * 99 // 100]:.2f} ms"
    )


if __name__ == "__main__":
    main()
