"""What the history tells of one function's executions: the figures every piece of advice on its settings rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.intervals import Moments
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_answer import LEAST_EXECUTIONS
from lambdascope_analytics.analyses.sizing_prices import Prices
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.statements import statement

if TYPE_CHECKING:
    from lambdascope_analytics.history import History

# Calls are put in order to see what ran at once and what was repeated: so many are, in whole days, the newest.
MOST_ORDERED: Final = 100_000
# Of the executions: a function of which more fail is mended before it is made cheaper.
MOST_FAILING: Final = 0.05
# A call is cut off at the timeout, give or take what the clock does.
_AT_THE_TIMEOUT: Final = 0.95
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What ran with one memory size on one architecture: the columns of sizing/sizes.sql."""

    memory_mb: int | None
    architecture: str | None
    region: str | None
    last_region: str | None
    account_id: str | None
    last_account_id: str | None
    runtime: str | None
    first_at: datetime
    last_at: datetime
    calls: int
    from_logs: int
    executions: int
    failed: int
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
    init_p99_ms: float | None
    restores: int

    @property
    def is_failing(self) -> bool:
        """Whether so many failed that what the others took says little of what it costs once it works."""
        return self.failed > MOST_FAILING * self.executions

    @property
    def mb_ms(self) -> int:
        """What was billed, as memory times time."""
        return (self.billed_ms or 0) * (self.memory_mb or 0)

    def billed(self, factor: float) -> Moments:
        """Mean and variance of the billed time of its warm, successful calls, in units of 1 / `factor` ms."""
        mean = (self.alike_billed_ms or 0) / self.alike
        return Moments(n=self.alike, mean=mean * factor, variance=(self.alike_variance or 0.0) * factor * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """For how long `level` executions at the size in use ran at once in one hour of the day, and what began then."""

    hour_utc: int
    level: int
    level_us: int
    begun: int
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
    repeats_mb_ms: int
    callerless: int
    event_calls: int
    event_retried: int
    event_retried_ok: int
    event_retried_mb_ms: int
    throttled_attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All of it; `sizes` are those that ran, the one in use first; `ordered` is when `levels` and `repeats` are of."""

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
    def limit_s(self) -> float | None:
        """The timeout, where it is known: Lambda reports it as the duration of a call that it cut off."""
        seen_ms = self.current.timeout_ms
        return self.timeout_s or (None if seen_ms is None else seen_ms / 1000)

    @property
    def cut_off(self) -> int:
        """How many calls at the size in use were cut off by the timeout of now, not by one that was lower before."""
        limit_ms = 1000 * (self.limit_s or 0.0)
        return self.current.timeouts if (self.current.timeout_ms or 0.0) >= _AT_THE_TIMEOUT * limit_ms else 0

    def alike(self, least: int) -> list[Size]:
        """The sizes of which enough calls can be compared with those of another."""
        return [size for size in self.sizes if size.memory_mb and size.alike >= max(2, least)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which function: NULL region or account means any, as long as there is only one."""

    function_name: str
    region: str | None = None
    account_id: str | None = None

    @classmethod
    def of(cls, function_name: str, region: str | None, account_id: str | None) -> Self:
        """Read how it is named: its name may say where it is.

        Raises:
            QuestionError: the name says another region or account than `region` or `account_id`, or a version.
        """
        named = FunctionScope.of(function_name)
        for field, said, given in (("region", named.region, region), ("account_id", named.account_id, account_id)):
            if said and given and said != given:
                raise QuestionError(field, f"is {given!r}, but the function is named {function_name!r}")
        return cls(
            function_name=named.name or function_name,
            region=named.region or region,
            account_id=named.account_id or account_id,
        )

    @property
    def scope(self) -> FunctionScope:
        """As other analyses take it."""
        return FunctionScope(name=self.function_name, region=self.region, account_id=self.account_id)

    @property
    def parameters(self) -> dict[str, object]:
        """As the statements take it."""
        return self.scope.parameters


def read_sizes(history: "History", place: Place, period: Period) -> list[Size]:
    """Read what was called, newest first, also of what never ran."""
    rows = history.query(statement("sizing/sizes"), {**place.parameters, **period.parameters})
    return [_of(Size, row) for row in rows]


def in_use_first(sizes: Sequence[Size], memory_mb: int | None, architecture: str | None) -> tuple[Size, ...]:
    """Put the size in use first: the one that is set, else the newest, of those with enough executions.

    One call at another size is a trial. With what is set alone an alias may run something else, so it has to have run;
    memory that ran out there needs no sample. Where none has enough, the newest is refused advice by what it lacks.
    """
    enough = [size for size in sizes if size.executions >= LEAST_EXECUTIONS]
    is_set = [
        size
        for size in sizes
        if (memory_mb, architecture) in ((size.memory_mb, size.architecture), (size.memory_mb, None))
        and (size.executions >= LEAST_EXECUTIONS or size.out_of_memory)
    ]
    in_use = (is_set or enough or list(sizes))[0]
    return (in_use, *(size for size in sizes if size is not in_use))


def read_levels(
    history: "History", place: Place, period: Period, *, memory_mb: int | None, architecture: str | None
) -> tuple[Level, ...]:
    """Read how many ran at once at one size."""
    ran_with = {"memory_mb": memory_mb, "architecture": architecture}
    rows = history.query(statement("sizing/concurrency"), {**place.parameters, **period.parameters, **ran_with})
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
    regions = {region for size in sizes for region in (size.region, size.last_region)}
    accounts = {account for size in sizes for account in (size.account_id, size.last_account_id)}
    for field, seen in (("region", regions), ("account_id", accounts)):
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
