"""One tool per function: its names, its schema and what it sends."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tools.function_tool import NAME_CHARS, FunctionTool, tool_names

VALID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIXED = ("list_functions", "invoke_function", "read_result")
FUNCTION_NAMES = st.lists(
    st.text("abAB-_.", min_size=1, max_size=4)
    | st.text("a", min_size=60, max_size=70)
    | st.sampled_from([*FIXED, "LIST_FUNCTIONS"])
    | st.text(min_size=1, max_size=140),
    unique=True,
)


@given(FUNCTION_NAMES)
def test_every_function_has_a_valid_name_of_its_own(names: list[str]) -> None:
    made = tool_names(names, FIXED)
    assert list(made) == names  # none dropped
    assert all(VALID.fullmatch(name) for name in made.values())
    assert len({name.lower() for name in (*made.values(), *FIXED)}) == len(names) + len(FIXED)


@given(FUNCTION_NAMES, st.randoms(use_true_random=False))
def test_a_name_does_not_depend_on_the_order(names: list[str], random: Any) -> None:
    shuffled = random.sample(names, len(names))
    assert tool_names(shuffled, FIXED) == tool_names(names, FIXED)


@pytest.mark.parametrize("name", ["orders", "get-order_2", "a" * 64])
def test_a_function_keeps_its_own_name_where_it_can(name: str) -> None:
    assert tool_names([name, "other"], FIXED)[name] == name


def test_names_that_collide_are_told_apart_by_a_hash_of_their_own() -> None:
    made = tool_names(["a.b", "a_b", "A_B"], ())
    assert len({name.lower() for name in made.values()}) == 3
    assert all(re.fullmatch(r"[aA]_[bB]_[0-9a-f]{8}", name) for name in made.values())
    assert tool_names(["a.b", "a_b"], ())["a.b"] == made["a.b"]  # whatever else exists


def test_a_function_called_like_a_tool_of_ours_does_not_take_its_place() -> None:
    assert tool_names(["invoke_function"], FIXED)["invoke_function"] != "invoke_function"


def test_a_long_name_is_cut_to_what_clients_take() -> None:
    long = "x" * (NAME_CHARS + 1)
    assert len(tool_names([long], ())[long]) == NAME_CHARS


async def _run(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, text=call.aim.function_name or "")


OBJECT = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


def test_the_schema_of_an_object_is_the_tools_own(function_of: Callable[..., Function]) -> None:
    tool = FunctionTool("get_order", function_of("get-order", description="Finds an order."), OBJECT, _run)
    assert tool.spec.input_schema == OBJECT
    assert (tool.spec.name, tool.spec.title) == ("get_order", "get-order")
    assert tool.spec.description == "Calls the AWS Lambda function get-order. Finds an order."
    assert (tool.spec.read_only, tool.spec.destructive) == (False, True)
    assert tool.aim({"id": 7}) == Aim(
        target="lambda",
        function_name="get-order",
        region="us-east-1",
        account_id="123456789012",  # another account may have a function of that name
        invocation_type="RequestResponse",
        payload={"id": 7},
    )


def test_without_a_schema_any_object_is_taken(function_of: Callable[..., Function]) -> None:
    tool = FunctionTool("orders", function_of(), None, _run)
    assert tool.spec.input_schema == {"type": "object", "additionalProperties": True}
    assert tool.aim({"anything": [1]}).payload == {"anything": [1]}
    assert "No description was given." in tool.spec.description


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, "a", 1),
        ({"type": ["object", "null"]}, None, "a"),
        (
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "items": {"type": "integer"}},
            [1],
            ["a"],
        ),
        ({"type": "array", "items": {"$ref": "#/$defs/Line"}, "$defs": {"Line": {"type": "integer"}}}, [1], ["a"]),
        ({"type": "array", "items": {"$ref": "#"}}, [[], [[]]], [1]),
    ],
)
def test_a_schema_that_is_not_an_objects_is_wrapped(
    function_of: Callable[..., Function], schema: dict[str, Any], good: Any, bad: Any
) -> None:
    # Arguments of a tool are always an object.
    tool = FunctionTool("orders", function_of(), schema, _run)
    assert tool.spec.input_schema["type"] == "object"
    check: Any = Draft202012Validator(dict(tool.spec.input_schema))
    Draft202012Validator.check_schema(dict(tool.spec.input_schema))
    assert check.is_valid({"payload": good})
    assert not check.is_valid({"payload": bad})
    assert not check.is_valid({})
    assert tool.aim({"payload": good}).payload == good
    assert tool.spec.checks_arguments


@pytest.mark.anyio
async def test_running_it_invokes_its_function(
    call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    tool = FunctionTool("orders", function_of("orders"), None, _run)
    assert (await tool.run(call_of({}, tool=tool))).text == "orders"
