"""The same answer given again and again, and no page that says it (S4-09): how answers that are nearly alike are found.

Of an answer only keyed hashes leave here. Its longer words and their pairs are drawn from 64 times (MinHash), and two
draws together are a band: answers of one account that have several of their 32 bands in common are nearly the same.
What is said to everybody does not count: greeting, signature and quoted mail are left out like everywhere, and so are
sentences of thanks, regret and promise, questions and requests.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise

from app.triage.passages import Kind
from app.triage.text import Message
from app.triage.ticket import Comment, Ref, Speaker, Ticket

BANDS = 32
LEAST_SHARED = 5
"""Of the bands. Answers that share half of their words and pairs have about eight in common, those that share a fifth
about one. Measured on 1.9 million pairs of real texts on one product each: beside true repeats one or two in a million
pairs have five in common, and four have four."""

MOST_ALIKE = 200
"""Tickets with the same answer: of more than these none is kept, and nothing is proposed any more."""

_FEWEST_WORDS = 12
_MOST_WORDS = 300
_SHORTEST_WORD = 4  # letters
_MOST_ANSWERS = 4  # of a ticket
_MOST_NAMED = 5  # tickets
_MOST_READ = 10_000  # characters of an answer
_DRAWS = struct.Struct(f"<{BANDS}H")  # of one digest; two make all
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_SAID_TO_ALL = re.compile(
    r"\b(?:thank|thx|sorry|apolog|regret|patien[ct]|hesitate|let (?:us|me) know|feel free|get back to|look(?:ing)? into"
    r"|closer look|keep you (?:posted|updated)|as soon as (?:we|i)\b|hope (?:this|that|it)|glad|happy to|pleased"
    r"|(?:great|nice) day|appreciat|inconvenience|reach(?:ed|ing)? out|passed|forwarded|handed (?:on|over)"
    r"|(?:send|tell|give|provide|help) us"
    r"|dank|geduld|entschuldig|leid\b|melden (?:uns|wir)|kummern|weitergeleitet|weitergegeben|zur verfugung|schonen tag"
    r"|merci|desole|excus|hesite[rz]|revenons vers|reviendrons|bonne journee|disposition|transmis|informe"
    r"|gracias|disculp|lament|paciencia|dude[sn]?\b|nos pondremos|buen dia|informaremos"
    r"|obrigad|desculp|hesite|entraremos em|bom dia|encaminh|esper[oa]mos? que|espero que)"
)
"""Words of sentences that everybody is told, in the folded letters of five languages."""

_ADDRESS = re.compile(r"https?://([^\s/?#\"'<>\]|)]+)(/[^\s\"'<>\]|)]+)", re.IGNORECASE)
_OF_A_TICKET = re.compile(
    r"/(?:agent/|(?:tickets|requests)/\d+|attachments?/|secure/|browse/[a-z][a-z0-9_]*-\d+|portal/\d+/[a-z][a-z0-9_]*-\d+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A public answer by a person: the comment, when it was given (UTC), and its bands.

    ``tickets`` are the others of the account in which nearly the same was said, newest first, ``cited`` whether one of
    them shows the customer a page.
    """

    comment_id: str
    at: datetime
    bands: tuple[str, ...]
    tickets: tuple[Ref, ...] = ()
    cited: bool = False


def given(ticket: Ticket, our_id: str = "") -> tuple[GivenAnswer, ...]:
    """The answers of a ticket that say enough to be compared, the latest four. ``our_id`` is our account's user."""
    if not ticket.customer_reads:
        return ()
    theirs = [one for one in ticket.answers if not our_id or one.author_id != our_id]
    said = ((one, tuple(_words(one))) for one in theirs[-_MOST_ANSWERS:])
    return tuple(
        GivenAnswer(one.id, one.at, _bands(ticket.ref, words)) for one, words in said if len(words) >= _FEWEST_WORDS
    )


