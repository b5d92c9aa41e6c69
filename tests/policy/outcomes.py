"""What facts come to under a pack, without any text: the rows of ``outcomes.csv``, written from the documents.

A row names a pack, labels, facts, what else is given and what is expected; ``a|b`` stands for two rows. A ticket is
made that says the facts by their names, and a policy that reads nothing else, so rules are asked exactly what the row
says. ``given``: ``tag:NAME``, ``org:NAME``, ``tier:NAME``, ``demand:5``, ``organizations:3``, ``tickets:3`` (of a
fault of which this is the first), ``repeats:3`` (of one of which it is not), ``storm:14`` (customers), ``answers:2``,
``late:30`` (days), ``hours:2`` (late by them), ``assigned`` (to a person since it came), ``status:open``, ``unread``
(the rest is Japanese), ``known_issue`` or one with ``instructions``, ``duplicate``, ``before:FACT+FACT`` (the last
decision), ``linked:open`` (it hangs on an issue of engineering), ``escalated:2`` (so often until now), ``repeated:2``
(an answer was given in so many other tickets), and knobs that are turned, ``with:escalation.p2_p3=direct``. No
escalation waits for its form here: a ticket of names could not fill it.
``expected``: ``severity:P0,P1``, ``level:``, ``page:yes``, ``destination:``, ``communicator:``, ``handover:``,
``tag:``, ``no-tag:``, ``tells:``, ``no-tells:``, ``proposes:L4``, ``proposes-no:``, ``rules-out:``,
``rules-nothing-out:``, ``issue:escalation`` or ``issue:none`` (what engineering gets), ``names:known-issue`` or
``names:nothing``, ``posts:investigating``, ``posts:known_issue+blast`` or ``posts:nothing``; ``_`` stands for a space
where a name has one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path

from app.triage.answers_alike import GivenAnswer
from app.triage.bridge import LinkedIssue
from app.triage.decision import Context, Decision, KnownIssue, Label
from app.triage.duplicates.found import Cluster
from app.triage.engine import Stage, decide, examine
from app.triage.lexicon import Lexicon
from app.triage.pack import Pack
from app.triage.policy import Policy
from app.triage.rules import first
from app.triage.taxonomy import Cue, FactPhrases
from app.triage.ticket import Ref, Ticket
from app.triage.vocabulary import LOOKED_UP
from tests.policy.conftest import NOW, a_ticket, policy

_JAPANESE = " 今朝からシステムにログインできません。至急確認をお願いします。"
_KNOWN = {
    "known_issue": KnownIssue("SUP-9", tag="SUP-9-slow-export"),
    "instructions": KnownIssue("SUP-9", workaround="Save the file as UTF-8."),
}
TABLE = Path(__file__).parent / "outcomes.csv"


@dataclass(frozen=True)
class Case:
    """One combination of a row: what is said, what is given, what is expected."""

    pack: str
    label: str
    facts: tuple[str, ...]
    given: tuple[str, ...]
    expected: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return " ".join((self.pack, self.label, *self.facts, *self.given, "=>", *self.expected))

    def wrong(self, pack: Pack) -> str:
        """What the decision under a pack, the shipped one or a mutant, has otherwise than expected; empty for nothing.

        Raises ValueError for a word of ``given`` or ``expected`` that is not known.
        """
        decision, stages = self.examined(pack)
        return ", ".join(
            f"{kind} {wanted}"
            for kind, wanted in _parted(self.expected)
            if (_issue(stages) != wanted if kind == "issue" else not _holds(kind, wanted, decision))
        )

    def examined(self, pack: Pack) -> tuple[Decision, tuple[Stage, ...]]:
        """The decision, and what each group of rules was asked with."""
        for word in ("escalation.min_complete=0", *self.words("with")):
            path, value = word.split("=")
            pack = _turned(pack, path, value)
        under = replace(of_names(self.pack), pack=pack)
        return examine(self.ticket(), self.context(under), under, self.now())

    def now(self) -> datetime:
        """The moment of the decision."""
        return NOW + timedelta(days=int(self.word("late", "0")), hours=int(self.word("hours", "0")))

    def ticket(self) -> Ticket:
        """A ticket that says the label and the facts by their names."""
        answer = {"speaker": "agent", "public": True, "body": "Please try again."}
        return a_ticket(
            _said(self.label, self.facts) + (_JAPANESE if "unread" in self.given else ""),
            comments=[answer] * int(self.word("answers", "0")),
            tags=self.words("tag"),
            assignee="7" if "assigned" in self.given else "",
            status=self.word("status", "new"),
            organization={"name": self.word("org", ""), "tier": self.word("tier", "")},
        )

    def context(self, under: Policy) -> Context:
        """What is known besides the ticket."""
        before = self.word("before", "")
        earlier = a_ticket(_said(self.label, before.split("+")))
        escalated = int(self.word("escalated", "0"))
        last = decide(earlier, Context(), under, NOW) if before or escalated else None
        return Context(
            previous=replace(last, escalations=escalated) if last else None,
            answers=self.repeated(),
            demand=int(self.word("demand", "1")),
            organizations=int(self.word("organizations", "1")),
            cluster=self.cluster(),
            known_issues=tuple(issue for word, issue in _KNOWN.items() if word in self.given),
            duplicate_of=Ref("zendesk", "acme", "7") if "duplicate" in self.given else None,
            linked=tuple(
                LinkedIssue(Ref("jira", "acme", "ENG-1"), "escalation", done=state == "resolved")
                for state in self.words("linked")
            ),
        )

    def cluster(self) -> Cluster | None:
        """The tickets of the fault; None where it is the only one."""
        storm, repeated = int(self.word("storm", "0")), int(self.word("repeats", "0"))
        tickets = max(int(self.word("tickets", "1")), storm, repeated)
        if tickets == 1:
            return None
        customers = max(int(self.word("organizations", "1")), storm)
        return Cluster(
            master=Ref("zendesk", "acme", "0") if repeated else self.ticket().ref,
            tickets=tickets,
            customers=customers,
            lately=customers,
            in_storm=storm,
            first_at=NOW - timedelta(minutes=20),
            last_at=NOW,
            storm=storm > 0,
        )

    def repeated(self) -> tuple[GivenAnswer, ...]:
        """The answer that was given in other tickets too."""
        others = tuple(Ref("zendesk", "acme", str(100 + number)) for number in range(int(self.word("repeated", "0"))))
        return (GivenAnswer("1", NOW, (), others),) if others else ()

    def words(self, kind: str) -> list[str]:
        """What is given of one kind."""
        return [value for name, value in _parted(self.given) if name == kind]

    def word(self, kind: str, otherwise: str) -> str:
        """The one thing that is given of a kind."""
        return next(iter(self.words(kind)), otherwise)


@cache
def cases(name: str) -> tuple[Case, ...]:
    """The cases of a pack."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(case for row in csv.DictReader(file) if row["pack"] == name for case in _cases(row))


