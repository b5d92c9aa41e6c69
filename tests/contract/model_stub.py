"""A model's server on the loopback, and the extra ``llm`` with every other model forbidden."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest

from tests.conftest import missing
from tests.contract.conftest import FaultServer, answer

OPINION: dict[str, Any] = {"label": "Data", "severity": "P3", "confidence": 0.9, "evidence": ["quabble"]}


def chat(usage: tuple[int, int] | None = (1000, 100), **said: Any) -> bytes:
    """What a server answers whose model gives this opinion; without ``usage`` it does not tell what it read."""
    call = {"name": "final_result", "arguments": json.dumps(OPINION | said)}
    message = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
    body: dict[str, Any] = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    body["choices"] = [{"index": 0, "finish_reason": "tool_calls", "message": message}]
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return answer("200 OK", json.dumps(body).encode())


def asked(server: FaultServer) -> list[dict[str, Any]]:
    """The questions that the server got."""
    return [json.loads(body) for _, _, body in server.seen]


def words(question: dict[str, Any]) -> str:
    """The ticket's text in a question."""
    return str(next(one["content"] for one in question["messages"] if one["role"] == "user"))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is installed, and no model is asked unless a test allows it. It is imported only where it is used: that
    takes longer than most tests."""
    if not (find_spec("pydantic_ai") and find_spec("openai")):
        missing("extra llm (pydantic-ai-slim[openai])")
    from pydantic_ai import models

    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", False)


@pytest.fixture
def model_server(library: None, fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """A model's server on the loopback, which may be asked; it answers with ``OPINION``."""
    from pydantic_ai import models

    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)
    fault_server.fault = chat()
    return fault_server
