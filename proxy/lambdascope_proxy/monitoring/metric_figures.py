"""What the metrics of one window say, read from CloudWatch's series. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lambdascope_proxy.cloudwatch.metrics import Series
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.measures import SERIES, WHOLE

# Lambda publishes these with every invocation: no data means that there was none. Of others it means no such thing.
_COUNTED: Final = frozenset({"invocations", "errors", "throttles"})
_SUMS: Final = frozenset(measure.key for measure in (*WHOLE, *SERIES) if measure.statistic == "Sum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Series of one period from `start` on; a bin without data is None, but 0 where events are counted and all came."""

    start: datetime
    period_s: int
    values: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFigures:
    """Each figure of the whole window by its key; one that CloudWatch has no data for is missing.

    `split` names figures that came in several bins, of which the highest stands for all; `newest_at` is the beginning
    of the newest bin in which anything ran.
    """

    whole: Mapping[str, float]
    split: tuple[str, ...]
    drawn: Drawn
    newest_at: datetime | None


def read_metrics(series: Mapping[str, Series], window: Window, period_s: int) -> MetricFigures:
    """Reads the answer to `metric_queries` over an aligned window."""
    found = {measure.key: series[measure.key] for measure in WHOLE if measure.key in series}
    whole = {key: value for key, each in found.items() if (value := _value(key, each)) is not None}
    invocations = series.get("series_invocations")
    newest = max(invocations.times, default=None) if invocations else None
    return MetricFigures(
        whole=whole,
        split=tuple(key for key, each in found.items() if len(each.values) > 1 and key not in _SUMS),
        drawn=_drawn(series, window, period_s),
        newest_at=newest,
    )


def _value(key: str, series: Series) -> float | None:
    if series.values:
        return sum(series.values) if key in _SUMS else max(series.values)
    return 0.0 if key in _COUNTED and series.status == "Complete" else None


def _drawn(series: Mapping[str, Series], window: Window, period_s: int) -> Drawn:
    starts = list(_bins(window, period_s))
    values: dict[str, tuple[float | None, ...]] = {}
    for measure in SERIES:
        if found := series.get(measure.key):
            points = dict(zip(found.times, found.values, strict=True))
            nothing = 0.0 if measure.key in _SUMS and found.status == "Complete" else None
            values[measure.key.removeprefix("series_")] = tuple(points.get(start, nothing) for start in starts)
    return Drawn(start=window.start, period_s=period_s, values=values)


def _bins(window: Window, period_s: int) -> Iterable[datetime]:
    for number in range(round(window.seconds / period_s)):
        yield window.start + timedelta(seconds=number * period_s)
