"""The way to a server that speaks OpenAI's chat protocol. The only module that imports the extra's libraries for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from app.errors import Misconfigured

_MEND = "install it: .venv/bin/pip install 'pydantic-ai-slim[openai]>=2.68,<3', or leave TRIAGE_LLM_URL empty"


def lacking() -> Misconfigured | None:
    """What is wrong where the extra ``llm`` is not installed; None where it is. Imports nothing."""
    if find_spec("pydantic_ai") and find_spec("openai"):
        return None
    return Misconfigured("a second opinion needs the extra llm", where="TRIAGE_LLM_URL", mend=_MEND)


@asynccontextmanager
async def connected(url: str, model: str, key: str) -> AsyncIterator[Any]:
    """A model at a server, for one question. Nothing else is connected to: no proxy of the environment's, no redirect,
    no retry by a library."""
    import httpx2
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False) as http:
        client = AsyncOpenAI(base_url=url, api_key=key or "none", http_client=http, max_retries=0)
        yield OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))


def sent(error: BaseException) -> bool:
    """Whether a request that got no answer may have reached the server: not where there was no connection."""
    import httpx2

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return False
        cause = cause.__cause__
    return True
