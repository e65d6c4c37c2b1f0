"""The rows of the comparison's statements as the two sides of each group. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdascope_analytics.analyses.changes_asked import Comparison
from lambdascope_analytics.analyses.grouping import GroupKey
from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.tallies import Side, Tally, tally_of

Row = Mapping[str, Any]
Took = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSides:
    """A group, before and after."""

    key: GroupKey
    before: Side
    after: Side


def overall_of(rows: Sequence[Row], took: Took, asked: Comparison) -> GroupSides:
    """All calls together."""
    return _sides(GroupKey(value=None), rows, took, asked)


def sides_of(rows: Sequence[Row], took: Took, asked: Comparison) -> list[GroupSides]:
    """Each group that is tested, those with the most calls first."""
    groups: dict[GroupKey, list[Row]] = {}
    for row in rows:
        if row["place"] is not None:
            groups.setdefault(_key(row), []).append(row)
    times = {clock: _by_key(found) for clock, found in took.items()}
    return [
        _sides(key, members, {clock: found.get(key, ()) for clock, found in times.items()}, asked)
        for key, members in groups.items()
    ]


def _by_key(rows: Iterable[Row]) -> dict[GroupKey, list[Row]]:
    found: dict[GroupKey, list[Row]] = {}
    for row in rows:
        if row["place"] is not None:
            found.setdefault(_key(row), []).append(row)
    return found


def _key(row: Row) -> GroupKey:
    return GroupKey(value=row["group_value"], region=row["region"], account_id=row["account_id"])


def _sides(key: GroupKey, rows: Sequence[Row], took: Took, asked: Comparison) -> GroupSides:
    before, after = asked.sides
    sides = [
        Side(
            tallies=_tallies([row for row in rows if row["side"] == side], buckets.count),
            hours=buckets.hours,
            took={clock: histogram_of(row for row in found if row["side"] == side) for clock, found in took.items()},
        )
        for side, buckets in enumerate((before, after))
    ]
    return GroupSides(key=key, before=sides[0], after=sides[1])


def _tallies(rows: Iterable[Row], count: int) -> list[Tally]:
    found = [Tally() for _ in range(count)]
    for row in rows:
        # A clock within the second before the start counts in the first bucket.
        index = max(0, row["bucket"])
        found[index] += tally_of(row)
    return found


def histogram_of(rows: Iterable[Row]) -> Histogram:
    """How long calls took, from rows of `changes/latency` of one group or of several."""
    bins: dict[int, Bin] = {}
    for row in rows:
        known = bins.get(row["bin"])
        found = Bin(count=int(row["calls"]), least=row["least_ms"], most=row["most_ms"])
        bins[row["bin"]] = found if known is None else _together(known, found)
    return Histogram.of(bins.values())


def _together(one: Bin, other: Bin) -> Bin:
    return Bin(count=one.count + other.count, least=min(one.least, other.least), most=max(one.most, other.most))
