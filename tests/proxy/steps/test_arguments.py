"""Arguments checked against a tool's own schema, and the payload as the function receives it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function
from lambdascope_proxy.steps.arguments import ArgumentsStep, encode
from lambdascope_proxy.tools.function_tool import FunctionTool
from lambdascope_proxy.tools.list_functions import ListFunctions

pytestmark = pytest.mark.anyio


async def passed(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, text=call.payload.decode())


async def problem_with(call: Call) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        await ArgumentsStep()(call, passed)
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert failed.value.failure.error_type == "InvalidArguments"
    return failed.value


async def test_good_arguments_pass_with_the_payload_as_bytes(call_of: Callable[..., Call]) -> None:
    call = call_of({"function_name": "orders", "payload": {"name": "é", "count": 1}})
    assert (await ArgumentsStep()(call, passed)).text == '{"name":"é","count":1}'


async def test_a_payload_that_was_left_out_is_an_empty_object(call_of: Callable[..., Call]) -> None:
    assert (await ArgumentsStep()(call_of(), passed)).text == "{}"
    null = call_of({"function_name": "orders", "payload": None})
    assert (await ArgumentsStep()(null, passed)).text == "null"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, ["function_name"]),
        ({"function_name": 7}, ["function_name", "string"]),
        ({"function_name": ""}, ["function_name"]),
        ({"function_name": "a", "invocation_type": "Later"}, ["invocation_type", "RequestResponse"]),
        ({"function_name": "a", "log_type": True}, ["log_type"]),
        ({"function_name": "a", "qualifier": ""}, ["qualifier"]),
        ({"function_name": "a", "Payload": {}}, ["unknown argument 'Payload'"]),
        ({"functionName": "a", "zone": "x"}, ["unknown argument 'functionName'", "unknown argument 'zone'"]),
        ({"function_name": "a", "region": 7}, ["region", "string"]),
    ],
)
async def test_wrong_arguments_are_refused_by_name(
    call_of: Callable[..., Call], arguments: dict[str, Any], words: list[str]
) -> None:
    failed = await problem_with(call_of(arguments))
    assert all(word in str(failed) for word in words), str(failed)
    assert "Arguments of invoke_function: function_name, payload," in failed.failure.hint


async def test_the_history_keeps_which_argument_was_wrong_and_not_what_it_held(call_of: Callable[..., Call]) -> None:
    failed = await problem_with(call_of({"function_name": "a", "log_type": "ada@example.com"}))
    assert "ada@example.com" in str(failed)
    assert failed.failure.recorded == "does not fit its schema at log_type"


async def test_a_flood_of_unknown_arguments_is_cut(call_of: Callable[..., Call]) -> None:
    failed = await problem_with(call_of({f"{number}-{'x' * 500}": 1 for number in range(500)}))
    assert len(str(failed)) < 2000


async def test_a_tool_without_arguments_says_so(call_of: Callable[..., Call]) -> None:
    nothing: Any = None
    tool = ListFunctions(nothing, "")
    assert (await ArgumentsStep()(call_of({}, tool=tool), passed)).text == ""  # and has no payload
    failed = await problem_with(call_of({"cursor": 3}, tool=tool))
    assert "cursor" in str(failed)


async def test_the_arguments_of_a_functions_own_tool_are_its_payload(
    call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    # They are checked against the function's schema by the payload step, with its better words.
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    tool = FunctionTool("orders", function_of(), schema, passed)
    assert (await ArgumentsStep()(call_of({"anything": 1}, tool=tool), passed)).text == '{"anything":1}'


async def test_a_tool_made_anew_under_its_name_is_checked_against_its_new_schema(
    call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    step = ArgumentsStep()
    for kind, good, bad in (("string", "a", 1), ("integer", 1, "a")):
        tool = FunctionTool("orders", function_of(), {"type": kind}, passed)
        assert (await step(call_of({"payload": good}, tool=tool), passed)).text == json.dumps(good)
        with pytest.raises(CallFailed, match="payload"):
            await step(call_of({"payload": bad}, tool=tool), passed)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON | st.text(st.characters(categories=["Cs", "L"])))
def test_every_json_payload_arrives_as_the_same_value_in_utf8(payload: Any) -> None:
    encoded = encode(payload)
    assert json.loads(encoded.decode("utf-8")) == payload


def test_text_travels_as_itself_and_only_half_a_surrogate_pair_escaped() -> None:
    assert encode("é€😀") == '"é€😀"'.encode()
    assert encode("\ud83d") == b'"\\ud83d"'


async def test_the_aim_of_a_malformed_call_is_read_without_raising(call_of: Callable[..., Call]) -> None:
    arguments = {"function_name": ["a"], "qualifier": 1, "invocation_type": {"x": 1}}
    assert call_of(arguments).aim == Aim(target="lambda", payload={})
