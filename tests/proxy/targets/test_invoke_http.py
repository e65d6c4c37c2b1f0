"""What our own Invoke promises beyond being like boto3's: sent once, so many at a time, opened late, let go at once."""

import contextlib
import gc
import socket
import threading
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from botocore.exceptions import ReadTimeoutError

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.targets.invoke_http import InvokeHttp, InvokeRequest, InvokeResponse
from lambdascope_proxy.threads import Threads

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("in_script")]


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


@pytest.fixture
async def http(settled_clients: Clients) -> AsyncGenerator[InvokeHttp]:
    made = InvokeHttp(at_home(settled_clients), Threads(2), 2)
    yield made
    await made.aclose()


def request(**more: Any) -> InvokeRequest:
    fields: dict[str, Any] = {"payload": b"{}", "invocation_type": "RequestResponse", "read_timeout_s": 20, **more}
    return InvokeRequest(function_name="orders", **fields)


async def test_the_answers_headers_and_body_are_handed_on(http: InvokeHttp, scripted: Any) -> None:
    headers = {
        "X-Amz-Executed-Version": "3",
        "X-Amz-Function-Error": "Unhandled",
        "X-Amz-Log-Result": "UkVQT1JU",
    }
    scripted.will_answer(headers=headers, body=b"\x00\xff")
    answer = await http.invoke(request())
    assert answer.elapsed_ms > 0
    assert answer == InvokeResponse(
        request_id="6f1a-request",
        executed_version="3",
        function_error="Unhandled",
        log_result="UkVQT1JU",
        body=b"\x00\xff",
        elapsed_ms=answer.elapsed_ms,
    )


async def test_what_the_endpoint_does_not_say_is_unknown(http: InvokeHttp, scripted: Any) -> None:
    scripted.will_answer(request_id=None)
    answer = await http.invoke(request())
    told = (answer.request_id, answer.executed_version, answer.function_error, answer.log_result)
    assert told == (None, None, None, None)


async def test_an_endpoint_slower_than_the_read_timeout_gets_exactly_one_request(
    http: InvokeHttp, scripted: Any
) -> None:
    # A second one would run the function again, unseen and paid for.
    ended = threading.Event()
    scripted.will_answer(waits_for=ended)
    scripted.will_answer(body=b"2")
    try:
        with pytest.raises(ReadTimeoutError):
            await http.invoke(request(read_timeout_s=0.1))
    finally:
        ended.set()
    assert len(scripted.requests) == 1


async def test_no_more_than_the_limit_are_sent_at_once_and_the_wait_is_not_counted(
    http: InvokeHttp, scripted: Any
) -> None:
    released = threading.Event()
    for _ in range(2):
        scripted.will_answer(waits_for=released)
    scripted.will_answer()
    answers: list[InvokeResponse] = []

    async def send() -> None:
        answers.append(await http.invoke(request()))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(send)
        assert await Threads(1).run(lambda: scripted.wait_for_requests(2))
        assert not await Threads(1).run(lambda: scripted.wait_for_requests(3, at_most_s=0.1))
        released.set()
    assert len(scripted.requests) == 3
    # The third waited for a place at least as long as the others for their answer.
    assert answers[-1].elapsed_ms < max(answer.elapsed_ms for answer in answers)


async def test_a_cancelled_caller_gives_its_place_to_the_next(http: InvokeHttp, scripted: Any) -> None:
    never = threading.Event()
    for _ in range(2):
        scripted.will_answer(waits_for=never)
    scripted.will_answer(body=b"3")
    try:
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(http.invoke, request())
            assert await Threads(1).run(lambda: scripted.wait_for_requests(2))
            tasks.cancel_scope.cancel()
        with anyio.fail_after(20):
            assert (await http.invoke(request())).body == b"3"
    finally:
        never.set()


async def test_connections_are_opened_for_the_first_request_and_kept_for_the_next(
    http: InvokeHttp, scripted: Any, settled_clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[int] = []
    settle = settled_clients.invoke_config
    monkeypatch.setattr(settled_clients, "invoke_config", lambda: settled.append(1) or settle())
    for _ in range(4):
        scripted.will_answer()
    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(http.invoke, request())
    assert settled == [1]


async def test_a_connection_that_waits_for_an_answer_is_probed_by_tcp(http: InvokeHttp, scripted: Any) -> None:
    # A NAT gateway would forget it after 350 s of silence, and the answer of a long function would never arrive.
    released = threading.Event()
    scripted.will_answer(waits_for=released)
    port = urlsplit(scripted.url).port
    of_others = connections_to(port)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(http.invoke, request())
            assert await Threads(1).run(lambda: scripted.wait_for_requests(1))
            (connection,) = [each for each in connections_to(port) if each not in of_others]
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            names = [name for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL") if hasattr(socket, name)]
            assert [connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names] == [60] * len(
                names
            )
            released.set()
    finally:
        released.set()


def connections_to(port: int | None) -> list[socket.socket]:
    """The open sockets of this process whose other end has this port."""
    found: list[socket.socket] = []
    for each in gc.get_objects():
        if isinstance(each, socket.socket) and each.fileno() >= 0 and each.family == socket.AF_INET:
            with contextlib.suppress(OSError):  # not connected
                found += [each] if each.getpeername()[1] == port else []
    return found


async def test_closing_what_was_never_opened_is_no_error(clients: Clients) -> None:
    await InvokeHttp(at_home(clients), Threads(1), 1).aclose()
