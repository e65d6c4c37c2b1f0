"""Advice on retries: what failed executions and what was repeated after them cost, and whether it helped. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import (
    LEAST_EXECUTIONS,
    UNCHANGED,
    Advice,
    Recommendation,
    confidence_of,
    too_few,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Repeats
from lambdascope_analytics.analyses.sizing_prices import Saving

_SETTING: Final = "retries"
_LEAST_REPEATS: Final = 10
# Where fewer than one in so many helps, repeating is waste.
_HELPFUL: Final = 0.2
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: two more attempts by default.
_ASYNC_DEFAULT: Final = "2 (AWS's default) unless set"


def advise_retries(evidence: Evidence) -> Iterator[Advice]:
    """Say whether failed calls should be repeated."""
    executions = sum(one.executions for one in evidence.repeats)
    if executions < LEAST_EXECUTIONS:
        yield too_few(_SETTING, executions, LEAST_EXECUTIONS, "executions")
        return
    total = _total(evidence.repeats)
    if total.event_retried >= _LEAST_REPEATS and total.event_retried_ok < _HELPFUL * total.event_retried:
        yield _asynchronous(evidence, total)
    if total.repeats >= _LEAST_REPEATS and total.repeats_ok < _HELPFUL * total.repeats:
        yield _callers(evidence, total)
    elif total.event_retried < _LEAST_REPEATS or total.event_retried_ok >= _HELPFUL * total.event_retried:
        yield _keep(evidence, total)


def _total(repeats: tuple[Repeats, ...]) -> Repeats:
    names = [name for name in Repeats.__slots__ if name != "architecture"]
    return Repeats(architecture=None, **{name: sum(getattr(one, name) for one in repeats) for name in names})


def _costs(evidence: Evidence, name: str) -> Decimal | None:
    """What billed time in `name`, which each architecture has, cost."""
    amounts = [evidence.prices.compute(getattr(one, name), one.architecture) for one in evidence.repeats]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _month(evidence: Evidence, amount: Decimal | None) -> str:
    # The calls in order may be of fewer days than the period.
    return "an unknown amount" if amount is None else f"{evidence.prices.told(_of_period(evidence, amount))} a month"


def _of_period(evidence: Evidence, amount: Decimal) -> Decimal:
    return amount * Decimal(evidence.period.seconds) / Decimal(evidence.ordered.seconds)


def _saving(evidence: Evidence, amount: Decimal | None) -> Saving | None:
    if amount is None:
        return None
    scaled = _of_period(evidence, amount)
    return Saving(most=scaled, least=scaled)


def _asynchronous(evidence: Evidence, total: Repeats) -> Recommendation:
    wasted = _costs(evidence, "event_retried_mb_ms")
    why = (
        f"{total.event_retried:,} of {total.event_calls:,} asynchronous calls were attempted again, "
        f"{total.event_retried_ok:,} of them ended well: the attempts cost {_month(evidence, wasted)}"
    )
    return Recommendation(
        setting="asynchronous retries",
        is_change=True,
        purpose="less cost",
        current=_ASYNC_DEFAULT,
        suggested="MaximumRetryAttempts 0, with a destination or dead-letter queue for what failed",
        why=why,
        confidence=confidence_of(total.event_retried, is_measured=True),
        risk="an event that a later attempt would have handled goes to the queue instead",
        **evidence.prices.fields(_saving(evidence, wasted)),
    )


def _callers(evidence: Evidence, total: Repeats) -> Recommendation:
    wasted = _costs(evidence, "repeats_mb_ms")
    why = (
        f"{total.repeats:,} calls came within 60 s of a failure of the same caller, with a payload of the same size; "
        f"{total.repeats_ok:,} of them succeeded: they cost {_month(evidence, wasted)}"
    )
    return Recommendation(
        setting=_SETTING,
        is_change=True,
        purpose="less cost",
        current="callers repeat what failed",
        suggested="tell callers not to repeat these errors",
        why=why,
        confidence=confidence_of(total.repeats, is_measured=True),
        risk="errors that pass by themselves are no longer got over",
        **evidence.prices.fields(_saving(evidence, wasted)),
    )


def _keep(evidence: Evidence, total: Repeats) -> Recommendation:
    failed = _costs(evidence, "failed_mb_ms")
    why = f"{total.failed:,} of the newest {total.executions:,} executions failed"
    if evidence.ordered == evidence.period:
        why = f"{total.failed:,} of {total.executions:,} executions failed"
    if total.failed:
        why += f", which cost {_month(evidence, failed)}"
    if total.repeats:
        why += f"; {total.repeats:,} repeated after a failure, {total.repeats_ok:,} of those succeeded"
    if total.callerless:
        why += f"; of {total.callerless:,} calls no caller is known, so what repeated them does not show"
    if total.event_retried:
        why += f"; {total.event_retried:,} asynchronous retried, {total.event_retried_ok:,} ended well"
    if total.throttled_attempts:
        why += f"; {total.throttled_attempts:,} more requests for the same calls, "
        why += "after throttles (not billed) or by the proxy's retries"
    return Recommendation(
        setting=_SETTING,
        is_change=False,
        current="as they are",
        suggested=UNCHANGED,
        why=why,
        confidence=confidence_of(total.executions, is_measured=True),
    )