def _cases(row: dict[str, str]) -> Iterator[Case]:
    labels = row["label"].split("|")
    facts = [alternatives.split("|") for alternatives in row["facts"].split()]
    given = [alternatives.split("|") for alternatives in row["given"].split()]
    for label in labels:
        for said in product(*facts):
            for more in product(*given):
                yield Case(row["pack"], label, said, more, tuple(row["expected"].split()), row["source"])


@cache
def of_names(name: str) -> Policy:
    """A shipped policy that reads the names of facts and labels and no other phrases."""
    shipped = policy(name)
    facts = {fact: FactPhrases(phrases=(fact,), guarded=False) for fact in shipped.pack.facts if fact not in LOOKED_UP}
    cues = {
        label: {
            "first": Cue(points=100, phrases=(f"first_{label.lower()}",)),
            "second": Cue(points=80, phrases=(f"second_{label.lower()}",)),
        }
        for label in Label
    }
    labels = shipped.pack.labels.model_copy(update={"cues": cues})
    reading = shipped.pack.model_copy(update={"facts": facts, "labels": labels, "guards": type(shipped.pack.guards)()})
    return replace(shipped, lexicon=Lexicon(reading))


def _issue(stages: tuple[Stage, ...]) -> str:
    (asked,) = (stage for stage in stages if stage.name == "issues")
    held = first(asked.rules, asked.seen)
    return held.rule.then.kind if held else "none"


def _said(label: str, facts: tuple[str, ...] | list[str]) -> str:
    leading, _, second = label.partition("+")
    labels = [f"first_{leading.lower()}"] if leading != "-" else []
    return " ".join((*labels, *([f"second_{second.lower()}"] if second else []), *facts))


def _parted(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for word in words:
        kind, _, value = word.partition(":")
        yield kind, value


def _holds(kind: str, wanted: str, decision: Decision) -> bool:
    match kind:
        case "severity":
            return decision.severity.name in wanted.split(",")
        case "page":
            return decision.page is (wanted == "yes")
        case "label" | "level" | "destination" | "communicator" | "handover":
            return str(getattr(decision, kind)) == wanted
        case "tag" | "no-tag":
            return (wanted in [tag.replace(" ", "_") for tag in decision.tags]) is (kind == "tag")
        case "tells" | "no-tells":
            return (wanted in decision.notify) is (kind == "tells")
        case "proposes" | "proposes-no":
            proposed = [proposal.what for proposal in decision.proposals]
            return (f"escalate to {wanted}" in proposed) is (kind == "proposes")
        case "names":
            named = decision.pattern is not None and decision.pattern.named is not None
            return named is (wanted == "known-issue")
        case "posts":
            post = decision.pattern.post if decision.pattern else None
            return wanted == (f"{post.kind}{'+blast' if post.blast else ''}" if post else "nothing")
        case "rules-out" | "rules-nothing-out":
            ruled_out = [item.what.replace(" ", "_") for item in decision.ruled_out]
            return (wanted in ruled_out) is (kind == "rules-out")
    raise ValueError(f"{kind!r} cannot be expected")


def _turned(pack: Pack, path: str, value: str) -> Pack:
    """The pack with a knob turned: ``features.process_tweak=true``, ``escalation.p2_p3=direct``."""
    section, knob = path.split(".")
    there = getattr(pack, section)
    new = {"true": True, "false": False, "0": 0}.get(value, value)
    changed = {**there, knob: new} if isinstance(there, dict) else there.model_copy(update={knob: new})
    return pack.model_copy(update={section: changed})
