"""Meters how the history does: its queue, what it lost, and what awaits compaction."""

from collections.abc import Iterable
from pathlib import Path

from lambdascope_analytics.store.directories import SPOOL
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters


def watch_history(meters: Meters, history: SpoolWriter, directory: Path) -> None:
    """Has it read whenever metrics are exported."""
    meters.watch(m.ROWS, lambda: [(history.accepted, {})])
    meters.watch(m.ROWS_DROPPED, lambda: [(rows, {names.REASON: why}) for why, rows in history.drops.items()])
    meters.watch(m.QUEUE_LENGTH, lambda: [(history.waiting, {})])
    meters.watch(m.QUEUE_LIMIT, lambda: [(history.capacity, {})])
    meters.watch(m.SPOOL_SIZE, lambda: _spool_size(directory))


def meter_compaction(meters: Meters, *, went_well: bool, seconds: float) -> None:
    """Counts one compaction."""
    meters.add(m.COMPACTIONS, 1, {names.RESULT: "ok" if went_well else "failed"})
    meters.record(m.COMPACTION_DURATION, seconds, {})


def _spool_size(directory: Path) -> Iterable[tuple[float, Labels]]:
    return [(sum(_size(file) for file in (directory / SPOOL).glob("*.jsonl")), {})]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        # It was compacted a moment ago.
        return 0
