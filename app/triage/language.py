"""In which language somebody writes: told by script, by common words, and by letters that few languages have.

Lean on purpose: a set of words a language, written for this project, and no model. A text that is too short or too
mixed is not guessed at: then the message before it, the requester's locale or English holds, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.triage.language_words import LETTERS, WORDS
from app.triage.text import Message
from app.triage.ticket import Speaker

ENGLISH = "en"

NAMES = MappingProxyType(
    {
        **{"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "it": "Italian"},
        **{"nl": "Dutch", "pl": "Polish", "cs": "Czech", "sk": "Slovak", "sv": "Swedish", "da": "Danish or Norwegian"},
        **{"fi": "Finnish", "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "id": "Indonesian"},
        **{"vi": "Vietnamese", "ru": "Russian", "uk": "Ukrainian", "el": "Greek", "ar": "Arabic", "fa": "Persian"},
        **{"he": "Hebrew", "hi": "Hindi", "th": "Thai", "ko": "Korean", "ja": "Japanese", "zh": "Chinese"},
    }
)
"""The languages that can be told, by ISO 639-1 code."""

_MOST = 2000  # characters that are looked at
_MOST_WORDS = 80  # words that are looked at
_SURE = 1.5  # points by which one language is told from none
_AHEAD = 1.4  # how many times the points of the next language
_DENSE = 0.06  # points a word, in longer texts
_LETTER = 0.6  # points for a telling letter, and
_MOST_LETTERS = 6  # how many of them count
_LONELY = 1.5  # points that are enough where not one word is English
_SHORTEST = 4  # letters of a single word that may tell anything
_HINT = 0.5  # points that the requester's locale is worth
_FOREIGN = 0.15  # share of letters in another script

_WORD = re.compile(r"(?<![\w.])[^\W\d_]+(?:'[^\W\d_]+)*(?![\w'])")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff\uff66-\uff9d]")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff\uf900-\ufaff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_WHOLE_WORDS = 3  # a sign of Chinese, Japanese or Korean says about as much as so many letters
_UKRAINIAN = re.compile("[\u0456\u0454\u0491]")
_PERSIAN = re.compile("[\u067e\u0686\u06af\u06cc]")
_ELIDED = MappingProxyType(
    {
        **dict.fromkeys(("j", "n", "qu", "s", "t", "lorsqu", "jusqu"), ("fr",)),
        **dict.fromkeys(("l", "d", "c", "m"), ("fr", "it")),
        **dict.fromkeys(("un", "dell", "all", "nell", "sull", "dall", "quest"), ("it",)),
    }
)


def _shared() -> dict[str, tuple[tuple[str, float], ...]]:
    speakers: dict[str, list[str]] = {}
    for language, words in WORDS.items():
        for word in dict.fromkeys(words.split()):
            speakers.setdefault(word, []).append(language)
    return {word: tuple((one, 1 / len(found)) for one in found) for word, found in speakers.items()}


_SPEAKERS = _shared()
_TELLING = {letter: language for language, letters in LETTERS.items() for letter in letters}


def detect(said: str, written: str = "", hint: str = "") -> str:
    """The language of a folded text, an ISO 639-1 code; empty where the text does not tell.

    ``written`` is the text with its marks on the letters, where there is more than ``said``. ``hint`` is the language
    that the requester is known for: it only breaks ties.
    """
    said = said[:_MOST]
    if not said.isascii():
        script = _script(said)
        if script:
            return script
    points = dict.fromkeys(WORDS, 0.0)
    words = 0
    for match in _WORD.finditer(said):
        words += 1
        for language, worth in _speakers(match.group()):
            points[language] += worth
        if words == _MOST_WORDS:
            break
    if not words or (words == 1 and len(said.strip()) < _SHORTEST):
        return ""
    letters = 0
    if not written.isascii():
        for letter in written[:_MOST].lower():
            if letter in _TELLING and letters < _MOST_LETTERS:
                letters += 1
                points[_TELLING[letter]] += _LETTER
    if points.get(hint):
        points[hint] += _HINT
    best, second = sorted(points, key=lambda language: -points[language])[:2]
    if not points[best]:
        return ""
    if points[best] >= _LONELY and not points[ENGLISH]:
        return best
    sure = best == ENGLISH or points[best] >= max(min(_SURE, 0.5 * words), _DENSE * words)
    return best if sure and points[best] >= _AHEAD * points[second] else ""


def _speakers(word: str) -> Sequence[tuple[str, float]]:
    known = _SPEAKERS.get(word)
    if known is not None or "'" not in word:
        return known or ()
    elided = _ELIDED.get(word.partition("'")[0], ())
    return [(language, 1 / len(elided)) for language in elided]


def _script(said: str) -> str:
    """The language of another script, where a good part of the letters is in it."""
    letters = sum(map(str.isalpha, said))
    counts = {language: len(pattern.findall(said)) for language, pattern in _SCRIPTS}
    counts["ja"] += counts["zh"] if counts["ja"] > counts["zh"] / 20 else 0
    worth = {code: count * (_WHOLE_WORDS if code in ("ja", "ko", "zh") else 1) for code, count in counts.items()}
    best = max(worth, key=lambda language: worth[language])
    if worth[best] < max(2.0, _FOREIGN * letters):
        return ""
    if best == "ru" and _UKRAINIAN.search(said):
        return "uk"
    return "fa" if best == "ar" and _PERSIAN.search(said) else best


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of each message of a thread, in its order, and the ticket's: that of the customer's newest words
    that tell one."""

    by_message: tuple[str, ...]
    language: str


def spoken(thread: Sequence[Message], locale: str, readable: Collection[str]) -> Spoken:
    """In which language each message is written. One that does not tell is taken for what its writer wrote before, or
    else after; where nothing tells, for the requester's locale if that is ``readable``, or else for English."""
    hint = locale.partition("-")[0].lower()
    told = [detect(message.said, message.text, hint) for message in thread]
    found = list(told)
    assumed = hint if hint in readable else ENGLISH
    language = assumed
    for customers in (True, False):
        places = [at for at, one in enumerate(thread) if (one.speaker is Speaker.CUSTOMER) is customers]
        known = [at for at in places if told[at]]
        if customers and known:
            language = told[known[-1]]
        for at in places:
            if not told[at]:
                nearest = [other for other in known if other < at][-1:] or known[:1]
                found[at] = told[nearest[0]] if nearest else assumed if customers else ENGLISH
    return Spoken(tuple(found), language)
