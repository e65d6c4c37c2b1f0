"""What one supported version of DuckDB writes, the other reads: segments, `history.duckdb` and exports.

Needs the other version in `.duckdb-1.5.6`, where `make test-duckdb-1.5` puts it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
OLD = ROOT / ".duckdb-1.5.6"

START = """
import sys
from datetime import timedelta
from pathlib import Path
from lambdascope_analytics.store import publish
publish.SPOOL_GRACE = timedelta()  # nobody reads meanwhile
sys.path.insert(0, sys.argv[2])
"""
WRITE = """
from store_stage.rows import compacted, days_ago, row, spool, waiting
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.prepare import prepare
directory = Path(sys.argv[1])
rows = [row(n, at=days_ago(n), cost_usd=n, tool_name=f"t{n}", cold_start=True) for n in range(3)]
spool(directory, [*rows, waiting(10, at=days_ago(1)), waiting(11)])
compacted(directory)
amend(directory, [{**waiting(10, at=days_ago(1)), "billed_ms": 7}])
spool(directory, [row(20)])
prepare(directory)
"""
MAINTAIN = """
from store_stage.rows import compacted
report = compacted(Path(sys.argv[1]))
assert (report.rows, report.amended, report.set_aside) == (1, 1, 0), report
"""
READ = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1] + "/history.duckdb", read_only=True)
sql = "SELECT pid, billed_ms, tool_name, CAST(cost_usd AS VARCHAR) FROM calls ORDER BY pid"
print(json.dumps([duckdb.__version__, connection.execute(sql).fetchall()]))
"""
EXPECTED = [
    [0, None, "t0", "0.000000000000"],
    [1, None, "t1", "1.000000000000"],
    [2, None, "t2", "2.000000000000"],
    [10, 7, None, None],
    [11, None, None, None],
    [20, None, None, None],
]


def run(version: str, code: str, *arguments: object) -> str:
    environment = {**os.environ, "PYTHONPATH": str(OLD) if version == "old" else "", "COVERAGE_PROCESS_START": ""}
    finished = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(autouse=True)
def both_versions() -> None:
    if not (OLD / ".installed").exists():
        assert not os.environ.get("LAMBDASCOPE_BOTH_DUCKDB"), "run `make test-duckdb-1.5` first"
        pytest.skip("the other DuckDB is not here: `make test-duckdb-1.5` installs it")


@pytest.mark.parametrize("writer", ["old", "new"])
@pytest.mark.parametrize("reader", ["old", "new"])
def test_a_history_written_by_either_version_is_read_by_either(writer: str, reader: str, directory: Path) -> None:
    run(writer, START + WRITE, directory, Path(__file__).parent)
    version, rows = json.loads(run(reader, READ, directory))
    assert version.startswith("1.5.") == (reader == "old")
    assert rows == EXPECTED


@pytest.mark.parametrize(("first", "second"), [("old", "new"), ("new", "old")])
def test_a_history_that_one_version_wrote_is_maintained_by_the_other(first: str, second: str, directory: Path) -> None:
    """Would catch segments of one that the other merges wrongly or takes for foreign."""
    run(first, START + WRITE, directory, Path(__file__).parent)
    run(second, START + MAINTAIN, directory, Path(__file__).parent)
    for reader in ("old", "new"):
        assert json.loads(run(reader, READ, directory))[1] == EXPECTED


def test_the_two_are_different_versions() -> None:
    versions = {run(version, "import duckdb; print(duckdb.__version__)").strip() for version in ("old", "new")}
    assert "1.5.6" in versions
    assert len(versions) == 2
    assert duckdb.__version__ in versions
