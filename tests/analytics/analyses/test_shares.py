"""Shares and their differences have the intervals of the methods they name, and none where nothing is known."""

import pytest

from lambdascope_analytics.analyses.intervals import wilson
from lambdascope_analytics.analyses.shares import Share, share_change


def test_a_share_has_wilsons_interval() -> None:
    share = Share(successes=15, n=148)
    assert share.value == 15 / 148
    assert share.interval == wilson(15, 148)


def test_calls_that_fail_together_are_worth_fewer_independent_ones() -> None:
    # Would catch an effective number that moves the share itself.
    share = Share(successes=20, n=200, effective_n=50)
    assert share.value == 0.1
    assert share.interval == wilson(5, 50)


def test_of_nothing_there_is_no_share_and_no_change() -> None:
    nothing, some = Share(successes=0, n=0), Share(successes=1, n=2)
    assert (nothing.value, nothing.interval, nothing.estimate) == (None, None, None)
    assert share_change(nothing, some) is share_change(some, nothing) is None


def test_a_change_is_told_with_newcombes_interval_and_what_it_says_of_chance() -> None:
    change = share_change(Share(successes=48, n=80), Share(successes=56, n=70))
    assert change is not None
    assert change.difference == pytest.approx(0.2)
    assert change.interval.low == pytest.approx(0.0524, abs=5e-5)
    assert change.interval.high == pytest.approx(0.3339, abs=5e-5)
    assert 0.001 < change.p < 0.05
