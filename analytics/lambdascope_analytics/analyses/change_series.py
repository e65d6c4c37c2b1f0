"""When the rate, the share that failed, the latency or the cost of all calls changed its level. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.analyses.change_points import LevelChange, level_changes
from lambdascope_analytics.analyses.change_sides import GroupSides, Row
from lambdascope_analytics.analyses.changes_asked import Comparison

DAY_S: Final = 86_400
SERIES: Final = ("calls_per_hour", "error_rate", "total_p95_ms", "cost_per_call_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """From `at`, the begin of a bucket of `within_s` seconds, the `series` is at `after` instead of `before` (medians).

    `deployed` are versions, as function:version, that were first called between the bucket before and that one.
    """

    series: str
    at: datetime
    within_s: int
    before: float
    after: float
    deployed: tuple[str, ...]


def change_points_of(
    overall: GroupSides, times: Sequence[Row], asked: Comparison, versions: Callable[[], Sequence[Row]]
) -> tuple[ChangePoint, ...]:
    """The moments, in their order, from the total times; `versions` is asked only if there are any."""
    found = [point for name, series in _series(overall, times, asked).items() for point in _points(name, series, asked)]
    if not found:
        return ()
    seen = versions()
    first = min(asked.before.start, asked.after.start).timestamp()
    dated = [_with_deployed(*point, seen, first, asked.size_s) for point in found]
    return tuple(sorted(dated, key=lambda point: (point.at, point.series)))


def _series(overall: GroupSides, times: Sequence[Row], asked: Comparison) -> dict[str, dict[datetime, float]]:
    p95 = {(row["side"], max(0, row["bucket"])): row["p95_ms"] for row in times if row["p95_ms"] is not None}
    series: dict[str, dict[datetime, float]] = {name: {} for name in SERIES}
    sides = zip((overall.before, overall.after), asked.sides, strict=True)
    for number, (side, buckets) in enumerate(sides):
        for index, (at, hours) in enumerate(zip(buckets.starts, buckets.hours, strict=True)):
            figures = {**_figures(side.tallies[index], hours), "total_p95_ms": p95.get((number, index))}
            for name, figure in figures.items():
                if figure is not None:
                    series[name][at] = figure
    return series


def _figures(tally: Any, hours: float) -> dict[str, float | None]:
    return {
        "calls_per_hour": tally.calls / hours,
        "error_rate": tally.failures / tally.tried if tally.tried else None,
        "cost_per_call_usd": float(tally.cost_usd) / tally.priced if tally.priced else None,
    }


def _points(
    name: str, series: Mapping[datetime, float], asked: Comparison
) -> Iterator[tuple[str, datetime, datetime, LevelChange]]:
    times = sorted(series)
    # Where buckets are missing, places in the series are no times of day any more.
    is_whole = len(times) == sum(buckets.count for buckets in asked.sides)
    cycle = DAY_S // asked.size_s if is_whole and DAY_S % asked.size_s == 0 else 0
    for change in level_changes([series[time] for time in times], cycle=cycle):
        yield name, times[change.index - 1], times[change.index], change


def _with_deployed(
    name: str, earlier: datetime, at: datetime, change: LevelChange, versions: Sequence[Row], first: float, size_s: int
) -> ChangePoint:
    until = datetime.fromtimestamp(at.timestamp() + size_s, UTC)
    new = tuple(
        f"{row['function_name']}:{row['executed_version']}"
        for row in versions
        # What was there from the beginning was not deployed then.
        if earlier <= row["first_seen"] < until and row["first_seen"].timestamp() >= first + size_s
    )
    return ChangePoint(series=name, at=at, within_s=size_s, before=change.before, after=change.after, deployed=new)
