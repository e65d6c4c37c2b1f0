"""Child processes of the benchmark: started with an environment built from nothing, ended when their block ends."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import NotRunningError

ROOT = Path(__file__).resolve().parent.parent
LINE_LIMIT = 16 * 1024 * 1024
PATIENCE_S = 30.0
END_PATIENCE_S = 5.0
MCP_URL = re.compile(r"http://127\.0\.0\.1:(\d+)/mcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running process; its standard error goes to a file."""

    process: asyncio.subprocess.Process
    errors: Path
    ends_with_input: bool

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """Where the process reads from."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """What the process writes."""
        assert self.process.stdout is not None
        return self.process.stdout

    def last_words(self) -> str:
        """Return the last line of its standard error, for a message to people."""
        lines = self.errors.read_text(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"

    async def first_line(self) -> str:
        """Return the first line of its standard output."""
        async with asyncio.timeout(PATIENCE_S):
            line = await self.stdout.readline()
        if not line:
            raise NotRunningError(self.last_words())
        return line.decode().strip()

    async def mcp_port(self) -> int:
        """Return the port of the MCP URL it announces on standard error."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := MCP_URL.search(self.errors.read_text(errors="replace"))) is None:
                if self.process.returncode is not None:
                    raise NotRunningError(self.last_words())
                await asyncio.sleep(0.02)
        return int(found[1])

    async def end(self) -> None:
        """End the process: by closing its input, then by asking, then by force."""
        stops = [self.stdin.close] if self.ends_with_input else []
        for stop in (*stops, self.process.terminate, self.process.kill):
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                stop()
                async with asyncio.timeout(END_PATIENCE_S):
                    await self.process.wait()
                return


@contextlib.asynccontextmanager
async def running(
    argv: Sequence[str], errors: Path, environment: Mapping[str, str], *, ends_with_input: bool = True
) -> AsyncGenerator[Child, None]:
    """Run a command while the block lasts."""
    with errors.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=sink,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **environment},
            cwd=ROOT,
            limit=LINE_LIMIT,
        )
    child = Child(process=process, errors=errors, ends_with_input=ends_with_input)
    try:
        yield child
    finally:
        await child.end()
