"""Pages of the documentation that are made from tables."""

from pathlib import Path

import pytest

from lambdascope_proxy.published import publish


def test_a_page_is_written_and_then_found_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "settings.md"
    assert publish("new\n", [str(path)]) == 0
    assert path.read_text(encoding="utf-8") == "new\n"
    assert publish("new\n", ["--check", str(path)]) == 0


def test_an_old_page_is_reported_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "settings.md"
    path.write_text("old", encoding="utf-8")
    assert publish("new\n", ["--check", str(path)]) == 1
    assert "is out of date: run `make docs`" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "old"
