"""What to set, asked by an agent through a real client, of a history of calls with something to advise on."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from stage.answers import ask
from stage.proxies import Stage

from lambdascope_analytics.store.spool import SpoolWriter

pytestmark = pytest.mark.anyio
MOST_BYTES = 6_000
CALLS = 600


def record_past(stage: Stage, function: str, now: datetime) -> None:
    """Calls of the last two days: 60 MB of 2,048 used, long init, failures that were repeated in vain."""
    writer = SpoolWriter(stage.history_directory)
    for number in range(CALLS):
        is_cold, is_failure = number % 10 == 0, number % 60 < 2
        took = 1_400.0 + number % 40
        init = 1_500.0 if is_cold else None
        row = {
            "call_id": str(UUID(int=(int(now.timestamp() * 1000) << 80) | (7 << 76) | number)),
            "started_at": now - timedelta(hours=48) + number * timedelta(seconds=280) * (0 if is_failure else 1),
            "transport": "http",
            "target": "lambda",
            "tool_name": "invoke_function",
            "function_name": function,
            "region": "us-east-1",
            "account_id": None,
            "architecture": "x86_64",
            "runtime": "python3.13",
            "invocation_type": "RequestResponse",
            "outcome": "function_error" if is_failure else "ok",
            "session_id": f"s{number // 20}",
            "total_ms": took + 20,
            "duration_ms": took,
            "billed_ms": int(took + (init or 0)),
            "init_ms": init,
            "cold_start": is_cold,
            "memory_mb": 2048,
            "max_memory_mb": 60,
            "request_bytes": 12,
            "attempts": 1,
            "cost_usd": Decimal("0.000002"),
            "cost_source": "measured",
        }
        assert writer.append(row)
    assert writer.close(30)


async def test_an_agent_is_told_what_to_set_with_evidence_within_its_budget(stage: Stage) -> None:
    record_past(stage, "demo-order-status", datetime.now(UTC))
    async with stage.client("http") as client:
        answer = await client.call_tool("recommend_settings", {"function_name": "demo-order-status"})
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    found: Any = answer.structured_content
    schema = tools["recommend_settings"].output_schema
    assert schema is not None
    jsonschema.validate(found, schema)
    advised = {one["setting"]: one for one in found["recommendations"]}
    assert (found["calls"], found["memory_mb"], found["not_listed"]) == (CALLS, 2048, {})
    assert advised["memory"]["suggested"] == "1024 MB"
    assert advised["architecture"]["suggested"] == "arm64"
    assert advised["SnapStart"]["purpose"] == "less latency"
    # The catalogue of the local AWS tells the timeout, which no row holds.
    assert advised["timeout"]["current"] != "not known"
    assert any("It is set to" in note for note in found["notes"]), "it has other memory than the calls of the past"
    assert found["next_step"]
    texts = "".join(block.text for block in answer.content if block.type == "text")
    whole = texts + json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    assert len(whole.encode()) <= MOST_BYTES
    wire = json.dumps(tools["recommend_settings"].model_dump(mode="json", by_alias=True, exclude_none=True))
    assert len(wire.encode()) <= 840


async def test_a_function_without_calls_is_answered_and_a_missing_name_refused(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        empty = await ask(client, "recommend_settings", function_name="unheard-of")
        missing = await ask(client, "recommend_settings")
    assert not empty["is_error"]
    assert "no calls of unheard-of" in empty["summary"]
    assert missing["is_error"]
    assert "function_name" in "".join(missing["texts"])
