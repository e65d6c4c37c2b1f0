"""What the history's measurements stand on: a place on disk, the DuckDB versions, and orders to child processes."""

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.child import Child, running
from bench.errors import NotRunningError
from bench.history.versions import DuckdbVersion

READY = b"ready\n"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStage:
    """The run's place and bounds."""

    folder: Path
    cache: Path
    versions: tuple[DuckdbVersion, ...]
    rounds: int = 3
    kills: int = 1000
    huge: bool = False
    scale: float = field(default=1.0)  # of the amounts of rows and seconds; less than 1 is for trying things out

    def directory(self) -> Path:
        """Return a directory of its own, not made yet."""
        return self.folder / f"run-{next(_numbers)}"

    def scaled(self, amount: float) -> int:
        """Return an amount at the run's scale."""
        return max(1, round(amount * self.scale))

    @contextlib.asynccontextmanager
    async def child(
        self, module: str, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Child, None]:
        """Run one of the history's programs while the block lasts."""
        argv = (sys.executable, "-m", f"bench.history.{module}", *(str(argument) for argument in arguments))
        errors = self.folder / f"{module}-{next(_numbers)}.log"
        async with running(argv, errors, environment or {}) as child:
            yield child

    async def ask(
        self, module: str, *arguments: object, patience_s: float, environment: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Run one of the history's programs to its end, and return what it says."""
        async with self.child(module, *arguments, environment=environment) as child:
            return await last_words(child, patience_s)


async def last_words(child: Child, patience_s: float) -> dict[str, Any]:
    """Close a program's input and return the figures it then prints.

    Raises:
        NotRunningError: it ended without a word, or was not done in time.
    """
    child.stdin.close()
    return await next_words(child, patience_s)


async def next_words(child: Child, patience_s: float) -> dict[str, Any]:
    """Return the figures a program prints next."""
    try:
        async with asyncio.timeout(patience_s):
            while (line := await child.stdout.readline()) == READY:
                pass
    except TimeoutError as error:
        child.process.kill()
        raise NotRunningError(f"not done within {patience_s:g} s") from error
    if not line:
        raise NotRunningError(child.last_words())
    return json.loads(line)
