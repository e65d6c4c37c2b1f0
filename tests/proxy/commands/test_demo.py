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
