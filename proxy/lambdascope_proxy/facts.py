"""The facts of a call under the names of the history's columns: one source for the row, the span and the answer."""

from typing import Any, Final

from lambdascope_proxy.call import Call, Outcome

ANSWER_COLUMNS: Final = (
    "call_id",
    "request_id",
    "trace_id",
    "function_name",
    "qualifier",
    "executed_version",
    "outcome",
    "error_type",
    "duration_ms",
    "billed_ms",
    "init_ms",
    "restore_ms",
    "memory_mb",
    "max_memory_mb",
    "cold_start",
    "overhead_ms",
    "attempts",
    "cost_usd",
    "cost_source",
)

UNSENT_COLUMNS: Final = ("call_id", "trace_id", "function_name", "qualifier", "outcome", "error_type", "cost_source")


def facts_of(call: Call, outcome: Outcome) -> dict[str, Any]:
    """What is known of a call and fits a span and an answer as well as the history: no message, no payload."""
    trace = outcome.trace or call.trace
    return {
        "call_id": call.call_id,
        "started_at": call.started_at,
        "trace_id": trace.trace_id if trace else None,
        "span_id": trace.span_id if trace else None,
        **_caller(call),
        **_aim(call),
        "outcome": outcome.kind.value,
        "error_type": outcome.failure.error_type if outcome.failure else None,
        **_invocation(outcome),
    }


def _caller(call: Call) -> dict[str, Any]:
    caller = call.caller
    return {
        "session_id": caller.session_id,
        "client_name": caller.client_name,
        "client_version": caller.client_version,
        "principal": caller.principal,
        "transport": caller.transport,
        "protocol_version": caller.protocol_version,
    }


def _aim(call: Call) -> dict[str, Any]:
    return {
        "tool_name": call.tool.spec.name,
        "target": call.aim.target,
        "function_name": call.aim.function_name,
        "qualifier": call.aim.qualifier,
        "invocation_type": call.aim.invocation_type,
    }


def _invocation(outcome: Outcome) -> dict[str, Any]:
    invocation = outcome.invocation
    if invocation is None:
        return _looking(outcome)
    # Spelled out rather than dataclasses.asdict, which copies deeply and costs several times as much per call.
    return {
        "executed_version": invocation.executed_version,
        "region": invocation.region,
        "account_id": invocation.account_id,
        "architecture": invocation.architecture,
        "runtime": invocation.runtime,
        "invoke_ms": invocation.invoke_ms,
        "duration_ms": invocation.duration_ms,
        "billed_ms": invocation.billed_ms,
        "init_ms": invocation.init_ms,
        "restore_ms": invocation.restore_ms,
        "overhead_ms": invocation.overhead_ms,
        "cold_start": invocation.cold_start,
        "memory_mb": invocation.memory_mb,
        "max_memory_mb": invocation.max_memory_mb,
        "request_bytes": invocation.request_bytes,
        "response_bytes": invocation.response_bytes,
        "request_id": invocation.request_id,
        "xray_trace_id": invocation.xray_trace_id,
        "attempts": invocation.attempts,
        "cost_usd": invocation.cost_usd,
        "cost_source": invocation.cost_source,
        "rates_version": invocation.rates_version,
    }


def _looking(outcome: Outcome) -> dict[str, Any]:
    """What asking CloudWatch cost, for a call that invoked nothing."""
    bill = outcome.bill
    if bill is None or bill.cost_usd is None:
        return {"cost_source": "none"}
    return {
        "region": bill.region,
        "cost_usd": bill.cost_usd,
        "cost_source": "estimated",
        "rates_version": bill.rates_version,
    }
