"""Who belongs to a storm: decided by the tickets alone, whoever came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.storms import hangings, is_on, reach, turned_by
from tests.conftest import NOW
from tests.unit.triage.reports import STORM, WEAK, clusters, masters, places, ref, report, reports

ENOUGH = STORM.customers


def test_two_sure_reports_of_one_surface_within_minutes_are_one_incident() -> None:
    assert clusters([report(1), report(2, 4)]) == [{"1", "2"}]


def test_two_sure_reports_an_hour_apart_are_two() -> None:
    assert clusters([report(1), report(2, 55)]) == []


def test_two_vague_reports_of_one_surface_are_two_faults() -> None:
    assert clusters([report(1, facts=WEAK), report(2, 3, facts=WEAK)]) == []


def test_enough_vague_reports_within_the_time_are_one_also_the_first_of_them() -> None:
    many = [report(number, number, facts=WEAK) for number in range(1, ENOUGH + 1)]
    assert clusters(many[:-1]) == []
    assert clusters(many) == [{str(number) for number in range(1, ENOUGH + 1)}]


def test_one_customer_who_files_fifty_times_makes_no_storm() -> None:
    assert clusters([report(number, number / 10, facts=WEAK, organization="one") for number in range(50)]) == []


def test_a_requester_counts_where_the_organization_is_not_known() -> None:
    assert clusters([report(n, n, facts=WEAK, organization="", requester="me") for n in range(50)]) == []
    assert len(clusters([report(n, n, facts=WEAK, organization="") for n in range(ENOUGH)])) == 1


def test_a_storm_ends_when_the_gap_has_passed_after_its_last_crowd() -> None:
    many = [report(number, number, facts=WEAK) for number in range(ENOUGH)]
    late, too_late = report(70, ENOUGH + 58, facts=WEAK), report(71, ENOUGH + 61, facts=WEAK)
    assert "70" in clusters([*many, late])[0]
    assert "71" not in clusters([*many, too_late])[0]


def test_two_surfaces_at_the_same_time_are_two_storms() -> None:
    both = [report(n, n / 10, "checkout" if n % 2 else "email", facts=WEAK) for n in range(40)]
    assert [len(cluster) for cluster in clusters(both)] == [20, 20]


def test_a_ticket_that_names_two_surfaces_merges_no_two_storms() -> None:
    both = [report(n, n / 10, "checkout" if n % 2 else "email") for n in range(20)]
    assert [
        len(found) for found in clusters([*both, report(50, 1, "checkout email"), report(51, 1, "email checkout")])
    ] == [11, 11]


def test_a_ticket_joins_the_surface_that_is_in_a_storm_of_those_it_names() -> None:
    many = [report(number, number) for number in range(ENOUGH)]
    assert "50" in clusters([*many, report(50, 3, "calendar checkout", facts=WEAK)])[0]
    assert "50" not in clusters([*many, report(50, 3, "calendar", facts=WEAK)])[0]


def test_what_is_wrong_is_another_fault_than_what_is_down() -> None:
    many = [report(number, number) for number in range(ENOUGH)]
    assert "50" not in clusters([*many, report(50, 3, facts={"broken", "data_missing"})])[0]
    assert "50" in clusters([*many, report(50, 3, facts={"outage", "data_missing"})])[0]


def test_all_is_down_joins_the_surface_that_most_report() -> None:
    many = [report(n, n, "checkout" if n % 3 else "email") for n in range(20)]
    found = masters([*many, report(50, 19, "everything", facts={"outage"})])
    assert found[ref(50)] == found[ref(19)]


def test_all_is_down_first_and_then_one_surface_is_one_incident() -> None:
    first = [report(1, 0, "everything", facts={"outage"}), report(2, 1, "", facts={"unusable"})]
    assert clusters([*first, report(3, 5), report(4, 6), report(5, 7, "everything", facts={"outage"})]) == [
        {"1", "2", "3", "4", "5"}
    ]


def test_one_all_is_down_and_one_report_of_a_surface_wake_nobody_twice() -> None:
    assert clusters([report(1, 0, "everything", facts={"outage"}), report(2, 3)]) == [{"1", "2"}]


def test_all_is_down_does_not_merge_the_second_outage_with_the_first() -> None:
    first = [report(1, 0, "everything", facts={"outage"}), report(2, 1, "everything", facts={"outage"})]
    one, other = [report(n, n) for n in range(5, 9)], [report(n, n - 2, "email") for n in range(10, 14)]
    assert clusters([*first, *one, *other, report(20, 12, "everything", facts={"outage"})])[1] == {
        "10",
        "11",
        "12",
        "13",
    }


def test_something_without_a_surface_that_is_not_all_belongs_to_no_storm() -> None:
    many = [report(number, number) for number in range(ENOUGH)]
    assert "50" not in clusters([*many, report(50, 3, "", facts=WEAK)])[0]


def test_a_vague_all_is_down_joins_a_crowd_only() -> None:
    pair, vague = [report(1), report(2, 2)], report(50, 3, "everything", facts=WEAK)
    assert "50" not in clusters([*pair, vague])[0]
    assert "50" in clusters([*pair, *(report(n, 2) for n in range(3, ENOUGH + 1)), vague])[0]


def test_no_ticket_hangs_on_one_that_was_solved_before_it_came() -> None:
    solved = report(1, over_at=NOW + timedelta(minutes=3))
    assert clusters([solved, report(3, 5), report(4, 6)]) == [{"3", "4"}]
    assert clusters([solved, report(2, 2)]) == [{"1", "2"}]


def test_a_person_said_apart_and_the_storm_goes_on_without_it() -> None:
    many = [report(number, number) for number in range(1, 9)]
    many[3] = replace(many[3], apart=frozenset({ref(1)}))
    assert clusters(many) == [{"1", "2", "3", "5", "6", "7", "8"}]


def test_what_a_person_hung_elsewhere_carries_no_others_there() -> None:
    old = report(90, -5000, "", facts=(), acute=False)
    many = [report(number, number) for number in range(1, 9)]
    many[3] = replace(many[3], said=Parent(ref(90), 1.0, "person"))
    assert clusters([old, *many]) == [{"1", "2", "3", "5", "6", "7", "8"}, {"4", "90"}]


def test_the_first_of_a_storm_that_a_person_hung_on_a_problem_takes_the_storm_along() -> None:
    old = report(90, -5000, "", facts=(), acute=False)
    many = [report(number, number) for number in range(1, 9)]
    many[0] = replace(many[0], said=Parent(ref(90), 1.0, "person"))
    assert clusters([old, *many]) == [{"90", *(str(number) for number in range(1, 9))}]


def test_a_storm_of_many_hours_is_one_cluster() -> None:
    assert clusters([report(number, number * 6, facts=WEAK) for number in range(100)]) == [{str(n) for n in range(100)}]


def test_an_even_trickle_of_vague_reports_is_no_storm() -> None:
    assert clusters([report(number, number * 20, facts=WEAK) for number in range(50)]) == []


def test_a_storm_is_on_until_the_gap_has_passed() -> None:
    told = [(NOW + timedelta(minutes=n), str(n)) for n in range(ENOUGH)]
    assert is_on(told, STORM, NOW + timedelta(minutes=60))
    assert not is_on(told, STORM, NOW + timedelta(minutes=66))
    assert not is_on(told[1:], STORM, NOW + timedelta(minutes=5))
    assert not is_on([(at, "one") for at, _ in told], STORM, NOW + timedelta(minutes=5))


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_the_tickets_changes_nothing(entries: list[Entry], random) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert places(shuffled) == places(entries)


@given(reports())
def test_whoever_hangs_on_another_came_later_and_names_no_other_surface(entries: list[Entry]) -> None:
    by_ref = {one.ref: one for one in entries}
    for one, above in hangings(entries, STORM).items():
        child, parent = by_ref[one], by_ref[above]
        assert parent.age < child.age
        assert parent.over_at is None or parent.over_at >= child.created_at
        known, other = ({*e.symptom.surfaces} - {"everything"} for e in (child, parent))
        assert not known or not other or known & other


@given(reports())
def test_no_two_surfaces_are_ever_one_storm(entries: list[Entry]) -> None:
    alone = [replace(one, symptom=replace(one.symptom, terms={}, fingerprints=())) for one in entries]
    members: dict[object, set[str]] = {}
    for one in alone:
        if len(one.symptom.surfaces) == 1 and one.symptom.surfaces != ("everything",):
            members.setdefault(masters(alone)[one.ref], set()).update(one.symptom.surfaces)
    assert all(len(surfaces) == 1 for surfaces in members.values())


@given(reports(), st.integers(-200, 200))
def test_a_ticket_turns_only_those_near_it(entries: list[Entry], minute: int) -> None:
    """What placing one ticket works out anew is all that it can turn."""
    far = report(99, minute, "email", facts=WEAK)
    before, after = hangings(entries, STORM), hangings([*entries, far], STORM)
    back, forth = turned_by(STORM)
    near = [one for one in (*entries, far) if abs(one.created_at - far.created_at) <= reach(STORM)]
    from_near = hangings(near, STORM)
    for one in entries:
        if -back <= one.created_at - far.created_at <= forth:
            assert from_near.get(one.ref) == after.get(one.ref)
        else:
            assert before.get(one.ref) == after.get(one.ref)


@pytest.mark.parametrize("copies", [2, 5])
def test_the_same_boilerplate_makes_no_storm(copies: int) -> None:
    same = "this message is confidential and meant for the addressee alone"
    assert clusters([report(n, n, f"part{n}", facts=WEAK, text=same) for n in range(copies)]) == []


def test_two_severe_reports_are_one_incident_whatever_their_facts() -> None:
    assert clusters([report(1, facts=WEAK, severe=True), report(2, 4, facts=WEAK, severe=True)]) == [{"1", "2"}]
    assert clusters([report(1, facts=WEAK, severe=True), report(2, 4, facts=WEAK)]) == []


def test_vague_reports_count_for_nothing_and_belong_to_a_flood_alone() -> None:
    vague = [report(900 + number, number / 10, facts=WEAK, vague=True) for number in range(STORM.flood)]
    assert clusters(vague) == []
    crowd = [report(number, number / 10, facts=WEAK) for number in range(STORM.flood - 1)]
    assert clusters([*crowd, vague[0]]) == [{str(number) for number in range(STORM.flood - 1)}]
    assert len(clusters([*crowd, report(800, 3, facts=WEAK), vague[0]])[0]) == STORM.flood + 1


def test_something_missing_without_a_surface_joins_no_outage() -> None:
    many = [report(number, number) for number in range(ENOUGH)]
    assert "50" not in clusters([*many, report(50, 3, "", facts={"data_missing", "scope_all"}, severe=True)])[0]
    assert "50" in clusters([*many, report(50, 3, "", facts={"broken"}, severe=True)])[0]
