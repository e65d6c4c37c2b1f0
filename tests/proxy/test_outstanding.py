"""Which requests are still to be answered when a server stops."""

from typing import Any

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from lambdascope_proxy.outstanding import Outstanding, TrackedStream

pytestmark = pytest.mark.anyio


def request(request_id: int | str, method: str = "tools/call") -> SessionMessage:
    return SessionMessage(JSONRPCRequest(jsonrpc="2.0", id=request_id, method=method))


def answer(request_id: int | str) -> SessionMessage:
    return SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=request_id, result={}))


def notification(method: str, **params: Any) -> SessionMessage:
    return SessionMessage(JSONRPCNotification(jsonrpc="2.0", method=method, params=params))


async def is_empty(outstanding: Outstanding) -> bool:
    """Whether waiting ends by itself; a wait that would not is cut off at once."""
    with anyio.move_on_after(0.05) as scope:
        await outstanding.wait_none(60)
    return not scope.cancelled_caught


async def test_nothing_is_outstanding_at_first_or_once_all_is_answered() -> None:
    outstanding = Outstanding()
    assert await is_empty(outstanding)
    outstanding.note_inbound(request(1))
    outstanding.note_inbound(request("1"))  # another id: JSON-RPC tells a number from a string
    outstanding.note_outbound(answer(1))
    assert not await is_empty(outstanding)
    outstanding.note_outbound(answer("1"))
    assert await is_empty(outstanding)


@pytest.mark.parametrize("nonsense", [[1], {"a": 1}, None, True])
async def test_a_cancellation_of_nonsense_breaks_nothing(nonsense: Any) -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(request(7))
    outstanding.note_inbound(notification("notifications/cancelled", requestId=nonsense))
    assert not await is_empty(outstanding)


async def test_an_error_is_an_answer_too() -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(request(1))
    error: Any = {"code": -32602, "message": "x"}
    outstanding.note_outbound(SessionMessage(JSONRPCError(jsonrpc="2.0", id=1, error=error)))
    assert await is_empty(outstanding)


async def test_a_cancelled_request_will_never_be_answered() -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(request(1))
    outstanding.note_inbound(notification("notifications/cancelled", requestId=1))
    assert await is_empty(outstanding)


@pytest.mark.parametrize(
    "message",
    [
        notification("notifications/initialized"),
        notification("notifications/cancelled"),
        request(1, "subscriptions/listen"),  # answered only when the client goes away
        answer(1),  # a client's answer to a question of ours
        ValueError("not JSON"),
    ],
)
async def test_what_asks_for_no_answer_is_not_waited_for(message: SessionMessage | Exception) -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(message)
    assert await is_empty(outstanding)


async def test_a_request_of_ours_to_the_client_answers_nothing() -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(request(1))
    outstanding.note_outbound(request(1, "sampling/createMessage"))
    assert not await is_empty(outstanding)


async def test_the_wait_ends_with_the_last_answer() -> None:
    outstanding = Outstanding()
    for request_id in (1, 2):
        outstanding.note_inbound(request(request_id))
    # Around the group: its end waits for the waiter, which would else give up by itself and pass.
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(outstanding.wait_none, 60)
            for request_id in (1, 2):
                await anyio.lowlevel.checkpoint()
                outstanding.note_outbound(answer(request_id))


async def test_the_wait_ends_when_time_runs_out() -> None:
    outstanding = Outstanding()
    outstanding.note_inbound(request(1))
    with anyio.fail_after(20):
        await outstanding.wait_none(0.01)


async def test_an_answer_counts_once_the_wire_has_taken_it() -> None:
    # Counted before, a stopping server could close the wire under its last answer.
    outstanding, (send, receive) = Outstanding(), anyio.create_memory_object_stream[Any](0)
    outstanding.note_inbound(request(1))
    async with TrackedStream(send, outstanding) as stream, receive, anyio.create_task_group() as tasks:
        tasks.start_soon(stream.send, answer(1))
        await anyio.lowlevel.checkpoint()
        assert not await is_empty(outstanding)
        await receive.receive()
        await anyio.wait_all_tasks_blocked()
        assert await is_empty(outstanding)
