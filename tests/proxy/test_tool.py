"""What every tool promises to clients, of all tools at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.tools import get_function_schema, invoke_function, list_functions, query_history, read_result
from lambdascope_proxy.tools.function_tool import FunctionTool

FIXED = [list_functions.SPEC, get_function_schema.SPEC, invoke_function.SPEC, query_history.SPEC, read_result.SPEC]


async def run(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK)


@pytest.fixture(params=[*FIXED, "function"], ids=lambda spec: getattr(spec, "name", "a function's tool"))
def spec(request: pytest.FixtureRequest, function_of: Callable[..., Function]) -> ToolSpec:
    fixed: Any = request.param
    return FunctionTool("orders", function_of(), None, run).spec if fixed == "function" else fixed


def test_its_schemas_are_valid_and_of_objects(spec: ToolSpec) -> None:
    for schema in (spec.input_schema, spec.output_schema):
        Draft202012Validator.check_schema(dict(schema))
        assert schema["type"] == "object"


def test_it_has_words_for_people_and_models(spec: ToolSpec) -> None:
    assert spec.title
    assert spec.description.endswith(".")


def test_what_changes_things_says_so_and_nothing_else_does(spec: ToolSpec) -> None:
    # Clients ask the user before a destructive call and may repeat an idempotent one.
    invokes = spec.name in {"invoke_function", "orders"}
    assert (spec.read_only, spec.destructive, spec.idempotent) == (not invokes, invokes, not invokes)


@pytest.mark.parametrize("spec", FIXED, ids=lambda spec: spec.name)
def test_a_fixed_tool_refuses_arguments_it_does_not_know(spec: ToolSpec) -> None:
    assert spec.input_schema["additionalProperties"] is False


def test_the_fixed_tools_are_cheap_to_list() -> None:
    # Every agent pays for this text in every conversation.
    listed = [{"name": s.name, "d": s.description, "i": s.input_schema, "o": s.output_schema} for s in FIXED]
    assert len(json.dumps(listed)) < 5_000
