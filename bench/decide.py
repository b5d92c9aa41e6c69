"""How long one decision takes on a 4 KB ticket, once the policy is compiled: median and p99 in milliseconds.

Run from the checkout: ``python -m bench.decide [ROUNDS]``. Every round reads another text, so that nothing is cached.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from datetime import UTC, datetime

from app.packs import load_policy
from app.triage.decision import Context
from app.triage.engine import decide, plan
from app.triage.policy import Policy
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
    "The report in question is the one that the controllers in Lyon put together at the end of each month.",
    "It draws on three sources, of which two are kept by the regional offices and one by headquarters.",
    "On Monday a colleague opened it from the meeting room and went through the figures with the auditors.",
    "For the record, the account belongs to the northern region and was set up in the autumn of last year.",
    "I have attached two pictures, one from this morning and one from the week before.",
    "The first column lists the articles, the second the quantities, the third the names of the suppliers.",
    "My colleague from purchasing looked at the same page on a tablet and on a desktop machine.",
    "In between we opened the settings of the account and wrote down what is chosen there.",
    "The person who set it up has moved to another department and is on holiday until the end of the month.",
    "Please write in English or French, and mention the reference below in your answer.",
)


def a_text(number: int, size: int) -> str:
    """About ``size`` characters of prose, different for every number."""
    choose = random.Random(number)  # noqa: S311 - the same texts in every run
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
    started = time.perf_counter()
    policy = load_policy("unified")
    print(f"policy read and compiled in {(time.perf_counter() - started) * 1000:.0f} ms")
    measure(policy, 50)
    took = measure(policy, rounds)
    median, p99 = statistics.median(took), took[len(took) * 99 // 100]
    print(f"decide and plan, 4 KB, {rounds} texts: median {median:.2f} ms, p99 {p99:.2f} ms")


if __name__ == "__main__":
    main()
