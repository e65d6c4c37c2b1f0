"""The log: to stderr, because stdout belongs to the protocol, with secrets masked, those in a traceback too."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from opentelemetry.trace import get_current_span

from lambdascope_analytics.privacy.scrubber import Scrubber

OURS: Final = ("lambdascope_proxy", "lambdascope_analytics")
_FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST_LINES: Final = 200


class ScrubbedLines(logging.Formatter):
    """Lines for people: formats as usual, then masks."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        super().__init__(_FORM)
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """The line, scrubbed."""
        return self._scrub(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the name is inherited
        """The words, then what else the line says and the ids of its span."""
        told = {**attributes_of(record, self._scrub), **_ids()}
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in told.items())])


class JsonLines(logging.Formatter):
    """Lines for programs: one JSON object each, with the ids of the span in which it was written."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        super().__init__()
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """The object on one line, scrubbed."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._scrub(record.getMessage()),
            **_ids(),
            **attributes_of(record, self._scrub),
        }
        if record.exc_info:
            line["exception"] = self._scrub(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


def attributes_of(record: logging.LogRecord, scrub: Callable[[str], str]) -> Mapping[str, Any]:
    """What a line says besides its words, masked too: given to the logger as `extra={"attributes": {...}}`."""
    given: Mapping[str, Any] = getattr(record, "attributes", {})
    return {name: scrub(value) if isinstance(value, str) else value for name, value in given.items()}


def _ids() -> dict[str, str]:
    context = get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def set_up_logging(level: str, scrubber: Scrubber | None = None, form: str = "auto") -> None:
    """Log lines go to stderr, scrubbed (without a scrubber, of what is built in): stdout belongs to the protocol.

    `form` is text, json, or auto: text for a terminal, JSON for what reads stderr otherwise.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparse("opentelemetry", every_s=60))
    is_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter((ScrubbedLines if is_text else JsonLines)((scrubber or Scrubber()).text))
    logging.basicConfig(handlers=[handler], level="WARNING")
    # Only our own loggers follow the setting: at DEBUG botocore writes session tokens, and the SDK whole payloads.
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)


class Sparse(logging.Filter):
    """Lets each line of a family of loggers through once in a while: one for each lost batch of spans helps nobody."""

    def __init__(self, family: str, *, every_s: float) -> None:
        super().__init__(family)
        self._every_s = every_s
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the line; which line it is says the place that writes it."""
        if not super().filter(record):
            return True
        line = (record.name, record.lineno)
        if record.created - self._last.get(line, float("-inf")) < self._every_s:
            return False
        if len(self._last) >= _MOST_LINES:
            self._last.clear()
        self._last[line] = record.created
        return True
