"""How long calls took, asked by an agent through a real client, of a history that real calls made."""

import json
from typing import Any

import jsonschema
import pytest
from stage.answers import ask, invoke
from stage.proxies import Stage

pytestmark = pytest.mark.anyio
MOST_BYTES = 6_000


async def test_an_agent_learns_where_the_time_went_and_inspects_the_slowest_call(stage: Stage) -> None:
    async with stage.client("http") as client:
        made = [await invoke(client, "demo-order-status", {"order_id": 1001}) for _ in range(3)]
        made.append(await invoke(client, "demo-charge-card", {"order_id": 1005}))
        refused = await invoke(client, "payroll")
        for call in (*made, refused):
            await stage.row(call["call_id"])
        answer = await client.call_tool("analyze_latency", {"time_range": {"last": "1h"}, "percentiles": [50, 99]})
        found: Any = answer.structured_content
        listed = (await client.list_tools()).tools
        schema = next(tool.output_schema for tool in listed if tool.name == "analyze_latency")
        assert schema is not None
        jsonschema.validate(found, schema)
        inspected = await ask(client, "inspect_execution", call_id=found["slowest"][0]["call_id"])
    # Another test may have had the functions' environments made.
    cold = sum(bool(call["cold_start"]) for call in made)
    assert (found["calls"], found["overall"]["failures"], found["overall"]["cold_calls"]) == (4, 1, cold)
    assert {group["group"]: group["calls"] for group in found["groups"]} == {
        "demo-order-status": 3,
        "demo-charge-card": 1,
    }
    shares = [clock["share"] for clock in found["overall"]["clocks"].values()]
    assert sum(shares) == pytest.approx(1, abs=0.01), "the clocks make up the whole"
    assert {call["call_id"] for call in found["slowest"]} == {call["call_id"] for call in made}
    assert not inspected["is_error"]
    assert size_of(answer) <= MOST_BYTES


async def test_an_empty_history_is_answered_and_what_makes_no_sense_refused_by_name(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        empty = await ask(client, "analyze_latency")
        wrong = [
            await ask(client, "analyze_latency", group_by="colour"),
            await ask(client, "analyze_latency", percentiles=[50, 100]),
        ]
    assert empty["summary"] == "The history has no call of a Lambda function in this period."
    assert not empty["is_error"]
    for each, name in zip(wrong, ("group_by", "percentiles"), strict=True):
        assert each["is_error"]
        assert name in "".join(each["texts"])


def size_of(answer: Any) -> int:
    """Bytes of all that a model may be given of it."""
    texts = "".join(block.text for block in answer.content)
    return len((texts + json.dumps(answer.structured_content, ensure_ascii=False, separators=(",", ":"))).encode())
