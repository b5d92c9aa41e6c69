"""The windows of one process: never one too many, whatever the order; what the vendor says only lowers them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.budget.breaker import FAILURES, PROBE_SECONDS, LocalBreaker
from app.budget.window import LocalWindows
from app.vendors.gate import Bucket

WIDE = Bucket("updates", 10, 60.0)
ONE = Bucket("ticket", 3, 600.0, "7")


def taken(windows: LocalWindows, share: float, now: float, *buckets: Bucket) -> int:
    """How many go out at once at that moment."""
    count = 0
    while windows.take(buckets or (WIDE,), share, now) is None:
        count += 1
    return count


@given(
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from([0.0, 0.1, 0.2]), st.integers(0, 2)), max_size=80),
    st.integers(1, 6),
    st.floats(1, 30),
)
def test_no_window_ever_holds_more_than_its_limit(
    steps: list[tuple[float, float, int]], limit: int, seconds: float
) -> None:
    windows, now = LocalWindows(), 1000.0
    wide = Bucket("updates", limit, seconds)
    keyed = [Bucket("ticket", max(1, limit // 2), seconds * 3, str(number)) for number in range(3)]
    sent: list[tuple[float, int]] = []
    for step, share, number in steps:
        now += step
        if windows.take((wide, keyed[number]), share, now) is None:
            sent.append((now, number))
    for start, _ in sent:
        assert sum(start <= at < start + seconds for at, _ in sent) <= limit
        for number in range(3):
            within = [at for at, which in sent if which == number and start <= at < start + seconds * 3]
            assert len(within) <= max(1, limit // 2)


def test_when_there_is_room_again_is_told_exactly() -> None:
    windows = LocalWindows()
    for at in range(10):
        assert windows.take((WIDE,), 0.0, float(at)) is None
    full = windows.take((WIDE,), 0.0, 10.0)
    assert full is not None
    assert (full.bucket, full.after) == ("updates", 50.0)
    assert windows.take((WIDE,), 0.0, 59.9) is not None
    assert windows.take((WIDE,), 0.0, 60.0) is None


def test_others_leave_a_share_for_the_urgent_and_never_all_of_a_small_limit() -> None:
    windows = LocalWindows()
    assert taken(windows, 0.2, 0.0) == 8
    assert taken(windows, 0.1, 0.0) == 1
    assert taken(windows, 0.0, 0.0) == 1
    assert taken(LocalWindows(), 0.2, 0.0, Bucket("updates", 1, 60.0)) == 1
    assert taken(LocalWindows(), 0.2, 0.0, Bucket("updates", 2, 60.0)) == 1


def test_a_full_bucket_leaves_the_others_untouched() -> None:
    windows = LocalWindows()
    assert taken(windows, 0.0, 0.0, WIDE, ONE) == 3
    assert windows.left(WIDE, 0.0, 0.0) == 7
    assert taken(windows, 0.0, 0.0, WIDE, Bucket("ticket", 3, 600.0, "8")) == 3


def test_what_others_used_lowers_the_budget_until_it_resets() -> None:
    windows = LocalWindows()
    windows.hear(WIDE, 4, 10, 30.0, 0.0)
    windows.hear(WIDE, 9, 10, 30.0, 0.0)  # an older answer that came late
    assert windows.left(WIDE, 0.0, 0.0) == 4
    assert taken(windows, 0.2, 0.0) == 2
    assert taken(windows, 0.0, 0.0) == 2
    assert taken(windows, 0.0, 30.0) == 6


def test_a_smaller_plan_than_configured_keeps_its_own_share_free() -> None:
    windows = LocalWindows()
    big = Bucket("updates", 100, 60.0)
    windows.hear(big, 19, 20, 60.0, 0.0)
    assert taken(windows, 0.2, 0.0, big) == 15


def test_a_429_stops_everything_until_its_end_and_a_shorter_one_does_not_end_it() -> None:
    windows = LocalWindows()
    windows.hear(WIDE, 0, 10, 30.0, 0.0)
    windows.hear(WIDE, 0, 10, 5.0, 1.0)
    full = windows.take((WIDE,), 0.0, 10.0)
    assert full is not None
    assert full.after == 20.0
    assert taken(windows, 0.0, 30.0) == 10


def test_room_ahead_counts_what_will_be_forgotten_by_then() -> None:
    windows = LocalWindows()
    for at in (0.0, 1.0, 40.0):
        windows.take((WIDE,), 0.0, at)
    assert windows.left(WIDE, 0.0, 41.0) == 7
    assert windows.left(WIDE, 0.0, 41.0, ahead=30.0) == 9


def test_five_failures_in_a_row_open_the_breaker_and_one_probe_goes_out_every_half_a_minute() -> None:
    breaker = LocalBreaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0.0)
    breaker.succeeded()
    for _ in range(FAILURES):
        assert breaker.admit(0.0) == 0.0
        breaker.failed(0.0)
    assert [breaker.admit(at) for at in (0.0, 10.0)] == [PROBE_SECONDS, 20.0]
    assert [breaker.admit(30.0), breaker.admit(30.0), breaker.admit(31.0)] == [-1.0, 30.0, 29.0]
    breaker.failed(32.0)
    assert breaker.admit(59.0) == 1.0
    assert breaker.admit(60.0) == -1.0
    breaker.succeeded()
    assert breaker.admit(60.0) == 0.0
