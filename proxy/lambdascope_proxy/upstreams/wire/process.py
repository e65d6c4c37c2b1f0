"""An upstream as a process of ours: JSON-RPC lines over its stdin and stdout, its end when ours comes."""

import os
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final

import anyio
from anyio.abc import Process
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp.types import ErrorData, JSONRPCError, jsonrpc_message_adapter
from pydantic import ValidationError

from lambdascope_proxy.errors import ResultTooLarge
from lambdascope_proxy.stdio_message import read_message
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.lines import Lines, TooLong
from lambdascope_proxy.upstreams.wire.parsing import encode_message, mended
from lambdascope_proxy.upstreams.wire.sizes import Sizes
from lambdascope_proxy.upstreams.wire.words import Words

CHUNK_BYTES: Final = 65_536
# A server ends by itself when its stdin does; then its group is asked to, then made to.
GRACE_S: Final = 1.0
TERM_S: Final = 2.0
LOOK_S: Final = 0.01


class _Stream:
    """What reading and writing share: entering gives the stream, leaving closes it."""

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Nothing: the process's pipes are closed with the process."""


class MessagesIn(_Stream):
    """The messages a process writes, as the SDK's dispatcher reads them; ends with the process's stdout."""

    def __init__(self, process: Process, words: Words, sizes: Sizes, most_bytes: int) -> None:
        assert process.stdout is not None
        self._stdout, self._words, self._sizes, self._most_bytes = process.stdout, words, sizes, most_bytes
        self._lines = Lines(most_bytes)
        self._waiting: deque[SessionMessage] = deque()
        self.on_end: Callable[[], None] = lambda: None

    def __aiter__(self) -> "MessagesIn":
        return self

    async def receive(self) -> SessionMessage:
        """The next message. Raises anyio.EndOfStream."""
        while not self._waiting:
            try:
                chunk = await self._stdout.receive(CHUNK_BYTES)
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
                # Before anybody who waits for an answer hears of it, and calls again at once.
                self.on_end()
                raise anyio.EndOfStream from error
            for line in self._lines.feed(chunk):
                self._take(line)
        return self._waiting.popleft()

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    def _take(self, line: bytes | TooLong) -> None:
        if isinstance(line, TooLong):
            self._refuse(line)
            return
        if not line.strip():
            return
        message = _read(line)
        if message:
            self._sizes.note(getattr(message.message, "id", None), len(line))
            self._waiting.append(message)
        else:
            self._words.hear_nonsense(line)

    def _refuse(self, line: TooLong) -> None:
        if line.request_id is None:
            self._words.hear_nonsense(b"a line of %d bytes, more than is taken" % line.bytes)
            return
        # Nothing that came over the wire is such an object, so the error cannot be taken for the upstream's own.
        told = ResultTooLarge(line.bytes, self._most_bytes)
        error = ErrorData(code=0, message=str(told), data=told)
        self._waiting.append(SessionMessage(JSONRPCError(jsonrpc="2.0", id=line.request_id, error=error)))


class MessagesOut(_Stream):
    """Takes the messages for a process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        self._stdin = process.stdin

    async def send(self, item: SessionMessage) -> None:
        """Writes one line. Raises anyio.BrokenResourceError when nobody reads it any more."""
        line = encode_message(item.message.model_dump(by_alias=True, exclude_unset=True)) + b"\n"
        try:
            await self._stdin.send(line)
        except OSError as error:
            raise anyio.BrokenResourceError from error


def _read(line: bytes) -> SessionMessage | None:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValidationError:
        message = read_message(mended(line.decode(errors="replace")))
        return message if isinstance(message, SessionMessage) else None


@asynccontextmanager
async def open_process(
    spec: Upstream, words: Words, sizes: Sizes, most_bytes: int
) -> AsyncGenerator[tuple[MessagesIn, MessagesOut]]:
    """Starts the upstream's command in a process group of its own, which ends with the block.

    Raises OSError when it cannot be started.
    """
    process = await anyio.open_process(
        [*spec.command],
        env={**get_default_environment(), **spec.env},
        cwd=spec.cwd or None,
        start_new_session=True,
    )
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_listen, process, words)
            yield MessagesIn(process, words, sizes, most_bytes), MessagesOut(process)
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _listen(process: Process, words: Words) -> None:
    assert process.stderr is not None
    lines = Lines(CHUNK_BYTES)
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        while True:
            for line in lines.feed(await process.stderr.receive(CHUNK_BYTES)):
                words.hear(line if isinstance(line, bytes) else b"a line of %d bytes" % line.bytes)


async def _end(process: Process) -> None:
    assert process.stdin is not None
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    with anyio.move_on_after(GRACE_S):
        while process.returncode is None:  # noqa: ASYNC110 -- wait() would also wait for pipes that children hold
            await anyio.sleep(LOOK_S)
    _signal(process, signal.SIGTERM)
    with anyio.move_on_after(TERM_S):
        while _is_alive(process):  # noqa: ASYNC110 -- nothing tells of the end of a group
            await anyio.sleep(LOOK_S)
    _signal(process, signal.SIGKILL)
    with anyio.move_on_after(GRACE_S):
        while process.returncode is None:  # noqa: ASYNC110 -- as above
            await anyio.sleep(LOOK_S)
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.aclose()


def _signal(process: Process, number: signal.Signals) -> None:
    # The group's id is the pid of its first process, also after that has gone.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _is_alive(process: Process) -> bool:
    _ = process.returncode
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
