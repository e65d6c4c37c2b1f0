"""A raw MCP client over stdio: one pipe, any number of requests in flight, answers matched by id."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from bench.child import Child
from bench.errors import NotRunningError
from bench.messages import INITIALIZE, LEGACY, Question, notification, question


class StdioSession:
    """A session with a server that is a child process; it is also the one channel all callers share."""

    def __init__(self, child: Child, revision: str = LEGACY) -> None:
        self.child = child
        self.revision = revision
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._reader = asyncio.create_task(self._read())

    async def open(self) -> None:
        """Shake hands, where the revision has a handshake."""
        if self.revision == LEGACY:
            await self.request(0, "initialize", INITIALIZE)
            self.child.stdin.write(notification("notifications/initialized") + b"\n")

    async def request(self, request_id: int, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask once and return the checked result."""
        asked = question(request_id, method, params, revision=self.revision)
        return asked.check(await self.exchange(asked))

    async def channels(self, count: int) -> list["StdioSession"]:
        """Return a channel for each of so many callers: the same pipe."""
        return [self] * count

    async def exchange(self, asked: Question) -> bytes:
        """Write a request and return the line that answers it."""
        if self._reader.done():
            raise NotRunningError(self.child.last_words())
        answered = asyncio.get_running_loop().create_future()
        self._waiting[asked.request_id] = answered
        # Not drained: there are never more requests in flight than callers, far less than a pipe holds.
        self.child.stdin.write(asked.body + b"\n")
        return await answered

    async def close(self) -> None:
        """Stop reading; the process is its owner's to end."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        while line := await self.child.stdout.readline():
            answered = self._waiting.pop(json.loads(line).get("id"), None)
            if answered is not None and not answered.done():  # notifications have no id
                answered.set_result(line)
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(NotRunningError(self.child.last_words()))
