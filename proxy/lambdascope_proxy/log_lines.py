"""The log: to stderr, because stdout belongs to the protocol, with secrets masked, those in a traceback too."""

import logging
import sys
from collections.abc import Callable
from typing import Final

from lambdascope_analytics.privacy.scrubber import Scrubber

_FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class ScrubbedLines(logging.Formatter):
    """Formats as usual, then masks."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        super().__init__(_FORM)
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """The line, scrubbed."""
        return self._scrub(super().format(record))


def set_up_logging(level: str, scrubber: Scrubber | None = None) -> None:
    """Log lines go to stderr, scrubbed (without a scrubber, of what is built in): stdout belongs to the protocol."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparse("opentelemetry", every_s=60))
    handler.setFormatter(ScrubbedLines((scrubber or Scrubber()).text))
    logging.basicConfig(handlers=[handler], level="WARNING")
    # Only our own loggers follow the setting: at DEBUG botocore writes session tokens, and the SDK whole payloads.
    for ours in ("lambdascope_proxy", "lambdascope_analytics"):
        logging.getLogger(ours).setLevel(level)


class Sparse(logging.Filter):
    """Lets one line of a family of loggers through in a while: several for each lost batch of spans help nobody."""

    def __init__(self, family: str, *, every_s: float) -> None:
        super().__init__(family)
        self._every_s = every_s
        self._last = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the line."""
        if not super().filter(record):
            return True
        if record.created - self._last < self._every_s:
            return False
        self._last = record.created
        return True
