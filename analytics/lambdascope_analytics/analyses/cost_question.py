"""What the analysis of cost asks of the history, and what it finds there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from lambdascope_analytics.analyses.cost_cells import Cell, cells_of
from lambdascope_analytics.analyses.cost_parts import Parts
from lambdascope_analytics.analyses.cost_waste import FAILED_BEFORE, Retries, find_retries, searched_since
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.grouping import read_group
from lambdascope_analytics.analyses.known_functions import KnownFunctions, known_functions
from lambdascope_analytics.analyses.listing import read_top
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import RateTable
from lambdascope_analytics.statements import statement

_LOOKING: Final = "cloudwatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostQuestion:
    """What is asked: a period cut into parts, what to group by, and whether the period before counts."""

    period: Period
    parts: Parts
    group_by: str
    top: int
    function_name: str | None
    scope: FunctionScope
    scanned_after: datetime

    @classmethod
    def of(cls, period: Period, *, group_by: str, compare_previous: bool, top: int, function_name: str | None) -> Self:
        """Read it. Raises: QuestionError."""
        return cls(
            period=period,
            parts=Parts.of(period),
            group_by=read_group(group_by),
            top=read_top(top),
            function_name=function_name,
            scope=FunctionScope.of(function_name),
            scanned_after=_before(period) if compare_previous else period.start,
        )

    @property
    def is_compared(self) -> bool:
        """Whether the period before counts."""
        return self.scanned_after < self.period.start

    @property
    def parameters(self) -> dict[str, object]:
        """As the statement takes it."""
        return {
            **self.period.parameters,
            **self.scope.parameters,
            "scanned_after": self.scanned_after,
            "start_s": self.parts.start_s,
            "bucket_s": self.parts.bucket_s,
            "last_bucket": self.parts.count - 1,
            "group_by": self.group_by,
            "top": self.top,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFacts:
    """What the history has on it: `known_since` is where it begins, None if it is empty.

    Where there are no calls, `last_at` is when the latest before was, and `known` are the functions there are if none.
    """

    cells: list[Cell]
    looking: list[Cell]
    retries: Retries
    known_since: datetime | None
    later_calls: int
    last_at: datetime | None
    known: KnownFunctions

    @property
    def now(self) -> list[Cell]:
        """The cells of the period itself."""
        return [cell for cell in self.cells if not cell.is_before]

    @property
    def before(self) -> list[Cell]:
        """The cells of the period before it."""
        return [cell for cell in self.cells if cell.is_before]

    def has_whole_before(self, question: CostQuestion) -> bool:
        """Whether the period before has calls and the history holds all of it, so that its cost can be compared."""
        return bool(self.before) and self.known_since is not None and self.known_since <= question.scanned_after


def _before(period: Period) -> datetime:
    try:
        return period.previous().start
    except QuestionError as error:
        raise QuestionError(error.field, f"{error.problem}: compare with none") from error


def look(history: History, question: CostQuestion, rates: RateTable, now: datetime) -> CostFacts:
    """Ask the history. Raises: HistoryError."""
    earliest = min(question.scanned_after, question.period.start - FAILED_BEFORE)
    with history.within(earliest, question.period.end) as around, history.within(now, None) as ahead:
        found = cells_of(around.query(statement("cost/cells"), question.parameters))
        cells = [cell for cell in found if cell.target != _LOOKING]
        (later,) = ahead.query(statement("cost/later_calls"), {**question.scope.parameters, "started_after": now})
        called = [cell for cell in cells if not cell.is_before]
        ours = [cell for cell in called if not cell.is_of_other_server]
        since = searched_since(ours, question.parts, question.period)
        retries = find_retries(around, question.period, since=since, scope=question.scope, rates=rates)
    last_at = None if called else _last_at(history, question, now)
    return CostFacts(
        cells=cells,
        looking=[cell for cell in found if cell.target == _LOOKING and not cell.is_before],
        retries=retries,
        known_since=_known_since(history, question, cells),
        later_calls=later["calls"],
        last_at=last_at,
        known=KnownFunctions() if called or last_at else known_functions(history, question.scope),
    )


def _last_at(history: History, question: CostQuestion, now: datetime) -> datetime | None:
    (row,) = history.query(statement("cost/last_call"), {**question.scope.parameters, "started_before": now})
    return row["last_at"]


def _known_since(history: History, question: CostQuestion, cells: Sequence[Cell]) -> datetime | None:
    """When the history begins; what lies before is not told apart, so that it need not be looked for."""
    first = min((cell.first_at for cell in cells), default=None)
    if first is not None and first - question.scanned_after < timedelta(seconds=question.parts.bucket_s):
        return question.scanned_after
    (earlier,) = history.query(statement("cost/earlier_calls"), {"started_before": question.scanned_after})
    if earlier["known"]:
        return question.scanned_after
    if question.function_name is None:
        return first
    (row,) = history.query(statement("cost/first_call"), {"started_before": question.period.end})
    return row["first_at"]
