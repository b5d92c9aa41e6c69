"""What a check of policies finds, and every kind of finding there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from app.triage.layers import Path, dotted, place_of
from app.triage.policy import Policy

Grade = Literal["error", "warning"]


class Fault(NamedTuple):
    """What one check says: the code, the path of the value inside the pack, one sentence, and what to do."""

    code: str
    path: Path
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with its place: ``file:line:column``, or the variable of the environment that set the value."""

    code: str
    severity: Grade
    path: str
    place: str
    sentence: str
    mend: str

    @classmethod
    def of(cls, fault: Fault, policy: Policy) -> Finding:
        """A fault as the policy's reader meets it. Raises KeyError for a code that ``CODES`` does not know."""
        severity, _ = CODES[fault.code]
        path, place = dotted(policy.tree, fault.path), place_of(policy.tree, fault.path)
        return cls(fault.code, severity, path, place, fault.sentence, fault.mend)

    def __str__(self) -> str:
        """``file:line:column: error[code] path: sentence; mend``, on one line."""
        return " ".join(f"{self.place}: {self.severity}[{self.code}] {self.path}: {self.sentence}; {self.mend}".split())


CODES: Mapping[str, tuple[Grade, str]] = MappingProxyType(
    {
        "never-holds": ("error", "a rule's conditions contradict each other, or ask what is not known yet"),
        "unreachable-rule": ("error", "a rule stands after one that holds wherever it does"),
        "overridden-rule": ("warning", "a rule of another file holds wherever an inherited rule does"),
        "same-when": ("error", "two rules have the same conditions and say different things"),
        "idea-above-p4": ("warning", "a rule for Enhancement asks for severities that ideas hardly ever have"),
        "idea-escalates": ("error", "an escalation to L2 or L3 can hold for an idea (S4-97)"),
        "p4-rises": ("error", "an upgrade can raise a P4 (C-02)"),
        "not-impact": ("error", "a severity or an upgrade rests on urgency, mood or effort (S1-02)"),
        "goal-after-due": ("error", "a clock's goal comes after its due time"),
        "goal-after-due-at-times": ("warning", "a clock's goal comes after its due time, depending on the hour"),
        "due-shrinks": ("warning", "a less severe ticket is promised something earlier than a more severe one"),
        "no-calendar": ("warning", "nothing says what the business hours are (C-04)"),
        "idle-calendar": ("warning", "no organization, brand or clock has a calendar"),
        "two-calendars": ("error", "an organization or a brand stands in two calendars"),
        "illegal-tag": ("error", "a tag cannot be written so at a vendor"),
        "unknown-placeholder": ("error", "a tag names a placeholder that nothing fills"),
        "illegal-priority": ("error", "Zendesk has no such priority"),
        "unusual-priority": ("warning", "Jira has no such priority unless somebody made it"),
        "no-team": ("error", "a destination or a bundle has a blank team"),
        "unknown-group": ("error", "an account has no such group (`--groups`)"),
        "unknown-brand": ("error", "no brand or Jira project is named so (`--groups`)"),
        "personal-data": ("error", "an e-mail address or a telephone number stands in a pack (C-25)"),
        "unused-fact": ("warning", "a fact is looked for and nothing asks for it"),
        "fact-without-phrases": ("error", "rules ask for a fact that nothing tells"),
        "unused-words": ("warning", "no phrase names a list of words"),
        "empty-phrase": ("error", "a phrase or a list of words is empty, or matches any text"),
        "no-source": ("warning", "a value does not say where it comes from, in a file whose other values do"),
        "bad-source": ("error", "a source looks like a requirement's id and is none"),
        "example-fails": ("error", "a pack's example is decided otherwise"),
    }
)
"""Every code with its severity and what it means; docs/policy-check.md has them with their mends."""
