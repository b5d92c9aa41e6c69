"""The parts of a bug report: steps, what was expected, what happened instead, what was tried.

Every function takes folded text and gives spans of it. Expressions have no nested repeats without a bound, and every
repeat is bounded or runs over one class of letters, so that no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

_MOST_STEPS = 20
_MOST_TRIED = 5
_LONGEST = 400

_STEPS_WORDS = (
    *("steps", "steps taken", "steps to reproduce", "steps to replicate", "steps to recreate", "repro", "repro steps"),
    *("how to reproduce", "how to replicate", "to reproduce", "to replicate", "to recreate", "reproduction"),
    *("reproduction steps", "str", "what i did", "what we did", "this is what i do", "this is what we do"),
)
_EXPECTED_WORDS = (
    *("expected", "expected behaviou?r", "expected results?", "expected outcome", "expectation", "should be"),
    *("what did you expect(?: to happen)?", "what (?:i|we) expect(?:ed)?(?: to happen)?", "what should happen"),
)
_ACTUAL_WORDS = (
    *("actual", "actual behaviou?r", "actual results?", "actual outcome", "current behaviou?r", "observed"),
    *("observed behaviou?r", "what happens", "what happened", "what actually happens", "what actually happened"),
    *("what happened instead", "what happens instead", "what (?:i|we) (?:get|got|see|saw)"),
)
_TRIED_WORDS = ("tried", "already tried", "what (?:i|we) (?:have )?(?:already )?tried", "troubleshooting(?: done)?")


def words(expression: str) -> re.Pattern[str]:
    """An expression in which a space is one white space, so that a phrase may be wrapped to the next line.

    The expression itself may be written on several lines; their indentation does not count.
    """
    return re.compile(re.sub(r"\n +", "", expression).replace(" ", r"\s"))


_TO_DO = (
    r"(?:be|show|have|see|get|contain|open|work|appear|allow|send|receive|display|return|include|equal|happen|stay)"
)
_EXPECTING = words(
    rf"""\b(?:(?:i|we|you|one)(?:'d| would)? (?:have )?expect(?:ed)?\b
    |expect(?:ed|ing)? (?:it|this|that|to)\b
    |(?:is|are|was|were) supposed to\b
    |instead of\b
    |rather than\b
    |(?<!you )(?<!what )(?<!how )(?<!who )(?<!where )(?<!when )should(?: not|n't| only| still| always)?
        \s{_TO_DO}\b)"""
)
_HAPPENING = words(
    r"""\b(?:what (?:actually )?happen(?:s|ed) is\b
    |(?:but|and) instead\b
    |instead,? (?:i|we|it|they|the|nothing|an?|of (?:that|this))\b
    |(?:but|all) (?:i|we) (?:only )?(?:get|see|got|saw)\b
    |in reality\b
    |(?:it|this|that|nothing) actually\b)"""
)
_TRYING = words(
    r"""\b(?:cleared|clearing|emptied) (?:the |my |our |all )?(?:browser |local )?(?:caches?|cookies|history)\b
    |\b(?:i|we)(?: have|'ve| had)?(?: already| also| even| both){0,2} (?:restarted|rebooted|reinstalled
        |re-installed|refreshed|reloaded|reset|logged out|signed out|disabled|re-?enabled|reconnected|re-?connected
        |uninstalled|rolled back|switched|power ?cycled|cleared|regenerated|recreated|re-created|retried|tested)\b
    |\b(?:i|we|already)(?: have|'ve| had)?(?: already| also| even| both){0,2} tried\b(?! to\b)
    |\btried (?:to )?(?:another|a (?:different|second|new)|other|different|in(?: an)? incognito|incognito|both
        |several|it (?:in|on|with)|again|clear|restart|reboot|reinstall|refresh|reset|reload|disabl|logg|sign|chang
        |updat|switch|turn|remov|delet|us)\w*
    |\b(?:restarting|rebooting|reinstalling|refreshing|clearing|reloading)\b[^.!?\n]{0,60}
        \b(?:did not|didn't|does not|doesn't|no|nothing)\b"""
)
_NOT_YET = words(
    r"\b(?:have|has|did|'ve)(?: not|n't)(?: yet)? (?:tr(?:y|ied)|clear|restart|reinstall)|\bshould (?:i|we) "
)
_ITEM = re.compile(
    r"^[ \t]{0,12}(?:(?:step )?(\d{1,2})[.):]|step (\d{1,2})\b[ -]{0,3}|[-*•+#]{1,3}(?=[ \t]))[ \t]{0,8}(?=\S)"
)
_INLINE = re.compile(r"(?<!\S)\(?(?:step )?(\d{1,2})[.):] (?=\S)")
_LABEL = re.compile(r"^[ \t>*_#]{0,8}[a-z][a-z '/()-]{1,40}(?::|\?[ *_]{0,4}$)")
_APART = re.compile(
    rf"(?:{_LABEL.pattern})|[ \t]{{0,8}}(?:#{{1,6}} |h[1-6]\. |\*\*[^*\n]{{1,60}}\*\*:?[ \t]*$)"
    r"|[^\n]{0,60}\b(?:mozilla/5|applewebkit/)"
)
_NO_ANSWER = re.compile(r"_?no response_?|n/?a|not applicable|unknown|tbd|see (?:above|below)")
_LEAD = r"^[ \t*_#-]{0,8}(?:\d{1,2}[.)] |h[1-6]\. )?"
_COLON = r"(?:[ ]?\([^)\n]{0,40}\))?[ ]?[*_]{0,3}(?:[ ]?[:=?]| -(?= )|[ \t]*$)[*_: \t]{0,8}"


def heading(names: Iterable[str]) -> re.Pattern[str]:
    """A label at the head of a line, by its names."""
    return re.compile(f"{_LEAD}(?:{'|'.join(sorted(names, key=len, reverse=True))}){_COLON}", re.MULTILINE)


_STEPS_HEAD = re.compile(
    rf"{_LEAD}(?:[^\n]{{0,40}}\b)?(?:{'|'.join(_STEPS_WORDS)})\b[^\n:]{{0,40}}(?::|[ \t]*$)", re.MULTILINE
)
_EXPECTED_HEAD, _ACTUAL_HEAD, _TRIED_HEAD = map(heading, (_EXPECTED_WORDS, _ACTUAL_WORDS, _TRIED_WORDS))


_CAPTIONS = re.compile("|".join((*_STEPS_WORDS, *_EXPECTED_WORDS, *_ACTUAL_WORDS, *_TRIED_WORDS)))
_TITLE = re.compile(r"[ \t]{0,8}(?:#{2,6} |h[1-6]\. )")


def caption(text: str) -> bool:
    """Whether a sentence only announces what comes after it."""
    return text.endswith(":") or bool(_CAPTIONS.fullmatch(text.strip(" .*_#")))


def trimmed(text: str, start: int, end: int) -> Span:
    """A span without the white space at its ends."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + max(len(part.rstrip()), len(part) - len(part.lstrip()))


def lines(text: str, start: int = 0) -> Iterator[Span]:
    """Every line from a position on, without its line break."""
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def apart(text: str, start: int, end: int) -> Iterator[Span]:
    """A sentence, parted where a heading, a line such as ``Browser: Chrome`` or one of a machine begins and ends."""
    first, labelled_before = start, False
    for begin, stop in lines(text, start):
        if begin >= end:
            break
        line = text[begin : min(stop, end)]
        labels = bool(_APART.match(line)) or caption(line)
        if begin > start and (labels or labelled_before):
            yield first, begin
            first = begin
        labelled_before = labels
    yield first, end


def steps(text: str) -> list[Span]:
    """The steps to reproduce: the list under words that announce it, else the first numbered list (S2-46)."""
    for head in _STEPS_HEAD.finditer(text):
        found = _list_after(text, head.end())
        if found:
            return found
        value = _value(text, head.end()) if head.group().endswith(":") else None
        if value:
            return _inline(text, *value) or [value]
    return _numbered(text)


def _list_after(text: str, at: int) -> list[Span]:
    """The list that begins on the first lines after a position. Neither blank lines nor indented ones end it."""
    found: list[Span] = []
    first, blank = "", False
    for number, (start, end) in enumerate(lines(text, at)):
        line = text[start:end]
        item = _ITEM.match(line)
        if not line.strip():
            blank = True
        elif found and _TITLE.match(line) and not first.startswith("#"):
            break
        elif item:
            first = first or line.strip()
            found.append(trimmed(text, start + item.end(), end))
        elif _LABEL.match(line) or (found and blank) or (not found and number > 2):
            break
        elif found and line[0] in " \t" and end - found[-1][0] <= _LONGEST:
            found[-1] = trimmed(text, found[-1][0], end)
        if item:
            blank = False
        if len(found) == _MOST_STEPS:
            break
    return found


def _inline(text: str, start: int, end: int) -> list[Span]:
    """``1. open it 2. click`` inside one paragraph."""
    marks: list[re.Match[str]] = []
    for mark in _INLINE.finditer(text, start, end):
        if int(mark[1]) == len(marks) + 1:
            marks.append(mark)
    if len(marks) < 2:
        return []
    stops = [*(mark.start() for mark in marks[1:]), end]
    found = [trimmed(text, mark.end(), stop) for mark, stop in zip(marks, stops, strict=True)]
    return [(first, last) for first, last in found if first < last][:_MOST_STEPS]


def _numbered(text: str) -> list[Span]:
    """The first list numbered from 1 that is no list of questions; numbers may have gaps, but rise."""
    for start, end in lines(text):
        item = _ITEM.match(text[start:end])
        if item and (item[1] or item[2]) == "1":
            found = _list_after(text, start)
            if len(found) > 1:
                asked = sum(text[last - 1] == "?" for _, last in found)
                return [] if asked * 2 > len(found) else found
        if "1" in text[start:end] and (found := _inline(text, start, end)):
            return found
    return []


def _value(text: str, at: int) -> Span | None:
    """What stands after a label: the rest of the line and lines wrapped from it, or the first lines below."""
    first = last = -1
    for number, (start, end) in enumerate(lines(text, at)):
        line = text[start:end]
        if not line.strip():
            if first >= 0 or number > 2:
                break
        elif number and (_LABEL.match(line) or (first >= 0 and _ITEM.match(line))):
            break
        else:
            first, last = (start if first < 0 else first), end
    if first < 0:
        return None
    first, last = trimmed(text, first, min(last, first + _LONGEST))
    told = any(c.isalnum() for c in text[first:last]) and not _NO_ANSWER.fullmatch(text[first:last].rstrip(" .!"))
    return (first, last) if told else None


def labelled(head: re.Pattern[str], text: str) -> Span | None:
    """What stands after the first such label that something stands after."""
    return next((value for match in head.finditer(text) if (value := _value(text, match.end()))), None)


def _told(word: re.Pattern[str], text: str, parts: Iterable[Span]) -> Iterator[Span]:
    return (part for part in parts if word.search(text, *part))


def expected(text: str, parts: Iterable[Span]) -> Span | None:
    """What should have happened: labelled, else the first sentence that says so (S2-47)."""
    return labelled(_EXPECTED_HEAD, text) or next(
        (part for part in _told(_EXPECTING, text, parts) if text[part[1] - 1] != "?"), None
    )


def actual(text: str, parts: Iterable[Span]) -> Span | None:
    """What happened: labelled, else the first sentence that says so (S2-48)."""
    return labelled(_ACTUAL_HEAD, text) or next(_told(_HAPPENING, text, parts), None)


def tried(text: str, parts: Iterable[Span]) -> list[Span]:
    """What was tried already: labelled, and every sentence that tells of it (S2-71)."""
    label = labelled(_TRIED_HEAD, text)
    said = [part for part in _told(_TRYING, text, parts) if not _NOT_YET.search(text, *part)]
    if label:
        said = [label, *(part for part in said if part[1] <= label[0] or part[0] >= label[1])]
    return said[:_MOST_TRIED]
