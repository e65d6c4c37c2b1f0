"""Starting, ending and everything at once: no call is lost, none waits for another, stdout is the protocol's alone."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import HttpProxy, Stage
from stage.waiting import eventually
from stage.wire import Wire

pytestmark = pytest.mark.anyio


class Gate:
    """Holds calls of `odd-gate` back until it is opened, and knows how many have arrived."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.payload = {"directory": str(directory)}
        self._directory = directory

    async def arrivals(self, count: int) -> None:
        """Waits until this many executions are under way at once."""
        await eventually(lambda: len(list(self._directory.iterdir())) >= count)

    def open(self) -> None:
        """Lets them all through."""
        (self._directory / "open").touch()


@pytest.fixture
def gate(tmp_path: Path) -> Generator[Gate]:
    made = Gate(tmp_path / "gate")
    yield made
    made.open()


@contextmanager
def _wire(stage: Stage) -> Generator[Wire]:
    with Wire(stage.environment) as wire:
        wire.shake_hands()
        yield wire


async def test_sigterm_over_http_lets_a_call_in_flight_be_answered_and_recorded(stage: Stage, gate: Gate) -> None:
    proxy = stage.serve_http()
    answers: list[dict[str, Any]] = []

    async def call(client: Client) -> None:
        answers.append(await invoke(client, "odd-gate", gate.payload))

    async with proxy.client() as client, anyio.create_task_group() as tasks:
        await client.list_tools()  # or the client lists them after the call, when nobody is there any more
        tasks.start_soon(call, client)
        await gate.arrivals(1)
        proxy.process.send_signal(signal.SIGTERM)
        await eventually(lambda: _refuses_connections(proxy))
        gate.open()
    assert proxy.await_end() == 0
    assert (answers[0]["outcome"], answers[0]["result"]) == ("ok", "through")
    assert [row["outcome"] for row in stage.rows("call_id = $id::UUID", id=answers[0]["call_id"])] == ["ok"]


def _refuses_connections(proxy: HttpProxy) -> bool:
    try:
        httpx2.get(f"{proxy.base}/health", trust_env=False)
    except httpx2.HTTPError:
        return True
    return False


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGINT", "end of stdin"])
async def test_over_stdio_a_call_in_flight_is_answered_and_recorded_before_the_end(
    stage: Stage, gate: Gate, ending: str
) -> None:
    with _wire(stage) as wire:
        wire.call("odd-gate", gate.payload, 1)
        await gate.arrivals(1)
        if ending == "end of stdin":
            wire.end_input()
        else:
            wire.process.send_signal(getattr(signal, ending))
        gate.open()
        answer = wire.answer_to(1)["result"]["structuredContent"]
        assert wire.await_end() == 0
        assert (answer["outcome"], answer["result"]) == ("ok", "through")
        assert [row["outcome"] for row in stage.rows("call_id = $id::UUID", id=answer["call_id"])] == ["ok"]
        assert all(line.startswith(b'{"jsonrpc":"2.0"') for line in wire.lines), "nothing but JSON-RPC on stdout"


