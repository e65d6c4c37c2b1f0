"""Advice on the timeout: against p99.9 and the longest call that succeeded. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import UNCHANGED, Advice, Recommendation, confidence_of, too_few
from lambdascope_analytics.analyses.sizing_evidence import Evidence
from lambdascope_analytics.analyses.sizing_prices import Saving, money

_LEAST_SUCCESSES: Final = 100
_MOST_S: Final = 900
_OVER_P999: Final = 2.0
_OVER_LONGEST: Final = 1.2
# Nearer than this to the timeout, p99.9 says that some will not make it.
_NEAR: Final = 0.8
# Calls that were cut off took so many times the longest that succeeded: they hung, they were not slow.
_HANGING: Final = 2.0
_FAR_TOO_LONG: Final = 2


def advise_timeout(evidence: Evidence) -> Iterator[Advice]:
    """Say which timeout to set."""
    successes = sum(size.successes for size in evidence.sizes)
    if successes < _LEAST_SUCCESSES:
        yield too_few("timeout", successes, _LEAST_SUCCESSES, "successful executions")
        return
    timeout_s = evidence.timeout_s or _seen_s(evidence)
    if timeout_s is None:
        yield _unknown(evidence)
    elif _is_too_low(evidence, timeout_s):
        yield _raise(evidence, timeout_s)
    else:
        yield _lower_or_keep(evidence, timeout_s)


def fitting_timeout_s(p999_ms: float, longest_ms: float) -> int:
    """Return the timeout for such calls: twice p99.9 and a fifth above the longest success, in whole seconds."""
    return min(_MOST_S, max(1, ceil(max(_OVER_P999 * p999_ms, _OVER_LONGEST * longest_ms) / 1000)))


def _seen_s(evidence: Evidence) -> float | None:
    """Lambda reports the timeout itself as the duration of a call that it cut off."""
    found = evidence.current.timeout_ms
    return None if found is None else found / 1000


def _p999_ms(evidence: Evidence) -> float:
    # Percentiles cannot be merged: the size in use is what the timeout is for.
    size = evidence.current if evidence.current.success_p999_ms is not None else evidence.sizes[-1]
    return max(size.success_p999_ms or 0.0, 0.0)


def _longest_ms(evidence: Evidence) -> float:
    return max(size.success_longest_ms or 0.0 for size in evidence.sizes)


def _timeouts(evidence: Evidence) -> int:
    return sum(size.timeouts for size in evidence.sizes)


def _figures(evidence: Evidence) -> str:
    successes = sum(size.successes for size in evidence.sizes)
    cut = _timeouts(evidence)
    cut_off = f", {cut:,} timed out" if cut else ", none timed out"
    return (
        f"{successes:,} successes took at most {_longest_ms(evidence):,.0f} ms (p99.9 "
        f"{_p999_ms(evidence):,.0f}){cut_off}"
    )


def _is_too_low(evidence: Evidence, timeout_s: float) -> bool:
    near = _p999_ms(evidence) > _NEAR * timeout_s * 1000
    slow = _timeouts(evidence) > 0 and timeout_s * 1000 < _HANGING * _longest_ms(evidence)
    return near or slow


def _unknown(evidence: Evidence) -> Recommendation:
    suggested = fitting_timeout_s(_p999_ms(evidence), _longest_ms(evidence))
    return Recommendation(
        setting="timeout",
        is_change=False,
        current="not known",
        suggested=f"about {suggested} s",
        why=f"{_figures(evidence)}; the timeout it has is in no row of the history",
        confidence="low",
    )


def _raise(evidence: Evidence, timeout_s: float) -> Recommendation:
    cut = _timeouts(evidence)
    fitting = fitting_timeout_s(_p999_ms(evidence), _longest_ms(evidence))
    # The longest of those that were cut off is not known.
    suggested = min(_MOST_S, max(fitting, ceil(2 * timeout_s) if cut else 0))
    is_change = suggested > timeout_s
    return Recommendation(
        setting="timeout",
        is_change=is_change,
        purpose="fewer failures" if is_change else None,
        current=f"{timeout_s:g} s",
        suggested=f"{suggested} s" if is_change else f"{UNCHANGED}: {_MOST_S} s is the most",
        why=f"{_figures(evidence)}: the slowest calls are too near the timeout",
        confidence=confidence_of(sum(size.successes for size in evidence.sizes), is_measured=not cut),
        risk=f"a call that hangs costs up to {suggested / timeout_s:.1f}x as much; callers must wait as long, too",
    )


def _lower_or_keep(evidence: Evidence, timeout_s: float) -> Recommendation:
    suggested = fitting_timeout_s(_p999_ms(evidence), _longest_ms(evidence))
    is_change = timeout_s >= _FAR_TOO_LONG * suggested
    saving = _of_hanging(evidence, timeout_s, suggested) if is_change else None
    return Recommendation(
        setting="timeout",
        is_change=is_change,
        purpose="less cost" if is_change else None,
        current=f"{timeout_s:g} s",
        suggested=f"{suggested} s" if is_change else UNCHANGED,
        why=f"{_figures(evidence)}{_of_one(evidence, timeout_s, suggested) if is_change else ''}",
        confidence=confidence_of(sum(size.successes for size in evidence.sizes), is_measured=True),
        risk="a rare call that is slower than any seen would fail" if is_change else "",
        **evidence.prices.fields(saving),
    )


def _of_one(evidence: Evidence, timeout_s: float, suggested: int) -> str:
    """What one call that hangs costs with each."""
    now, then = (_cost(evidence, seconds) for seconds in (timeout_s, suggested))
    if now is None or then is None:
        return ""
    currency = evidence.prices.currency
    return f"; a call that hangs costs {money(now, currency)} now, {money(then, currency)} then"


def _of_hanging(evidence: Evidence, timeout_s: float, suggested: int) -> Saving | None:
    now, then = (_cost(evidence, seconds) for seconds in (timeout_s, suggested))
    if now is None or then is None:
        return None
    # Without a call that was cut off it only bounds what one may cost, which is no saving to be had.
    saves = (now - then) * _timeouts(evidence)
    return Saving(most=saves, least=saves) if saves else None


def _cost(evidence: Evidence, seconds: float) -> Decimal | None:
    size = evidence.current
    return evidence.prices.compute(Decimal(str(seconds)) * 1000 * (size.memory_mb or 0), size.architecture)
