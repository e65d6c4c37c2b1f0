"""Moments as people type them: a date, a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"([0-9]{1,9})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str, now: datetime) -> datetime:
    """Reads `2026-11-22`, `2026-11-22T10:00:00+01:00` (UTC where no zone is given), or `7d` for seven days ago.

    Raises: ValueError with the forms there are.
    """
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time: use 2026-11-22, 2026-11-22T10:00Z, or 7d for seven days ago") from None


def moment_or_none(text: str | None, now: datetime) -> datetime | None:
    """Reads a moment if there is one. Raises: ValueError."""
    return None if text is None else read_moment(text, now)
