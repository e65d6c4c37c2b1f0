"""JSON-RPC with an upstream over Streamable HTTP, both eras: one POST a request, each answered or failed by itself.

In place of the SDK's transport, where one connection that fails ends all requests under way, answers have no bound, and
nobody can tell for which request the upstream asks the client something.
"""

import itertools
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup, TaskStatus
from mcp.shared.dispatcher import CallOptions, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.exceptions import MCPError
from mcp.types import METHOD_NOT_FOUND, REQUEST_TIMEOUT
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from lambdascope_proxy.errors import UpstreamError, UpstreamGone, UpstreamNonsense
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.dispatcher import ASKED, Listener, Params, hearing
from lambdascope_proxy.upstreams.wire.events import Event
from lambdascope_proxy.upstreams.wire.http_exchange import (
    NOT_FOUND,
    OK,
    is_json,
    reaching,
    read_body,
    read_events,
    refuse,
)
from lambdascope_proxy.upstreams.wire.parsing import encode_message, parse
from lambdascope_proxy.upstreams.wire.sizes import Sizes

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)
ACCEPT: Final = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
SESSION: Final = "mcp-session-id"
VERSION: Final = "mcp-protocol-version"
CONNECT_S: Final = 10.0
# Shorter than servers keep an idle connection (uvicorn: 5 s), so that no request goes into one that is just closing.
IDLE_S: Final = 4.0
FAREWELL_S: Final = 2.0
RESUMES: Final = 5
PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0


