"""The main claim: what a call took and cost is the same in the answer, in the span and in the history."""

import json
import re
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import pytest
from mcp import Client
from stage.answers import invoke
from stage.proxies import CLIENT, HttpProxy, Stage
from stage.spans import SpanSink, attributes_of
from stage.waiting import eventually

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_proxy.names import INVOCATION_ATTRIBUTES

pytestmark = pytest.mark.anyio

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"
MEASURED = ("duration_ms", "billed_ms", "memory_mb", "max_memory_mb")
REPORT = re.compile(
    r"REPORT RequestId: (?P<request_id>\S+)\tDuration: (?P<duration_ms>[\d.]+) ms\t"
    r"Billed Duration: (?P<billed_ms>\d+) ms\t"
    r"Memory Size: (?P<memory_mb>\d+) MB\tMax Memory Used: (?P<max_memory_mb>\d+) MB"
)
SEEN_IN_ANSWER = (
    *("call_id", "request_id", "trace_id", "executed_version", "outcome", "error_type", *MEASURED),
    *("init_ms", "restore_ms", "cold_start", "overhead_ms", "cost_source"),
)
TOLD_OF_A_REQUEST = ("call.id", "outcome", "target")
WAYS = [("stdio", "auto"), ("stdio", "legacy"), ("http", "auto"), ("http", "legacy")]
REVISION = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
async def connected(
    request: pytest.FixtureRequest, house: Stage, proxy: HttpProxy
) -> AsyncGenerator[tuple[Client, str, str]]:
    """A client on each transport and of each era."""
    transport, mode = request.param
    async with proxy.client(mode) if transport == "http" else house.stdio_client(mode) as client:
        yield client, transport, mode


async def test_answer_span_and_history_tell_the_same_of_a_call(
    connected: tuple[Client, str, str], house: Stage, spans: SpanSink
) -> None:
    client, transport, mode = connected
    answer = await invoke(client, "demo-shipping-quote", {"country": "FR"}, log_type="Tail")
    row = await house.row(answer["call_id"])
    span = await eventually(lambda: spans.find(answer["trace_id"], "Lambda.Invoke"))

    assert answer["outcome"] == "ok"
    assert {name: answer[name] for name in SEEN_IN_ANSWER} == {name: _plain(row[name]) for name in SEEN_IN_ANSWER}
    assert Decimal(answer["cost_usd"]) == row["cost_usd"]
    attributes = attributes_of(span)
    for column, attribute in INVOCATION_ATTRIBUTES.items():
        assert attributes.get(attribute) == _plain(row[column]), column
    assert row["span_id"] == span.span_id.hex()
    assert (row["transport"], row["protocol_version"]) == (transport, REVISION[mode])
    assert (row["client_name"], row["client_version"]) == (CLIENT.name, CLIENT.version)
    assert (row["session_id"] is not None) == ((transport, mode) == ("http", "legacy"))
    assert row["proxy_ms"] == pytest.approx(row["total_ms"] - row["invoke_ms"], abs=0.002)


async def test_the_numbers_are_those_of_the_report_line_and_the_cost_is_their_list_price(
    proxy: HttpProxy, house: Stage
) -> None:
    async with proxy.client() as client:
        answer = await invoke(client, "demo-shipping-quote", {"country": "FR"}, log_type="Tail")
    report = REPORT.search(answer["log_tail"])
    assert report is not None
    assert report["request_id"] == answer["request_id"]
    assert {name: float(report[name]) for name in MEASURED} == {name: answer[name] for name in MEASURED}
    price = price_invocation(
        load_rates(), region="us-east-1", architecture="arm64", memory_mb=512, billed_ms=int(report["billed_ms"])
    )
    row = await house.row(answer["call_id"])
    assert row["cost_usd"] == price.amount.quantize(Decimal("1e-12"))
    assert (row["cost_source"], row["rates_version"]) == ("measured", price.rates_version)


async def test_a_clients_trace_goes_on_through_the_proxy_into_the_function(
    connected: tuple[Client, str, str], house: Stage, spans: SpanSink
) -> None:
    client, _, mode = connected
    result = await client.call_tool(
        "invoke_function",
        {"function_name": "odd-echo", "payload": {"n": 1}},
        meta={"traceparent": TRACEPARENT, "tracestate": f"vendor={mode}"},  # pyright: ignore[reportArgumentType] -- reserved by MCP, not in the SDK's type
    )
    answer: Any = result.structured_content
    row = await house.row(answer["call_id"])
    assert answer["trace_id"] == row["trace_id"] == TRACE_ID
    invoke_span = await eventually(lambda: _span(spans, row["span_id"]))
    server_span = await eventually(lambda: _span(spans, invoke_span.parent_span_id.hex()))
    assert (server_span.name, server_span.kind) == ("tools/call invoke_function", 2)
    assert server_span.parent_span_id.hex() == PARENT_ID
    assert invoke_span.kind == 3

    got = answer["result"]
    sent = {"traceparent": f"00-{TRACE_ID}-{row['span_id']}-01", "tracestate": f"vendor={mode}"}
    assert got["event"] == {"n": 1}
    assert got["custom"] == sent
    assert got["w3c"] == sent
    assert got["xray"] == f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={row['span_id']};Sampled=1"


