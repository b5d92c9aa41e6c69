"""What a writer says here and now, told apart from what is quoted, signed or pasted."""

from __future__ import annotations

import pytest

from app.triage.folding import fold
from app.triage.text import Message
from app.triage.ticket import Speaker


def said(text: str) -> str:
    return " ".join(Message("body", Speaker.CUSTOMER, text).said.split())


@pytest.mark.parametrize(
    "text",
    [
        "It fails.\n\n> the whole site is down",
        "It fails.\n\nOn Mon, 3 Mar 2025 at 10:00, Ann <a@b.c> wrote:\nthe whole site is down",
        "It fails.\n\n-----Original Message-----\nFrom: Ann\nthe whole site is down",
        "It fails.\n\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\nthe whole site is down",
        "It fails.\n\n##- Please type your reply above this line -##\nthe whole site is down",
        "It fails.\n\nAm 3. März 2025 um 10:00 schrieb Ann <a@b.c>:\nthe whole site is down",
        "It fails.\n-- \nThe Whole Site Is Down Ltd",
        "It fails.\n\nBest regards,\nAnn\nThe whole site is down Inc.",
        "It fails.\n\nSent from my iPhone the whole site is down\n",
        "It fails.\n\nThis e-mail is confidential and intended for the addressee.\nthe whole site is down",
        "It fails.\n```\nthe whole site is down\n```",
        "It fails.\n{code}\nthe whole site is down\n{code}",
        "It fails.\n{quote}the whole site is down{quote}",
        "It fails.\n2025-03-01 10:00:00 the whole site is down",
        "It fails. <!-- the whole site is down -->",
        "It fails. https://status.example.com/the-whole-site-is-down",
    ],
)
def test_what_others_or_machines_wrote_is_not_said(text: str) -> None:
    assert "fails" in said(text)
    assert "whole" not in said(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nthe whole site is down and we lose orders. We tried everything we could think of, from restarting to "
        "clearing caches, and nothing helped.\n\nPlease look into it today, we have a launch.",
        "##- Please type your reply above this line -##\nthe whole site is down",
        "On Monday the whole site is down, we wrote: nothing",
        "Regards to the team. The whole site is down.",
    ],
)
def test_words_that_only_look_like_a_tail_are_still_said(text: str) -> None:
    assert "whole site is down" in said(text).lower()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Can’t log in", "can't log in"),
        ("it\u00a0is\u2009slow", "it is slow"),
        ("the si\u200bte is down", "the site is down"),
        ("ﬁle is lost", "file is lost"),
        ("ＤＯＷＮ again", "down again"),
        ("Störung für alle", "storung fur alle"),
    ],
)
def test_folding_makes_letters_plain_and_remembers_where_they_stood(text: str, word: str) -> None:
    message = Message("body", Speaker.CUSTOMER, text)
    at = message.said.index(word)
    start, end = message.original(at, at + len(word))
    assert text[start:end] == text[text.index(text[start]) : end]
    assert fold(text[start:end])[0] == word


def test_html_that_slipped_through_is_not_read_as_words() -> None:
    assert said("<p>The <b>site</b> is slow</p>") == "the site is slow"
