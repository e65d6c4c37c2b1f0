"""Advice on memory: from the most that was used, and from what was measured at the sizes seen. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

from lambdascope_analytics.analyses.intervals import MeanDifference, welch
from lambdascope_analytics.analyses.sizing_answer import (
    LEAST_EXECUTIONS,
    UNCHANGED,
    Advice,
    Confidence,
    Recommendation,
    Refusal,
    confidence_of,
    too_few,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_prices import Saving, money

# Above the most that was used, and in steps people recognise.
_HEAD_ROOM: Final = 1.2
_STEP_MB: Final = 64
_LEAST_MB: Final = 128
_MOST_MB: Final = 10_240
_NEARLY_FULL: Final = 0.9
# Where it ran out nobody knows how much it wanted.
_AFTER_RUNNING_OUT: Final = 1.5
_NOT_SLOWER: Final = 1.1
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: as much memory comes with one vCPU.
_ONE_VCPU_MB: Final = 1_769


def advise_memory(evidence: Evidence) -> Iterator[Advice]:
    """Say which memory size to set, and which measurement is missing."""
    current = evidence.current
    reports = sum(size.memory_reports for size in evidence.sizes)
    # That it ran out needs no sample.
    if not current.memory_mb or (reports < LEAST_EXECUTIONS and not current.out_of_memory):
        yield too_few("memory", reports, LEAST_EXECUTIONS, "executions that report the memory they used")
        return
    used = max(size.memory_max_mb or 0 for size in evidence.sizes)
    if current.out_of_memory or used_here(current) > _NEARLY_FULL * current.memory_mb:
        yield _more(evidence, current.memory_mb)
        return
    floor = least_memory(used)
    candidates = [size for size in evidence.alike(LEAST_EXECUTIONS) if size.architecture == current.architecture]
    if len(candidates) > 1 and candidates[0] is current:
        yield _measured(evidence, candidates, floor)
        return
    yield _bounded(evidence, current.memory_mb, used, floor)
    yield Refusal(
        setting="memory by measurement",
        missing=f"only {current.memory_mb} MB has {LEAST_EXECUTIONS} warm successful calls to compare: run "
        f"as many at another size",
    )


def least_memory(used_mb: int) -> int:
    """Return the least size to set where so much was used: 20 % head room, in steps of 64 MB."""
    return min(_MOST_MB, max(_LEAST_MB, ceil(used_mb * _HEAD_ROOM / _STEP_MB) * _STEP_MB))


def used_here(size: Size) -> int:
    """The most memory used at this size."""
    return size.memory_max_mb or 0


def _more(evidence: Evidence, memory_mb: int) -> Recommendation:
    current = evidence.current
    ran_out = current.out_of_memory > 0
    wanted = ceil(memory_mb * _AFTER_RUNNING_OUT / _STEP_MB) * _STEP_MB if ran_out else 0
    suggested = min(_MOST_MB, max(least_memory(used_here(current)), wanted))
    seen = f"{current.out_of_memory:,} of {current.executions:,} executions ran out of memory; " if ran_out else ""
    why = f"{seen}at most {used_here(current)} of {memory_mb} MB was used in {current.memory_reports:,} executions"
    costs = _at_equal_duration(evidence, memory_mb, suggested)
    if costs is not None:
        why += f"; costs up to {evidence.prices.told(-costs)} more a month, less as far as more CPU shortens it"
    return Recommendation(
        setting="memory",
        is_change=suggested > memory_mb,
        purpose="fewer failures",
        current=f"{memory_mb} MB",
        suggested=f"{suggested} MB" if suggested > memory_mb else f"{UNCHANGED}: {_MOST_MB} MB is the most",
        why=why,
        confidence="high" if current.out_of_memory > 1 else confidence_of(current.memory_reports, is_measured=True),
        risk="how much it wants is not known: look at the most used again after the change" if ran_out else "",
        **evidence.prices.fields(None if costs is None else Saving(most=costs, least=costs)),
    )


def _at_equal_duration(evidence: Evidence, memory_mb: int, suggested_mb: int) -> Decimal | None:
    """What the period's executions would have saved if they had taken as long with the other size."""
    billed_ms = sum(size.billed_ms or 0 for size in evidence.sizes)
    return evidence.prices.compute(billed_ms * (memory_mb - suggested_mb), evidence.current.architecture)


