"""Each guardrail as a client meets it, around functions that really run: what it reads and what the history holds."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import Stage
from stage.waiting import asked_until, eventually

from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.wiring import Proxy, build_proxy

pytestmark = pytest.mark.anyio
SHOP = Path(__file__).parent / "stage" / "upstream_server.py"
CACHE_META = "dev.lambdascope/cache"


@pytest.fixture
async def client_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncGenerator[Callable[..., Any]]:
    """A client of a proxy with these settings, in this process: starting one of its own takes most of a second.

    With `behind_shop` the tools of another server are behind it too.
    """
    made, held = list[Proxy](), list[asyncio.Task[None]]()
    config = tmp_path / "lambdascope.toml"
    config.write_text(f"[upstreams.shop]\ncommand = {json.dumps([sys.executable, str(SHOP), 'stdio', 'legacy'])}\n")
    async with AsyncExitStack() as connected:

        async def connect(*, behind_shop: bool = False, **settings: str) -> Client:
            environment = {**stage.environment, **settings}
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            proxy = build_proxy(load_settings(environment, config if behind_shop else None), environment)
            made.append(proxy)
            if proxy.upstreams:
                held.append(asyncio.ensure_future(proxy.upstreams.run()))
            tracer = proxy.telemetry.tracer
            front = McpFront(proxy.toolbox, proxy.pipeline, tracer, "stdio", proxy.resources, scrub=proxy.scrub)
            return await connected.enter_async_context(Client(front.server, cache=None))

        yield connect
    for task in held:
        task.cancel()
        await asyncio.wait([task])
    for proxy in made:
        await proxy.aclose()
        proxy.close()


def refused(answer: dict[str, Any], error_type: str) -> bool:
    return (answer["is_error"], answer["outcome"], answer["error_type"]) == (True, "refused", error_type)


async def test_a_call_over_the_rate_limit_is_refused_recorded_and_never_sent(
    client_of: Callable[..., Any], stage: Stage
) -> None:
    client = await client_of(LAMBDASCOPE_RATE_LIMIT_TOOL="1/hour")
    assert (await invoke(client, "odd-scalar", {"value": 1}))["result"] == 1
    answer = await invoke(client, "odd-scalar", {"value": 1})
    assert refused(answer, "RateLimited")
    assert answer["error_message"] == "The rate limit of 1 call per hour for function odd-scalar is used up."
    assert answer["next_step"].startswith("Try again in 3")
    row = await stage.row(answer["call_id"])
    assert (row["outcome"], row["error_type"], row["attempts"], row["cost_usd"]) == (
        "refused",
        "RateLimited",
        None,
        None,
    )
    # Other functions, and the tools that say what happened, have limits of their own.
    assert (await invoke(client, "odd-echo", {}))["outcome"] == "ok"
    assert not (await ask(client, "list_functions"))["is_error"]


async def test_a_timeout_is_retried_then_the_breaker_opens_and_the_functions_run_on(
    client_of: Callable[..., Any], stage: Stage, tmp_path: Path
) -> None:
    client = await client_of(
        LAMBDASCOPE_CALL_TIMEOUT_S="0.2",
        LAMBDASCOPE_RETRY_ATTEMPTS="1",
        LAMBDASCOPE_IDEMPOTENT_FUNCTIONS="odd-g*",
        LAMBDASCOPE_BREAKER_FAILURES="1",
    )
    answer = await invoke(client, "odd-gate", {"directory": str(tmp_path)})
    assert (answer["outcome"], answer["error_type"]) == ("transport_error", "CallTimeout")
    assert answer["error_message"] == "No answer came in 0.2 s."
    row = await stage.row(answer["call_id"])
    assert (row["attempts"], row["billed_ms"], row["cost_usd"], row["memory_mb"]) == (2, None, None, 128)
    assert row["invoke_ms"] >= 400
    again = await invoke(client, "odd-gate", {"directory": str(tmp_path)})
    assert refused(again, "BreakerOpen")
    # Lambda never heard of that one, and of the first twice: what was given up runs on.
    await eventually(lambda: len([*tmp_path.glob("*-*")]) == 2)
    (tmp_path / "open").touch()


async def test_of_calls_at_once_one_too_many_is_refused_and_its_place_comes_free(
    client_of: Callable[..., Any], tmp_path: Path
) -> None:
    client = await client_of(LAMBDASCOPE_CONCURRENT_TOOL="1", LAMBDASCOPE_CONCURRENT_WAIT_S="0")
    first = asyncio.ensure_future(invoke(client, "odd-gate", {"directory": str(tmp_path)}))
    await eventually(lambda: [*tmp_path.glob("*-*")])
    answer = await invoke(client, "odd-gate", {"directory": str(tmp_path)})
    assert refused(answer, "TooManyAtOnce")
    (tmp_path / "open").touch()
    assert (await first)["result"] == "through"
    assert (await invoke(client, "odd-gate", {"directory": str(tmp_path)}))["result"] == "through"


async def test_a_kept_result_starts_no_function_and_costs_nothing(client_of: Callable[..., Any], stage: Stage) -> None:
    client = await client_of(LAMBDASCOPE_CACHE_TTL_S="60", LAMBDASCOPE_READ_ONLY_FUNCTIONS="odd-echo")
    first = await invoke(client, "odd-echo", {"a": 1})
    kept = await invoke(client, "odd-echo", {"a": 1})
    # It holds the ids of the execution that made it.
    assert kept["result"] == first["result"]
    assert kept["notes"] == ["This result is 0 s old: it was kept (LAMBDASCOPE_CACHE_TTL_S)."]
    assert kept["call_id"] != first["call_id"]
    row = await stage.row(kept["call_id"])
    assert (row["outcome"], row["attempts"], row["cost_usd"], row["request_id"]) == ("ok", 0, 0, None)
    assert (await invoke(client, "odd-echo", {"a": 2}))["result"]["event"] == {"a": 2}


async def test_arguments_over_the_limit_are_not_sent(client_of: Callable[..., Any]) -> None:
    client = await client_of(LAMBDASCOPE_MAX_ARGUMENT_BYTES="20")
    answer = await invoke(client, "odd-scalar", {"value": "x" * 20})
    assert (answer["outcome"], answer["error_message"]) == (
        "payload_too_large",
        "The arguments have 32 bytes; 20 are allowed.",
    )


async def test_another_servers_result_is_kept_until_its_tools_change(
    client_of: Callable[..., Any], stage: Stage
) -> None:
    client = await client_of(behind_shop=True, LAMBDASCOPE_CACHE_TTL_S="600")

    async def echoed() -> Any:
        return await client.call_tool("echo", {"say": "hello"})

    await client.list_tools()
    first, kept = await echoed(), await echoed()
    # Faithful: but for what we say of the call, it is the server's own.
    assert (kept.content, kept.structured_content) == (first.content, first.structured_content)
    assert kept.meta["example.com/result"] == "kept"
    assert kept.meta[CACHE_META]["hit"] is True
    assert CACHE_META not in first.meta
    row = await stage.row(kept.meta["dev.lambdascope/call_id"])
    assert (row["target"], row["outcome"], row["attempts"], row["cost_usd"]) == ("upstream:shop", "ok", 0, 0)
    await client.call_tool("change", {"name": "another"})
    await asked_until(echoed, lambda result: CACHE_META not in result.meta)


async def test_another_servers_long_text_is_cut_by_setting_and_can_be_read_on(client_of: Callable[..., Any]) -> None:
    client = await client_of(behind_shop=True, LAMBDASCOPE_UPSTREAM_RESULT_BYTES="100")
    await client.list_tools()
    result = await client.call_tool("big", {"bytes": 5000})
    cut, note = [block.text for block in result.content]
    assert cut == "x" * 100
    assert "The result has 5000 bytes; its text is cut after 100 characters." in note
    call_id = result.meta["dev.lambdascope/call_id"]
    rest = await ask(client, "read_result", call_id=call_id, offset=100)
    assert len(rest["text"]) == 4900
    # Structured content cannot be cut.
    whole = await ask(client, "echo", say="y" * 200)
    assert (whole["is_error"], whole["outcome"]) == (True, "payload_too_large")
    assert whole["error_type"] == "ResultTooLarge"


async def test_a_server_that_does_not_answer_is_told_to_stop_and_left_alone(client_of: Callable[..., Any]) -> None:
    client = await client_of(
        behind_shop=True,
        LAMBDASCOPE_CALL_TIMEOUT_S="1",
        LAMBDASCOPE_BREAKER_FAILURES="2",
        LAMBDASCOPE_BREAKER_OPEN_S="0.1",
    )
    await client.list_tools()
    for _ in range(2):
        assert (await ask(client, "wait", s=60))["error_type"] == "CallTimeout"
    assert refused(await ask(client, "wait", look=True), "BreakerOpen")

    async def look() -> Any:
        return await client.call_tool("wait", {"look": True})

    # The trial finds it working, with nobody waiting and two that were cancelled.
    found = await asked_until(look, lambda result: not result.is_error)
    assert found.content[0].text == "[0, 2]"
