"""A relay in front of the local AWS: passes requests on as they are and notes what each was.

It runs in the process that measures, which only waits while a question is answered.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncGenerator
from typing import Any, cast

from bench.http_connection import HttpAnswer, HttpConnection
from bench.http_server import Connection, Request, Send
from bench.monitor.aws_calls import METRICS, QUERY, RESULTS, AwsCall

TARGET = re.compile(rb"\r\nx-amz-target: *[^\r]*?\.(\w+)\r", re.IGNORECASE)
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
SERVICE = re.compile(rb"Credential=[^/]+/\d+/[a-z0-9-]+/([a-z0-9-]+)/")
OVER = {"Complete", "Failed", "Cancelled", "Timeout"}


class Relay:
    """Counts while it passes on; `calls` holds what was answered since it was last taken."""

    def __init__(self, upstream_port: int) -> None:
        self.port = 0
        self._upstream_port = upstream_port
        self._idle: list[HttpConnection] = []
        self._calls: list[AwsCall] = []
        self._passing: set[asyncio.Task[None]] = set()

    def take(self) -> list[AwsCall]:
        """Return what was answered since this was last asked, in the order of the answers."""
        taken, self._calls = self._calls, []
        return taken

    def handle(self, request: Request, send: Send) -> None:
        """Pass a request on, and its answer back."""
        task = asyncio.create_task(self._pass(request, send, time.monotonic()))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _pass(self, request: Request, send: Send, began_s: float) -> None:
        answer = await self._exchange(request)
        send(answer.head + answer.body)
        self._calls.append(noted(request, answer, began_s, time.monotonic()))

    async def _exchange(self, request: Request) -> HttpAnswer:
        connection = self._idle.pop() if self._idle else await HttpConnection.open(self._upstream_port)
        answer = await connection.exchange(request.head + b"\r\n" + request.body)
        self._idle.append(connection)
        return answer

    async def close(self) -> None:
        """End what is under way."""
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)
        for connection in self._idle:
            connection.close()


@contextlib.asynccontextmanager
async def relaying(upstream_port: int) -> AsyncGenerator[Relay, None]:
    """Relay to a loopback port while the block lasts."""
    relay = Relay(upstream_port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(relay.handle), "127.0.0.1", 0, backlog=128)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()


def noted(request: Request, answer: HttpAnswer, began_s: float, ended_s: float) -> AwsCall:
    """Return what a request asked and its answer told."""
    operation = operation_of(request)
    asked, told = _object(request.body), _object(answer.body)
    is_result = operation == RESULTS
    is_over = is_result and told.get("status") in OVER
    return AwsCall(
        operation=operation,
        began_s=began_s,
        ended_s=ended_s,
        status=answer.status,
        request_bytes=len(request.head) + 2 + len(request.body),
        response_bytes=len(answer.head) + len(answer.body),
        metrics=_metrics_in(asked) if operation == METRICS else 0,
        query_id=str((asked if is_result else told).get("queryId", "")) if operation in {QUERY, RESULTS} else "",
        has_ended_query=is_over,
        # A query is read page by page and polled; what it scanned is told each time and counts once.
        scanned_bytes=round(told.get("statistics", {}).get("bytesScanned", 0)) if is_over and not _token(asked) else 0,
    )


def operation_of(request: Request) -> str:
    """Return the AWS operation of a request, or for a REST service its name and the method."""
    if found := TARGET.search(request.head) or ACTION.search(request.body):
        return found[1].decode()
    service = SERVICE.search(request.head)
    return f"{service[1].decode() if service else 'unsigned'} {request.method}"


def _metrics_in(asked: dict[str, Any]) -> int:
    return sum("MetricStat" in query for query in asked.get("MetricDataQueries", []))


def _token(asked: dict[str, Any]) -> bool:
    return bool(asked.get("nextToken"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
