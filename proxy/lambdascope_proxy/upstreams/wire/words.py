"""What an upstream process writes beside the protocol: into our log line by line, bounded, and its last lines kept."""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)
LINE_CHARS: Final = 2000
LINES_A_WINDOW: Final = 100
WINDOW_S: Final = 10.0
LAST: Final = 5
LAST_CHARS: Final = 200


class Words:
    """The words of one upstream, masked by `scrub`. More lines than the window takes are counted, not written."""

    def __init__(self, name: str, scrub: Callable[[str], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._scrub, self._clock = name, scrub, clock
        self._last: deque[str] = deque(maxlen=LAST)
        self._window_began, self._in_window = 0.0, 0
        self.nonsense = 0

    def hear(self, line: bytes) -> None:
        """A line of stderr."""
        if text := self._masked(line):
            self._last.append(text[:LAST_CHARS])
            self._write(logging.INFO, "upstream %s: %s", text)

    def hear_nonsense(self, line: bytes) -> None:
        """A line of stdout that is no message of the protocol; many servers print there by mistake."""
        self.nonsense += 1
        if text := self._masked(line):
            self._last.append(text[:LAST_CHARS])
            self._write(logging.WARNING, "upstream %s wrote to stdout what is no JSON-RPC: %s", text[:LAST_CHARS])

    @property
    def last(self) -> str:
        """The last lines as one, for the message that says why it is not there."""
        return " | ".join(self._last)

    def _masked(self, line: bytes) -> str:
        return self._scrub(line[: LINE_CHARS * 4].decode(errors="replace").strip()[:LINE_CHARS])

    def _write(self, level: int, form: str, text: str) -> None:
        now = self._clock()
        if now - self._window_began > WINDOW_S:
            if (unwritten := self._in_window - LINES_A_WINDOW) > 0:
                log.warning("upstream %s wrote %d more lines, which are not in this log", self._name, unwritten)
            self._window_began, self._in_window = now, 0
        self._in_window += 1
        if self._in_window <= LINES_A_WINDOW:
            log.log(level, form, self._name, text)
