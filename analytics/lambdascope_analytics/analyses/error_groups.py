"""How often calls of each group fail, from the rows of `errors/groups`. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdascope_analytics.analyses.grouping import OF_TIME, GroupKey, labels
from lambdascope_analytics.analyses.intervals import Interval
from lambdascope_analytics.analyses.shares import Share

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """The calls of one group; `error_rate` is the share of `calls` without `caller_faults` that failed.

    An hour or a day has no other self in the period before: its `previous_calls` are none.
    """

    group: str
    calls: int
    failures: int
    caller_faults: int
    error_rate: float | None
    error_rate_interval: Interval | None
    previous_calls: int
    previous_failures: int
    previous_error_rate: float | None


def groups_of(rows: Sequence[Row], group_by: str) -> tuple[ErrorGroup, ...]:
    """Most failures first; hours and days of the period in their order."""
    is_time = group_by in OF_TIME
    shown = [row for row in rows if row["calls"] or (row["previous_calls"] and not is_time)]
    shown = shown[::-1] if is_time else shown
    names = labels([_key(row) for row in shown])
    return tuple(_group(label, row, is_time=is_time) for label, row in zip(names, shown, strict=True))


def share_of(row: Row, prefix: str) -> Share:
    """What failed of the calls that are no caller's fault; `prefix` is of the columns."""
    counts = {name: count_of(row, prefix + name) for name in ("calls", "failures", "caller_faults")}
    return Share(successes=counts["failures"], n=counts["calls"] - counts["caller_faults"])


def count_of(row: Row, column: str) -> int:
    """A count; 0 where there is no such row."""
    return int(row.get(column) or 0)


def _key(row: Row) -> GroupKey:
    return GroupKey(
        value=row["group_value"],
        region=row["region"],
        account_id=row["account_id"],
        same_name=row["same_name"],
        same_place=row["same_place"],
    )


def _group(label: str, row: Row, *, is_time: bool) -> ErrorGroup:
    after, before = share_of(row, ""), Share(successes=0, n=0) if is_time else share_of(row, "previous_")
    return ErrorGroup(
        group=label,
        calls=row["calls"],
        failures=row["failures"],
        caller_faults=row["caller_faults"],
        error_rate=after.value,
        error_rate_interval=after.interval,
        previous_calls=0 if is_time else row["previous_calls"],
        previous_failures=before.successes,
        previous_error_rate=before.value,
    )
