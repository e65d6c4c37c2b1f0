"""The demo's MCP client: a script of calls with the outcome each must have, and a trickle for watching."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
from mcp import Client

TRICKLE_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One call of the script and how it must end."""

    function: str
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outcome: str = "ok"
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


ORDER: Final = {"customer": "ada@example.com", "lines": [{"sku": "mug", "quantity": 2}]}
SCRIPT: Final = (
    Planned(function="demo-order-status", payload={"order_id": 1001}),
    Planned(function="demo-order-status", payload={"order_id": 1002}),
    Planned(function="demo-order-status", payload={"order_id": 1003}),
    Planned(function="demo-order-status", payload={"order": 1003}, outcome="invalid_arguments"),
    Planned(function="demo-create-order", payload=ORDER),
    Planned(function="demo-shipping-quote", payload={"country": "FR", "weight_kg": 2.5}),
    Planned(function="demo-shipping-quote", payload={"country": "US"}),
    Planned(function="demo-shipping-quote", payload={"country": "AQ"}, outcome="function_error"),
    Planned(function="demo-price-basket", payload={"total_eur": 80, "coupons": 14}),
    Planned(function="demo-export-catalog", payload={"products": 40_000}),
    Planned(function="demo-export-catalog", payload={"products": 100_000}, outcome="out_of_memory"),
    Planned(function="demo-charge-card", payload={"order_id": 1001}),
    Planned(function="demo-charge-card", payload={"order_id": 1005}, outcome="function_error"),
    Planned(function="demo-sync-stock", payload={"warehouse": "hamburg"}),
    Planned(function="demo-sync-stock", payload={"warehouse": "offline"}, outcome="function_timeout"),
    Planned(function="demo-recommend-products", payload={"basket": ["mug"]}, extra={"qualifier": "live"}),
    Planned(function="demo-recommend-products", payload={"basket": ["mug"]}, extra={"qualifier": "2"}),
    Planned(function="demo-recommend-products", extra={"qualifier": "next"}, outcome="not_found"),
    Planned(function="demo-sync-stock", extra={"invocation_type": "Event"}, outcome="accepted"),
    Planned(function="demo-charge-card", extra={"invocation_type": "DryRun"}, outcome="dry_run"),
    Planned(function="payroll-run", outcome="refused"),
)


def play_script(url: str) -> list[str]:
    """Makes every planned call, one after another. Returns a line for each that ended otherwise than planned."""
    return anyio.run(_play, url, SCRIPT)


async def _play(url: str, script: Sequence[Planned]) -> list[str]:
    unexpected: list[str] = []
    async with Client(url) as client:
        await client.call_tool("list_functions", {"include_metadata": True})
        await client.call_tool("get_function_schema", {"function_name": "demo-create-order", "include_examples": True})
        for planned in script:
            outcome = await _call(client, planned)
            if outcome != planned.outcome:
                unexpected.append(f"{planned.function} {dict(planned.payload)}: {outcome}, not {planned.outcome}")
    return unexpected


async def _call(client: Client, planned: Planned) -> str:
    arguments = {"function_name": planned.function, "payload": planned.payload, **planned.extra}
    answer = await client.call_tool("invoke_function", arguments)
    facts: Any = answer.structured_content or {}
    return str(facts.get("outcome", "no outcome"))


def trickle(url: str) -> None:
    """Makes calls of the script at random, about one a second, until interrupted."""
    anyio.run(_trickle, url)


async def _trickle(url: str) -> None:
    async with Client(url) as client:
        while True:
            await _call(client, random.choice(SCRIPT))  # noqa: S311 -- sample traffic
            await anyio.sleep(TRICKLE_PAUSE_S)
