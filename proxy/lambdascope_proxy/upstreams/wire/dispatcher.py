"""The SDK's dispatcher of JSON-RPC, with what the upstream asks and tells handed to us as it came."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import anyio
from anyio.abc import TaskStatus
from mcp.shared.dispatcher import DispatchContext, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext

Params = Mapping[str, Any] | None
# What a server may ask a client for; all else is answered by the SDK.
ASKED: Final = frozenset({"elicitation/create", "sampling/createMessage", "roots/list"})
Context = DispatchContext[TransportContext]


class Listener(Protocol):
    """Who is told what an upstream says of its own accord."""

    async def asked(self, method: str, params: Params, related: str | int | None) -> dict[str, Any]:
        """Answers a request of the upstream; `related` is that of ours it belongs to, if known. Raises MCPError."""
        ...

    def told(self, method: str, params: Params) -> None:
        """Takes a notification; must not wait."""
        ...


class UpstreamDispatcher(JSONRPCDispatcher[TransportContext]):
    """Over the messages of a process; `closed` is set once the upstream's side has ended."""

    def __init__(self, incoming: Any, outgoing: Any, listener: Listener) -> None:
        super().__init__(incoming, outgoing)
        self._listener = listener
        self.closed = anyio.Event()
        incoming.on_end = self.closed.set

    @property
    def session_id(self) -> None:
        """A pipe has none."""
        return

    async def run(
        self,
        on_request: OnRequest,
        on_notify: OnNotify,
        on_notify_intercept: OnNotifyIntercept | None = None,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """As the SDK's, until the upstream's end."""
        intercept = hearing(self._listener, on_notify_intercept)
        try:
            await super().run(asking(self._listener, on_request), on_notify, intercept, task_status=task_status)
        finally:
            self.closed.set()


def asking(listener: Listener, otherwise: OnRequest) -> OnRequest:
    """A handler of requests that asks the listener first."""

    def answer(context: Context, method: str, params: Params) -> Awaitable[dict[str, Any]]:
        if method in ASKED:
            return listener.asked(method, params, None)
        return otherwise(context, method, params)

    return answer


def hearing(listener: Listener, first: OnNotifyIntercept | None) -> Callable[[str, Params], bool]:
    """Takes every notification in the order they come, so that no flood of them makes tasks that pile up."""

    def hear(method: str, params: Params) -> bool:
        if first is None or not first(method, params):
            listener.told(method, params)
        return True

    return hear
