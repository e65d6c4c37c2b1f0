"""What an upstream asks a client for while a call is under way, across the eras; and progress and cancellation."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp.types as t
import pytest
from behind import behind, command
from mcp.shared.exceptions import MCPError

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio
ROOTS = [t.Root(uri="file:///here", name="here")]  # pyright: ignore[reportArgumentType] -- text becomes a URL


async def elicit(context: Any, params: Any) -> t.ElicitResult:
    assert params.message == "Your name?"
    return t.ElicitResult(action="accept", content={"name": "Ada"})


async def sample(context: Any, params: Any) -> t.CreateMessageResult:
    return t.CreateMessageResult(role="assistant", content=t.TextContent(type="text", text="Hello!"), model="m")


async def list_roots(context: Any) -> t.ListRootsResult:
    return t.ListRootsResult(roots=ROOTS)


ABLE: dict[str, Any] = {
    "elicitation_callback": elicit,
    "sampling_callback": sample,
    "list_roots_callback": list_roots,
}


def said(result: Any) -> Any:
    (block,) = result.content
    assert isinstance(block, t.TextContent)
    return json.loads(block.text)


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_client_of_a_call_is_asked_and_its_answer_gets_there(upstream: Upstream, mode: str) -> None:
    async with behind(upstream) as house, house.client(mode, **ABLE) as client:
        if await is_parted(house, mode):
            with pytest.raises(MCPError) as refused:
                await client.call_tool("ask", {})
            assert "without requests of a server during a call" in refused.value.error.message
            return
        named = said(await client.call_tool("ask", {}))
        sampled = said(await client.call_tool("sample", {}))
        listed = said(await client.call_tool("roots", {}))
        await client.call_tool("wait", {"look": True})
    # By it a cache knows what must not be given to another client; a retry of a newer client carries the answers.
    marks = [call.progress.was_asked for call in house.calls if not (call.client and call.client.input_responses)]
    assert marks == [True, True, True, False]
    assert named == {"action": "accept", "content": {"name": "Ada"}}
    assert (sampled["content"]["text"], listed["roots"][0]["uri"]) == ("Hello!", "file:///here")


async def is_parted(house: Any, mode: str) -> bool:
    """Whether the upstream asks during a call and the client's revision has no such thing."""
    link = await house.upstreams.members["fixture"].connection.link()
    return mode != "legacy" and not link.is_modern


async def test_a_client_that_cannot_be_asked_is_not_and_the_upstream_hears_why(either: Upstream) -> None:
    async with behind(either) as house, house.client("legacy") as client:
        try:
            # A newer upstream's question never leaves us, so the call itself says why it cannot go on.
            told = str((await client.call_tool("ask", {})).content)
        except MCPError as error:
            told = error.error.message
    assert "it has not the capability elicitation" in told


async def test_what_is_asked_while_several_clients_wait_is_refused_rather_than_asked_of_one_of_them() -> None:
    # Over a pipe nothing says to which call a question belongs: another client's user must not answer it.
    spec = Upstream(name="fixture", command=command("legacy"))
    async with (  # noqa: SIM117 -- the calls end before their clients do
        behind(spec) as house,
        house.client("legacy", **ABLE) as one,
        house.client("legacy", **ABLE) as other,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.call_tool, "wait", {"s": 30})
            await has_called(house, 1)
            with pytest.raises(MCPError) as refused:
                await other.call_tool("ask", {})
            tasks.cancel_scope.cancel()
    assert "calls of several clients are under way" in refused.value.error.message


async def test_over_http_the_stream_tells_whose_question_it_is(http_urls: dict[str, str]) -> None:
    spec = Upstream(name="fixture", url=http_urls["legacy"])
    async with (  # noqa: SIM117 -- the calls end before their clients do
        behind(spec) as house,
        house.client("legacy") as one,
        house.client("legacy", **ABLE) as other,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.call_tool, "wait", {"s": 30})
            await has_called(house, 1)
            assert said(await other.call_tool("ask", {}))["content"] == {"name": "Ada"}
            tasks.cancel_scope.cancel()


async def test_progress_comes_in_order_and_before_the_answer(either: Upstream) -> None:
    heard = list[Any]()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with behind(either) as house, house.client("legacy") as client:
        await client.call_tool("steps", {}, progress_callback=hear)
    assert heard == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_client_that_gives_up_a_call_ends_it_there_too(upstream: Upstream, mode: str) -> None:
    async with behind(upstream) as house, house.client(mode) as client:

        async def look() -> Any:
            return said(await client.call_tool("wait", {"look": True}))

        before = await look()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "wait", {})
            await until(look, lambda now: now[0] == before[0] + 1)
            tasks.cancel_scope.cancel()
        await until(look, lambda now: now == [before[0], before[1] + 1])


async def test_an_upstream_that_takes_too_long_is_told_to_stop_and_the_call_says_so() -> None:
    spec = Upstream(name="fixture", command=command("both"), timeout_s=0.5)
    async with behind(spec) as house, house.client() as client:
        await client.list_tools()
        result = await client.call_tool("wait", {})
        assert said(await client.call_tool("wait", {"look": True})) == [0, 1]
    assert result.is_error
    assert (result.structured_content or {})["error_type"] == "UpstreamTimeout"
    assert house.outcomes[0].kind is OutcomeKind.TRANSPORT_ERROR


async def until(look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]) -> None:
    with anyio.fail_after(20):
        while not holds(await look()):  # noqa: ASYNC110 -- another process, which has no event for us
            await anyio.sleep(0.01)


async def has_called(house: Any, count: int) -> None:
    async def look() -> int:
        return len(house.calls)

    await until(look, lambda now: now >= count)
