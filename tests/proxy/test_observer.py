"""The SERVER span of every MCP request, through the SDK's own server and, for what no client sends, without it."""

from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import mcp.types as t
import pytest
from mcp import Client
from mcp.server import Server
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.observer import ID_CHARS, OTHER, Observer
from lambdascope_proxy.telemetry.id_tracer import IdTracer

pytestmark = pytest.mark.anyio
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


def request(method: str = "tools/call", **known: Any) -> Any:
    """A request as the SDK hands it to its middleware."""
    fields: dict[str, Any] = {
        "method": method,
        "params": {"name": "orders"} if method == "tools/call" else None,
        "meta": None,
        "request_id": 7,
        "protocol_version": "2026-07-28",
        "request": None,
    }
    return SimpleNamespace(**{**fields, **known})


async def observed(tracing: Any, ctx: Any, result: Any = None, error: BaseException | None = None) -> dict[str, Any]:
    answered: list[int] = []

    async def call_next(_: Any) -> Any:
        if error:
            raise error
        return result

    observe = Observer(tracing.tracer, lambda: {"orders"}, "pipe", lambda: answered.append(1), scrub=Scrubber().text)
    if error:
        with pytest.raises(type(error)):
            await observe(ctx, call_next)
    else:
        assert await observe(ctx, call_next) is result
    assert answered == [1]
    return tracing.finished()[-1]


async def test_a_tool_call_has_one_server_span(tracing: Any) -> None:
    assert await observed(tracing, request(), {"isError": False}) == {
        "name": "tools/call orders",
        "kind": "SERVER",
        "trace_id": 0x1000,
        "span_id": 1,
        "parent": None,
        "links": [],
        "attributes": {
            "mcp.method.name": "tools/call",
            "mcp.protocol.version": "2026-07-28",
            "network.transport": "pipe",
            "jsonrpc.request.id": "7",
            "gen_ai.tool.name": "orders",
            "gen_ai.operation.name": "execute_tool",
        },
        "status": "UNSET",
        "description": None,
        "events": [],
    }


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"name": "x" * 500}, f"tools/call {OTHER}"),
        ({"name": ["orders"]}, f"tools/call {OTHER}"),
        ({}, f"tools/call {OTHER}"),
        (None, f"tools/call {OTHER}"),
    ],
)
async def test_a_tool_name_the_caller_made_up_does_not_become_a_span_name(tracing: Any, params: Any, name: str) -> None:
    span = await observed(tracing, request(params=params), {})
    assert (span["name"], span["attributes"]["gen_ai.tool.name"]) == (name, OTHER)


async def test_a_method_the_caller_made_up_does_not_become_a_span_name(tracing: Any) -> None:
    span = await observed(tracing, request("evil/" + "x" * 500), {})
    assert (span["name"], span["attributes"]["mcp.method.name"]) == (OTHER, OTHER)


def invalid() -> ValidationError:
    class Params(BaseModel):
        name: str

    with pytest.raises(ValidationError) as caught:
        Params.model_validate({})
    return caught.value


@pytest.mark.parametrize(
    ("error", "status", "attributes"),
    [
        (MCPError(code=t.INVALID_PARAMS, message="secret"), "UNSET", {"rpc.response.status_code": "-32602"}),
        (MCPError(code=t.METHOD_NOT_FOUND, message="secret"), "UNSET", {"rpc.response.status_code": "-32601"}),
        (invalid(), "UNSET", {"rpc.response.status_code": "-32602"}),
        (
            MCPError(code=t.INTERNAL_ERROR, message="secret"),
            "ERROR",
            {"rpc.response.status_code": "-32603", "error.type": "-32603"},
        ),
        (KeyError("secret"), "ERROR", {"error.type": "KeyError"}),
    ],
)
async def test_only_faults_of_the_server_are_red_and_no_message_is_told(
    tracing: Any, error: Exception, status: str, attributes: dict[str, str]
) -> None:
    span = await observed(tracing, request("ping"), error=error)
    assert (span["status"], span["description"], span["events"]) == (status, None, [])
    told = {
        key: value for key, value in span["attributes"].items() if key in {"rpc.response.status_code", "error.type"}
    }
    assert told == attributes
    assert "secret" not in str(span)


