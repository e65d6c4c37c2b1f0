"""What changed, asked by an agent through a real client: real calls beside made-up ones of an earlier period."""

import json
import random
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
FUNCTIONS = 12


def crowded(end: datetime) -> list[dict[str, Any]]:
    """Two days of a dozen functions with long names, every one of them slower and worse on the second."""
    dice = random.Random(2)
    rows: list[dict[str, Any]] = []
    for number in range(2_400):
        at, is_late = end - timedelta(seconds=dice.randrange(1, 2 * 86_400)), False
        is_late = at >= end - timedelta(days=1)
        handler = dice.lognormvariate(4, 0.3) * (3 if is_late else 1)
        rows.append(
            {
                "call_id": UUID(int=number + (7 << 76) + (2 << 62)),
                "started_at": at,
                "target": "lambda",
                "transport": "http",
                "function_name": f"team-production-{'service-' * 4}{number % FUNCTIONS}",
                "executed_version": "2" if is_late else "1",
                "region": "us-east-1",
                "account_id": "123456789012",
                "outcome": "function_error" if dice.random() < (0.5 if is_late else 0.02) else "ok",
                "duration_ms": handler,
                "invoke_ms": handler + 5,
                "total_ms": handler + 7,
                "cost_usd": Decimal(round(handler)).scaleb(-8),
            }
        )
    return rows


async def test_an_agent_learns_what_changed_in_an_answer_it_can_read(stage: Stage) -> None:
    writer = SpoolWriter(stage.history_directory)
    end = datetime.now(UTC)
    assert all(writer.append(row) for row in crowded(end))
    assert writer.close(30)
    async with stage.client("http") as client:
        answer = await client.call_tool("compare_periods", {"b": {"last": "1d"}})
        tools = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        refused = await ask(client, "compare_periods", version="2")
    found: Any = answer.structured_content
    schema = tools["compare_periods"]
    assert schema is not None
    jsonschema.validate(found, schema)
    assert not answer.is_error
    assert found["summary"].startswith("Error rate higher")
    assert found["tested_groups"] == FUNCTIONS
    assert refused["is_error"]
    assert "before_version" in "".join(refused["texts"])
    texts: Any = list(answer.content)
    said = "".join(block.text for block in texts)
    structured = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    assert len((said + structured).encode()) <= MOST_BYTES