def _bounded(evidence: Evidence, memory_mb: int, used: int, floor: int) -> Recommendation:
    """With one size: the handler takes as long as now where it waits, memory / suggested times as long where it
    computes, since CPU is proportional to memory. One step goes down to half at most.
    """
    suggested = max(floor, ceil(memory_mb / 2 / _STEP_MB) * _STEP_MB)
    reports = sum(size.memory_reports for size in evidence.sizes)
    p999 = evidence.current.memory_p999_mb or 0
    why = f"at most {used} of {memory_mb} MB used (p99.9 {p999:.0f}) in {reports:,} executions"
    if suggested >= memory_mb:
        return Recommendation(
            setting="memory",
            is_change=False,
            current=f"{memory_mb} MB",
            suggested=UNCHANGED,
            why=f"{why}: with 20 % head room {floor} MB is the least",
            confidence=confidence_of(reports, is_measured=True),
        )
    saves = _at_equal_duration(evidence, memory_mb, suggested)
    slower = memory_mb / suggested
    if saves is not None:
        why += f"; saves up to {evidence.prices.told(saves)} a month if the handler waits, nothing if it computes"
    # Below a whole vCPU, memory is speed; what one thread gains above it is little.
    slows = "" if suggested >= _ONE_VCPU_MB else f"handler up to {slower:.1f}x slower where it computes; try it first"
    return Recommendation(
        setting="memory",
        is_change=True,
        purpose="less cost",
        current=f"{memory_mb} MB",
        suggested=f"{suggested} MB",
        why=why,
        confidence=confidence_of(reports, is_measured=False),
        risk=slows or "code that uses several threads gets fewer CPUs",
        **evidence.prices.fields(None if saves is None else Saving(most=saves, least=Decimal(0))),
    )


def _measured(evidence: Evidence, candidates: list[Size], floor: int) -> Recommendation:
    """Of the sizes seen that hold what is used: the cheapest per warm call that is surely cheaper and not slower."""
    current = candidates[0]
    others = [size for size in candidates[1:] if (size.memory_mb or 0) >= floor]
    gains = {id(size): gain_of(current, size) for size in others}
    better = [size for size in others if gains[id(size)].interval.high < 0 and _is_not_slower(current, size)]
    best = min(better, key=lambda size: gains[id(size)].difference, default=None)
    table = "; ".join(_told(evidence, size) for size in sorted(candidates, key=lambda size: size.memory_mb or 0))
    why = f"warm successful calls: {table}; at least {floor} MB is needed"
    if best is None:
        return Recommendation(
            setting="memory",
            is_change=False,
            current=f"{current.memory_mb} MB",
            suggested=UNCHANGED,
            why=f"{why}; none is surely cheaper without being slower",
            confidence=confidence_of(min(size.alike for size in candidates), is_measured=True),
        )
    return Recommendation(
        setting="memory",
        is_change=True,
        purpose="less cost",
        current=f"{current.memory_mb} MB",
        suggested=f"{best.memory_mb} MB",
        why=why,
        confidence=measured_confidence(current, best),
        risk="" if _overlap(current, best) else "measured at different times: code or input may have changed between",
        **evidence.prices.fields(saving_of(evidence, gains[id(best)])),
    )


def gain_of(current: Size, other: Size) -> MeanDifference:
    """How many MB-ms a warm call takes more with the other size, and the interval of that."""
    return welch(current.billed(float(current.memory_mb or 0)), other.billed(float(other.memory_mb or 0)))


def saving_of(evidence: Evidence, gain: MeanDifference) -> Saving | None:
    """What all that ran in the period would have saved."""
    count = evidence.executions
    most = evidence.prices.compute(Decimal(-gain.difference * count), evidence.current.architecture)
    least = evidence.prices.compute(Decimal(-gain.interval.high * count), evidence.current.architecture)
    return None if most is None or least is None else Saving(most=most, least=least)


def measured_confidence(one: Size, other: Size) -> Confidence:
    """High only where both ran in the same days: otherwise more than the size may have changed."""
    confidence = confidence_of(min(one.alike, other.alike), is_measured=True)
    return confidence if _overlap(one, other) else "medium"


def _overlap(one: Size, other: Size) -> bool:
    return one.first_at < other.last_at and other.first_at < one.last_at


def _is_not_slower(current: Size, other: Size) -> bool:
    return (other.alike_p95_ms or 0) <= _NOT_SLOWER * (current.alike_p95_ms or 0)


def _told(evidence: Evidence, size: Size) -> str:
    mb_ms = Decimal((size.alike_billed_ms or 0) * (size.memory_mb or 0)) * 1_000_000 / size.alike
    cost = evidence.prices.compute(mb_ms, size.architecture)
    a_million = "" if cost is None else f", {money(cost, evidence.prices.currency)} of compute a million"
    return f"{size.memory_mb} MB p95 {_ms(size.alike_p95_ms or 0)} ms{a_million} (n={size.alike:,})"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
