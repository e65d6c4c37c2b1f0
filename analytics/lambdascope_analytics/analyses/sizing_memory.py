"""Advice on memory: from the most that was used, and from what was measured at the sizes seen. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import (
    LEAST_EXECUTIONS,
    UNCHANGED,
    Advice,
    Recommendation,
    Refusal,
    confidence_of,
    failing,
    if_worth_it,
    too_few,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_measured import gain_of, measured_confidence, ran_together, saving_of
from lambdascope_analytics.analyses.sizing_memory_step import (
    MOST_MB,
    STEP_MB,
    advise_step,
    floor_of,
    least_memory,
    saving_at_equal_duration,
    step_down,
    used_here,
)
from lambdascope_analytics.analyses.sizing_prices import Saving, money

_NEARLY_FULL: Final = 0.9
# Where it ran out nobody knows how much it wanted.
_AFTER_RUNNING_OUT: Final = 1.5
_NOT_SLOWER: Final = 1.1


def advise_memory(evidence: Evidence) -> Iterator[Advice]:
    """Say which memory size to set, and which measurement is missing."""
    current = evidence.current
    # That it ran out needs no sample.
    if not current.memory_mb or (current.memory_reports < LEAST_EXECUTIONS and not current.out_of_memory):
        what = "executions at the size in use that report the memory they used"
        yield too_few("memory", current.memory_reports, LEAST_EXECUTIONS, what)
    elif _is_short(current, current.memory_mb):
        yield _more(evidence, current.memory_mb)
    elif current.is_failing:
        yield failing("memory", current.failed, current.executions)
    elif len(candidates := _candidates(evidence)) > 1:
        yield _measured(evidence, candidates, floor_of(evidence))
    else:
        yield advise_step(evidence, current.memory_mb)
        compared = f"{LEAST_EXECUTIONS} warm successful calls at two sizes of its architecture are compared"
        yield Refusal(setting="memory by measurement", missing=f"{compared}: run as many at another")


def slowdown(evidence: Evidence) -> float:
    """How many times longer calls may take where the advice is to set less memory without a measurement."""
    memory_mb = evidence.current.memory_mb
    if not memory_mb or len(_candidates(evidence)) > 1:
        return 1.0
    advice = [if_worth_it(one) for one in advise_memory(evidence) if isinstance(one, Recommendation)]
    lowers = any(one.is_change and one.purpose == "less cost" for one in advice)
    return memory_mb / step_down(evidence, memory_mb) if lowers else 1.0


def _is_short(size: Size, memory_mb: int) -> bool:
    return size.out_of_memory > 0 or used_here(size) > _NEARLY_FULL * memory_mb


def _candidates(evidence: Evidence) -> list[Size]:
    """The size in use and those to compare it with, on its architecture; none where it has too few calls itself."""
    current = evidence.current
    alike = [size for size in evidence.alike(LEAST_EXECUTIONS) if size.architecture == current.architecture]
    return alike if current in alike else []


def _more(evidence: Evidence, memory_mb: int) -> Recommendation:
    current = evidence.current
    ran_out = current.out_of_memory > 0
    wanted = ceil(memory_mb * _AFTER_RUNNING_OUT / STEP_MB) * STEP_MB if ran_out else 0
    suggested = min(MOST_MB, max(least_memory(used_here(current)), wanted))
    seen = f"{current.out_of_memory:,} of {current.executions:,} executions ran out of memory; " if ran_out else ""
    why = f"{seen}at most {used_here(current)} of {memory_mb} MB was used in {current.memory_reports:,} executions"
    costs = saving_at_equal_duration(evidence, suggested)
    if costs is not None:
        why += f"; costs up to {evidence.prices.told(-costs)} more a month, less as far as more CPU shortens it"
    return Recommendation(
        setting="memory",
        is_change=suggested > memory_mb,
        purpose="fewer failures",
        current=f"{memory_mb} MB",
        suggested=f"{suggested} MB" if suggested > memory_mb else f"{UNCHANGED}: {MOST_MB} MB is the most",
        why=why,
        confidence="high" if current.out_of_memory > 1 else confidence_of(current.memory_reports, is_measured=True),
        risk="how much it wants is not known: look at the most used again after the change" if ran_out else "",
        **evidence.prices.fields(None if costs is None else Saving(most=costs, least=costs)),
    )


def _measured(evidence: Evidence, candidates: list[Size], floor: int) -> Recommendation:
    """Of the sizes that hold what is used and work: the cheapest per warm call that is surely cheaper, not slower."""
    current = candidates[0]
    table = "; ".join(_told(evidence, size) for size in sorted(candidates, key=lambda size: size.memory_mb or 0))
    why = f"warm successful calls: {table}; at least {floor} MB is needed"
    fit = [size for size in candidates[1:] if (size.memory_mb or 0) >= floor and not size.is_failing]
    gains = [(gain_of(current, size), size) for size in fit if _is_not_slower(current, size)]
    better = [(gain, size) for gain, size in gains if gain.interval.high < 0]
    if not better:
        return Recommendation(
            setting="memory",
            is_change=False,
            current=f"{current.memory_mb} MB",
            suggested=UNCHANGED,
            why=f"{why}; none that works is surely cheaper without being slower",
            confidence=confidence_of(min(size.alike for size in candidates), is_measured=True),
        )
    gain, best = min(better, key=lambda each: each[0].difference)
    return Recommendation(
        setting="memory",
        is_change=True,
        purpose="less cost",
        current=f"{current.memory_mb} MB",
        suggested=f"{best.memory_mb} MB",
        why=why,
        confidence=measured_confidence(current, best),
        risk=""
        if ran_together(current, best)
        else "measured at different times: code or input may have changed between",
        **evidence.prices.fields(saving_of(evidence, gain)),
    )


def _is_not_slower(current: Size, other: Size) -> bool:
    return (other.alike_p95_ms or 0) <= _NOT_SLOWER * (current.alike_p95_ms or 0)


def _told(evidence: Evidence, size: Size) -> str:
    mb_ms = Decimal((size.alike_billed_ms or 0) * (size.memory_mb or 0)) * 1_000_000 / size.alike
    cost = evidence.prices.compute(mb_ms, size.architecture)
    a_million = "" if cost is None else f", {money(cost, evidence.prices.currency)} of compute a million"
    return f"{size.memory_mb} MB p95 {_ms(size.alike_p95_ms or 0)} ms{a_million} (n={size.alike:,})"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
