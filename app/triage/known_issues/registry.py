"""A tenant's registry as one policy sees it: the policy's own entries, and over them what the store knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.triage.known_issues.entry import RegistryEntry, laid_over
from app.triage.known_issues.parts import KnownIssues, entries_of


def combined(part: KnownIssues, kept: Iterable[RegistryEntry]) -> Iterator[RegistryEntry]:
    """Every entry once: those of the policy, with the state of what is kept under the same tag or for the same issue,
    then all others that are kept. One that was a policy's and stands in it no more is over."""
    left = {one.id: one for one in kept}
    for entry in entries_of(part):
        same = next((one for one in left.values() if _same(entry, one)), None)
        if same is None:
            yield entry
            continue
        del left[same.id]
        yield laid_over(entry, same)
    yield from (one for one in left.values() if one.source != "pack" or one.ref is not None)


def _same(entry: RegistryEntry, kept: RegistryEntry) -> bool:
    """Whether a kept entry is the policy's. A problem ticket's number is no issue's, so there the tag must be the
    same."""
    if kept.tag == entry.tag:
        return True
    return bool(kept.number) and kept.number == entry.number and kept.source not in ("zendesk", "pattern")
