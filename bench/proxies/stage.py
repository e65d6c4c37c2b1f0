"""What the comparison of proxies stands on: the echo server, the trace sink, and proxies that run in front of them."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.child import Child, running
from bench.errors import WrongAnswerError
from bench.http_connection import get
from bench.http_session import HttpSession
from bench.load import drive, fresh_numbers
from bench.proxies.processes import ECHO, pin
from bench.proxies.ways import Way, all_ways, echo
from bench.stage import EXPORT_S, HANDSHAKE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Where processes run: the proxy by itself, and on another core what asks it and what answers it."""

    proxy: int
    others: int

    @classmethod
    def chosen(cls) -> "Cores | None":
        """Return two cores; None on a machine with one."""
        available = sorted(os.sched_getaffinity(0))
        return cls(proxy=available[0], others=available[1]) if len(available) > 1 else None


class Upstream:
    """The echo server over HTTP, which can be killed and comes back on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/mcp"

    async def start(self) -> None:
        """Start it, where it was before if it was."""
        argv = (sys.executable, "-m", ECHO, "http", "--port", str(self.port))
        self.child = await self._stack.enter_async_context(running(argv, self._folder / "echo.log", {}))
        self.port = await self.child.mcp_port()

    async def kill(self) -> None:
        """End it as the kernel ends a process without memory, and start it again."""
        assert self.child is not None
        self.child.process.kill()
        await self.child.process.wait()
        await self.start()

    async def end(self) -> None:
        """End it."""
        await self._stack.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy that runs, or the echo server itself, with sessions by revision and why there is none of the others."""

    way: Way
    child: Child
    sessions: Mapping[str, HttpSession]
    absent: Mapping[str, str]

    def session(self, revision: str) -> HttpSession:
        """Return the session of a revision.

        Raises:
            WrongAnswerError: there is none; the message says why.
        """
        if revision not in self.sessions:
            raise WrongAnswerError(self.absent[revision])
        return self.sessions[revision]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyStage:
    """The running echo server and sink, the ways to compare, and the run's bounds."""

    folder: Path
    upstream: Upstream
    sink_port: int
    ways: tuple[Way, ...]
    rounds: int
    huge: bool
    cores: Cores | None

    @contextlib.asynccontextmanager
    async def proxy(self, way: Way) -> AsyncGenerator[Proxy, None]:
        """Run a proxy while the block lasts, with a session of each revision that it speaks."""
        async with AsyncExitStack() as stack:
            child = await stack.enter_async_context(self._child(way))
            port = self.upstream.port if not way.argv else way.port or await child.mcp_port()
            sessions: dict[str, HttpSession] = {}
            absent: dict[str, str] = {}
            for revision in way.revisions:
                session = HttpSession(child, port, revision)
                try:
                    async with asyncio.timeout(HANDSHAKE_S):
                        await session.open()
                        await ask(session, 1, 1)
                    sessions[revision] = session
                    stack.push_async_callback(session.close)
                except (WrongAnswerError, EOFError, TimeoutError, OSError) as error:
                    absent[revision] = str(error) or type(error).__name__
            self.pin(child)
            yield Proxy(way=way, child=child, sessions=sessions, absent=absent)

    @contextlib.asynccontextmanager
    async def _child(self, way: Way) -> AsyncGenerator[Child, None]:
        if not way.argv:
            assert self.upstream.child is not None
            yield self.upstream.child
            return
        errors = self.folder / f"{way.name.replace(' ', '-').replace(',', '')}.log"
        async with running(way.argv, errors, way.environment, ends_with_input=False) as child:
            yield child

    def pin(self, child: Child) -> None:
        """Have a proxy run on a core of its own; does nothing on a machine with one."""
        if self.cores is not None and child is not self.upstream.child:
            pin(child.pid, self.cores.proxy, self.cores.others)

    async def posts(self, way: Way) -> int:
        """Return how often a proxy has posted traces."""
        return json.loads(await get(self.sink_port, "/")).get(way.traces_path, 0)

    async def settle(self, way: Way) -> None:
        """Wait until a proxy that traces has exported what it did last.

        Raises:
            WrongAnswerError: nothing ever arrived, so tracing is not on and its cost would not be in the figures.
        """
        if way.traces_path is None:
            return
        posts, until = await self.posts(way), time.monotonic() + EXPORT_S
        while await self.posts(way) == posts and time.monotonic() < until:  # noqa: ASYNC110 - the count is in another process
            await asyncio.sleep(0.05)
        if not await self.posts(way):
            raise WrongAnswerError("it exported no traces")


async def ask(session: HttpSession, calls: int, callers: int) -> dict[str, float]:
    """Drive checked calls of the echo tool."""
    questions = [echo(number, session.revision) for number in fresh_numbers(calls)]
    return await drive(session, questions, callers)


@contextlib.asynccontextmanager
async def set_proxy_stage(
    folder: Path, peers: Mapping[str, Path], *, rounds: int, huge: bool
) -> AsyncGenerator[ProxyStage, None]:
    """Run the echo server and the sink while the block lasts, on one core with what asks them."""
    async with AsyncExitStack() as stack:
        cores = stack.enter_context(_on_cores())
        sink = await stack.enter_async_context(
            running((sys.executable, "-m", "bench.otlp_sink"), folder / "sink.log", {})
        )
        sink_port = int(await sink.first_line())
        upstream = Upstream(folder)
        stack.push_async_callback(upstream.end)
        await upstream.start()
        ways = tuple(all_ways(upstream.url, sink_port, folder, peers))
        yield ProxyStage(
            folder=folder, upstream=upstream, sink_port=sink_port, ways=ways, rounds=rounds, huge=huge, cores=cores
        )


@contextlib.contextmanager
def _on_cores() -> Generator[Cores | None]:
    before, cores = os.sched_getaffinity(0), Cores.chosen()
    if cores is None:
        yield None
        return
    pin(os.getpid(), cores.others, cores.others)
    try:
        yield cores
    finally:
        os.sched_setaffinity(0, before)
