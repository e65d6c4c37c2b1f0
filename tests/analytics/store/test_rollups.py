"""What rollups must never do: count a call twice or not at all, outlive their rows, or stand in a compaction's way."""

import itertools
import random
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from store_stage.rows import ask, compacted, days_ago, row, segment_files, spool, waiting
from store_stage.stepping import Stepped
from store_stage.watched_files import watched_rows

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.durable import move_durably
from lambdascope_analytics.store.forgetting.forget import forget
from lambdascope_analytics.store.forgetting.request import ForgetRequest
from lambdascope_analytics.store.merge_job import merge_segments
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import sweep
from lambdascope_analytics.store.rollups import keep_rollups
from lambdascope_analytics.store.segments import segments

ROLLUPS = "lambdascope_analytics.store.rollups"
PUBLISH = "lambdascope_analytics.store.publish"
PARTS = (f"{ROLLUPS}.move_durably", f"{PUBLISH}.replace_hidden", f"{PUBLISH}.move_durably", f"{PUBLISH}._remove")
EVENT = days_ago(40).replace(hour=3, minute=0, second=0, microsecond=0)
COUNTED = "SELECT sum(calls), sum(cost_usd), sum(billed_ms) FROM daily"
EXACTLY = "SELECT count(*), sum(cost_usd), sum(billed_ms) FROM calls WHERE target = 'lambda'"


