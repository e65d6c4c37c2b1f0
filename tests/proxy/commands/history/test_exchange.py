import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.row import COLUMN_NAMES

History = Callable[..., int]
Store = Callable[..., None]
Capture = pytest.CaptureFixture[str]


def count(directory: Path) -> int:
    with open_history(directory) as opened:
        return opened.query("SELECT count(*) AS n FROM calls")[0]["n"]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_an_export_is_imported_elsewhere_whole_and_once(
    suffix: str, history: History, directory: Path, store: Store, tmp_path: Path, capsys: Capture
) -> None:
    store(3, into=tmp_path / "other")
    os.environ["LAMBDASCOPE_HISTORY_DIR"] = str(tmp_path / "other")  # restored with the environment of the test
    assert history("export", tmp_path / f"calls.{suffix}") == 0
    assert capsys.readouterr().out == f"3 calls written to {tmp_path / f'calls.{suffix}'}\n"
    os.environ["LAMBDASCOPE_HISTORY_DIR"] = str(directory)
    assert history("import", tmp_path / f"calls.{suffix}", tmp_path / "other", "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["rows"], first["known"], second["rows"], second["known"]) == (3, 0, 0, 3)
    assert count(directory) == 3


def test_stdout_gets_the_rows_and_nothing_else(
    history: History, store: Store, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    store(2)
    assert history("export", "-") == 0
    printed = capfdbinary.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert sorted(row["pid"] for row in rows) == [0, 1]
    assert {row["cost_usd"] for row in rows} == {"0.000000000001"}
    assert printed.err == b"2 calls written\n"


def test_stdout_that_is_a_file_is_written_from_where_it_stands(directory: Path, store: Store, tmp_path: Path) -> None:
    """`>> calls.csv` must not begin the file anew."""
    store(1)
    target = tmp_path / "calls.csv"
    target.write_text("kept\n")
    with target.open("ab") as opened:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "lambdascope_proxy.cli",
                "history",
                "export",
                "-",
                "--format",
                "csv",
                "--columns",
                "pid",
            ],
            stdout=opened,
            check=True,
            timeout=60,
            env={**os.environ, "LAMBDASCOPE_HISTORY_DIR": str(directory)},
        )
    assert target.read_text() == "kept\npid\n0\n"


def test_a_reader_that_leaves_early_is_told_nothing(directory: Path, store: Store) -> None:
    store(3000)
    child = subprocess.Popen(
        [sys.executable, "-m", "lambdascope_proxy.cli", "history", "export", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LAMBDASCOPE_HISTORY_DIR": str(directory)},
    )
    with child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 1


def test_a_window_and_columns_choose_what_is_exported(
    history: History, store: Store, tmp_path: Path, capsys: Capture
) -> None:
    store(5)
    target = tmp_path / "calls.csv"
    window = ("--since", "2026-11-20T13:00Z", "--until", "2026-11-20T16:00+01:00")
    assert history("export", target, *window, "--columns", "pid, started_at", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"rows": 2, "file": str(target), "format": "csv"}
    assert sorted(target.read_text().splitlines()) == [
        "1,2026-11-20T13:00:00.000000Z",
        "2,2026-11-20T14:00:00.000000Z",
        "pid,started_at",
    ]


def test_all_columns_are_exported_in_their_order_unless_told(history: History, store: Store, tmp_path: Path) -> None:
    store(1)
    assert history("export", tmp_path / "calls.csv") == 0
    assert (tmp_path / "calls.csv").read_text().splitlines()[0] == ",".join(COLUMN_NAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["calls.xlsx"], "does not tell its format"),
        (["calls.csv", "--columns", "pid,secret"], "'secret' is no column"),
        (["calls.csv", "--columns", ""], "'' is no column"),
        (["calls.csv", "--since", "soon"], "'soon' is no time"),
        (["there.csv"], "there.csv exists already: --force replaces it"),
        (["calls.csv", "--format", "xml"], "invalid choice"),
        ([], "target"),
    ],
)
def test_bad_usage_of_export_is_named_and_makes_nothing(
    arguments: list[str],
    words: str,
    history: History,
    store: Store,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store(1)
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("precious")
    assert history("export", *arguments) == 2
    assert words in capsys.readouterr().err
    assert Path("there.csv").read_text() == "precious"
    assert not Path("calls.csv").exists()


def test_force_replaces_a_file(history: History, store: Store, tmp_path: Path) -> None:
    store(1)
    (tmp_path / "calls.csv").write_text("old")
    assert history("export", tmp_path / "calls.csv", "--force", "--columns", "pid") == 0
    assert (tmp_path / "calls.csv").read_text() == "pid\n0\n"


def test_a_target_that_cannot_be_made_is_one_line_and_exit_code_1(
    history: History, store: Store, tmp_path: Path, capsys: Capture
) -> None:
    store(1)
    assert history("export", tmp_path / "nowhere" / "calls.csv") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_what_an_import_left_out_is_said(history: History, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.csv").write_text(
        "call_id,started_at,flavour\n01935a2b-7c00-7000-8000-000000000001,2026-11-20T10:00:00Z,x\nnonsense,never,y\n"
    )
    assert history("import", tmp_path / "x.csv") == 0
    printed = capsys.readouterr()
    assert "columns that the history has not are left out: flavour" in printed.err
    assert "what is no call is kept in" in printed.err
    assert printed.out.split()[-5:] == [str(tmp_path / "x.csv"), "1", "0", "0", "1"]


def test_a_source_that_is_none_is_one_line_and_exit_code_1(history: History, tmp_path: Path, capsys: Capture) -> None:
    assert history("import", tmp_path / "missing.csv") == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "missing.csv" in printed.err
