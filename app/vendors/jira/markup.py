"""Notes and replies to Jira's wiki text, and descriptions and comments (wiki text, or an ADF document) to plain text.

REST v2 takes wiki text in the Cloud and in a Data Center. Every character that could start markup is escaped with a
backslash; what a backslash does not stop (mentions are looked for in the raw text, even inside {noformat}) is parted
by an invisible character. Customers' words stand in {noformat}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.vendors.blocks import INVISIBLE, Block, Kind, blocks, printable

_BACKSLASH = "&#92;"  # two backslashes are a line break in wiki text, so one is written as a reference
_ACTIVE = re.compile(
    r"(?P<backslash>\\)"
    r"|(?P<special>[{}\[\]!*_+^~|]|\?(?=\?)|\((?=[^\s()]{1,8}\))|(?<!\w)[-#]|-(?!\w))"
    r"|(?P<parted>@|&(?=[#\w])|[:;](?=[)(DPp]))"
)
_LINE_STARTS = re.compile(r"\s*(?:h[1-6]|bq)\.")
_PARTED = re.compile(r"(?<=[{\[@&])(?=\S)")
_MACROS = re.compile(r"\{(noformat|code|quote|color|panel)(?::[^{}\n]{0,200})?\}")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9\s\\])|&#92;")
_MAX_DEPTH = 100


def note_wiki(text: str) -> str:
    """A note or a reply as wiki text in which nothing is active: no macro, image, mention or link by brackets."""
    return "\n\n".join(map(_block_wiki, blocks(text)))


def _block_wiki(block: Block) -> str:
    match block.kind:
        case Kind.LIST:
            return "\n".join(f"* {_literal(line)}" for line in block.lines)
        case Kind.QUOTE:
            quoted = "\n".join(_PARTED.sub(INVISIBLE, line) for line in block.lines)
            return f"{{noformat}}\n{quoted}\n{{noformat}}"
    return "\n".join(map(_literal, block.lines))


def _literal(line: str) -> str:
    line = _ACTIVE.sub(_escape, line)
    return INVISIBLE + line if _LINE_STARTS.match(line) else line


def _escape(found: re.Match[str]) -> str:
    if found["backslash"]:
        return _BACKSLASH
    return f"\\{found['special']}" if found["special"] else f"{found['parted']}{INVISIBLE}"


def text_of(value: object) -> str:
    """Wiki text or an ADF document as plain text. Quoted lines begin with ``> ``; what is neither is empty."""
    if isinstance(value, dict):
        return _tidy("".join(_adf(value, 0)))
    return _tidy("".join(_wiki(value))) if isinstance(value, str) else ""


def _wiki(source: str) -> Iterator[str]:
    """The text without its macros; {noformat} and {code} stand between fences, and a backslash in them is one."""
    literal, quoted, at = False, False, 0
    source = source.replace("\r\n", "\n")
    for macro in _MACROS.finditer(source):
        yield _plain(source[at : macro.start()], literal=literal, quoted=quoted)
        at = macro.end()
        if macro[1] in ("noformat", "code"):
            literal = not literal
            yield _fence(source, *macro.span())
        elif macro[1] == "quote":
            quoted = not quoted
    yield _plain(source[at:], literal=literal, quoted=quoted)


def _fence(source: str, start: int, end: int) -> str:
    """Three backticks on a line of their own."""
    before = "" if start == 0 or source[start - 1] == "\n" else "\n"
    return f"{before}```" + ("" if source[end : end + 1] == "\n" else "\n")


def _plain(text: str, *, literal: bool, quoted: bool) -> str:
    if not literal:
        text = _ESCAPED.sub(lambda found: found[1] or "\\", text)
        text = re.sub(r"(?m)^bq\. ", "> ", text)
    if quoted:
        text = "\n" + "".join(f"> {line}\n" for line in text.strip("\n").splitlines())
    return text


def _adf(node: Any, depth: int) -> Iterator[str]:
    """The text of an Atlassian Document Format node; unknown nodes give the text inside them."""
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return
    kind, attrs = node.get("type"), node.get("attrs")
    attrs = attrs if isinstance(attrs, dict) else {}
    inner = node.get("content")
    text = "".join(part for child in (inner if isinstance(inner, list) else ()) for part in _adf(child, depth + 1))
    match kind:
        case "text":
            yield str(node.get("text") or "")
        case "hardBreak":
            yield "\n"
        case "mention" | "emoji" | "status" | "inlineCard" | "date":
            yield str(attrs.get("text") or attrs.get("shortName") or attrs.get("url") or "")
        case "codeBlock":
            yield "```\n" + text.strip("\n") + "\n```\n" + "\n" * (depth <= 1)
        case "tableRow":
            yield "| " + text + "\n"
        case "paragraph" | "heading" | "rule":
            yield text + "\n" * (1 if depth > 1 else 2)
        case "listItem":
            yield "- " + text.strip("\n") + "\n"
        case "bulletList" | "orderedList" | "panel" | "table" | "expand":
            yield text.strip("\n") + "\n\n"
        case "tableCell" | "tableHeader":
            yield " ".join(text.split()) + " | "
        case "blockquote":
            yield "".join(f"> {line}\n" for line in text.strip("\n").splitlines()) + "\n"
        case _:
            yield text


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in printable(text).replace("\xa0", " ").replace(INVISIBLE, "").split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept).strip("\n")
