"""One question to a model, and its answer with what it cost. Nothing is retried: the next look at the ticket asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.advisor.prompt import INSTRUCTIONS
from app.advisor.server import sent
from app.triage.opinion import Answer

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage

REQUESTS = 2
"""Requests of one question at most: an answer that has not the form that was asked for is asked for once more."""

LONGEST_ANSWER = 2000
"""Tokens of one answer at most, with what a model thinks before it answers."""

_AROUND = 8000  # bytes that our instructions, the answer's schema and the words around them come to at most

Outcome = Literal["answered", "invalid", "busy", "refused", "unavailable"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question ended. ``usd`` is what it cost, None where nobody can know: no answer came in time, or none that
    said how much was read.

    invalid      the answer had not the form that was asked for, twice, or was none at all
    busy         the server limits us (429)
    refused      the server does not take the request: a wrong key, model or address (other 4xx)
    unavailable  it cannot be reached, answers 5xx, or not in time
    """

    outcome: Outcome
    answer: Answer | None = None
    usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    read: float
    written: float

    def usd(self, read: int, written: int) -> float:
        """What so many tokens cost."""
        return (read * self.read + written * self.written) / 1e6


class Advisor:
    """The way to one model. ``model`` opens it, anew for each question."""

    def __init__(self, model: Callable[[], AbstractAsyncContextManager[Any]], seconds: float, prices: Prices) -> None:
        self._model, self._seconds, self._prices = model, seconds, prices

    def most(self, text: str) -> float:
        """What a question about a text costs at most, in US dollars: no token is shorter than a byte."""
        read = REQUESTS * (_AROUND + len(text.encode())) + LONGEST_ANSWER
        return self._prices.usd(read, REQUESTS * LONGEST_ANSWER)

    def ask(self, text: str) -> Asked:
        """Ask about a masked text. Raises nothing: whatever goes wrong is an outcome."""
        from pydantic_ai.usage import RunUsage

        usage = RunUsage()
        outcome, answer, billed = asyncio.run(self._ask(text, usage))
        told = (usage.input_tokens > 0 and outcome != "unavailable") or not billed  # not every server tells its usage
        return Asked(outcome, answer, self._prices.usd(usage.input_tokens, usage.output_tokens) if told else None)

    async def _ask(self, text: str, usage: RunUsage) -> tuple[Outcome, Answer | None, bool]:
        """The outcome, the answer, and whether a request may have been billed whose answer told of no usage."""
        from pydantic_ai import Agent, exceptions
        from pydantic_ai.settings import ModelSettings
        from pydantic_ai.usage import UsageLimits

        limits = UsageLimits(request_limit=REQUESTS, output_tokens_limit=REQUESTS * LONGEST_ANSWER)
        settings = ModelSettings(max_tokens=LONGEST_ANSWER, timeout=self._seconds, max_retries=0)
        agent = Agent(output_type=Answer, instructions=INSTRUCTIONS, retries=1, model_settings=settings)
        try:
            async with asyncio.timeout(REQUESTS * self._seconds), self._model() as model:
                run = await agent.run(text, model=model, usage=usage, usage_limits=limits)
        except exceptions.ModelHTTPError as error:
            status = error.status_code
            return "busy" if status == 429 else "refused" if status < 500 else "unavailable", None, False
        except (exceptions.ModelConnectionError, exceptions.ModelRequestTimeout, TimeoutError) as error:
            return "unavailable", None, sent(error)
        except Exception:  # whatever else an answer makes the libraries raise, it was of no use
            return "invalid", None, True
        return "answered", run.output, True
