"""`python -m lambdascope_dashboards`."""

from pathlib import Path

import pytest

from lambdascope_dashboards import building
from lambdascope_dashboards.__main__ import main


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for function in (building.write, building.stale):
        monkeypatch.setattr(function, "__defaults__", (tmp_path,))
    return tmp_path


def test_it_writes_what_it_then_finds_up_to_date(elsewhere: Path) -> None:
    assert main([]) == 0
    assert (elsewhere / "lambdascope-overview.json").exists()
    assert main(["--check"]) == 0


def test_an_old_file_fails_the_check_by_name_and_stays(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    old = elsewhere / "lambdascope-overview.json"
    old.write_text("old", encoding="utf-8")
    assert main(["--check"]) == 1
    assert "lambdascope-overview.json" in capsys.readouterr().err
    assert old.read_text(encoding="utf-8") == "old"
