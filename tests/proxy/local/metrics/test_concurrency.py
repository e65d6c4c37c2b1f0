"""A level holds until it changes, also over minutes in which nothing changes."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.metrics.concurrency import concurrency_samples

MINUTE = 60_000


@pytest.mark.parametrize(
    ("changes", "now_ms", "expected"),
    [
        ([], 999_999, []),
        ([(5, 1), (9, 2), (20, 1), (30, 0)], 999_999, [(5, 1), (9, 2), (20, 1)]),
        ([(5, 1), (150_000, 0)], 999_999, [(5, 1), (60_000, 1), (120_000, 1)]),
        ([(5, 3)], 130_000, [(5, 3), (60_000, 3), (120_000, 3)]),  # still under way
        ([(5, 1), (60_000, 0)], 999_999, [(5, 1)]),  # ends as the next minute begins
    ],
)
def test_a_minute_begins_with_the_level_it_found(
    changes: list[tuple[int, int]], now_ms: int, expected: list[tuple[int, int]]
) -> None:
    assert [(each.timestamp_ms, each.total) for each in concurrency_samples(changes, now_ms)] == expected


@given(
    runs=st.lists(st.tuples(st.integers(0, 300_000), st.integers(1, 200_000)), max_size=12),
)
def test_the_maximum_of_each_minute_is_the_most_that_ran_at_once(runs: list[tuple[int, int]]) -> None:
    """Against counting, at every moment at which something began and at the beginning of every minute."""
    edges = sorted([(at, 1) for at, _ in runs] + [(at + length, -1) for at, length in runs])
    changes, level = [], 0
    for at_ms, change in edges:
        level += change
        changes.append((at_ms, level))
    found: dict[int, float] = defaultdict(float)
    for each in concurrency_samples(changes, 600_000):
        found[each.minute_ms] = max(found[each.minute_ms], each.total)
    expected: dict[int, float] = defaultdict(float)
    for moment in {at for at, _ in runs} | set(range(0, 600_000, MINUTE)):
        running = sum(at <= moment < at + length for at, length in runs)
        if running:
            minute = moment - moment % MINUTE
            expected[minute] = max(expected[minute], running)
    assert found == expected
