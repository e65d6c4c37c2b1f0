"""The line format of the spool: one row as one line of JSON that DuckDB reads back as the columns of `calls`."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.row import COLUMNS

# DuckDB fails a whole query on a line above 16 MiB; a row of the history has no business near it.
MAX_LINE_BYTES: Final = 1 << 20
# A line that was cut short reads as a row of NULLs: the view tells it from a row by this column.
REQUIRED: Final = "started_at"

_COST_STEP: Final = Decimal("1E-12")
_COST_CONTEXT: Final = Context(prec=18, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def encode_row(row: Mapping[str, object]) -> bytes:
    """Return `row` as one line, newline included; columns that are absent or None read back as NULL.

    What comes back through DuckDB equals what went in, but for three things its types cannot hold: a lone
    surrogate comes back as U+FFFD, a number in a DOUBLE column as the nearest double, and `cost_usd` rounded
    half even to 12 decimals.

    Raises:
        UnfitRowError: a column is unknown, a value does not fit its column, or the line is too long.
    """
    if row.get(REQUIRED) is None:
        raise UnfitRowError(REQUIRED, "is missing")
    values = {name: _encode_value(name, value) for name, value in row.items() if value is not None}
    line = _utf8(json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))) + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise UnfitRowError("row", f"is longer than {MAX_LINE_BYTES} bytes")
    return line


def _encode_value(name: str, value: object) -> object:
    encode = _ENCODERS.get(name)
    if encode is None:
        raise UnfitRowError(str(name), "is not a column of the history")
    try:
        return encode(value)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise UnfitRowError(name, f"does not hold a {type(value).__name__} like this one") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(bits: int) -> Callable[[object], int]:
    limit = 1 << (bits - 1)

    def integer(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError
        if not -limit <= value < limit:
            raise ValueError
        return value

    return integer


def _double(value: object) -> float | str:
    if not isinstance(value, float | int | Decimal) or isinstance(value, bool):
        raise TypeError
    number = float(value)
    # JSON has no word for these; DuckDB casts the strings.
    return number if math.isfinite(number) else str(number)


def _decimal(value: object) -> str:
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise TypeError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return format(number.quantize(_COST_STEP, context=_COST_CONTEXT), "f")


def _timestamp(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _uuid(value: object) -> str:
    return str(value if isinstance(value, UUID) else UUID(_text(value)))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A caller chooses some of these texts (its client name, an error message): one odd character must
        # not be a way to stay out of the history.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


_BY_TYPE: Final[Mapping[str, Callable[[object], object]]] = {
    "VARCHAR": _text,
    "BOOLEAN": _boolean,
    "INTEGER": _integer(32),
    "BIGINT": _integer(64),
    "DOUBLE": _double,
    "DECIMAL(18,12)": _decimal,
    "TIMESTAMPTZ": _timestamp,
    "UUID": _uuid,
}
_ENCODERS: Final = {column.name: _BY_TYPE[column.type] for column in COLUMNS}
