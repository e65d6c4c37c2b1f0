"""How fast closed spools become segments, and the bytes a row then takes beside the same rows kept in other ways."""

import shutil
from pathlib import Path

from bench.errors import SUBJECT_FAILURES
from bench.figures import Row, Section, Target
from bench.history.recorders import ALTERNATIVES, LAMBDASCOPE, SQLITE_FULL
from bench.history.stage import HistoryStage
from bench.history.versions import DuckdbVersion
from bench.rounds import reason

ROWS = 500_000
PATIENCE_S = 300.0
ROWS_A_SECOND, OF_THE_OLDER = 100_000, 30_000
BYTES = Target(column="B/row", bound=140, at_most=True)


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure each DuckDB version on copies of the same spools, from the start of the process to the last commit."""
    rows, spooled = stage.scaled(ROWS), stage.directory()
    filled = await stage.ask("fill", LAMBDASCOPE, spooled, rows, patience_s=PATIENCE_S)
    own = [await _own_row(stage, spooled, rows, version) for version in stage.versions]
    shutil.rmtree(spooled)
    spool = Row(subject="lambdascope, before compaction", figures={"B/row": filled["bytes"] / rows})
    names = [name for name in ALTERNATIVES if name != SQLITE_FULL]  # its file is the same
    others = [await _other_row(stage, name, rows) for name in names]
    return [Section(title=f"Compaction of {rows:,} rows, and bytes per row", rows=(*own, spool, *others))]


async def _own_row(stage: HistoryStage, spooled: Path, rows: int, version: DuckdbVersion) -> Row:
    pace = Target(column="rows/s", bound=OF_THE_OLDER if version.is_older else ROWS_A_SECOND, at_most=False)
    row = Row(subject=f"lambdascope, DuckDB {version.number}", figures={}, target=pace, also=(BYTES,))
    directory = stage.directory()
    try:
        shutil.copytree(spooled, directory)
        version.require()
        done = await stage.ask("compact", directory, patience_s=PATIENCE_S, environment=version.environment)
        if done["failures"] or done["left_bytes"]:
            return _with(row, {}, done["error"] or f"{done['left_bytes']} bytes stay in the spools")
        held = await stage.ask("tally", LAMBDASCOPE, directory, patience_s=60.0, environment=version.environment)
    except SUBJECT_FAILURES as error:
        return _with(row, {}, reason(error))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    figures = {
        "rows/s": rows / done["caught_up_s"],
        "CPU us/row": done["cpu_s"] / rows * 1e6,
        "peak MB": done["peak_mb"],
        "B/row": held["bytes"] / rows,
    }
    right = held["rows"] == held["distinct"] == rows
    return _with(row, figures, "" if right else f"holds {held['rows']} rows, {held['distinct']} different ones")


async def _other_row(stage: HistoryStage, name: str, rows: int) -> Row:
    directory = stage.directory()
    try:
        filled = await stage.ask("fill", name, directory, rows, patience_s=PATIENCE_S)
    except SUBJECT_FAILURES as error:
        return Row(subject=name, figures={}, remark=reason(error))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return Row(subject=name, figures={"B/row": filled["bytes"] / rows})


def _with(row: Row, figures: dict[str, float], remark: str) -> Row:
    return Row(subject=row.subject, figures=figures, target=row.target, also=row.also, remark=remark)
