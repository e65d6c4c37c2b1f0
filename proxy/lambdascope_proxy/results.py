"""Results too long for a model, kept in memory for a while: never on disk, bounded, the oldest go first."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEEP_S = 900.0


class Results:
    """Texts by call id, at most `capacity_bytes` in all; each is for its owner, the principal whose call it was."""

    def __init__(self, capacity_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity_bytes = capacity_bytes
        self._clock = clock
        self._kept: OrderedDict[tuple[str | None, str], tuple[float, int, str]] = OrderedDict()
        self._bytes = 0

    def keep(self, call_id: str, text: str, owner: str | None = None) -> bool:
        """Keeps a text; False when it alone is larger than the whole capacity."""
        size = len(text.encode())
        if size > self._capacity_bytes:
            return False
        self._kept[owner, call_id] = (self._clock(), size, text)
        self._bytes += size
        while self._bytes > self._capacity_bytes:
            self._drop_oldest()
        return True

    def read(self, call_id: str, owner: str | None = None) -> str | None:
        """The text of a call, or None when it was never kept, is gone or is somebody else's."""
        while self._kept and self._clock() - next(iter(self._kept.values()))[0] > KEEP_S:
            self._drop_oldest()
        kept = self._kept.get((owner, call_id))
        return kept[2] if kept else None

    def _drop_oldest(self) -> None:
        _, (_, size, _) = self._kept.popitem(last=False)
        self._bytes -= size
