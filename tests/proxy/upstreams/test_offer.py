"""Tools of other servers, listed and called through us: each transport and era of theirs, both eras of the client."""

import json
from decimal import Decimal
from typing import Any

import mcp.types as t
import pytest
from behind import behind, command
from mcp.shared.exceptions import MCPError

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio


def text_of(result: Any) -> str:
    (block,) = result.content
    assert isinstance(block, t.TextContent)
    return block.text


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_tool_is_listed_and_called_as_if_nothing_stood_before_it(upstream: Upstream, mode: str) -> None:
    async with behind(upstream) as house, house.client(mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.session.call_tool("echo", {"say": "hé \U0001f600"})
    echo = tools["echo"]
    assert (echo.title, echo.description) == ("Echo", "Does echo.")
    assert echo.input_schema == {"type": "object", "properties": {"say": {"type": "string"}}, "required": ["say"]}
    assert echo.output_schema == {"type": "object", "properties": {"said": {"type": "string"}}}
    assert echo.annotations is not None
    assert (echo.annotations.title, echo.annotations.read_only_hint) == ("Echo!", True)
    assert [icon.sizes for icon in echo.icons or []] == [["48x48"]]
    assert echo.meta == {"example.com/tool": {"deep": [1]}}
    assert text_of(result) == "hé \U0001f600"
    assert (result.structured_content or {})["said"] == "hé \U0001f600"
    (call,), (outcome,) = house.calls, house.outcomes
    assert result.meta is not None
    assert result.meta["example.com/result"] == "kept"
    assert result.meta["dev.lambdascope/call_id"] == call.call_id
    assert result.meta["dev.lambdascope/outcome"] == "ok"
    assert (result.meta.get("io.modelcontextprotocol/serverInfo") or {}).get("name") in {None, "lambdascope"}
    assert (call.aim.target, call.aim.upstream_tool, outcome.kind) == ("upstream:fixture", "echo", OutcomeKind.OK)


async def test_a_bad_tool_is_set_aside_with_its_reason_and_the_others_work(either: Upstream) -> None:
    async with behind(either) as house, house.client() as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        (status,) = house.upstreams.status()
    assert "broken" not in names
    assert {"echo", "speak"} <= names
    assert status["set_aside"] == {"broken": "its inputSchema is not of type object"}
    assert status["state"] == "open"


async def test_an_error_result_goes_out_as_it_is_and_is_counted_as_what_it_says(either: Upstream) -> None:
    async with behind(either) as house, house.client() as client:
        result = await client.call_tool("fail", {})
    (outcome,) = house.outcomes
    assert (result.is_error, text_of(result), result.structured_content) == (True, "It failed.", {"error_type": "Boom"})
    assert outcome.kind is OutcomeKind.TOOL_ERROR
    assert outcome.failure is not None
    assert (outcome.failure.error_type, outcome.failure.message) == ("Boom", "It failed.")


@pytest.mark.parametrize(("code", "kind"), [(-32050, OutcomeKind.TOOL_ERROR), (-32602, OutcomeKind.INVALID_ARGUMENTS)])
async def test_an_error_of_the_protocol_reaches_the_client_as_that_error(
    either: Upstream, code: int, kind: OutcomeKind
) -> None:
    async with behind(either) as house, house.client() as client:
        with pytest.raises(MCPError) as refused:
            await client.call_tool("refuse", {"code": code})
    error, (outcome,) = refused.value.error, house.outcomes
    assert (error.code, error.message, error.data) == (code, "Not today.", {"why": ["rain"]})
    assert outcome.kind is kind
    assert outcome.failure is not None
    assert outcome.failure.error_type == f"JsonRpc{code}"


async def test_the_upstream_gets_our_trace_and_not_what_is_settled_anew_for_each_hop(either: Upstream) -> None:
    async with behind(either) as house, house.client("legacy") as client:
        mine: Any = {"example.com/mine": 1, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "progressToken": "mine"}
        result = await client.session.call_tool("meta", {}, meta=mine)
    got, (call,) = json.loads(text_of(result)), house.calls
    assert call.trace is not None
    # The trace goes on, from the span of what was sent: neither the client's own nor that of its request.
    _, trace_id, span_id, _ = got["traceparent"].split("-")
    assert (trace_id, call.trace.trace_id) == ("a" * 32, "a" * 32)
    assert span_id not in {"b" * 16, call.trace.span_id}
    assert got["example.com/mine"] == 1
    assert got.get("progressToken") != "mine"
    assert got.get("io.modelcontextprotocol/clientInfo", {}).get("name") in {None, "lambdascope"}


async def test_what_a_call_took_and_costs_is_measured() -> None:
    spec = Upstream(name="fixture", command=command("both"), cost_usd=Decimal("0.01"), tool_costs={"fail": Decimal(2)})
    async with behind(spec) as house, house.client() as client:
        result = await client.call_tool("echo", {"say": "x" * 1000})
        await client.call_tool("fail", {})
    echoed, failed = (outcome.invocation for outcome in house.outcomes)
    assert echoed is not None
    assert failed is not None
    assert (echoed.cost_usd, echoed.cost_source, failed.cost_usd) == (Decimal("0.01"), "configured", Decimal(2))
    assert echoed.request_bytes == len(json.dumps({"say": "x" * 1000}, separators=(",", ":")))
    assert 2000 < (echoed.response_bytes or 0) < 3000
    assert (echoed.invoke_ms or 0) > 0
    assert (result.meta or {})["dev.lambdascope/cost_usd"] == "0.01"


async def test_two_upstreams_share_a_list_under_names_that_say_whose_a_tool_is(http_urls: dict[str, str]) -> None:
    left = Upstream(name="left", url=http_urls["both"], allow=("e*", "f*"), deny=("fl*",))
    right = Upstream(name="right", url=http_urls["legacy"], allow=("echo",), prefix="")
    async with behind(left, right) as house, house.client() as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        results = [await client.call_tool(name, {"say": name}) for name in ("left__echo", "echo")]
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("left__meta", {})
    assert names == ["echo", "left__echo", "left__fail"]
    assert [text_of(result) for result in results] == ["left__echo", "echo"]
    assert [call.aim.target for call in house.calls] == ["upstream:left", "upstream:right"]
