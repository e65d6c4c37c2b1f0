"""Runs a built proxy behind a transport, and closes it whatever happens."""

import os
from collections.abc import Callable
from contextlib import aclosing
from importlib.util import find_spec
from typing import Any

import anyio

from lambdascope_analytics.history import prepare_in_background
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.transports import http_app, serve_http, serve_stdio
from lambdascope_proxy.wiring import Proxy, build_proxy, set_up_logging

HAS_UVLOOP = find_spec("uvloop") is not None


def serve(settings: Settings, *, is_http: bool, announce: Callable[[str], None]) -> int:
    """Serves until the client leaves or a signal comes; `announce` is told the URL of Streamable HTTP."""
    set_up_logging(settings.log_level)
    proxy = build_proxy(settings, os.environ)
    try:
        anyio.run(_serve_http if is_http else _serve_stdio, proxy, announce, backend_options={"use_uvloop": HAS_UVLOOP})
    finally:
        proxy.close()
    return 0


async def _serve_stdio(proxy: Proxy, _: Callable[[str], None]) -> None:
    front = _front(proxy, "stdio")
    async with aclosing(proxy.http):
        await serve_stdio(front, lambda: _background(proxy, front), proxy.settings.drain_s)


async def _serve_http(proxy: Proxy, announce: Callable[[str], None]) -> None:
    front = _front(proxy, "http")
    app = http_app(front, lambda: _background(proxy, front), proxy.settings, lambda: _ready(proxy))
    async with aclosing(proxy.http):
        await serve_http(app, proxy.settings, announce)


def _front(proxy: Proxy, transport: str) -> McpFront:
    front = McpFront(proxy.toolbox, proxy.pipeline, proxy.telemetry.tracer, transport)
    if proxy.settings.expose != "generic":
        proxy.catalog.on_change(front.announce_change)
    return front


async def _background(proxy: Proxy, front: McpFront) -> None:
    """Reads the functions once the first answer is out, so that start-up waits for nothing, and keeps them fresh."""
    await front.answered.wait()
    prepare_in_background(proxy.history_directory)
    if not proxy.catalog.selection.is_empty:
        await proxy.catalog.keep_fresh()


async def _ready(proxy: Proxy) -> tuple[bool, dict[str, Any]]:
    """Ready when the functions can be read; what the history dropped is told beside it."""
    details: dict[str, Any] = {"history_dropped": sum(proxy.history.drops.values())}
    try:
        snapshot = await proxy.catalog.snapshot()
    except CallFailed as failed:
        return False, {**details, "reason": str(failed), "next_step": failed.failure.hint}
    return True, {**details, "functions": len(snapshot.functions), "stale": bool(snapshot.stale_reason)}
