"""What failed, asked by an agent through a real client, of a history that real calls made."""

import json
from typing import Any

import jsonschema
import pytest
from stage.answers import ask, invoke
from stage.proxies import Stage

pytestmark = pytest.mark.anyio
MOST_BYTES = 6_000


async def test_an_agent_learns_what_failed_and_inspects_an_example(stage: Stage) -> None:
    async with stage.client("http") as client:
        failed = [await invoke(client, "demo-charge-card", {"order_id": 1005}) for _ in range(2)]
        await invoke(client, "demo-charge-card", {"order_id": 1001})
        refused = await invoke(client, "payroll")
        rows = [await stage.row(call["call_id"]) for call in (*failed, refused)]
        answer = await client.call_tool("analyze_errors", {"time_range": {"last": "1h"}, "group_by": "function"})
        found: Any = answer.structured_content
        schema = next(tool.output_schema for tool in (await client.list_tools()).tools if tool.name == "analyze_errors")
        assert schema is not None
        jsonschema.validate(found, schema)
        inspected = await ask(client, "inspect_execution", call_id=found["errors"][0]["examples"][0])
    (kind,) = found["errors"]
    assert (kind["calls"], kind["examples"]) == (2, [call["call_id"] for call in reversed(failed)])
    assert (found["failures"], found["caller_faults"]) == (2, 1)
    assert not inspected["is_error"]
    assert kind["error_type"] == rows[0]["error_type"]
    assert size_of(answer) <= MOST_BYTES


async def test_an_empty_history_is_answered_and_a_wrong_group_refused_by_name(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        empty = await ask(client, "analyze_errors")
        wrong = await ask(client, "analyze_errors", group_by="colour")
    assert empty["summary"] == "No calls were recorded in this period."
    assert not empty["is_error"]
    assert wrong["is_error"]
    assert "group_by" in "".join(wrong["texts"])


def size_of(answer: Any) -> int:
    """Bytes of all that a model may be given of it."""
    texts = "".join(block.text for block in answer.content)
    return len((texts + json.dumps(answer.structured_content, ensure_ascii=False, separators=(",", ":"))).encode())
