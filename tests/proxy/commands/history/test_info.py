import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

History = Callable[..., int]
Store = Callable[..., None]
Capture = pytest.CaptureFixture[str]


def test_what_there_is_is_shown_in_words(history: History, store: Store, directory: Path, capsys: Capture) -> None:
    store(20)
    assert history("compact") == 0
    store(1)
    capsys.readouterr()
    assert history("info") == 0
    printed = capsys.readouterr().out
    assert str(directory) in printed
    assert "21 on 2 days" in printed
    assert "2026-11-20 12:00:00 to 2026-11-21 07:00:00 UTC" in printed
    assert "free on the disk" in printed
    assert "fault" not in printed


def test_as_json_it_is_for_programs(history: History, store: Store, capsys: Capture) -> None:
    store(2)
    assert history("info", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["calls"]["rows"], printed["calls"]["oldest"]) == (2, "2026-11-20T12:00:00+00:00")
    assert printed["faults"] == []
    assert [spool["is_live"] for spool in printed["spools"]] == [False]


def test_everything_that_is_not_well_is_shown_with_what_to_do(
    history: History, store: Store, directory: Path, capsys: Capture
) -> None:
    store(1)
    assert history("compact") == 0
    (directory / "compact.stamp").write_text('{"ended_at": "2026-11-20T12:00:00+00:00", "error": "disk full"}')
    (directory / "set-aside").mkdir()
    (directory / "set-aside" / "odd.jsonl").touch()
    (directory / "spool" / "attic-7-00000000-0001.jsonl").touch()
    (directory / "drops").mkdir()
    drops = {"writer": "a", "updated_at": "2026-11-20T12:00:00+00:00", "reasons": {"queue_full": 1234}}
    (directory / "drops" / "a.json").write_text(json.dumps(drops))
    (directory / "amendments" / "_keep.jsonl").unlink()
    (directory / "amendments").rmdir()
    (directory / "amendments").write_text("in the way")
    capsys.readouterr()
    assert history("info") == 0
    printed = capsys.readouterr()
    for words in ("disk full", "1: odd.jsonl", "delete them", "attic", "1,234 queue_full", "fault", "amendments: "):
        assert words in printed.out, words
    assert "1 on 1 day " in printed.out
    assert printed.err == ""


def test_what_is_only_warned_of_is_among_the_faults(
    history: History, store: Store, directory: Path, capsys: Capture
) -> None:
    """A segment that cannot be read is set aside on the way, and the log tells so."""
    store(1)
    assert history("compact") == 0
    torn = directory / "segments" / "date=2026-11-20" / "torn-settled.parquet"
    torn.write_bytes(b"PAR1 no more")
    capsys.readouterr()
    assert history("info", "--json") == 0
    printed = capsys.readouterr()
    assert any("torn-settled.parquet" in fault for fault in json.loads(printed.out)["faults"])
    assert printed.err == ""
    assert logging.getLogger("lambdascope_analytics").propagate


def test_where_there_is_no_history_that_is_said(history: History, directory: Path, capsys: Capture) -> None:
    assert history("info") == 1
    assert "no history in" in capsys.readouterr().err
    assert not directory.exists()
