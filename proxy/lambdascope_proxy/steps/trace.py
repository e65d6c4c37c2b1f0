"""Gives every call its trace ids, and tells the span of its request how it ended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, StatusCode, TraceFlags, Tracer, get_current_span

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Next, Outcome, TraceIds, cancelled_outcome
from lambdascope_proxy.guard import guarded

Describe = Callable[[Span, Call, Outcome], None]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Outermost. The span is the server's; a command has none, so it gets one here. `scrub` masks what others worded.

    The status and `error.type` of the server's span are left to the observer, as MCP's conventions word them.
    """

    tracer: Tracer
    scrub: Callable[[str], str]

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Traces the call; a call that is sent somewhere has a span of its own below this one."""
        current = get_current_span()
        if current.get_span_context().is_valid:
            return await call_within(current, call, call_next, _describe)
        name, tool = f"tools/call {call.tool.spec.name}", {names.TOOL_NAME: call.tool.spec.name}
        with self.tracer.start_as_current_span(
            name, attributes=tool, record_exception=False, set_status_on_exception=False
        ) as span:
            return await call_within(span, call, call_next, partial(_describe_command, scrub=self.scrub))


async def call_within(span: Span, call: Call, call_next: Next, describe: Describe) -> Outcome:
    """Runs the call with the ids of `span`, and describes that by the end, also when the caller went away.

    The outcome keeps the ids of the innermost span.
    """
    traced = replace(call, trace=trace_ids(span))
    try:
        outcome = await call_next(traced)
    except BaseException as cancelled:
        if not hasattr(cancelled, "trace"):
            cancelled.trace = traced.trace  # pyright: ignore[reportAttributeAccessIssue] -- rides along
        _end(span, traced, cancelled_outcome(cancelled), describe)
        raise
    _end(span, traced, outcome, describe)
    return outcome if outcome.trace else replace(outcome, trace=traced.trace)


def make_red(span: Span, outcome: Outcome, scrub: Callable[[str], str]) -> None:
    """Marks the span of a call that failed, with the type of its error and none of its words."""
    if outcome.kind.is_failure:
        failure = outcome.failure
        span.set_attribute(names.ERROR_TYPE, scrub(failure.error_type) if failure else outcome.kind.value)
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


def stand_in(ids: TraceIds) -> Span:
    """For what is to lead to the span of these ids when that has ended."""
    _, trace_id, span_id, flags = (int(part, 16) for part in ids.traceparent.split("-"))
    return NonRecordingSpan(SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(flags)))


def _end(span: Span, call: Call, outcome: Outcome, describe: Describe) -> None:
    if span.is_recording():
        guarded("describing a span", describe, span, call, outcome)


def _describe(span: Span, call: Call, outcome: Outcome) -> None:
    told = {names.CALL_ID: call.call_id, names.OUTCOME: outcome.kind.value, names.TARGET: call.aim.target}
    span.set_attributes(told)


def _describe_command(span: Span, call: Call, outcome: Outcome, scrub: Callable[[str], str]) -> None:
    _describe(span, call, outcome)
    make_red(span, outcome, scrub)
