"""A history for notebooks: its calls and its analyses as pandas.DataFrame, and SQL of one's own.

pandas and duckdb are imported when first used.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import History
from lambdascope_analytics.history import open_history as open_for_reading
from lambdascope_analytics.statements import statement
from lambdascope_analytics.time_range import TimeRange, period_of

ALL: Final = "all"
DEFAULT_RANGE: Final = "7d"
MOST: Final = 100


class HistoryFrames:
    """One history. A time range is "7d", a pair of times, a `Period`, or "all" there is; "7d" ends `now`.

    Each analysis gives the table that answers it; `part` names another table of the same answer, such as the `waste`
    of cost. `frame.attrs` tells the summary, the range, the notes and the next step; `answer` gives all of it as it is.
    Columns have the same types whatever they hold: integers stay integers and may be missing, money of an analysis is
    `Decimal`, times are in UTC. Money in rows of `calls` and `sql` is the nearest double.
    """

    def __init__(self, history: History, directory: Path, *, now: Callable[[], datetime]) -> None:
        self.directory: Final = directory
        self._history = history
        self._now = now

    def calls(self, time_range: TimeRange = DEFAULT_RANGE, *, function_name: str | None = None) -> Any:
        """The recorded calls as rows, oldest first, with every column of the history. For fewer columns use `sql`.

        Raises:
            QuestionError: the time range makes no sense.
            HistoryError: the history cannot be read.
        """
        asked = {**self._period(time_range), "function_name": function_name}
        parameters = {"started_after": asked["start"], "started_before": asked["end"], "function_name": function_name}
        return self._typed(statement("frames/calls"), parameters)

    def sql(self, query: str, **parameters: object) -> Any:
        """The rows of one statement over the views; `$name` in it takes the parameter of that name.

        Raises:
            HistoryError: DuckDB refuses the statement or cannot read the files.
        """
        return self._typed(query, parameters)

    def cost(
        self,
        group_by: str = "function",
        time_range: TimeRange = DEFAULT_RANGE,
        *,
        function_name: str | None = None,
        compare_previous: bool = True,
        top: int = MOST,
        part: str = "groups",
    ) -> Any:
        """What calls cost by group, dearest first. Parts: groups, sources, waste, projection, trends, ...

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        asked = {"group_by": group_by, "function_name": function_name, "compare_previous": compare_previous, "top": top}
        return self._table(part, "cost", time_range, asked)

    def latency(
        self,
        group_by: str = "function",
        time_range: TimeRange = DEFAULT_RANGE,
        *,
        function_name: str | None = None,
        percentiles: tuple[float, ...] = (50, 90, 95, 99),
        apdex_ms: float | None = None,
        top: int = MOST,
        part: str = "groups",
    ) -> Any:
        """How long calls took by group: exact percentiles, cold and warm apart, and where the time went.

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        from lambdascope_analytics.answer_frame import latency_frame

        asked = {"group_by": group_by, "function_name": function_name, "percentiles": percentiles, "top": top}
        answer = self.answer("latency", time_range=time_range, **asked, apdex_ms=apdex_ms)
        return latency_frame(answer, part, percentiles)

    def errors(
        self,
        group_by: str | None = None,
        time_range: TimeRange = DEFAULT_RANGE,
        *,
        function_name: str | None = None,
        top: int = MOST,
        part: str = "errors",
    ) -> Any:
        """What failed, by kind of error. Parts: errors, caller_errors, gone, and groups where there is a `group_by`.

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        asked = {"group_by": group_by, "function_name": function_name, "top": top}
        return self._table(part, "errors", time_range, asked)

    def compare(
        self,
        time_range: TimeRange = DEFAULT_RANGE,
        before: TimeRange | None = None,
        *,
        group_by: str = "function",
        function_name: str | None = None,
        version: str | None = None,
        before_version: str | None = None,
        top: int = MOST,
        part: str = "changes",
    ) -> Any:
        """What changed from `before`, by default the period of the same length before, or from one version to another.

        Parts: changes (of all calls together; money is `Decimal`, other figures are floats), groups (the same by
        group, where it is more than chance), change_points, series (figures of all calls over both periods).

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        from lambdascope_analytics.answer_frame import answer_frame, changes_frame, series_frame

        earlier = {} if before is None else {f"before_{name}": time for name, time in self._period(before).items()}
        asked = {"group_by": group_by, "function_name": function_name, "top": top}
        versions = {"version": version, "before_version": before_version}
        drawn = {"with_series": part == "series"}
        answer = self.answer("changes", time_range=time_range, **earlier, **asked, **versions, **drawn)
        frames = {"groups": changes_frame, "series": series_frame}
        return frames[part](answer) if part in frames else answer_frame(answer, part)

    def recommend(
        self,
        function_name: str,
        time_range: TimeRange = "14d",
        *,
        region: str | None = None,
        account_id: str | None = None,
        timeout_s: float | None = None,
        part: str = "recommendations",
    ) -> Any:
        """What to set for a function, each with its evidence. Parts: recommendations, refusals.

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        asked = {"function_name": function_name, "region": region, "account_id": account_id, "timeout_s": timeout_s}
        return self._table(part, "sizing", time_range, asked)

    def forecast(
        self,
        *,
        function_name: str | None = None,
        months_ahead: int = 0,
        budget_usd: Decimal | float | None = None,
        part: str = "course",
    ) -> Any:
        """What this month will have cost, or one of the next: by default day by day, with an interval at 80 %.

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        from lambdascope_analytics.answer_frame import answer_frame, course_frame

        asked = {"function_name": function_name, "months_ahead": months_ahead, "budget_usd": budget_usd}
        answer = self.answer("forecast", **asked)
        return course_frame(answer) if part == "course" else answer_frame(answer, part)

    def answer(self, name: str, **parameters: Any) -> Any:
        """The whole answer of an analysis, a dataclass; `time_range` may be given for its `start` and `end`.

        Raises:
            QuestionError: there is no such analysis, or a parameter makes no sense.
            HistoryError: the history cannot be read.
        """
        from lambdascope_analytics.analyses.named import analyse

        asked = dict(parameters)
        if "time_range" in asked:
            asked.update(self._period(asked.pop("time_range")))
        return analyse(self._history, name, asked, now=self._now())

    def close(self) -> None:
        """Close the history."""
        self._history.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        rows = "unreadable"
        with suppress(HistoryError):
            (found,) = self._history.query(statement("frames/extent"))
            rows = f"{found['calls']:,} calls"
        return f"<history of {rows} in {self.directory}>"

    def _period(self, time_range: TimeRange) -> dict[str, datetime]:
        if time_range == ALL:
            (found,) = self._history.query(statement("frames/extent"))
            # Without any call every range is as good, but for those whose beginning has nothing before it.
            time_range = (found["first_started_at"], self._now()) if found["calls"] else DEFAULT_RANGE
        period = period_of(time_range, self._now())
        return {"start": period.start, "end": period.end}

    def _typed(self, query: str, parameters: Mapping[str, object]) -> Any:
        from lambdascope_analytics.frame_types import with_types

        described = self._history.query(f"DESCRIBE {query}", parameters)
        return with_types(self._history.frame(query, parameters), described)

    def _table(self, part: str, name: str, time_range: TimeRange, asked: Mapping[str, Any]) -> Any:
        from lambdascope_analytics.answer_frame import answer_frame

        return answer_frame(self.answer(name, time_range=time_range, **asked), part)


def open_history(path: str | PathLike[str] | None = None, *, now: datetime | None = None) -> HistoryFrames:
    """Open the history in the directory `path`, by default this user's own; `now` fixes the moment that "7d" ends at.

    Raises:
        HistoryError: there is no such directory, or something else is in its place.
    """
    from lambdascope_analytics.store.directories import default_directory

    directory = default_directory() if path is None else Path(path).expanduser()
    if not directory.is_dir():
        # Opening would make an empty one, and a mistyped path would look like a history without calls.
        raise HistoryError(f"there is no history in {directory}: `lambdascope history path` tells where it is")
    history = open_for_reading(directory)
    return HistoryFrames(history, directory.resolve(), now=lambda: now or datetime.now(UTC))
