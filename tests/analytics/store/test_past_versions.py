"""A segment of each version of the columns there ever was stays readable.

When the columns change: before that, keep a small segment of the version that goes as
`tests/analytics/data/segments/version-<n>-settled.parquet`, with two rows that have a value in every column, written by
the oldest DuckDB we support; then add its number and what it has not to `LACKING`.
"""

import shutil
from pathlib import Path

import duckdb
import pytest
from store_stage.rows import ask, compacted, row, spool

from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS, SCHEMA_VERSION

KEPT = Path(__file__).parents[1] / "data" / "segments"
LACKING = {
    1: {"request_payload", "response_payload", "schema_version"},
    2: set[str](),
}


@pytest.fixture
def directory_of_all(directory: Path) -> Path:
    """A history that holds rows of each version, and one of now."""
    prepare(directory)
    for version in LACKING:
        day = directory / "segments" / f"date=2026-11-{version:02}"
        day.mkdir(mode=0o700)
        shutil.copy(KEPT / f"version-{version}-settled.parquet", day)
    spool(directory, [row(99, function_name="f", schema_version=SCHEMA_VERSION)])
    return directory


def test_a_segment_of_every_version_up_to_this_one_is_kept() -> None:
    """Would catch a change of the columns without a new version, and a version without its segment."""
    assert sorted(path.name for path in KEPT.iterdir()) == [f"version-{n}-settled.parquet" for n in LACKING]
    assert max(LACKING) == SCHEMA_VERSION
    for version, lacking in LACKING.items():
        with duckdb.connect() as connection:
            described = connection.execute(
                f"DESCRIBE FROM read_parquet('{KEPT}/version-{version}-settled.parquet')"
            ).fetchall()
        assert [name for name, *_ in described] == [name for name in COLUMN_NAMES if name not in lacking]


@pytest.mark.parametrize("is_compacted", [False, True])
def test_rows_of_every_version_are_read_with_all_their_values(
    is_compacted: bool, directory_of_all: Path, impatient: None
) -> None:
    if is_compacted:
        assert compacted(directory_of_all).set_aside == 0
    counts = ", ".join(f"count({name}) AS {name}" for name in COLUMN_NAMES)
    found = ask(directory_of_all, f"SELECT day(started_at), {counts} FROM calls WHERE pid < 99 GROUP BY 1 ORDER BY 1")
    assert found == [
        (version, *(0 if name in lacking else 2 for name in COLUMN_NAMES)) for version, lacking in LACKING.items()
    ]
    assert ask(directory_of_all, "SELECT pid FROM calls ORDER BY 1") == [(11,), (12,), (21,), (22,), (99,)]


def test_the_columns_and_types_are_those_of_now(directory_of_all: Path) -> None:
    names = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    described = ask(directory_of_all, "SELECT column_name, column_type FROM (DESCRIBE calls)")
    assert [(name, names.get(kind, kind)) for name, kind in described] == [(each.name, each.type) for each in COLUMNS]


def test_segments_of_two_versions_merge_into_one_without_losing_a_value(
    directory_of_all: Path, impatient: None
) -> None:
    (first, second) = sorted((directory_of_all / "segments").glob("date=2026*/*.parquet"))
    second.rename(first.with_name("b-settled.parquet"))
    assert compacted(directory_of_all).merged == 2
    assert ask(directory_of_all, "SELECT count(tool_name), count(request_payload) FROM calls WHERE pid < 99") == [
        (4, 2)
    ]
