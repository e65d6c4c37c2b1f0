"""How many environments to keep ready: what each one more would have to do, cost and spare. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_evidence import Level

HOURS: Final = 24
_HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentPrices:
    """What a GB-second costs: kept ready, running in a ready environment, and on demand."""

    idle: Decimal
    ready: Decimal
    on_demand: Decimal

    @property
    def break_even(self) -> Decimal | None:
        """The share of time an environment must be busy to cost less than on demand; None where it never does.

        idle / (on demand - ready), from the prices of https://aws.amazon.com/lambda/pricing/ for the region.
        """
        gap = self.on_demand - self.ready
        return self.idle / gap if gap > self.idle else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one environment more had to do in one hour of the day: busy seconds, cold starts and their init seconds."""

    busy_s: Decimal
    cold_starts: int
    init_s: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many environments in each hour of the day (UTC), what they save in the period and which cold starts."""

    environments: tuple[int, ...]
    saves: Decimal
    cold_starts: int


def best_plan(
    levels: Sequence[Level], period: Period, prices: EnvironmentPrices, memory_gb: Decimal, *, by_hour: bool
) -> Plan:
    """Return the plan that saves most: as many environments in every hour, or for each hour of the day its own.

    By marginal costs: the n-th environment is busy while at least n executions run (so the sum over all is the mean
    concurrency of Little's law), is paid for all the time it is ready, and spares the init of cold starts that began
    as the n-th. What more executions need runs on demand as before.
    """
    loads = loads_of(levels)
    seconds = seconds_of_hours(period)
    most = max((level.level for level in levels), default=0)
    gains = {
        (hour, n): gain_of(loads.get((hour, n)), seconds[hour], prices) * memory_gb
        for hour in range(HOURS)
        for n in range(1, most + 1)
    }
    groups = [[hour] for hour in range(HOURS)] if by_hour else [list(range(HOURS))]
    environments = [0] * HOURS
    for hours in groups:
        count = _best_count([sum((gains[hour, n] for hour in hours), Decimal(0)) for n in range(1, most + 1)])
        for hour in hours:
            environments[hour] = count
    return plan_of(environments, loads, gains)


def plan_of(
    environments: Sequence[int], loads: Mapping[tuple[int, int], Load], gains: Mapping[tuple[int, int], Decimal]
) -> Plan:
    """Return what so many environments by hour save and avoid."""
    kept = [(hour, n) for hour in range(HOURS) for n in range(1, environments[hour] + 1)]
    return Plan(
        environments=tuple(environments),
        saves=sum((gains[each] for each in kept), Decimal(0)),
        cold_starts=sum(loads[each].cold_starts for each in kept if each in loads),
    )


def loads_of(levels: Sequence[Level]) -> dict[tuple[int, int], Load]:
    """Return by hour and n what the n-th environment had to do."""
    found: dict[tuple[int, int], Load] = {}
    for hour in {level.hour_utc for level in levels}:
        by_level = {level.level: level for level in levels if level.hour_utc == hour}
        busy_us = 0
        for n in range(max(by_level), 0, -1):
            at = by_level.get(n)
            busy_us += at.level_us if at else 0
            found[hour, n] = Load(
                busy_s=Decimal(busy_us) / 1_000_000,
                cold_starts=at.cold_starts if at else 0,
                init_s=Decimal(at.init_ms if at else 0) / 1000,
            )
    return found


def seconds_of_hours(period: Period) -> list[Decimal]:
    """Return how many seconds of each hour of the day (UTC) lie in the period."""
    days, rest = divmod(period.end - period.start, timedelta(days=1))
    seconds = [Decimal(days * _HOUR_S)] * HOURS
    at, end = (period.end - rest).astimezone(UTC), period.end.astimezone(UTC)
    while at < end:
        until = min(end, at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        seconds[at.hour] += Decimal((until - at) // timedelta(microseconds=1)) / 1_000_000
        at = until
    return seconds


def gain_of(load: Load | None, seconds: Decimal, prices: EnvironmentPrices) -> Decimal:
    """Return what one GB of one environment more saves in one hour of the day."""
    kept = prices.idle * seconds
    if load is None:
        return -kept
    return (prices.on_demand - prices.ready) * load.busy_s + prices.on_demand * load.init_s - kept


def _best_count(gains: Sequence[Decimal]) -> int:
    best, most, total = 0, Decimal(0), Decimal(0)
    for n, gain in enumerate(gains, 1):
        total += gain
        if total > most:
            best, most = n, total
    return best