async def test_a_tool_error_is_red(tracing: Any) -> None:
    span = await observed(tracing, request(), {"isError": True})
    assert (span["status"], span["attributes"]["error.type"]) == ("ERROR", "tool_error")


async def test_the_callers_trace_is_continued(tracing: Any) -> None:
    span = await observed(tracing, request(meta={"traceparent": TRACEPARENT, "tracestate": "v=1"}), {})
    assert (f"{span['trace_id']:032x}", span["parent"], span["links"]) == (TRACE_ID, 0x00F067AA0BA902B7, [])


def http(**headers: str) -> SimpleNamespace:
    return SimpleNamespace(headers=headers)


async def test_a_trace_in_the_http_headers_is_continued(tracing: Any) -> None:
    # Clients that speak HTTP through an instrumented library send it there and not in `_meta`.
    span = await observed(tracing, request(request=http(traceparent=TRACEPARENT)), {})
    assert (f"{span['trace_id']:032x}", span["parent"], span["links"]) == (TRACE_ID, 0x00F067AA0BA902B7, [])


async def test_the_http_headers_are_linked_where_meta_names_another_span(tracing: Any) -> None:
    other = f"00-{TRACE_ID}-00000000000000aa-01"
    span = await observed(tracing, request(meta={"traceparent": TRACEPARENT}, request=http(traceparent=other)), {})
    assert (span["parent"], span["links"]) == (0x00F067AA0BA902B7, [0xAA])


async def test_of_a_span_named_twice_meta_is_believed(tracing: Any) -> None:
    # A gateway in between may have its own view of what is sampled.
    unsampled = TRACEPARENT.removesuffix("01") + "00"
    ctx = request(meta={"traceparent": TRACEPARENT}, request=http(traceparent=unsampled))
    assert (await observed(tracing, ctx, {}))["parent"] == 0x00F067AA0BA902B7


async def test_the_same_span_named_twice_is_no_link(tracing: Any) -> None:
    ctx = request(meta={"traceparent": TRACEPARENT}, request=http(traceparent=TRACEPARENT))
    assert (await observed(tracing, ctx, {}))["links"] == []


async def test_the_transports_own_span_is_linked_when_the_caller_brings_a_trace(tracing: Any) -> None:
    with tracing.tracer.start_as_current_span("POST /mcp"):
        span = await observed(tracing, request(meta={"traceparent": TRACEPARENT}), {})
    assert (f"{span['trace_id']:032x}", span["links"]) == (TRACE_ID, [1])


async def test_the_transports_own_span_is_the_parent_when_the_caller_brings_none(tracing: Any) -> None:
    with tracing.tracer.start_as_current_span("POST /mcp"):
        span = await observed(tracing, request(), {})
    assert (span["parent"], span["links"]) == (1, [])


@pytest.mark.parametrize(
    "meta",
    [
        {"traceparent": 7},
        {"traceparent": None},
        {"traceparent": [TRACEPARENT]},
        {"traceparent": "nonsense"},
        {"traceparent": ""},
        {"tracestate": {"a": 1}},
        {"baggage": 1},
        {},
    ],
)
async def test_a_malformed_trace_starts_a_new_one_and_breaks_nothing(tracing: Any, meta: dict[str, Any]) -> None:
    span = await observed(tracing, request(meta=meta), {})
    assert (span["trace_id"], span["parent"]) == (0x1000, None)


