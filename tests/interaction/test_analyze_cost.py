"""What calls cost and will cost, asked by an agent through a real client, of a history that real calls made."""

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from stage.answers import ask, invoke
from stage.proxies import Stage

pytestmark = pytest.mark.anyio
MOST_BYTES = 6_000
# A time range and what calls can be grouped by take half of it.
MOST_TOOL_BYTES = 830


async def test_an_agent_learns_what_its_calls_cost_and_that_a_forecast_needs_days(stage: Stage) -> None:
    async with stage.client("http") as client:
        made = [await invoke(client, "demo-charge-card", {"order_id": order}) for order in (1005, 1001)]
        made.append(await invoke(client, "demo-order-status", {"order_id": 1001}))
        for call in made:
            await stage.row(call["call_id"])
        cost = await client.call_tool("analyze_cost", {"time_range": {"last": "1h"}})
        forecast = await client.call_tool("forecast_cost", {"budget_usd": 5})
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    for name, answer in (("analyze_cost", cost), ("forecast_cost", forecast)):
        schema = tools[name].output_schema
        assert schema is not None
        jsonschema.validate(answer.structured_content, schema)
        assert size_of(answer) <= MOST_BYTES
        wire = tools[name].model_dump(mode="json", by_alias=True, exclude_none=True)
        assert len(json.dumps(wire, separators=(",", ":"))) <= MOST_TOOL_BYTES
    found: Any = cost.structured_content
    assert Decimal(found["cost_usd"]) == sum(Decimal(call["cost_usd"]) for call in made)
    assert {group["group"]: group["calls"] for group in found["groups"]} == {
        "demo-charge-card": 2,
        "demo-order-status": 1,
    }
    assert found["waste"]["failures"]["calls"] == 1
    coming: Any = forecast.structured_content
    assert (coming["forecast_usd"], coming["spent_usd"]) == (None, found["cost_usd"])
    assert "3 are needed" in coming["summary"]


async def test_an_empty_history_is_answered_and_what_makes_no_sense_refused_by_name(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        empty = await ask(client, "analyze_cost")
        wrong = await ask(client, "analyze_cost", group_by="colour")
        negative = await ask(client, "forecast_cost", budget_usd=-1)
    assert (empty["calls"], empty["cost_usd"], empty["is_error"]) == (0, None, False)
    assert empty["next_step"].startswith("Make calls with invoke_function")
    for refused, name in ((wrong, "group_by"), (negative, "budget_usd")):
        assert refused["is_error"]
        assert name in "".join(refused["texts"])


def size_of(answer: Any) -> int:
    """Bytes of all that a model may be given of it."""
    texts = "".join(block.text for block in answer.content)
    return len((texts + json.dumps(answer.structured_content, ensure_ascii=False, separators=(",", ":"))).encode())
