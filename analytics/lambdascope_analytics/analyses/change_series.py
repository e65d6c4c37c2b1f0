"""When the rate, the share that failed, the latency or the cost of all calls changed its level. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, floor
from typing import Any, Final

from lambdascope_analytics.analyses.change_points import level_changes
from lambdascope_analytics.analyses.change_sides import GroupSides, Row
from lambdascope_analytics.analyses.changes_asked import Comparison

DAY_S: Final = 86_400
# Of a bucket: what a shorter one at the end of a period tells would mostly be chance.
LEAST_PART: Final = 0.5
SERIES: Final = ("calls_per_hour", "error_rate", "total_p95_ms", "cost_per_call_usd")

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A version, as function:version, and when it was called for the first time."""

    version: str
    first_called: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Between `start` and `end` the level of a `series` went from `before` to `after` (medians of buckets).

    That is the bucket from which on the level is the new one, and the one before it, in which the change may have come
    too late to show. `deployed` are versions that were called for the first time then.
    """

    series: str
    start: datetime
    end: datetime
    before: float
    after: float
    deployed: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One figure of all calls in each bucket in which it is known, over both periods."""

    name: str
    size_s: int
    values: Mapping[Span, float]

    @property
    def change_points(self) -> Iterator[ChangePoint]:
        """When it changed its level."""
        spans = sorted(self.values)
        places = [int(start.timestamp() % DAY_S // self.size_s) for start, _ in spans]
        is_daily = self.size_s < DAY_S and DAY_S % self.size_s == 0
        for change in level_changes([self.values[span] for span in spans], places=places if is_daily else ()):
            (start, _), (_, end) = spans[change.index - 1 : change.index + 1]
            yield ChangePoint(
                series=self.name,
                start=self._edge(floor(start.timestamp() / self.size_s)),
                end=self._edge(ceil(end.timestamp() / self.size_s)),
                before=change.before,
                after=change.after,
            )

    def _edge(self, number: int) -> datetime:
        return datetime.fromtimestamp(number * self.size_s, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFigures:
    """One series as it is drawn: a value from each of `starts` on, None where it is not known."""

    series: str
    starts: tuple[datetime, ...]
    values: tuple[float | None, ...]


def series_of(overall: GroupSides, times: Sequence[Row], asked: Comparison) -> list[Series]:
    """Those that are looked at."""
    p95 = {(row["side"], row["number"]): row["most_ms"] for row in times if row["kind"] == "p95"}
    series: dict[str, dict[Span, float]] = {name: {} for name in SERIES}
    for number, (side, buckets) in enumerate(zip((overall.before, overall.after), asked.sides, strict=True)):
        for index, (span, hours) in enumerate(zip(buckets.spans, buckets.hours, strict=True)):
            if hours < LEAST_PART * asked.size_s / 3600:
                continue
            known = {"total_p95_ms": p95.get((number, buckets.first + index))}
            for name, figure in {**_figures(side.tallies[index], hours), **known}.items():
                if figure is not None:
                    series[name][span] = figure
    return [Series(name=name, size_s=asked.size_s, values=values) for name, values in series.items()]


def drawn(series: Sequence[Series]) -> tuple[SeriesFigures, ...]:
    """The same to be drawn; a gap between the periods is one in the line."""
    spans = sorted({span for each in series for span in each.values})
    gaps = [
        (end, start) for (_, end), (start, _) in pairwise(spans) if (start - end).total_seconds() > series[0].size_s
    ]
    ordered = sorted([*spans, *gaps])
    starts = tuple(start for start, _ in ordered)
    return tuple(
        SeriesFigures(series=each.name, starts=starts, values=tuple(map(each.values.get, ordered))) for each in series
    )


def _figures(tally: Any, hours: float) -> dict[str, float | None]:
    return {
        "calls_per_hour": tally.calls / hours,
        "error_rate": tally.failures / tally.tried if tally.tried else None,
        "cost_per_call_usd": float(tally.cost_usd) / tally.priced if tally.priced else None,
    }


def change_points_of(series: Sequence[Series]) -> list[ChangePoint]:
    """The moments of all of them, in their order."""
    found = [point for each in series for point in each.change_points]
    return sorted(found, key=lambda point: (point.start, point.series))


def with_deployed(points: Sequence[ChangePoint], versions: Sequence[Row]) -> tuple[ChangePoint, ...]:
    """The same with those of the versions that were first called then."""
    return tuple(replace(point, deployed=tuple(_deployed(point, versions))) for point in points)


def _deployed(point: ChangePoint, versions: Sequence[Row]) -> Iterator[Deployment]:
    for row in versions:
        if point.start <= row["first_called"] < point.end:
            yield Deployment(
                version=f"{row['function_name']}:{row['executed_version']}", first_called=row["first_called"]
            )
