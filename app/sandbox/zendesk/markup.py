"""Comment bodies as Zendesk keeps them: HTML made safe, a plain text made of it, placeholders expanded.

Zendesk's reference ("Ticket comments: Bodies") says that ``body`` collapses spaces and that placeholders are expanded;
which HTML survives is not published, so only plain formatting does here: comments, ids and data attributes go.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser

BLOCKS = frozenset(
    {"blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"}
    | {"table", "tr", "ul"}
)
KEPT = BLOCKS | {
    *("a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "q", "s", "small", "span", "strong"),
    *("sub", "sup", "tbody", "td", "tfoot", "th", "thead", "u"),
}
KEPT_ATTRIBUTES = frozenset({"href", "src", "alt", "title", "dir", "colspan", "rowspan"})
VOID = frozenset({"br", "hr", "img"})
SILENT = frozenset({"script", "style", "head", "title", "template"})
MAX_BYTES = 65_536
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}|\{%.*?%\}", re.S)


def expand(text: str, values: Mapping[str, str]) -> str:
    """Placeholders of an agent's comment replaced by their values, unknown ones by nothing."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1] or "", ""), text)


def cut(text: str) -> str:
    """At most 64 kB; the rest is dropped without a word ("Tickets: Description and first comment")."""
    return text.encode()[:MAX_BYTES].decode("utf-8", "ignore")


def html_of(body: str) -> str:
    """A plain body as the HTML that Zendesk shows for it."""
    paragraphs = re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").strip())
    return "".join(f'<p dir="auto">{html.escape(one).replace(chr(10), "<br>")}</p>' for one in paragraphs)


def collapsed(body: str) -> str:
    """Runs of spaces become one, runs of empty lines too."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]{2,}", " ", body.replace("\r\n", "\n"))).strip()


def sanitized(source: str) -> tuple[str, str]:
    """The HTML that is kept, and its plain text."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.text)))
    return f'<div class="zd-comment" dir="auto">{"".join(reader.kept)}</div>', text.strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.text: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag in BLOCKS or tag == "br":
            self.text.append("\n")
        if tag == "li":
            self.text.append("- ")
        if tag in KEPT and not self._silent:
            kept = [(name, value or "") for name, value in attrs if name in KEPT_ATTRIBUTES]
            safe = [(name, value) for name, value in kept if not value.strip().lower().startswith("javascript:")]
            written = "".join(f' {name}="{html.escape(value)}"' for name, value in safe)
            self.kept.append(f"<{tag}{written}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in BLOCKS:
            self.text.append("\n" if tag in ("li", "tr") else "\n\n")
        if tag in KEPT and tag not in VOID and not self._silent:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
            self.kept.append(html.escape(data, quote=False))
