"""The SERVER span and the duration of every MCP request, in place of the SDK's own: bounded names, right status."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from opentelemetry.context import Context, get_current
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import ValidationError

from lambdascope_proxy import names
from lambdascope_proxy.client_text import masked_text
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.mcp_side.session import session_id_of
from lambdascope_proxy.telemetry.metric_table import SERVER_DURATION

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters

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
        "resources/subscribe",
        "resources/unsubscribe",
        "logging/setLevel",
        "prompts/list",
        "prompts/get",
        "completion/complete",
        "subscriptions/listen",
        "notifications/initialized",
        "notifications/cancelled",
    }
)
OTHER = "_OTHER"
# Clients count their requests; an id may be any text all the same.
ID_CHARS = 64


class Observer:
    """Middleware of the SDK's server; also calls `on_answer` after each answered request.

    `scrub` masks the ids that a client made up.

    `protocol_version` is that of the last request.
    """

    def __init__(
        self,
        tracer: Tracer,
        known_tools: Callable[[], Collection[str]],
        network_transport: str,
        on_answer: Callable[[], None],
        *,
        scrub: Callable[[str], str],
        meters: "Meters | None" = None,
    ) -> None:
        self._scrub = scrub
        self.protocol_version: str | None = None
        self._meters = meters
        self._tracer = tracer
        self._known_tools = known_tools
        self._network_transport = network_transport
        self._on_answer = on_answer

    async def __call__(self, ctx: Any, call_next: Callable[[Any], Any]) -> Any:
        """Runs the request inside its span."""
        began = time.perf_counter()
        self.protocol_version = ctx.protocol_version
        parent, links = _origin(ctx)
        with self._tracer.start_as_current_span(
            self._span_name(ctx),
            context=parent,
            kind=SpanKind.SERVER,
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            code: int | None = None
            error_type: str | None = None
            try:
                result = await call_next(ctx)
                error_type = "tool_error" if _is_tool_error(ctx, result) else None
                return result
            except MCPError as error:
                code = error.error.code
                raise
            except ValidationError:
                code = INVALID_PARAMS
                raise
            except BaseException as error:
                error_type = type(error).__name__
                raise
            finally:
                if span.is_recording() or self._meters:
                    guarded("ending a request", self._end, span, ctx, _ending(code, error_type), began)
                self._on_answer()

    def _span_name(self, ctx: Any) -> str:
        method = ctx.method if ctx.method in METHODS else OTHER
        return f"{method} {self._tool(ctx)}" if method == "tools/call" else method

    def _tool(self, ctx: Any) -> str:
        tool: object = ctx.params.get("name") if ctx.params else None
        return tool if isinstance(tool, str) and tool in self._known_tools() else OTHER

    def _end(self, span: Span, ctx: Any, ending: Mapping[str, str], began: float) -> None:
        attributes = {**self._attributes(ctx), **ending}
        if span.is_recording():
            if ctx.method == "tools/call":
                # A tool of another server may have become known only meanwhile.
                span.update_name(self._span_name(ctx))
            span.set_attributes(attributes)
            if names.ERROR_TYPE in ending:
                span.set_status(StatusCode.ERROR)
        if self._meters:
            # Within the span, so that the exemplar leads to it.
            self._meters.record(SERVER_DURATION, time.perf_counter() - began, attributes)

    def _attributes(self, ctx: Any) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            names.MCP_METHOD: ctx.method if ctx.method in METHODS else OTHER,
            names.MCP_PROTOCOL_VERSION: ctx.protocol_version,
            names.NETWORK_TRANSPORT: self._network_transport,
        }
        if ctx.request_id is not None:
            attributes[names.JSONRPC_REQUEST_ID] = self._id(str(ctx.request_id))
        if session_id := session_id_of(ctx):
            attributes[names.MCP_SESSION_ID] = self._id(session_id)
        if ctx.method == "tools/call":
            attributes |= {names.TOOL_NAME: self._tool(ctx), names.OPERATION_NAME: "execute_tool"}
        return attributes

    def _id(self, text: str) -> str:
        return masked_text(text, self._scrub, characters=ID_CHARS)


def _origin(ctx: Any) -> tuple[Context | None, list[Link]]:
    """The caller's span to hang ours under, and the others that this request hangs on, as links.

    What `_meta` names goes first, then the HTTP headers, then a span that is current here; None starts a trace.
    """
    contexts = (W3C.extract(_texts(ctx.meta)), W3C.extract(_trace_headers(ctx.request)), get_current())
    found: dict[int, Context] = {}
    for context in contexts:
        span = get_current_span(context).get_span_context()
        if span.is_valid:
            found.setdefault(span.span_id, context)
    parent, *others = [*found.values()] or [None]
    return parent, [Link(get_current_span(other).get_span_context()) for other in others]


def _trace_headers(request: Any) -> dict[str, str]:
    """Of an HTTP request; there is none over stdio."""
    headers: Mapping[str, str] = request.headers if request is not None else {}
    return {name: value for name in ("traceparent", "tracestate") if (value := headers.get(name))}


def _ending(code: int | None, error_type: str | None) -> Mapping[str, str]:
    """What a failed request is told by. The caller's own faults have a code and are no errors of this server."""
    if code is not None and code not in CALLER_FAULTS:
        error_type = str(code)
    told = {names.RPC_STATUS_CODE: None if code is None else str(code), names.ERROR_TYPE: error_type}
    return {name: value for name, value in told.items() if value}


def _texts(meta: Mapping[str, Any] | None) -> dict[str, str]:
    """The text values of `_meta`: another kind under a trace key would make the propagator raise."""
    return {key: value for key, value in meta.items() if isinstance(value, str)} if meta else {}


def _is_tool_error(ctx: Any, result: Any) -> bool:
    """Whether the finished wire dict of a tool call says so."""
    return ctx.method == "tools/call" and bool(result) and result.get("isError") is True
