"""What a form asks and leaves standing: questions, unticked boxes, instructions, comments; and pictures and lumps."""

from __future__ import annotations

from collections.abc import Iterator

from app.triage.passages.kind import Kind
from app.triage.passages.page import Page, any_of, lines_with

_INSTRUCTIONS = (
    "a clear and concise description", "if applicable, add screenshots", "add any other context", "please complete the",
    "please describe the", "please provide a", "write your steps here", "tell us what", "describe the problem here",
    "replace this text", "delete this section", "before submitting", "please search", "thanks for taking the time",
    "thank you for taking the time", "explain why", "provide a general summary", "no response_", "please fill",
    "please make sure", "please answer these questions", "please read", "fill in the", "provide a minimal",
)  # fmt: skip
_PROMISES = (
    "i have searched", "i searched", "i have read", "i've read", "i've searched", "i agree", "code of conduct",
    "i checked", "i have checked", "existing issues", "i confirm", "i am using the latest", "i'm using the latest",
    "duplicate", "i made sure", "i verified", "i understand", "the documentation", "contributing",
    "i report the issue", "best of my knowledge", "i updated to the latest",
)  # fmt: skip
_QUESTION = lines_with(r"^[ \t]*(?:#{1,6} |\*\*|h[1-6]\. )[^\n]*\?[ \t*]*$")
_UNTICKED = lines_with(r"^[ \t]*(?:[-*+] )?\[ ?\] ")
_TICKED = lines_with(rf"^[ \t]*(?:[-*+] )?\[x\] [^\n]{{0,120}}{any_of(_PROMISES)}")
_ASKED = lines_with(rf"^[ \t*_(\[<>#-]*{any_of(_INSTRUCTIONS)}[^\n]{{0,400}}$")
_UNANSWERED = lines_with(r"^[ \t*_]*(?:no response|not applicable|n/?a|none|-+)[ \t*_.]*\r?$")
_HEADING = lines_with(r"^[ \t]*(?:#{1,6} |\*\*|h[1-6]\. )")
_INLINE = lines_with(
    r"</?[a-z][^<>\n]{0,300}>"
    r"|https?://[^\s<>)\]]+|\bwww\.[^\s<>)\]]+"
    r"|\[(?:cid:|image:|inline image)[^\]\n]{0,200}\]|<image\d+\.\w{3,4}>|!\[[^\]\n]{0,200}\]\("
    r"|![\w .()-]{1,80}\.(?:png|jpe?g|gif|bmp|webp|svg)(?:\|[^!\n]{0,80})?!|\[\^[^\]\n]{1,120}\]|\[~[^\]\n]{1,80}\]"
    r"|\bdata:[a-z]+/[\w.+-]+;base64,[a-z0-9+/=]*|[a-z0-9+/_-]{80,}=*"
)


def comments(page: Page) -> list[tuple[int, int]]:
    """HTML comments, as character spans; one that is never closed goes on to the end."""
    found: list[tuple[int, int]] = []
    at = page.text.find("<!--")
    while at >= 0:
        close = page.text.find("-->", at + 4)
        end = close + 3 if close >= 0 else len(page.text)
        found.append((at, end))
        at = page.text.find("<!--", end)
    return found


def mark(page: Page, end: int) -> None:
    """Mark what a form asks among the lines before ``end``."""
    if "?" in page.text:
        page.mark((n for n in page.numbers(_QUESTION) if n < end), Kind.MARKUP)
    if "[" in page.text:
        for pattern in (_UNTICKED, _TICKED):
            page.mark((n for n in page.numbers(pattern) if n < end), Kind.MARKUP)
    headings = set(page.numbers(_HEADING))
    if headings:  # a form of a tracker: its instructions are not the writer's
        page.mark((n for n in page.numbers(_ASKED) if n < end), Kind.MARKUP)
        page.mark((n for n in page.numbers(_UNANSWERED) if n < end), Kind.MARKUP)


def inline(page: Page) -> Iterator[tuple[int, int]]:
    """Tags, addresses, pictures and encoded lumps inside lines."""
    if any(sign in page.text for sign in ("<", "://", "www.", "[", "!", "base64")) or max(map(len, page.lines)) > 80:
        yield from page.spans(_INLINE)
