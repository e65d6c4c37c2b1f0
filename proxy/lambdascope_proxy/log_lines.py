"""How a log line is written: with its secrets masked, those in a traceback too."""

import logging
from collections.abc import Callable
from typing import Final

_FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class ScrubbedLines(logging.Formatter):
    """Formats as usual, then masks."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        super().__init__(_FORM)
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """The line, scrubbed."""
        return self._scrub(super().format(record))
