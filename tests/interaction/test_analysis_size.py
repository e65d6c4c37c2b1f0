"""Analyses of a history of the largest names there can be: what an agent reads of each stays within its budget."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema
import mcp.types as t
import pytest
from mcp import Client
from stage.proxies import HttpProxy, Stage

from lambdascope_analytics.store.spool import SpoolWriter

pytestmark = pytest.mark.anyio

# 1,500 tokens at four bytes each.
MOST_BYTES = 6_000
FUNCTIONS = [f"{number:03}-{'f' * 60}" for number in range(200)]
# A character of these takes three bytes, and more tokens than one of ASCII.
LONG = "支払い処理サービス" * 8
KINDS = 50
CALLS = 2_400
# Those with the most and the longest names; others have shorter ones.
GROUPS = ("function", "session", "principal", "hour")
NEEDED: Mapping[str, Mapping[str, Any]] = {"recommend_settings": {"function_name": FUNCTIONS[0]}}
ANALYSES = ("analyze_", "compare_", "forecast_", "recommend_")


def calls(now: datetime) -> Iterator[dict[str, object]]:
    """Calls of two weeks by which every kind of group has many members, with names as long as they are kept."""
    for number in range(CALLS):
        is_failure = number % 3 == 0
        kind = number % KINDS
        # Half of them of one, so that there is something to advise on.
        function = number % len(FUNCTIONS) if number % 2 else 0
        yield {
            "call_id": str(UUID(int=(int(now.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | number)),
            "started_at": now - timedelta(days=14) * (number / CALLS),
            "transport": "http",
            "target": "lambda",
            "tool_name": f"{number % 40:03}-{'t' * 60}",
            "session_id": f"{number % 300:03}-{'s' * 60}",
            "client_name": f"{number % 60} {LONG}",
            "principal": f"{number % 60} {LONG}",
            "function_name": FUNCTIONS[function],
            "executed_version": str(number % 7),
            "region": ("us-east-1", "eu-west-1", "cn-north-1")[function % 3],
            "account_id": "123456789012",
            "architecture": "arm64",
            "runtime": "python3.13",
            "invocation_type": "RequestResponse",
            "outcome": ("function_error", "function_timeout")[number % 4 // 2] if is_failure else "ok",
            "error_type": f"{'E' * 60}Error{kind}" if is_failure else None,
            "error_message": f"{kind} {LONG * 5}" if is_failure else None,
            "error_fingerprint": f"{kind:016x}" if is_failure else None,
            "request_id": str(UUID(int=number)),
            "total_ms": 40.0 + number % 900,
            "invoke_ms": 35.0 + number % 900,
            "proxy_ms": 5.0,
            "overhead_ms": 5.0,
            "duration_ms": 30.0 + number % 900,
            "billed_ms": 30 + number % 900,
            "init_ms": 300.0 if number % 10 == 0 else None,
            "cold_start": number % 10 == 0,
            "memory_mb": 1024,
            "max_memory_mb": 60,
            "request_bytes": 12,
            "attempts": 1 + number % 2,
            "cost_usd": None if number % 3 == 2 else Decimal("0.000002016667"),
            "cost_source": "none" if number % 3 == 2 else "measured",
        }


@pytest.fixture(scope="module")
def crowded(house: Stage, tmp_path_factory: pytest.TempPathFactory) -> HttpProxy:
    """A proxy over that history."""
    directory = tmp_path_factory.mktemp("crowded")
    writer = SpoolWriter(directory)
    for row in calls(datetime.now(UTC)):
        assert writer.append(row)
    assert writer.close(30)
    return house.having(LAMBDASCOPE_HISTORY_DIR=str(directory)).serve_http()


@pytest.fixture
async def client(crowded: HttpProxy) -> AsyncGenerator[Client]:
    async with crowded.client() as made:
        yield made


async def test_every_answer_fits_whatever_the_history_holds(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    asked = [name for name in tools if name.startswith(ANALYSES)]
    assert asked
    for name in asked:
        for arguments in _questions(tools[name]):
            answer = await client.call_tool(name, dict(arguments))
            assert not answer.is_error, (name, arguments, answer.content)
            _fits(name, arguments, answer, tools[name].output_schema)


def _questions(tool: t.Tool) -> Iterator[Mapping[str, Any]]:
    """As the tool is asked without saying more than one must, and by each group that it takes."""
    yield NEEDED.get(tool.name, {})
    known = tool.input_schema["properties"].get("group_by", {}).get("enum", ())
    yield from ({"group_by": group} for group in GROUPS if group in known)


def _fits(name: str, arguments: Mapping[str, Any], answer: t.CallToolResult, schema: Any) -> None:
    found: Any = answer.structured_content
    jsonschema.Draft202012Validator(schema).validate(found)
    assert found["calls"] > 0, (name, arguments, found["summary"], found["notes"])
    assert found["summary"]
    assert "next_step" in found, "null where there is nothing useful to do"
    texts = "".join(block.text for block in answer.content if isinstance(block, t.TextContent))
    whole = texts + json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    assert len(whole.encode()) <= MOST_BYTES, (name, arguments, len(texts.encode()), len(whole.encode()))
