"""Questions to a history from a process that must not load DuckDB: a child that has it answers them.

It is started when something is first asked, because that takes half a second, and ends when nothing is asked any more.
"""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.asking.answerer import Answerer, AnswererEndedError
from lambdascope_analytics.errors import HistoryError, QuestionError

_log: Final = logging.getLogger(__name__)

_TRIES: Final = 2


class Questions:
    """Asks the history in `directory`; several may ask at once. `timeout_s` bounds each question."""

    def __init__(self, directory: Path, timeout_s: float = 30.0, *, idle_s: float = 120.0) -> None:
        self._directory = directory.resolve()
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._starting = asyncio.Lock()
        self._answerer: Answerer | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def ask(self, statement_name: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """Run a statement of `sql/`, named without its suffix; return its rows.

        Times come with their zone, money as `Decimal`, UUIDs as text.

        Raises:
            HistoryError: there is no such statement, the history cannot be read, or not in time.
            TypeError, ValueError: a parameter is of a kind that cannot be asked with.
        """
        reply = await self._reply({"statement": statement_name, "parameters": dict(parameters or {})})
        return [dict(zip(reply["columns"], row, strict=True)) for row in reply["rows"]]

    async def analyse(self, name: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        """Have an analysis of `analyses/` made; return its answer as plain JSON values.

        Raises:
            QuestionError: a parameter makes no sense.
            HistoryError: the history cannot be read, or not in time.
            TypeError, ValueError: a parameter is of a kind that cannot be asked with.
        """
        reply = await self._reply({"analysis": name, "parameters": dict(parameters)})
        return reply["answer"]

    async def aclose(self) -> None:
        """End the process, if there is one; it comes back when something is asked again."""
        self._stay()
        self._retire()
        await asyncio.gather(*self._closing)

    async def _reply(self, question: Mapping[str, object]) -> dict[str, Any]:
        self._stay()
        try:
            reply = await self._answer(question)
        finally:
            self._leave_later()
        if "field" in reply:
            raise QuestionError(reply["field"], reply["error"])
        if "error" in reply:
            raise HistoryError(reply["error"])
        return reply

    async def _answer(self, question: Mapping[str, object]) -> dict[str, Any]:
        for _ in range(_TRIES):
            answerer = await self._running()
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await answerer.ask(question)
            except AnswererEndedError:
                _log.info("the process that reads the history ended; another takes its place")
            except TimeoutError:
                answerer.kill()
                raise HistoryError(
                    f"the history did not answer within {self._timeout_s:g} s: ask for a shorter time; if it holds "
                    "many small files, `lambdascope history compact` makes it faster"
                ) from None
        raise HistoryError("the process that reads the history ends before it answers: stderr has its last words")

    async def _running(self) -> Answerer:
        async with self._starting:
            if self._answerer is not None and self._answerer.is_over:
                self._retire()
            if self._answerer is None:
                try:
                    self._answerer = await Answerer.start(self._directory)
                except OSError as error:
                    raise HistoryError(f"the process that reads the history cannot be started: {error}") from error
            return self._answerer

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _leave_later(self) -> None:
        self._stay()
        if self._answerer is not None and self._answerer.is_idle:
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._retire_if_idle)

    def _retire_if_idle(self) -> None:
        if self._answerer is not None and self._answerer.is_idle:
            self._retire()

    def _retire(self) -> None:
        if self._answerer is None:
            return
        task = asyncio.get_running_loop().create_task(self._answerer.close())
        self._answerer = None
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
