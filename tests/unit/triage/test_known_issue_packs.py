"""Known issues in packs and in a file of their own: what is wrong in them is told with its place and its mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import Misconfigured
from app.packs import load_policies
from app.triage.known_issues.parts import entries_of
from app.triage.layers import PolicyError
from config.settings import Settings
from tests.conftest import ROOT
from tests.unit.triage.conftest import laid_over

ENTRIES = """
known_issues:
  entries:
    123-umlauts-in-csv:
      title: Umlauts in CSV
      patterns: ["umlauts? .. csv"]
      workaround: Save the file as UTF-8.
"""


def test_entries_of_a_pack_are_read() -> None:
    (entry,) = entries_of(laid_over(ENTRIES).pack.known_issues)
    assert (entry.tag, entry.number, entry.state, entry.source) == ("123-umlauts-in-csv", "123", "open", "pack")


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("workaround:", "workarond:", "test.yaml:7:7", "did you mean 'workaround'"),
        ("123-umlauts-in-csv", "umlauts", "test.yaml:4:5", "<issue#>-<brief-description>"),
        ("123-umlauts-in-csv", "123-Umlauts", "test.yaml:4:5", "write 123-umlauts"),
        ('"umlauts? .. csv"', '"umlauts? (csv"', "test.yaml:6:18", "RE2 cannot read it"),
        ('"umlauts? .. csv"', '"<nowhere> csv"', "test.yaml:6:18", "no word list is named 'nowhere'"),
        ("  entries:", "  title: '{subject}'\n  entries:", "test.yaml:3:3", "{title}, {tag}, {area}"),
        ("  entries:", "  approval: never\n  entries:", "test.yaml:3:3", "'required' or 'none'"),
    ],
)
def test_what_is_wrong_is_told_with_place_and_mend(old: str, new: str, place: str, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        laid_over(ENTRIES.replace(old, new))
    assert place in str(caught.value)
    assert says in str(caught.value)


def test_one_issue_has_one_entry() -> None:
    twice = ENTRIES + "    123-broken-csv: {title: Broken CSV}\n"
    with pytest.raises(PolicyError, match="an issue has one entry"):
        laid_over(twice)


def test_a_file_of_known_issues_lies_over_every_policy(tmp_path: Path) -> None:
    file = tmp_path / "issues.yaml"
    file.write_text("ENG-7-slow-export:\n  title: Slow export\n  errors: [EX-4711]\n")
    settings = Settings(_env_file=None, known_issues_file=str(file), model="off", policy_by_brand={"ops": "octoacme"})
    for policy in load_policies(settings, {}):
        assert list(policy.pack.known_issues.entries) == ["ENG-7-slow-export"]
    file.write_text("ENG-7-slow-export:\n  title: Slow export\n  error: [EX-4711]\n")
    with pytest.raises(Misconfigured, match=r"issues.yaml:3:3\n  mend: did you mean 'errors'"):
        load_policies(settings, {})


def test_knobs_turn_what_becomes_of_candidates() -> None:
    settings = Settings(_env_file=None, model="off")
    policy = load_policies(settings, {"TRIAGE_KNOWN_ISSUES__APPROVAL": "none"}).default
    assert policy.pack.known_issues.approval == "none"


def test_the_known_issues_in_the_reference_load() -> None:
    reference = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    written = reference.split("### Known issues\n", 1)[1].split("```\n", 1)[1].split("```", 1)[0]
    part = laid_over(written).pack.known_issues
    assert list(part.entries) == ["123-umlauts-in-csv"]
    assert part.fixed_reply["en"].endswith("{fixed_in}.")
