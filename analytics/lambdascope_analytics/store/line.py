"""The line format of the spool: one row as one line of JSON that DuckDB reads back as the columns of `calls`."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Final, cast
from uuid import UUID

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.row import COLUMNS

# DuckDB fails a whole query on a line above 16 MiB; a row of the history has no business near it.
MAX_LINE_BYTES: Final = 1 << 20
# A line that was cut short reads as a row of NULLs: the view tells it from a row by this column.
REQUIRED: Final = "started_at"

_CANONICAL_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
    encoders = _ENCODERS
    try:
        members = [
            key + encode(value) for name, value in row.items() if value is not None for key, encode in (encoders[name],)
        ]
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise _unfit(row) from error
    line = _utf8(f"{{{','.join(members)}}}\n")
    if len(line) > MAX_LINE_BYTES:
        raise UnfitRowError("row", f"is longer than {MAX_LINE_BYTES} bytes")
    return line


def _unfit(row: Mapping[str, object]) -> UnfitRowError:
    """Return the error that names the first column which cannot be encoded."""
    for name, value in row.items():
        if value is None:
            continue
        if name not in _ENCODERS:
            return UnfitRowError(str(name), "is not a column of the history")
        try:
            _ENCODERS[name][1](value)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return UnfitRowError(name, f"does not hold a {type(value).__name__} like this one")
    return UnfitRowError("row", "holds a value that changes as it is looked at")


# From here on speed counts: each row is encoded in a thread that shares the interpreter with the calls. So each
# encoder gives JSON itself, and takes the type that a column nearly always gets without asking further.
def _boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise TypeError
    return "true" if value else "false"


def _integer(bits: int) -> Callable[[object], str]:
    limit = 1 << (bits - 1)

    def integer(value: object) -> str:
        if type(value) is int and -limit <= value < limit:
            return repr(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError
        if not -limit <= value < limit:
            raise ValueError
        return int.__repr__(value)

    return integer


def _double(value: object) -> str:
    if type(value) is float and math.isfinite(value):
        return repr(value)
    if not isinstance(value, float | int | Decimal) or isinstance(value, bool):
        raise TypeError
    number = float(value)
    # JSON has no word for these; DuckDB casts the strings.
    return float.__repr__(number) if math.isfinite(number) else f'"{number}"'


def _decimal(value: object) -> str:
    if type(value) is Decimal:
        number = value
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        number = Decimal(value)
    else:
        raise TypeError
    if not number.is_finite():
        raise ValueError
    return f'"{_COST_CONTEXT.quantize(number, _COST_STEP):f}"'


def _timestamp(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    # Without a timespec it is faster, and the same unless there are no microseconds.
    return f'"{moment.isoformat() if moment.microsecond else moment.isoformat(timespec="microseconds")}"'


def _uuid(value: object) -> str:
    if type(value) is str and _CANONICAL_UUID.fullmatch(value):
        return f'"{value}"'
    if not isinstance(value, UUID | str):
        raise TypeError
    return f'"{value if isinstance(value, UUID) else UUID(value)}"'


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A caller chooses some of these texts (its client name, an error message): one odd character must
        # not be a way to stay out of the history.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


_BY_TYPE: Final[Mapping[str, Callable[[object], str]]] = {
    "VARCHAR": cast("Callable[[object], str]", encode_basestring),  # raises TypeError for anything but text
    "BOOLEAN": _boolean,
    "INTEGER": _integer(32),
    "BIGINT": _integer(64),
    "DOUBLE": _double,
    "DECIMAL(18,12)": _decimal,
    "TIMESTAMPTZ": _timestamp,
    "UUID": _uuid,
}
_ENCODERS: Final = {column.name: (f'"{column.name}":', _BY_TYPE[column.type]) for column in COLUMNS}
