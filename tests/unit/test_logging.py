"""Logs hold ids and words of ours; what a customer wrote, an address or a secret never gets in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config import logging as logs
from config.settings import Settings

PLANTED = "the customer's own words, hunter2, ada@example.com"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    written = io.StringIO()
    logs.configure(Settings(_env_file=None, log_format="json"), written)  # type: ignore[call-arg]
    yield written
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_ids(stream: io.StringIO) -> None:
    structlog.get_logger("t").info("accepted", ref="zendesk:acme:1", delivery="d1")
    (line,) = lines(stream)
    assert (line["event"], line["ref"], line["delivery"], line["level"]) == ("accepted", "zendesk:acme:1", "d1", "info")


def test_keys_that_are_not_known_to_be_harmless_are_dropped(stream: io.StringIO) -> None:
    structlog.get_logger("t").warning("x", subject=PLANTED, body=PLANTED, email=PLANTED, token=PLANTED, kind="k")
    assert PLANTED not in stream.getvalue()
    assert lines(stream)[0]["kind"] == "k"


def test_a_librarys_exception_is_logged_by_type_and_place_without_its_message(stream: io.StringIO) -> None:
    try:
        raise KeyError(PLANTED)
    except KeyError:
        logging.getLogger("celery.app.trace").exception("Task raised: %s", PLANTED)
    assert PLANTED not in stream.getvalue()
    (line,) = lines(stream)
    assert line["error"] == "KeyError"
    assert "test_logging.py" in str(line["where"])


def test_debug_chatter_of_the_vendors_libraries_stays_out(stream: io.StringIO) -> None:
    for name in ("zenpy.lib.api", "jira", "urllib3.connectionpool"):
        logging.getLogger(name).info(PLANTED)
        logging.getLogger(name).debug(PLANTED)
    assert stream.getvalue() == ""


def test_on_a_terminal_a_decision_reads_as_one_line() -> None:
    line = logs.one_line(None, "info", {
        "timestamp": "10:00:00", "level": "info", "event": "decided", "ref": "zendesk:acme:1", "severity": "P1",
        "label": "Access", "level_": "L2", "destination": "technical", "page": True, "effects": "add_note", "ms": 12,
    })  # fmt: skip
    words = ["10:00:00", "P1", "Access", "L2", "technical", "PAGE", "zendesk:acme:1", "add_note", "12", "ms"]
    assert line.split() == words
