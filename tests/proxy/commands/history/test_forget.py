import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.spool import SpoolWriter

History = Callable[..., int]
Store = Callable[..., None]
Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A person who has typed this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", Terminal(text))


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())


def principals(directory: Path) -> list[str]:
    with open_history(directory) as opened:
        return [row["principal"] for row in opened.query("SELECT principal FROM calls ORDER BY principal, started_at")]


def test_forgetting_removes_the_calls_and_says_how_many(
    history: History, directory: Path, store: Store, capsys: Capture
) -> None:
    store(3, principal="ada")
    store(2, principal="bob")
    assert history("forget", "--principal", "ada", "--yes") == 0
    assert capsys.readouterr().out == "3 calls are forgotten, 0 more rows in files beside the history\n"
    assert principals(directory) == ["bob", "bob"]


def test_several_of_a_kind_are_forgotten_at_once(history: History, directory: Path, store: Store) -> None:
    for principal in ("ada", "bob", "eve"):
        store(1, principal=principal, session_id=f"of {principal}")
    assert history("forget", "--session", "of ada", "--session", "of eve", "--yes") == 0
    assert principals(directory) == ["bob"]


def test_a_dry_run_counts_and_changes_nothing(history: History, directory: Path, store: Store, capsys: Capture) -> None:
    store(3, principal="ada")
    assert history("forget", "--principal", "ada", "--dry-run") == 0
    assert capsys.readouterr().out == "3 calls would be forgotten (0 still wait)\n"
    assert history("forget", "--principal", "ada", "--dry-run", "--json", "--since", "2026-11-20T13:00Z") == 0
    assert json.loads(capsys.readouterr().out) == {"rows": 2, "in_live_spools": 0}
    assert len(principals(directory)) == 3
    assert not (directory / "forget").exists()


def test_who_can_be_asked_is_asked(
    history: History, directory: Path, store: Store, typed: Callable[[str], None], capsys: Capture
) -> None:
    store(2, principal="ada")
    for answer in ("", "n\n", "what?\n"):
        typed(answer)
        assert history("forget", "--principal", "ada") == 1
    assert "Forget 2 calls for good?" in capsys.readouterr().err
    assert len(principals(directory)) == 2
    typed("Yes\n")
    assert history("forget", "--principal", "ada") == 0
    assert principals(directory) == []


def test_without_anybody_to_ask_it_needs_to_be_told(
    history: History, directory: Path, store: Store, capsys: Capture
) -> None:
    store(1, principal="ada")
    assert history("forget", "--principal", "ada") == 2
    assert "--yes" in capsys.readouterr().err
    assert len(principals(directory)) == 1


def test_calls_that_wait_are_told_with_the_spool_they_are_in(
    history: History, directory: Path, store: Store, capsys: Capture
) -> None:
    store(1, principal="ada")
    writer = SpoolWriter(directory)
    with open_history(directory) as opened:
        (known,) = opened.query("SELECT started_at FROM calls")
    assert writer.append({**known, "principal": "ada"})
    assert writer.flush(30)
    assert history("forget", "--principal", "ada", "--yes") == 0
    printed = capsys.readouterr().out
    assert "1 calls are forgotten" in printed
    assert "1 calls wait" in printed
    assert str(writer.path) in printed
    assert writer.close(30)
    assert history("compact") == 0
    assert principals(directory) == []


def test_that_copies_in_s3_are_not_touched_is_said(
    history: History, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_S3", "s3://lake/of/ours")
    store(1, principal="ada")
    assert history("forget", "--principal", "ada", "--yes") == 0
    assert "s3://lake/of/ours already is not touched" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one of the arguments"),
        (["--principal", ""], "no empty one"),
        (["--call-id", "nonsense"], "'nonsense' is no call id"),
        (["--session", "a", "--principal", "b"], "not allowed with"),
        (["--session", "a", "--before", "soon"], "'soon' is no time"),
    ],
)
def test_bad_usage_is_named_and_forgets_nothing(
    arguments: list[str], words: str, history: History, directory: Path, store: Store, capsys: Capture
) -> None:
    store(1, principal="ada")
    assert history("forget", "--yes", *arguments) == 2
    assert words in capsys.readouterr().err
    assert principals(directory) == ["ada"]


def test_where_there_is_no_history_that_is_said(history: History, directory: Path, capsys: Capture) -> None:
    assert history("forget", "--principal", "ada", "--yes") == 1
    assert "no history in" in capsys.readouterr().err
    assert not directory.exists()
