"""The parent's side of ad hoc SQL: starts a process for each query, and ends it in time whatever happens.

Nothing of DuckDB is loaded here.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.adhoc.limits import MAX_SQL_BYTES, Column, Limits, QueryAnswer
from lambdascope_analytics.errors import QueryError

_log: Final = logging.getLogger(__name__)

# -P: a module that lies in the working directory must not take the place of one of ours.
_COMMAND: Final = (sys.executable, "-P", "-m", "lambdascope_analytics.adhoc.child")
# What leads an interpreter to its own files, and nothing that leads to an account.
_KEPT_VARIABLES: Final = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_MOST_WAITING: Final = 16
_CHUNK: Final = 65_536
_STDERR_BYTES: Final = 1_000
_LESS: Final = "Narrow started_at, or aggregate over fewer rows."


class Queries:
    """Runs queries over one history, at most `at_once` at a time; a few more wait their turn."""

    def __init__(self, directory: Path, limits: Limits, *, at_once: int) -> None:
        self._directory = directory
        self.limits: Final = limits
        self._slots = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def run(self, sql: str, max_rows: int | None = None) -> QueryAnswer:
        """Answer one SELECT with at most `max_rows` rows, never more than the limits say.

        A caller that is cancelled takes the query's process with it.

        Raises:
            QueryError: there is no answer; it says why and what to do.
        """
        _check_text(sql)
        asked_ns = time.perf_counter_ns()
        async with self._slot():
            started_ns = time.perf_counter_ns()
            reply = await self._ask(sql, min(max_rows or self.limits.max_rows, self.limits.max_rows))
        if error := reply.get("error"):
            raise QueryError(error["reason"], error["message"], error["hint"])
        found = reply["answer"]
        return QueryAnswer(
            columns=tuple(Column(name=name, type=kind) for name, kind in found["columns"]),
            rows=found["rows"],
            truncated_by=found["truncated_by"],
            cut_cells=found["cut_cells"],
            elapsed_ms=round((time.perf_counter_ns() - started_ns) / 1e6, 1),
            waited_ms=round((started_ns - asked_ns) / 1e6, 1),
        )

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        if self._waiting >= _MOST_WAITING:
            raise QueryError("busy", f"{self._waiting} other queries wait.", "Try again in a moment.")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _ask(self, sql: str, max_rows: int) -> dict[str, Any]:
        limits = self.limits
        request = {
            "directory": str(self._directory.resolve()),
            "sql": sql,
            "max_rows": max_rows,
            "max_bytes": limits.max_bytes,
            "memory_mb": limits.memory_mb,
            "timeout_s": limits.timeout_s,
        }
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, cwd="/", start_new_session=True
        )
        try:
            async with asyncio.timeout(limits.timeout_s):
                reply, complaint = await _converse(process, json.dumps(request).encode() + b"\n", 4 * limits.max_bytes)
        except TimeoutError:
            message = f"The query ran longer than {limits.timeout_s:g} s and was stopped."
            raise QueryError("limit", message, _LESS) from None
        finally:
            await _end(process)
        return _understood(reply, complaint, process.returncode)


def _check_text(sql: str) -> None:
    if not sql.strip():
        raise QueryError("invalid", "The SQL is empty.", "Send one SELECT.")
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise QueryError("invalid", "The SQL holds half a surrogate pair.", "Send whole characters.") from None
    if size > MAX_SQL_BYTES:
        raise QueryError("refused", f"The SQL has {size} bytes; {MAX_SQL_BYTES} are read.", "Send a shorter one.")
    if "\0" in sql:
        raise QueryError("invalid", "The SQL holds a NUL character.", "Leave it out.")


async def _converse(process: Process, request: bytes, most_bytes: int) -> tuple[bytes, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    # One that is already dead says why by its end. Its stdin stays open: when that closes, it dies.
    with suppress(ConnectionError):
        process.stdin.write(request)
        await process.stdin.drain()
    reply, complaint = await asyncio.gather(
        _read(process.stdout, most_bytes + _CHUNK), _read(process.stderr, _STDERR_BYTES)
    )
    await process.wait()
    return reply, complaint


async def _read(stream: asyncio.StreamReader, most_bytes: int) -> bytes:
    """Read to the end, and keep what comes first: a process that talks on must not fill our memory."""
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept += chunk[: most_bytes - len(kept)]
    return kept


async def _end(process: Process) -> None:
    if process.returncode is None:
        # Its whole group: it leads one of its own.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _understood(reply: bytes, complaint: bytes, code: int | None) -> dict[str, Any]:
    if complaint:
        _log.warning("the process of a query says: %s", complaint.decode(errors="replace").strip())
    try:
        return json.loads(reply)
    except ValueError:
        pass
    if code is not None and code < 0:
        # The kernel or the C++ runtime ended it: no memory left, or a parser's stack that overflowed.
        message = f"The query's process was ended ({signal.Signals(-code).name}): it took too much memory or time."
        raise QueryError("limit", message, f"{_LESS} Nest less deeply.")
    raise QueryError("failed", f"The query's process ended with code {code}.", "The log of lambdascope says why.")
