"""`lambdascope history reconcile`, as it is typed; what it does to rows is tested in tests/interaction."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.spool import SpoolWriter

History = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def pending(directory: Path) -> None:
    """One asynchronous call of a function that no setting allows."""
    writer = SpoolWriter(directory)
    row: dict[str, Any] = {"call_id": uuid.uuid4(), "started_at": datetime.now(UTC), "target": "lambda"}
    row |= {"function_name": "payroll", "region": "us-east-1", "outcome": "accepted", "request_id": "r1"}
    assert writer.append(row)
    assert writer.close(30)


def test_a_history_in_which_nothing_is_pending_is_told_in_zeros_and_costs_nothing(
    history: History, capsys: Capture
) -> None:
    assert history("reconcile", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "looked": 0,
        "completed": 0,
        "still_pending": 0,
        "not_found": 0,
        "skipped": 0,
        "reasons": [],
        "bills": [],
    }


def test_what_could_not_be_looked_for_is_counted_and_the_reason_is_on_stderr(
    history: History, pending: None, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert history("reconcile") == 0
    printed = capsys.readouterr()
    assert "1   that could not be looked for" in printed.out
    assert "payroll: " in printed.err
    assert "FUNCTION_PREFIX" in printed.err


def test_it_says_when_another_process_is_at_it(
    history: History, directory: Path, pending: None, capsys: Capture
) -> None:
    with exclusive(directory / "reconcile.lock", wait_s=0):
        assert history("reconcile") == 1
    assert "another process is completing calls" in capsys.readouterr().err
