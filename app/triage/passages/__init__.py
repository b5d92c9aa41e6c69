"""Which parts of a message its writer says here and now, and which are quoted, signed, noticed or pasted.

``passages`` puts the readers together; each of the other modules knows one thing: ``replies`` earlier messages,
``closings`` signatures, ``notices`` what nobody wrote for this ticket, ``machine`` logs, code and tables, ``forms``
what a tracker's form asks. Words stand in tables by language (``mail_words``, ``closing_words``, ``notice_words``).
"""

from __future__ import annotations

from app.triage.passages import closings, forms, machine, notices, replies
from app.triage.passages.kind import Kind
from app.triage.passages.page import Page

__all__ = ["Kind", "Span", "passages"]

Span = tuple[int, int, Kind]

_DEEPEST = 3  # forwarded inside forwarded


def passages(folded: str, *, opening: bool = True, strict: bool = False) -> list[Span]:
    """Consecutive (start, end, kind) that cover the whole folded text.

    ``opening``: it is the first message of a ticket. What stands in one below next to nothing is what is meant; in a
    later message only what says that it is forwarded. Where a first message would say nothing at all, the rest of it
    counts as said; a later one may say nothing.
    ``strict``: an agent wrote it, so nothing that is handed on or stands between fences counts: a customer's words in
    an agent's note must not be read as a command.
    """
    if "\n" not in folded and len(folded) < 80 and not any(sign in folded for sign in "<>{[`:@|\t"):
        return [(0, len(folded), Kind.SAID)] if folded else []
    found = _read(folded, opening, 0 if strict else _DEEPEST, letters=not strict)
    if opening and not strict and not _tells(folded, found):
        found = _as_said(found)
        if not _tells(folded, found):  # all of it between fences: a letter sent as preformatted text, or a log
            found = _read(folded, opening, _DEEPEST, fences=False)
    return found


def _read(folded: str, opening: bool, deep: int, *, fences: bool = True, letters: bool = True) -> list[Span]:
    page = Page(folded)
    apart = [(*span, Kind.CODE) for span in machine.fenced(page, letters=letters)] if fences else []
    apart += [(*span, Kind.MARKUP) for span in forms.comments(page)]
    apart += [(*span, Kind.QUOTED) for span in replies.quote_blocks(page)]
    apart = _covering(apart, 0, None)
    for start, end, kind in apart:
        page.mark(page.within(start, end), kind)
    replies.mark_quoted(page)
    head = _cut(page)
    end = head.first if head else len(page.lines)
    page.mark(range(end, len(page.lines)), Kind.QUOTED)
    if opening and head is None:
        machine.mark_quoted(page)
    machine.mark(page, end)
    forms.mark(page, end)
    notices.mark(page, end)
    closings.mark(page, end)
    below: list[Span] = []
    stop = len(folded)
    if head and deep and (opening or head.forwards) and _is_meant(page, head):
        stop = page.starts[head.first]
        start = page.starts[head.last + 1]
        below = [(stop, start, Kind.MARKUP)]
        below += [(a + start, b + start, kind) for a, b, kind in _read(folded[start:], True, deep - 1)]
    spans = [*apart, *_lines(page), *((*span, Kind.MARKUP) for span in forms.inline(page))]
    return [*_covering(spans, 0, stop, fill=True), *below]


def _cut(page: Page) -> replies.Head | None:
    """The head from which on everything is earlier; heads of quotes whose lines are marked are quoted by themselves."""
    first = 0  # of the lines that are said
    for head in replies.heads(page):
        if page.kinds[head.first] is not Kind.SAID:
            continue
        while first < head.first and not page.said(first):
            first += 1
        if head.reply_line and first == head.first:
            page.mark([head.first], Kind.MARKUP)  # Zendesk's line came first: the words follow it
        elif not head.reply_line and replies.quotes_follow(page, head.last):
            page.mark(range(head.first, head.last + 1), Kind.QUOTED)
        else:
            return head
    return None


def _is_meant(page: Page, head: replies.Head) -> bool:
    """Whether what stands below a head is what the writer wants to be read."""
    if head.reply_line:
        return False
    return replies.next_to_nothing(page, head.first)


def _lines(page: Page) -> list[Span]:
    return [(page.starts[n], page.starts[n + 1], kind) for n, kind in enumerate(page.kinds) if kind is not Kind.SAID]


def _covering(found: list[Span], at: int, stop: int | None, *, fill: bool = False) -> list[Span]:
    """The spans in order, none inside another: the first one wins. ``fill`` puts what is said between them."""
    covered: list[Span] = []
    for start, end, kind in sorted(found, key=lambda span: (span[0], -span[1])):
        first, last = max(start, at), end if stop is None else min(end, stop)
        if last <= first:
            continue
        if fill and first > at:
            covered.append((at, first, Kind.SAID))
        if covered and covered[-1][1:] == (first, kind):
            first = covered.pop()[0]
        covered.append((first, last, kind))
        at = last
    if fill and stop is not None and at < stop:
        covered.append((at, stop, Kind.SAID))
    return covered


def _tells(folded: str, found: list[Span]) -> bool:
    return any(kind is Kind.SAID and any(c.isalnum() for c in folded[start:end]) for start, end, kind in found)


def _as_said(found: list[Span]) -> list[Span]:
    """Where nothing is said: what is quoted counts as said, else a notice, else what looks like a signature."""
    kinds = {kind for _, _, kind in found}
    for instead in (Kind.QUOTED, Kind.NOTICE, Kind.SIGNATURE):
        if instead in kinds:
            return [(a, b, Kind.SAID if kind is instead else kind) for a, b, kind in found]
    return found
