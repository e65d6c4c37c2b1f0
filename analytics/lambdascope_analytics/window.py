"""A span of time to ask the history about, as the parameters its statements take."""

from datetime import UTC, datetime
from typing import Final

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


def window_parameters(started_after: datetime | None, started_before: datetime | None) -> dict[str, object]:
    """Return `$started_after` (inclusive) and `$started_before` (exclusive); None leaves that end open.

    Raises:
        ValueError: a time has no time zone, so it could mean any.
    """
    parameters = {"started_after": started_after or _EARLIEST, "started_before": started_before or _LATEST}
    for name, time in parameters.items():
        if time.tzinfo is None:
            raise ValueError(f"{name} has no time zone: {time.isoformat()}")
    return dict(parameters)
