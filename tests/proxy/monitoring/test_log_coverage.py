"""Whether a log tells of the executions that were counted."""

from datetime import UTC, datetime, timedelta

import pytest

from lambdascope_proxy.cloudwatch.log_groups import LogGroup
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.log_coverage import expired, usable
from lambdascope_proxy.monitoring.log_queries import LogFigures, read_figures
from lambdascope_proxy.monitoring.metric_figures import Drawn, MetricFigures

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def logs(executions: int) -> LogFigures:
    return read_figures([{"executions": str(executions)}])


def metrics(*bins: float | None, **whole: float) -> MetricFigures:
    """Invocations of the whole window, and those in its bins of a minute."""
    drawn = Drawn(start=NOON, period_s=60, values={"invocations": bins} if bins else {})
    return MetricFigures(whole=whole, split=(), drawn=drawn, newest_at=None)


@pytest.mark.parametrize("executions", [89, 90, 100, 110, 111])
def test_executions_at_the_edges_of_a_window_may_fall_on_either_side(executions: int) -> None:
    # A metric has the time of the start, a report that of the end; and both lag by up to three minutes.
    counted = metrics(4.0, 40.0, 49.0, 2.0, 4.0, None, invocations=100.0)
    figures, words = usable(logs(executions), counted)
    assert figures == logs(executions)
    assert bool(words) is not (90 <= executions <= 110)


@pytest.mark.parametrize(("executions", "invocations"), [(910, 1000), (5000, 1000), (99, 100)])
def test_reports_that_are_not_those_counted_are_said_with_both_numbers(executions: int, invocations: float) -> None:
    # Their cost would pass for the cost of all.
    figures, (words,) = usable(logs(executions), metrics(invocations=invocations))
    assert figures == logs(executions)
    assert str(executions) in words
    assert str(invocations) in words


def test_a_version_has_more_reports_than_calls_that_named_it() -> None:
    counted = metrics(invocations=10.0)
    assert usable(logs(30), counted, is_qualified=True) == (logs(30), ())
    assert usable(logs(9), counted, is_qualified=True)[1] != ()


def test_no_traffic_and_no_reports_agree() -> None:
    assert usable(logs(0), metrics(invocations=0.0)) == (logs(0), ())


def test_without_any_report_nothing_is_known() -> None:
    figures, (words,) = usable(logs(0), metrics(1.0, invocations=1.0))
    assert (figures, "log level" in words) == (None, True)


def test_without_metrics_the_log_is_all_there_is() -> None:
    assert usable(logs(0), None) == (logs(0), ())
    assert usable(logs(3), metrics()) == (logs(3), ())
    assert usable(None, metrics(invocations=9.0)) == (None, ())


@pytest.mark.parametrize(("days", "is_said"), [(None, False), (7, False), (6, True)])
def test_a_window_longer_than_the_retention_is_said(days: int | None, is_said: bool) -> None:
    group = LogGroup(name="g", stored_bytes=0, created_at=NOON, retention_days=days, log_class="STANDARD")
    window = Window(start=NOON - timedelta(days=7), end=NOON)
    assert bool(expired(group, window, NOON)) is is_said
