"""What a compaction does when one of its jobs cannot be done; the rest of it is in test_compaction.py."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from store_stage.rows import compacted, days_ago, numbers, row, spool

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store import compaction
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.segments import segments

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_job_that_fails_stops_no_other_and_is_told(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk nothing would make room: what removes days stood behind what needs room."""
    for number, age in ((1, 9), (2, 1), (3, 0)):
        spool(directory, [row(number, at=days_ago(age))])
    compacted(directory)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    met: list[Compactor] = []
    monkeypatch.setattr(compaction, "_catch_up", full)
    monkeypatch.setattr(compaction, "apply_standing_requests", met.append)
    with pytest.raises(HistoryError, match="No space left"):
        compact(directory, UpkeepOptions(keep_days=5))
    assert numbers(directory) == [2, 3]
    assert len(met) == 1, "what is asked to be forgotten is forgotten all the same"
    assert "No space left" in (directory / "compact.stamp").read_text()


def test_where_memory_runs_out_spools_are_compacted_fewer_at_a_time(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        spool(directory, [row(number)])
    sizes: list[int] = []
    real = compaction.compact_spools

    def small(compactor: Compactor, spools: Sequence[Path]) -> None:
        sizes.append(len(spools))
        if len(spools) > 2:
            raise duckdb.OutOfMemoryException
        real(compactor, spools)

    monkeypatch.setattr(compaction, "compact_spools", small)
    compacted(directory)
    assert sizes == [5, 2, 3, 1, 2]
    assert numbers(directory) == [0, 1, 2, 3, 4]


def test_where_memory_runs_out_the_largest_segments_are_left_unmerged(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same group, taken again and again, would keep a compaction from ever ending."""
    real = Compactor.write

    def write(self: Compactor, source: str, **more: Any) -> Any:
        if source.count("-settled.parquet") > 4:  # three of ours, and the empty one
            raise duckdb.OutOfMemoryException
        return real(self, source, **more)

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "plan_merges", lambda *_, **__: [])
        for number in range(6):
            spool(directory, [row(number, at=days_ago(2))])
            compacted(directory)
    assert len(segments(directory)) == 6
    monkeypatch.setattr(Compactor, "write", write)
    compacted(directory)
    assert numbers(directory) == [0, 1, 2, 3, 4, 5]
    assert len(segments(directory)) == 4


def test_files_that_hold_other_rows_take_nobodys_place(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool(directory, [row(1), row(2)])
    with monkeypatch.context() as patch:
        patch.setattr(compaction, "plan_merges", lambda *_, **__: [])
        compacted(directory)
        spool(directory, [row(3)])
        compacted(directory)
    real = Compactor.write
    monkeypatch.setattr(Compactor, "write", lambda self, source, **more: (real(self, source, **more)[0], 1))
    monkeypatch.setattr(compaction, "plan_merges", lambda found, **_: [found] if len(found) > 1 else [])
    with pytest.raises(HistoryError, match="nothing is exchanged"):
        compact(directory, UpkeepOptions())
    assert numbers(directory) == [1, 2, 3]


def test_another_users_history_is_refused_and_stays_as_it_is(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sudo lambdascope history compact` would make its files unreadable to the one who writes it."""
    spool(directory, [row(1)])
    prepare(directory)
    before = sorted(directory.rglob("*"))
    stranger = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: stranger)
    with pytest.raises(HistoryError, match=f"belongs to the user with id .*this is {stranger}"):
        compact(directory, UpkeepOptions(), everything=True)
    assert sorted(directory.rglob("*")) == before
