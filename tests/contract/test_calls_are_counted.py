"""What a ticket costs in requests, counted on a real socket: the README states these numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox.server import Sandbox
from tests.conftest import ROOT
from tests.contract.workshop import Workshop
from workers.reconcile import reconcile
from workers.sweep import sweep

TEXT = ("Login fails", "Some of us cannot log in since the update this morning; others can. What can we do?")
README = (ROOT / "README.md").read_text()


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    with Sandbox(seed=False) as sandbox:
        made = Workshop(tmp_path, sandbox)
        for vendor in ("zendesk", "jira"):  # each process asks once who it is, and for the groups
            made.work(made.customer_writes(vendor, *TEXT))
        made.forget()
        yield made
        made.close()


def counted(workshop: Workshop) -> tuple[int, int]:
    """Reads and writes since the last time."""
    asked = [one["method"] for one in workshop.requests()]
    workshop.forget()
    return asked.count("GET"), len(asked) - asked.count("GET")


def test_a_new_zendesk_ticket_costs_two_reads_one_write_and_one_for_the_answer(workshop: Workshop) -> None:
    workshop.work(workshop.customer_writes("zendesk", *TEXT))
    assert counted(workshop) == (2, 2)
    assert "1 read of the ticket" in README
    assert "1 of its thread, 1 of its audits once something has happened to it, 1 write" in " ".join(README.split())


def test_a_new_jira_issue_costs_one_read_and_two_writes_and_one_for_the_answer(workshop: Workshop) -> None:
    workshop.work(workshop.customer_writes("jira", *TEXT))
    assert counted(workshop) == (1, 3)
    assert "An issue costs 1 read and 2 writes" in README


@pytest.mark.parametrize(("vendor", "reads"), [("zendesk", 3), ("jira", 1)])
def test_a_ticket_that_was_worked_on_costs_one_read_more_at_zendesk_and_unchanged_no_write(
    workshop: Workshop, vendor: str, reads: int
) -> None:
    ref = workshop.customer_writes(vendor, *TEXT)
    workshop.work(ref)
    workshop.forget()
    workshop.tell(ref)
    assert workshop.work(ref) == ["unchanged"]
    assert counted(workshop) == (reads, 0)


@pytest.mark.parametrize(
    ("vendor", "where", "moves", "reads"),
    [
        (
            "zendesk",
            "zendesk/tickets",
            ("open", "pending"),
            (4, 3),
        ),  # the first shows statuses by id: their list is read
        ("jira", "jira/issues", ("In progress", "Waiting for customer"), (1, 1)),
    ],
)
def test_what_people_did_to_a_ticket_costs_no_more_to_read(
    workshop: Workshop, vendor: str, where: str, moves: tuple[str, ...], reads: tuple[int, ...]
) -> None:
    for cost in reads:
        ref = workshop.customer_writes(vendor, *TEXT)
        workshop.work(ref)
        for status in moves:
            workshop.control("POST", f"/{where}/{ref.id}/edit", {"assignee": "dana@sandbox.example", "status": status})
        workshop.forget()
        workshop.tell(ref)
        workshop.work(ref)
        assert counted(workshop)[0] == cost


def test_a_sweep_over_tickets_of_which_none_is_due_asks_nothing_about_any(workshop: Workshop) -> None:
    for _ in range(5):
        workshop.work(workshop.customer_writes("zendesk", *TEXT))
    workshop.forget()
    sweep(workshop.runtime)
    assert [one for one in workshop.requests() if "/tickets/" in one["path"] and "incremental" not in one["path"]] == []


def test_a_ring_for_a_ticket_that_is_not_due_asks_nothing(workshop: Workshop) -> None:
    ref = workshop.customer_writes("zendesk", *TEXT)
    workshop.work(ref)
    workshop.forget()
    assert reconcile(workshop.runtime, ref).outcome == "not_due"
    assert counted(workshop) == (0, 0)
