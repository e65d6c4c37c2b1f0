from datetime import timedelta
from pathlib import Path

import pytest
from store_stage.rows import ask, compacted, days_ago, numbers, row, segment_files, spool, waiting

from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import publish, sweep
from lambdascope_analytics.store.segments import segments, write_segments
from lambdascope_analytics.store.spools import scan_spools

pytestmark = pytest.mark.usefixtures("impatient")


def test_small_segments_of_a_past_day_become_one_sorted_file_with_every_row_once(directory: Path) -> None:
    for number in range(5):
        spool(directory, [row(number, at=days_ago(2).replace(hour=10 - number))])
        compacted(directory)
    (merged,) = segments(directory)
    assert numbers(directory) == list(range(5))
    found = ask(directory, f"SELECT pid FROM read_parquet('{directory / merged.file}')")
    assert found == [(4,), (3,), (2,), (1,), (0,)]


def test_open_and_settled_rows_stay_apart_until_they_have_settled(directory: Path) -> None:
    for age, kinds in ((2, [False, True]), (6, [False])):
        for number in range(3):
            spool(
                directory, [row(10 * age + number, at=days_ago(age)), waiting(10 * age + 5 + number, at=days_ago(age))]
            )
            compacted(directory)
        found = [part.is_open for part in segments(directory) if part.day == days_ago(age).date()]
        assert sorted(found) == kinds


def test_an_open_segment_settles_when_its_time_has_come(directory: Path) -> None:
    """Would catch rows that every query joins with the amendments for ever."""
    prepare(directory)
    path = spool(directory, [waiting(1, at=days_ago(6))])
    with connect(directory) as connection:
        new, _ = write_segments(connection, directory, scan_spools([path]), now=days_ago(6))
    publish(directory, new, [f"spool/{path.name}"], bind_s=0)
    assert [part.is_open for part in segments(directory)] == [True]
    compacted(directory)
    assert [part.is_open for part in segments(directory)] == [False]
    assert numbers(directory) == [1]


def test_a_segment_that_is_broken_inside_is_set_aside_and_the_others_are_merged(directory: Path) -> None:
    for number in range(2):
        spool(directory, [row(1000 * number + n, at=days_ago(2), trace_id=f"{n * 7919:032x}") for n in range(900)])
        if number == 0:
            compacted(directory)
            (broken,) = segment_files(directory)
            content = bytearray(broken.read_bytes())
            content[100:-4000] = bytes(len(content) - 4100)
            broken.write_bytes(content)
    report = compacted(directory)
    assert report.set_aside == 1
    assert numbers(directory) == list(range(1000, 1900))
    assert [path.name for path in (directory / "set-aside").iterdir()] == [broken.name]


def test_merged_files_are_removed_once_no_query_reads_them(directory: Path) -> None:
    for number in range(2):
        spool(directory, [row(number, at=days_ago(2))])
        compacted(directory)
    assert len(segment_files(directory)) == 3
    sweep(directory, segment_grace=timedelta())
    assert len(segment_files(directory)) == 1
    assert numbers(directory) == [0, 1]
