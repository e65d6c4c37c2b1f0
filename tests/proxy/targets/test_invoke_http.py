"""What our own Invoke promises beyond being like boto3's: sent once, so many at a time, opened late, let go at once."""

import contextlib
import gc
import socket
import threading
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import ReadTimeoutError

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Place, Places
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


ELSEWHERE = Place(region="eu-west-1", account_id="222222222222")


class Held(Credentials):
    """Credentials of a role whose renewal lasts until it is let go."""

    def __init__(self) -> None:
        super().__init__("ASIAROLE", "secret", "token")
        self.asked, self.let_go = threading.Event(), threading.Event()

    def refresh_needed(self) -> bool:
        return not self.let_go.is_set()

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        self.asked.set()
        assert self.let_go.wait(20)
        return super().get_frozen_credentials()


@pytest.fixture
async def two_places(settled_clients: Clients) -> AsyncGenerator[tuple[InvokeHttp, Held]]:
    """One client for home and for an account behind a role."""
    held = Held()
    there = Clients(region="eu-west-1", profile="", credentials=lambda: held)
    made = InvokeHttp(Places(settled_clients, lambda place: there, [ELSEWHERE.account_id]), Threads(1), 2)
    yield made, held
    held.let_go.set()
    await made.aclose()


async def test_a_request_goes_to_its_place_with_the_credentials_of_that_place(
    two_places: tuple[InvokeHttp, Held], scripted: Any
) -> None:
    http, held = two_places
    held.let_go.set()
    for place in (None, ELSEWHERE, Place(region="us-east-1", account_id="111111111111")):
        scripted.will_answer()
        await http.invoke(request(place=place))
    signed = [each.headers["authorization"].split("Credential=")[1].split("/") for each in scripted.requests]
    assert [(key, region) for key, _, region, *_ in signed] == [
        ("tests", "us-east-1"),
        ("ASIAROLE", "eu-west-1"),
        ("tests", "us-east-1"),
    ]
    assert scripted.requests[1].headers["x-amz-security-token"] == "token"


async def test_a_role_that_is_not_answered_keeps_no_other_place_from_being_called(
    two_places: tuple[InvokeHttp, Held], scripted: Any, settled_clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home has one thread here, and needs it: as when its credentials are renewed."""
    http, held = two_places
    config = settled_clients.invoke_config()
    renewed = RefreshingAtOnce(config.credentials.get_frozen_credentials())
    monkeypatch.setattr(settled_clients, "invoke_config", lambda: replace(config, credentials=renewed))
    scripted.will_answer(body=b"1")
    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(http.invoke, request(place=ELSEWHERE))
        assert await Threads(1).run(lambda: held.asked.wait(20))
        with anyio.fail_after(20):
            assert (await http.invoke(request())).body == b"1"
        tasks.cancel_scope.cancel()


class RefreshingAtOnce:
    """Credentials that always want a thread."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def refresh_needed(self) -> bool:
        return True

    def get_frozen_credentials(self) -> Any:
        return self._keys