async def test_a_failed_call_makes_both_spans_red(proxy: HttpProxy, spans: SpanSink) -> None:
    async with proxy.client() as client:
        answer = await invoke(client, "demo-charge-card", {"order_id": 1005})
    invoke_span = await eventually(lambda: spans.find(answer["trace_id"], "Lambda.Invoke"))
    server_span = await eventually(lambda: spans.find(answer["trace_id"], "tools/call invoke_function"))
    assert (invoke_span.status.code, server_span.status.code) == (2, 2)
    assert attributes_of(invoke_span)["error.type"] == answer["error_type"]
    assert attributes_of(invoke_span)["lambdascope.outcome"] == answer["outcome"] == "function_error"
    assert attributes_of(server_span)["error.type"] == "tool_error"
    told = {f"lambdascope.{name}": attributes_of(server_span)[f"lambdascope.{name}"] for name in TOLD_OF_A_REQUEST}
    assert list(told.values()) == [answer["call_id"], "function_error", "lambda"]


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        ({"function_name": "payroll"}, "refused"),
        ({"function_name": "demo-none"}, "not_found"),
        ({"function_name": "demo-order-status", "payload": {"order": 1}}, "invalid_arguments"),
    ],
)
async def test_a_call_that_was_never_sent_is_told_on_the_span_of_its_request_and_has_no_other(
    proxy: HttpProxy, house: Stage, spans: SpanSink, arguments: dict[str, Any], outcome: str
) -> None:
    async with proxy.client() as client:
        result = await client.call_tool("invoke_function", arguments)
        sent = await invoke(client, "odd-echo", {})  # later, so once its span is there the other's would be too
    answer: Any = result.structured_content
    row = await house.row(answer["call_id"])
    server_span = await eventually(lambda: spans.find(answer["trace_id"], "tools/call invoke_function"))
    await eventually(lambda: spans.find(sent["trace_id"], "Lambda.Invoke"))
    assert not spans.find(answer["trace_id"], "Lambda.Invoke")
    attributes = attributes_of(server_span)
    told = [attributes[f"lambdascope.{name}"] for name in TOLD_OF_A_REQUEST]
    assert told == [answer["call_id"], outcome, "lambda"]
    assert (server_span.status.code, attributes["error.type"]) == (2, "tool_error")
    assert (row["outcome"], row["span_id"]) == (outcome, server_span.span_id.hex())


async def test_the_span_of_an_invoke_holds_none_of_the_proxys_own_time(
    proxy: HttpProxy, house: Stage, spans: SpanSink
) -> None:
    """The checks before, the reading of the catalogue among them, are the request's."""
    async with proxy.client() as client:
        answer = await invoke(client, "odd-echo", {})
    row = await house.row(answer["call_id"])
    span = await eventually(lambda: spans.find(answer["trace_id"], "Lambda.Invoke"))
    server_span = await eventually(lambda: spans.find(answer["trace_id"], "tools/call invoke_function"))
    lasted_ms = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
    assert row["invoke_ms"] <= lasted_ms
    assert server_span.start_time_unix_nano < span.start_time_unix_nano
    assert span.end_time_unix_nano < server_span.end_time_unix_nano


async def test_a_command_that_sends_nothing_has_a_trace_too(house: Stage, spans: SpanSink) -> None:
    answer = json.loads(house.run("invoke", "payroll", "--json").stdout)
    span = await eventually(lambda: spans.find(answer["trace_id"], "tools/call invoke_function"))
    assert not spans.find(answer["trace_id"], "Lambda.Invoke")
    attributes = attributes_of(span)
    assert (attributes["lambdascope.outcome"], attributes["error.type"]) == ("refused", answer["error_type"])
    assert (span.status.code, span.parent_span_id) == (2, b"")
    assert (await house.row(answer["call_id"]))["span_id"] == span.span_id.hex()


async def test_a_span_tells_nothing_of_the_payload_or_the_result(proxy: HttpProxy, spans: SpanSink) -> None:
    async with proxy.client() as client:
        answer = await invoke(client, "odd-echo", {"secret": "hunter2-in-the-payload"})
    await eventually(lambda: spans.find(answer["trace_id"], "tools/call invoke_function"))
    assert all("hunter2" not in str(span) for span in spans.of_trace(answer["trace_id"]))


async def test_without_telemetry_answer_and_row_still_share_a_trace_id_and_no_span_is_claimed(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        answer = await invoke(client, "odd-echo", {})
        row = await stage.row(answer["call_id"])
    assert re.fullmatch(r"[0-9a-f]{32}", answer["trace_id"])
    assert (row["trace_id"], row["span_id"]) == (answer["trace_id"], None)
    assert answer["result"]["custom"]["traceparent"].startswith(f"00-{answer['trace_id']}-")
    assert answer["result"]["custom"]["traceparent"].endswith("-00"), "nothing records, so nothing is sampled"
    assert answer["trace_id"] not in answer["result"]["xray"], "the X-Ray header is off by default"


def _span(spans: SpanSink, span_id: str) -> Any:
    return next((span for span in spans.of_trace(TRACE_ID) if span.span_id.hex() == span_id), None)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
