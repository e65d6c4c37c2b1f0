"""The page of settings in the documentation."""

from pathlib import Path

from lambdascope_proxy.settings_page import settings_page
from lambdascope_proxy.settings_table import TABLE
from lambdascope_proxy.upstreams.keys import KEYS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_published_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page()


def test_every_setting_has_one_row() -> None:
    rows = [line.split("`")[1] for line in settings_page().splitlines() if line.startswith("| `")]
    assert rows == [*(setting.variable for setting in TABLE), *(key.field for key in KEYS)]


def test_no_meaning_breaks_the_table() -> None:
    cells = [*(setting.meaning for setting in TABLE), *(f"{key.example}{key.default}{key.meaning}" for key in KEYS)]
    assert not any("|" in cell or "\n" in cell for cell in cells)
