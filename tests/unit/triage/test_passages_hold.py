"""What holds of passages whatever arrives: they cover the text, lead back to its words, and work grows with length."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.folding import fold
from app.triage.passages import Kind, passages
from app.triage.passages.closing_words import CLOSINGS, SENT_FROM, THANKS
from app.triage.passages.mail_words import EMPTY, MAIL
from app.triage.passages.notice_words import BANNERS, FOOTERS, LEGAL, OPENINGS
from app.triage.text import Message
from app.triage.ticket import Speaker
from tests.unit.triage.test_earlier_messages import HEADS
from tests.unit.triage.test_signatures_and_notices import NOTICES, SIGNATURES
from tests.unit.triage.test_what_machines_wrote import PASTED, TABLES

PIECES = [
    *(HEADS | SIGNATURES | NOTICES | PASTED | TABLES).values(),
    *("> quoted", ">>> x", "```", "~~~", "{code}", "{quote}", "<blockquote>", "<!--", "-->", "--", "P.S. more", "FYI"),
    *(
        "the site is down",
        "Hi Ann,",
        "",
        "\t",
        "\r",
        "\u2028",
        "\x00",
        "ﬁ",
        "İ",
        "e\u0301",
        "日本",
        "😀",
        "\ud800",
        "|",
    ),
]
MAILS = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12).map("\n".join)


@given(MAILS, st.booleans())
def test_passages_cover_the_text_without_gap_or_overlap(text: str, opening: bool) -> None:
    folded = fold(text)[0]
    found = passages(folded, opening=opening)
    at = 0
    for start, end, _ in found:
        assert start == at < end
        at = end
    assert at == len(folded)


@given(MAILS)
def test_every_word_that_is_said_leads_back_to_itself(text: str) -> None:
    message = Message("body", Speaker.CUSTOMER, text)
    assert len(message.said) == len(message.pasted)
    assert message.said_bytes.decode() == message.said, "half a character does not stop the reading"
    at = 0
    for word in message.said.split():
        at = message.said.index(word, at)
        start, end = message.original(at, at + len(word))
        assert word in fold(message.text[start:end])[0]
        at += len(word)


@given(MAILS)
def test_a_first_message_with_words_never_reads_empty(text: str) -> None:
    found = passages(fold(text)[0])
    if any(kind in (Kind.QUOTED, Kind.SIGNATURE, Kind.NOTICE) for _, _, kind in found):
        message = Message("body", Speaker.CUSTOMER, text)
        assert any(c.isalnum() for c in message.said) or not any(
            c.isalnum()
            for start, end, kind in found
            if kind in (Kind.QUOTED, Kind.SIGNATURE, Kind.NOTICE)
            for c in fold(text)[0][start:end]
        )


HOSTILE = [
    *("<", "<!--", "<a ", "```", "```\n", "{code", "{code}", "{quote}x", "<blockquote>", "[", "![", "|", "||a", "\t\t"),
    *(">\n", "> > \n", "--\n", "-", "_", "_\n", "From: a\n", "From: a\nTo: b@c\n", "On x\n", "wrote:\n", "On wrote: "),
    *("at a.b(\n", "at ", "a@b ", "Regards\n", "Regards\nAnn\n\n", "Thanks,\n", "fyi\n---- Forwarded message ----\n"),
    *(
        "this email and any confidential\n\n",
        "unsubscribe |\n",
        "a: b\n",
        "os: b\n",
        '"a": "',
        "a.b.c.",
        "0x",
        "1:",
        "\n",
    ),
    *(
        "disclaimer\n",
        "disclaimer\n\n",
        "---|---\n",
        "a|b\n---|---\n",
        "--\n> a\n",
        "# a\n- [ ] b\n",
        "from: a\nsent: b\n",
    ),
    *("##-", "##- -##\n", "é", "ﬁ\n", "日", "[error] ", "select a,", "x=;\n", "<x:y>\n", "/a", "#1 ", "a" * 99 + " "),
]


def work(text: str) -> int:
    """How many calls into Python and into the libraries below reading a message takes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    folded = fold(text)[0]
    sys.setprofile(count)
    try:
        passages(folded)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_with_the_length_of_a_hostile_text_and_no_faster(piece: str) -> None:
    short, long = (work((piece * 4000)[:size]) for size in (1_000, 4_000))
    assert long <= 5 * short + 200


def test_the_tables_of_words_know_the_same_thirteen_languages() -> None:
    languages = {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "da", "cs", "ja", "zh"}
    for table in (MAIL, CLOSINGS, THANKS, SENT_FROM, OPENINGS, LEGAL, BANNERS, FOOTERS):
        assert set(table) == languages
    assert set(EMPTY) == languages - {"ja", "zh"}, "where words are not parted their letters are counted"
