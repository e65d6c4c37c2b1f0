"""Upstreams that do not start, go away, talk nonsense, answer too much or never; and that ours end with us."""

import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from behind import Behind, behind, command, http_fixture
from mcp.types import TextContent

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio
# Answers each line it reads with the next word of what it was given.
SCRIPTED = "import sys\nfor line in sys.stdin:\n    sys.stdout.write({said!r})\n    sys.stdout.flush()\n"


def saying(said: str, **more: Any) -> Upstream:
    words = (sys.executable, "-c", SCRIPTED.format(said=said))
    return Upstream(name="odd", command=words, **more)


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    with anyio.fail_after(30):
        while not (found := await look()):  # noqa: ASYNC110 -- other processes have no events for us
            await anyio.sleep(0.01)
    return found


async def failed_call(house: Behind) -> Any:
    """The failure of the session, as a call would tell it."""

    async def look() -> Any:
        (member,) = house.upstreams.members.values()
        return member.connection.failure

    house.upstreams.want()
    return await eventually(look)


@pytest.mark.parametrize(
    ("spec", "word", "reason"),
    [
        (Upstream(name="odd", command=("/nowhere/at-all",)), "UpstreamNotStarted", "No such file"),
        (Upstream(name="odd", url="http://127.0.0.1:9/mcp"), "UpstreamGone", "nothing answers there"),
        (
            Upstream(name="odd", command=(sys.executable, "-c", "import sys; sys.exit('no hunter2 today')")),
            "UpstreamGone",
            "It wrote: no [masked] today",
        ),
        (saying("what?\n", start_timeout_s=0.5), "UpstreamNonsense", "It wrote: what?"),
        (saying("", start_timeout_s=0.5), "UpstreamNotStarted", "did not answer within 0.5 s"),
    ],
)
async def test_an_upstream_that_does_not_come_up_says_why(spec: Upstream, word: str, reason: str) -> None:
    async with behind(spec) as house:
        failure = await failed_call(house)
        (status,) = house.upstreams.status()
        async with house.client() as client:
            # The list waits for nobody who is known not to be there.
            assert (await client.list_tools()).tools == []
    assert failure.kind is OutcomeKind.TRANSPORT_ERROR
    assert failure.failure.error_type == word
    assert reason in str(failure)
    assert "hunter2" not in str(failure)
    assert status["state"] == "failed"


async def test_every_call_is_answered_when_the_upstream_dies_under_them_and_the_next_works(upstream: Upstream) -> None:
    if upstream.url:
        with http_fixture("legacy" if "legacy" in upstream.name else "both") as (url, process):
            port = int(url.split(":")[2].split("/")[0])
            spec = Upstream(name="fixture", url=url)
            async with behind(spec) as house, house.client() as client:
                outcomes = await die_in_the_middle(house, client, process.kill)
                process.wait()
                with http_fixture("both", port):
                    await works_again(client)
    else:
        async with behind(upstream) as house, house.client() as client:
            pid = json.loads(json.dumps((await client.call_tool("echo", {"say": "x"})).structured_content))["pid"]
            outcomes = await die_in_the_middle(house, client, lambda: os.kill(pid, signal.SIGKILL))
            await works_again(client)
    gone = [outcome for outcome in outcomes if outcome.kind is not OutcomeKind.OK]
    assert len(outcomes) == 100
    assert gone
    assert {outcome.failure.error_type for outcome in gone if outcome.failure} <= {"UpstreamGone"}


async def die_in_the_middle(house: Behind, client: Any, kill: Callable[[], Any]) -> list[Any]:
    await client.list_tools()
    house.calls.clear()
    house.outcomes.clear()
    async with anyio.create_task_group() as tasks:
        for number in range(100):
            name, arguments = ("wait", {"s": 30}) if number % 2 else ("echo", {"say": str(number)})
            tasks.start_soon(client.call_tool, name, arguments)

        async def look() -> bool:
            return len(house.outcomes) >= 50

        await eventually(look)
        kill()
    return [*house.outcomes]


async def works_again(client: Any) -> None:
    async def look() -> bool:
        result = await client.call_tool("echo", {"say": "again"})
        return not result.is_error

    await eventually(look)


async def test_lines_that_are_no_messages_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    async with behind(Upstream(name="fixture", command=command("both"))) as house, house.client() as client:
        await client.call_tool("nonsense", {})
        result = await client.call_tool("echo", {"say": "still here"})
    assert not result.is_error
    assert "wrote to stdout what is no JSON-RPC: this is no JSON" in caplog.text


async def test_an_answer_of_more_bytes_than_are_taken_fails_that_call_alone(either: Upstream) -> None:
    async with behind(either, most_bytes=1_000_000) as house, house.client() as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "wait", {"s": 0.5})
            too_large = await client.call_tool("big", {"bytes": 5_000_000})
        fitting = await client.call_tool("big", {"bytes": 900_000})
    assert too_large.is_error
    assert (too_large.structured_content or {})["error_type"] == "ResultTooLarge"
    (block,) = fitting.content
    assert isinstance(block, TextContent)
    assert len(block.text) == 900_000
    kinds = [outcome.kind for outcome in house.outcomes]
    assert sorted(kinds) == sorted([OutcomeKind.PAYLOAD_TOO_LARGE, OutcomeKind.OK, OutcomeKind.OK])


async def test_a_flood_of_notifications_leaves_the_answer_to_its_call(either: Upstream) -> None:
    async with behind(either) as house, house.client("legacy") as client:
        flooded = await client.call_tool("flood", {"count": 2000}, progress_callback=ignore)
        after = await client.call_tool("echo", {"say": "still here"})
    assert not flooded.is_error
    assert not after.is_error


async def ignore(progress: float, total: float | None, message: str | None) -> None:
    pass


async def test_tools_that_change_are_listed_anew_and_the_client_is_told(upstream: Upstream) -> None:
    heard = anyio.Event()

    async def hear(message: Any) -> None:
        if "ToolListChanged" in type(message).__name__:
            heard.set()

    async with behind(upstream) as house, house.client("legacy", message_handler=hear) as client:
        await client.list_tools()
        assert not heard.is_set()
        await client.call_tool("change", {"name": (new := f"new-{os.urandom(4).hex()}")})
        with anyio.fail_after(20):
            await heard.wait()
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert new in names


ENDLESS = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
sys.stderr.write(f'child {child.pid}\\n')
sys.stderr.flush()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
"""


async def test_a_process_ends_with_us_and_so_does_what_it_started() -> None:
    spec = Upstream(name="odd", command=(sys.executable, "-c", ENDLESS), start_timeout_s=1)
    async with behind(spec) as house:
        failure = await failed_call(house)
    child = str(failure).split("child ")[1].split()[0]
    state = await anyio.run_process(["ps", "-o", "stat=", "-p", child], check=False)
    assert state.stdout.strip() in {b"", b"Z"}
