"""What `tools/list` says: small whatever the account holds, true to what the tools return, and told when it changes."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import mcp.types as t
import pytest
from mcp import Client, MCPError
from stage.answers import ask, invoke, told
from stage.proxies import HttpProxy, Stage

from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas

pytestmark = pytest.mark.anyio

ECHO = Path(__file__).parent / "functions" / "echo"
MOST_BYTES = 14_000
LONG = "f" * 61


@pytest.fixture(scope="module")
def crowd() -> Generator[LocalAws]:
    """200 functions, among them two whose names differ only in case and two that are too long for a tool's name."""
    plain = [LocalFunction(name=f"fn-{number:03}", code=ECHO, description="d" * 200) for number in range(196)]
    tricky = [LocalFunction(name=name, code=ECHO) for name in ("Twin", "twin", f"{LONG}aaa", f"{LONG}aab")]
    clash = LocalFunction(name="read_result", code=ECHO)
    with LocalAws([*plain, *tricky, clash, *demo_functions()], demo_schemas()) as aws:
        yield aws


@pytest.fixture(scope="module")
def crowd_stage(house: Stage, crowd: LocalAws) -> Stage:
    return house.having(
        **crowd.environment(), FUNCTION_LIST=None, FUNCTION_PREFIX=None, LAMBDASCOPE_ALLOW_ALL_FUNCTIONS="true"
    )


@pytest.fixture(scope="module")
def exposing(crowd_stage: Stage) -> HttpProxy:
    """A proxy that offers one tool per function beside the generic ones, and looks for changes every second."""
    return crowd_stage.having(LAMBDASCOPE_EXPOSE="both", LAMBDASCOPE_CATALOG_TTL_S="1").serve_http()


@pytest.fixture
async def exposed(exposing: HttpProxy) -> AsyncGenerator[Client]:
    async with exposing.client() as client:
        yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_default_tools_take_under_14_kb_whatever_the_account_holds(crowd_stage: Stage, mode: str) -> None:
    async with crowd_stage.client("http", mode) as client:
        assert (await ask(client, "list_functions"))["total"] > 200
        tools = (await client.list_tools()).tools
    # As it goes over the wire, where JSON has no spaces.
    wire = b",".join(tool.model_dump_json(by_alias=True, exclude_none=True).encode() for tool in tools)
    assert len(wire) < MOST_BYTES
    assert [tool.name for tool in tools] == [
        "list_functions",
        "get_function_schema",
        "invoke_function",
        "read_result",
        "query_history",
        "monitor_executions",
        "monitor_fleet",
        "query_logs",
        "inspect_execution",
        "analyze_cost",
        "forecast_cost",
        "analyze_latency",
        "analyze_errors",
        "compare_periods",
        "recommend_settings",
    ]
    for tool in tools:
        _is_complete(tool)


def _is_complete(tool: t.Tool) -> None:
    assert tool.title
    assert tool.description
    assert tool.annotations is not None
    hints = tool.annotations
    assert None not in {hints.read_only_hint, hints.destructive_hint, hints.open_world_hint}
    assert hints.read_only_hint or hints.idempotent_hint is not None, "of what only reads it means nothing"
    assert tool.output_schema is not None
    jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    jsonschema.Draft202012Validator.check_schema(tool.input_schema)


async def test_the_tools_that_invoke_are_the_only_ones_marked_as_able_to_change_something(exposed: Client) -> None:
    tools = await _all_tools(exposed)
    read_only = {name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint}
    assert {"list_functions", "get_function_schema", "read_result", "query_history"} <= read_only
    assert {"monitor_executions", "monitor_fleet", "query_logs", "inspect_execution"} <= read_only
    assert not read_only & {"invoke_function", "fn-000", "demo-create-order"}


async def test_every_structured_answer_keeps_its_output_schema_in_success_and_in_failure(proxy: HttpProxy) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("invoke_function", {"function_name": "odd-echo", "log_type": "Tail"}),
        ("invoke_function", {"function_name": "odd-scalar", "payload": {"value": None}}),
        ("invoke_function", {"function_name": "odd-echo", "invocation_type": "Event"}),
        ("invoke_function", {"function_name": "odd-echo", "invocation_type": "DryRun"}),
        ("invoke_function", {"function_name": "odd-quitter"}),
        ("invoke_function", {"function_name": "payroll"}),
        ("invoke_function", {}),
        ("list_functions", {"include_metadata": True}),
        ("list_functions", {"cursor": ""}),
        ("list_functions", {"page": 2}),
        ("get_function_schema", {"function_name": "demo-create-order", "include_examples": True}),
        ("get_function_schema", {"function_name": "odd-echo"}),
        ("get_function_schema", {"function_name": "payroll"}),
        ("read_result", {"call_id": "none"}),
        ("read_result", {}),
        ("query_history", {"sql": "SELECT tool_name, count(*) AS calls FROM calls GROUP BY ALL"}),
        ("query_history", {"sql": "DROP VIEW calls"}),
    ]
    async with proxy.client() as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        for name, arguments in calls:
            answer = await client.call_tool(name, arguments)
            schema = schemas[name]
            assert schema is not None
            validator: Any = jsonschema.Draft202012Validator(schema)
            validator.validate(answer.structured_content)


