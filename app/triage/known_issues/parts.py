"""The shape of what packs say about known issues: the entries, and what becomes of candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from app.triage.decision import Label
from app.triage.known_issues.entry import RegistryEntry, Source
from app.triage.known_issues.tag import checked, number_of
from app.triage.phrases import BadPhrase, expand, folded_phrase, legible
from app.triage.reply_parts import Language
from app.triage.rules import Part

Tag = Annotated[str, AfterValidator(checked)]
TITLE_FIELDS = ("title", "tag", "area")
"""What may stand in braces in the template of a title."""


def _fillable(template: str) -> str:
    try:
        template.format(**dict.fromkeys(TITLE_FIELDS, ""))
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        names = ", ".join("{" + name + "}" for name in TITLE_FIELDS)
        raise ValueError(f"a placeholder of it is not known; there are {names}") from error
    return template


def _says_version(text: str) -> str:
    try:
        text.format(fixed_in="")
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ValueError("a placeholder of it is not known; there is {fixed_in}") from error
    return text


class KnownIssuePart(Part):
    """A documented fault. ``patterns`` are phrases, any of which the customer says; ``errors`` are texts that stand in
    the ticket as they are here; ``text`` describes it for comparison. ``workaround`` is said to customers."""

    title: str = Field(min_length=3, max_length=200)
    patterns: tuple[str, ...] = ()
    errors: tuple[Annotated[str, Field(min_length=4)], ...] = ()
    text: str = ""
    workaround: str = ""
    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    area: str = ""
    label: tuple[Label, ...] = ()
    security: bool = False
    fixed_in: str = ""
    source: str = ""


class KnownIssues(Part):
    """The registry (S0-63). ``approval``: whether a person must approve a candidate before it counts (S4-73);
    ``create``: where an issue is made for an approved one that has none (S4-74), in ``project`` (else
    ``bridge.project``) and titled by ``title`` (S4-75). ``broken_after`` is how many customers must say that a
    workaround stopped working before it is said to no others. ``public_titles`` are the sources whose titles customers
    may read: a tracker's are written for colleagues. ``fixed_reply`` is what people may send the customer once it is
    fixed, by language, with ``{fixed_in}``; a paragraph of which that is not known drops out."""

    approval: Literal["required", "none"] = "required"
    create: Literal["none", "jira", "github"] = "none"
    project: str = Field(default="", pattern=r"^([A-Z][A-Z0-9_]{1,63})?$")
    issue_type: str = "Bug"
    title: Annotated[str, AfterValidator(_fillable)] = "{title}"
    broken_after: int = Field(default=2, ge=1)
    public_titles: tuple[Source, ...] = ("pack", "hand", "form")
    fixed_reply: Mapping[Language, Annotated[str, AfterValidator(_says_version)]] = {}
    entries: Mapping[Tag, KnownIssuePart] = {}
    source: str = ""

    @model_validator(mode="after")
    def _one_entry_an_issue(self) -> Self:
        by_number: dict[str, str] = {}
        for tag in self.entries:
            other = by_number.setdefault(number_of(tag), tag)
            if other != tag:
                raise ValueError(f"{other!r} and {tag!r} are about one issue; an issue has one entry")
        return self


def entries_of(part: KnownIssues) -> Iterator[RegistryEntry]:
    """The entries that stand in a policy."""
    for tag, one in part.entries.items():
        yield RegistryEntry(
            source="pack",
            key=f"pack:{tag}",
            title=one.title,
            tag=tag,
            state="fixed" if one.fixed_in else "open",
            patterns=one.patterns,
            errors=one.errors,
            text=one.text,
            workaround=one.workaround,
            url=one.url,
            fixed_in=one.fixed_in,
            area=one.area,
            labels=one.label,
            security=one.security,
        )


def expression(pattern: str, words: Mapping[str, Sequence[str]]) -> str:
    """A pattern as RE2 reads it. Raises BadPhrase."""
    return expand(folded_phrase(pattern), words)


def check(part: KnownIssues, words: Mapping[str, Sequence[str]]) -> None:
    """Raise BadPhrase, with its place, for a pattern that cannot be read."""
    for tag, one in part.entries.items():
        for number, pattern in enumerate(one.patterns):
            try:
                legible(expression(pattern, words))
            except BadPhrase as error:
                error.path = ("known_issues", "entries", tag, "patterns", number)
                raise
