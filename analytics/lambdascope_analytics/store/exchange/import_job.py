"""Import of calls from files and other histories: each call once, whatever is imported how often.

Rows that are new become segments; rows that know more than ours of a call that was not settled here complete ours.
Readers see all of an import or nothing of it. Imported rows do not go to S3: they did from where they were recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from string import Template
from typing import Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.amendment_job import apply_amendments
from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.directories import AMENDMENTS, SEGMENTS, WORK
from lambdascope_analytics.store.exchange.formats import Format, written
from lambdascope_analytics.store.exchange.staging import Staged, stage
from lambdascope_analytics.store.integrity import set_aside_foreign
from lambdascope_analytics.store.maintenance import OccupiedError, maintenance
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import NewFile
from lambdascope_analytics.store.row import COLUMN_NAMES
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spool_file import new_writer_name
from lambdascope_analytics.store.views import file_list, literal, view_statements

# So many rows are sorted and written at a time, which bounds the memory; a larger day is one piece.
_ROWS_AT_ONCE: Final = 250_000
# What becomes known of a call late; where the cost came from counts most.
_LATE: Final = (
    "duration_ms",
    "billed_ms",
    "init_ms",
    "restore_ms",
    "max_memory_mb",
    "cost_usd",
    "error_type",
    "error_message",
)
_MEASURED: Final = "coalesce(cost_source IN ('measured', 'logs'), false)"
_KNOWN: Final = " + ".join(
    [f"100 * CAST({_MEASURED} AS INTEGER)", *(f"CAST({name} IS NOT NULL AS INTEGER)" for name in _LATE)]
)
_IS_OPEN: Final = f"request_id IS NOT NULL AND NOT {_MEASURED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    `rows` are new, `completed` were here and know more now, `known` were here or twice in the source; `unfit` are no
    calls and kept in the files `aside`; `unknown` are columns that the history has not.
    """

    rows: int
    completed: int
    known: int
    unfit: int
    unknown: tuple[str, ...]
    aside: tuple[Path, ...]


def import_calls(directory: Path, source: Path, *, file_format: Format | None = None, wait_s: float = 60.0) -> Imported:
    """Import calls into the history in `directory` from a file or from the directory of another history.

    Raises:
        HistoryError: the source or the history cannot be read or written, or another process compacts for longer than
            `wait_s`; nothing was imported, and it can be done again.
    """
    import duckdb

    directory = directory.resolve()
    if source.exists() and directory.exists() and source.samefile(directory):
        raise HistoryError(f"{source} is this history itself")
    try:
        prepare(directory)
        with maintenance(directory, wait_s=wait_s):
            return _import(directory, source, file_format)
    except OccupiedError as error:
        raise HistoryError(f"another process compacts the history in {directory}; try again") from error
    except (OSError, duckdb.Error) as error:
        raise HistoryError(f"{source} cannot be imported into {directory}: {error}") from error


def _import(directory: Path, source: Path, file_format: Format | None) -> Imported:
    staged = stage(directory, source, file_format)
    with connect(directory) as connection:
        set_aside_foreign(connection, directory)
        return _merge(Compactor(directory=directory, connection=connection, uploads=False), staged)


def _merge(compactor: Compactor, staged: Staged) -> Imported:
    _pick(compactor, staged)
    new = [file for days in _groups(compactor) for file in _write(compactor, staged, days)]
    amendments = _amendments(compactor, staged)
    compactor.publish([*new, *amendments], [])
    if amendments:
        apply_amendments(compactor, [compactor.directory / file.file for file in amendments])
    fates = dict(compactor.connection.execute("SELECT fate, count(*) FROM picked GROUP BY fate").fetchall())
    rows, completed = fates.get("new", 0), fates.get("completes", 0)
    (total,) = compactor.connection.execute(f"SELECT count(*) FROM {_scan(staged)}").fetchall()[0]
    return Imported(
        rows=rows,
        completed=completed,
        known=total - rows - completed,
        unfit=staged.unfit,
        unknown=staged.unknown,
        aside=staged.aside,
    )


def _pick(compactor: Compactor, staged: Staged) -> None:
    connection, directory = compactor.connection, compactor.directory
    days = {
        day
        for (day,) in connection.execute(f"SELECT DISTINCT CAST(started_at AS DATE) FROM {_scan(staged)}").fetchall()
    }
    (calls, *_) = view_statements(directory, _files_of(directory, days))
    connection.execute(calls)
    literals = {"staged": file_list([staged.path]), "known": _KNOWN, "is_open": _IS_OPEN}
    connection.execute(Template(statement("store/import_picked")).substitute(literals))


def _files_of(directory: Path, days: set[date]) -> dict[str, str]:
    keep = directory / SEGMENTS / "date=1970-01-01"
    found = [segment for segment in segments(directory) if segment.day in days]
    settled = [directory / segment.file for segment in found if not segment.is_open]
    still_open = [directory / segment.file for segment in found if segment.is_open]
    return {
        "settled": file_list([keep / "_keep-settled.parquet", *settled]),
        "open": file_list([keep / "_keep-open.parquet", *still_open]),
    }


def _groups(compactor: Compactor) -> Iterator[tuple[date, date]]:
    """The first and the last day of each run of days that is written at a time."""
    sql = "SELECT day, count(*) FROM picked WHERE fate = 'new' GROUP BY day ORDER BY day"
    first, last, rows = None, None, 0
    for day, count in compactor.connection.execute(sql).fetchall():
        if first is not None and last is not None and rows + count > _ROWS_AT_ONCE:
            yield first, last
            first, rows = None, 0
        first, last, rows = first or day, day, rows + count
    if first is not None and last is not None:
        yield first, last


def _write(compactor: Compactor, staged: Staged, days: tuple[date, date]) -> list[NewFile]:
    first, last = days
    new, _ = compactor.write(
        f"(SELECT * FROM {_scan(staged)} WHERE file_row_number IN (SELECT file_row_number FROM picked "
        f"WHERE fate = 'new' AND day BETWEEN DATE '{first}' AND DATE '{last}'))"
    )
    return new


def _amendments(compactor: Compactor, staged: Staged) -> list[NewFile]:
    name = f"{new_writer_name()}.jsonl"
    target = compactor.directory / WORK / name
    columns = ", ".join(written(column, "jsonl") for column in COLUMN_NAMES)
    rows = (
        f"SELECT '{datetime.now(UTC).isoformat()}' AS amended_at, {columns} FROM {_scan(staged)} "
        "WHERE file_row_number IN (SELECT file_row_number FROM picked WHERE fate = 'completes')"
    )
    (count,) = compactor.connection.execute(f"COPY ({rows}) TO {literal(str(target))} (FORMAT json)").fetchall()[0]
    target.chmod(0o600)
    return [NewFile(source=target, file=f"{AMENDMENTS}/{name}")] if count else []


def _scan(staged: Staged) -> str:
    return f"read_parquet({file_list([staged.path])}, file_row_number = true)"
