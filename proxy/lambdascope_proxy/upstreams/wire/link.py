"""An open session with an upstream: sends requests as they are and gives results as they come."""

import itertools
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Protocol, cast

import mcp.types as t
from mcp.client import ClientSession
from mcp.client._probe import negotiate_auto
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import mcp_param_headers, x_mcp_header_map
from mcp.types import CLIENT_CAPABILITIES_META_KEY, CONNECTION_CLOSED
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from lambdascope_proxy.call import RpcError
from lambdascope_proxy.errors import UpstreamError, UpstreamGone, UpstreamRefused
from lambdascope_proxy.upstreams.metering import UpstreamMeter
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.dispatcher import Params, UpstreamDispatcher
from lambdascope_proxy.upstreams.wire.http import HttpDispatcher, open_http
from lambdascope_proxy.upstreams.wire.process import open_process
from lambdascope_proxy.upstreams.wire.sizes import Sizes
from lambdascope_proxy.upstreams.wire.words import Words

CLIENT_NAME: Final = "lambdascope"
# The dispatcher counts its own requests, of which there are few, from 1.
FIRST_REQUEST: Final = 1000
Hear = Callable[[float, float | None, str | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A result as it came, and how many bytes the message that brought it had."""

    result: dict[str, Any]
    bytes: int | None


class Asked(Protocol):
    """Who answers what an upstream asks, and hears what it tells."""

    async def asked(self, method: str, params: Params, owners: Sequence[Any]) -> dict[str, Any]:
        """Answers on behalf of the owners of the requests it may belong to. Raises UpstreamRefused."""
        ...

    def told(self, method: str, params: Params) -> None:
        """Takes a notification; must not wait."""
        ...


class Ears:
    """What an upstream says of its own accord, led to the request it belongs to, else to `listener`."""

    def __init__(self, listener: Asked) -> None:
        self._listener = listener
        self._numbers = itertools.count(FIRST_REQUEST)
        self._progress: dict[object, Hear] = {}
        self._owners: dict[object, Any] = {}

    def new_request(self, on_progress: Hear | None, owner: Any) -> int:
        """The id of a request that is to be sent."""
        request_id = next(self._numbers)
        if on_progress is not None:
            self._progress[request_id] = on_progress
        if owner is not None:
            self._owners[request_id] = owner
        return request_id

    def forget(self, request_id: int) -> None:
        """The request has ended."""
        self._progress.pop(request_id, None)
        self._owners.pop(request_id, None)

    async def asked(self, method: str, params: Params, related: str | int | None) -> dict[str, Any]:
        """Over HTTP the stream says to which request it belongs, over a pipe it may be any of those under way."""
        owners = [self._owners[related]] if related in self._owners else [*self._owners.values()]
        try:
            return await self._listener.asked(method, params, owners)
        except UpstreamRefused as refused:
            error = refused.error
            raise MCPError(code=error.code, message=error.message, data=error.data) from refused

    def told(self, method: str, params: Params) -> None:
        """Progress goes to its request, all else to the listener."""
        if method != "notifications/progress":
            self._listener.told(method, params)
            return
        match params:
            case {"progressToken": str() | int() as token, "progress": int() | float() as progress} if (
                hear := self._progress.get(token)
            ):
                total, message = params.get("total"), params.get("message")
                hear(
                    float(progress),
                    float(total) if isinstance(total, int | float) else None,
                    message if isinstance(message, str) else None,
                )
            case _:
                pass


class Link:
    """One session, whichever era and transport; `closed` is set once it has ended."""

    def __init__(
        self,
        session: ClientSession,
        dispatcher: UpstreamDispatcher | HttpDispatcher,
        sizes: Sizes,
        ears: Ears,
        meter: UpstreamMeter,
    ) -> None:
        self._session, self._dispatcher, self._sizes, self._ears = session, dispatcher, sizes, ears
        self._header_maps: dict[str, Any] = {}
        self._meter = meter
        self.closed = dispatcher.closed
        self.protocol_version = session.protocol_version or ""
        self.is_modern = self.protocol_version in MODERN_PROTOCOL_VERSIONS
        capabilities = session.server_capabilities
        self.capabilities: Mapping[str, Any] = (
            capabilities.model_dump(by_alias=True, mode="json", exclude_none=True) if capabilities else {}
        )
        self.instructions = session.instructions
        info = session.server_info
        self.server = f"{info.name} {info.version}" if info else ""

    @property
    def session_id(self) -> str | None:
        """Of an older upstream over HTTP that has sessions."""
        return self._dispatcher.session_id

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        on_progress: Hear | None = None,
        capabilities: Mapping[str, Any] | None = None,
        owner: Any = None,
    ) -> Answered:
        """Sends a request; `capabilities` are those of the client it is for, which newer upstreams are told.

        What the upstream asks meanwhile that belongs to this request is asked of `owner`.

        Raises: UpstreamError.
        """
        began = time.perf_counter()
        try:
            answered = await self._request(method, params, on_progress, capabilities, owner)
        except BaseException as error:
            self._meter.request(method, params, time.perf_counter() - began, self.protocol_version, error)
            raise
        self._meter.request(method, params, time.perf_counter() - began, self.protocol_version, None)
        return answered

    async def _request(
        self,
        method: str,
        params: Mapping[str, Any],
        on_progress: Hear | None,
        capabilities: Mapping[str, Any] | None,
        owner: Any,
    ) -> Answered:
        request_id = self._ears.new_request(on_progress, owner)
        options: CallOptions = {"request_id": request_id}
        self._sizes.expect(request_id)
        try:
            sent = self._stamped(method, params, options, capabilities)
            if on_progress is not None:
                sent.setdefault("_meta", {})["progressToken"] = request_id
            result = await self._dispatcher.send_raw_request(method, sent, options)
        except MCPError as error:
            raise _told(error) from error
        finally:
            self._ears.forget(request_id)
            size = self._sizes.take(request_id)
        return Answered(result=result, bytes=size)

    async def listen(self, wanted: Mapping[str, Any]) -> None:
        """Asks a newer upstream to tell of changes, until it ends the stream; what it tells goes to the listener.

        Raises: UpstreamError.
        """
        await self._request("subscriptions/listen", {"notifications": wanted}, None, None, None)

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Sends a notification; lost when the upstream is gone."""
        await self._dispatcher.notify(method, params)

    def mirror_headers(self, tool_name: str, schema: Mapping[str, Any]) -> None:
        """Some arguments of a tool also go into HTTP headers, where its schema says so (revision 2026-07-28)."""
        if found := x_mcp_header_map(schema):
            self._header_maps[tool_name] = found

    def _stamped(
        self, method: str, params: Mapping[str, Any], options: CallOptions, capabilities: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        meta: dict[str, Any] = dict(params.get("_meta") or {})
        sent: dict[str, Any] = {**params, "_meta": meta}
        self._session._stamp({"method": method, "params": sent}, options)  # pyright: ignore[reportPrivateUsage] -- what send_request does, without its copies of results
        if capabilities is not None and self.is_modern:
            meta[CLIENT_CAPABILITIES_META_KEY] = dict(capabilities)
        if method == "tools/call" and (header_map := self._header_maps.get(params["name"])):
            options.setdefault("headers", {}).update(mcp_param_headers(header_map, params.get("arguments") or {}))
        if not meta:
            del sent["_meta"]
        return sent


@asynccontextmanager
async def open_link(
    spec: Upstream, listener: Asked, words: Words, *, most_bytes: int, meter: UpstreamMeter | None = None
) -> AsyncGenerator[Link]:
    """Connects and settles the revision: the newest if the upstream speaks it, else by handshake.

    Raises: OSError, UpstreamError, in the groups that task groups make of them.
    """
    sizes, ears, never = Sizes(), Ears(listener), cast("Any", _never)
    async with _dispatcher(spec, ears, words, sizes, most_bytes) as dispatcher:
        session = ClientSession(
            dispatcher=dispatcher,
            client_info=t.Implementation(name=CLIENT_NAME, version=version("lambdascope")),
            # Never called: the dispatcher leads what is asked elsewhere. They make the session announce that it can.
            elicitation_callback=never,
            sampling_callback=never,
            list_roots_callback=never,
        )
        async with session:
            try:
                await negotiate_auto(session)
            except MCPError as error:
                raise _told(error) from error
            yield Link(session, dispatcher, sizes, ears, meter or UpstreamMeter(None, spec))


def _dispatcher(
    spec: Upstream, ears: Ears, words: Words, sizes: Sizes, most_bytes: int
) -> "AbstractAsyncContextManager[UpstreamDispatcher | HttpDispatcher]":
    if spec.url:
        return open_http(spec, ears, sizes, most_bytes)
    return _process_dispatcher(spec, ears, words, sizes, most_bytes)


@asynccontextmanager
async def _process_dispatcher(
    spec: Upstream, ears: Ears, words: Words, sizes: Sizes, most_bytes: int
) -> AsyncGenerator[UpstreamDispatcher]:
    async with open_process(spec, words, sizes, most_bytes) as (incoming, outgoing):
        yield UpstreamDispatcher(incoming, outgoing, ears)


async def _never(*_: Any) -> Any:
    raise AssertionError("what an upstream asks is led to the client of the call")


def _told(error: MCPError) -> UpstreamError:
    if isinstance(error.error.data, UpstreamError):
        return error.error.data
    if error.code == CONNECTION_CLOSED and error.error.message == "Connection closed":
        return UpstreamGone("the connection ended")
    told = RpcError(code=error.code, message=error.error.message, data=error.error.data)
    return UpstreamRefused(told)
