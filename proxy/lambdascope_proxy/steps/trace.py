"""Puts one CLIENT span around a Lambda call and gives every call its trace ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Next, Outcome, TraceIds, cancelled_outcome
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.guard import guarded


@dataclass(frozen=True, slots=True)
class TraceStep:
    """The span is named `Lambda.Invoke`; every failed outcome makes it red. `scrub` masks what others worded."""

    tracer: Tracer
    scrub: Callable[[str], str]

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Traces the call; a call that stays in this proxy only takes the ids of the request's span."""
        if call.aim.target != "lambda":
            ids = trace_ids(get_current_span())
            return replace(await call_next(replace(call, trace=ids)), trace=ids)
        with self.tracer.start_as_current_span(
            "Lambda.Invoke", kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
        ) as span:
            traced = replace(call, trace=trace_ids(span))
            try:
                outcome = await call_next(traced)
            except BaseException as cancelled:
                self._finish(span, traced, cancelled_outcome(cancelled))
                raise
            self._finish(span, traced, outcome)
            return replace(outcome, trace=traced.trace)

    def _finish(self, span: Span, call: Call, outcome: Outcome) -> None:
        if span.is_recording():
            guarded("ending a span", self._describe, span, call, outcome)

    def _describe(self, span: Span, call: Call, outcome: Outcome) -> None:
        facts = facts_of(call, outcome)
        # A caller words the qualifier; and the name may be anything, too, where no such function was found.
        worded = ("qualifier",) if outcome.invocation else ("qualifier", "function_name")
        facts |= {name: self.scrub(text) for name in worded if (text := facts[name])}
        span.set_attributes(span_attributes(facts))
        if outcome.kind.is_failure:
            failure = outcome.failure
            span.set_attribute(names.ERROR_TYPE, self.scrub(failure.error_type) if failure else outcome.kind.value)
            span.set_status(StatusCode.ERROR)


def trace_ids(span: Span) -> TraceIds:
    """The ids of a span as text: hex, W3C traceparent and tracestate, X-Ray header."""
    context = span.get_span_context()
    trace_id, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    return TraceIds(
        trace_id=trace_id,
        span_id=span_id if span.is_recording() else None,
        traceparent=f"00-{trace_id}-{span_id}-{context.trace_flags:02x}",
        tracestate=context.trace_state.to_header(),
        xray=f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent={span_id};Sampled={int(context.trace_flags.sampled)}",
    )


def span_attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a Lambda call under the names of the span's attributes; unknown ones are left out."""
    known = {
        attribute: float(value) if isinstance(value, Decimal) else value
        for column, attribute in names.INVOCATION_ATTRIBUTES.items()
        if (value := facts.get(column)) is not None
    }
    fixed = {names.FAAS_PROVIDER: "aws", names.RPC_SYSTEM: "aws-api", names.RPC_METHOD: "Lambda/Invoke"}
    region = {names.CLOUD_REGION: facts["region"]} if facts.get("region") else {}
    return {**fixed, **region, **known}
