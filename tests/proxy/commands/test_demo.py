"""`lambdascope demo`: how its words reach the demo."""

from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy import demo
from lambdascope_proxy.cli import main


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        ([], {"is_once": False, "port": 3000, "history_directory": None}),
        (["--port", "0"], {"is_once": False, "port": 0, "history_directory": None}),
        # A script takes a free port: it must not fail because somebody looks at a demo already.
        (["--once"], {"is_once": True, "port": 0, "history_directory": None}),
        (["--history-dir", "/x"], {"is_once": False, "port": 3000, "history_directory": Path("/x")}),
    ],
)
def test_its_words_say_what_runs(argv: list[str], asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def run_demo(**given: Any) -> int:
        seen.append(given)
        return 1

    monkeypatch.setattr(demo, "run_demo", run_demo)
    assert main(["demo", *argv]) == 1
    assert seen == [asked]


@pytest.mark.parametrize(("argv", "told"), [([], 1), (["--history-dir", "/x"], 0)])
def test_the_history_that_the_environment_names_is_left_alone_and_that_is_said(
    argv: list[str], told: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Calls of a demo among one's own would be in every figure; silence would have one look for them there."""
    seen: list[Path | None] = []

    def run_demo(*, history_directory: Path | None, **_: Any) -> int:
        seen.append(history_directory)
        return 0

    monkeypatch.setattr(demo, "run_demo", run_demo)
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_DIR", "/mine")
    assert main(["demo", "--once", *argv]) == 0
    assert seen == [Path("/x") if argv else None]
    assert capsys.readouterr().err.count("--history-dir keeps its history") == told


def test_its_help_says_where_the_history_goes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "default: a temporary directory, removed at the end; never LAMBDASCOPE_HISTORY_DIR" in said
