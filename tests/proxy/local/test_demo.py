"""The demo's functions do what their descriptions say."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft4Validator

from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(demo_functions(), demo_schemas()) as running:
        yield running


@pytest.fixture
def call(aws: LocalAws, client_of: Any) -> Any:
    client = client_of(aws)

    def run(name: str, event: Any, **more: Any) -> tuple[str | None, Any]:
        answer = client.invoke(FunctionName=f"demo-{name}", Payload=json.dumps(event), **more)
        payload = json.loads(answer["Payload"].read())
        return (payload["errorType"] if "FunctionError" in answer else None), payload

    return run


def test_every_function_is_described_tagged_and_named_for_the_demo() -> None:
    functions = demo_functions()
    assert all(function.name.startswith("demo-") and function.description for function in functions)
    assert all({"team", "env"} <= function.tags.keys() for function in functions)
    assert {function.architecture for function in functions} == {"arm64", "x86_64"}
    assert len({function.memory_mb for function in functions}) >= 4


@pytest.mark.parametrize("name", sorted({function.name for function in demo_functions()} - {"demo-create-order"}))
def test_a_function_works_with_an_empty_event(call: Any, name: str) -> None:
    error, payload = call(name.removeprefix("demo-"), {})
    assert (error, bool(payload)) == (None, True)


def test_an_order_is_accepted(call: Any) -> None:
    event = {"customer": "ada@example.com", "lines": [{"sku": "mug", "quantity": 2}]}
    error, order = call("create-order", event)
    assert (error, order["total_eur"], order["express"]) == (None, 17.0, False)


def test_one_card_in_five_is_declined_always_the_same_ones(call: Any) -> None:
    errors = [call("charge-card", {"order_id": order_id})[0] for order_id in range(1000, 1010)]
    assert errors == ["CardDeclinedError", None, None, None, None] * 2
    assert call("charge-card", {"order_id": 1001, "decline": True})[0] == "CardDeclinedError"


def test_a_catalogue_outgrows_its_memory_when_asked(call: Any) -> None:
    assert call("export-catalog", {"products": 100_000})[0] == "Runtime.OutOfMemory"


def test_an_offline_warehouse_times_out(call: Any) -> None:
    assert call("sync-stock", {"warehouse": "offline"})[0] == "Sandbox.Timedout"


def test_the_carrier_refuses_what_it_does_not_know(call: Any) -> None:
    assert call("shipping-quote", {"country": "XX"})[0] == "ValueError"


def test_the_versions_recommend_differently_and_live_is_the_first(call: Any) -> None:
    models = {each: call("recommend-products", {}, Qualifier=each)[1]["model"] for each in ("1", "2", "live")}
    assert models == {"1": "best-sellers", "2": "goes-with", "live": "best-sellers"}


def test_the_tags_name_schemas_that_the_registry_has(aws: LocalAws, client_of: Any) -> None:
    client = client_of(aws, "schemas")
    kinds: list[str] = []
    for function in demo_functions():
        if arn := function.tags.get(SCHEMA_TAG):
            registry, name = arn.split("/")[1:]
            schema = client.describe_schema(RegistryName=registry, SchemaName=name)
            assert schema["SchemaArn"] == arn
            kinds.append(schema["Type"])
            if schema["Type"] == "JSONSchemaDraft4":
                Draft4Validator.check_schema(json.loads(schema["Content"]))
    assert sorted(kinds) == ["JSONSchemaDraft4", "OpenApi3"]
