"""Puts rows of DuckDB into values that JSON holds exactly, and cuts them to what an answer may weigh."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, cast

# Beyond it a reader that keeps numbers as doubles, as JavaScript does, would round.
_EXACT: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The rows that fit, by what they were cut ("rows", "bytes", None) and how many values were shortened."""

    rows: list[list[Any]]
    truncated_by: str | None
    cut_cells: int


def take(rows: Iterable[Sequence[Any]], *, max_rows: int, max_bytes: int) -> Taken:
    """Take rows until one of the limits; a single value may fill half of the bytes."""
    kept: list[list[Any]] = []
    cut_cells = size = 0
    for row in rows:
        if len(kept) == max_rows:
            return Taken(rows=kept, truncated_by="rows", cut_cells=cut_cells)
        cells = [shortened(plain(value), max_bytes // 2) for value in row]
        size += sum(weight for _, weight, _ in cells)
        if size > max_bytes:
            return Taken(rows=kept, truncated_by="bytes", cut_cells=cut_cells)
        kept.append([cell for cell, _, _ in cells])
        cut_cells += sum(was_cut for _, _, was_cut in cells)
    return Taken(rows=kept, truncated_by=None, cut_cells=cut_cells)


def plain(value: object) -> Any:
    """Return a value as JSON can hold it: decimals and large integers as text, times in ISO 8601, bytes in hex."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return (
            value.isoformat() if value.tzinfo is None else f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
        )
    return _plain_other(value)


def _plain_other(value: object) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return {str(plain(key)): plain(inner) for key, inner in items}
    if isinstance(value, list | tuple | set):
        return [plain(inner) for inner in cast("Iterable[object]", value)]
    return str(value)


def shortened(cell: Any, most_bytes: int) -> tuple[Any, int, bool]:
    """Return a plain value, cut if its JSON is too long, with what it then weighs and whether it was cut."""
    text = encoded(cell)
    if len(text) <= most_bytes:
        return cell, len(text), False
    whole = cell if isinstance(cell, str) else text.decode()
    kept = whole.encode()[:most_bytes].decode(errors="ignore")
    cut = f"{kept}... (cut: {len(whole)} characters)"
    # Quotes and control characters weigh more in JSON than in the text.
    while len(encoded(cut)) > 2 * most_bytes:
        kept = kept[: len(kept) // 2]
        cut = f"{kept}... (cut: {len(whole)} characters)"
    return cut, len(encoded(cut)), True


def encoded(value: Any) -> bytes:
    """Return the JSON of a plain value as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
