import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.exchange.export import Selection, export_to_file
from lambdascope_analytics.store.exchange.formats import FORMATS, Format
from lambdascope_analytics.store.exchange.import_job import import_calls
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spool import SpoolWriter

Row = dict[str, Any]
Store = Callable[[Path, list[Row]], None]
RowOf = Callable[..., Row]
CallsIn = Callable[[Path], list[Row]]
EVERYTHING = Selection()


def exported(directory: Path, file_format: Format) -> Path:
    target = directory.parent / f"calls.{file_format}"
    export_to_file(directory, target, file_format, EVERYTHING, replaces=True)
    return target


@pytest.mark.parametrize("file_format", FORMATS)
def test_what_was_exported_comes_back_as_it_was(
    file_format: Format, here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    rows = [row_of(number) for number in range(12)]
    rows.append(row_of(12, error_message=None, principal="=1+1,\r\n'", total_ms=1e-310, cost_usd=Decimal("1E-12")))
    store(there, rows)
    done = import_calls(here, exported(there, file_format))
    assert (done.rows, done.completed, done.known, done.unfit, done.unknown) == (13, 0, 0, 0, ())
    assert calls_in(here) == rows


@pytest.mark.parametrize("file_format", FORMATS)
@given(texts=st.lists(st.text(), min_size=1, max_size=50), amounts=st.lists(st.floats(), min_size=1, max_size=50))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_and_any_number_come_back_as_they_were(
    texts: list[str], amounts: list[float], file_format: Format, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    place = Path(tempfile.mkdtemp(dir=tmp_path))
    rows = [
        row_of(number, error_message=text, total_ms=amount)
        for number, (text, amount) in enumerate(zip(itertools.cycle(texts), amounts, strict=False))
    ]
    store(place / "there", rows)
    assert import_calls(place / "here", exported(place / "there", file_format)).rows == len(rows)
    sql = "SELECT error_message, CAST(total_ms AS VARCHAR) AS total_ms FROM calls ORDER BY started_at"
    with open_history(place / "there") as before, open_history(place / "here") as after:
        assert after.query(sql) == before.query(sql)


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_second_import_adds_nothing(
    file_format: Format, here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    store(there, [row_of(number) for number in range(5)])
    source = exported(there, file_format)
    import_calls(here, source)
    before = sorted(here.rglob("*.parquet"))
    done = import_calls(here, source)
    assert (done.rows, done.known) == (0, 5)
    assert sorted(here.rglob("*.parquet")) == before
    assert len(calls_in(here)) == 5


def test_rows_that_are_here_already_are_not_doubled_wherever_they_are(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    """In a segment, in a closed spool, and in the spool of a process that runs."""
    store(there, [row_of(number) for number in range(4)])
    store(here, [row_of(0)])
    assert compact(here, UpkeepOptions(), everything=True) is not None
    store(here, [row_of(1)])
    live = SpoolWriter(here)
    live.append(row_of(2))
    assert live.flush(30)
    done = import_calls(here, there)
    assert (done.rows, done.known) == (1, 3)
    assert calls_in(here) == [row_of(number) for number in range(4)]
    assert live.close(30)


def test_a_call_that_comes_twice_in_one_file_comes_once(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    less = row_of(1, cost_usd=None, cost_source="none", billed_ms=None)
    store(there, [less, row_of(1), less])
    done = import_calls(here, exported(there, "jsonl"))
    assert (done.rows, done.known) == (1, 2)
    assert calls_in(here) == [row_of(1)]


def test_another_history_is_read_as_its_readers_see_it(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    """Completed rows, segments and spools, and nothing of what is hidden there."""
    store(there, [row_of(0), row_of(1, cost_source="none", cost_usd=None)])
    compact(there, UpkeepOptions(), everything=True)
    amend(there, [{"call_id": row_of(1)["call_id"], "started_at": row_of(1)["started_at"], "pid": 7}])
    live = SpoolWriter(there)
    live.append(row_of(2))
    assert live.flush(30)
    before = {path: path.stat().st_mtime_ns for path in there.rglob("*")}
    assert import_calls(here, there).rows == 3
    assert calls_in(here) == calls_in(there)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert live.close(30)


def test_a_copy_of_this_history_adds_only_what_was_lost_here(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    store(here, [row_of(number) for number in range(6)])
    compact(here, UpkeepOptions(), everything=True)
    shutil.copytree(here, there)
    segments(here)[0]
    (here / segments(here)[0].file).unlink()
    lost = 6 - len(calls_in(here))
    assert lost > 0
    assert import_calls(here, there).rows == lost
    assert calls_in(here) == [row_of(number) for number in range(6)]


def test_a_row_that_knows_more_completes_ours_at_once_and_for_good(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    """Asynchronous calls that another host found in the logs; one of ours is in a segment, one in a spool."""
    unknown = {"outcome": "accepted", "cost_source": "none", "cost_usd": None, "billed_ms": None}
    store(here, [row_of(0, **unknown)])
    compact(here, UpkeepOptions(), everything=True)
    store(here, [row_of(1, **unknown)])
    store(there, [row_of(0, cost_source="logs"), row_of(1, cost_source="logs")])
    done = import_calls(here, there)
    assert (done.rows, done.completed) == (0, 2)
    complete = [row_of(0, cost_source="logs"), row_of(1, cost_source="logs")]
    assert calls_in(here) == complete
    assert import_calls(here, there).completed == 0
    compact(here, UpkeepOptions(), everything=True)
    assert calls_in(here) == complete


def test_a_row_that_knows_less_changes_nothing(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    store(here, [row_of(0, cost_source="logs")])
    store(there, [row_of(0, outcome="accepted", cost_source="none", cost_usd=None)])
    assert import_calls(here, there).known == 1
    assert calls_in(here) == [row_of(0, cost_source="logs")]


def write_parquet(path: Path, select: str) -> Path:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def test_columns_the_history_has_not_are_left_out_and_named(here: Path, tmp_path: Path, calls_in: CallsIn) -> None:
    source = write_parquet(
        tmp_path / "x.parquet",
        "SELECT '01935a2b-7c00-7000-8000-000000000001' AS call_id, TIMESTAMP '2026-11-20 10:00:00' AS started_at, "
        '1 AS flavour, \'x\' AS "we""ird", 128::BIGINT AS memory_mb',
    )
    done = import_calls(here, source)
    assert (done.rows, done.unknown) == (1, ("flavour", 'we"ird'))
    assert calls_in(here) == [
        {
            "call_id": UUID("01935a2b-7c00-7000-8000-000000000001"),
            "started_at": datetime(2026, 11, 20, 10, tzinfo=UTC),
            "memory_mb": 128,
        }
    ]


ID = "01935a2b-7c00-7000-8000-00000000000{}"
BAD_LINES = (
    "not json",
    '["a list"]',
    '{"call_id": "' + ID.format(1) + '"}',
    '{"started_at": "2026-11-20T10:00:00Z"}',
    '{"call_id": "nonsense", "started_at": "2026-11-20T10:00:00Z"}',
    '{"call_id": "' + ID.format(2) + '", "started_at": "yesterday"}',
    '{"call_id": "' + ID.format(3) + '", "started_at": "infinity"}',
    '{"call_id": "' + ID.format(4) + '", "started_at": "2026-11-20T10:00:00Z", "memory_mb": "much"}',
    '{"call_id": "' + ID.format(5) + '", "started_at": "2026-11-20T10:00:00Z", "out',
    "{}",
    "[" * 100_000,
)


@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_line_that_is_no_call_is_counted_and_kept_and_the_others_come(
    bad: str, here: Path, tmp_path: Path, calls_in: CallsIn
) -> None:
    good = '{"call_id": "' + ID.format(9) + '", "started_at": "2026-11-20T10:00:00Z", "new": 1}'
    (tmp_path / "x.jsonl").write_text(f"{good}\n\n{bad}\n{good.replace('9', '8', 1)}")
    done = import_calls(here, tmp_path / "x.jsonl")
    assert (done.rows + done.known, done.unfit) == (2, 1)
    (kept,) = done.aside
    assert kept.parent == here / "set-aside"
    assert kept.stat().st_mode & 0o777 == 0o600
    if not bad.startswith("{") or "out" in bad:
        assert kept.read_text() == f"{bad}\n"
    elif bad != "{}":
        found = {name: value for name, value in json.loads(kept.read_text()).items() if value is not None}
        assert found == json.loads(bad)
    again = import_calls(here, tmp_path / "x.jsonl")
    assert (again.rows, again.unfit, again.aside) == (0, 1, done.aside)


def test_bytes_that_are_no_text_are_kept_as_they_were(here: Path, tmp_path: Path) -> None:
    good = b'{"call_id": "01935a2b-7c00-7000-8000-000000000001", "started_at": "2026-11-20T10:00:00Z"}\n'
    (tmp_path / "x.jsonl").write_bytes(good + b"\xff\xfe\x00\n" + good)
    done = import_calls(here, tmp_path / "x.jsonl")
    assert (done.rows, done.known, done.unfit) == (1, 1, 1)
    assert done.aside[0].read_bytes() == b"\xff\xfe\x00\n"


def test_lines_of_csv_that_are_no_rows_are_counted_and_kept(here: Path, tmp_path: Path, calls_in: CallsIn) -> None:
    header = "started_at,call_id,memory_mb,extra"
    rows = [
        f"2026-11-20T10:00:00Z,{ID.format(1)},128,x",
        "one,two",
        f"2026-11-20T10:00:00Z,{ID.format(2)},much,x",
        "1,2,3,4,5,6",
        f"2026-11-20T10:00:00Z,{ID.format(3)},,",
        f'2026-11-20T10:00:00Z,{ID.format(4)},,"unending',
    ]
    (tmp_path / "x.csv").write_text("\ufeff" + "\n".join([header, *rows]))
    done = import_calls(here, tmp_path / "x.csv")
    assert (done.rows, done.unfit, done.unknown) == (2, 4, ("extra",))
    assert [row["call_id"] for row in calls_in(here)] == [UUID(ID.format(1)), UUID(ID.format(3))]
    kept = {path.suffix: path.read_text() for path in done.aside}
    assert json.loads(kept[".jsonl"])["memory_mb"] == "much"
    assert kept[".txt"].splitlines() == [rows[1], rows[3], rows[5]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.parquet", b"PAR1 is all", "cannot be read"),
        ("x.parquet", b"", "cannot be read"),
        ("x.csv", b"", "does not name columns|no column call_id"),
        ("x.csv", b"a,b\n1,2\n", "no column call_id"),
        ("x.csv", b"call_id,call_id\n1,2\n", "does not name columns"),
        ("x.xlsx", b"PK", "does not tell its format"),
        ("missing.csv", None, "no file"),
    ],
)
def test_a_source_that_is_none_is_an_error_that_names_it(
    name: str, content: bytes | None, words: str, here: Path, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(HistoryError, match=words) as raised:
        import_calls(here, tmp_path / name)
    assert name in str(raised.value)


def test_a_directory_without_a_history_is_an_error(here: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(HistoryError, match="no history in"):
        import_calls(here, tmp_path / "nothing")


def test_a_history_does_not_import_itself(here: Path, store: Store, row_of: RowOf, tmp_path: Path) -> None:
    store(here, [row_of(1)])
    (tmp_path / "link").symlink_to(here)
    with pytest.raises(HistoryError, match="this history itself"):
        import_calls(here, tmp_path / "link")


def test_a_history_of_a_newer_version_is_not_guessed_at(here: Path, there: Path, store: Store, row_of: RowOf) -> None:
    store(there, [row_of(1)])
    open_history(there).close()
    (there / "history.version").write_text("99 whatever")
    with pytest.raises(HistoryError, match=r"newer lambdascope.*import the export"):
        import_calls(here, there)
    with pytest.raises(HistoryError, match="newer lambdascope"):
        import_calls(there, here)


def test_a_history_of_which_only_spools_are_left_is_imported(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    """The first version kept nothing else."""
    store(there, [row_of(1)])
    assert [path.name for path in there.iterdir()] == ["spool"]
    assert import_calls(here, there).rows == 1
    assert calls_in(here) == [row_of(1)]
    assert [path.name for path in there.iterdir()] == ["spool"]


def test_of_a_damaged_history_comes_what_can_be_read(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn, caplog: pytest.LogCaptureFixture
) -> None:
    store(there, [row_of(1)])
    open_history(there).close()
    torn = there / "segments" / "date=2026-11-20" / "torn-settled.parquet"
    torn.parent.mkdir()
    torn.write_bytes(b"PAR1 no more")
    assert import_calls(here, there).rows == 1
    assert str(torn) in caplog.text
    assert torn.exists()


def test_a_file_here_that_is_no_segment_does_not_stop_an_import(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    open_history(here).close()
    torn = here / "segments" / "date=2026-11-20" / "torn-settled.parquet"
    torn.parent.mkdir()
    torn.write_bytes(b"PAR1 no more")
    store(there, [row_of(1)])
    assert import_calls(here, there).rows == 1
    assert [path.name for path in (here / "set-aside").iterdir()] == [torn.name]


def test_an_import_waits_for_a_compaction_and_says_so(here: Path, there: Path, store: Store, row_of: RowOf) -> None:
    store(there, [row_of(1)])
    open_history(here).close()
    with exclusive(here / LOCK, wait_s=0), pytest.raises(HistoryError, match="another process"):
        import_calls(here, there, wait_s=0)


def test_nothing_of_an_import_is_left_behind(here: Path, there: Path, store: Store, row_of: RowOf) -> None:
    store(there, [row_of(number) for number in range(3)])
    import_calls(here, there)
    assert not (here / "work").exists()
    assert hidden_files(here) == []
    made = list(here.rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o700}


KILLED = """
import os, sys
from pathlib import Path
from lambdascope_analytics.store import publish
from lambdascope_analytics.store.exchange.import_job import import_calls
step = publish.replace_hidden
calls = 0
def replace_hidden(*arguments):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os._exit(9)
    step(*arguments)
publish.replace_hidden = replace_hidden
import_calls(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("step", [1, 2])
def test_an_import_that_was_killed_is_nothing_to_readers_and_can_be_done_again(
    step: int, here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn
) -> None:
    store(there, [row_of(number) for number in range(3)])
    child = subprocess.run([sys.executable, "-c", KILLED, str(here), str(there), str(step)], check=False, timeout=60)
    assert child.returncode == 9
    assert calls_in(here) == []
    assert import_calls(here, there).rows == 3
    assert calls_in(here) == [row_of(number) for number in range(3)]


def test_many_days_are_written_a_few_at_a_time(
    here: Path, there: Path, store: Store, row_of: RowOf, calls_in: CallsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_analytics.store.exchange.import_job._ROWS_AT_ONCE", 4)
    rows = [row_of(number) for number in range(30)]
    store(there, rows)
    assert import_calls(here, there).rows == 30
    assert calls_in(here) == rows


def test_rows_here_are_looked_for_on_the_days_concerned_only(
    here: Path, there: Path, store: Store, row_of: RowOf
) -> None:
    """The values of a segment of another day are not read: they could not be."""
    other = row_of(1)["started_at"] + timedelta(days=30)
    store(here, [row_of(2, started_at=other)])
    compact(here, UpkeepOptions(), everything=True)
    (segment,) = segments(here)
    content = (here / segment.file).read_bytes()
    (here / segment.file).write_bytes(content[:4] + bytes(100) + content[104:])
    store(there, [row_of(1)])
    assert import_calls(here, there).rows == 1
