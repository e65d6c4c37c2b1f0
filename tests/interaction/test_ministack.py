"""The bridge against an AWS emulator that nobody here wrote, so that our own local AWS is not its only judge.

MiniStack is right about paging, versions, aliases, 404, Event and DryRun. It is wrong about measuring: LogResult holds
only what the function printed and no REPORT line, so nothing may be taken for measured here. Its function errors have
the type `Runtime.HandlerError` and no stack, the request id a handler sees is not the one in the response, and without
containers it ignores reserved concurrency, so throttles are tested elsewhere.
"""

from collections.abc import AsyncGenerator, Generator
from decimal import Decimal
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.ministack import REGION, MiniStack
from stage.proxies import HttpProxy, Stage
from stage.spans import SpanSink, attributes_of
from stage.waiting import eventually

from lambdascope_proxy.names import INVOCATION_ATTRIBUTES

pytestmark = pytest.mark.anyio

FILLERS = 59
SAME = ("call_id", "request_id", "trace_id", "executed_version", "outcome", "error_type", "memory_mb", "cost_source")
UNKNOWN = ("duration_ms", "billed_ms", "init_ms", "restore_ms", "max_memory_mb", "cold_start", "overhead_ms")


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Generator[MiniStack]:
    """60 functions; `mini-echo` has version 1 under the alias `live`."""
    made = MiniStack(tmp_path_factory.mktemp("ministack"))
    try:
        for name in ("mini-echo", *(f"mini-{number:02}" for number in range(FILLERS))):
            made.create(name)
        made.create("other")
        version = made.lambda_client.publish_version(FunctionName="mini-echo")["Version"]
        made.lambda_client.create_alias(FunctionName="mini-echo", Name="live", FunctionVersion=version)
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def mini_stage(house: Stage, ministack: MiniStack) -> Stage:
    alone = {name: None for name in house.environment if name.startswith("AWS_ENDPOINT_URL")}
    unset = {"FUNCTION_LIST": None, "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": None}
    return house.having(**alone).having(**ministack.environment(), **unset, FUNCTION_PREFIX="mini-")


@pytest.fixture(scope="module")
def mini_proxy(mini_stage: Stage) -> HttpProxy:
    return mini_stage.serve_http()


@pytest.fixture(scope="module", params=["stdio", "http"])
async def client(request: pytest.FixtureRequest, mini_stage: Stage, mini_proxy: HttpProxy) -> AsyncGenerator[Client]:
    async with mini_stage.stdio_client() if request.param == "stdio" else mini_proxy.client() as connected:
        yield connected


async def test_a_call_shows_the_same_facts_everywhere_and_claims_no_measurement(
    client: Client, mini_stage: Stage, ministack: MiniStack, spans: SpanSink
) -> None:
    answer = await invoke(client, "mini-echo", {"n": [1, "é"]}, log_type="Tail")
    assert (answer["outcome"], answer["result"]["event"]) == ("ok", {"n": [1, "é"]})
    assert "a line of the function's own" in answer["log_tail"]
    row = await mini_stage.row(answer["call_id"])
    span = await eventually(lambda: spans.find(answer["trace_id"], "Lambda.Invoke"))
    assert {name: answer[name] for name in SAME} == {name: _plain(row[name]) for name in SAME}
    attributes = attributes_of(span)
    for column, attribute in INVOCATION_ATTRIBUTES.items():
        assert attributes.get(attribute) == _plain(row[column]), column
    assert answer["cost_source"] == "estimated"
    assert Decimal(answer["cost_usd"]) == row["cost_usd"] > 0
    assert {name: row[name] for name in UNKNOWN} == dict.fromkeys(UNKNOWN)
    assert (row["region"], row["account_id"], row["memory_mb"]) == (REGION, ministack.account_id, 256)
    assert row["invoke_ms"] > 0


@pytest.mark.parametrize(("qualifier", "version"), [(None, "$LATEST"), ("live", "1"), ("1", "1")])
async def test_a_qualifier_runs_the_version_it_means(client: Client, qualifier: str | None, version: str) -> None:
    answer = await invoke(client, "mini-echo", {}, **({"qualifier": qualifier} if qualifier else {}))
    assert (answer["outcome"], answer["executed_version"], answer["qualifier"]) == ("ok", version, qualifier)


@pytest.mark.parametrize(("kind", "outcome"), [("Event", "accepted"), ("DryRun", "dry_run")])
async def test_event_and_dry_run_are_told_apart_and_cost_nothing_yet(
    client: Client, mini_stage: Stage, kind: str, outcome: str
) -> None:
    answer = await invoke(client, "mini-echo", {}, invocation_type=kind)
    assert (answer["is_error"], answer["outcome"]) == (False, outcome)
    row = await mini_stage.row(answer["call_id"])
    assert (row["outcome"], row["invocation_type"], row["cost_usd"], row["cost_source"]) == (
        outcome,
        kind,
        None,
        "none",
    )


@pytest.mark.parametrize(
    ("function", "arguments", "outcome", "error_type"),
    [
        ("mini-echo", {"payload": {"fail": True}}, "function_error", "Runtime.HandlerError"),
        ("mini-echo", {"qualifier": "nobody"}, "not_found", "ResourceNotFoundException"),
        ("mini-absent", {}, "not_found", "FunctionNotFound"),
        ("other", {}, "refused", "NotAllowed"),
    ],
)
async def test_what_goes_wrong_is_told_apart_and_recorded(
    client: Client, mini_stage: Stage, function: str, arguments: dict[str, Any], outcome: str, error_type: str
) -> None:
    answer = await invoke(client, function, **arguments)
    assert answer["is_error"]
    assert (answer["outcome"], answer["error_type"]) == (outcome, error_type)
    assert answer["next_step"]
    row = await mini_stage.row(answer["call_id"])
    assert (row["outcome"], row["error_type"]) == (outcome, error_type)


async def test_all_of_more_than_one_page_of_functions_are_listed(client: Client) -> None:
    """AWS and MiniStack hand out 50 functions a page: a discovery that forgot the marker would find 50."""
    first = await ask(client, "list_functions")
    second = await ask(client, "list_functions", cursor=first["next_cursor"])
    assert (first["total"], second["next_cursor"]) == (FILLERS + 1, None)
    names = [entry["name"] for entry in (*first["functions"], *second["functions"])]
    assert names == sorted({"mini-echo", *(f"mini-{number:02}" for number in range(FILLERS))})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
