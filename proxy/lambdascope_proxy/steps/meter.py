"""Counts and measures every call for the metrics."""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any, Final

from opentelemetry.trace import use_span

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Invocation, Next, Outcome, OutcomeKind, cancelled_outcome
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.steps.trace import stand_in
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.execution_meter import meter_execution, told
from lambdascope_proxy.telemetry.meters import Labels, Meters

# Lambda answered that it ran, or the caller did not wait for that answer.
RUN_BY_LAMBDA: Final = frozenset(
    {
        OutcomeKind.OK,
        OutcomeKind.TOOL_ERROR,
        OutcomeKind.FUNCTION_ERROR,
        OutcomeKind.FUNCTION_TIMEOUT,
        OutcomeKind.OUT_OF_MEMORY,
        OutcomeKind.CANCELLED,
    }
)
# No request left; after any other fault of the network the function may have run.
NOT_CONNECTED: Final = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError"})

# Said by guardrails alone; other refusals may be worded by anybody.
GUARDRAILS: Final = frozenset(
    {
        *("RateLimited", "TooManyAtOnce", "BreakerOpen", "BudgetExceeded"),
        *("ToolHeld", "NotApproved", "NotAllowed", "ResultTooLarge"),
    }
)
REFUSED: Final = frozenset({OutcomeKind.REFUSED, OutcomeKind.ACCESS_DENIED, OutcomeKind.PAYLOAD_TOO_LARGE})


class MeterStep:
    """A histogram's exemplar leads to the span of what was sent, else to that of the request."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._in_flight: Counter[str] = Counter()
        meters.watch(m.CALLS_IN_FLIGHT, self._read_in_flight)

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Meters the call, also one whose caller went away."""
        self._in_flight[call.aim.target] += 1
        try:
            outcome = await call_next(call)
        except BaseException as cancelled:
            guarded("metering a call", self._meter_in_span, call, cancelled_outcome(cancelled, call.progress.bill))
            raise
        finally:
            self._in_flight[call.aim.target] -= 1
        guarded("metering a call", self._meter_in_span, call, outcome)
        return outcome

    def _meter_in_span(self, call: Call, outcome: Outcome) -> None:
        # The span of what was sent has ended by now, and is no longer the current one.
        with use_span(stand_in(outcome.trace)) if outcome.trace else nullcontext():
            self._meter(call, outcome)

    def _meter(self, call: Call, outcome: Outcome) -> None:
        labels = _labels(call, outcome)
        self._meters.add(m.CALLS, 1, labels)
        if outcome.failure and outcome.kind in REFUSED and outcome.failure.error_type in GUARDRAILS:
            self._meters.add(m.REFUSALS, 1, {**labels, names.ERROR_TYPE: outcome.failure.error_type})
        invocation = outcome.invocation
        total_s = (time.perf_counter_ns() - call.arrived_ns) / 1e9 - call.progress.waited_ms / 1e3
        invoke_s = (invocation.invoke_ms or 0.0) / 1e3 if invocation else 0.0
        self._meters.record(m.PROXY_DURATION, max(0.0, total_s - invoke_s), labels)
        if bill := outcome.bill:
            looked = {names.TOOL_NAME: call.tool.spec.name, names.CLOUD_REGION: bill.region}
            self._meters.add(m.MONITORING_COST, float(bill.cost_usd or 0), looked)
        if invocation and invocation.invoke_ms is not None:
            meter_execution(self._meters, invocation, labels)
            # Of a request to another server the metrics of MCP clients tell, and most of those cost nothing.
            if call.aim.target == "lambda":
                self._meter_invoke(call, outcome, invocation, labels)

    def _meter_invoke(self, call: Call, outcome: Outcome, invocation: Invocation, labels: Labels) -> None:
        self._meters.record(m.INVOKE_DURATION, (invocation.invoke_ms or 0.0) / 1e3, labels)
        if invocation.throttles:
            self._meters.add(m.THROTTLES, invocation.throttles, labels)
        if invocation.cost_usd is None and _may_have_run(call, outcome, invocation):
            self._meters.add(m.UNPRICED, 1, labels)

    def _read_in_flight(self) -> Iterable[tuple[float, Labels]]:
        return [(count, {names.TARGET: target}) for target, count in [*self._in_flight.items()]]


def _labels(call: Call, outcome: Outcome) -> dict[str, Any]:
    """What the metrics may be told by; a function only if it was found, as a caller may ask for anything."""
    invocation = outcome.invocation
    return {
        names.TOOL_NAME: call.tool.spec.name,
        names.TARGET: call.aim.target,
        names.OUTCOME: outcome.kind.value,
        names.CLIENT_NAME: call.caller.client_name,
        names.FAAS_NAME: call.aim.function_name if invocation else None,
        names.FAAS_REGION: invocation.region if invocation else None,
        names.COST_SOURCE: invocation.cost_source if invocation else None,
        names.COLD_START: told(invocation.cold_start) if invocation else None,
    }


def _may_have_run(call: Call, outcome: Outcome, invocation: Invocation) -> bool:
    """Whether AWS bills for it; an asynchronous call, which runs later, is priced from the logs."""
    if call.aim.target != "lambda":
        return False
    if call.aim.invocation_type == "DryRun" or invocation.attempts == invocation.throttles:
        return False
    if failure := outcome.failure if outcome.kind is OutcomeKind.TRANSPORT_ERROR else None:
        return failure.error_type not in NOT_CONNECTED
    return outcome.kind in RUN_BY_LAMBDA
