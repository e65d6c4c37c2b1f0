"""The page of settings in the documentation."""

from pathlib import Path

import pytest

from lambdascope_proxy.settings_page import main, settings_page
from lambdascope_proxy.settings_table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_published_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page()


def test_every_setting_has_one_row() -> None:
    rows = [line.split("`")[1] for line in settings_page().splitlines() if line.startswith("| `")]
    assert rows == [setting.variable for setting in TABLE]


def test_no_meaning_breaks_the_table() -> None:
    assert not any("|" in setting.meaning or "\n" in setting.meaning for setting in TABLE)


def test_the_page_is_written_and_then_found_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "settings.md"
    assert main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == settings_page()
    assert main(["--check", str(path)]) == 0


def test_an_old_page_is_reported_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "settings.md"
    path.write_text("old", encoding="utf-8")
    assert main(["--check", str(path)]) == 1
    assert "is out of date: run `make docs`" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "old"
