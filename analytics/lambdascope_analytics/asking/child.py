"""The process that answers: opens the history once, then runs named statements and analyses until its stdin ends.

A question is one line on stdin, its answer one line on stdout; SQL text never comes this way.
"""

import logging
import os
import queue
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.asking.messages import decode, encode
from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.statements import statement

_log: Final = logging.getLogger(__name__)

# What lies in other folders changes the store or makes views.
_QUESTION: Final = re.compile(r"(?:monitoring/)?[a-z_]+")
_MOST_BYTES: Final = 64 << 20
_SETTINGS: Final = ("SET memory_limit = '1GB'", "SET threads = 2")


class Answering:
    """Answers questions to one history, one after the other."""

    def __init__(self, directory: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self._history: History | None = None

    def answer(self, line: bytes) -> bytes:
        """Return the line that answers `line`: its id with columns and rows, or with an error. Never raises."""
        number: object = None
        try:
            question = decode(line)
            number = question["id"]
            reply = encode({"id": number, **self._found(question)})
            if len(reply) > self._most_bytes:
                raise HistoryError(f"the answer has {len(reply)} bytes, {self._most_bytes} may be sent: ask for less")
        except QuestionError as error:
            return encode({"id": number, "error": error.problem, "field": error.field})
        except HistoryError as error:
            # The files may have been taken away and made anew: the next question opens them again.
            self.close()
            return encode({"id": number, "error": str(error)})
        except Exception as error:
            _log.exception("a question to the history ended in a defect")
            return encode({"id": number, "error": f"{type(error).__name__}: {error}"})
        return reply

    def close(self) -> None:
        """Let the history go."""
        if self._history is not None:
            self._history.close()
            self._history = None

    def _found(self, question: dict[str, Any]) -> dict[str, Any]:
        parameters: dict[str, Any] = question["parameters"]
        if analysis := question.get("analysis"):
            from lambdascope_analytics.analyses.named import analyse
            from lambdascope_analytics.analyses.plain import plain

            return {"answer": plain(analyse(self._opened(), analysis, parameters, now=datetime.now(UTC)))}
        sql = _statement(question["statement"])
        found = self._opened().query(sql, parameters)
        return {"columns": list(found[0]) if found else [], "rows": [list(row.values()) for row in found]}

    def _opened(self) -> History:
        if self._history is None:
            self._history = open_history(self._directory)
            for setting in _SETTINGS:
                self._history.query_once(setting)
        return self._history


def _statement(name: str) -> str:
    try:
        if not _QUESTION.fullmatch(name):
            raise FileNotFoundError
        return statement(name)
    except FileNotFoundError:
        raise HistoryError(f"there is no question {name!r}") from None


def main() -> None:
    """Answer until stdin ends, which it also does when who asks is killed."""
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    answering = Answering(Path(sys.argv[1]))

    def answer_all() -> None:
        while True:
            sys.stdout.buffer.write(answering.answer(questions.get()))
            sys.stdout.buffer.flush()

    # Reading goes on while a question runs, so that the end of stdin is seen at once.
    threading.Thread(target=answer_all, name="answers", daemon=True).start()
    for line in sys.stdin.buffer:
        questions.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
