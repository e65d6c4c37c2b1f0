from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from store_stage.rows import compacted, days_ago, row, segment_files, spool, waiting

from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.hidden import HiddenFile, replace_hidden
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.segments import SETTLE_AFTER, segments, write_segments
from lambdascope_analytics.store.spools import scan_spools

NOW = datetime.now(UTC)


def kinds(directory: Path, *rows: dict[str, object]) -> list[bool]:
    """Whether each file these rows are written to is an open segment."""
    prepare(directory)
    path = spool(directory, rows)
    with connect(directory) as connection:
        new, count = write_segments(connection, directory, scan_spools([path]), now=NOW)
    assert count == len(rows)
    return sorted(file.file.endswith("-open.parquet") for file in new)


@pytest.mark.parametrize(
    ("more", "is_open"),
    [
        ({}, False),  # never reached Lambda: nothing more will be known
        ({"request_id": "r"}, True),
        ({"request_id": "r", "cost_source": "none"}, True),
        ({"request_id": "r", "cost_source": "estimated"}, True),
        ({"request_id": "r", "cost_source": "measured"}, False),
        ({"request_id": "r", "cost_source": "logs"}, False),
    ],
)
def test_rows_are_open_as_long_as_something_may_still_become_known(
    more: dict[str, object], is_open: bool, directory: Path
) -> None:
    assert kinds(directory, row(1, at=NOW, **more)) == [is_open]


def test_rows_settle_after_three_days(directory: Path) -> None:
    moment = timedelta(seconds=1)
    assert kinds(directory, waiting(1, at=NOW - SETTLE_AFTER - moment)) == [False]
    assert kinds(directory, waiting(1, at=NOW - SETTLE_AFTER + moment)) == [True]


def test_what_is_written_lies_aside_until_it_is_published_under_names_of_its_own(directory: Path) -> None:
    prepare(directory)
    path = spool(directory, [row(1, at=NOW), waiting(2, at=NOW), row(3, at=NOW - timedelta(days=1))])
    with connect(directory) as connection:
        first, _ = write_segments(connection, directory, scan_spools([path]), now=NOW)
        second, _ = write_segments(connection, directory, scan_spools([path]), now=NOW)
    assert segments(directory) == []
    assert len({file.file for file in first + second}) == 6
    assert {file.source.stat().st_mode & 0o777 for file in first} == {0o600}
    assert {Path(file.file).parent.name for file in first} == {
        f"date={NOW - timedelta(days=n):%Y-%m-%d}" for n in (0, 1)
    }


@pytest.mark.usefixtures("impatient")
def test_segments_are_listed_with_day_kind_and_size_and_without_those_that_are_hidden(directory: Path) -> None:
    spool(directory, [row(1, at=days_ago(2)), waiting(2, at=NOW)])
    compacted(directory)
    old, new = segments(directory)
    assert (old.day, old.is_open, new.day, new.is_open) == (days_ago(2).date(), False, NOW.date(), True)
    assert [part.size for part in (old, new)] == [path.stat().st_size for path in segment_files(directory)]
    replace_hidden(directory, [HiddenFile(file=old.file, state="superseded", since=NOW)])
    assert segments(directory) == [new]


def test_only_files_of_our_names_in_folders_of_days_are_segments(directory: Path) -> None:
    prepare(directory)
    for name in (
        "date=2026-11-22/a.parquet",
        "date=x/a-open.parquet",
        "day/a-open.parquet",
        "date=0001-01-01/b-open.parquet",
    ):
        path = directory / "segments" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert [(part.day, part.size) for part in segments(directory)] == [(date(1, 1, 1), 0)]
