"""Notes reach the vendors inert, and what comes back reads as it was meant."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.packs import load_policy
from app.triage.commands import commands_in
from app.triage.marks import answer_line, answered_in, marks_in
from app.triage.ticket import Comment, Ref, Speaker, Ticket
from app.vendors.blocks import INVISIBLE, Block, Kind, blocks
from app.vendors.jira import markup as jira
from app.vendors.zendesk import markup as zendesk

MARK = "Firstline note 0123456789ab"
EVIL = [
    "{{ticket.requester.email}}",
    "{{{{x}}}}",
    "{% for x in y %}",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<!-- <b> -->",
    "&lt;b&gt; &#123;&#123;x",
    "@everyone @[~admin]",
    "#urgent #12",
    "[~admin] [~accountid:557058:1]",
    "!http://evil.example/x.png! !x.png|width=1!",
    "{html}x{html} {noformat} {code:java} {color:red}x{color} {{x}}",
    "[click|http://evil.example] [http://evil.example]",
    "h1. big\nbq. quote\n---- \n* star\n# one\n||a||b||\n|a|b|",
    "*b* _i_ -s- +u+ ^s^ ~s~ ??c?? \\\\ C:\\temp (!) (/) :) ;D",
    "\x00\x07\x1b[31m\x7f",
]
NOTES = st.lists(st.sampled_from(EVIL) | st.text(), min_size=1).map("\n".join)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, attrs))


def test_a_note_is_read_in_paragraphs_lists_and_quotes() -> None:
    assert list(blocks("one\ntwo\n\nthree\n- a\n- b\n> q\n>r\n\n- c")) == [
        Block(Kind.PARAGRAPH, ("one", "two")),
        Block(Kind.PARAGRAPH, ("three",)),
        Block(Kind.LIST, ("a", "b")),
        Block(Kind.QUOTE, ("q", "r")),
        Block(Kind.LIST, ("c",)),
    ]


def test_a_note_as_html() -> None:
    assert zendesk.note_html("one\ntwo\n\n- a\n- b\n> x < y") == (
        "<p>one<br>two</p><ul><li>a</li><li>b</li></ul><blockquote>x &lt; y</blockquote>"
    )


def test_a_note_as_wiki_text() -> None:
    assert jira.note_wiki("one\ntwo SUP-7 https://x.test/a?b=c-d\n\n- a_b\n> x *y*") == (
        "one\ntwo SUP-7 https://x.test/a?b=c-d\n\n* a\\_b\n\n{noformat}\nx *y*\n{noformat}"
    )


@pytest.mark.parametrize("prefix", ["", "- ", "> "])
@given(note=NOTES)
def test_nothing_in_a_zendesk_note_is_active(prefix: str, note: str) -> None:
    written = zendesk.note_html("\n".join(prefix + line for line in note.splitlines()))
    reader = _Tags()
    reader.feed(written)
    assert {tag for tag, _ in reader.tags} <= {"p", "br", "ul", "li", "blockquote"}
    assert all(not attrs for _, attrs in reader.tags)
    assert not re.search(r"\{[{%]|[}%]\}|[@#][^\s<]", written.replace("@" + INVISIBLE, "").replace("#" + INVISIBLE, ""))


@pytest.mark.parametrize("prefix", ["", "- ", "> "])
@given(note=NOTES)
def test_nothing_in_a_jira_note_is_active(prefix: str, note: str) -> None:
    written = jira.note_wiki("\n".join(prefix + line for line in note.splitlines()))
    assert "[~" not in written
    assert not re.search(rf"@[^\s{INVISIBLE}]", written)
    parts = re.split(r"(?m)^\{noformat\}$", written)
    assert len(parts) % 2 == 1, "every {noformat} of ours is closed, and there is none but ours"
    for literal in parts[1::2]:
        assert "{noformat" not in literal
    for outside in parts[::2]:
        assert not re.search(r"(?<!\\)[{\[!|^~+]", outside)
        assert not re.search(r"(?m)^\s*(h[1-6]|bq)\.|^-|(?<!\w)#", re.sub(r"\\[#-]|&#92;", "", outside))
        assert not re.search(r"\\\\", outside)


@pytest.mark.parametrize("evil", EVIL)
def test_the_words_and_the_mark_of_a_note_come_back(evil: str) -> None:
    note = f"P1 · Defect\n\nWhy:\n- it fails (body)\n> {evil.splitlines()[0]}\n\n{evil}\n\n{MARK} · policy x@1"
    words = [word for word in evil.split() if word.isprintable()]
    for back in (zendesk.text_of(zendesk.note_html(note)), jira.text_of(jira.note_wiki(note))):
        assert marks_in(back) == ("0123456789ab",)
    assert all(word in zendesk.text_of(zendesk.note_html(note)) for word in words)


def test_zendesks_html_reads_as_lines_with_quotes_kept_and_scripts_gone() -> None:
    source = (
        '<div class="zd-comment" dir="auto"><p>Hello <b>all</b>,<br>it&nbsp;fails &lt;now&gt; a < b</p>\r\n<p> </p>'
        "<blockquote><p>old</p><blockquote>older</blockquote></blockquote><ul><li>one</li><li>two</li></ul>"
        "<pre>x\n  y\n</pre><style>p{}</style><script>alert(1)<p>2</p></script><!-- c < d --><?php x ?>"
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>end</div>"
    )
    assert zendesk.text_of(source) == (
        "Hello all,\nit fails <now> a < b\n\n> old\n\n> older\n\n- one\n- two\n\n```\nx\n  y\n\n```\n\na b\nc\n\nend"
    )


@pytest.mark.parametrize(
    "signature",
    [
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div>Ann</div><div>Shop</div></div>',
        '<pre class="moz-signature" cols="72">Ann\nShop</pre>',
        '<div id="ms-outlook-mobile-signature">Ann<br>Shop</div>',
    ],
)
def test_what_a_mail_program_marked_as_a_signature_stands_below_dashes(signature: str) -> None:
    assert zendesk.text_of(f"<p>It fails.</p>{signature}").split() == ["It", "fails.", "--", "Ann", "Shop"]


def test_preformatted_text_stands_between_fences_that_belong_together() -> None:
    assert zendesk.text_of("a<pre>x<pre>y</pre>z</pre>b").count("```") == 2
    assert zendesk.text_of("a</pre>b") == "a\n\nb"


def test_jiras_wiki_text_reads_as_lines_with_quotes_kept_and_macros_gone() -> None:
    source = (
        "Hi *all*,\r\n{quote}\nold\nolder\n{quote}\nbq. oldest\n{code:title=x.py|theme=A}\na\\_b [x]\n{code}\n"
        "{color:#ff0000}red{color} a\\_b &#92; \\[x\\]\n\n\n\n{panel:title=T}in{panel}"
    )
    assert jira.text_of(source) == (
        "Hi *all*,\n\n> old\n> older\n\n> oldest\n```\na\\_b [x]\n```\nred a_b \\ [x]\n\nin"
    )


def test_a_jira_document_reads_as_lines() -> None:
    def node(kind: str, *content: Any, **more: Any) -> dict[str, Any]:
        return {"type": kind, "content": list(content)} | more

    def text(words: str) -> dict[str, Any]:
        return {"type": "text", "text": words}

    document = node(
        "doc",
        node("heading", text("Title")),
        node(
            "paragraph", text("one "), {"type": "mention", "attrs": {"text": "@ann"}}, {"type": "hardBreak"}, text("x")
        ),
        node(
            "bulletList", node("listItem", node("paragraph", text("a"))), node("listItem", node("paragraph", text("b")))
        ),
        node("blockquote", node("paragraph", text("old")), node("paragraph", text("older"))),
        node("codeBlock", text("x = 1\ny = 2")),
        node("table", node("tableRow", node("tableCell", node("paragraph", text("p"))), node("tableCell", text("q")))),
        node("inventedTomorrow", node("paragraph", text("kept"))),
    )
    assert jira.text_of(document) == (
        "Title\n\none @ann\nx\n\n- a\n- b\n\n> old\n> older\n\n```\nx = 1\ny = 2\n```\n\n| p | q |\n\nkept"
    )


@given(st.recursive(st.none() | st.text() | st.integers(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)))
def test_whatever_a_jira_document_holds_it_reads(value: Any) -> None:
    assert isinstance(jira.text_of({"type": "doc", "content": value}), str)


def test_a_document_nested_without_end_reads_too() -> None:
    document: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(500):
        document = {"type": "blockquote", "content": [document]}
    assert jira.text_of(document) == ""


@given(st.text())
def test_whatever_html_or_wiki_text_arrives_it_reads_without_control_characters(source: str) -> None:
    for text in (zendesk.text_of(source), jira.text_of(source)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


def test_zendesks_links_are_told_where_words_hide_them() -> None:
    source = (
        '<p>See <a href="https://help.acme.example/a?b=1&amp;c=2" rel="noreferrer">this page</a> or '
        "<a class='x' HREF='http://b.example/y'>that</a>, <a href=\"mailto:a@b.example\">us</a>, "
        '<a name="z">here</a>, <a href="javascript:x()">there</a>, https://c.example/in-words</p>'
    )
    assert zendesk.links_of(source) == ("https://help.acme.example/a?b=1&c=2", "http://b.example/y")
    assert len(zendesk.links_of('<a href="https://a.example/b">b</a>' * 50)) == 20
    assert zendesk.links_of("") == ()


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<",
            "<!--",
            "<a ",
            "<a b=",
            "<![CDATA[",
            "</",
            "<blockquote>x",
            "<pre>\n",
            "<script>",
            "&",
            "&#",
            "&#9",
            "9",
        ),
        *(" ", "\n", "\xa0 ", "{code:", "{noformat}", "{quote}x", "\\", "[~", "(", "{", "?", "- \n", "> \n", "bq. "),
    ],
)
def test_reading_and_writing_take_linear_time(piece: str) -> None:
    source = (piece * 200_000)[:200_000]
    start = time.perf_counter()
    zendesk.links_of(source)
    for convert in (zendesk.text_of, jira.text_of, zendesk.note_html, jira.note_wiki):
        assert len(convert(source)) < 2_000_000
    assert time.perf_counter() - start < 3


def test_a_character_reference_of_ten_thousand_digits_is_harmless() -> None:
    assert zendesk.text_of("a&#" + "9" * 10_000 + ";b &#x" + "f" * 10_000 + ";c &#0;&#65;").endswith("A")


@pytest.mark.parametrize("outcome", ["", f"{MARK} · policy x@1\n\n"])
def test_the_marks_of_answers_come_back_too(outcome: str) -> None:
    marks = ("0123456789ab", "ba9876543210")
    note = f"You said:\n- label Data: the label is Data\n- why: these rules hold\n\n{outcome}{answer_line(marks)}"
    for back in (zendesk.text_of(zendesk.note_html(note)), jira.text_of(jira.note_wiki(note))):
        assert answered_in(back) == marks
        assert set(marks) <= set(marks_in(back))


@pytest.mark.parametrize(
    "text",
    [
        zendesk.text_of('<div class="zd-comment"><p>Hm.<br>/triage&nbsp;severity P2</p></div>'),
        zendesk.text_of("<div>Hm.</div><div>/triage severity <b>P2</b></div>"),
        jira.text_of("Hm.\r\n/triage severity P2\r\n"),
        jira.text_of(
            {
                "type": "doc",
                "content": [
                    {"type": "paragraph", "content": [{"type": "text", "text": "Hm."}]},
                    {"type": "paragraph", "content": [{"type": "text", "text": "/triage severity P2"}]},
                ],
            }
        ),
    ],
)
def test_a_command_is_found_in_what_an_agent_wrote_at_either_vendor(text: str) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    comment = Comment("5", Speaker.AGENT, text, at, public=False)
    ref = Ref("jira", "acme", "SUP-1")
    ticket = Ticket(ref=ref, subject="x", body="y", created_at=at, updated_at=at, comments=(comment,))
    (command,) = commands_in(ticket, load_policy("unified").pack)
    assert (command.verb, command.value) == ("severity", "P2")
