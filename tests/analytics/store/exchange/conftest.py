"""What the tests of exchange share: rows of every type, histories that hold them, and a look at what is in one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.spool import SpoolWriter

AT = datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)
PATIENCE_S = 30.0

Row = dict[str, Any]


@pytest.fixture(scope="session")
def row_of() -> Callable[..., Row]:
    """Makes the row of call number n, ten hours after the one before; further words replace columns."""

    def make(number: int, **changes: object) -> Row:
        row: Row = {
            "call_id": UUID(int=(7 << 76) | number),
            "started_at": AT + timedelta(hours=10 * number),
            "session_id": f"session-{number % 3}",
            "principal": 'a "quoted", name\nof two lines \\ é',
            "outcome": "ok",
            "error_message": "",
            "total_ms": 0.1 + number,
            "billed_ms": 2**62,
            "cold_start": number % 2 == 0,
            "memory_mb": 128,
            "request_id": f"request-{number}",
            "cost_usd": Decimal("123456.000000000001"),
            "cost_source": "measured",
        }
        # As it will be read: what is unknown is not there.
        return {name: value for name, value in {**row, **changes}.items() if value is not None}

    return make


@pytest.fixture(scope="session")
def store() -> Callable[[Path, Sequence[Mapping[str, object]]], None]:
    """Writes rows to the spool of a history, as the proxy does, and ends it."""

    def write(directory: Path, rows: Sequence[Mapping[str, object]]) -> None:
        writer = SpoolWriter(directory)
        for row in rows:
            assert writer.append(row)
        assert writer.close(PATIENCE_S)

    return write


@pytest.fixture(scope="session")
def calls_in() -> Callable[[Path], list[Row]]:
    """Gives what a history holds, oldest first, unknown columns left out."""

    def read(directory: Path) -> list[Row]:
        with open_history(directory) as history:
            rows = history.query("SELECT * FROM calls ORDER BY started_at, call_id")
        return [{name: value for name, value in row.items() if value is not None} for row in rows]

    return read


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "there"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers of these tests do not read while files are exchanged; that they may is tested with publishing."""
    monkeypatch.setattr("lambdascope_analytics.store.compactor._LEAST_BIND_S", 0.0)
    monkeypatch.setattr("lambdascope_analytics.store.compactor._BIND_FACTOR", 0)
    monkeypatch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())
