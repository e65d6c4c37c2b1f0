"""What an upstream over Streamable HTTP may answer: a JSON body, a stream of events, a refusal, nothing."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, METHOD_NOT_FOUND

from lambdascope_proxy.errors import ResultTooLarge, UpstreamGone, UpstreamNonsense
from lambdascope_proxy.upstreams.wire.events import Event, Events
from lambdascope_proxy.upstreams.wire.parsing import parse

if TYPE_CHECKING:
    import aiohttp

ERROR_BYTES: Final = 1_000_000
OK, ACCEPTED, REDIRECTS, FAILURES, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 200, 202, 300, 400, 401, 403, 404


@asynccontextmanager
async def reaching() -> AsyncGenerator[None]:
    """What goes wrong between here and the upstream becomes UpstreamGone."""
    import aiohttp  # with the first upstream over HTTP, not at start

    try:
        yield
    except aiohttp.ClientConnectorError as error:
        raise UpstreamGone(f"nothing answers there: {error.os_error.strerror or error}", is_unseen=True) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UpstreamGone(f"the connection to it failed: {type(error).__name__}") from error


async def refuse(response: "aiohttp.ClientResponse", *, has_session: bool) -> None:
    """Raises what a response without a result means; returns where there should be one.

    Raises: MCPError (also where it only means another era), UpstreamGone, UpstreamNonsense.
    """
    if response.status == OK:
        return
    if REDIRECTS <= response.status < FAILURES:
        where = urlsplit(response.headers.get("location", ""))
        told = (
            f"it redirects to {where.scheme}://{where.hostname}{where.path}; give that as its URL if it is the server"
        )
        raise UpstreamNonsense(told)
    if response.status in {UNAUTHORIZED, FORBIDDEN}:
        raise UpstreamNonsense(f"it answered HTTP {response.status}: check the credentials in its headers")
    error = await _rpc_error(response)
    if response.status == NOT_FOUND and has_session:
        raise UpstreamGone("it forgot the session", is_unseen=True)
    if error is not None:
        raise error
    code = METHOD_NOT_FOUND if response.status == NOT_FOUND else INTERNAL_ERROR
    told = UpstreamNonsense(f"it answered HTTP {response.status} without an error of JSON-RPC")
    raise MCPError(code=code, message=str(told), data=told)


async def _rpc_error(response: "aiohttp.ClientResponse") -> MCPError | None:
    if not is_json(response):
        return None
    try:
        error = parse(await read_body(response, ERROR_BYTES))["error"]
        return MCPError(code=error["code"], message=str(error["message"]), data=error.get("data"))
    except (UpstreamNonsense, ResultTooLarge, KeyError, TypeError, ValueError):
        return None


def is_json(response: "aiohttp.ClientResponse") -> bool:
    """Whether the body is one JSON document."""
    return response.content_type == "application/json"


async def read_body(response: "aiohttp.ClientResponse", most_bytes: int) -> bytes:
    """The whole body. Raises ResultTooLarge as soon as there is more than may be."""
    if (response.content_length or 0) > most_bytes:
        raise ResultTooLarge(response.content_length, most_bytes)
    parts, size = list[bytes](), 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            raise ResultTooLarge(None, most_bytes)
    return b"".join(parts)


async def read_events(response: "aiohttp.ClientResponse", most_bytes: int) -> AsyncIterator[Event]:
    """The events of the body as they come."""
    events = Events(most_bytes)
    async for chunk in response.content.iter_any():
        for event in events.feed(chunk):
            yield event
