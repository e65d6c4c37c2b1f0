"""How the history does, as metrics."""

from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.telemetry.history_gauges import meter_compaction, watch_history


def test_rows_losses_and_what_awaits_compaction_are_read_from_the_history_itself(metered: Any, tmp_path: Path) -> None:
    # Rows that vanish in silence would make every figure of the history wrong.
    history = SpoolWriter(tmp_path, capacity=2)
    watch_history(metered.meters, history, tmp_path)
    empty = metered.read()
    assert empty["lambdascope.history.rows"] == {(): 0}
    assert empty["lambdascope.history.spool.size"] == {(): 0}
    assert empty["lambdascope.history.queue.limit"] == {(): 2}
    assert "lambdascope.history.rows.dropped" not in empty
    history.append({"call_id": "a row that lacks the rest"})
    assert history.close(20)
    history.append({"call_id": "too late"})
    (tmp_path / "spool").mkdir(exist_ok=True)
    (tmp_path / "spool" / "other-process.jsonl").write_text("1234567")
    read = metered.read()
    assert read["lambdascope.history.rows"] == {(): 1}
    assert read["lambdascope.history.rows.dropped"] == {
        (("lambdascope.reason", "unfit"),): 1,
        (("lambdascope.reason", "closed"),): 1,
    }
    assert read["lambdascope.history.queue.length"] == {(): 0}
    assert read["lambdascope.history.spool.size"] == {(): 7}


def test_compactions_are_counted_by_how_they_ended_and_timed(metered: Any) -> None:
    meter_compaction(metered.meters, went_well=True, seconds=0.5)
    meter_compaction(metered.meters, went_well=False, seconds=1.5)
    read = metered.read()
    assert read["lambdascope.history.compactions"] == {
        (("lambdascope.result", "ok"),): 1,
        (("lambdascope.result", "failed"),): 1,
    }
    assert read["lambdascope.history.compaction.duration"] == {(): (2, pytest.approx(2.0))}
