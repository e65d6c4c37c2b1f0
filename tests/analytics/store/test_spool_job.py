import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from store_stage.rows import ask, compacted, numbers, raw_spool, row, segment_files, spool

from lambdascope_analytics.store.line import encode_row

pytestmark = pytest.mark.usefixtures("impatient")

GOOD = [encode_row(row(number)) for number in range(4)]
START = b'{"started_at":"2026-11-22T00:00:00+00:00",'
NO_ROWS = {
    "array": b"[]",
    "array of a row": b"[" + GOOD[3].strip() + b"]",
    "null": b"null",
    "text": b"not json",
    "number": b"3",
    "cut short": GOOD[3][:40],
    "NUL bytes": b"\0" * 50,
    "no UTF-8": START + b'"host":"\xff\xfe"}',
    "NUL in a string": START + b'"host":"a\0b"}',
    "half a surrogate": START + rb'"host":"\ud800"}',
    "no time": b'{"pid":9}',
    "time of another type": b'{"started_at":{},"pid":9}',
    "two rows": GOOD[2].strip() + GOOD[3].strip(),
    "UTF-16": '{"started_at":"2026-11-22T00:00:00+00:00"}'.encode("utf-16-le"),
    "a control character": START + b'"host":"a\x01b"}',
}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_lines_that_are_no_rows_are_set_aside_and_every_row_around_them_is_kept(place: int, directory: Path) -> None:
    """All at once, each in a spool of its own: first, between rows, and last without its newline."""
    for number, line in enumerate(NO_ROWS.values()):
        lines = [encode_row(row(100 + 2 * number)), encode_row(row(101 + 2 * number))]
        lines.insert(place, line + b"\n")
        raw_spool(directory, b"".join(lines).removesuffix(b"\n"))
    kept = list(range(100, 100 + 2 * len(NO_ROWS)))
    assert numbers(directory) == kept
    report = compacted(directory)
    assert numbers(directory) == kept
    assert (report.rows, report.set_aside) == (len(kept), len(NO_ROWS))
    aside = sorted((directory / "set-aside").iterdir())
    assert sorted(path.read_bytes().rstrip(b"\n") for path in aside) == sorted(NO_ROWS.values())
    assert {path.stat().st_mode & 0o777 for path in aside} == {0o600}
    assert [path.name for path in (directory / "spool").iterdir()] == ["_keep.jsonl"]


def test_a_line_longer_than_any_row_is_set_aside(directory: Path) -> None:
    """DuckDB fails a whole query on one above 16 MiB."""
    long = START + b'"host":"' + b"x" * (17 << 20) + b'"}'
    raw_spool(directory, GOOD[0] + GOOD[1] + long)
    assert compacted(directory).set_aside == 1
    assert numbers(directory) == [0, 1]
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.read_bytes() == long + b"\n"


def test_what_looks_like_a_row_but_does_not_fit_is_kept_beside_what_could_be_read(directory: Path) -> None:
    odd = [START + b'"host":"\\u0000","pid":8}', START + rb'"host":"\udc00","pid":9}']
    raw_spool(directory, GOOD[0] + b"\n".join(odd))
    compacted(directory)
    assert 0 in numbers(directory)
    assert compacted(directory).spools == 0
    kept = b"".join(path.read_bytes() for path in (directory / "set-aside").iterdir())
    assert odd[1] in kept


def test_a_line_nested_too_deep_costs_no_row(directory: Path) -> None:
    """DuckDB 1.5 takes the line after it for a part of it; Python's parser gives up."""
    line = b"[" * 200_000
    raw_spool(directory, GOOD[0] + line + b"\n" + GOOD[1])
    assert compacted(directory).set_aside == 1
    assert numbers(directory) == [0, 1]
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.read_bytes() == line + b"\n"


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"  \n"])
def test_an_empty_spool_leaves_nothing(content: bytes, directory: Path) -> None:
    raw_spool(directory, content)
    assert compacted(directory).set_aside == 0
    assert [path.name for path in (directory / "spool").iterdir()] == ["_keep.jsonl"]
    assert segment_files(directory) == []


def test_a_spool_without_a_single_row_is_set_aside_whole(directory: Path) -> None:
    raw_spool(directory, b"nothing here\nis a row\n", name="foreign.jsonl")
    assert compacted(directory).set_aside == 1
    assert (directory / "set-aside" / "foreign.jsonl").read_bytes() == b"nothing here\nis a row\n"


def test_lines_set_aside_never_take_the_place_of_others(directory: Path) -> None:
    """A foreign file may come twice under one name."""
    for line in (b"first\n", b"second\n"):
        raw_spool(directory, line + GOOD[0], name="foreign.jsonl")
        compacted(directory)
    assert sorted(path.read_bytes() for path in (directory / "set-aside").iterdir()) == [b"first\n", b"second\n"]


def test_a_directory_among_the_spools_is_set_aside(directory: Path) -> None:
    spool(directory, [row(1)])
    raw_spool(directory, b"", name="folder.jsonl").unlink()
    (directory / "spool" / "folder.jsonl").mkdir()
    os.utime(directory / "spool" / "folder.jsonl", (0, 0))
    report = compacted(directory)
    assert (numbers(directory), report.set_aside) == ([1], 1)
    assert (directory / "set-aside" / "folder.jsonl").is_dir()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_rows_of_any_year_go_to_their_day_and_come_back_exactly(moment: datetime, directory: Path) -> None:
    spool(directory, [row(1, at=moment)])
    assert compacted(directory).rows == 1
    (path,) = segment_files(directory)
    assert path.parent.name == f"date={moment:%Y-%m-%d}".replace("=1-", "=0001-")
    stamp = ask(directory, "SELECT epoch_us(started_at) FROM calls")
    assert stamp == [(round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6),)] or moment.year > 9000
    assert compacted(directory).set_aside == 0
    assert numbers(directory) == [1]


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 (BC) 00:00:00+00", "12000-01-01 00:00:00+00"])
def test_a_time_without_a_day_of_ours_is_set_aside(moment: str, directory: Path) -> None:
    """Would catch a segment in a folder that no maintenance ever looks into."""
    raw_spool(directory, GOOD[0] + json.dumps({"started_at": moment, "pid": 9}).encode() + b"\n")
    compacted(directory)
    compacted(directory)
    assert numbers(directory) == [0]
    assert list((directory / "set-aside").iterdir()) != []


def test_segments_are_sorted_and_split_by_day_in_utc(directory: Path) -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
    moments = [datetime.fromtimestamp(midnight + offset / 1e6, UTC) for offset in (1, -1, 0, 3_600_000_000, -7)]
    spool(directory, [row(number, at=at) for number, at in enumerate(moments)])
    compacted(directory)
    found: dict[str, list[int]] = {}
    for path in segment_files(directory):
        sql = f"SELECT pid FROM read_parquet('{path}')"
        found[path.parent.name] = [number for (number,) in ask(directory, sql)]
    assert found == {"date=2026-11-21": [4, 1], "date=2026-11-22": [2, 0, 3]}


def test_a_segment_is_private_and_holds_all_columns_with_their_types(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    (path,) = segment_files(directory)
    assert path.stat().st_mode & 0o777 == 0o600
    kinds: dict[str, Any] = dict(
        ask(
            directory,
            f"SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet('{path}', hive_partitioning = false))",
        )
    )
    expected = dict(ask(directory, "SELECT column_name, column_type FROM (DESCRIBE calls)"))
    assert kinds == expected
