"""How often a background run looks again for an execution that the logs do not tell of: ever less often. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

_FIRST: Final = timedelta(minutes=2)
_LONGEST: Final = timedelta(hours=6)


class Patience:
    """Remembers what was looked for in vain. A function that writes no reports must not be asked for ever."""

    def __init__(self) -> None:
        self._waits: dict[str, timedelta] = {}
        self._next_at: dict[str, datetime] = {}

    def is_due(self, call_id: str, now: datetime) -> bool:
        """Whether it is time to look for this call."""
        return now >= self._next_at.get(call_id, now)

    def note(self, call_id: str, now: datetime) -> None:
        """It was not found: the next look is twice as far away as the one before, at most six hours."""
        if not self.is_due(call_id, now):
            return
        wait = self._waits.get(call_id, _FIRST)
        self._next_at[call_id] = now + wait
        self._waits[call_id] = min(2 * wait, _LONGEST)

    def forget(self, call_id: str) -> None:
        """It was found after all."""
        self._waits.pop(call_id, None)
        self._next_at.pop(call_id, None)

    def forget_others(self, call_ids: Iterable[str]) -> None:
        """Keep only these: the others are settled, or too old to be looked for."""
        kept = set(call_ids)
        self._waits = {call_id: wait for call_id, wait in self._waits.items() if call_id in kept}
        self._next_at = {call_id: at for call_id, at in self._next_at.items() if call_id in kept}
