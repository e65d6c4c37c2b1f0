"""The span of time a question to the history is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from lambdascope_proxy.cloudwatch.window import Window, read_window

DEFAULT_S: Final = 7 * 86_400.0
# The history may be older than what AWS keeps.
RETENTION_S: Final = 100 * 366 * 86_400.0


def history_window(time_range: Mapping[str, Any] | None, now: datetime, *, default_s: float = DEFAULT_S) -> Window:
    """What a `time_range` means; without one the last `default_s` seconds. Raises CallFailed."""
    return read_window(time_range, now, default_s=default_s, retention_s=RETENTION_S)
