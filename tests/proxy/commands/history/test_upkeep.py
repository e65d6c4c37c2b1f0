import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.maintenance import LOCK

History = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def test_path_prints_the_directory_and_makes_none(history: History, directory: Path, capsys: Capture) -> None:
    assert history("path") == 0
    assert capsys.readouterr().out == f"{directory}\n"
    assert history("path", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(directory)}
    assert not directory.exists()


def test_path_without_a_setting_is_the_users_own(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("LAMBDASCOPE_HISTORY_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert history("path") == 0
    assert capsys.readouterr().out.endswith("history\n")


def test_compact_turns_closed_spools_into_segments_and_says_what_it_did(
    history: History, directory: Path, store: Callable[..., None], capsys: Capture
) -> None:
    store(3)
    assert history("compact") == 0
    assert "3   rows moved from spools into segments" in capsys.readouterr().out
    assert list(directory.glob("segments/date=2026-11-20/*.parquet"))
    assert history("compact", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["rows"], report["spools"]) == (0, 0)


def test_compact_says_when_another_process_is_at_it(
    history: History, directory: Path, store: Callable[..., None], capsys: Capture
) -> None:
    store(1)
    assert history("compact") == 0
    with exclusive(directory / LOCK, wait_s=0):
        assert history("compact", "--wait", "0.01") == 1
    printed = capsys.readouterr().err
    assert "another process is compacting" in printed
    assert "--wait" in printed


def test_compact_keeps_the_days_the_settings_say(
    history: History, directory: Path, store: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    store(48)
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_DAYS", "1")
    assert history("compact", "--json") == 0
    assert json.loads(capsys.readouterr().out)["days_removed"] > 0


def test_a_directory_that_cannot_be_is_one_line_and_exit_code_1(
    history: History, directory: Path, capsys: Capture
) -> None:
    directory.write_text("in the way")
    assert history("compact") == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert str(directory) in printed.err


def test_without_a_command_it_is_bad_usage(history: History) -> None:
    assert history() == 2
