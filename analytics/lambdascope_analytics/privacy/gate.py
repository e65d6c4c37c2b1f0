"""The gate that every row passes on its way to the disk: here texts are scrubbed and payloads masked and cut.

It runs in the thread of the writer, so that no call waits for it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from lambdascope_analytics.privacy.keeping import PAYLOADS, PayloadKeeper
from lambdascope_analytics.privacy.scrubber import Scrubber

MESSAGE_CHARS: Final = 500
# Of a long message so much is scrubbed; the end of that may hold a torn secret and is not kept.
_LOOKED_AT_CHARS: Final = 8_000
_TORN_CHARS: Final = 2_000
# Names that callers give themselves: the same ones come again and again.
_CALLER: Final = ("client_name", "client_version")
_NAME_CHARS: Final = 200
# What was asked for and may be anything, unless it was found to exist.
_ASKED_FOR: Final = ("function_name", "qualifier")


class RowGate:
    """Scrubs rows; without a keeper no payload passes."""

    def __init__(self, scrubber: Scrubber, keeper: PayloadKeeper | None = None) -> None:
        self._scrubber = scrubber
        self._keeper = keeper
        self._remembered = lru_cache(maxsize=256)(scrubber.text)

    def __call__(self, row: Mapping[str, object]) -> dict[str, object]:
        """Return `row` as it may be written."""
        passed = {name: value for name, value in row.items() if name not in PAYLOADS}
        for name in _CALLER if row.get("attempts") is not None else (*_CALLER, *_ASKED_FOR):
            passed[name] = self._scrubbed(row.get(name))
        if error_type := row.get("error_type"):
            passed["error_type"] = self._scrubbed(error_type)
        if isinstance(message := row.get("error_message"), str):
            passed["error_message"] = self._message(message)
        if self._keeper:
            passed.update(self._keeper.keep(row))
        return passed

    def _scrubbed(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        value = value[:_LOOKED_AT_CHARS]
        return self._remembered(value) if len(value) <= _NAME_CHARS else self._scrubber.text(value)

    def _message(self, message: str) -> str:
        scrubbed = self._scrubber.text(message[:_LOOKED_AT_CHARS])
        if len(message) > _LOOKED_AT_CHARS:
            scrubbed = scrubbed[:-_TORN_CHARS]
        return scrubbed[:MESSAGE_CHARS]
