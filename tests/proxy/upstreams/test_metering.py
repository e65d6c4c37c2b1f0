"""Spans and metrics of what is sent to upstreams, whole."""

from decimal import Decimal
from typing import Any

import anyio
import pytest
from behind import behind, command
from mcp.shared.exceptions import MCPError

from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio


async def test_the_span_of_a_call_says_where_it_went_and_what_came_of_it(
    tracing: Any, http_urls: dict[str, str]
) -> None:
    spec = Upstream(name="fixture", url=http_urls["legacy"], prefix="x_", cost_usd=Decimal("0.5"))
    async with behind(spec, tracer=tracing.tracer) as house, house.client() as client:
        await client.call_tool("x_echo", {"say": "hi"})
        with pytest.raises(MCPError):
            await client.call_tool("x_refuse", {})
    sent, refused = (span for span in tracing.finished() if span["kind"] == "CLIENT")
    ok, _ = house.calls
    port = int(http_urls["legacy"].split(":")[2].split("/")[0])
    attributes = sent["attributes"]
    assert sent["name"] == "tools/call echo"
    assert len(attributes.pop("mcp.session.id")) == 32
    assert attributes.pop("lambdascope.response_bytes") > 50
    assert attributes == {
        "mcp.method.name": "tools/call",
        "gen_ai.tool.name": "echo",
        "gen_ai.operation.name": "execute_tool",
        "mcp.protocol.version": "2025-11-25",
        "network.transport": "tcp",
        "server.address": "127.0.0.1",
        "server.port": port,
        "lambdascope.call.id": ok.call_id,
        "lambdascope.outcome": "ok",
        "lambdascope.target": "upstream:fixture",
        "lambdascope.attempts": 1,
        "lambdascope.cost_usd": 0.5,
        "lambdascope.cost_source": "configured",
        "lambdascope.request_bytes": 12,
    }
    (served,) = (span for span in tracing.finished() if span["name"] == "tools/call x_echo")
    assert sent["parent"] == served["span_id"]
    assert (refused["name"], refused["status"], refused["description"]) == ("tools/call refuse", "ERROR", None)
    assert refused["attributes"]["error.type"] == "JsonRpc-32050"
    assert refused["attributes"]["rpc.response.status_code"] == "-32050"


async def test_requests_and_sessions_are_metered(metered: Any) -> None:
    spec = Upstream(name="fixture", command=command("both"))
    async with behind(spec, meters=metered.meters) as house, house.client() as client:
        await client.call_tool("echo", {"say": "hi"})
        with pytest.raises(MCPError):
            await client.call_tool("refuse", {})
        while_open = metered.read()
        await client.call_tool("die", {})
        with anyio.fail_after(30):
            await client.call_tool("echo", {"say": "hi"})
    after, target = metered.read(), ("lambdascope.target", "upstream:fixture")
    durations = {
        (dict(labels)["mcp.method.name"], dict(labels).get("gen_ai.tool.name"), dict(labels).get("error.type")): count
        for labels, (count, _) in after["mcp.client.operation.duration"].items()
        # Lists of the new session may still be under way.
        if dict(labels).get("error.type") != "CancelledError"
    }
    assert durations.pop(("tools/list", None, None)) >= 2
    calls = {key: count for key, count in durations.items() if key[0] == "tools/call"}
    assert {key[0] for key in durations} >= {"resources/list", "prompts/list"}
    assert calls == {
        ("tools/call", "echo", None): 2,
        ("tools/call", "refuse", "-32050"): 1,
        ("tools/call", "die", "UpstreamGone"): 1,
    }
    assert while_open["lambdascope.upstream.open"] == {(target,): 1.0}
    assert after["lambdascope.upstream.open"] == {(target,): 0.0}
    assert after["lambdascope.upstream.connects"] == {(("lambdascope.result", "opened"), target): 2}
    # A price is the operator's to set: without one nothing is missing.
    assert after.get("lambdascope.calls.unpriced", {}) == {}
    assert sum(after["lambdascope.calls"].values()) == 4
    lost = {dict(labels).get("error.type"): n for labels, (n, _) in after["mcp.client.session.duration"].items()}
    assert lost == {"UpstreamGone": 1, None: 1}
