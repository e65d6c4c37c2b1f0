"""Lets a result go out as it is: the SDK would drop of it what its models of the protocol do not know."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final, cast

from mcp.types import SERVER_INFO_META_KEY
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

_result: ContextVar[list[Mapping[str, Any]]] = ContextVar("raw result")
RESERVED: Final = "io.modelcontextprotocol/"


def put_raw(result: Mapping[str, Any]) -> None:
    """From a request's handler: this is its result, whatever the handler returns."""
    _result.get().append(result)


class RawResults:
    """Middleware, innermost: the SDK's own checks of the request stay, those of the result are left out.

    `server_info` says who answers, which newer clients are told with every result.
    """

    def __init__(self, server_info: Callable[[], Mapping[str, Any]]) -> None:
        self._server_info = server_info

    async def __call__(self, ctx: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        """Runs the request and swaps its result."""
        slot = list[Mapping[str, Any]]()
        token = _result.set(slot)
        try:
            result = await call_next(ctx)
        finally:
            _result.reset(token)
        return self._finished(slot[0], ctx.protocol_version) if slot else result

    def _finished(self, raw: Mapping[str, Any], version: str) -> dict[str, Any]:
        """In the form of the client's era: older clients know no `resultType`, newer ones need it."""
        own = cast("Mapping[str, Any]", raw.get("_meta") or {})
        meta = {key: value for key, value in own.items() if not key.startswith(RESERVED)}
        if version in MODERN_PROTOCOL_VERSIONS:
            stamped = {**meta, SERVER_INFO_META_KEY: self._server_info()}
            return {"resultType": "complete", **raw, "_meta": stamped}
        result = {key: value for key, value in raw.items() if key not in {"resultType", "ttlMs", "cacheScope", "_meta"}}
        return {**result, "_meta": meta} if meta else result
