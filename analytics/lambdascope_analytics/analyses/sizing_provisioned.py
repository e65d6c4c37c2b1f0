"""Advice on provisioned concurrency: what it costs in the region against how many executions ran at once. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import (
    MONTH,
    PROVISIONED,
    Advice,
    Confidence,
    Recommendation,
    Refusal,
    confidence_of,
    failing,
    too_few,
)
from lambdascope_analytics.analyses.sizing_environments import (
    HOURS,
    EnvironmentPrices,
    best_plan,
    gain_of,
    loads_of,
    plan_of,
    seconds_of_hours,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence
from lambdascope_analytics.analyses.sizing_prices import Prices, Saving

_LEAST_EXECUTIONS: Final = 500
_LEAST_HOURS: Final = 24
# A schedule by hours is a habit only if it was seen on so many days, and only worth it if it saves this much more.
_SCHEDULE_DAYS: Final = 5
_SCHEDULE_GAIN: Final = Decimal("1.1")


def advise_provisioned(evidence: Evidence) -> Iterator[Advice]:
    """Say how many environments to keep ready, and when."""
    current, executions = evidence.current, _executions(evidence)
    if executions < _LEAST_EXECUTIONS or evidence.ordered.seconds < _LEAST_HOURS * 3_600:
        what = f"executions at the size in use, in a range of {_LEAST_HOURS} h or more,"
        yield too_few(PROVISIONED, executions, _LEAST_EXECUTIONS, what)
        return
    if current.is_failing:
        yield failing(PROVISIONED, current.failed, current.executions)
        return
    yield _priced(evidence, executions)


def _executions(evidence: Evidence) -> int:
    return sum(level.begun for level in evidence.levels)


def _priced(evidence: Evidence, executions: int) -> Advice:
    architecture = evidence.current.architecture
    idle = evidence.prices.price("provisioned_idle_gb_s", architecture)
    ready = evidence.prices.price("provisioned_compute_gb_s", architecture)
    on_demand = evidence.prices.price("compute_gb_s", architecture)
    if idle is None or ready is None or on_demand is None or not evidence.current.memory_mb:
        table, region = evidence.prices.rates.version, evidence.prices.region
        missing = f"rate table {table} has no such price for {architecture or 'unknown'} in {region}, none is guessed"
        return Refusal(setting=PROVISIONED, missing=missing)
    return _judged(evidence, EnvironmentPrices(idle=idle, ready=ready, on_demand=on_demand), executions)


def _judged(evidence: Evidence, prices: EnvironmentPrices, executions: int) -> Recommendation:
    memory_gb = Decimal(evidence.current.memory_mb or 0) / 1024
    days = evidence.ordered.seconds / 86_400
    flat = best_plan(evidence.levels, evidence.ordered, prices, memory_gb, by_hour=False)
    plan = flat
    if days >= _SCHEDULE_DAYS:
        by_hour = best_plan(evidence.levels, evidence.ordered, prices, memory_gb, by_hour=True)
        plan = by_hour if by_hour.saves > flat.saves * _SCHEDULE_GAIN else flat
    # The levels may be of fewer days than the rest.
    month = Prices(
        rates=evidence.prices.rates,
        region=evidence.prices.region,
        factor=Decimal(MONTH.total_seconds()) / Decimal(evidence.ordered.seconds),
    )
    figures = f"{_break_even(prices, month)}; {_concurrency(evidence, executions, days)}"
    if not plan.saves:
        return _without(evidence, prices, month, figures, memory_gb)
    colds = round(plan.cold_starts * month.factor)
    return Recommendation(
        setting=PROVISIONED,
        is_change=True,
        purpose="less cost",
        current="not known",
        suggested=_told(plan.environments),
        why=f"{figures}; saves {month.told(plan.saves)} and about {colds:,} cold starts a month",
        confidence=_confidence(executions, days),
        risk="needs an alias or version; where it is set already this saves nothing, the history cannot see it",
        **month.fields(Saving(most=plan.saves, least=None)),
    )


def _without(
    evidence: Evidence, prices: EnvironmentPrices, month: Prices, figures: str, memory_gb: Decimal
) -> Recommendation:
    """It does not pay: what the first environment would cost, and buy."""
    loads, seconds = loads_of(evidence.levels), seconds_of_hours(evidence.ordered)
    gains = {(hour, 1): gain_of(loads.get((hour, 1)), seconds[hour], prices) * memory_gb for hour in range(HOURS)}
    one = plan_of([1] * HOURS, loads, gains)
    avoided, colds = round(one.cold_starts * month.factor), sum(level.cold_starts for level in evidence.levels)
    buys = f"of about {round(colds * month.factor):,} cold starts a month it would avoid {avoided:,}"
    return Recommendation(
        setting=PROVISIONED,
        is_change=False,
        current="not known",
        suggested="none",
        why=f"{figures}; one environment would cost {month.told(-one.saves)} more a month: {buys}",
        confidence=_confidence(_executions(evidence), evidence.ordered.seconds / 86_400),
    )


def _break_even(prices: EnvironmentPrices, month: Prices) -> str:
    if prices.break_even is None:
        return f"in {month.region} it never costs less than on demand"
    return f"in {month.region} it pays where an environment is busy over {prices.break_even:.1%} of the time"


def _concurrency(evidence: Evidence, executions: int, days: float) -> str:
    busy_s = sum(level.level * level.level_us for level in evidence.levels) / 1e6
    first_s = sum(level.level_us for level in evidence.levels) / 1e6
    most = max((level.level for level in evidence.levels), default=0)
    seconds = evidence.ordered.seconds
    return (
        f"on average {busy_s / seconds:.2g} ran at once, at most {most}, the first busy {first_s / seconds:.1%} "
        f"({executions:,} executions, {days:.3g} days)"
    )


def _confidence(executions: int, days: float) -> Confidence:
    return "low" if days < 7 else confidence_of(executions, is_measured=True)


def _told(environments: Sequence[int]) -> str:
    """So many in runs of hours: 3 from 08:00 to 18:00, 1 from 18:00 to 20:00 UTC."""
    if len(set(environments)) == 1:
        return f"{environments[0]} all day"
    runs: list[tuple[int, int, int]] = []
    for hour, count in enumerate(environments):
        if runs and runs[-1][2] == count:
            runs[-1] = (runs[-1][0], hour + 1, count)
        else:
            runs.append((hour, hour + 1, count))
    return ", ".join(f"{count} from {start:02}:00 to {end:02}:00" for start, end, count in runs if count) + " UTC"
