"""Carries the MCP server over stdio or Streamable HTTP, and ends it without losing calls in flight."""

import signal
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import anyio
import uvicorn
from anyio.abc import TaskStatus
from mcp.server.auth.routes import build_resource_metadata_url
from mcp.server.auth.settings import AuthSettings
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.message import SessionMessage
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lambdascope_proxy.access.addresses import is_loopback, is_named
from lambdascope_proxy.access_wiring import Entry, build_entry
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.outstanding import Outstanding, TrackedStream
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.stdin import NoLines, StdinLines
from lambdascope_proxy.stdio_message import read_message

WRITE_OUT_S = 5.0
BACKLOG = 2048
METADATA = "/.well-known/oauth-protected-resource"
OPEN_PATHS = ("/health", "/ready", METADATA)
STOPS = (signal.SIGTERM, signal.SIGINT)
Background = Callable[[], Coroutine[Any, Any, None]]
Check = Callable[[], tuple[bool, dict[str, Any]]]


async def serve_stdio(front: McpFront, background: Background, drain_s: float) -> None:
    """Serves one client until its end of stdin or a signal; calls in flight then have `drain_s` seconds to finish."""
    with anyio.CancelScope() as everything:
        lines, unused = StdinLines(), cast("Any", NoLines())
        async with stdio_server(stdin=unused) as (_, wire), anyio.create_task_group() as tasks:
            outstanding = Outstanding()
            send, receive = anyio.create_memory_object_stream[Any](0)
            tasks.start_soon(background)
            tasks.start_soon(_pump, lines, send, wire, outstanding, drain_s)
            tasks.start_soon(_end_on_signal, send, outstanding, drain_s)
            options = front.server.create_initialization_options()
            await front.server.run(receive, TrackedStream(wire, outstanding), options)
            await _write_out(wire)
            # After a signal stdin is still open: only cancelling ends the wait for its next line.
            everything.cancel()


async def _write_out(wire: Any) -> None:
    """Waits until the SDK's writer has put its last line out; cancelled before, it would lose it."""
    await wire.aclose()
    with anyio.move_on_after(WRITE_OUT_S):
        while wire._inner.statistics().open_receive_streams:  # noqa: ASYNC110 -- closing its end is all the writer says
            await anyio.sleep(0.002)


async def _pump(lines: StdinLines, sink: Any, wire: Any, outstanding: Outstanding, drain_s: float) -> None:
    """Hands messages on; the SDK cancels what is in flight when its input ends, so that end waits for the drain."""
    try:
        async for line in lines:
            if line.isspace():
                continue
            message = read_message(line)
            if isinstance(message, SessionMessage):
                outstanding.note_inbound(message)
                await sink.send(message)
            else:
                # The SDK's own reader would drop the line in silence and leave the client waiting.
                await wire.send(SessionMessage(message))
        await outstanding.wait_none(drain_s)
        await sink.aclose()
    except anyio.ClosedResourceError:
        return


async def _end_on_signal(sink: Any, outstanding: Outstanding, drain_s: float) -> None:
    with anyio.open_signal_receiver(*STOPS) as signals:
        async for _ in signals:
            await outstanding.wait_none(drain_s)
            await sink.aclose()
            return


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which would end the process before the history is flushed."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def http_app(front: McpFront, background: Background, settings: Settings, ready: Check) -> Starlette:
    """The ASGI application: `/mcp`, `/health` (the process lives) and `/ready` (it can do its work).

    Raises: SettingsError for files of keys that cannot be used.
    """
    entry = build_entry(settings)
    # Who could ask the tools may also know why they do not work; strangers only whether they do.
    tells_why = entry is None and is_loopback(settings.host)
    security = _security(settings)

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readiness(request: Request) -> JSONResponse:
        is_ready, details = ready()
        # A page in a browser that has its own name point here is a stranger, too.
        is_asked_here = is_named(request.headers.get("host", ""), security.allowed_hosts)
        told = {"ready": is_ready, **(details if tells_why and is_asked_here else {})}
        return JSONResponse(told, status_code=200 if is_ready else 503)

    app = front.server.streamable_http_app(
        host=settings.host,
        max_request_body_size=8 * 1024 * 1024,
        transport_security=security,
        custom_starlette_routes=[Route("/health", health), Route("/ready", readiness)],
        auth=_auth(entry) if entry else None,
        token_verifier=entry.verifier if entry else None,
    )
    # The address it would send to is made of the Host header, which a stranger words.
    app.router.redirect_slashes = False
    if entry:
        _add_door(app, entry)
    serve_sessions = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncGenerator[Any]:
        async with serve_sessions(application) as state, anyio.create_task_group() as tasks:
            tasks.start_soon(background)
            yield state
            tasks.cancel_scope.cancel()

    app.router.lifespan_context = lifespan
    return app


