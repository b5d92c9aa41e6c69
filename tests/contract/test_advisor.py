"""One question to a model: over a real socket, and with models of the library's own that answer what a test wants."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from app.advisor.advisor import LONGEST_ANSWER, Advisor, Outcome, Prices
from app.advisor.server import connected
from app.triage.opinion import Answer, judged
from tests.contract.conftest import DROP, HANG, LEAK, FaultServer, answer
from tests.contract.model_stub import OPINION, asked, chat, library, model_server, words

__all__ = ["library", "model_server"]

TEXT = "quibble and quabble"
PRICES = Prices(read=2.0, written=10.0)


def at(url: str, seconds: float = 5.0) -> Advisor:
    return Advisor(partial(connected, f"{url}/v1", "a-model", LEAK), seconds, PRICES)


def with_model(model: Any) -> Advisor:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield model

    return Advisor(opened, 5.0, PRICES)


def test_a_question_holds_the_text_alone_and_its_answer_has_a_price(model_server: FaultServer) -> None:
    found = at(model_server.url).ask(TEXT)
    assert (found.outcome, found.answer) == ("answered", Answer.model_validate(OPINION))
    assert found.usd == pytest.approx((1000 * 2 + 100 * 10) / 1e6)
    (question,) = asked(model_server)
    assert words(question) == TEXT
    assert (question["model"], question["max_completion_tokens"]) == ("a-model", LONGEST_ANSWER)
    assert model_server.seen[0][:2] == ("POST", "/v1/chat/completions")
    assert found.usd < at(model_server.url).most(TEXT)


def test_a_server_that_does_not_tell_what_it_read_may_have_cost_the_most(model_server: FaultServer) -> None:
    model_server.fault = chat(usage=None)
    found = at(model_server.url).ask(TEXT)
    assert (found.outcome, found.usd) == ("answered", None)


@pytest.mark.parametrize(
    ("fault", "outcome", "known", "requests"),
    [
        (answer("429 Too Many Requests", b"{}", "Retry-After: 0"), "busy", True, 1),
        (answer("500 Internal Server Error", LEAK.encode()), "unavailable", True, 1),
        (answer("401 Unauthorized", LEAK.encode()), "refused", True, 1),
        (answer("404 Not Found"), "refused", True, 1),
        (answer("200 OK", b"<html>" + LEAK.encode(), "Content-Type: text/html"), "invalid", False, 1),
        (answer("200 OK", b"{}"), "invalid", False, 1),
        (answer("200 OK", b'{"choices": 3}'), "invalid", False, 1),
        (answer("200 OK", b"\xff\xfe\x00"), "invalid", False, 1),
        (answer("200 OK", b'{"choices"', length=4000), "unavailable", False, 1),
        (answer("302 Found", b"", "Location: http://127.0.0.1:1/"), "invalid", False, 1),
        (chat(label="Urgent"), "invalid", True, 2),
        (chat(page=True), "invalid", True, 2),
        (DROP, "unavailable", False, 1),
    ],
    ids=["429", "500", "401", "404", "a page", "empty", "no list", "no text", "cut", "moved", "wrong", "more", "reset"],
)
def test_a_server_that_fails_is_an_outcome_and_is_asked_no_second_time(
    model_server: FaultServer, fault: bytes, outcome: Outcome, known: bool, requests: int, caplog: Any
) -> None:
    model_server.fault = fault
    with caplog.at_level(logging.INFO):
        found = at(model_server.url).ask(TEXT)
    assert (found.outcome, found.answer, found.usd is not None) == (outcome, None, known)
    assert len(model_server.seen) == requests
    assert LEAK not in caplog.text + repr(found)
    assert TEXT not in caplog.text


def test_a_server_that_hangs_is_left_in_time(model_server: FaultServer) -> None:
    model_server.fault = HANG
    found = at(model_server.url, seconds=0.2).ask(TEXT)
    assert (found.outcome, found.usd) == ("unavailable", None)


def test_a_server_that_is_not_there_costs_nothing(model_server: FaultServer) -> None:
    found = at("http://127.0.0.1:1").ask(TEXT)
    assert (found.outcome, found.usd) == ("unavailable", 0.0)


def test_the_environments_proxy_is_not_used(model_server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert at(model_server.url).ask(TEXT).outcome == "answered"


def test_an_answer_of_the_wrong_form_is_asked_for_once_more(library: None) -> None:
    from pydantic_ai.messages import ModelResponse, ToolCallPart
    from pydantic_ai.models.function import FunctionModel

    said = [OPINION | {"severity": "very bad"}, OPINION]

    def speak(messages: Any, info: Any) -> ModelResponse:
        return ModelResponse([ToolCallPart(info.output_tools[0].name, json.dumps(said.pop(0)))])

    found = with_model(FunctionModel(speak)).ask(TEXT)
    assert (found.outcome, found.answer) == ("answered", Answer.model_validate(OPINION))
    assert said == []


def test_evidence_that_is_made_up_does_not_count(library: None) -> None:
    from pydantic_ai.models.test import TestModel

    lie = OPINION | {"evidence": ["the whole company is down"]}
    found = with_model(TestModel(custom_output_args=lie)).ask(TEXT)
    assert found.answer is not None
    assert judged(found.answer, TEXT) == "quote"


def test_no_model_is_asked_in_tests_unless_one_allows_it(library: None, fault_server: FaultServer) -> None:
    assert at(fault_server.url).ask(TEXT).outcome == "invalid"
    assert fault_server.seen == []
