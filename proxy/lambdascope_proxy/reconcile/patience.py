"""How often a background run asks for a function of which the logs tell nothing: ever less often. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_FIRST_S: Final = 120.0
_LONGEST_S: Final = 86_400.0


@dataclass(slots=True, kw_only=True)
class Patience:
    """What was asked for in vain: for each key how long it waits, and until when, in seconds of the epoch."""

    waits: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Patience":
        """What `as_data` gave."""
        return cls(waits={key: (float(wait), float(until)) for key, (wait, until) in data.items()})

    def as_data(self, now: datetime) -> Mapping[str, Any]:
        """As JSON can hold it, without what has waited long enough to be asked for like any other."""
        return {key: each for key, each in self.waits.items() if now.timestamp() - each[1] < _LONGEST_S}

    def is_due(self, key: str, now: datetime) -> bool:
        """Whether it is time to ask."""
        return key not in self.waits or now >= datetime.fromtimestamp(self.waits[key][1], UTC)

    def note(self, key: str, now: datetime) -> None:
        """It was asked for in vain: it waits twice as long as before, at most a day."""
        if not self.is_due(key, now):
            return
        wait = min(2 * self.waits[key][0], _LONGEST_S) if key in self.waits else _FIRST_S
        self.waits[key] = (wait, (now + timedelta(seconds=wait)).timestamp())

    def forget(self, key: str) -> None:
        """It was found after all."""
        self.waits.pop(key, None)
