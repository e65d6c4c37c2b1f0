"""Budgets through a real MCP client: answers tell what is left, a spent one refuses, a restart forgets nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from mcp import Client
from stage.answers import told
from stage.proxies import Stage
from stage.waiting import eventually

pytestmark = pytest.mark.anyio
META = "dev.lambdascope/budget"
CALL = {"function_name": "demo-shipping-quote", "payload": {"country": "FR"}}


async def quote(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calls a function; gives the answer and what its `_meta` says of budgets."""
    result = await client.call_tool("invoke_function", CALL)
    return told(result), (result.meta or {})[META]


async def test_what_is_left_stands_in_meta_to_the_last_decimal_of_each_session_and_of_all(stage: Stage) -> None:
    proxy = stage.having(LAMBDASCOPE_BUDGET_SESSION_USD="1", LAMBDASCOPE_BUDGET_DAY_S="1000").serve_http()
    async with proxy.client("legacy") as one, proxy.client("legacy") as other:
        answers = [await quote(client) for client in (one, one, other)]
        own = await one.call_tool("list_functions", {})
    costs = [Decimal(answer["cost_usd"]) for answer, _ in answers]
    spent = [costs[0], costs[0] + costs[1], costs[2]]
    assert [Decimal(meta["session_usd"]["spent"]) for _, meta in answers] == spent
    assert [Decimal(meta["session_usd"]["left"]) for _, meta in answers] == [1 - each for each in spent]
    rows = [await stage.row(answer["call_id"]) for answer, _ in answers]
    assert answers[2][1]["day_s"]["spent"] == pytest.approx(sum(row["invoke_ms"] for row in rows) / 1000)
    # Tools of our own spend nothing, and tell as well.
    assert Decimal((own.meta or {})[META]["session_usd"]["spent"]) == spent[1]


async def test_a_spent_budget_refuses_says_all_about_it_and_outlives_a_restart(stage: Stage) -> None:
    limited = stage.having(LAMBDASCOPE_BUDGET_DAY_USD="0.000000000001", LAMBDASCOPE_BUDGET_MONTH_USD="1000")
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    async with limited.stdio_client() as client:
        first, _ = await quote(client)
        refused, meta = await quote(client)
        history = await client.call_tool("query_history", {"sql": "SELECT count(*) AS calls FROM calls"})
    assert (first["outcome"], first["is_error"]) == ("ok", False)
    assert any(text.startswith("Budget: ") for text in first["texts"])
    assert (refused["outcome"], refused["error_type"]) == ("refused", "BudgetExceeded")
    spent = f"${Decimal(first['cost_usd']).normalize():f}"
    assert f"{spent} of $0.000000000001 for the day (LAMBDASCOPE_BUDGET_DAY_USD)" in refused["error_message"]
    assert f"{day + timedelta(days=1):%Y-%m-%dT00:00:00Z}" in refused["next_step"]
    assert meta["day_usd"]["left"] == "0"
    assert not history.is_error  # where to see what it was spent on
    row = await stage.row(refused["call_id"])
    assert (row["outcome"], row["error_type"], row["cost_usd"]) == ("refused", "BudgetExceeded", None)

    await eventually(lambda: stage.rows("outcome = 'ok' AND cost_usd IS NOT NULL"))
    async with limited.stdio_client() as client:
        again, meta = await quote(client)
    assert again["error_type"] == "BudgetExceeded"
    assert Decimal(meta["month_usd"]["spent"]) == Decimal(first["cost_usd"])
    assert "counts" not in meta["day_usd"]  # the history was read
