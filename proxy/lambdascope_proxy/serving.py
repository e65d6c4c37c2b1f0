"""Runs a built proxy behind a transport, and closes it whatever happens."""

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import anyio

from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.log_lines import set_up_logging
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.telemetry.session_meter import metering_session
from lambdascope_proxy.transports import http_app, serve_http, serve_stdio
from lambdascope_proxy.wiring import Proxy, build_proxy, scrubber_of

log = logging.getLogger(__name__)
BREATHER_S = 0.25
HAS_UVLOOP = find_spec("uvloop") is not None


def serve(settings: Settings, *, is_http: bool, announce: Callable[[str], None]) -> int:
    """Serves until the client leaves or a signal comes; `announce` is told the URL of Streamable HTTP."""
    set_up_logging(settings.log_level, scrubber_of(settings), settings.log_format)
    proxy = build_proxy(settings, os.environ)
    try:
        anyio.run(_serve_http if is_http else _serve_stdio, proxy, announce, backend_options={"use_uvloop": HAS_UVLOOP})
    finally:
        proxy.close()
    return 0


async def _serve_stdio(proxy: Proxy, _: Callable[[str], None]) -> None:
    front = _front(proxy, "stdio")
    try:
        with metering_session(proxy.telemetry.meters, lambda: front.observer.protocol_version):
            async with aclosing(proxy):
                await serve_stdio(front, lambda: _background(proxy, front), proxy.settings.drain_s)
    except* BrokenPipeError:
        log.info("the client closed its end before it was answered")


async def _serve_http(proxy: Proxy, announce: Callable[[str], None]) -> None:
    front = _front(proxy, "http")
    app = http_app(front, lambda: _background(proxy, front), proxy.settings, lambda: _ready(proxy))
    async with aclosing(proxy):
        await serve_http(app, proxy.settings, announce)


def _front(proxy: Proxy, transport: str) -> McpFront:
    tracer, meters = proxy.telemetry.tracer, proxy.telemetry.meters
    front = McpFront(
        proxy.toolbox,
        proxy.pipeline,
        tracer,
        transport,
        proxy.resources,
        scrub=proxy.scrub,
        meters=meters,
        access=proxy.access,
        upstreams=proxy.upstreams,
    )
    if proxy.settings.expose != "generic":
        proxy.catalog.on_read(proxy.toolbox.refresh)
        proxy.toolbox.on_change(front.announce_change)
    if proxy.upstreams:
        proxy.upstreams.on_change(front.announce_change)
    return front


async def _background(proxy: Proxy, front: McpFront) -> None:
    """Everything that goes on beside the calls."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read_and_refresh, proxy, front)
        if proxy.upstreams:
            tasks.start_soon(proxy.upstreams.run)
        if front.forwarded:
            tasks.start_soon(front.forwarded.run)
        if proxy.guards.pins:
            tasks.start_soon(proxy.guards.pins.watch)


async def _read_and_refresh(proxy: Proxy, front: McpFront) -> None:
    """Reads the functions and keeps them fresh; over stdio only once the first answer is out, which nothing delays."""
    if front.transport == "stdio":
        await front.answered.wait()
        if proxy.upstreams:
            # Their own start takes seconds, and the client asks for their tools next.
            proxy.upstreams.want()
        # The answer is on its way, not yet written; a call that needs the functions at once reads them itself.
        await asyncio.sleep(BREATHER_S)
    if proxy.upstreams:
        proxy.upstreams.want()
    proxy.upkeep.start()
    await asyncio.to_thread(_read_prices)
    _calm_collector()
    async with asyncio.TaskGroup() as tasks:
        if proxy.guards.elsewhere:
            # The first call waits for it, and should find it done.
            tasks.create_task(proxy.guards.elsewhere.catch_up(datetime.now(UTC)))
        if meters := proxy.telemetry.meters:
            from lambdascope_proxy.telemetry.loop_delay import measure_loop_delay

            tasks.create_task(measure_loop_delay(meters))
        if not proxy.catalog.selection.is_empty:
            tasks.create_task(proxy.catalogs.keep_fresh())
            if interval_s := proxy.settings.reconcile_s:
                tasks.create_task(proxy.monitoring.get().reconciler.run_for_ever(interval_s))


def _read_prices() -> None:
    """Reads the rate table, so that no call waits for it; one that cannot be read leaves calls without their price."""
    try:
        load_rates()
    except PricingError as error:
        log.warning("calls have no price: %s", error)


def _calm_collector() -> None:
    """Lets the garbage collector look less often: by default it walks the SDK's own objects every few dozen calls."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _ready(proxy: Proxy) -> tuple[bool, dict[str, Any]]:
    """Ready when the functions were read, or where none is allowed when an upstream is there.

    Says no more than anybody may know; `lambdascope doctor` says the rest.
    """
    details: dict[str, Any] = {"history_dropped": sum(proxy.history.drops.values())}
    catalog = proxy.catalog
    if catalog.selection.is_empty:
        members = proxy.upstreams.members.values() if proxy.upstreams else ()
        if reached := sum(member.connection.current is not None for member in members):
            return True, {**details, "upstreams": reached}
        return False, {**details, "reason": "UpstreamsNotReached" if proxy.upstreams else "NothingAllowed"}
    if catalog.known is None:
        return False, {**details, "reason": catalog.failure.failure.error_type if catalog.failure else "NotYetRead"}
    return True, {**details, "functions": len(catalog.known.functions), "stale": bool(catalog.known.stale_reason)}