async def test_requests_piped_in_at_once_with_nothing_after_them_are_all_answered(stage: Stage) -> None:
    """`printf ... | lambdascope serve`: the end of stdin is there before the first request is looked at."""
    with Wire(stage.environment) as wire:
        wire.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT_INFO}, 0)
        wire.send("notifications/initialized")
        for number in range(1, 6):
            wire.call("odd-scalar", {"value": number}, number)
        wire.end_input()
        assert wire.await_end() == 0
        answered = [wire.next_message() for _ in wire.lines]
    results = {message["id"]: message["result"].get("structuredContent", {}).get("result") for message in answered}
    assert results == {0: None, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
    assert len(stage.rows("outcome = 'ok'")) == 5


CLIENT_INFO = {"name": "printf", "version": "0"}


async def test_what_a_library_prints_and_what_a_parser_refuses_does_not_reach_stdout(
    stage: Stage, tmp_path: Path
) -> None:
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    # boto3 is imported when the first call is made: this one then prints from Python and from below it.
    (noisy / "boto3.py").write_text(NOISY_BOTO3)
    with _wire(stage.having(PYTHONPATH=str(noisy))) as wire:
        wire.call("odd-scalar", {"value": 1}, 1)
        assert wire.answer_to(1)["result"]["structuredContent"]["result"] == 1
        for garbage in (
            b"not json\n",
            b"\xff\xfe\n",
            b'{"jsonrpc": "2.0", "id": 2, "method": ' + b"[" * 100_000 + b"\n",
        ):
            wire.send_bytes(garbage)
            assert wire.next_message()["error"]["code"] == -32700, "a client that waits must hear something"
        wire.send_bytes(SURROGATE_CALL)
        assert wire.answer_to(3)["result"]["structuredContent"]["result"] == 1, "one half of a pair is one character"
        wire.send_bytes(SURROGATE_NAME)
        assert wire.answer_to(4)["result"]["structuredContent"]["outcome"] == "refused"
        wire.call("odd-scalar", {"value": 5}, 5)
        assert wire.answer_to(5)["result"]["structuredContent"]["result"] == 5
        wire.end_input()
        assert wire.await_end() == 0
        assert b"noise from print" in b"".join(wire.log)
        assert b"noise from a descriptor" in b"".join(wire.log)
        assert all(line.startswith(b'{"jsonrpc":"2.0"') for line in wire.lines)


NOISY_BOTO3 = """
import os, sys, importlib
print("noise from print", flush=True)
os.write(1, b"noise from a descriptor\\n")
sys.path.remove(os.path.dirname(__file__))
del sys.modules["boto3"]
sys.modules["boto3"] = importlib.import_module("boto3")
"""
SURROGATE_CALL = (
    b'{"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "invoke_function", "arguments":'
    b' {"function_name": "odd-scalar", "payload": {"count": "\\ud800"}}}}\n'
)
SURROGATE_NAME = (
    b'{"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "invoke_function", "arguments":'
    b' {"function_name": "\\ud800"}}}\n'
)


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_cancelled_call_is_recorded_as_cancelled_and_the_server_goes_on(
    stage: Stage, gate: Gate, transport: str
) -> None:
    mode = "auto" if transport == "stdio" else "legacy"
    async with stage.client(transport, mode) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(invoke, client, "odd-gate", gate.payload)
            await gate.arrivals(1)
            tasks.cancel_scope.cancel()
        rows = await eventually(lambda: stage.rows("outcome = 'cancelled'"))
        assert [(row["function_name"], row["transport"]) for row in rows] == [("odd-gate", transport)]
        assert (await invoke(client, "odd-scalar", {"value": 1}))["result"] == 1


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_ping_and_list_functions_are_answered_while_a_call_is_under_way(
    house: Stage, proxy: HttpProxy, gate: Gate, transport: str
) -> None:
    """The call ends only after they were answered, so an answer at all proves that they did not wait for it."""
    made = proxy.client("legacy") if transport == "http" else house.stdio_client("legacy")
    async with made as client, anyio.create_task_group() as tasks:
        tasks.start_soon(invoke, client, "odd-gate", gate.payload)
        await gate.arrivals(1)
        with anyio.fail_after(30):
            await client.session.send_ping()
            assert (await ask(client, "list_functions"))["total"] > 10
        gate.open()


async def test_32_concurrent_calls_are_all_in_flight_at_once_and_32_rows_follow(stage: Stage, gate: Gate) -> None:
    """The gate opens only when all 32 executions have arrived: a limit anywhere below 32 would never let them."""
    answers: list[dict[str, Any]] = []
    with_mark = {"function_name": "odd-gate", "payload": gate.payload}

    async def call(client: Client) -> None:
        answers.append((await client.call_tool("invoke_function", with_mark)).structured_content or {})

    async with stage.client("http") as client, anyio.create_task_group() as tasks:
        for _ in range(32):
            tasks.start_soon(call, client)
        await gate.arrivals(32)
        gate.open()
    assert {answer["outcome"] for answer in answers} == {"ok"}
    await eventually(lambda: len(stage.rows("outcome = 'ok'")) >= 32)
    rows = stage.rows()
    assert {str(row["call_id"]) for row in rows} == {answer["call_id"] for answer in answers}
    assert len({row["request_id"] for row in rows}) == 32


async def test_health_and_readiness_are_told_and_a_foreign_host_or_origin_is_turned_away(proxy: HttpProxy) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{proxy.base}/health")).json() == {"status": "ok"}
        ready = await client.get(f"{proxy.base}/ready")
        assert ready.status_code == 200
        assert ready.json()["ready"] is True
        for name, value, status in (("Host", "evil.example", 421), ("Origin", "http://evil.example", 403)):
            headers = {"Accept": "application/json, text/event-stream", name: value}
            answer = await client.post(proxy.url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers)
            assert answer.status_code == status


async def test_a_body_over_8_mib_is_turned_away_and_the_server_goes_on(proxy: HttpProxy) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        answer = await client.post(proxy.url, content=b" " * (8 * 1024 * 1024 + 1), headers=headers)
        assert answer.status_code == 413
    async with proxy.client() as mcp_client:
        assert (await invoke(mcp_client, "odd-scalar", {"value": 1}))["result"] == 1
