"""The learned reader: what it sees of a text, how it is kept, and what it says."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from app.triage.decision import Label, Severity
from app.triage.features import features
from app.triage.model import RANKS, BadModel, Model, dump, load
from app.triage.text import Message, messages
from app.triage.ticket_records import ticket_from_record

WIDTH = len(Label) + len(RANKS)
DATA, ACCESS = list(Label).index(Label.DATA), list(Label).index(Label.ACCESS)


def thread(body: str, subject: str = "", comments: tuple[dict[str, str], ...] = ()) -> list[Message]:
    return list(messages(ticket_from_record({"id": "1", "subject": subject, "body": body, "comments": list(comments)})))


def row(**points: float) -> list[float]:
    """The points of one feature: by label's or severity's name."""
    found = [0.0] * WIDTH
    for name, value in points.items():
        found[[*map(str, Label), *(rank.name for rank in RANKS)].index(name)] = value
    return found


def taught(**words: dict[str, float]) -> Model:
    return load(dump(["en"], tuple(Label), [0.0] * WIDTH, {name: row(**points) for name, points in words.items()}))


READER = taught(vanished={"Data": 90.0, "P0": 80.0}, password={"Access": 90.0, "P3": 60.0}, hello={"Guidance": 0.1})


def test_words_pairs_and_marks_of_form_are_seen() -> None:
    found = features(thread("Rows vanished. Why?", "Lost 12 rows"))
    assert {"rows", "vanished", "rows vanished", "^lost", "^0", ">rows", "_asks", "_length1"} <= found
    assert "_pasted" not in found


def test_what_is_quoted_signed_or_pasted_is_not_seen() -> None:
    body = "It fails.\n\n```\nFATAL explosion\n```\n\nOn Tue, 3 Mar 2026 at 09:00 Ann wrote:\n> elephants everywhere"
    found = features(thread(body))
    assert "fails" in found
    assert not {"explosion", "elephants"} & found
    assert "_pasted" in found


def test_what_agents_say_is_not_seen() -> None:
    found = features(thread("It fails.", comments=({"author": "agent", "body": "unicorn"},)))
    assert "unicorn" not in found


def test_the_likeliest_label_and_severity_are_named_with_the_words_that_speak_for_them() -> None:
    reading = READER.read(thread("Hello, all of it vanished."))
    assert reading is not None
    assert (reading.label, reading.severity) == (Label.DATA, Severity.P0)
    assert reading.words == ("vanished",)
    assert sum(reading.labels.values()) == pytest.approx(1)
    assert sum(reading.severities.values()) == pytest.approx(1)


def test_a_text_of_unknown_words_is_not_read() -> None:
    assert READER.read(thread("Quux flibber 12 ?")) is None


def test_one_word_among_many_says_less() -> None:
    alone = READER.read(thread("vanished"))
    among = READER.read(thread("vanished " + " ".join(f"filler{'x' * number}" for number in range(200))))
    assert alone is not None
    assert among is not None
    assert among.labels[Label.DATA] < alone.labels[Label.DATA] < 1


def test_the_sentences_that_speak_for_a_severity_are_quoted_as_they_were_written() -> None:
    text = "Good morning. The R\u00f3ws VANISHED overnight! My password is fine."
    (found,) = READER.because(thread(text), Severity.P0)
    assert found.quote == "The R\u00f3ws VANISHED overnight!"
    assert text[found.start : found.end] == found.quote
    assert (found.rule, found.finding, found.source) == ("reader", "severity P0", "body")


def test_the_same_weights_give_the_same_bytes_and_read_alike_after_loading() -> None:
    weights = {"one": row(Data=1.0, P1=-0.5), "two": row(Access=0.25)}
    raw = dump(["en"], tuple(Label), [0.5] * WIDTH, weights)
    assert raw == dump(["en"], tuple(Label), [0.5] * WIDTH, dict(reversed(weights.items())))
    model = load(raw)
    assert model.weights["one"][DATA] * model.scale == pytest.approx(1.0, rel=0.01)
    assert model.weights["two"][ACCESS] * model.scale == pytest.approx(0.25, rel=0.02)
    assert model.digest == load(raw).digest


def test_a_feature_that_says_nothing_is_not_kept() -> None:
    assert set(load(dump(["en"], tuple(Label), [0.0] * WIDTH, {"a": row(Data=1.0), "b": row(Data=0.001)})).weights) == {
        "a"
    }


def spoilt(**changes: Any) -> bytes:
    data = json.loads(gzip.decompress(dump(["en"], tuple(Label), [0.0] * WIDTH, {"a": row(Data=1.0)})))
    return gzip.compress(json.dumps({**data, **changes}).encode())


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"junk", "not gzipped JSON"),
        (gzip.compress(b"{", mtime=0), "not gzipped JSON"),
        (gzip.compress(b"[]", mtime=0), "format"),
        (spoilt(format=99), "format"),
        (spoilt(features=99), "features"),
        (spoilt(labels=["Data"]), "nine labels"),
        (spoilt(labels=["Nonsense"]), "wrong kind"),
        (spoilt(weights={}), "nine labels"),
        (spoilt(weights={"a": [1, 2]}), "one weight"),
        (spoilt(weights={"a": "b"}), "wrong kind"),
        (spoilt(bias=[0]), "one weight"),
        (spoilt(scale=None), "wrong kind"),
    ],
    ids=range(12),
)
def test_what_is_no_model_says_why(raw: bytes, why: str) -> None:
    with pytest.raises(BadModel, match=why):
        load(raw)
