"""What advice on settings is made of: recommendations, refusals, and the rules they share. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final, Literal

from lambdascope_analytics.analyses.period import Period

Confidence = Literal["high", "medium", "low"]
Purpose = Literal["fewer failures", "less cost", "less latency"]

MONTH: Final = timedelta(days=30)
# Below so many nothing is advised. AWS Compute Optimizer asks for as many before it judges memory.
LEAST_EXECUTIONS: Final = 50
# From so many on a p99.9 is more than the largest value.
MANY_EXECUTIONS: Final = 1_000
UNCHANGED: Final = "no change"
SNAPSTART: Final = "SnapStart"
PROVISIONED: Final = "provisioned concurrency"
# Nobody should change a setting for less a month, in dollars or CNY.
_LEAST_WORTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to set, or that nothing is to be changed (`is_change`); `why` holds figures and how many calls they are of.

    `saves_usd_month` is what 30 days of such traffic would save if the handler took as long as now, or as measured;
    `saves_least_usd_month` the least of what is likely. Below zero it costs more, and `why` says what that buys. In
    China it is CNY, which is never given as dollars.
    """

    setting: str
    is_change: bool
    purpose: Purpose | None = None
    current: str
    suggested: str
    why: str
    saves_usd_month: Decimal | None = None
    saves_least_usd_month: Decimal | None = None
    saves_cny_month: Decimal | None = None
    saves_least_cny_month: Decimal | None = None
    confidence: Confidence
    risk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Advice that cannot be given, and what is missing for it."""

    setting: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingAnswer:
    """What to set for one function; changes first, those that prevent failures before those that save most."""

    summary: str
    period: Period
    calls: int
    function_name: str
    region: str | None
    account_id: str | None
    memory_mb: int | None
    architecture: str | None
    runtime: str | None
    executions: int
    unpriced_calls: int
    rates_version: str
    # What a figure of the period is multiplied by to stand for 30 days.
    month_factor: float
    recommendations: tuple[Recommendation, ...]
    refusals: tuple[Refusal, ...]
    not_listed: Mapping[str, int] = field(default_factory=dict[str, int])
    notes: tuple[str, ...]
    next_step: str | None


Advice = Recommendation | Refusal


def too_few(setting: str, seen: int, least: int, what: str = "executions at the size in use") -> Refusal:
    """Refuse because the sample is too small, with the least it takes."""
    return Refusal(setting=setting, missing=f"at least {least} {what} are needed, there are {seen:,}")


def failing(setting: str, failed: int, executions: int) -> Refusal:
    """Refuse because so many failed."""
    why = f"{failed:,} of {executions:,} executions failed ({failed / executions:.0%})"
    return Refusal(setting=setting, missing=f"{why}: what they take once they succeed is not known, so mend them first")


def confidence_of(executions: int, *, is_measured: bool) -> Confidence:
    """How sure advice is: by how many calls it rests on, and whether both sides of the comparison were measured."""
    if executions < MANY_EXECUTIONS:
        return "medium" if is_measured else "low"
    return "high" if is_measured else "medium"


def if_worth_it(one: Recommendation) -> Recommendation:
    """Return the advice, or that nothing is to be changed where all it does is save less than a cent a month."""
    saves = _saves(one)
    if not one.is_change or one.purpose != "less cost" or saves is None or saves >= _LEAST_WORTH:
        return one
    return _unchanged(one, f"{one.suggested} would save less than 0.01 a month")


def _unchanged(one: Recommendation, reason: str) -> Recommendation:
    return replace(
        one,
        is_change=False,
        purpose=None,
        suggested=UNCHANGED,
        why=f"{one.why}; {reason}",
        saves_usd_month=None,
        saves_least_usd_month=None,
        saves_cny_month=None,
        saves_least_cny_month=None,
        risk="",
    )


def without_conflicts(recommendations: Sequence[Recommendation]) -> list[Recommendation]:
    """Of SnapStart and provisioned concurrency keep the one that saves more, as a version cannot have both.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html: SnapStart does not support provisioned concurrency.
    """
    rivals = [
        one for one in recommendations if one.setting in (SNAPSTART, PROVISIONED) and (one.is_change or _is_on(one))
    ]
    if len(rivals) < 2:
        return list(recommendations)
    kept = max(rivals, key=lambda one: (_is_on(one), _saves(one) or Decimal(0), one.setting == PROVISIONED))
    reason = f"a version cannot have it together with {kept.setting}, which {'is on' if _is_on(kept) else 'saves more'}"
    return [_unchanged(one, reason) if one in rivals and one is not kept else one for one in recommendations]


def _is_on(one: Recommendation) -> bool:
    return one.setting == SNAPSTART and one.current == "on"


def in_order(recommendations: list[Recommendation]) -> tuple[Recommendation, ...]:
    """Changes first: those that prevent failures, then by what they save."""
    return tuple(sorted(recommendations, key=_rank))


def _rank(one: Recommendation) -> tuple[bool, bool, Decimal]:
    return not one.is_change, one.purpose != "fewer failures", -(_saves(one) or Decimal(0))


def _saves(one: Recommendation) -> Decimal | None:
    return one.saves_cny_month if one.saves_usd_month is None else one.saves_usd_month
