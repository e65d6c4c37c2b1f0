"""What was asked still counts after a restart, in other processes, and when the file is damaged it begins anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lambdascope_proxy.reconcile.ledger import FILE, Ledger

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_was_noted_is_read_again_by_another_process(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.charge("log", 8 * 3600, 2e9, 0.5, NOON)
    ledger.note_looks([("later", NOON, NOON + HOUR), ("never", NOON, None)])
    ledger.silence.note("quiet", NOON)
    ledger.write(tmp_path, NOON)
    found = Ledger.read(tmp_path)
    assert found == ledger
    assert not found.allows("log", 600, 0.5, NOON)
    assert found.allows("another", 600, 0.5, NOON)
    assert (found.is_due("later", NOON), found.is_due("later", NOON + HOUR)) == (False, True)
    assert (found.is_due("never", NOON + 50 * HOUR), found.is_due("new", NOON)) == (False, True)
    assert not found.silence.is_due("quiet", NOON)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_when_all_logs_together_have_cost_enough_none_is_read(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.charge("log", 1, 5 * 0.5e9, 0.5, NOON)
    assert not ledger.allows("another", 1, 0.5, NOON)
    ledger.charge("log", 0, -1e9, 0.5, NOON)
    assert ledger.allows("another", 1, 0.5, NOON), "what was estimated too high is given back"


def test_what_cannot_matter_any_more_is_left_out(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.charge("log", 60, 0, 0.5, NOON)
    ledger.note_looks([("old", NOON, None)])
    ledger.silence.note("quiet", NOON)
    ledger.write(tmp_path, NOON + 80 * HOUR)
    found = Ledger.read(tmp_path)
    assert (found.logs, found.next_looks, found.silence.waits) == ({}, {}, {})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"logs": 3}', '{"logs": {"a": [1]}}', "\0", '{"logs": {"a": ["x", 1]}}']
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert Ledger.read(tmp_path) == Ledger()
