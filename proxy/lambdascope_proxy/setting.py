"""What one setting is, and how its text is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from lambdascope_analytics.store.lake.location import read_location

N = TypeVar("N", int, float)
# Each of them is remembered.
MOST_CALLS: Final = 100_000
FUNCTION_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table: environment variable, field of Settings, reader, default and meaning.

    One that is `left_to_boto3` keeps its default when its variable is set: boto3 reads that itself.
    """

    variable: str
    field: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    left_to_boto3: bool = False


def text(value: str) -> str:
    """Any text."""
    return value.strip()


def names(value: str) -> frozenset[str]:
    """Words between commas."""
    return frozenset(part.strip() for part in value.split(",") if part.strip())


def words(value: str) -> frozenset[str]:
    """Words between commas or spaces."""
    return frozenset(value.replace(",", " ").split())


def function_names(value: str) -> frozenset[str]:
    """Plain function names between commas."""
    given = names(value)
    for name in sorted(given):
        if not FUNCTION_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no plain function name: give names without ARN, version or alias")
    return given


def lake_location(value: str) -> str:
    """A location in S3, or nothing."""
    return str(read_location(value)) if value.strip() else ""


def web_address(value: str) -> str:
    """A URL, or nothing."""
    given = value.strip()
    try:
        parts = urlsplit(given)
        is_complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_complete = False
    if given and not is_complete:
        raise ValueError("use a URL such as https://s3.example.com:9000")
    return given


def flag(value: str) -> bool:
    """True or false, in the usual words."""
    lowered = value.strip().lower()
    if lowered in {"true", "1", "yes", "on"}:
        return True
    if lowered in {"false", "0", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def number(low: float, high: float) -> Callable[[str], float]:
    """A number within bounds."""
    return _between(float, low, high, f"use a number from {low:g} to {high:g}")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""
    return _between(int, low, high, f"use a whole number from {low} to {high}")


def _between(read_number: Callable[[str], N], low: float, high: float, advice: str) -> Callable[[str], N]:
    def read(value: str) -> N:
        try:
            number = read_number(value)
        except ValueError:
            raise ValueError(advice) from None
        if not low <= number <= high:
            raise ValueError(advice)
        return number

    return read


def amount(value: str) -> Decimal | None:
    """A decimal above nothing, or none."""
    return _decimal(value, Decimal(10**9), "use a number above 0 and up to 1000000000, or leave it empty for no limit")


def share(value: str) -> Decimal:
    """A decimal from above nothing up to one."""
    return _decimal(value, Decimal(1), "use a number above 0 and up to 1") or Decimal(1)


def _decimal(value: str, most: Decimal, advice: str) -> Decimal | None:
    if not value.strip():
        return None
    try:
        given = Decimal(value.strip())
    except InvalidOperation:
        raise ValueError(advice) from None
    if not given.is_finite() or not 0 < given <= most:
        raise ValueError(advice)
    return given


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def read(value: str) -> str:
        word = value.strip()
        matches = [known for known in words if known.lower() == word.lower()]
        if not matches:
            raise ValueError(f"use one of {', '.join(words)}")
        return matches[0]

    return read


def rates(value: str) -> str:
    """Rate limits as the `limits` library writes them, or nothing."""
    given = value.strip()
    if not given:
        return ""
    # Only who limits rates waits for its import.
    from limits import parse_many

    try:
        items = parse_many(given)
    except ValueError:
        items = []
    if not items or not all(1 <= item.amount <= MOST_CALLS for item in items):
        raise ValueError(f"use limits such as 100/minute; 10/second, each of 1 to {MOST_CALLS} calls")
    return given


def link_template(value: str) -> str:
    """A URL with `{trace_id}` in it, or nothing."""
    given = web_address(value)
    if given and "{trace_id}" not in given:
        raise ValueError("put {trace_id} where the trace id goes")
    return given
