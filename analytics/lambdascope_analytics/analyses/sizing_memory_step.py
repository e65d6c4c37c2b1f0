"""Advice on memory where one size was measured: one step down, as far as what is used and the timeout allow. Pure."""

from decimal import Decimal
from math import ceil
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import UNCHANGED, Advice, Recommendation, Refusal, confidence_of
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_prices import Saving

# Above the most that was used, and in steps people recognise.
_HEAD_ROOM: Final = 1.2
STEP_MB: Final = 64
_LEAST_MB: Final = 128
MOST_MB: Final = 10_240
_BEYOND_P999: Final = 0.001
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: as much memory comes with one vCPU.
_ONE_VCPU_MB: Final = 1_769


def least_memory(used_mb: int) -> int:
    """Return the least size to set where so much was used: 20 % head room, in steps of 64 MB."""
    return min(MOST_MB, max(_LEAST_MB, ceil(used_mb * _HEAD_ROOM / STEP_MB) * STEP_MB))


def used_here(size: Size) -> int:
    """The most memory used at this size."""
    return size.memory_max_mb or 0


def floor_of(evidence: Evidence) -> int:
    """The least memory that holds the most that was used, at any size."""
    return least_memory(max(used_here(size) for size in evidence.sizes))


def saving_at_equal_duration(evidence: Evidence, suggested_mb: int) -> Decimal | None:
    """What the executions of the size in use would have saved if they had taken as long with the other size."""
    current = evidence.current
    freed_mb = (current.memory_mb or 0) - suggested_mb
    return evidence.prices.compute((current.billed_ms or 0) * freed_mb, current.architecture)


def step_down(evidence: Evidence, memory_mb: int) -> int:
    """The next size to try: half at most, and what is used."""
    return max(floor_of(evidence), ceil(memory_mb / 2 / STEP_MB) * STEP_MB)


def advise_step(evidence: Evidence, memory_mb: int) -> Advice:
    """With one size: the handler takes as long as now where it waits, memory / suggested times as long where it
    computes, since CPU is proportional to memory. One step goes down to half at most.
    """
    suggested = step_down(evidence, memory_mb)
    if suggested >= memory_mb:
        return _keep(evidence, memory_mb)
    if reason := _why_too_slow(evidence, memory_mb, suggested):
        return Refusal(setting="memory", missing=reason)
    return _lower(evidence, memory_mb, suggested)


def _why_too_slow(evidence: Evidence, memory_mb: int, suggested: int) -> str:
    """Why less memory could make calls fail that do not now; empty where the timeout has room for p99.9."""
    current, limit_s = evidence.current, evidence.limit_s
    if evidence.cut_off > _BEYOND_P999 * current.executions:
        return (
            f"{evidence.cut_off:,} of {current.executions:,} executions timed out, and less memory makes more: see why"
        )
    slower_ms = (current.success_p999_ms or 0.0) * memory_mb / suggested
    if limit_s is None or slower_ms <= limit_s * 1000:
        return ""
    return (
        f"at {suggested} MB a handler that computes could take {slower_ms:,.0f} ms (p99.9 now "
        f"{current.success_p999_ms:,.0f}), over its timeout of {limit_s:g} s: measure it, or raise that first"
    )


def _lower(evidence: Evidence, memory_mb: int, suggested: int) -> Recommendation:
    why = f"{_first(evidence, memory_mb, suggested)}{_used(evidence, memory_mb)}"
    saves = saving_at_equal_duration(evidence, suggested)
    if saves is not None:
        why += f"; saves up to {evidence.prices.told(saves)} a month if the handler waits, nothing if it computes"
    return Recommendation(
        setting="memory",
        is_change=True,
        purpose="less cost",
        current=f"{memory_mb} MB",
        suggested=f"{suggested} MB",
        why=why,
        confidence=confidence_of(evidence.current.memory_reports, is_measured=False),
        risk=_risk(evidence, memory_mb / suggested, suggested),
        **evidence.prices.fields(None if saves is None else Saving(most=saves, least=Decimal(0))),
    )


def _first(evidence: Evidence, memory_mb: int, suggested: int) -> str:
    """That what is used would fit in less still, where it does, and why that is not advised at once."""
    least = floor_of(evidence)
    if suggested <= least:
        return ""
    cpu = f"{least / memory_mb:.0%} of the CPU"
    return f"a first step: {least} MB would hold what is used, but have {cpu}, so measure this before the next; "


def _keep(evidence: Evidence, memory_mb: int) -> Recommendation:
    return Recommendation(
        setting="memory",
        is_change=False,
        current=f"{memory_mb} MB",
        suggested=UNCHANGED,
        why=f"{_used(evidence, memory_mb)}: with 20 % head room {floor_of(evidence)} MB is the least",
        confidence=confidence_of(evidence.current.memory_reports, is_measured=True),
    )


def _used(evidence: Evidence, memory_mb: int) -> str:
    current = evidence.current
    used = f"at most {used_here(current)} of {memory_mb} MB used (p99.9 {current.memory_p999_mb or 0:.0f})"
    most = max(used_here(size) for size in evidence.sizes)
    elsewhere = f", {most} at another size" if most > used_here(current) else ""
    return f"{used} in {current.memory_reports:,} executions{elsewhere}"


def _risk(evidence: Evidence, slower: float, suggested: int) -> str:
    if suggested >= _ONE_VCPU_MB:
        # What one thread gains above a whole vCPU is little.
        return "code that uses several threads gets fewer CPUs"
    longest = f"{(evidence.current.success_longest_ms or 0.0) * slower:,.0f} ms"
    timeout = "which is not known" if evidence.limit_s is None else f"{evidence.limit_s:g} s"
    return f"up to {slower:.1f}x slower where it computes, the longest call {longest}: mind the timeout, {timeout}"
