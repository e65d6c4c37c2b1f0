"""Advice on the timeout: against p99.9, the longest call that succeeded and the init that may run again. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import UNCHANGED, Advice, Recommendation, confidence_of, too_few
from lambdascope_analytics.analyses.sizing_evidence import Evidence
from lambdascope_analytics.analyses.sizing_memory import slowdown
from lambdascope_analytics.analyses.sizing_prices import Saving, money

_LEAST_SUCCESSES: Final = 100
# What Lambda sets where nobody does: less saves nothing worth a call that fails.
_LEAST_S: Final = 3
_MOST_S: Final = 900
_OVER_P999: Final = 2.0
_OVER_LONGEST: Final = 1.2
# Nearer than this to the timeout, p99.9 says that some will not make it.
_NEAR: Final = 0.8
# Calls that were cut off took so many times the longest that succeeded: they hung, or did something else.
_HANGING: Final = 2.0
_FAR_TOO_LONG: Final = 2


def advise_timeout(evidence: Evidence) -> Iterator[Advice]:
    """Say which timeout to set. It is no means to save: a call that ends before it costs the same with any."""
    successes, limit_s = evidence.current.successes, evidence.limit_s
    # That calls were cut off needs no sample.
    if successes < _LEAST_SUCCESSES and not evidence.cut_off:
        yield too_few("timeout", successes, _LEAST_SUCCESSES, "successful executions at the size in use")
    elif limit_s is None:
        yield _unknown(evidence)
    elif _is_too_low(evidence, limit_s):
        yield _raise(evidence, limit_s)
    elif evidence.cut_off:
        yield _look_first(evidence, limit_s)
    else:
        yield _keep(evidence, limit_s)


def fitting_timeout_s(p999_ms: float, longest_ms: float, init_ms: float = 0.0) -> int:
    """Return the timeout for such calls, in whole seconds: twice p99.9, and a fifth above the longest with its init.

    An init that failed runs again within the invocation, and counts:
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html.
    """
    needed_ms = max(_OVER_P999 * p999_ms, _OVER_LONGEST * (longest_ms + init_ms))
    return min(_MOST_S, max(_LEAST_S, ceil(needed_ms / 1000)))


def _fitting(evidence: Evidence) -> tuple[int, str]:
    """The timeout for the calls as they are, or as slow as the memory advised beside it may make them; and which."""
    current, slower = evidence.current, slowdown(evidence)
    times = (current.success_p999_ms, current.success_longest_ms, current.init_p99_ms)
    room = f", which leaves room for calls {slower:.1f}x slower with the memory advised" if slower > 1 else ""
    return fitting_timeout_s(*(slower * (time or 0.0) for time in times)), room


def _figures(evidence: Evidence) -> str:
    current, cut = evidence.current, evidence.cut_off
    earlier = f"{current.timeouts:,} timed out when it was lower" if current.timeouts else "none timed out"
    cut_off = f"{cut:,} of {current.executions:,} executions timed out" if cut else earlier
    if not current.successes:
        return f"{cut_off}, none succeeded"
    return (
        f"{current.successes:,} successes took at most {current.success_longest_ms or 0:,.0f} ms (p99.9 "
        f"{current.success_p999_ms or 0:,.0f}), {cut_off}"
    )


def _is_too_low(evidence: Evidence, limit_s: float) -> bool:
    current = evidence.current
    near = (current.success_p999_ms or 0.0) > _NEAR * limit_s * 1000
    slow = evidence.cut_off > 0 and limit_s * 1000 < _HANGING * (current.success_longest_ms or 0.0)
    return near or slow


def _unknown(evidence: Evidence) -> Recommendation:
    fitting, room = _fitting(evidence)
    return Recommendation(
        setting="timeout",
        is_change=False,
        current="not known",
        suggested=f"about {fitting} s{room}",
        why=f"{_figures(evidence)}; the timeout it has is in no row of the history",
        confidence="low",
    )


def _raise(evidence: Evidence, limit_s: float) -> Recommendation:
    cut = evidence.cut_off
    # The longest of those that were cut off is not known.
    suggested = min(_MOST_S, max(_fitting(evidence)[0], ceil(2 * limit_s) if cut else 0))
    is_change = suggested > limit_s
    return Recommendation(
        setting="timeout",
        is_change=is_change,
        purpose="fewer failures" if is_change else None,
        current=f"{limit_s:g} s",
        suggested=f"{suggested} s" if is_change else f"{UNCHANGED}: {_MOST_S} s is the most",
        why=f"{_figures(evidence)}: the slowest calls are too near the timeout",
        confidence=confidence_of(evidence.current.successes, is_measured=not cut),
        risk=f"a call that hangs costs up to {suggested / limit_s:.1f}x as much; callers must wait as long, too",
    )


def _look_first(evidence: Evidence, limit_s: float) -> Recommendation:
    """Calls were cut off long after the longest that succeeded: hanging, or slow work that needs more, nobody knows."""
    cut, (fitting, room) = evidence.cut_off, _fitting(evidence)
    is_known = evidence.current.successes >= _LEAST_SUCCESSES and fitting < limit_s
    return Recommendation(
        setting="timeout",
        is_change=True,
        purpose="fewer failures",
        current=f"{limit_s:g} s",
        suggested=f"see first why {cut:,} timed out{f'; if they hang, {fitting} s will do{room}' if is_known else ''}",
        why=f"{_figures(evidence)}: if they hang, less cuts them off sooner; if they are slow, they need more",
        confidence=confidence_of(evidence.current.executions, is_measured=False),
        risk=f"with {fitting} s slow calls that are not seen here would fail, too" if is_known else "",
        **evidence.prices.fields(_of_hanging(evidence, fitting) if is_known else None),
    )


def _keep(evidence: Evidence, limit_s: float) -> Recommendation:
    fitting, _ = _fitting(evidence)
    return Recommendation(
        setting="timeout",
        is_change=False,
        current=f"{limit_s:g} s",
        suggested=UNCHANGED,
        why=f"{_figures(evidence)}{_of_one(evidence, limit_s, fitting) if limit_s >= _FAR_TOO_LONG * fitting else ''}",
        confidence=confidence_of(evidence.current.successes, is_measured=True),
    )


def _of_one(evidence: Evidence, limit_s: float, fitting: int) -> str:
    """What a lower timeout would do: bound what one call that hangs costs."""
    now, then = (_cost(evidence, seconds) for seconds in (limit_s, fitting))
    if now is None or then is None:
        return ""
    currency = evidence.prices.currency
    return (
        f", so less saves nothing: it would bound what a call that hangs costs, {money(now, currency)} now, "
        f"{money(then, currency)} with {fitting} s"
    )


def _of_hanging(evidence: Evidence, fitting: int) -> Saving | None:
    """What cutting them off sooner would have saved; nothing where they are slow and need more."""
    current, then = evidence.current, _cost(evidence, fitting)
    billed_ms = current.timeouts_billed_ms or 0
    now = evidence.prices.compute(billed_ms * (current.memory_mb or 0), current.architecture)
    if not billed_ms or now is None or then is None:
        return None
    return Saving(most=max(Decimal(0), now - then * current.timeouts), least=Decimal(0))


def _cost(evidence: Evidence, seconds: float) -> Decimal | None:
    size = evidence.current
    return evidence.prices.compute(Decimal(str(seconds)) * 1000 * (size.memory_mb or 0), size.architecture)
