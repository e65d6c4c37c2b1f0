"""The rows of the comparison's statements as the two sides of each group. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from lambdascope_analytics.analyses.buckets import Buckets
from lambdascope_analytics.analyses.changes_asked import Comparison
from lambdascope_analytics.analyses.grouping import GroupKey
from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.ratios import Ratio
from lambdascope_analytics.analyses.tallies import CLOCKS, Side, Tally, Took, tally_of

Row = Mapping[str, Any]
# Characters that no name has.
_END: Final = "\x1e"
_BETWEEN: Final = "\x1f"
_ABOVE: Final = {0.5: "above_p50", 0.95: "above_p95"}
_ABOVE_ALL: Final = {0.5: "above_all_p50", 0.95: "above_all_p95"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSides:
    """A group, before and after."""

    key: GroupKey
    before: Side
    after: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The groups that are tested, as `changes/latency` takes them: a text that names each, and where in it that is."""

    text: str
    starts: Mapping[int, int]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Those that have a place among the rows of `changes/buckets`."""
        text, starts = "", dict[int, int]()
        for place, members in sorted(_by_place(rows).items()):
            starts[place] = len(text) + 1
            names = (members[0][name] or "" for name in ("group_value", "region", "account_id"))
            text += _END + _BETWEEN.join(names) + _END
        return cls(text=text, starts=starts)


def overall_of(rows: Sequence[Row], times: Sequence[Row], asked: Comparison) -> GroupSides:
    """All calls together."""
    return _sides(GroupKey(value=None), rows, times, asked, _ABOVE_ALL)


def sides_of(rows: Sequence[Row], times: Sequence[Row], chosen: Chosen, asked: Comparison) -> list[GroupSides]:
    """Each group that is tested, those with the most calls first."""
    found = _by_place(times)
    return [
        _sides(_key(members[0]), members, found.get(chosen.starts[place], []), asked)
        for place, members in sorted(_by_place(rows).items())
    ]


def _by_place(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        if row["place"] is not None:
            found.setdefault(row["place"], []).append(row)
    return found


def _key(row: Row) -> GroupKey:
    return GroupKey(value=row["group_value"], region=row["region"], account_id=row["account_id"])


def _sides(
    key: GroupKey,
    rows: Sequence[Row],
    times: Sequence[Row],
    asked: Comparison,
    above: Mapping[float, str] = _ABOVE,
) -> GroupSides:
    before, after = (
        Side(
            tallies=_tallies([row for row in rows if row["side"] == side], buckets),
            hours=buckets.hours,
            took={
                clock: _took([row for row in times if (row["side"], row["clock"]) == (side, number)], buckets, above)
                for number, clock in enumerate(CLOCKS)
            },
        )
        for side, buckets in enumerate(asked.sides)
    )
    return GroupSides(key=key, before=before, after=after)


def _took(rows: Sequence[Row], buckets: Buckets, columns: Mapping[float, str]) -> Took:
    timed, above = [0.0] * buckets.count, {quantile: [0.0] * buckets.count for quantile in columns}
    for row in rows:
        if row["kind"] == "bucket":
            index = row["number"] - buckets.first
            timed[index] += row["calls"]
            for quantile, column in columns.items():
                above[quantile][index] += row[column]
    return Took(
        times=histogram_of(row for row in rows if row["kind"] == "bin"),
        above={quantile: Ratio(parts=parts, wholes=timed) for quantile, parts in above.items()},
    )


def _tallies(rows: Iterable[Row], buckets: Buckets) -> list[Tally]:
    found = [Tally() for _ in range(buckets.count)]
    for row in rows:
        found[row["bucket"] - buckets.first] += tally_of(row)
    return found


def histogram_of(rows: Iterable[Row]) -> Histogram:
    """How long calls took, from rows of `changes/latency` of one group or of several."""
    bins: dict[int, Bin] = {}
    for row in rows:
        known = bins.get(row["number"])
        found = Bin(count=int(row["calls"]), least=row["least_ms"], most=row["most_ms"])
        bins[row["number"]] = found if known is None else _together(known, found)
    return Histogram.of(bins.values())


def _together(one: Bin, other: Bin) -> Bin:
    return Bin(count=one.count + other.count, least=min(one.least, other.least), most=max(one.most, other.most))
