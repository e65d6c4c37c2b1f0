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


def metrics(**whole: float) -> MetricFigures:
    return MetricFigures(whole=whole, split=(), drawn=Drawn(start=NOON, period_s=60, values={}), newest_at=None)


@pytest.mark.parametrize(("executions", "invocations"), [(100, 100), (90, 100), (101, 100), (0, 0)])
def test_nearly_all_reports_are_all_there_will_be(executions: int, invocations: float) -> None:
    # Metrics and logs lag differently.
    assert usable(logs(executions), metrics(invocations=invocations)) == (logs(executions), ())


def test_fewer_are_said_and_none_is_nothing_known() -> None:
    figures, (words,) = usable(logs(89), metrics(invocations=100.0))
    assert (figures, "89 of 100 executions" in words) == (logs(89), True)
    figures, (words,) = usable(logs(0), metrics(invocations=1.0))
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
