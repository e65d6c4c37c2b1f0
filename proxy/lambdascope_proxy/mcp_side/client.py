"""The client's side of a request: what came with it, and what may be told and asked while it is under way."""

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

from mcp.shared.exceptions import MCPError
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from lambdascope_proxy.call import OutcomeKind, RpcError
from lambdascope_proxy.errors import CallFailed

log = logging.getLogger(__name__)
NEEDED: Final = {"elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots"}


class RequestClient:
    """`Client` of a call, over the SDK's context of its request."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._params: Mapping[str, Any] = ctx.params or {}
        self._capabilities: Mapping[str, Any] | None = None

    @property
    def identity(self) -> object:
        """The same for all requests of one client that can be told from others, else of this request alone."""
        if self._ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return self
        return self._ctx.session._connection

    @property
    def meta(self) -> Mapping[str, Any]:
        """`_meta` as it came."""
        meta: object = self._params.get("_meta")
        return cast("Mapping[str, Any]", meta) if isinstance(meta, Mapping) else {}

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the client said it can do."""
        if self._capabilities is None:
            declared = self._ctx.session.client_capabilities
            known: Mapping[str, Any] = {}
            if declared:
                known = declared.model_dump(by_alias=True, mode="json", exclude_none=True)
            self._capabilities = known
        return self._capabilities

    @property
    def input_responses(self) -> Mapping[str, Any] | None:
        """Answers that came with a retry."""
        return self._params.get("inputResponses")

    @property
    def request_state(self) -> str | None:
        """The state that came with a retry."""
        return self._params.get("requestState")

    async def report_progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Tells a client that asked for progress."""
        try:
            await self._ctx.session.report_progress(progress, total, message)
        except Exception as error:
            log.debug("progress did not reach the client: %r", error)

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Asks on the connection of this request. Raises CallFailed with the client's own error where it sent one."""
        if self._ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return None
        needed = NEEDED.get(method, method)
        if needed not in self.capabilities:
            raise _failed(f"The client cannot be asked: it has not the capability {needed}.")
        try:
            # The request's own channel, raw: over HTTP others may not be open, and models would drop what is new.
            return await self._ctx.session._request_outbound.send_raw_request(method, dict(params))
        except MCPError as error:
            told = RpcError(code=error.code, message=error.error.message, data=error.error.data)
            raise _failed(f"The client refused {method}: {told.message[:200]}", told) from error


def _failed(message: str, error: RpcError | None = None) -> CallFailed:
    hint = "Use a client that supports it, or a tool that needs nothing more."
    failed = CallFailed(OutcomeKind.REFUSED, "ClientCannot", message, hint)
    failed.rpc_error = error
    return failed