def _auth(entry: Entry) -> AuthSettings:
    if not entry.issuer:
        # The SDK asks nobody without an issuer; with keys alone there is none, and nothing shows this one.
        return AuthSettings.model_validate({"issuer_url": "http://localhost", "resource_server_url": None})
    # From texts: made of URLs it would have a slash added to an issuer without a path, which is another issuer then.
    return AuthSettings.model_validate(
        {
            "issuer_url": entry.issuer,
            "resource_server_url": entry.resource,
            "required_scopes": list(entry.required_scopes),
            "validate_token_resource": True,
        }
    )


def _add_door(app: Starlette, entry: Entry) -> None:
    """Puts our answers around the SDK's, and its metadata also where clients look that do not read headers."""
    # Not with the rest: it brings PyJWT, a tenth of a second that stdio need not wait for.
    from lambdascope_proxy.access.door import Challenge, Door

    described = [route for route in app.routes if isinstance(route, Route) and route.path.startswith(METADATA)]
    url = ""
    if described:
        url = str(build_resource_metadata_url(AnyHttpUrl(entry.resource)))
        app.router.routes.append(Route(METADATA, described[0].endpoint, methods=["GET", "OPTIONS"]))
    open_paths = frozenset({*OPEN_PATHS, *(route.path for route in described)})
    challenge = Challenge(metadata_url=url, scopes=entry.required_scopes)
    app.add_middleware(Door, challenge=challenge, open_paths=open_paths)


async def serve_http(app: Starlette, settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves until a signal; requests in flight then have `drain_s` seconds, a second signal ends at once."""
    with _listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        config = uvicorn.Config(
            app,
            **_protocol(),
            # The door asks nobody who comes as one, and nothing here speaks it.
            ws="none",
            access_log=False,
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=max(1, round(settings.drain_s)),
        )
        server = _Server(config)
        async with anyio.create_task_group() as tasks:
            # Who reads the URL may send a signal at once.
            await tasks.start(_stop_http_on_signal, server)
            announce(f"http://{f'[{host}]' if ':' in host else host}:{port}/mcp")
            await server.serve(sockets=[listener])
            tasks.cancel_scope.cancel()


def _protocol() -> dict[str, Any]:
    try:
        from lambdascope_proxy.bounded_http import BoundedHttp
    except ImportError:
        # Where there is no httptools; h11 knows bounds, but not of time.
        return {"http": "h11", "h11_max_incomplete_event_size": 65_536}
    return {"http": BoundedHttp}


async def _stop_http_on_signal(server: uvicorn.Server, *, task_status: TaskStatus[None]) -> None:
    with anyio.open_signal_receiver(*STOPS) as signals:
        task_status.started()
        async for _ in signals:
            server.force_exit = server.should_exit
            server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delay off only for sockets that say they are TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Before the URL is announced: a client may connect at once.
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(f"cannot serve at {host}, port {port}: {error}") from error
    return listener


def _security(settings: Settings) -> TransportSecuritySettings:
    """Host and Origin lists, always on: a page in a browser must not reach a local proxy under another name."""
    # Loopback has more addresses than the usual ones; the one that is announced must be taken.
    own = f"[{settings.host}]" if ":" in settings.host else settings.host
    names = {"127.0.0.1", "localhost", "[::1]", own if is_loopback(settings.host) else "localhost"}
    loopback = [form for name in sorted(names) for form in (name, f"{name}:*")]
    hosts = sorted(settings.allowed_hosts) or loopback
    origins = sorted(settings.allowed_origins) or [f"{way}://{form}" for way in ("http", "https") for form in loopback]
    return TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=hosts, allowed_origins=origins)
