"""Which parts of a message its writer says here and now, and which are quoted, signed, or pasted from a machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum


class Kind(Enum):
    """What a passage is."""

    SAID = "said"
    QUOTED = "quoted"
    SIGNATURE = "signature"
    CODE = "code"
    MARKUP = "markup"


# A line from which on everything is somebody's earlier message.
_REPLY_HEAD = re.compile(
    r"""^[ \t]*(?:
        [-_]{3,}[ \t]*(?:original|forwarded)\ (?:message|e-?mail)[ \t]*[-_]*
      | -*[ \t]*(?:ursprungliche\ nachricht|message\ d'origine|mensaje\ original|mensagem\ original)[ \t]*-*
      | \#\#-.{0,80}-\#\#
      | begin\ forwarded\ message:
      | on\b[^\n]{6,200}\n?[^\n]{0,120}\bwrote:[ \t]*
      | (?:am|le|el|em|il|op)\b[^\n]{6,160}\b(?:schrieb|a\ ecrit|escribio|escreveu|ha\ scritto|schreef)\b
          [^\n]{0,60}:[ \t]*
      | (?:from|von|de):[ ][^\n]+\n(?:[^\n]*\n){0,2}?[ \t]*(?:sent|date|to|gesendet|datum|envoye|enviado):[ ][^\n]+
    )$""",
    re.MULTILINE | re.VERBOSE,
)
_REPLY_WORDS = (
    *("wrote:", "##-", "original message", "original email", "original e-mail", "forwarded", "original-", "d'origine"),
    *("liche nachricht", "mensaje original", "mensagem original", "schrieb", " ecrit", "escribio", "escreveu"),
    *("ha scritto", "schreef", "from: ", "von: ", "de: "),
)
_SIGNATURE_HEAD = re.compile(
    r"""^[ \t]*(?:
        --[ ]?
      | _{8,}
      | (?:(?:best|kind|warm|with\ (?:best|kind)|many)\ )?(?:regards|wishes)(?:\ from\ [^\n]{0,40})?[ \t]*[,.!]?
      | (?:best|cheers|sincerely|yours\ (?:sincerely|truly|faithfully)|respectfully|thanks|thank\ you|many\ thanks
          |thanks\ (?:in\ advance|and\ regards|&\ regards)|mfg|mit\ freundlichen\ gru(?:ss|ß)en|cordialement|saludos
          |atenciosamente)[ \t]*[,.!]?
      | sent\ (?:from|via)\ (?:my\ )?[^\n]{2,40}
      | get\ outlook\ for\ [^\n]{2,20}
    )$""",
    re.MULTILINE | re.VERBOSE,
)
_DISCLAIMER = re.compile(
    r"^[ \t*_]*(?:confidentiality notice|disclaimer\b"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message)"
    r"(?: and any (?:attachments?|files))?[^\n]{0,80}\b(?:confidential|intended|privileged))",
    re.MULTILINE,
)
_FENCED = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|\{(code|noformat)(?::[^}\n]*)?\}.*?(?:\{\1\}|\Z)|<pre\b.*?(?:</pre>|\Z)",
    re.DOTALL,
)
_QUOTE_BLOCK = re.compile(r"\{quote\}.*?\{quote\}|<blockquote\b.*?(?:</blockquote>|\Z)", re.DOTALL)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-z][^<>\n]{0,300}>|https?://[^\s<>)\]]+|\bwww\.[^\s<>)\]]+", re.DOTALL)
_QUOTED_LINE = re.compile(r"^[ \t]{0,3}(?:>|bq\. )[^\n]*", re.MULTILINE)
_FORM_QUESTION = re.compile(r"^[ \t]*(?:#{1,6} |\*\*)[^\n]*\?[ \t*]*$", re.MULTILINE)
_MACHINE_LINE = re.compile(
    r"""^[ \t]*(?:
        at\ [\w$.<>/]+(?:\([^\n]*\))?$
      | (?:caused\ by|exception\ in\ thread)\b[^\n]*
      | traceback\ \(most\ recent[^\n]*
      | file\ "[^"\n]+",\ line\ \d+[^\n]*
      | [\w.$]+(?:error|exception|warning):[ ][^\n]*
      | \#\d+[ ][^\n]*
      | \[?\d{4}[-/]\d\d[-/]\d\d[t ]\d\d:\d\d[^\n]*
      | \d\d:\d\d:\d\d[.,\]]?[^\n]*
      | \[(?:error|warn(?:ing)?|info|debug|fatal|trace)\][^\n]*
      | (?:error|warn(?:ing)?|info|debug|fatal|trace)[ :]\ ?\[?[\d\w.]*\]?\ \d{4}-[^\n]*
      | [$>]\ (?:sudo|npm|pip|git|curl|docker|kubectl|python\d?|php|java|mvn|cd|ls)\b[^\n]*
      | (?:get|post|put|delete|patch)\ /[^\n]*
      | [{}();\]]+$
    )""",
    re.MULTILINE | re.VERBOSE,
)


def passages(folded: str) -> list[tuple[int, int, Kind]]:
    """Consecutive (start, end, kind) that cover the whole folded text."""
    end, tail = _own_end(folded)
    found = [*_marked(folded, end)]
    if end < len(folded):
        found.append((end, len(folded), tail))
    found.sort(key=lambda span: (span[0], -span[1]))
    covered: list[tuple[int, int, Kind]] = []
    at = 0
    for start, stop, kind in found:
        if stop <= at:
            continue
        if start > at:
            covered.append((at, start, Kind.SAID))
        covered.append((max(start, at), stop, kind))
        at = stop
    if at < len(folded):
        covered.append((at, len(folded), Kind.SAID))
    return covered


def _own_end(folded: str) -> tuple[int, Kind]:
    """Where the writer's own words end: at the earlier of a quoted reply, a signature, a disclaimer."""
    end, kind = len(folded), Kind.SAID
    head = _reply_head(folded, 0)
    if head:
        if folded[: head.start()].strip():
            end, kind = head.start(), Kind.QUOTED
        elif head.group().lstrip().startswith("##-"):
            return _after(folded, head.end())
    for match in _SIGNATURE_HEAD.finditer(folded, 0, end):
        rest = folded[match.end() : end]
        if folded[: match.start()].strip() and _is_tail(match.group().strip(), rest):
            end, kind = match.start(), Kind.SIGNATURE
            break
    notice = _DISCLAIMER.search(folded, 0, end)
    if notice and folded[: notice.start()].strip():
        end, kind = notice.start(), Kind.SIGNATURE
    return end, kind