class HttpDispatcher:
    """A dispatcher as the SDK's session wants one; `closed` is set when the upstream has forgotten the session."""

    def __init__(
        self, spec: Upstream, http: "aiohttp.ClientSession", listener: Listener, sizes: Sizes, most_bytes: int
    ) -> None:
        self._url, self._http, self._listener = spec.url, http, listener
        self._sizes, self._most_bytes = sizes, most_bytes
        self._numbers = itertools.count(1)
        self._headers: dict[str, str] = {}
        self._tasks: TaskGroup | None = None
        self._hear: Callable[[str, Params], bool] = lambda method, params: False
        self.closed = anyio.Event()

    @property
    def session_id(self) -> str | None:
        """Of an older upstream that has sessions."""
        return self._headers.get(SESSION)

    async def run(
        self,
        on_request: OnRequest,
        on_notify: OnNotify,
        on_notify_intercept: OnNotifyIntercept | None = None,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Until it is cancelled: there is no connection to read, each request reads its own."""
        self._hear = hearing(self._listener, on_notify_intercept)
        async with anyio.create_task_group() as self._tasks:
            task_status.started()
            await anyio.sleep_forever()

    async def send_raw_request(self, method: str, params: Params, opts: CallOptions | None = None) -> dict[str, Any]:
        """The result as it came. Raises MCPError, UpstreamError."""
        opts = opts or {}
        request_id = opts.get("request_id") or next(self._numbers)
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, **({"params": dict(params)} if params else {})}
        headers = self._sent_headers(method, opts)
        with anyio.move_on_after(opts.get("timeout", float("inf"))):
            try:
                return await self._exchange(message, headers)
            except anyio.get_cancelled_exc_class():
                if opts.get("cancel_on_abandon", True):
                    await self._tell_of_end(request_id, headers)
                raise
        raise MCPError(code=REQUEST_TIMEOUT, message=f"Request {method!r} timed out")

    async def notify(self, method: str, params: Params, opts: CallOptions | None = None) -> None:
        """Sends it once; what goes wrong with it is nobody's concern."""
        message = {"jsonrpc": "2.0", "method": method, **({"params": dict(params)} if params else {})}
        await self._send(message, self._sent_headers(method, opts or {}))
        if method == "notifications/initialized" and self._tasks and self.session_id:
            self._tasks.start_soon(self._hear_outside_of_requests)

    async def farewell(self) -> None:
        """Ends the session of an older upstream."""
        if not self.session_id or self.closed.is_set():
            return
        with anyio.move_on_after(FAREWELL_S, shield=True):
            try:
                async with reaching(), self._http.delete(self._url, headers=self._headers):
                    pass
            except UpstreamGone:
                pass

    def _sent_headers(self, method: str, opts: CallOptions) -> dict[str, str]:
        given = opts.get("headers", {})
        for name, value in given.items():
            if name.lower() == VERSION:
                self._headers[VERSION] = value
        if method == "initialize":
            # What a probe was stamped with must not leak onto the handshake.
            self._headers.pop(VERSION, None)
        return {**ACCEPT, **self._headers, **given}

    async def _exchange(self, message: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await self._posted(message, headers)
        except UpstreamGone as gone:
            if gone.is_unseen:
                self.closed.set()
            raise

    async def _posted(self, message: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        post = self._http.post(self._url, data=encode_message(message), headers=headers, allow_redirects=False)
        async with reaching(), post as response:
            await refuse(response, has_session=self.session_id is not None)
            if message["method"] == "initialize" and (session_id := response.headers.get(SESSION)):
                self._headers[SESSION] = session_id
            if is_json(response):
                body = await read_body(response, self._most_bytes)
                return self._result(parse(body), message["id"], len(body))
            if response.content_type == "text/event-stream":
                return await self._from_events(response, message["id"])
            raise UpstreamNonsense(f"it answered with {response.content_type}")

    async def _from_events(self, response: "aiohttp.ClientResponse", request_id: str | int) -> dict[str, Any]:
        """Follows the stream to the answer; an older upstream may end it before and be asked for the rest."""
        place = Place()
        found = await self._follow(response, place, request_id)
        for _ in range(RESUMES):
            if found is not None:
                return found
            if place.id is None:
                break
            await anyio.sleep(min(place.pause_s, LONGEST_PAUSE_S))
            headers = {**self._headers, "accept": "text/event-stream", "last-event-id": place.id}
            async with self._http.get(self._url, headers=headers, allow_redirects=False) as resumed:
                await refuse(resumed, has_session=True)
                found = await self._follow(resumed, place, request_id)
        raise UpstreamGone("its stream ended without an answer")

    async def _follow(
        self, response: "aiohttp.ClientResponse", place: "Place", request_id: str | int | None
    ) -> dict[str, Any] | None:
        """Reads a stream to the answer to this request, or to the stream's end."""
        import aiohttp

        try:
            async for event in read_events(response, self._most_bytes):
                place.move(event)
                if event.data and (message := self._taken(parse(event.data), request_id)) is not None:
                    return self._result(message, request_id, len(event.data))
        except aiohttp.ClientError:
            if place.id is None:
                raise
        return None

    def _taken(self, message: dict[str, Any], request_id: str | int | None) -> dict[str, Any] | None:
        """The message if it answers this request; all others go where they belong."""
        method = message.get("method")
        if not isinstance(method, str):
            return message if request_id is not None else None
        params = message.get("params")
        if "id" not in message:
            self._hear(method, params)
        elif self._tasks:
            self._tasks.start_soon(self._serve, message, request_id)
        return None

    async def _serve(self, message: Mapping[str, Any], related: str | int | None) -> None:
        """Answers a request of the upstream."""
        method, answer = message["method"], {"jsonrpc": "2.0", "id": message["id"]}
        try:
            if method in ASKED:
                result = await self._listener.asked(method, message.get("params"), related)
            elif method == "ping":
                result = dict[str, Any]()
            else:
                raise MCPError(code=METHOD_NOT_FOUND, message="Method not found")
            await self._send({**answer, "result": result})
        except MCPError as error:
            await self._send({**answer, "error": error.error.model_dump(exclude_none=True)})

    async def _send(self, message: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        """Posts what has no answer; what goes wrong with it is nobody's concern."""
        headers = headers or {**ACCEPT, **self._headers}
        post = self._http.post(self._url, data=encode_message(message), headers=headers, allow_redirects=False)
        with suppress(UpstreamError):
            async with reaching(), post:
                pass

    def _result(self, message: dict[str, Any], request_id: str | int | None, size: int) -> dict[str, Any]:
        if error := message.get("error"):
            raise MCPError(**_error_fields(error))
        result = message.get("result")
        if not isinstance(result, dict):
            raise UpstreamNonsense("its answer has neither a result nor an error")
        self._sizes.note(request_id, size)
        return cast("dict[str, Any]", result)

    async def _tell_of_end(self, request_id: str | int, headers: Mapping[str, str]) -> None:
        """An older upstream hears of a request that nobody waits for; a newer one sees its stream close."""
        if headers.get(VERSION) in MODERN_PROTOCOL_VERSIONS:
            return
        message = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id}}
        with anyio.move_on_after(FAREWELL_S, shield=True):
            await self._send(message)

    async def _hear_outside_of_requests(self) -> None:
        """An older upstream may have a stream for what belongs to no request; one without says so at once."""
        place = Place()
        while not self.closed.is_set():
            headers = {**self._headers, "accept": "text/event-stream"}
            if place.id is not None:
                headers["last-event-id"] = place.id
            try:
                async with reaching(), self._http.get(self._url, headers=headers, allow_redirects=False) as response:
                    if response.status == NOT_FOUND:
                        self.closed.set()
                    if response.status != OK or response.content_type != "text/event-stream":
                        return
                    await self._follow(response, place, None)
            except (UpstreamError, MCPError) as error:
                log.debug("the stream of an upstream ended: %s", error)
            await anyio.sleep(min(place.pause_s, LONGEST_PAUSE_S))


class Place:
    """How far a stream was read, and how long to wait before it is asked for the rest."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.pause_s = PAUSE_S

    def move(self, event: Event) -> None:
        """Notes what the event says of it."""
        self.id = event.id or self.id
        self.pause_s = self.pause_s if event.retry_s is None else event.retry_s


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for this URL, by HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""
    where = urlsplit(url)
    return None if proxy_bypass(where.netloc) else getproxies().get(where.scheme)


def _error_fields(error: Any) -> dict[str, Any]:
    try:
        return {"code": int(error["code"]), "message": str(error["message"]), "data": error.get("data")}
    except (TypeError, KeyError, ValueError):
        raise UpstreamNonsense("its error has no code or no message") from None


@asynccontextmanager
async def open_http(
    spec: Upstream, listener: Listener, sizes: Sizes, most_bytes: int
) -> AsyncGenerator[HttpDispatcher]:
    """Connections to the upstream's URL, which end with the block."""
    import aiohttp  # with the first upstream over HTTP, not at start

    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        headers=dict(spec.headers),
        cookie_jar=aiohttp.DummyCookieJar(),
        # Looked up once: with trust_env each request goes to another thread and back for it.
        proxy=await anyio.to_thread.run_sync(proxy_of, spec.url),
    ) as http:
        dispatcher = HttpDispatcher(spec, http, listener, sizes, most_bytes)
        try:
            yield dispatcher
        finally:
            await dispatcher.farewell()
