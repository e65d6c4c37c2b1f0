"""The history's benchmark keeps, reads, kills and judges as it says; nothing here is timed."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from bench.child import ROOT
from bench.figures import Row, Section, Target
from bench.history import dataset, kill_rounds, recorders, sqlite_file
from bench.history.compact import unreplaced_bytes
from bench.history.load import Tally
from bench.history.quantiles import quantile
from bench.history.questions import ANSWERERS, answers_of
from bench.history.readers import Found, reader
from bench.history.recorders import ALTERNATIVES, JSON_LINES, LAMBDASCOPE, SQLITE, Batcher, recorder
from bench.history.rows import RowSource, call_id_of, numbered
from bench.history.verdict import Promises, Verdict, judge
from bench.report import as_table

from lambdascope_analytics.store.hidden import HiddenFile, replace_hidden
from lambdascope_analytics.store.line import encode_row

NOW_S = 1_790_000_000.0


def test_rows_fit_the_history_and_no_two_are_the_same_call() -> None:
    rows = list(RowSource(1).rows(500, NOW_S))
    assert all(encode_row(row) for row in rows)
    ids = {UUID(row["call_id"]) for row in rows}
    assert len(ids) == 500
    assert {(identity.version, identity.variant) for identity in ids} == {(7, "specified in RFC 4122")}
    assert len({row["duration_ms"] for row in rows}) > 400  # few values would compress better than real ones


@pytest.mark.parametrize("name", [LAMBDASCOPE, *ALTERNATIVES])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "shared"])
def test_what_a_recorder_keeps_is_read_back_whole(tmp_path: Path, name: str, alone: bool) -> None:
    """Catches a contestant that is fast because it loses rows, or a reader that does not see them all."""
    kept = recorder(name, tmp_path / "kept", alone=alone)
    for first, last in ((0, 1), (1, 40)):  # one row takes another way than several in some of them
        rows = numbered(RowSource(first), range(first, last), NOW_S)
        assert all(kept.append(row) for row in rows)
        assert kept.flush(10)
    assert kept.close(10)
    read = reader(name, tmp_path / "kept")
    assert sorted(number for _, number, _ in read.numbers()) == list(range(40))
    assert judge(Promises(tried=[range(40)], kept=set(range(40))), read.numbers()).is_clean
    assert (read.progress().rows, read.distinct()) == (40, 40)
    assert NOW_S <= read.progress().newest_s < NOW_S + 0.02


def test_a_batch_that_meets_a_lock_waits_for_the_next_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.01)
    kept = recorder(SQLITE, tmp_path)
    kept.append(numbered(RowSource(1), range(1), NOW_S)[0])
    holder = sqlite3.connect(tmp_path / sqlite_file.FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert not kept.flush(1)
    holder.execute("ROLLBACK")
    holder.close()
    assert kept.close(1)
    assert reader(SQLITE, tmp_path).progress().rows == 1


def test_rows_beyond_the_capacity_are_lost_and_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "CAPACITY", 2)
    kept = recorder(JSON_LINES, tmp_path)
    assert isinstance(kept, Batcher)
    assert [kept.append(row) for row in RowSource(1).rows(3, NOW_S)] == [True, True, False]
    assert kept.close(1)


def found(*numbers: int, source: str = "measured") -> list[Found]:
    return [(call_id_of(number), number, source) for number in numbers]


def test_every_kind_of_broken_promise_is_told_apart() -> None:
    promises = Promises(tried=[range(10)])
    promises.hear(["kept 0 3", "completed 2", "done 17"])
    completed = found(2, source="logs")
    assert judge(promises, found(0, 1) + completed) == Verdict(lost=0, doubled=0, wrong=0)
    assert judge(promises, found(0, 1, 7) + completed).is_clean  # tried and not promised: either is right
    assert judge(promises, found(0) + completed) == Verdict(lost=1, doubled=0, wrong=0)
    assert judge(promises, found(0, 1, 1, 7, 7) + completed) == Verdict(lost=0, doubled=2, wrong=0)
    assert judge(promises, found(0, 1, 11) + completed) == Verdict(lost=0, doubled=0, wrong=1)
    assert judge(promises, found(0, 1, 2)) == Verdict(lost=0, doubled=0, wrong=1)
    mixed = [(call_id_of(0), 1, "measured"), (call_id_of(1), 0, "measured")]
    assert judge(promises, mixed + completed) == Verdict(lost=0, doubled=0, wrong=2)


def test_a_few_rounds_of_kills_lose_nothing(tmp_path: Path) -> None:
    """A short version of what the benchmark does a thousand times; also catches names of the store that moved."""
    summary = kill_rounds.run(LAMBDASCOPE, tmp_path, 3, 11)
    assert (summary.problems, summary.is_clean) == ([], True)
    assert summary.rounds == 3
    assert summary.checks >= 4
    assert summary.acknowledged > 0
    assert summary.killed
    assert not list(tmp_path.glob("directory-*"))


def test_rounds_of_kills_see_a_loss_and_leave_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful:
        def __init__(self, name: str, directory: Path) -> None:
            self._reader = reader(name, directory)

        def numbers(self) -> list[Found]:
            return self._reader.numbers()[1:]

    monkeypatch.setattr(kill_rounds, "reader", Forgetful)
    summary = kill_rounds.run(JSON_LINES, tmp_path, 1, 1)
    assert (summary.is_clean, summary.lost) == (False, 1)
    assert summary.problems == ["round 1, after the kills: Verdict(lost=1, doubled=0, wrong=0)"]
    assert (tmp_path / "directory-0").is_dir()


def test_all_who_are_asked_the_same_answer_the_same(tmp_path: Path) -> None:
    """Catches a question that means another thing in SQLite, and a data set that was made in part."""
    places = {kind: tmp_path / kind for kind in ANSWERERS}
    dataset.make_history(places["history"], 3000, tmp_path)
    for kind, make in (("duckdb", dataset.make_duckdb), ("sqlite", dataset.make_sqlite)):
        places[kind].mkdir()
        make(places[kind], 3000, places["history"])
    digests = {kind: digests_of(kind, place) for kind, place in places.items()}
    assert digests["history"] == digests["duckdb"] == digests["sqlite"]
    groups, calls, _ = digests["history"]["cost by day by function"]
    assert (groups <= 600, calls) == (True, 3000)
    assert digests["history"]["one trace"] == [1]
    assert digests["history"]["last 24 hours by function"][1] == 100


def digests_of(kind: str, place: Path) -> dict[str, list[float]]:
    answerer = ANSWERERS[kind](place, 500)
    try:
        return {question: answer["digest"] for question, answer in answers_of(answerer).items()}
    finally:
        answerer.close()


def test_the_huge_history_repeats_the_rows_and_none_of_their_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "DAYS", 2)
    monkeypatch.setattr(dataset, "TIMES", 3)
    dataset.make_history(tmp_path / "one", 100, tmp_path)
    dataset.make_huge(tmp_path / "huge", 100, tmp_path / "one")
    read = reader(LAMBDASCOPE, tmp_path / "huge")
    assert (read.progress().rows, read.distinct()) == (300, 300)
    days = {path.parent.name for path in (tmp_path / "huge").glob("segments/date=2*/*.parquet")}
    assert days == {f"date=2026-{day}" for day in ("10-02", "10-01", "09-30", "09-29", "09-28", "09-27")}


def test_a_load_says_how_many_rows_it_kept_and_they_are_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.history.load", JSON_LINES, str(tmp_path / "kept"), "400", "0.5", "1"]
    done = subprocess.run(command, input="go\n", capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    ready, figures = done.stdout.splitlines()
    assert ready == "ready"
    assert (json.loads(figures)["kept"], json.loads(figures)["lost"]) == (200, 0)
    assert reader(JSON_LINES, tmp_path / "kept").distinct() == 200


def test_a_probe_says_how_long_the_latest_rows_waited_and_not_the_ones_before() -> None:
    probed, flushed = Tally(), Tally()
    for tally in (probed, flushed):
        tally.arrived(1.0, 5, 0)
        tally.arrived(2.0, 5, 1)
    probed.kept(2.5, was_probe=True)
    flushed.kept(2.5, was_probe=False)
    assert (probed.wait_s(1.0), flushed.wait_s(1.0)) == (0.5, 1.5)
    assert (probed.unkept, probed.taken, probed.lost) == (0, 10, 1)


def test_only_spools_that_no_segment_has_replaced_are_a_backlog(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    for name in ("_keep", "replaced", "waiting"):
        (tmp_path / "spool" / f"{name}.jsonl").write_bytes(b"12345")
    entry = HiddenFile(file="spool/replaced.jsonl", state="superseded", since=datetime.now(UTC))
    replace_hidden(tmp_path, [entry])
    assert unreplaced_bytes(tmp_path) == 5


def test_a_quantile_is_a_value_that_was_measured() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert [quantile(hundred, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 50.0, 99.0, 100.0]
    assert quantile([3.0], 0.99) == 3.0


def test_of_several_targets_the_ones_that_are_missed_are_named() -> None:
    targets = (Target(column="p50 us", bound=20, at_most=True), Target(column="p99 us", bound=100, at_most=True))
    rows = tuple(Row(subject=str(p99), figures={"p50 us": 3.0, "p99 us": p99}, also=targets) for p99 in (100.0, 100.5))
    _, _, good, bad = as_table(Section(title="Hot path", rows=rows)).splitlines()
    assert good.endswith("p50 us <= 20, p99 us <= 100  met")
    assert bad.endswith("p50 us <= 20, p99 us <= 100  not met: p99 us")
