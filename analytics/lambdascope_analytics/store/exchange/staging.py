"""The first half of an import: what fits the history becomes one Parquet file aside, what does not is set aside."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.connection import SETTINGS, connect
from lambdascope_analytics.store.directories import SET_ASIDE, WORK, make_private
from lambdascope_analytics.store.durable import move_durably
from lambdascope_analytics.store.exchange.formats import Format, format_of
from lambdascope_analytics.store.exchange.relations import (
    REJECTS,
    Relation,
    calls_relation,
    check_history,
    file_relation,
    history_relation,
)
from lambdascope_analytics.store.frozen import frozen_connection
from lambdascope_analytics.store.row import COLUMNS
from lambdascope_analytics.store.views import literal

if TYPE_CHECKING:
    import duckdb

# DuckDB fails a whole file on a longer line.
_LONGEST_LINE: Final = 16 << 20
_FINITE: Final = "started_at >= TIMESTAMPTZ '0001-01-01 00:00:00Z' AND started_at < TIMESTAMPTZ '9999-12-31 00:00:00Z'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What an import has to work with: a file of rows in all columns, and what was found beside them.

    `unfit` counts rows and lines that are no calls; `aside` are the files, private, in which they are kept.
    """

    path: Path
    unfit: int
    unknown: tuple[str, ...]
    aside: tuple[Path, ...]


def stage(directory: Path, source: Path, file_format: Format | None) -> Staged:
    """Read `source`, a file or the directory of another history, into the work directory of `directory`.

    Raises:
        HistoryError: it is no source of calls, or cannot be read.
        OSError: the disk refuses.
    """
    import duckdb

    try:
        if source.is_dir():
            return _stage_history(directory, source.absolute())
        return _stage_file(directory, source, file_format or format_of(source))
    except duckdb.Error as error:
        raise HistoryError(f"{source} cannot be read: {str(error).splitlines()[0]}") from error
    except ValueError as error:
        raise HistoryError(str(error)) from error


def _stage_history(directory: Path, source: Path) -> Staged:
    import duckdb

    check_history(source)
    empty = directory / WORK / "empty"
    make_private(empty)
    # Twice: files of a history that is compacted meanwhile may vanish between two looks.
    for _ in range(2):
        try:
            with connect(directory) as connection:
                return _stage(connection, directory, history_relation(connection, source, empty))
        except duckdb.Error:
            pass
    # Some of it cannot be read at all: the log names what, and the rest comes.
    with frozen_connection(source, empty) as connection:
        for setting in SETTINGS:
            connection.execute(setting)
        return _stage(connection, directory, calls_relation())


def _stage_file(directory: Path, source: Path, file_format: Format) -> Staged:
    if not source.is_file():
        raise HistoryError(f"there is no file {source}")
    with connect(directory) as connection:
        if file_format != "jsonl" or _are_all_objects(connection, source):
            return _stage(connection, directory, file_relation(connection, source, file_format))
        cleaned, bad, count = _cleaned(directory, source)
        aside = _set_aside(directory, bad) if count else ()
        return _stage(connection, directory, file_relation(connection, cleaned, "jsonl"), count, aside)


def _stage(
    connection: "duckdb.DuckDBPyConnection",
    directory: Path,
    relation: Relation,
    unfit: int = 0,
    aside: tuple[Path, ...] = (),
) -> Staged:
    target = directory / WORK / "import.parquet"
    casts = ", ".join(_cast(column.name, column.type, relation) for column in COLUMNS)
    rows = f"SELECT {casts} FROM {relation.sql} AS source"
    fits = _fits(relation)
    connection.execute(f"COPY ({rows} WHERE {fits}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    target.chmod(0o600)
    count, files = _keep_unfit(connection, directory, relation, fits)
    return Staged(path=target, unfit=unfit + count, unknown=relation.unknown, aside=(*aside, *files))


def _cast(name: str, kind: str, relation: Relation) -> str:
    if name not in relation.columns:
        return f"CAST(NULL AS {kind}) AS {name}"
    return f"source.{name} AS {name}" if relation.columns[name] == kind else f"{_tried(name, kind)} AS {name}"


def _tried(name: str, kind: str) -> str:
    return f"try_cast(source.{name} AS {kind})"


def _fits(relation: Relation) -> str:
    """A row fits if it has an id and a time, and each value that is there is one of its column's type."""
    kinds = {column.name: column.type for column in COLUMNS}
    conditions = [
        f"{_tried('call_id', 'UUID')} IS NOT NULL",
        _FINITE.replace("started_at", _tried("started_at", "TIMESTAMPTZ")),
    ]
    conditions += [
        f"(source.{name} IS NULL OR {_tried(name, kinds[name])} IS NOT NULL)"
        for name, kind in relation.columns.items()
        if name in kinds and kind != kinds[name]
    ]
    return f"coalesce({' AND '.join(conditions)}, false)"


def _keep_unfit(
    connection: "duckdb.DuckDBPyConnection", directory: Path, relation: Relation, fits: str
) -> tuple[int, tuple[Path, ...]]:
    source = relation.sql_again or relation.sql
    rows, lines = directory / WORK / "unfit.jsonl", directory / WORK / "unfit.txt"
    unfit = f"SELECT * FROM {source} AS source WHERE NOT {fits}"
    count = connection.execute(f"COPY ({unfit}) TO {literal(str(rows))} (FORMAT json)").fetchall()[0][0]
    files = _set_aside(directory, rows) if count else ()
    if relation.sql_again:
        rejected = _rejected(connection)
        lines.write_text("".join(f"{line}\n" for line in rejected), encoding="utf-8")
        count += len(rejected)
        files += _set_aside(directory, lines) if rejected else ()
    return count, files


def _rejected(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    found = connection.execute(f"SELECT DISTINCT line, csv_line FROM {REJECTS} ORDER BY line").fetchall()
    return [text for _, text in found]


def _set_aside(directory: Path, path: Path) -> tuple[Path, ...]:
    """Keep a file under a name that tells its content: the same import, done again, keeps it once."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    target = directory / SET_ASIDE / f"import-{digest}{path.suffix}"
    path.chmod(0o600)
    move_durably(path, target)
    return (target,)


def _are_all_objects(connection: "duckdb.DuckDBPyConnection", source: Path) -> bool:
    import duckdb

    try:
        sql = file_relation(connection, source, "jsonl").sql
        found = connection.execute(
            f"SELECT count(*) FROM {sql} WHERE call_id IS NULL AND started_at IS NULL"
        ).fetchall()
    except duckdb.Error:
        return False
    return found == [(0,)]


def _cleaned(directory: Path, source: Path) -> tuple[Path, Path, int]:
    """Split JSON lines in those that are objects and others; return both as files, and the number of others."""
    good, bad, count = directory / WORK / "cleaned.jsonl", directory / WORK / "bad.txt", 0
    with source.open("rb") as lines, _private(good) as rows, _private(bad) as rest:
        for line in _lines(lines):
            is_object = len(line) < _LONGEST_LINE and _is_object(line)
            (rows if is_object else rest).write(line if line.endswith(b"\n") else line + b"\n")
            count += not is_object
    return good, bad, count


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    # In pieces: a file without line ends must not fill the memory.
    while line := opened.readline(_LONGEST_LINE):
        if line.strip():
            yield line


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")


def _is_object(line: bytes) -> bool:
    try:
        document: Any = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict)
