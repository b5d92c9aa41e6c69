"""Notes and replies to Zendesk's HTML, and comments' HTML to plain text.

Zendesk expands ``{{placeholders}}`` and Liquid in what is written to it (Zendesk: "Ticket comments"), so braces are
kept apart, and ``@`` and ``#`` from what follows. Reading is one pass over the pieces between ``<``: linear whatever
a customer sends, where the standard library's parser is not.
"""

from __future__ import annotations

import html
import re
from itertools import islice

from app.vendors.blocks import INVISIBLE, Block, Kind, blocks, printable

_ACTIVE = re.compile(r"(?<=[{%])(?=[{%])|(?<=[}%])(?=[}%])|(?<=[@#])(?=\S)")
_LONG_REFERENCE = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,};?")
_BREAKS = frozenset({"br", "tr", "li"})
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "div", "dl", "dd", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"header", "hr", "ol", "p", "pre", "section", "table", "ul"}
)
_SILENT = frozenset({"script", "style", "head", "title", "template"})
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SIGNATURE = re.compile(
    r"(?i)\b(?:class|id)=[\"']?[^\"'>]{0,80}(?:gmail|moz|ms-outlook-mobile|protonmail)[_-]signature"
)
_LINK = re.compile(r"<a\s[^<>]{0,200}?\bhref=[\"'](https?://[^\"'\s<>]{1,2000})", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")


def note_html(text: str) -> str:
    """A note or a reply as HTML in which nothing is active: no tag, no placeholder, no mention."""
    return "".join(map(_block_html, blocks(text)))


def _block_html(block: Block) -> str:
    lines = [html.escape(_ACTIVE.sub(INVISIBLE, line), quote=False) for line in block.lines]
    match block.kind:
        case Kind.LIST:
            return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
        case Kind.QUOTE:
            return "<blockquote>" + "<br>".join(lines) + "</blockquote>"
    return "<p>" + "<br>".join(lines) + "</p>"


def text_of(source: str) -> str:
    """HTML as plain text: line breaks kept, quoted lines begin with ``> ``, ``pre`` stands between fences of backticks,
    what a mail program marked as the signature below ``--``, scripts and styles gone."""
    reader = _Reader()
    first, *pieces = source.split("<")
    reader.write(first)
    for piece in pieces:
        reader.read(piece)
    return reader.text()


def links_of(source: str) -> tuple[str, ...]:
    """The web addresses behind the words of HTML, which ``text_of`` does not tell; the first twenty."""
    return tuple(html.unescape(match[1]) for match in islice(_LINK.finditer(source), 20))


class _Reader:
    """Writes lines while the tags go by."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._parts: list[str] = []
        self._quotes = 0
        self._pre = 0
        self._fenced = False
        self._silent = ""
        self._comment = False

    def read(self, piece: str) -> None:
        """One piece: what follows a ``<``, up to the next."""
        if self._comment or piece.startswith("!--"):
            _, ended, rest = piece.partition("-->")
            self._comment = not ended
            self.write(rest)
            return
        found = _TAG.match(piece)
        if found is None:
            if piece[:1] not in ("!", "?", "/"):
                self.write("<" + piece)  # a bare less-than sign
            else:
                self.write(piece.partition(">")[2])
            return
        closing, name = found[1] == "/", found[2].lower()
        if self._silent:
            if not (closing and name == self._silent):
                return
            self._silent = ""
        elif name in _SILENT and not closing:
            self._silent = name
            return
        signs = not closing and _SIGNATURE.search(piece.partition(">")[0]) is not None
        self._tag(name, closing=closing, signs=signs)
        self.write(piece.partition(">")[2])

    def _tag(self, name: str, *, closing: bool, signs: bool) -> None:
        if name in _BLOCKS:
            self._end(gap=True)
        elif name in _BREAKS and not (closing and name == "br"):
            self._end(gap=False, force=name == "br")
        elif name in ("td", "th") and not closing and self._parts:
            self._parts.append(" ")
        step = -1 if closing else 1
        if name == "blockquote":
            self._quotes = max(0, self._quotes + step)
        elif name == "pre":
            if not self._pre and not closing:
                self._fenced = not signs
            if self._fenced and self._pre == closing:  # the first that opens, the last that closes
                self._parts.append("```")
                self._end(gap=closing)
            self._pre = max(0, self._pre + step)
        elif name == "li" and not closing:
            self._parts.append("- ")
        if signs:
            self._end(gap=False)
            self._parts.append("--")
            self._end(gap=False)

    def write(self, text: str) -> None:
        """Text between two tags."""
        if not text or self._silent:
            return
        text = html.unescape(_LONG_REFERENCE.sub("", text)).replace(INVISIBLE, "")
        if not self._pre:
            self._parts.append(_SPACES.sub(" ", text.replace("\n", " ")))
            return
        first, *rest = text.split("\n")
        self._parts.append(first)
        for line in rest:
            self._end(gap=False, force=True)
            self._parts.append(line)

    def _end(self, *, gap: bool, force: bool = False) -> None:
        """End the line; ``gap`` asks for an empty one after it, ``force`` ends even an empty one."""
        line = "".join(self._parts)
        line = line.rstrip() if self._pre else _SPACES.sub(" ", line).strip()
        self._parts.clear()
        if line or force:
            self._lines.append(("> " + line).rstrip() if self._quotes else line)
        if gap and self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        """What was read, without empty lines at its ends and never two in a row."""
        self._end(gap=False)
        kept = [line for at, line in enumerate(self._lines) if line or (at and self._lines[at - 1])]
        return printable("\n".join(kept)).strip("\n")
