"""One table of the answer of an analysis as a pandas.DataFrame, with what the answer says of itself beside it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final, cast

from lambdascope_analytics.analyses.latency_answer import CLOCKS
from lambdascope_analytics.analyses.plain import plain
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.frame_types import Spread, frame_of, in_time, tables_of

_TIMES: Final = frozenset({"hour", "day"})
# In words and figures that a file of the frame can hold as well: pandas writes them there as JSON.
_ATTRS: Final = ("summary", "period", "calls", "notes", "next_step")


def answer_frame(answer: Any, part: str, spread: Spread | None = None) -> Any:
    """Return the table `part` of an answer; groups of hours and days are times, in their order.

    `spread` is that of `frame_of`.

    Raises:
        QuestionError: the answer has no such table.
    """
    tables = _tables(answer)
    if part not in tables:
        raise QuestionError("part", f"is {part!r}: use one of {', '.join(tables)}")
    frame = frame_of(_rows(getattr(answer, part)), tables[part], spread or {})
    if part == "groups" and answer.group_by in _TIMES:
        frame = in_time(frame, "group")
    return _told(frame, answer)


def latency_frame(answer: Any, part: str, percentiles: Sequence[float]) -> Any:
    """Return a table of an answer about latency, with a column for each of the percentiles and clocks."""
    names = {f"p{percentile:g}": f"p{percentile:g}_ms" for percentile in percentiles}
    clocks = dict(zip(CLOCKS, CLOCKS, strict=True))
    frame = answer_frame(answer, part, {"percentiles_ms": names, "clocks": clocks})
    columns: list[str] = list(frame.columns)
    return frame.rename(columns={name: name.removeprefix("figures_") for name in columns})


def course_frame(answer: Any) -> Any:
    """Return the course of a forecast: a row for each day of its month, with what is spent by its end and expected."""
    pandas: Any = import_module("pandas")
    course = answer.course
    first = datetime.fromisoformat(f"{answer.month}-01").replace(tzinfo=UTC)
    days = [first + timedelta(days=number) for number in range(len(course.spent_usd))]
    values = {name: pandas.Series(getattr(course, name), dtype="float64") for name in course.__dataclass_fields__}
    frame = pandas.DataFrame({"day": pandas.Series(days, dtype="datetime64[us, UTC]"), **values})
    return _told(frame, answer)


def changes_frame(answer: Any) -> Any:
    """Return what changed in the groups of a comparison: a row for each group and measure."""
    found = [(group.group, change) for group in answer.groups for change in group.changes]
    frame = frame_of([change for _, change in found], _tables(answer)["changes"])
    frame.insert(0, "group", [group for group, _ in found])
    return _told(frame.astype({"group": "str"}), answer)


def series_frame(answer: Any) -> Any:
    """Return the figures of a comparison over time: a row for each series and stretch of time in which it is known."""
    pandas: Any = import_module("pandas")
    found = [
        (each.series, start, value)
        for each in answer.series
        for start, value in zip(each.starts, each.values, strict=True)
        if value is not None
    ]
    types = {"series": "str", "start": "datetime64[us, UTC]", "value": "float64"}
    columns = zip(*found, strict=True) if found else [()] * len(types)
    values = {name: pandas.Series([*column], dtype=types[name]) for name, column in zip(types, columns, strict=True)}
    return _told(pandas.DataFrame(values), answer)


def _tables(answer: object) -> dict[str, type]:
    return tables_of(type(answer))


def _rows(found: object) -> tuple[object, ...]:
    """The rows of a table: those of a list, one, or none."""
    if isinstance(found, tuple):
        return cast("tuple[object, ...]", found)
    return () if found is None else (found,)


def _told(frame: Any, answer: Any) -> Any:
    # Not every answer has lists that can be cut.
    told = {"not_listed": getattr(answer, "not_listed", {}), **{name: getattr(answer, name) for name in _ATTRS}}
    frame.attrs = plain(told)
    return frame
