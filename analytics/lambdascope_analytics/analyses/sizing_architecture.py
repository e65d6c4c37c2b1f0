"""Advice on the architecture: the prices of the region, and what was measured where both were seen. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import (
    LEAST_EXECUTIONS,
    UNCHANGED,
    Advice,
    Recommendation,
    Refusal,
    confidence_of,
    failing,
    too_few,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_measured import gain_of, measured_confidence, saving_of
from lambdascope_analytics.analyses.sizing_prices import MB_MS_PER_GB_S, Saving

_OTHER: Final = {"x86_64": "arm64", "arm64": "x86_64"}
_RISK: Final = (
    "native dependencies must be built for {}; the handler may take longer there: publish a version and compare"
)


def advise_architecture(evidence: Evidence) -> Iterator[Advice]:
    """Say which architecture costs less."""
    current, prices = evidence.current, evidence.prices
    other = _OTHER.get(current.architecture or "")
    if other is None:
        yield Refusal(setting="architecture", missing="the history does not say which one it runs on")
        return
    if current.executions < LEAST_EXECUTIONS:
        yield too_few("architecture", current.executions, LEAST_EXECUTIONS)
        return
    if current.is_failing:
        yield failing("architecture", current.failed, current.executions)
        return
    here, there = prices.price("compute_gb_s", current.architecture), prices.price("compute_gb_s", other)
    if here is None or there is None:
        lacking = current.architecture if here is None else other
        yield Refusal(setting="architecture", missing=prices.why_missing("compute_gb_s", lacking))
        return
    if pair := _measured_pair(evidence, other):
        yield _measured(evidence, *pair, here, there)
    elif there < here:
        yield _at_equal_duration(evidence, other, here, there)
    else:
        yield _keep(evidence, other, here, there)


def _measured_pair(evidence: Evidence, other: str) -> tuple[Size, Size] | None:
    """The size in use and the same memory on the other architecture, where both have enough calls to compare."""
    alike = evidence.alike(LEAST_EXECUTIONS)
    wanted = [size for size in alike if (size.memory_mb, size.architecture) == (evidence.current.memory_mb, other)]
    return (evidence.current, wanted[0]) if wanted and evidence.current in alike else None


def _at_equal_duration(evidence: Evidence, other: str, here: Decimal, there: Decimal) -> Recommendation:
    current, prices = evidence.current, evidence.prices
    saves = Decimal(current.mb_ms) / MB_MS_PER_GB_S * (here - there)
    why = (
        f"{other} costs {1 - there / here:.0%} less per GB-second in {prices.region} ({there} against {here}): "
        f"{prices.told(saves)} a month over {current.executions:,} executions if they take as long; it costs more "
        f"only if they take over {here / there - 1:.0%} longer"
    )
    return Recommendation(
        setting="architecture",
        is_change=True,
        purpose="less cost",
        current=str(current.architecture),
        suggested=other,
        why=why,
        confidence=confidence_of(evidence.current.executions, is_measured=False),
        risk=_RISK.format(other),
        # How much longer it may take there is not known, so neither is the least.
        **prices.fields(Saving(most=saves, least=None)),
    )


def _keep(evidence: Evidence, other: str, here: Decimal, there: Decimal) -> Recommendation:
    why = (
        f"{other} costs {there / here - 1:.0%} more per GB-second in {evidence.prices.region}: it would have to be "
        f"{1 - here / there:.0%} faster to cost the same (n={evidence.current.executions:,})"
    )
    return Recommendation(
        setting="architecture",
        is_change=False,
        current=str(evidence.current.architecture),
        suggested=UNCHANGED,
        why=why,
        confidence=confidence_of(evidence.current.executions, is_measured=False),
    )


def _measured(evidence: Evidence, current: Size, other: Size, here: Decimal, there: Decimal) -> Recommendation:
    """Compare what a warm call costs; the means are weighed by each architecture's price."""
    gain = gain_of(current, other, price_ratio=float(there / here))
    mean = [(size.alike_billed_ms or 0) / size.alike for size in (current, other)]
    why = (
        f"warm successful calls at {current.memory_mb} MB: {current.architecture} {mean[0]:.1f} ms billed, p95 "
        f"{current.alike_p95_ms or 0:.1f} (n={current.alike:,}); {other.architecture} {mean[1]:.1f} ms, p95 "
        f"{other.alike_p95_ms or 0:.1f} (n={other.alike:,}); price ratio {here / there:.3f}"
    )
    is_better = gain.interval.high < 0 and not other.is_failing
    return Recommendation(
        setting="architecture",
        is_change=is_better,
        purpose="less cost" if is_better else None,
        current=str(current.architecture),
        suggested=str(other.architecture) if is_better else UNCHANGED,
        why=why if is_better else f"{why}; {_why_not(other)}",
        confidence=measured_confidence(current, other),
        risk=_RISK.format(other.architecture) if is_better else "",
        **(evidence.prices.fields(saving_of(evidence, gain)) if is_better else {}),
    )


def _why_not(other: Size) -> str:
    return (
        f"{other.failed:,} of {other.executions:,} failed there"
        if other.is_failing
        else "the other is not surely cheaper"
    )
