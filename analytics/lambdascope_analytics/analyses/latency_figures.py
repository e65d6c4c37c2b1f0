"""Turns the rows of `latency/percentiles.sql` into figures of all calls and of each group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import OF_TIME, GroupKey, labels
from lambdascope_analytics.analyses.latency_answer import CLOCKS, Clock, GroupLatency, LatencyFigures

Row = Mapping[str, Any]
# As the statement calls the sums of the clocks.
_SUMS: Final = dict(zip(CLOCKS, ("proxy_ms", "platform_ms", "init_ms", "handler_ms"), strict=True))
_OVERALL: Final = 0
_P99: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the statement told: figures of all calls and of the groups, how many groups there are and the buckets."""

    overall: LatencyFigures
    groups: tuple[GroupLatency, ...]
    all_groups: int
    contradictory_calls: int
    asynchronous_calls: int
    p99_ms: float | None
    buckets: Mapping[int, int]


def measured(rows: Sequence[Row], *, group_by: str, shares: Sequence[float]) -> Measured | None:
    """Return the figures; None where there is no call. `shares` are the percentiles asked for, between 0 and 1."""
    of_groups = {row["place"]: row for row in rows if row["kind"] == "group"}
    if _OVERALL not in of_groups:
        return None
    values = {
        (row["place"], row["temperature"], row["number"]): row["value_ms"]
        for row in rows
        if row["kind"] == "percentile"
    }
    everything = of_groups.pop(_OVERALL)
    return Measured(
        overall=_figures(everything, values, shares),
        groups=_groups(
            [of_groups[place] for place in sorted(of_groups, reverse=group_by in OF_TIME)],
            values,
            shares,
            group_by,
            everything,
        ),
        all_groups=everything["group_count"],
        contradictory_calls=everything["contradictory_calls"],
        asynchronous_calls=sum(row["calls"] for row in rows if row["kind"] == "asynchronous"),
        p99_ms=values.get((_OVERALL, "any", _P99)),
        buckets={row["bucket"]: row["calls"] for row in rows if row["kind"] == "bin"},
    )


def named_percentile(share: float) -> str:
    """Return what a percentile is called: p99.9."""
    return f"p{share * 100:.14g}"


def _groups(
    rows: Sequence[Row],
    values: Mapping[tuple[int, str, int], float],
    shares: Sequence[float],
    group_by: str,
    everything: Row,
) -> tuple[GroupLatency, ...]:
    names = labels([_key(row, group_by) for row in rows])
    return tuple(
        GroupLatency(
            group=name,
            waited_share=_part(row["waited_ms"], everything["waited_ms"]),
            figures=_figures(row, values, shares),
        )
        for name, row in zip(names, rows, strict=True)
    )


def _key(row: Row, group_by: str) -> GroupKey:
    name = row["name"] or None
    if group_by == "function":
        return GroupKey(value=name, region=row["part"] or None, account_id=row["account_id"] or None)
    if name and group_by == "version":
        return GroupKey(value=f"{name}:{row['part']}" if row["part"] else name)
    if name and group_by == "hour":
        return GroupKey(value=f"{name[:10]}T{name[11:16]}Z")
    return GroupKey(value=name[:10] if name and group_by == "day" else name)


def _figures(row: Row, values: Mapping[tuple[int, str, int], float], shares: Sequence[float]) -> LatencyFigures:
    place, calls, cold = row["place"], row["calls"], row["cold_calls"]
    known = cold + row["warm_calls"]
    cold_p50, warm_p50 = values.get((place, "cold", 50)), values.get((place, "warm", 50))
    return LatencyFigures(
        calls=calls,
        failures=row["failures"],
        percentiles_ms={
            named_percentile(share): values[place, "any", number] for number, share in enumerate(shares, 1)
        },
        apdex=(row["satisfied"] + row["tolerating"] / 2) / calls if calls else None,
        cold_calls=cold,
        cold_share=cold / known if known else None,
        cold_p50_ms=cold_p50,
        cold_p95_ms=values.get((place, "cold", 95)),
        warm_p50_ms=warm_p50,
        warm_p95_ms=values.get((place, "warm", 95)),
        cold_adds_ms=None if cold_p50 is None or warm_p50 is None else cold_p50 - warm_p50,
        measured_calls=row["measured_calls"],
        clocks=_clocks(row),
    )


def _clocks(row: Row) -> dict[str, Clock]:
    count = row["measured_calls"]
    if not count:
        return {}
    return {
        name: Clock(mean_ms=row[column] / count, share=_part(row[column], row["measured_ms"]))
        for name, column in _SUMS.items()
    }


def _part(part: float, whole: float) -> float | None:
    return part / whole if whole else None
