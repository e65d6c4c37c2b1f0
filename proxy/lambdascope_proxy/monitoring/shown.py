"""How times, figures and texts stand in an answer: short, and on one line. Pure."""

from datetime import datetime
from decimal import Decimal


def iso(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def rounded(value: float | None) -> float | None:
    """A figure to two decimals, without them where it is whole."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)


def plain(value: Decimal | None) -> str | None:
    """An exact figure without exponent and without zeros at its end."""
    return None if value is None else f"{value.normalize():f}"


def trimmed(text: str, most_bytes: int) -> str:
    """One line of at most so many bytes."""
    line = " ".join(text.split()).encode()
    if len(line) <= most_bytes:
        return line.decode()
    return line[: most_bytes - 3].decode(errors="ignore") + "..."
