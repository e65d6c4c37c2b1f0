"""The demo's MCP client: a script of calls with the outcome each must have, questions, and a trickle for watching."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of the script: a line for each call that ended otherwise than planned, and the AWS request ids of those
    that were accepted and run later.
    """

    unexpected: Sequence[str]
    accepted: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call of a tool that asks rather than acts."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The structured content of an answer; of an error it says what went wrong."""

    found: Mapping[str, Any]
    is_error: bool


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


@asynccontextmanager
async def _client(url: str) -> AsyncGenerator[Client]:
    try:
        async with Client(url) as client:
            yield client
    except Exception:
        # Interrupted with an answer on its way, the SDK raises what went wrong with that in place of the interruption.
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError from None
        raise


def called_functions() -> tuple[str, ...]:
    """The functions that the script really calls, each once."""
    return tuple(dict.fromkeys(planned.function for planned in SCRIPT if planned.outcome != "refused"))


def play_script(url: str) -> Played:
    """Makes every planned call, one after another."""
    return anyio.run(_play, url, SCRIPT)


async def _play(url: str, script: Sequence[Planned]) -> Played:
    unexpected: list[str] = []
    accepted: list[str] = []
    async with _client(url) as client:
        await client.call_tool("list_functions", {"include_metadata": True})
        await client.call_tool("get_function_schema", {"function_name": "demo-create-order", "include_examples": True})
        for planned in script:
            facts = await _call(client, planned)
            outcome = facts.get("outcome", "no outcome")
            if outcome == "accepted":
                accepted.append(facts["request_id"])
            if outcome != planned.outcome:
                unexpected.append(f"{planned.function} {dict(planned.payload)}: {outcome}, not {planned.outcome}")
    return Played(unexpected=unexpected, accepted=accepted)


async def _call(client: Client, planned: Planned) -> Mapping[str, Any]:
    arguments = {"function_name": planned.function, "payload": planned.payload, **planned.extra}
    answer = await client.call_tool("invoke_function", arguments)
    facts: Any = answer.structured_content
    return facts or {}


def ask_all(url: str, questions: Sequence[Question]) -> list[Reply]:
    """Asks one after another."""
    return anyio.run(_ask_all, url, questions)


async def _ask_all(url: str, questions: Sequence[Question]) -> list[Reply]:
    replies: list[Reply] = []
    async with _client(url) as client:
        for question in questions:
            answer = await client.call_tool(question.tool, dict(question.arguments))
            found: Any = answer.structured_content
            replies.append(Reply(found=found or {}, is_error=bool(answer.is_error)))
    return replies


def trickle(url: str) -> None:
    """Makes calls of the script at random, about one a second, until interrupted."""
    anyio.run(_trickle, url)


async def _trickle(url: str) -> None:
    async with _client(url) as client:
        while True:
            await _call(client, random.choice(SCRIPT))  # noqa: S311 -- sample traffic
            await anyio.sleep(TRICKLE_PAUSE_S)