@pytest.fixture(autouse=True)
def at_once(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every settled segment is worth a rollup, nobody waits, and no power is cut."""
    monkeypatch.setattr(f"{ROLLUPS}._WORTH_BYTES", 0)
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.job._GRACE_S", 0.0)
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.request._LONGEST_CALL", timedelta(seconds=-1))
    monkeypatch.setattr("os.fsync", lambda _: None)


def call(number: int, **more: object) -> dict[str, object]:
    """A call that cost something and has clocks."""
    priced = {"cost_usd": Decimal(number) / 10**9, "cost_source": "measured", "billed_ms": number}
    known = {"target": "lambda", "function_name": f"f{number % 2}", "outcome": "ok", "total_ms": number + 0.5}
    return row(number, **{"at": EVENT, **priced, **known, **more})


def rollup_files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("rollups/*/*/*") if not path.name.startswith("_keep"))


def sources(directory: Path) -> dict[str, int]:
    """How many calls come from rollups, and how many from rows."""
    return dict(ask(directory, "SELECT source, CAST(sum(calls) AS BIGINT) FROM daily GROUP BY source"))


def assert_complete(directory: Path, calls: int) -> None:
    (counted,) = ask(directory, COUNTED)
    assert [counted] == ask(directory, EXACTLY)
    assert counted[0] == calls


def test_a_compaction_leaves_a_rollup_of_each_settled_segment_and_none_of_open_ones(directory: Path) -> None:
    spool(directory, [call(1), call(2), call(3, at=days_ago(39)), waiting(4, target="lambda")])
    report = compacted(directory)
    assert report.rollups == len(rollup_files(directory)) == 2
    assert {path.stat().st_mode & 0o777 for path in rollup_files(directory)} == {0o600}
    assert sources(directory) == {"rollup": 3, "rows": 1}
    assert_complete(directory, 4)
    assert compacted(directory).rollups == 0  # nothing to do


def test_rows_that_are_in_no_segment_yet_and_segments_without_a_rollup_are_read(directory: Path) -> None:
    spool(directory, [call(1), call(2)])
    compacted(directory)
    spool(directory, [call(5, at=days_ago(1)), call(6)])
    assert sources(directory) == {"rollup": 2, "rows": 2}
    rollup_files(directory)[0].unlink()
    assert sources(directory) == {"rows": 4}
    assert_complete(directory, 4)


def test_few_small_segments_have_none_and_many_do(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch rollups as large as what they save, and a view that DuckDB reads everything for."""
    monkeypatch.setattr(f"{ROLLUPS}._WORTH_BYTES", 1 << 20)
    spool(directory, [call(1), call(2, at=days_ago(39))])
    assert compacted(directory).rollups == 0
    monkeypatch.setattr(f"{ROLLUPS}._WORTH_FILES", 2)
    assert compacted(directory).rollups == 2


def test_a_merge_and_a_retention_take_the_rollups_of_what_they_replace_along(directory: Path) -> None:
    for number in (1, 2):
        spool(directory, [call(number)])
        compacted(directory)
    assert len(segment_files(directory)) > 1  # the old ones wait for queries that began before
    assert_complete(directory, 2)
    sweep(directory, segment_grace=timedelta())
    assert len(rollup_files(directory)) == len(segment_files(directory)) == 1
    spool(directory, [call(3, at=days_ago(1)), call(4, at=days_ago(2))])
    compacted(directory)
    compacted(directory, keep_days=10)
    sweep(directory, segment_grace=timedelta())
    assert len(rollup_files(directory)) == len(segment_files(directory)) == 2
    assert_complete(directory, 2)


def test_what_is_forgotten_leaves_no_rollup_that_counted_it(directory: Path) -> None:
    spool(directory, [call(1, principal="ada"), call(2, principal="bob")])
    compacted(directory)
    (before,) = rollup_files(directory)
    request = ForgetRequest(key="principal", values=("ada",), before=datetime.now(UTC))
    assert forget(directory, request, UpkeepOptions()).rows == 1
    assert not before.exists()
    assert sources(directory) == {"rollup": 1}
    assert_complete(directory, 1)


def test_a_rollup_goes_before_its_segment_so_that_it_never_outlives_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch the other order, which leaves figures of forgotten calls when the power fails in between."""
    spool(directory, [call(1, principal="ada")])
    compacted(directory)
    removed: list[str] = []
    original: Callable[[Path], None] = Path.unlink

    def noting(path: Path, **options: Any) -> None:
        removed.append(path.parts[-4] if path.parts[-4] == "rollups" else path.parts[-3])
        original(path, **options)

    request = ForgetRequest(key="principal", values=("ada",), before=datetime.now(UTC))
    monkeypatch.setattr(Path, "unlink", noting)
    forget(directory, request, UpkeepOptions())
    gone = [name for name in removed if name in ("rollups", "segments")]
    assert gone == ["rollups", "segments"]


def test_rollups_without_their_segment_and_of_earlier_versions_are_removed_and_never_counted(directory: Path) -> None:
    spool(directory, [call(1), call(2, at=days_ago(39))])
    compacted(directory)
    old = directory / "rollups" / "0" / "date=2026-01-01"
    old.mkdir(parents=True)
    (old / "x-settled.parquet").touch()
    segment_files(directory)[0].unlink()
    assert sources(directory) == {"rollup": 1}
    compacted(directory)
    assert len(rollup_files(directory)) == 1
    assert not old.exists()


@pytest.mark.parametrize("by_whom", ["the next compaction", "a reader"])
def test_a_rollup_that_cannot_be_read_is_made_anew(by_whom: str, directory: Path) -> None:
    spool(directory, [call(1), call(2, at=days_ago(39))])
    compacted(directory)
    broken = rollup_files(directory)[0]
    broken.write_bytes(broken.read_bytes()[:40])
    if by_whom == "a reader":
        with open_history(directory) as history:
            assert history.query("SELECT sum(calls) AS calls FROM daily") == [{"calls": 2}]
    else:
        compacted(directory)
    assert sources(directory) == {"rollup": 2}
    assert_complete(directory, 2)


def test_a_broken_rollup_without_its_segment_is_removed_by_a_reader(directory: Path) -> None:
    """Would catch a repair that wants to write it anew, fails, and leaves every question failing."""
    spool(directory, [call(1), call(2, at=days_ago(39))])
    compacted(directory)
    broken, kept = rollup_files(directory)
    (directory / "segments" / broken.parent.name / broken.name).unlink()
    broken.write_bytes(b"no Parquet")
    with open_history(directory) as history:
        assert history.query("SELECT sum(calls) AS calls FROM daily") == [{"calls": 1}]
    assert rollup_files(directory) == [kept]


def test_a_rollup_that_cannot_be_written_stops_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a compaction that has done all it should and says that it failed, and a first one that stops all."""
    moved: list[str] = []

    def full_at_first(source: Path, target: Path) -> None:
        moved.append(target.parent.name)
        if len(moved) == 1:
            raise OSError(28, "No space left on device")
        move_durably(source, target)

    monkeypatch.setattr(f"{ROLLUPS}.move_durably", full_at_first)
    spool(directory, [call(1), call(2, at=days_ago(39))])
    assert compacted(directory).rollups == 1
    assert "No space left" in caplog.text
    assert sources(directory) == {"rollup": 1, "rows": 1}
    assert compacted(directory).rollups == 1
    assert sources(directory) == {"rollup": 2}


def test_where_a_broken_rollup_cannot_be_written_anew_its_calls_are_read(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool(directory, [call(1), call(2, at=days_ago(39))])
    compacted(directory)
    rollup_files(directory)[0].write_bytes(b"no Parquet")
    monkeypatch.setattr(f"{ROLLUPS}.move_durably", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with open_history(directory) as history:
        assert history.query("SELECT sum(calls) AS calls FROM daily") == [{"calls": 2}]
    assert sources(directory) == {"rollup": 1, "rows": 1}


@pytest.mark.parametrize("is_rolled", [True, False])
def test_memory_used_beyond_what_there_is_leaves_none_unused_and_unknown_stays_unknown(
    is_rolled: bool, directory: Path
) -> None:
    """Would catch waste below zero, which would take away from that of others."""
    known: tuple[dict[str, Any], ...] = (
        {"max_memory_mb": 130, "memory_mb": 128},
        {"max_memory_mb": 28, "memory_mb": 128, "outcome": "tool_error"},
        {"max_memory_mb": None, "memory_mb": 128, "outcome": "throttled"},
    )
    spool(directory, [call(number, billed_ms=10, **more) for number, more in enumerate(known)])
    if is_rolled:
        compacted(directory)
    found = ask(directory, "SELECT outcome, unused_mb_ms, source FROM daily ORDER BY outcome")
    source = "rollup" if is_rolled else "rows"
    assert found == [("ok", 0.0, source), ("throttled", None, source), ("tool_error", 1000.0, source)]


def test_sums_are_asked_without_sketches(directory: Path) -> None:
    """Would catch a view for which DuckDB makes the sketches of every call, only to drop them."""
    spool(directory, [call(1)])
    (plan,) = ask(directory, "EXPLAIN SELECT sum(cost_usd) FROM daily")
    assert "total_ms" not in plan[1]
    (plan,) = ask(directory, "EXPLAIN SELECT total_sketch FROM daily_sketches")
    assert "total_ms" in plan[1]


def test_the_days_with_rollups_are_told_by_their_names(directory: Path) -> None:
    assert ask(directory, "FROM rolled_days") == []
    spool(directory, [call(1), call(2, at=EVENT + timedelta(days=1)), waiting(3)])
    compacted(directory)
    expected = [(EVENT.date(),), ((EVENT + timedelta(days=1)).date(),)]
    assert ask(directory, "FROM rolled_days ORDER BY day") == expected


def test_rollups_that_appear_while_a_query_runs_count_no_call_twice_or_not_at_all(
    directory: Path, tmp_path: Path
) -> None:
    """Would catch rollups listed twice: DuckDB lists day after day as it gets there, on real disks only."""
    days = 9
    spool(directory, [call(number, at=EVENT + timedelta(days=number)) for number in range(days)])
    compacted(directory)
    rollups = rollup_files(directory)
    away = [tmp_path / path.parent.name for path in rollups]
    found: list[int] = []
    with open_history(directory) as history, ThreadPoolExecutor() as pool:
        for _ in range(6):
            for path, aside in zip(rollups, away, strict=True):
                path.rename(aside)
            working = pool.submit(_put_back, rollups, away)
            while not working.done():
                found += [row["calls"] for row in history.query("SELECT sum(calls) AS calls FROM daily")]
            working.result()
    assert set(found) == {days}


def _put_back(rollups: list[Path], away: list[Path]) -> None:
    pauses = random.Random(7)
    for path, aside in zip(rollups, away, strict=True):
        threading.Event().wait(pauses.random() * 0.03)
        aside.rename(path)


def test_a_history_that_cannot_be_written_is_read_without_rollups(directory: Path, tmp_path: Path) -> None:
    from lambdascope_analytics.store.frozen import frozen_connection

    spool(directory, [call(1), call(2)])
    compacted(directory)
    with frozen_connection(directory, tmp_path) as connection:
        assert connection.execute("SELECT source, sum(calls) FROM daily GROUP BY source").fetchall() == [("rows", 2)]


def test_a_process_killed_between_two_rollups_leaves_what_the_next_goes_on_with(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Unrolled(directory)
    with monkeypatch.context() as patch:
        killed = Stepped(case.roll).stop_before(patch, *PARTS)
        killed.advance(1)
    assert sorted(sources(directory)) == ["rollup", "rows"]
    assert_complete(directory, 3)
    case.roll()
    assert sources(directory) == {"rollup": 3}
    assert_complete(directory, 3)
    killed.finish()  # only so that no connection outlives the tests


class Unrolled:
    """Two settled segments of one day without rollups; and what may happen to them."""

    def __init__(self, directory: Path, *, is_rolled: bool = False) -> None:
        self.directory = directory
        prepare(directory)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("lambdascope_analytics.store.compaction.keep_rollups", lambda _: None)
            patch.setattr("lambdascope_analytics.store.compaction._merge", lambda _: False)
            for numbers in ([1, 2], [3]):
                spool(directory, [call(number) for number in numbers])
                compacted(directory)
        if is_rolled:
            self.roll()

    def copied_to(self, directory: Path) -> "Unrolled":
        shutil.copytree(self.directory, directory)
        copied = object.__new__(Unrolled)
        copied.directory = directory
        return copied

    def roll(self) -> None:
        with connect(self.directory) as connection:
            keep_rollups(Compactor(directory=self.directory, connection=connection, uploads=False))

    def merge(self) -> None:
        with connect(self.directory) as connection:
            compactor = Compactor(directory=self.directory, connection=connection, uploads=False)
            merge_segments(compactor, segments(self.directory))


@pytest.mark.parametrize(
    ("work", "is_rolled", "begun", "reached"),
    [("roll", False, 0, 2), ("merge", True, 0, 2), ("merge", True, 2, 3)],
)
def test_a_query_sees_each_call_once_while_files_are_exchanged_under_it(
    work: str, is_rolled: bool, begun: int, reached: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a view that counts a segment and its rollup, or neither, as another order of its parts does."""
    case = Unrolled(tmp_path / "0", is_rolled=is_rolled)
    looks: list[str] = []
    assert _counted(case.directory, looks.append) == 3
    # Nothing is removed meanwhile: it matters when files are listed, not when each is opened.
    moments = [index for index, look in enumerate(looks) if ("glob" in look and "settled" in look) or "hidden" in look]
    assert len(moments) >= 4
    found: dict[int, int | None] = {}
    for moment in moments:
        copied = case.copied_to(tmp_path / f"m{moment}")
        with monkeypatch.context() as patch:
            process = Stepped(getattr(copied, work)).stop_before(patch, *PARTS)
            process.advance(begun)
            found[moment] = _counted(copied.directory, _at(moment, process, reached - begun))
            process.finish()
    assert found == dict.fromkeys(moments, 3)


def _counted(directory: Path, before: Callable[[str], None]) -> int | None:
    rows = watched_rows(directory, before, "daily", "SELECT sum(calls) FROM daily")
    return None if rows is None else rows[0][0]


def _at(moment: int, process: Stepped, parts: int) -> Callable[[str], None]:
    count = itertools.count()
    return lambda _: process.advance(parts) if next(count) == moment else None