async def test_each_function_is_a_tool_with_its_own_schema_and_a_name_of_its_own(exposed: Client) -> None:
    tools = await _all_tools(exposed)
    assert len({name.lower() for name in tools}) == len(tools), "unique, also for clients that ignore case"
    assert len(tools) == 15 + 196 + 4 + 1 + 8
    assert all(len(name) <= 64 for name in tools)
    titles = sorted(tool.title or "" for tool in tools.values())
    for name in ("Twin", "twin", f"{LONG}aaa", f"{LONG}aab", "fn-195", "demo-create-order"):
        assert titles.count(name) == 1, "none is dropped"
    schema = tools["demo-create-order"].input_schema
    assert schema["required"] == ["customer", "lines"]
    assert {"customer", "lines", "express"} <= set(schema["properties"])
    for tool in tools.values():
        _is_complete(tool)


async def test_a_functions_own_tool_takes_the_payload_as_its_arguments(
    exposed: Client, crowd_stage: Stage, crowd: LocalAws
) -> None:
    tools = await _all_tools(exposed)
    for name in [
        name for name, tool in tools.items() if tool.title in {"Twin", "read_result"} and name != "read_result"
    ]:
        answer = told(await exposed.call_tool(name, {"n": 1}))
        assert (answer["outcome"], answer["result"]["event"]) == ("ok", {"n": 1})
        assert answer["function_name"] == tools[name].title
        row = await crowd_stage.row(answer["call_id"])
        assert (row["tool_name"], row["function_name"]) == (name, tools[name].title)
    before = crowd.executions("demo-create-order")
    refused = told(await exposed.call_tool("demo-create-order", {"customer": 1}))
    assert (refused["is_error"], refused["outcome"]) == (True, "invalid_arguments")
    assert crowd.executions("demo-create-order") == before
    with pytest.raises(MCPError) as raised:
        await exposed.call_tool("fn-999", {})
    assert raised.value.error.code == -32602


async def test_with_only_functions_exposed_the_generic_tools_are_gone(crowd_stage: Stage) -> None:
    async with crowd_stage.having(LAMBDASCOPE_EXPOSE="functions").client("http") as client:
        tools = await _all_tools(client)
        assert not {"list_functions", "invoke_function", "get_function_schema"} & set(tools)
        assert told(await client.call_tool("fn-001", {}))["outcome"] == "ok"


async def test_a_client_of_2026_that_listens_is_told_when_a_function_appears(
    exposing: HttpProxy, crowd: LocalAws
) -> None:
    async with exposing.client() as client, client.listen(tools_list_changed=True) as subscription:
        await client.list_tools()
        crowd.put_function(LocalFunction(name="newcomer", code=ECHO))
        with anyio.fail_after(30):
            async for _ in subscription:
                break
        assert "newcomer" in await _all_tools(client)


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_an_older_client_is_notified_when_a_function_appears(
    crowd_stage: Stage, exposing: HttpProxy, crowd: LocalAws, transport: str
) -> None:
    told_of_change = anyio.Event()

    async def listen(message: object) -> None:
        if isinstance(message, t.ToolListChangedNotification):
            told_of_change.set()

    settings = crowd_stage.having(LAMBDASCOPE_EXPOSE="functions", LAMBDASCOPE_CATALOG_TTL_S="1")
    made = (
        exposing.client("legacy", message_handler=listen)
        if transport == "http"
        else settings.stdio_client("legacy", message_handler=listen)
    )
    async with made as client:
        capabilities = client.server_capabilities.tools
        assert capabilities is not None
        assert capabilities.list_changed
        await client.list_tools()
        crowd.put_function(LocalFunction(name=f"late-{transport}", code=ECHO))
        with anyio.fail_after(30):
            await told_of_change.wait()
        assert f"late-{transport}" in await _all_tools(client)


async def test_an_account_in_which_a_schema_is_broken_still_lists_every_tool(house: Stage) -> None:
    arn = "arn:aws:schemas:us-east-1:123456789012:schema/nowhere/Nothing"
    functions = [LocalFunction(name="broken", code=ECHO, tags={SCHEMA_TAG: arn}), LocalFunction(name="fine", code=ECHO)]
    with LocalAws(functions) as aws:
        stage = house.having(**aws.environment(), FUNCTION_LIST="broken,fine", LAMBDASCOPE_EXPOSE="both")
        async with stage.having(FUNCTION_PREFIX=None).client("http") as client:
            assert {"broken", "fine"} <= set(await _all_tools(client))
            answer = await invoke(client, "broken", {"n": 1})
            assert answer["outcome"] == "ok"
            assert "not checked" in "".join(answer["notes"]), "what could not be checked is said"


async def _all_tools(client: Client) -> dict[str, t.Tool]:
    """Every page of the list."""
    tools: dict[str, t.Tool] = {}
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        tools |= {tool.name: tool for tool in page.tools}
        if not (cursor := page.next_cursor):
            return tools
