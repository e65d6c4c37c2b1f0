"""What is asked, from what a caller wants to know."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.execution_question import Question, question_of
from lambdascope_proxy.monitoring.measures import METRIC_TYPES
from lambdascope_proxy.selection import Function

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def last(function_of: Callable[..., Function]) -> Callable[..., Question]:
    """The question about the last so many seconds."""

    def make(seconds: float, **more: Any) -> Question:
        return question_of(function_of(), Window(start=NOW - timedelta(seconds=seconds), end=NOW), NOW, **more)

    return make


@given(seconds=st.floats(1, 400 * 86_400))
def test_every_window_is_covered_by_at_most_60_bins_and_by_one(last: Callable[..., Question], seconds: float) -> None:
    question = last(seconds)
    window = question.window
    assert window.start <= NOW - timedelta(seconds=seconds)
    assert window.end >= NOW
    assert window.seconds / question.period_s <= 60
    # Percentiles cannot be merged across bins.
    assert question.whole_s >= window.seconds
    assert question.whole_s % 60 == 0


@pytest.mark.parametrize(("seconds", "ttl_s"), [(900, 30), (6 * 3600, 300), (86_400, 300)])
def test_an_answer_is_kept_for_half_a_bin(last: Callable[..., Question], seconds: float, ttl_s: float) -> None:
    assert last(seconds).ttl_s == ttl_s


def test_everything_is_wanted_by_default_and_less_if_named(last: Callable[..., Question]) -> None:
    assert last(60).wanted == frozenset(METRIC_TYPES)
    assert last(60).series == {"invocations", "errors", "duration"}
    narrowed = last(60, metric_types=["throttles"])
    assert narrowed.wanted == narrowed.series == {"throttles"}


def test_the_log_group_is_the_configured_one(
    last: Callable[..., Question], function_of: Callable[..., Function]
) -> None:
    assert last(60).log_group == "/aws/lambda/orders"
    window = Window(start=NOW - timedelta(hours=1), end=NOW)
    assert question_of(function_of(log_group="/shop"), window, NOW).log_group == "/shop"
