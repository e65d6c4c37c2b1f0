"""A front with upstreams behind it: the proxy's path in this process, the upstreams as processes of their own."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from opentelemetry.sdk.trace import TracerProvider

from lambdascope_proxy.call import Call, Next, Outcome
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.resource import TextResource
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.meter import MeterStep
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.steps.trace import TraceStep
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.upstreams.offer import Upstreams
from lambdascope_proxy.upstreams.opening import build_upstreams
from lambdascope_proxy.upstreams.spec import Upstream

FIXTURE = Path(__file__).parents[2] / "interaction" / "stage" / "upstream_server.py"
MOST_BYTES = 2_000_000
PAGE = TextResource(uri="lambdascope://page", name="page", title="Page", description="Ours.", read=lambda: "# Ours")


def command(era: str) -> tuple[str, ...]:
    """Starts the fixture over stdio."""
    return (sys.executable, str(FIXTURE), "stdio", era)


@contextmanager
def http_fixture(era: str, port: int = 0) -> Generator[tuple[str, "subprocess.Popen[str]"]]:
    """The fixture over HTTP: its URL and its process."""
    words = [sys.executable, str(FIXTURE), "http", era, str(port)]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass
class Behind:
    """What a test sees: the front, the upstreams, and each outcome as the history would get it."""

    front: McpFront
    upstreams: Upstreams
    calls: list[Call] = field(default_factory=list[Call])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])

    @asynccontextmanager
    async def client(self, mode: str = "2026-07-28", **more: Any) -> AsyncGenerator[Client]:
        """A client of the front, in memory."""
        async with Client(self.front.server, mode=mode, cache=None, **more) as client:
            yield client


@asynccontextmanager
async def behind(
    *specs: Upstream, most_bytes: int = MOST_BYTES, own: Any = (), tracer: Any = None, meters: Any = None
) -> AsyncGenerator[Behind]:
    """Upstreams that are served until the block ends."""
    upstreams = build_upstreams(
        specs, scrub=lambda text: text.replace("hunter2", "[masked]"), most_bytes=most_bytes, meters=meters
    )
    nothing: Any = None
    toolbox = Toolbox(own, exposes_functions=False, catalog=nothing, schemas=nothing, invoke=nothing, others=upstreams)
    calls, outcomes = list[Call](), list[Outcome]()

    async def note(call: Call, call_next: Next) -> Outcome:
        calls.append(call)
        outcome = await call_next(call)
        outcomes.append(outcome)
        return outcome

    metering = [MeterStep(meters)] if meters else []
    tracer = tracer or TracerProvider(shutdown_on_exit=False).get_tracer("tests")
    pipeline = build_pipeline([TraceStep(tracer, str), *metering, note, settle, ClientSpanStep(tracer, str)])
    front = McpFront(toolbox, pipeline, tracer, "stdio", [PAGE], scrub=str, upstreams=upstreams)
    upstreams.on_change(front.announce_change)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upstreams.run)
        assert front.forwarded is not None
        tasks.start_soon(front.forwarded.run)
        with anyio.fail_after(60):
            yield Behind(front=front, upstreams=upstreams, calls=calls, outcomes=outcomes)
        tasks.cancel_scope.cancel()
