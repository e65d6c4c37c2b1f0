"""What the tests of `lambdascope history` share: the command, run against a directory of the test."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.cli import main

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def history(
    enter: Callable[[Mapping[str, str]], None], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Runs `lambdascope history ...` on the test's directory and returns the exit code, argparse's own too."""
    enter({"LAMBDASCOPE_HISTORY_DIR": str(directory)})
    # Nobody reads while files are exchanged here, so nobody needs the waits.
    monkeypatch.setattr("lambdascope_analytics.store.compactor._LEAST_BIND_S", 0.0)
    monkeypatch.setattr("lambdascope_analytics.store.compactor._BIND_FACTOR", 0)
    monkeypatch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.job._GRACE_S", 0.0)

    def run(*arguments: object) -> int:
        try:
            return main(["history", *map(str, arguments)])
        except SystemExit as ended:
            return int(ended.code or 0)

    return run


@pytest.fixture
def store(directory: Path) -> Callable[..., None]:
    """Stores calls an hour apart, from noon on; words are columns of all of them."""

    def write(count: int, into: Path = directory, **columns: Any) -> None:
        writer = SpoolWriter(into)
        for number in range(count):
            row = {"call_id": uuid.uuid4(), "started_at": NOON + timedelta(hours=number), "pid": number}
            assert writer.append({**row, "cost_usd": Decimal("0.000000000001"), **columns})
        assert writer.close(30)

    return write
