"""The SERVER span of every MCP request, in place of the SDK's own: bounded names, no raw messages, right status."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import ValidationError

from lambdascope_proxy import names

# The W3C format whatever OTEL_PROPAGATORS says: `_meta.traceparent` is defined by MCP.
W3C = TraceContextTextMapPropagator()
INVALID_PARAMS = -32602
# The caller's own faults do not make a server span red (semantic conventions for MCP).
CALLER_FAULTS = frozenset({-32700, -32600, -32601, INVALID_PARAMS, -32002})
METHODS = frozenset(
    {
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "prompts/list",
        "prompts/get",
        "completion/complete",
        "subscriptions/listen",
        "notifications/initialized",
        "notifications/cancelled",
    }
)
OTHER = "_OTHER"


class Observer:
    """Middleware of the SDK's server; also calls `on_answer` after each answered request."""

    def __init__(
        self,
        tracer: Tracer,
        known_tools: Callable[[], Collection[str]],
        network_transport: str,
        on_answer: Callable[[], None],
    ) -> None:
        self._tracer = tracer
        self._known_tools = known_tools
        self._network_transport = network_transport
        self._on_answer = on_answer

    async def __call__(self, ctx: Any, call_next: Callable[[Any], Any]) -> Any:
        """Runs the request inside its span."""
        parent = W3C.extract(_texts(ctx.meta))
        remote = get_current_span(parent).get_span_context()
        ambient = get_current_span().get_span_context()
        links = [Link(ambient)] if remote.is_valid and ambient.is_valid and ambient.span_id != remote.span_id else []
        with self._tracer.start_as_current_span(
            self._span_name(ctx),
            context=parent if remote.is_valid else None,
            kind=SpanKind.SERVER,
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                result = await call_next(ctx)
                self._end(span, ctx, None, "tool_error" if _is_tool_error(ctx, result) else None)
                return result
            except MCPError as error:
                self._end(span, ctx, error.error.code, None)
                raise
            except ValidationError:
                self._end(span, ctx, INVALID_PARAMS, None)
                raise
            except BaseException as error:
                self._end(span, ctx, None, type(error).__name__)
                raise
            finally:
                self._on_answer()

    def _span_name(self, ctx: Any) -> str:
        method = ctx.method if ctx.method in METHODS else OTHER
        return f"{method} {self._tool(ctx)}" if method == "tools/call" else method

    def _tool(self, ctx: Any) -> str:
        tool: object = ctx.params.get("name") if ctx.params else None
        return tool if isinstance(tool, str) and tool in self._known_tools() else OTHER

    def _end(self, span: Span, ctx: Any, code: int | None, error_type: str | None) -> None:
        if not span.is_recording():
            return
        span.set_attributes(self._attributes(ctx))
        if code is not None:
            span.set_attribute(names.RPC_STATUS_CODE, str(code))
            error_type = None if code in CALLER_FAULTS else str(code)
        if error_type:
            span.set_attribute(names.ERROR_TYPE, error_type)
            span.set_status(StatusCode.ERROR)

    def _attributes(self, ctx: Any) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            names.MCP_METHOD: ctx.method if ctx.method in METHODS else OTHER,
            names.MCP_PROTOCOL_VERSION: ctx.protocol_version,
            names.NETWORK_TRANSPORT: self._network_transport,
        }
        if ctx.request_id is not None:
            attributes[names.JSONRPC_REQUEST_ID] = str(ctx.request_id)
        if ctx.request is not None and (session_id := ctx.request.headers.get("mcp-session-id")):
            attributes[names.MCP_SESSION_ID] = session_id
        if ctx.method == "tools/call":
            attributes |= {names.TOOL_NAME: self._tool(ctx), names.OPERATION_NAME: "execute_tool"}
        return attributes


def _texts(meta: Mapping[str, Any] | None) -> dict[str, str]:
    """The text values of `_meta`: another kind under a trace key would make the propagator raise."""
    return {key: value for key, value in meta.items() if isinstance(value, str)} if meta else {}


def _is_tool_error(ctx: Any, result: Any) -> bool:
    """Whether the finished wire dict of a tool call says so."""
    return ctx.method == "tools/call" and bool(result) and result.get("isError") is True
