"""What the monitor measurements stand on: the account with its past, the relay before it, and sessions with servers."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.child import running
from bench.contestants import aws_environment
from bench.errors import SUBJECT_FAILURES, NotRunningError
from bench.monitor.askers import HISTORY, Asker
from bench.monitor.asking import Asked, ToolCall, Window, ask
from bench.monitor.aws_calls import AwsCall
from bench.monitor.past import FUNCTION, executions_of
from bench.monitor.recorded import fill
from bench.monitor.relay import Relay, relaying
from bench.peer import Peer
from bench.process_cost import tree_cpu_seconds
from bench.rounds import reason
from bench.stdio_session import StdioSession

MINUTE_S = 60
WINDOW_S = 10_800
STEP_S = 600
HANDSHAKE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A question that was asked, what it came to at AWS, and what the server's process spent on it."""

    asked: Asked
    aws: tuple[AwsCall, ...]
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorStage:
    """The running account and relay, and the commands of the peers that could be installed."""

    folder: Path
    now: datetime
    relay: Relay
    installed: Mapping[Peer, Path]
    rounds: int

    @property
    def now_ms(self) -> int:
        """The moment the account's past is counted back from."""
        return round(self.now.timestamp() * 1000)

    def window(self, number: int) -> Window:
        """Return a window that no other number has, and that holds the whole past: no cache has its answer."""
        return Window(start=self.now - timedelta(seconds=WINDOW_S + number * STEP_S), end=self.now)

    async def observe(self, session: StdioSession, calls: list[ToolCall]) -> Observed:
        """Ask one question."""
        self.relay.take()
        spent_s = tree_cpu_seconds(session.child.pid)
        asked = await ask(session, calls)
        cpu_s = tree_cpu_seconds(session.child.pid) - spent_s
        return Observed(asked=asked, aws=tuple(self.relay.take()), cpu_s=cpu_s)

    @contextlib.asynccontextmanager
    async def session(self, asker: Asker) -> AsyncGenerator[StdioSession, None]:
        """Start a server and shake hands; it ends with the block."""
        missing = [peer.package for peer in asker.needs if peer not in self.installed]
        if missing:
            raise NotRunningError(f"not installed: {', '.join(missing)}")
        environment = aws_environment(self.relay.port, self.folder) | asker.environment(self.folder, self.installed)
        errors = self.folder / f"{asker.name.replace(' ', '-').replace(',', '')}.log"
        async with running(asker.argv(self.installed), errors, environment) as child:
            session = StdioSession(child)
            try:
                async with asyncio.timeout(HANDSHAKE_S):
                    await session.open()
                yield session
            finally:
                await session.close()

    @contextlib.asynccontextmanager
    async def sessions(self, askers: Iterable[Asker]) -> AsyncGenerator["Opened", None]:
        """Open a session with each server that starts, one after the other, and say why the others did not."""
        opened = Opened(sessions={}, absent={})
        async with AsyncExitStack() as stack:
            for asker in askers:
                try:
                    opened.sessions[asker] = await stack.enter_async_context(self.session(asker))
                except SUBJECT_FAILURES as error:
                    opened.absent[asker.name] = reason(error)
            yield opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The sessions that could be opened, and why the others could not."""

    sessions: dict[Asker, StdioSession]
    absent: dict[str, str]


@contextlib.asynccontextmanager
async def set_monitor_stage(
    folder: Path, installed: Mapping[Peer, Path], *, rounds: int
) -> AsyncGenerator[MonitorStage, None]:
    """Run the account and the relay while the block lasts."""
    now = datetime.fromtimestamp(time.time() // MINUTE_S * MINUTE_S, UTC)
    now_ms = round(now.timestamp() * 1000)
    await asyncio.to_thread(fill, folder / HISTORY, executions_of(FUNCTION, now_ms), now_ms)
    argv = (sys.executable, "-m", "bench.monitor.account", str(now_ms))
    async with AsyncExitStack() as stack:
        account = await stack.enter_async_context(running(argv, folder / "account.log", {}))
        relay = await stack.enter_async_context(relaying(int(await account.first_line())))
        yield MonitorStage(folder=folder, now=now, relay=relay, installed=installed, rounds=rounds)
