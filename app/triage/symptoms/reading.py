"""The symptom of a ticket, read from what its customer says and pastes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from app.triage.symptoms.common_words import CHANCES
from app.triage.symptoms.fingerprints import fingerprints
from app.triage.symptoms.symptom import MARK, TITLE, Frequencies, Symptom
from app.triage.symptoms.weights import inverse
from app.triage.symptoms.words import pairs, stem, stems, term_hash
from app.triage.text import Message
from app.triage.ticket import Speaker

_LONGEST = 65_536  # characters of a message that are looked at
_MOST_WORDS = 400  # of the first message: what a ticket is about is said early
_MOST_TERMS = 120  # of a ticket
_COMMON = 0.03  # share of tickets: what is as common joins its neighbours to no pair
_ONCE = 50  # what a word weighs that the message says once
_REPEATED = 119  # the most that one weighs which it repeats
_PAIR = 0.4  # of that: what two neighbours weigh as one term
_MOST_NUMBERS = 8
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_ORDERS = frozenset(
    map(
        stem,
        re.findall(
            r"\w+",
            """add update upgrade bump remove replace implement support release improve change use enable disable move
            fix refactor clean cleanup create make allow provide backport migrate rename cancel reset delete install
            ajouter supprimer modifier changer creer mettre agregar anadir eliminar quitar cambiar crear actualizar
            adicionar remover excluir alterar mudar criar atualizar""",
        ),
    )
)
_BEFORE = re.compile(r"^(?:\W|\[[^\]]{1,40}\]|[\w.-]{1,20}:\s|(?:please|pls|kindly|bitte|por favor|merci de)\s){1,8}")
_NONE = Frequencies()

ORDER = term_hash("<order>")
"""The mark of a subject that orders work ("add a user", "update the library"): such tickets often read alike and are
about other things, for it is a small word that tells them apart."""


def symptom_of(thread: Sequence[Message]) -> Symptom:
    """What a ticket reports: the terms of its subject and of the customer's first message, the marks of the subject,
    and the fingerprints of all that the customer says and pastes, later comments included. ``surfaces`` and ``vector``
    are left empty."""
    title = _words(thread, "subject")
    body = _words(thread, "body")
    terms = _weights(Counter(title), Counter(body), 1.0)
    terms.update(_weights(Counter(pairs(_telling(title))), Counter(pairs(_telling(body))), _PAIR))
    if len(terms) > _MOST_TERMS:
        ranked = sorted(terms, key=lambda term: (-terms[term] * inverse(term, _NONE), term))
        terms = {term: terms[term] for term in ranked[:_MOST_TERMS]}
    terms.update(dict.fromkeys(_marks(_said(thread, "subject")), MARK))
    return Symptom(terms, fingerprints(thread))


def _marks(said: str) -> Iterator[int]:
    """The marks of a subject: its numbers and versions, and whether its first word orders work."""
    for number in _NUMBER.findall(said)[:_MOST_NUMBERS]:
        yield term_hash(f"#{number}")
    if not _ORDERS.isdisjoint(islice(stems(_BEFORE.sub("", said)), 1)):
        yield ORDER


def gist(thread: Sequence[Message]) -> str:
    """What an embedding is made of: the subject, and what the customer says in the first message."""
    parts = (_said(thread, "subject"), _said(thread, "body"))
    return ". ".join(filter(None, (" ".join(part.split()) for part in parts)))


def _said(thread: Iterable[Message], source: str) -> str:
    return next((one.said[:_LONGEST] for one in thread if one.source == source and one.speaker is Speaker.CUSTOMER), "")


def _words(thread: Iterable[Message], source: str) -> list[str]:
    return list(islice(stems(_said(thread, source)), _MOST_WORDS))


def _telling(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if CHANCES.get(term_hash(word), 0.0) < _COMMON)


def _weights(title: Counter[str], body: Counter[str], part: float) -> dict[int, int]:
    """How much each term weighs, 1 to 255: a little more each time that it is repeated, much more in the subject."""
    return {
        term_hash(term): round(part * (TITLE * (term in title) + _repeated(body[term])))
        for term in title.keys() | body.keys()
    }


def _repeated(times: int) -> float:
    return min(_REPEATED, _ONCE * (1 + math.log(times))) if times else 0
