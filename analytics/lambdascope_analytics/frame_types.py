"""Rows as a pandas.DataFrame whose columns have the same types whatever the rows hold, none and only NULLs included."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, Final, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

# Money stays exact: a column of Decimal. What is not known is missing in a type that can say so.
_TYPES: Final[Mapping[object, str]] = {
    bool: "boolean",
    int: "Int64",
    float: "float64",
    str: "str",
    datetime: "datetime64[us, UTC]",
    date: "datetime64[us]",
    Decimal: "object",
}
_ANYTHING: Final = "object"
# What DuckDB calls its types; integers of it that may be NULL are floats in some versions.
_DUCKDB_TYPES: Final[Mapping[str, str]] = {
    "BOOLEAN": "boolean",
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "UTINYINT": "UInt8",
    "USMALLINT": "UInt16",
    "UINTEGER": "UInt32",
    "UBIGINT": "UInt64",
    "FLOAT": "float32",
    "DOUBLE": "float64",
    "VARCHAR": "str",
    "UUID": "str",
}


Spread: TypeAlias = Mapping[str, Mapping[str, str]]
_NOTHING: Final[Spread] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    name: str
    dtype: str
    value_of: Callable[[Any], object]


def frame_of(rows: Sequence[object], row_type: type, spread: Spread = _NOTHING) -> Any:
    """Return dataclass instances as a `pandas.DataFrame`: a column per field, those of a nested one with its name.

    Of a field that is a mapping, nested or not, `spread` says which of its keys become columns, and how they are named.
    """
    pandas: Any = import_module("pandas")  # it has no types of its own
    columns = list(_columns(row_type, spread=spread))
    series = {each.name: pandas.Series([each.value_of(row) for row in rows], dtype=each.dtype) for each in columns}
    return pandas.DataFrame(series)


def with_types(frame: Any, described: Sequence[Mapping[str, Any]]) -> Any:
    """Return the frame of a query with the types that `DESCRIBE` told of it; decimals are the nearest double."""
    for name, kind in ((each["column_name"], each["column_type"]) for each in described):
        dtype = "float64" if kind.startswith("DECIMAL") else _DUCKDB_TYPES.get(kind)
        if dtype and str(frame[name].dtype) != dtype:
            frame[name] = _texts(frame[name]) if dtype == "str" else frame[name].astype(dtype)
    return frame


def _texts(values: Any) -> Any:
    # Each by itself: a cast of the whole would make a word of a NULL.
    return values.map(str, na_action="ignore").astype("str")


def in_time(frame: Any, name: str) -> Any:
    """Return the frame with the texts of the column `name` as the times they tell, in their order."""
    pandas: Any = import_module("pandas")
    times = pandas.to_datetime(frame[name], utc=True, format="ISO8601").astype(_TYPES[datetime])
    return frame.assign(**{name: times}).sort_values(name, ignore_index=True)


def tables_of(answer_type: type) -> dict[str, type]:
    """Return the fields of an answer that make a table, with the dataclass of a row: lists, and nested dataclasses."""
    hints = get_type_hints(answer_type)
    found = {field.name: _row_type(_known(hints[field.name])) for field in fields(answer_type)}
    return {name: row_type for name, row_type in found.items() if row_type}


def _row_type(hint: Any) -> type | None:
    inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return cast("type", inner) if is_dataclass(inner) else None


def _columns(row_type: type, prefix: str = "", spread: Spread = _NOTHING) -> Iterator[_Column]:
    hints = get_type_hints(row_type)
    for field in fields(row_type):
        hint, value_of = _known(hints[field.name]), _getter(field.name)
        if keys := spread.get(field.name):
            inner = _known(get_args(hint)[1])
            for key, name in keys.items():
                yield from _columns_of(f"{prefix}{name}", inner, _through(value_of, _picker(key)), spread)
        else:
            yield from _columns_of(f"{prefix}{field.name}", hint, value_of, spread)


def _columns_of(name: str, hint: object, value_of: Callable[[Any], object], spread: Spread) -> Iterator[_Column]:
    if not is_dataclass(hint):
        yield _Column(name=name, dtype=_TYPES.get(hint, _dtype_of(hint)), value_of=value_of)
        return
    for inner in _columns(cast("type", hint), f"{name}_", spread):
        yield _Column(name=inner.name, dtype=inner.dtype, value_of=_through(value_of, inner.value_of))


def _getter(field: str) -> Callable[[Any], object]:
    return lambda row: None if row is None else getattr(row, field)


def _picker(key: str) -> Callable[[Any], object]:
    return lambda found: None if found is None else found.get(key)


def _through(first: Callable[[Any], object], second: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda row: second(first(row))


def _dtype_of(hint: object) -> str:
    words = get_args(hint)
    return "str" if words and all(isinstance(word, str) for word in words) else _ANYTHING


def _known(hint: Any) -> Any:
    """The type of a value that is known, of one that may be None."""
    if get_origin(hint) not in {Union, UnionType}:
        return hint
    known = [each for each in get_args(hint) if each is not NoneType]
    return known[0] if len(known) == 1 else object
