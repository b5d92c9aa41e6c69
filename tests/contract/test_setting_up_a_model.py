"""Setting a model up: what is said when something is missing, who asks it, and what asks nothing while it is off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import redis
from celery import Celery

from app.cli.broker import Broker
from app.cli.doctor_parts import MANY_QUESTIONS, second_opinion
from app.errors import Misconfigured
from app.queue import OPINION, enqueue_opinion
from app.runtime import Runtime, build
from app.triage.ticket import Ref
from config.celery import OPINION_QUEUE, SWEEP_QUEUE, TRIAGE_QUEUE, celery_config, queues
from config.settings import Settings
from tests.conftest import ROOT
from tests.contract.commands import error_of, triage
from tests.contract.model_stub import library

__all__ = ["library"]

ON = {"llm_url": "https://model.example/v1", "llm_model": "a-model", "llm_input_price": 1.0, "llm_output_price": 2.0}
IN_ENV = {f"TRIAGE_{name.upper()}": str(value) for name, value in ON.items()}


def settings(**more: object) -> Settings:
    return Settings(_env_file=None, **more)  # type: ignore[arg-type]


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)


def findings(**more: object) -> dict[str, tuple[str, str]]:
    return {one.what: (one.state, f"{one.why} {one.mend}") for one in second_opinion(Runtime(settings(**more)))}


def test_a_model_without_a_name_or_a_price_stops_the_start_with_what_to_set() -> None:
    for name in ("llm_model", "llm_input_price", "llm_output_price"):
        with pytest.raises(Misconfigured, match=f"set TRIAGE_{name.upper()} ") as told:
            build(settings(**{key: value for key, value in ON.items() if key != name}))
        assert told.value.where == "TRIAGE_LLM_URL"
    assert build(settings(**{**ON, "llm_input_price": 0.0, "llm_output_price": 0.0}))
    assert build(settings())


@pytest.mark.parametrize("url", ["model.example", "ftp://model.example", "https://model example"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="llm_url"):
        settings(llm_url=url)


def test_the_key_is_shown_nowhere() -> None:
    assert "hunter2" not in repr(settings(**ON, llm_key="hunter2"))


def test_doctor_says_that_none_is_asked_or_how_to_install_what_is_missing(without_the_extra: None) -> None:
    assert findings() == {"model": ("fact", "none is asked ")}
    (found,) = findings(**ON).values()
    assert found[0] == "ill"
    assert "pip install 'pydantic-ai-slim[openai]" in found[1]


def test_without_the_extra_nobody_starts_to_ask(without_the_extra: None, tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite:///{tmp_path}/store.db", "TRIAGE_METRICS_DIR": str(tmp_path / "metrics")}
    assert "TRIAGE_LLM_URL" in str(error_of(triage("worker", "--opinions", env=env)))
    assert "pip install" in str(error_of(triage("worker", "--opinions", env=env | IN_ENV)))
    assert "pip install" in str(error_of(triage("worker", env=env | IN_ENV | {"TRIAGE_LLM_WORKER": "same"})))
    with pytest.raises(Misconfigured, match="extra llm"):
        _ = Runtime(settings(**ON)).advisor


def test_doctor_sees_that_nobody_asks_and_that_no_answers_come(library: None, broker: Broker) -> None:
    on = {**ON, "redis_url": broker.url}
    with redis.Redis.from_url(broker.url) as client:
        client.delete(OPINION_QUEUE, "firstline:breaker:llm")
        assert [state for state, _ in findings(**on).values()] == ["ok", "ok", "ok"]
        assert findings(**{**on, "llm_url": "http://model.example/v1"})["address"][0] == "warn"
        assert "address" not in findings(**{**on, "llm_url": "http://127.0.0.1:9/v1"})
        client.rpush(OPINION_QUEUE, *range(MANY_QUESTIONS))
        client.hset("firstline:breaker:llm", "failures", "5")
        found = findings(**on)
        assert (found["questions"][0], found["answers"][0]) == ("warn", "warn")
        assert "triage worker --opinions" in found["questions"][1]
        client.delete(OPINION_QUEUE, "firstline:breaker:llm")


def test_only_a_worker_that_was_told_to_asks() -> None:
    assert queues(settings()) == queues(settings(**ON)) == (TRIAGE_QUEUE, SWEEP_QUEUE)
    assert queues(settings(**ON, llm_worker="same")) == (TRIAGE_QUEUE, SWEEP_QUEUE, OPINION_QUEUE)
    assert queues(settings(llm_worker="same")) == (TRIAGE_QUEUE, SWEEP_QUEUE)


def test_a_question_waits_in_a_queue_of_its_own(broker: Broker) -> None:
    celery = Celery("questions", set_as_current=False)
    celery.conf.update(celery_config(settings(redis_url=broker.url)))
    with redis.Redis.from_url(broker.url) as client:
        before = client.llen(OPINION_QUEUE), client.llen(TRIAGE_QUEUE)
        assert enqueue_opinion(celery, Ref("zendesk", "acme", "1"))
        assert (client.llen(OPINION_QUEUE), client.llen(TRIAGE_QUEUE)) == (before[0] + 1, before[1])
        client.delete(OPINION_QUEUE)


def test_the_worker_knows_the_task_and_imports_nothing_of_the_extra() -> None:
    code = f"import sys, workers.tasks as t; assert {OPINION!r} in t.app.tasks; print('pydantic_ai' in sys.modules)"
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip() == "False"
