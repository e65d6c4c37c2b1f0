import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambdascope_analytics.store.drops import DropLedger, dropped_rows

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "tmp"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history"


def totals(history: Path) -> dict[str, int]:
    return {entry.writer: entry.total for entry in dropped_rows(history)}


def test_the_latest_counts_of_each_writer_are_read_back(history: Path) -> None:
    DropLedger(history, "a").record({"queue_full": 1}, at=AT)
    DropLedger(history, "a").record({"queue_full": 2, "unfit": 3}, at=AT)
    DropLedger(history, "b").record({"unwritten": 4}, at=AT)
    first, second = dropped_rows(history)
    assert (first.writer, first.reasons, first.updated_at) == ("a", {"queue_full": 2, "unfit": 3}, AT)
    assert (second.writer, second.total) == ("b", 4)
    assert (history / "drops" / "a.json").stat().st_mode & 0o777 == 0o600


def test_a_history_without_drops_has_none(history: Path) -> None:
    assert dropped_rows(history) == []


def test_counts_kept_elsewhere_during_an_outage_are_not_counted_twice(history: Path, temporary_directory: Path) -> None:
    history.write_text("in the way")
    DropLedger(history, "a").record({"unwritten": 5}, at=AT)
    assert totals(history) == {"a": 5}
    history.unlink()
    DropLedger(history, "a").record({"unwritten": 6}, at=AT)
    assert totals(history) == {"a": 6}
    assert list(temporary_directory.rglob("*.json")) == []


def test_counts_of_another_history_are_not_mixed_in(tmp_path: Path, history: Path) -> None:
    for name in ("history", "other"):
        (tmp_path / name).write_text("in the way")
    DropLedger(tmp_path / "other", "a").record({"unwritten": 5}, at=AT)
    assert dropped_rows(history) == []


def test_a_fallback_directory_that_others_may_write_is_not_used(history: Path, temporary_directory: Path) -> None:
    """The name is predictable and the temporary directory is everybody's."""
    history.write_text("in the way")
    ledger = DropLedger(history, "a")
    ledger.record({"unwritten": 1}, at=AT)
    (shared,) = temporary_directory.iterdir()
    shared.chmod(0o777)
    with pytest.raises(PermissionError):
        ledger.record({"unwritten": 2}, at=AT)
    assert dropped_rows(history) == []


def test_a_fallback_directory_that_is_a_link_is_not_used(history: Path, temporary_directory: Path) -> None:
    history.write_text("in the way")
    ledger = DropLedger(history, "a")
    ledger.record({"unwritten": 1}, at=AT)
    (ours,) = temporary_directory.iterdir()
    ours.rename(temporary_directory / "elsewhere")
    ours.symlink_to(temporary_directory / "elsewhere")
    with pytest.raises(PermissionError):
        ledger.record({"unwritten": 2}, at=AT)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"writer": "x", "reasons": 3, "updated_at": "now"}', json.dumps("x")]
)
def test_an_unreadable_entry_is_reported_and_does_not_hide_the_others(
    text: str, history: Path, caplog: pytest.LogCaptureFixture
) -> None:
    DropLedger(history, "b").record({"unfit": 1}, at=AT)
    (history / "drops" / "a.json").write_text(text)
    assert totals(history) == {"b": 1}
    assert "a.json" in caplog.text
