"""The HTTP side: health, readiness, who may come in, and what runs beside it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from starlette.applications import Starlette

from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.transports import http_app

pytestmark = pytest.mark.anyio
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
BEYOND = {"LAMBDASCOPE_HOST": "0.0.0.0", "LAMBDASCOPE_ALLOW_UNAUTHENTICATED": "true"}
HEADERS = {"Accept": "application/json, text/event-stream"}
Make = Callable[..., Starlette]


async def nothing() -> None:
    """A background that has nothing to do."""


@pytest.fixture
def make() -> Make:
    def build(background: Any = nothing, ready: Any = None, **environ: str) -> Starlette:
        absent: Any = None
        toolbox = Toolbox([], exposes_functions=False, catalog=absent, schemas=absent, invoke=absent)

        def is_ready() -> tuple[bool, dict[str, Any]]:
            return True, {"functions": 3}

        front = McpFront(toolbox, build_pipeline([]), IdTracer(), "http", scrub=str)
        return http_app(front, background, load_settings(environ), ready or is_ready)

    return build


@asynccontextmanager
async def client_of(app: Starlette, host: str = "127.0.0.1:3000") -> AsyncGenerator[httpx2.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=f"http://{host}") as client,
    ):
        yield client


async def test_health_says_that_the_process_lives(make: Make) -> None:
    async with client_of(make()) as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
async def test_readiness_says_whether_it_can_do_its_work_and_why_not(make: Make, is_ready: bool, status: int) -> None:
    def ready() -> tuple[bool, dict[str, Any]]:
        return is_ready, {"reason": "because"}

    async with client_of(make(ready=ready)) as client:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()) == (status, {"ready": is_ready, "reason": "because"})


async def test_a_page_that_points_its_own_name_here_learns_nothing_but_whether_it_is_ready(make: Make) -> None:
    for host in ("evil.example", "localhost.evil.example:3000", "127.0.0.1:x"):
        async with client_of(make()) as client:
            assert (await client.get("/ready", headers={"Host": host})).json() == {"ready": True}


async def test_no_address_is_made_of_what_a_stranger_says_this_host_is(make: Make) -> None:
    async with client_of(make()) as client:
        answer = await client.post("/mcp/", json=PING, headers={**HEADERS, "Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


@pytest.mark.parametrize(
    ("settings", "host", "origin", "status"),
    [
        ({}, "127.0.0.1:3000", None, 200),
        ({}, "localhost:9", None, 200),
        ({}, "localhost", None, 200),
        ({}, "[::1]:3000", None, 200),
        ({}, "127.0.0.1:3000", "http://localhost:5173", 200),
        ({"LAMBDASCOPE_HOST": "127.0.0.2"}, "127.0.0.2:3000", None, 200),
        ({}, "127.0.0.2:3000", None, 421),
        ({}, "127.0.0.1:3000", "https://localhost:5173", 200),
        ({}, "127.0.0.1:3000", "http://localhost", 200),
        ({}, "127.0.0.1:3000", "https://localhost.evil.example", 403),
        ({}, "evil.example", None, 421),
        ({}, "127.0.0.1.evil.example:3000", None, 421),
        ({}, "127.0.0.1:3000", "https://evil.example", 403),
        ({"LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com"}, "mcp.example.com", None, 200),
        ({"LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com"}, "127.0.0.1:3000", None, 421),
        ({"LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com:*"}, "mcp.example.com:8443", None, 200),
        ({"LAMBDASCOPE_ALLOWED_ORIGINS": "https://app.example.com"}, "localhost:1", "https://app.example.com", 200),
        ({"LAMBDASCOPE_ALLOWED_ORIGINS": "https://app.example.com"}, "localhost:1", "http://localhost:1", 403),
        ({**BEYOND, "LAMBDASCOPE_ALLOWED_HOSTS": "a.example"}, "b.example", None, 421),
    ],
)
async def test_only_hosts_and_origins_that_are_allowed_come_in(
    make: Make, settings: dict[str, str], host: str, origin: str | None, status: int
) -> None:
    # A page in a browser can point its own name at 127.0.0.1; its Host header still tells.
    headers = {**HEADERS, "Host": host, **({"Origin": origin} if origin else {})}
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "tests", "version": "1"},
        },
    }
    async with client_of(make(**settings)) as client:
        answer = await client.post("/mcp", json=initialize, headers=headers)
    assert answer.status_code == status


async def test_what_runs_beside_it_begins_with_it_and_ends_with_it(make: Make) -> None:
    began, ended = anyio.Event(), anyio.Event()

    async def background() -> None:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    with anyio.fail_after(20):
        async with client_of(make(background)) as client:
            await began.wait()
            assert (await client.get("/health")).status_code == 200
            assert not ended.is_set()
    assert ended.is_set()