def _reply_head(folded: str, start: int) -> re.Match[str] | None:
    """The head of a quoted reply; looked for only where one of its words occurs at all."""
    if any(word in folded for word in _REPLY_WORDS):
        return _REPLY_HEAD.search(folded, start)
    return None


def _after(folded: str, start: int) -> tuple[int, Kind]:
    """The end of the own words where Zendesk's reply line comes first and the words follow it."""
    head = _reply_head(folded, start)
    return (head.start(), Kind.QUOTED) if head else (len(folded), Kind.SAID)


def _is_tail(head: str, rest: str) -> bool:
    """A greeting starts a signature only when little follows: a name, a title, an address, not another paragraph."""
    if head.startswith(("--", "sent from", "sent via", "get outlook", "____")):
        return True
    lines = [line for line in rest.splitlines() if line.strip()]
    return len(lines) <= 8 and all(len(line) <= 80 for line in lines[:4])


def _marked(folded: str, end: int) -> Iterator[tuple[int, int, Kind]]:
    own = folded[:end]
    if "\n" in own:
        for pattern, kind in (
            (_MACHINE_LINE, Kind.CODE),
            (_QUOTED_LINE, Kind.QUOTED),
            (_FORM_QUESTION, Kind.MARKUP),
        ):
            for match in pattern.finditer(own):
                yield match.start(), match.end(), kind
    if "```" in own or "~~~" in own or "{" in own or "<pre" in own:
        for match in _FENCED.finditer(own):
            yield match.start(), match.end(), Kind.CODE
    if "{quote" in own or "<blockquote" in own:
        for match in _QUOTE_BLOCK.finditer(own):
            yield match.start(), match.end(), Kind.QUOTED
    if "<" in own or "://" in own or "www." in own:
        for match in _MARKUP.finditer(own):
            yield match.start(), match.end(), Kind.MARKUP
