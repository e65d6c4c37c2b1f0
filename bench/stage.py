"""What every measurement stands on: the stub Lambda, the trace sink, and the opening of sessions with servers."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.child import Child, running
from bench.contestants import Contestant, Lineup
from bench.errors import SUBJECT_FAILURES, NotRunningError, WrongAnswerError
from bench.http_connection import get
from bench.http_session import HttpSession
from bench.load import Session, drive, fresh_numbers
from bench.rounds import reason
from bench.stdio_session import StdioSession

HANDSHAKE_S = 60.0
EXPORT_S = 6.0
CALLERS = 32
WARM_UP_CALLS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The sessions that could be opened, and why the others could not."""

    sessions: dict[str, tuple[Contestant, Session]]
    absent: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The running stub and sink, and the run's bounds."""

    folder: Path
    stub: Child
    stub_port: int
    sink_port: int
    lineup: Lineup
    rounds: int
    slow: bool
    minutes: float | None = None

    async def reset_counts(self) -> None:
        """Have the stub count from nothing."""
        await get(self.stub_port, "/_bench/reset")

    async def counts(self, function: str) -> dict[str, int]:
        """Return invokes, in_flight and max_in_flight of a function since the last reset."""
        counted = json.loads(await get(self.stub_port, "/_bench/counts"))
        return counted.get(function, {"invokes": 0, "in_flight": 0, "max_in_flight": 0})

    async def trace_posts(self, contestant: Contestant) -> int:
        """Return how often a server has posted traces."""
        return json.loads(await get(self.sink_port, "/")).get(contestant.traces_path, 0)

    async def load(
        self, contestant: Contestant, session: Session, function: str, *, calls: int, callers: int
    ) -> dict[str, float]:
        """Drive checked calls, and have the stub confirm that each was one invocation."""
        await self.reset_counts()
        questions = [contestant.question(function, number) for number in fresh_numbers(calls)]
        took = await drive(session, questions, callers)
        counted = await self.counts(function)
        if contestant.reaches_lambda and counted["invokes"] != calls:
            raise WrongAnswerError(f"{calls} calls made {counted['invokes']} invocations")
        return took | {"max_in_flight": float(counted["max_in_flight"])}

    async def settle(self, contestant: Contestant) -> None:
        """Wait until a server that traces has exported what it did last.

        Raises:
            WrongAnswerError: nothing ever arrived, so tracing is not on and its cost would not be in the figures.
        """
        if contestant.traces_path is None:
            return
        posts, until = await self.trace_posts(contestant), time.monotonic() + EXPORT_S
        while await self.trace_posts(contestant) == posts and time.monotonic() < until:  # noqa: ASYNC110 - the count is in another process
            await asyncio.sleep(0.05)
        if not await self.trace_posts(contestant):
            raise WrongAnswerError("it exported no traces")

    @contextlib.asynccontextmanager
    async def session(self, contestant: Contestant) -> AsyncGenerator[Session, None]:
        """Start a server and open a session with it while the block lasts."""
        errors = self.folder / f"{contestant.name.replace(' ', '-')}.log"
        async with AsyncExitStack() as stack:
            try:
                child = await stack.enter_async_context(self._running(contestant, errors))
            except OSError as error:
                raise NotRunningError(f"it does not start: {error.strerror}") from error
            async with asyncio.timeout(HANDSHAKE_S):
                session = await _opened(contestant, child)
            stack.push_async_callback(session.close)
            yield session

    def _running(self, contestant: Contestant, errors: Path) -> contextlib.AbstractAsyncContextManager[Child]:
        return running(contestant.argv, errors, contestant.environment, ends_with_input=not contestant.over_http)

    @contextlib.asynccontextmanager
    async def sessions(self, contestants: Iterable[Contestant]) -> AsyncGenerator[Open, None]:
        """Open a session with each contestant that starts, one after the other, and make its first calls."""
        opened = Open(sessions={}, absent={})
        async with AsyncExitStack() as stack:
            for contestant in contestants:
                try:
                    session = await stack.enter_async_context(self.session(contestant))
                    await self.load(contestant, session, "bench-0ms", calls=WARM_UP_CALLS, callers=CALLERS)
                    opened.sessions[contestant.name] = (contestant, session)
                except SUBJECT_FAILURES as error:
                    opened.absent[contestant.name] = reason(error)
            yield opened


async def _opened(contestant: Contestant, child: Child) -> Session:
    if contestant.over_http:
        session = HttpSession(child, await child.mcp_port(), contestant.revision)
    else:
        session = StdioSession(child, contestant.revision)
    await session.open()
    return session


@contextlib.asynccontextmanager
async def set_stage(
    folder: Path, peer_command: Path | None, *, rounds: int, slow: bool, minutes: float | None = None
) -> AsyncGenerator[Stage, None]:
    """Run the stub and the sink while the block lasts."""
    async with AsyncExitStack() as stack:
        ports: list[int] = []
        children: list[Child] = []
        for module in ("bench.stub_lambda", "bench.otlp_sink"):
            command = (sys.executable, "-m", module)
            child = await stack.enter_async_context(running(command, folder / f"{module}.log", {}))
            ports.append(int(await child.first_line()))
            children.append(child)
        stub_port, sink_port = ports
        lineup = Lineup(folder=folder, stub_port=stub_port, sink_port=sink_port, peer_command=peer_command)
        yield Stage(
            folder=folder,
            stub=children[0],
            stub_port=stub_port,
            sink_port=sink_port,
            lineup=lineup,
            rounds=rounds,
            slow=slow,
            minutes=minutes,
        )
