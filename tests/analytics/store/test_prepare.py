import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.prepare import (
    is_prepared,
    prepare,
)
from lambdascope_analytics.store.spool import SpoolWriter

NOW = datetime(2026, 11, 22, 23, 30, 0, 123456, tzinfo=UTC)
PATIENCE_S = 30.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(directory)
    yield writer
    writer.close(PATIENCE_S)


def store(writer: SpoolWriter, *rows: Mapping[str, object]) -> None:
    for row in rows:
        assert writer.append({"started_at": NOW, **row})
    assert writer.flush(PATIENCE_S)


def ask(directory: Path, sql: str, **params: object) -> list[dict[str, Any]]:
    with open_history(directory) as history:
        return history.query(sql, params)


def test_the_database_holds_views_only_and_is_readable_by_duckdb_1_5(directory: Path) -> None:
    prepare(directory)
    with duckdb.connect(str(directory / "history.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchone()
    assert tags is not None
    assert "v1.5.0" in tags[0]["storage_version"]


@pytest.mark.parametrize("name", ["history.duckdb", "history.version", "spool/_keep.jsonl"])
def test_what_is_missing_is_made_again(name: str, directory: Path) -> None:
    prepare(directory)
    (directory / name).unlink()
    assert not is_prepared(directory)
    assert ask(directory, "SELECT count(*) AS n FROM calls") == [{"n": 0}]
    assert is_prepared(directory)


def test_views_are_made_again_when_their_definition_changed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(directory)
    monkeypatch.setattr("lambdascope_analytics.store.views.VIEWS", ("calls", "errors"))
    prepare(directory)
    with duckdb.connect(str(directory / "history.duckdb"), read_only=True) as connection:
        names = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    assert names == [("calls",), ("errors",)]


def test_ten_processes_may_prepare_at_once(directory: Path) -> None:
    command = [sys.executable, "-m", "lambdascope_analytics.store.compaction", str(directory)]
    children = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(10)]
    errors = [child.communicate(timeout=120)[1] for child in children]
    assert errors == [""] * 10
    assert [child.returncode for child in children] == [0] * 10
    assert is_prepared(directory)
    assert ask(directory, "SELECT * FROM calls") == []