async def test_the_trace_is_read_as_w3c_whatever_the_environment_prefers(
    tracing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_PROPAGATORS", "xray")
    span = await observed(tracing, request(meta={"traceparent": TRACEPARENT}), {})
    assert f"{span['trace_id']:032x}" == TRACE_ID


async def test_ids_that_a_client_made_up_are_masked_and_cut(tracing: Any) -> None:
    over_http = SimpleNamespace(headers={"mcp-session-id": "password=hunter2"})
    made_up = request(request_id="AKIAIOSFODNN7EXAMPLE " + "x" * 500, request=over_http, protocol_version="2025-11-25")
    span = await observed(tracing, made_up)
    assert span["attributes"]["jsonrpc.request.id"] == ("[masked] " + "x" * 500)[:ID_CHARS]
    assert span["attributes"]["mcp.session.id"] == "password=[masked]"


async def test_a_notification_has_no_request_id_and_a_session_has_its_own(tracing: Any) -> None:
    span = await observed(tracing, request("notifications/initialized", request_id=None))
    assert "jsonrpc.request.id" not in span["attributes"]
    over_http = SimpleNamespace(headers={"mcp-session-id": "s-1"})
    span = await observed(tracing, request("ping", request=over_http, protocol_version="2025-11-25"), {})
    assert span["attributes"]["mcp.session.id"] == "s-1"
    # The newest revision has no sessions: there the header is anybody's word.
    span = await observed(tracing, request("ping", request=over_http), {})
    assert "mcp.session.id" not in span["attributes"]


@pytest.fixture
def server(tracing: Any) -> Server[Any]:
    async def list_tools(ctx: Any, params: Any) -> t.ListToolsResult:
        return t.ListToolsResult(
            tools=[t.Tool(name="orders", input_schema={"type": "object"})], ttl_ms=0, cache_scope="private"
        )

    async def call_tool(ctx: Any, params: t.CallToolRequestParams) -> t.CallToolResult:
        if params.name != "orders":
            raise MCPError(code=t.INVALID_PARAMS, message=params.name)
        return t.CallToolResult(content=[], is_error=bool(params.arguments))

    made: Server[Any] = Server(
        "tests", on_list_tools=list_tools, on_call_tool=call_tool, get_tool_input_schema=lambda name: None
    )
    made.middleware[:] = [Observer(tracing.tracer, lambda: {"orders"}, "pipe", lambda: None, scrub=str)]
    return made


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_through_the_sdk_each_request_of_either_revision_has_exactly_one_span(
    tracing: Any, server: Server[Any], mode: Any, call_tool: Callable[..., Any]
) -> None:
    async with Client(server, mode=mode, cache=None) as client:
        await call_tool(client, "orders", {})
        await call_tool(client, "orders", {"fail": 1})
        with pytest.raises(MCPError):
            await call_tool(client, "x" * 300, {})
    told = [(span["name"], span["status"]) for span in tracing.finished() if span["name"].startswith("tools/call")]
    assert told == [("tools/call orders", "UNSET"), ("tools/call orders", "ERROR"), ("tools/call _OTHER", "UNSET")]
    assert all(span["kind"] == "SERVER" for span in tracing.finished())


@pytest.fixture
def call_tool() -> Callable[..., Any]:
    """Calls without the client's own look at the list of tools."""

    async def call(client: Client, name: str, arguments: dict[str, Any]) -> Any:
        return await client.session.send_request(
            t.CallToolRequest(params=t.CallToolRequestParams(name=name, arguments=arguments)), t.CallToolResult
        )

    return call


async def metered_request(metered: Any, ctx: Any, error: BaseException | None = None) -> dict[str, Any]:
    """The attributes under which the duration of one request was recorded."""

    async def call_next(_: Any) -> Any:
        if error:
            raise error
        return {}

    observe = Observer(IdTracer(), lambda: {"orders"}, "tcp", lambda: None, scrub=str, meters=metered.meters)
    with suppress(MCPError):
        await observe(ctx, call_next)
    ((series, (count, _)),) = metered.read()["mcp.server.operation.duration"].items()
    assert count == 1
    return dict(series)


async def test_the_duration_of_a_request_is_metered_also_where_no_span_is_recorded(metered: Any) -> None:
    assert await metered_request(metered, request()) == {
        "mcp.method.name": "tools/call",
        "gen_ai.tool.name": "orders",
        "gen_ai.operation.name": "execute_tool",
        "mcp.protocol.version": "2026-07-28",
        "network.transport": "tcp",
    }


async def test_a_failed_request_is_metered_by_its_code_and_one_of_the_callers_own_fault_is_no_error(
    metered: Any,
) -> None:
    told = await metered_request(metered, request("ping"), MCPError(code=-32602, message="secret"))
    assert (told.get("rpc.response.status_code"), told.get("error.type")) == ("-32602", None)


async def test_a_defect_of_ours_is_metered_as_an_error(metered: Any) -> None:
    told = await metered_request(metered, request("ping"), MCPError(code=-32603, message="secret"))
    assert (told.get("rpc.response.status_code"), told.get("error.type")) == ("-32603", "-32603")
