"""What a client gets: text for the model, structured facts for programs."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lambdascope_proxy.answer import answer_of, wire_answer
from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind, TraceIds
from lambdascope_proxy.tools.list_functions import ListFunctions

CALL_ID = "01935a2b-7c00-7000-8000-000000000001"
COLD = Invocation(
    region="us-east-1",
    request_id="6f1a",
    executed_version="$LATEST",
    duration_ms=212.4,
    billed_ms=601,
    init_ms=388.15,
    memory_mb=256,
    max_memory_mb=94,
    cold_start=True,
    overhead_ms=49.45,
    cost_usd=Decimal("8.66670E-7"),
    cost_source="measured",
)


def of_list_functions(call_of: Callable[..., Call]) -> Call:
    nothing: Any = None
    return call_of({}, tool=ListFunctions(nothing, ""))


def test_a_lambda_call_gives_its_result_its_facts_and_one_line_about_them(call_of: Callable[..., Call]) -> None:
    trace = TraceIds(trace_id="a" * 32, span_id="b" * 16, traceparent="00-x")
    outcome = Outcome(kind=OutcomeKind.OK, text="[1]", data={"result": [1]}, invocation=COLD, trace=trace)
    answer = answer_of(call_of({"function_name": "orders", "qualifier": "live"}), outcome)
    summary = (
        f"lambdascope: call {CALL_ID}, ok, billed 601 ms at 256 MB, cold start 388.15 ms, $0.000000866670 measured"
    )
    assert answer.texts == ("[1]", summary)
    assert answer.structured == {
        "result": [1],
        "call_id": CALL_ID,
        "request_id": "6f1a",
        "trace_id": "a" * 32,
        "function_name": "orders",
        "qualifier": "live",
        "executed_version": "$LATEST",
        "outcome": "ok",
        "error_type": None,
        "duration_ms": 212.4,
        "billed_ms": 601,
        "init_ms": 388.15,
        "restore_ms": None,
        "memory_mb": 256,
        "max_memory_mb": 94,
        "cold_start": True,
        "overhead_ms": 49.45,
        "attempts": 1,
        "cost_usd": "0.000000866670",
        "cost_source": "measured",
    }
    assert not answer.is_error


def test_a_failed_call_tells_cause_next_step_and_stack(call_of: Callable[..., Call]) -> None:
    failure = Failure(
        error_type="KeyError", message="no such order", hint="Correct the payload.", stack=("  File app",)
    )
    answer = answer_of(call_of(), Outcome(kind=OutcomeKind.FUNCTION_ERROR, failure=failure, invocation=COLD))
    assert answer.is_error
    assert answer.texts[0] == (
        "function_error: KeyError: no such order\nCorrect the payload.\n  File app\nAWS request id: 6f1a"
    )
    told = {key: answer.structured[key] for key in ("outcome", "error_type", "error_message", "next_step")}
    assert told == {
        "outcome": "function_error",
        "error_type": "KeyError",
        "error_message": "no such order",
        "next_step": "Correct the payload.",
    }
    assert "result" not in answer.structured


def test_a_call_that_never_left_invents_nothing_and_spares_the_nulls(call_of: Callable[..., Call]) -> None:
    failure = Failure(error_type="NotAllowed", message="no", hint="Ask.")
    not_sent = Invocation(region="us-east-1", memory_mb=128, attempts=0)
    for invocation in (None, not_sent):
        answer = answer_of(call_of(), Outcome(kind=OutcomeKind.REFUSED, failure=failure, invocation=invocation))
        assert answer.structured == {
            "call_id": CALL_ID,
            "trace_id": None,
            "function_name": "orders",
            "qualifier": None,
            "outcome": "refused",
            "error_type": "NotAllowed",
            "error_message": "no",
            "next_step": "Ask.",
            "cost_source": "none",
        }
        assert answer.texts == ("refused: NotAllowed: no\nAsk.", f"lambdascope: call {CALL_ID}, refused")


def test_a_log_tail_comes_only_when_it_was_asked_for(call_of: Callable[..., Call]) -> None:
    outcome = Outcome(kind=OutcomeKind.OK, text="1", invocation=COLD, log_tail="START\n")
    asked = call_of({"function_name": "orders", "log_type": "Tail"})
    with_tail = answer_of(asked, outcome)
    assert with_tail.texts[1] == "Log tail:\nSTART\n"
    assert with_tail.structured["log_tail"] == "START\n"
    without = answer_of(call_of(), outcome)
    assert "START" not in f"{without.texts} {without.structured}"
    empty = answer_of(asked, replace(outcome, log_tail=""))
    assert empty.structured["log_tail"] == ""
    assert len(empty.texts) == 2


def test_notes_are_told_to_the_model_and_to_programs(call_of: Callable[..., Call]) -> None:
    noted = Outcome(kind=OutcomeKind.OK, text="1", invocation=COLD, notes=("The payload was not checked.",))
    answer = answer_of(call_of(), noted)
    assert answer.texts[1] == "The payload was not checked."
    assert answer.structured["notes"] == ["The payload was not checked."]


def test_a_tool_of_our_own_says_only_what_it_found(call_of: Callable[..., Call]) -> None:
    outcome = Outcome(kind=OutcomeKind.OK, text="{}", data={"functions": []}, notes=("none match",))
    answer = answer_of(of_list_functions(call_of), outcome)
    assert answer.texts == ("{}", "none match")
    assert answer.structured == {"functions": [], "notes": ["none match"]}
    assert not answer.is_error


def test_a_tool_of_our_own_that_fails_is_an_error_that_can_be_traced(call_of: Callable[..., Call]) -> None:
    denied = Outcome(
        kind=OutcomeKind.ACCESS_DENIED, failure=Failure(error_type="AccessDenied", message="no", hint="Grant.")
    )
    answer = answer_of(of_list_functions(call_of), denied)
    assert answer.is_error
    assert answer.texts == ("access_denied: AccessDenied: no\nGrant.",)
    assert (answer.structured["call_id"], answer.structured["outcome"]) == (CALL_ID, "access_denied")


def test_a_restore_from_a_snapshot_is_told_as_a_cold_start(call_of: Callable[..., Call]) -> None:
    restored = Invocation(region="us-east-1", cold_start=True, restore_ms=431.66)
    assert "cold start 431.66 ms" in answer_of(call_of(), Outcome(kind=OutcomeKind.OK, invocation=restored)).texts[-1]


def test_another_servers_result_says_in_its_meta_when_an_attempt_may_have_cost_more(
    call_of: Callable[..., Call],
) -> None:
    # It goes out as it came, so a note has no other place.
    note = "An earlier attempt failed."
    once = Outcome(kind=OutcomeKind.OK, invocation=Invocation())
    twice = replace(once, invocation=Invocation(attempts=2), notes=(note,))
    metas = [wire_answer(call_of(), outcome, {"content": []}, 1.0)["_meta"] for outcome in (once, twice)]
    told = [{key: meta.get(f"dev.lambdascope/{key}") for key in ("attempts", "notes")} for meta in metas]
    assert told == [{"attempts": None, "notes": None}, {"attempts": 2, "notes": [note]}]
