"""The tool that calls any allowed function: what it aims at, and what its schemas promise."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import Aim, Call, InvocationType, Outcome, OutcomeKind
from lambdascope_proxy.facts import ANSWER_COLUMNS
from lambdascope_proxy.tools.invoke_function import INVOCATION_OUTPUT, SPEC, InvokeFunction


async def run(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, text=call.aim.function_name or "", log_tail="START")


TOOL = InvokeFunction(run)


@pytest.mark.parametrize(
    ("arguments", "aim"),
    [
        (
            {"function_name": "a"},
            Aim(target="lambda", function_name="a", invocation_type="RequestResponse", payload={}),
        ),
        (
            {"function_name": "a", "payload": [1], "invocation_type": "Event", "qualifier": "live", "log_type": "Tail"},
            Aim(
                target="lambda",
                function_name="a",
                qualifier="live",
                invocation_type="Event",
                payload=[1],
                wants_log=True,
            ),
        ),
        ({"function_name": "a", "payload": None, "invocation_type": "later"}, Aim(target="lambda", function_name="a")),
    ],
)
def test_the_aim_is_read_from_the_arguments(arguments: dict[str, Any], aim: Aim) -> None:
    assert TOOL.aim(arguments) == aim


NAMES = st.sampled_from([*SPEC.input_schema["properties"], "other"])
VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()) | st.just({"a": 1})


@given(st.dictionaries(NAMES, VALUES))
def test_no_arguments_make_the_aim_raise(arguments: dict[str, Any]) -> None:
    # It is read before they are checked, so that a refused call is recorded with what it was aimed at.
    aim = TOOL.aim(arguments)
    assert aim.target == "lambda"
    assert aim.function_name is None or isinstance(aim.function_name, str)


def test_the_schemas_hold_the_words_of_the_code() -> None:
    assert SPEC.input_schema["properties"]["invocation_type"]["enum"] == list(get_args(InvocationType))


def test_every_promised_fact_is_one_the_answer_gives() -> None:
    assert set(INVOCATION_OUTPUT["properties"]) - {"result"} <= set(ANSWER_COLUMNS)


def test_every_argument_reaches_the_aim() -> None:
    # An argument that is taken and then ignored would be worse than one that is refused.
    read = {"function_name", "region", "qualifier", "invocation_type", "payload"} | {"log_type"}
    assert set(SPEC.input_schema["properties"]) == read
    from_elsewhere = {"wants_log", "target", "account_id", "upstream_tool"}
    assert {field.name for field in fields(Aim)} == {*(read - {"log_type"}), *from_elsewhere}


@pytest.mark.anyio
async def test_running_it_invokes(call_of: Callable[..., Call]) -> None:
    assert (await TOOL.run(call_of(tool=TOOL))).text == "orders"
