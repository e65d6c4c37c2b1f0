"""The lines between who asks and the process that answers: JSON in which times and decimals stay what they are."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

_TIME: Final = "$time"
_DECIMAL: Final = "$decimal"


def encode(message: object) -> bytes:
    """Return a message as one line, newline included.

    Raises:
        TypeError: it holds a value that has no form here, such as a set.
        ValueError: it holds a time without a time zone, which could mean any.
    """
    return json.dumps(message, default=_tagged, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Return the message of a line: as it was encoded, but for UUIDs, which come as text, and tuples, as lists.

    Raises:
        ValueError: it is no such line.
    """
    message: object = json.loads(line, object_hook=_untagged)
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return cast("dict[str, Any]", message)


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return {_TIME: value.isoformat()}
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no form in a message")


def _untagged(members: dict[str, Any]) -> object:
    match members:
        case {"$time": str(text), **others} if not others:
            return datetime.fromisoformat(text)
        case {"$decimal": str(text), **others} if not others:
            return Decimal(text)
        case _:
            return members
