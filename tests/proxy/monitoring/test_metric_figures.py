"""From CloudWatch's series to figures."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.cloudwatch.metrics import Series
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.metric_figures import MetricFigures, read_metrics

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WINDOW = Window(start=START, end=START + timedelta(minutes=5))


def read(**points: Any) -> MetricFigures:
    """Reads series given as {minute: value}, complete unless their status says otherwise."""
    series: dict[str, Series] = {}
    for key, given in points.items():
        values, status = given if isinstance(given, tuple) else (given, "Complete")
        times = tuple(START + timedelta(minutes=minute) for minute in values)
        series[key] = Series(key=key, times=times, values=tuple(values.values()), status=status)
    return read_metrics(series, WINDOW, 60)


def test_the_whole_window_comes_in_one_bin_of_each_statistic() -> None:
    figures = read(invocations={0: 12.0}, duration_p95={0: 80.5})
    assert (figures.whole, figures.split) == ({"invocations": 12.0, "duration_p95": 80.5}, ())


def test_a_percentile_in_several_bins_is_the_highest_and_said_to_be_split() -> None:
    # Merging percentiles would be a made-up number; sums do add up.
    figures = read(invocations={0: 12.0, 4: 3.0}, duration_p95={0: 80.5, 4: 20.0})
    assert (figures.whole, figures.split) == ({"invocations": 15.0, "duration_p95": 80.5}, ("duration_p95",))


def test_no_data_is_zero_only_where_cloudwatch_was_asked_and_would_have_counted() -> None:
    figures = read(invocations={}, errors=({}, "Forbidden"), duration_p95={}, async_received={})
    assert figures.whole == {"invocations": 0.0}


def test_a_series_has_every_bin_of_the_window() -> None:
    figures = read(series_invocations={1: 2.0, 3: 5.0}, series_duration_p95={1: 80.5})
    assert figures.drawn.values["invocations"] == (0.0, 2.0, 0.0, 5.0, 0.0)
    assert figures.drawn.values["duration_p95"] == (None, 80.5, None, None, None)


def test_bins_of_a_series_that_did_not_come_whole_are_unknown() -> None:
    figures = read(series_invocations=({1: 2.0}, "PartialData"), series_errors=({}, "Forbidden"))
    assert figures.drawn.values == {"invocations": (None, 2.0, None, None, None), "errors": (None,) * 5}


@pytest.mark.parametrize(("points", "minutes"), [({1: 2.0, 3: 5.0}, 3), ({}, None)])
def test_the_newest_data_is_of_the_last_bin_that_has_any(points: dict[int, float], minutes: int | None) -> None:
    newest = read(series_invocations=points).newest_at
    assert newest == (None if minutes is None else START + timedelta(minutes=minutes))
