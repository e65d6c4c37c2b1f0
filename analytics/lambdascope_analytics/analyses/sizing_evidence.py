"""What the history tells of one function's executions: the figures every piece of advice on its settings rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lambdascope_analytics.analyses.intervals import Moments
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_prices import Prices
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.statements import statement

if TYPE_CHECKING:
    from lambdascope_analytics.history import History

# Calls are put in order to see what ran at once and what was repeated: so many are, in whole days, the newest.
MOST_ORDERED: Final = 100_000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What ran with one memory size on one architecture: the columns of sizing/sizes.sql."""

    region: str | None
    account_id: str | None
    memory_mb: int | None
    architecture: str | None
    runtime: str | None
    first_at: datetime
    last_at: datetime
    calls: int
    from_logs: int
    executions: int
    unpriced_calls: int
    skewed_calls: int
    billed_ms: int | None
    with_billed_ms: int
    successes: int
    success_p999_ms: float | None
    success_longest_ms: float | None
    alike: int
    alike_billed_ms: int | None
    alike_variance: float | None
    alike_p95_ms: float | None
    memory_reports: int
    memory_max_mb: int | None
    memory_p999_mb: float | None
    out_of_memory: int
    timeouts: int
    timeouts_billed_ms: int | None
    timeout_ms: float | None
    cold_starts: int
    init_ms: float | None
    init_count: int
    init_p50_ms: float | None
    init_p95_ms: float | None
    restores: int

    def billed(self, factor: float) -> Moments:
        """Mean and variance of the billed time of its warm, successful calls, in units of 1 / `factor` ms."""
        mean = (self.alike_billed_ms or 0) / self.alike
        return Moments(n=self.alike, mean=mean * factor, variance=(self.alike_variance or 0.0) * factor * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """For how long `level` executions ran at once in one hour of the day, and the cold starts among them."""

    hour_utc: int
    level: int
    level_us: int
    cold_starts: int
    init_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """What failed and what was repeated on one architecture: the columns of sizing/repeats.sql."""

    architecture: str | None
    executions: int
    failed: int
    failed_mb_ms: int
    repeats: int
    repeats_ok: int
    repeats_executed: int
    repeats_mb_ms: int
    callerless: int
    event_calls: int
    event_retried: int
    event_retried_ok: int
    event_retried_mb_ms: int
    throttled_attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All of it; `sizes` are those that ran, the one in use (which ran last) first. `ordered` is the period of `levels`
    and `repeats`.
    """

    function_name: str
    period: Period
    sizes: tuple[Size, ...]
    prices: Prices
    timeout_s: float | None
    ordered: Period
    levels: tuple[Level, ...]
    repeats: tuple[Repeats, ...]

    @property
    def current(self) -> Size:
        """The size in use."""
        return self.sizes[0]

    @property
    def executions(self) -> int:
        """How many ran, at any size."""
        return sum(size.executions for size in self.sizes)

    def alike(self, least: int) -> list[Size]:
        """The sizes of which enough calls can be compared with those of another."""
        return [size for size in self.sizes if size.memory_mb and size.alike >= max(2, least)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which function: NULL region or account means any, as long as there is only one."""

    function_name: str
    region: str | None = None
    account_id: str | None = None

    @property
    def parameters(self) -> dict[str, object]:
        """As the statements take it."""
        return {"function_name": self.function_name, "region": self.region, "account_id": self.account_id}


def read_sizes(history: "History", place: Place, period: Period, now: datetime) -> list[Size]:
    """Read what was called, newest first, also of what never ran."""
    rows = history.query(statement("sizing/sizes"), {**place.parameters, **period.parameters, "now": now})
    return [_of(Size, row) for row in rows]


def read_levels(history: "History", place: Place, period: Period) -> tuple[Level, ...]:
    """Read how many ran at once."""
    rows = history.query(statement("sizing/concurrency"), {**place.parameters, **period.parameters})
    return tuple(_of(Level, row) for row in rows)


def read_repeats(history: "History", place: Place, period: Period) -> tuple[Repeats, ...]:
    """Read what failed and was repeated."""
    rows = history.query(statement("sizing/repeats"), {**place.parameters, **period.parameters})
    return tuple(_of(Repeats, row) for row in rows)


def one_place(sizes: Sequence[Size]) -> None:
    """Check that all that ran is one function.

    Raises:
        QuestionError: functions of that name ran in several regions or accounts.
    """
    for field, seen in (("region", {size.region for size in sizes}), ("account_id", {s.account_id for s in sizes})):
        known = sorted(place for place in seen if place)
        if len(known) > 1:
            raise QuestionError(field, f"is needed (name it region:name or account:region:name): {', '.join(known)}")


def ordered_period(period: Period, executions: int) -> Period:
    """The newest whole days of the period that hold about as many executions as can be put in order."""
    if executions <= MOST_ORDERED:
        return period
    days = int(period.seconds * MOST_ORDERED / executions // _DAY.total_seconds())
    return Period(start=max(period.start, period.end - max(1, days) * _DAY), end=period.end)


_Row = TypeVar("_Row", Size, Level, Repeats)


def _of(kind: type[_Row], row: Mapping[str, Any]) -> _Row:
    return kind(**{field.name: row[field.name] for field in fields(kind)})
