"""The facts of a call: one source for the history row, the span and the answer."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from lambdascope_analytics.store.row import COLUMN_NAMES
from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind, TraceIds
from lambdascope_proxy.facts import ANSWER_COLUMNS, UNSENT_COLUMNS, facts_of
from lambdascope_proxy.tools.list_functions import SPEC, ListFunctions

TRACE = TraceIds(trace_id="a" * 32, span_id="b" * 16, traceparent="00-x")
OK = Outcome(kind=OutcomeKind.OK)


def test_every_fact_is_a_column_of_the_history(call_of: Callable[..., Call]) -> None:
    with_all = Outcome(kind=OutcomeKind.OK, invocation=Invocation(region="us-east-1"))
    assert set(facts_of(call_of(), with_all)) <= set(COLUMN_NAMES)
    assert set(UNSENT_COLUMNS) <= set(ANSWER_COLUMNS) <= set(COLUMN_NAMES)


def test_everything_measured_becomes_a_fact_of_the_same_name(call_of: Callable[..., Call]) -> None:
    # Spelled out by hand there: a field added to Invocation and forgotten would be lost without a sound.
    # Payloads are none, and throttles are a metric alone: the history has the attempts and how the call ended.
    left_out = {"sent", "received", "throttles"}
    names = [field.name for field in fields(Invocation) if field.name not in left_out]
    values: dict[str, Any] = {name: f"value of {name}" for name in names}
    facts = facts_of(call_of(), Outcome(kind=OutcomeKind.OK, invocation=Invocation(**values)))
    assert {name: facts[name] for name in names} == values


def test_who_asked_and_what_for_are_facts(call_of: Callable[..., Call]) -> None:
    call = call_of({"function_name": "orders", "qualifier": "live", "invocation_type": "Event"})
    facts = facts_of(call, OK)
    expected = {
        "call_id": call.call_id,
        "started_at": call.started_at,
        "session_id": "session-1",
        "client_name": "tests",
        "client_version": "1.0",
        "principal": "ada",
        "transport": "stdio",
        "protocol_version": "2026-07-28",
        "tool_name": "invoke_function",
        "target": "lambda",
        "function_name": "orders",
        "qualifier": "live",
        "invocation_type": "Event",
        "outcome": "ok",
    }
    assert {name: facts[name] for name in expected} == expected


def test_what_is_unknown_stays_none_and_never_becomes_zero(call_of: Callable[..., Call]) -> None:
    facts = facts_of(call_of(), Outcome(kind=OutcomeKind.OK, invocation=Invocation(region="us-east-1")))
    unknown = (
        "duration_ms",
        "billed_ms",
        "init_ms",
        "cold_start",
        "max_memory_mb",
        "cost_usd",
        "request_id",
        "trace_id",
    )
    assert [facts[name] for name in unknown] == [None] * len(unknown)
    assert facts["cost_source"] == "none"


def test_a_call_that_never_reached_lambda_cost_nothing_known(call_of: Callable[..., Call]) -> None:
    facts = facts_of(call_of(), OK)
    assert facts["cost_source"] == "none"
    assert facts.get("cost_usd") is None
    assert "invoke_ms" not in facts


def test_the_trace_of_the_outcome_goes_before_that_of_the_call(call_of: Callable[..., Call]) -> None:
    assert facts_of(call_of(trace=TRACE), OK)["trace_id"] == "a" * 32
    later = TraceIds(trace_id="c" * 32, span_id=None, traceparent="00-y")
    facts = facts_of(call_of(trace=TRACE), Outcome(kind=OutcomeKind.OK, trace=later))
    assert (facts["trace_id"], facts["span_id"]) == ("c" * 32, None)


def test_messages_and_payloads_are_no_facts(call_of: Callable[..., Call]) -> None:
    """Facts also go on spans and into answers, past the gate that masks what the history keeps."""
    failure = Failure(error_type="E", message="hunter2")
    invocation = Invocation(region="us-east-1", sent=b"hunter2", received=b"hunter2")
    facts = facts_of(call_of(), Outcome(kind=OutcomeKind.FUNCTION_ERROR, failure=failure, invocation=invocation))
    assert facts["error_type"] == "E"
    assert "hunter2" not in repr(facts)


def test_a_tool_of_our_own_is_aimed_at_ourselves(call_of: Callable[..., Call]) -> None:
    nothing: Any = None
    facts = facts_of(call_of({}, tool=ListFunctions(nothing, "")), OK)
    assert (facts["tool_name"], facts["target"], facts["function_name"]) == (SPEC.name, "self", None)