def shows_a_page(ticket: Ticket, not_pages: Iterable[str]) -> bool:
    """Whether the customer was sent to a page, by people or by us.

    Any web address counts but a site's front page, a ticket or an attachment, and what lives at one of these hosts.
    """
    hosts = tuple(not_pages)
    ours = (one for one in ticket.comments if one.public and one.speaker is not Speaker.CUSTOMER)
    return any(
        not _OF_A_TICKET.search(path) and not any(host == one or host.endswith(f".{one}") for one in hosts)
        for comment in ours
        for host, path in _addresses(comment)
    )


def to_propose(answers: Iterable[GivenAnswer], times: int) -> tuple[Ref, ...]:
    """The other tickets of the first answer of which it is time to say that no page says it: when it was given so many
    times, and each time that has doubled. Empty for none."""
    return next((one.tickets for one in answers if not one.cited and _its_time(len(one.tickets) + 1, times)), ())


def told(tickets: Sequence[Ref]) -> Iterator[str]:
    """What colleagues read about it."""
    if tickets:
        more = f" and {len(tickets) - _MOST_NAMED} more" if len(tickets) > _MOST_NAMED else ""
        named = ", ".join(ref.id for ref in tickets[:_MOST_NAMED])
        count = len(tickets) + 1
        yield f"the same answer was given in {count} tickets (also in {named}{more}) and no page says it: write one"


def alike(answer: GivenAnswer, found: Sequence[tuple[Ref, bool]]) -> GivenAnswer:
    """The answer with the other tickets that have it, each with whether it shows a page."""
    return replace(answer, tickets=tuple(ref for ref, _ in found), cited=any(cited for _, cited in found))


def _its_time(count: int, times: int) -> bool:
    """Whether a count is ``times``, or that doubled once or more."""
    doubled, rest = divmod(count, times)
    return count <= MOST_ALIKE and rest == 0 and doubled & (doubled - 1) == 0 and doubled > 0


def _words(comment: Comment) -> Iterator[str]:
    """The words of the sentences that answer something."""
    message = Message(comment.id, comment.speaker, comment.body[:_MOST_READ])
    said = message.said
    for start, end in message.sentences():
        sentence = said[start:end]
        if not sentence.rstrip("\"') \n").endswith("?") and not _SAID_TO_ALL.search(sentence):
            yield from _WORD.findall(sentence)


def _bands(ref: Ref, words: Sequence[str]) -> tuple[str, ...]:
    """Hashes that answers have in common the more, the more of their words and pairs of words they share."""
    longer = [_DIGIT.sub("0", word) for word in words if len(word) >= _SHORTEST_WORD or word.isdigit()][:_MOST_WORDS]
    shingles = {*longer, *(f"{one} {other}" for one, other in pairwise(longer))} or set(words)
    key = blake2b(f"answer:{ref.vendor}:{ref.account}".encode(), digest_size=32).digest()
    hashers = [blake2b(key=key, salt=bytes([part])) for part in range(2)]
    least = [min(column) for column in zip(*(_draws(hashers, one.encode()) for one in shingles), strict=True)]
    return tuple(
        blake2b(struct.pack("<BHH", band, *least[2 * band : 2 * band + 2]), digest_size=8, key=key).hexdigest()
        for band in range(BANDS)
    )


def _draws(hashers: Sequence[blake2b], shingle: bytes) -> list[int]:
    """As many numbers as there are draws, the same for the same words."""
    numbers: list[int] = []
    for hasher in hashers:
        one = hasher.copy()
        one.update(shingle)
        numbers += _DRAWS.unpack(one.digest())
    return numbers


def _addresses(comment: Comment) -> Iterator[tuple[str, str]]:
    """Host and path of every web address in the writer's own text, or behind its words."""
    written = comment.body[:_MOST_READ] if "://" in comment.body else ""
    own = Message(comment.id, comment.speaker, written).without(Kind.QUOTED, Kind.SIGNATURE, Kind.NOTICE)
    for match in _ADDRESS.finditer("\n".join((own, *comment.links))):
        host, path = match.groups()
        if path.strip("/"):
            yield host.casefold().rpartition("@")[2].partition(":")[0], path
