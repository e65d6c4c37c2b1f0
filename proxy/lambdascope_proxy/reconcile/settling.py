"""What attempts that the logs tell of mean for the row of their call: when it is settled, and how. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Any, Final

from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_analytics.pricing import RateTable, price_invocation
from lambdascope_analytics.pricing.metering import requests_of_async_payload
from lambdascope_proxy.call import Invocation, OutcomeKind
from lambdascope_proxy.classify import Verdict, judge
from lambdascope_proxy.measure import CENT_FRACTION, MOST_USD, with_report
from lambdascope_proxy.monitoring.error_lines import ErrorLine, Evidence
from lambdascope_proxy.reconcile.attempts import Attempt
from lambdascope_proxy.reconcile.pending import MOST_ATTEMPTS, Pending, quiet_time
from lambdascope_proxy.selection import Function

# They write what a handler raised to the log themselves, so that silence is success.
_TELLING: Final = ("python", "nodejs")
_REFINED: Final = (OutcomeKind.FUNCTION_TIMEOUT, OutcomeKind.OUT_OF_MEMORY)
_FAILED: Final = (OutcomeKind.FUNCTION_ERROR, *_REFINED)


def is_settled(pending: Pending, function: Function, attempts: Sequence[Attempt], seen_until: datetime) -> bool:
    """Whether no more attempts are to come, the logs having been read up to `seen_until`.

    Of an asynchronous call: one succeeded, three failed, or nothing came for 15 minutes and the function's timeout.
    """
    if not attempts:
        return False
    if not pending.is_event:
        return True
    last = attempts[-1]
    if last.has_failed and len(attempts) >= MOST_ATTEMPTS:
        return True
    return _has_surely_succeeded(last, function) or seen_until - last.at >= quiet_time(function)


def amendment_of(pending: Pending, function: Function, attempts: Sequence[Attempt], rates: RateTable) -> dict[str, Any]:
    """The columns of the call's row that its attempts complete: sums of what they billed, the rest of the last one."""
    # Who waited had one execution.
    attempts = attempts if pending.is_event else attempts[-1:]
    last = attempts[-1]
    waited_ms = None if pending.is_event else pending.invoke_ms
    measured = with_report(Invocation(region=function.region, invoke_ms=waited_ms), last.report)
    return {
        "call_id": pending.call_id,
        "started_at": pending.started_at,
        **_ending(pending, function, last),
        "duration_ms": measured.duration_ms,
        "billed_ms": sum(attempt.billed_ms for attempt in attempts),
        "init_ms": measured.init_ms,
        "restore_ms": measured.restore_ms,
        "overhead_ms": measured.overhead_ms,
        "cold_start": measured.cold_start,
        "memory_mb": measured.memory_mb,
        "max_memory_mb": measured.max_memory_mb,
        "xray_trace_id": measured.xray_trace_id,
        "executed_version": pending.executed_version or last.executed_version,
        **price_of(attempts, function, rates, architecture=pending.architecture, event_bytes=_event_bytes(pending)),
    }


def executions_of(
    pending: Pending, function: Function, attempts: Sequence[Attempt], rates: RateTable
) -> list[Invocation]:
    """The executions the logs tell of, each as if it had been measured when it ran.

    With its price only where nobody waited: the estimate of the other calls was told when they ended.
    """
    executions: list[Invocation] = []
    for attempt in attempts if pending.is_event else attempts[-1:]:
        measured = with_report(Invocation(region=pending.region), attempt.report)
        priced: dict[str, Any] = {"cost_source": "logs"}
        if pending.is_event:
            event_bytes = 0 if executions else _event_bytes(pending)
            architecture = pending.architecture
            priced = price_of((attempt,), function, rates, architecture=architecture, event_bytes=event_bytes)
        executions.append(replace(measured, billed_ms=attempt.billed_ms, **priced))
    return executions


def price_of(
    attempts: Sequence[Attempt],
    function: Function,
    rates: RateTable,
    *,
    architecture: str | None = None,
    event_bytes: int = 0,
) -> dict[str, Any]:
    """The columns of the price: that of every attempt, each with one request; none where one of them has no price.

    What a large event counts beyond its first request is counted once, with the first attempt.
    """
    architecture = architecture or function.architecture
    try:
        units = (requests_of_async_payload(event_bytes), *repeat(1, len(attempts) - 1))
        costs = [
            _cost_usd(attempt, function, rates, architecture, requests)
            for attempt, requests in zip(attempts, units, strict=True)
        ]
    except PricingError:
        return {"cost_source": "none"}
    known = [cost_usd for cost_usd in costs if cost_usd is not None]
    cost_usd = sum(known, Decimal(0)).quantize(CENT_FRACTION)
    if len(known) < len(costs) or cost_usd >= MOST_USD:
        return {"cost_source": "none"}
    return {"cost_usd": cost_usd, "cost_source": "logs", "rates_version": rates.version}


def _cost_usd(
    attempt: Attempt, function: Function, rates: RateTable, architecture: str, requests: int
) -> Decimal | None:
    return price_invocation(
        rates,
        region=function.region,
        architecture=architecture,
        memory_mb=attempt.report.memory_mb or function.memory_mb,
        billed_ms=attempt.billed_ms,
        ephemeral_storage_mb=function.ephemeral_storage_mb,
        requests=requests,
    ).cost_usd


def _event_bytes(pending: Pending) -> int:
    """The payload of an event, which AWS meters; a payload that somebody waits for is one request of any size."""
    return (pending.request_bytes or 0) if pending.is_event else 0


def ending_of(attempt: Attempt, function: Function) -> dict[str, Any]:
    """The columns that tell how an attempt ended; none where the logs do not tell."""
    if attempt.error is None:
        # Other runtimes write no line of a failure that could be told from their functions' own.
        return {"outcome": OutcomeKind.OK.value} if _has_surely_succeeded(attempt, function) else {}
    verdict = _verdict(attempt, attempt.error, function)
    failure = verdict.failure
    assert failure is not None, "a function error has a failure"
    return {
        "outcome": verdict.kind.value,
        "error_type": failure.error_type,
        "error_message": failure.message,
        "error_fingerprint": fingerprint(failure.error_type, failure.message, failure.stack),
    }


def _ending(pending: Pending, function: Function, last: Attempt) -> Mapping[str, Any]:
    ending = ending_of(last, function)
    if pending.is_event:
        return ending
    # Who waited knows better how it ended; only the kind of a failure may show in nothing but the report.
    outcome = ending.get("outcome")
    return {"outcome": outcome} if pending.outcome in _FAILED and outcome in _REFINED else {}


def _has_surely_succeeded(attempt: Attempt, function: Function) -> bool:
    if attempt.has_failed:
        return False
    return attempt.report.status == "success" or (function.runtime or "").startswith(_TELLING)


def _verdict(attempt: Attempt, error: ErrorLine, function: Function) -> Verdict:
    message = error.message
    if error.evidence in (Evidence.DIED, Evidence.REPORTED) and message:
        # So the caller of a synchronous call would be told.
        message = f"RequestId: {attempt.report.request_id} Error: {message}"
    stack = "trace" if (function.runtime or "").startswith("nodejs") else "stackTrace"
    details = {"errorType": error.error_type, "errorMessage": message, stack: list(error.stack)}
    return judge(
        function_error="Unhandled",
        body=json.dumps(details).encode(),
        report=attempt.report,
        tail="",
        request_id=attempt.report.request_id,
    )
