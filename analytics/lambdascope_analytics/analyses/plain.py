"""An answer as plain JSON values: what programs, models and files get to see."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final, cast
from uuid import UUID

# More than any clock or share here is good for.
_DIGITS: Final = 6


def plain(value: object) -> Any:
    """Return `value` with its dataclasses as objects of their fields.

    Money stays exact, as text without exponent; times are ISO 8601 in UTC; floats keep six significant digits, and one
    that is not finite is null.

    Raises:
        TypeError: there is a value in it that has no such form.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return _many(value)


def _many(value: object) -> Any:
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {str(name): plain(member) for name, member in members.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in cast("Sequence[object]", value)]
    raise TypeError(f"a {type(value).__name__} has no plain form")


def _float(value: float) -> float | int | None:
    if not isfinite(value):
        return None
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short
