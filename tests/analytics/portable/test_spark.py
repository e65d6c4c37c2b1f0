"""Spark, reading the same segments, comes to the figures that DuckDB comes to."""

import math
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from portable_stage.dialects import translated
from portable_stage.engine import asked_of, open_calls, start_spark
from portable_stage.past import END, START, rows
from portable_stage.recorded import Asked, RecordedHistory
from pyspark.sql import SparkSession

from lambdascope_analytics.analyses.named import FUNCTIONS, analyse
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.spool import SpoolWriter

# In CI a missing Java is a failure: there the figures are to be compared.
pytestmark = [
    pytest.mark.skipif(not shutil.which("java") and not os.environ.get("CI"), reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore"),  # pyspark's own
]
NOW = END + timedelta(hours=1)
WEEK = {"start": END - timedelta(days=7), "end": END}
ASKED: Mapping[str, list[dict[str, object]]] = {
    "cost": [{**WEEK, "group_by": "function"}, {**WEEK, "group_by": "hour"}, {**WEEK, "group_by": "session"}],
    "latency": [{**WEEK, "group_by": "function"}, {**WEEK, "group_by": "day"}],
    "errors": [WEEK, {**WEEK, "group_by": "client"}],
    "changes": [
        {**WEEK, "group_by": "function"},
        {**WEEK, "group_by": "tool", "function_name": "orders"},
        {"start": START, "end": END, "function_name": "orders", "version": "2", "before_version": "1"},
    ],
    "sizing": [{"start": START, "end": END, "function_name": "orders", "region": "us-east-1"}],
    "forecast": [{}],
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history that is all segments: Spark does not read spools."""
    directory = tmp_path_factory.mktemp("portable") / "history"
    writer = SpoolWriter(directory)
    for row in rows():
        assert writer.append(row)
    assert writer.close(30)
    assert compact(directory, UpkeepOptions(), everything=True, wait_s=30)
    return directory


@pytest.fixture(scope="module")
def spark(directory: Path) -> Iterator[SparkSession]:
    session = start_spark()
    assert open_calls(session, directory) == len(list(rows()))
    yield session
    session.stop()


def test_every_analysis_of_calls_is_asked() -> None:
    assert set(ASKED) == set(FUNCTIONS) - {"daily"}, "that one reads rollups, which are DuckDB's shortcut"


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_statements_of_an_analysis_give_the_same_figures_in_spark(
    name: str, directory: Path, spark: SparkSession
) -> None:
    for asked in _statements(directory, name):
        answer = asked_of(spark, translated(asked.sql, "spark"), asked.params)
        _same(answer, asked.rows, asked.sql)


def _statements(directory: Path, name: str) -> list[Asked]:
    with open_history(directory) as history:
        recorded = RecordedHistory(history)
        for parameters in ASKED[name]:
            analyse(recorded, name, parameters, now=NOW)  # type: ignore[arg-type]
    assert any(asked.rows for asked in recorded.asked)
    return recorded.asked


def _same(theirs: list[dict[str, Any]], ours: list[dict[str, Any]], sql: str) -> None:
    assert len(theirs) == len(ours), sql
    assert sorted(map(_key, theirs)) == sorted(map(_key, ours)), sql
    for row, expected in zip(sorted(theirs, key=_key), sorted(ours, key=_key), strict=True):
        for name, value in expected.items():
            assert _is_close(row[name], value), f"{name}: {row[name]!r}, not {value!r}\n{sql}"


def _key(row: Mapping[str, Any]) -> str:
    """What is no measured figure tells rows apart; each row of the answers has such columns of its own."""
    return repr([(name, _plain(row[name])) for name in sorted(row) if not isinstance(row[name], float | Decimal)])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_close(theirs: Any, ours: Any) -> bool:
    if isinstance(ours, Decimal):
        return theirs is not None and Decimal(theirs) == ours
    if isinstance(ours, float):
        return theirs is not None and math.isclose(float(theirs), ours, rel_tol=1e-9, abs_tol=1e-9)
    return _plain(theirs) == _plain(ours)
