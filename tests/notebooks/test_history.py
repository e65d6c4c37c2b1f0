"""The example notebook runs as it is, over a history with calls and over one without any."""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from lambdascope_analytics.store.spool import SpoolWriter

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "history.py"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLES = ("tools", "cost_by_day", "waste", "latency", "bins", "failures", "rates", "month", "slowest")


def written(directory: Path, calls: int) -> Path:
    """A history of so many calls, one every three hours back from now; every fourth failed."""
    directory.mkdir()
    writer = SpoolWriter(directory)
    for number in range(calls):
        failed = number % 4 == 0
        row = {
            "call_id": f"01935a2b-7c00-7000-8000-{number:012d}",
            "started_at": NOW - number * timedelta(hours=3) - timedelta(minutes=1),
            "target": "lambda",
            "tool_name": "invoke_function" if number % 3 else "orders",
            "function_name": "orders",
            "region": "us-east-1",
            "architecture": "x86_64",
            "outcome": "function_error" if failed else "ok",
            "error_type": "KeyError" if failed else None,
            "total_ms": 20.0 + number,
            "invoke_ms": 19.0 + number,
            "duration_ms": 12.0 + number,
            "overhead_ms": 7.0,
            "proxy_ms": 1.0,
            "billed_ms": 13 + number,
            "memory_mb": 128,
            "cold_start": False,
            "cost_usd": Decimal("0.000000410000"),
            "cost_source": "measured",
        }
        assert writer.append(row)
    assert writer.close(30)
    return directory


def run(directory: Path) -> Mapping[str, Any]:
    """What the notebook defines when it has run."""
    spec = importlib.util.spec_from_file_location("notebook_of_a_history", NOTEBOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, defined = module.app.run(defs={"directory": str(directory), "moment": "2026-11-22T12:00:00"})
    defined["history"].close()
    return defined


@pytest.fixture(autouse=True)
def no_window() -> None:
    """Figures are drawn into memory."""
    mpl.use("Agg")


def test_it_shows_what_the_history_holds(tmp_path: Path) -> None:
    defined = run(written(tmp_path / "history", 48))
    assert {name: len(defined[name]) > 0 for name in TABLES} == dict.fromkeys(TABLES, True)
    assert set(defined["tools"]["group"]) == {"invoke_function", "orders"}
    assert int(defined["failures"]["calls"].sum()) == 12
    assert defined["slowest"]["total_ms"].iloc[0] == 67


def test_it_runs_on_the_first_day_too(tmp_path: Path) -> None:
    defined = run(written(tmp_path / "history", 0))
    assert len(defined["tools"]) == 0
    assert "no calls" in defined["month"].attrs["summary"]


def test_as_a_script_it_takes_the_directory_and_the_moment(tmp_path: Path) -> None:
    # As docs/notebooks.md says it is started; a cell that raises ends it with 1.
    directory = written(tmp_path / "history", 8)
    command = [sys.executable, str(NOTEBOOK), "--", "--history", str(directory), "--now", "2026-11-22T12:00:00"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
