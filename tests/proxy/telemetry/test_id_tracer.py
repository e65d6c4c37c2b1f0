"""Ids without telemetry: always there, and of the caller's trace where there is one."""

from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from lambdascope_proxy.telemetry.id_tracer import IdTracer


def test_ids_exist_without_telemetry_and_differ_from_call_to_call() -> None:
    contexts = [IdTracer().start_span("x").get_span_context() for _ in range(10)]
    assert len({context.trace_id for context in contexts}) == 10
    assert all(context.is_valid and not context.trace_flags.sampled for context in contexts)


def test_the_callers_trace_is_kept_without_telemetry() -> None:
    caller = SpanContext(0xA, 0xB, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    span = IdTracer().start_span("x", set_span_in_context(NonRecordingSpan(caller)))
    assert span.get_span_context() == caller
    assert not span.is_recording()


def test_spans_inside_share_the_trace_without_telemetry() -> None:
    tracer = IdTracer()
    with tracer.start_as_current_span("outer") as outer, tracer.start_as_current_span("inner") as inner:
        assert inner.get_span_context().trace_id == outer.get_span_context().trace_id
