"""A saved table is there whole, is found by whoever prices next, and harms nobody when it is damaged."""

import logging
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lambdascope_analytics.price_list.saving import save_table
from lambdascope_analytics.pricing import tables
from lambdascope_analytics.pricing.rates import RateTable
from lambdascope_analytics.pricing.tables import SHIPPED, load_rates, load_table


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The refreshed tables of this test, and no other."""
    monkeypatch.setattr(tables, "refreshed_directory", lambda: tmp_path / "data" / "rates")
    load_rates.cache_clear()
    yield tmp_path / "data" / "rates"
    load_rates.cache_clear()


def newer() -> RateTable:
    return replace(load_table(SHIPPED / "2026-09-19.json"), version="2026-12-01")


def test_a_saved_table_is_the_one_that_prices_come_from(directory: Path) -> None:
    path = save_table(newer(), directory)
    assert (path, [*directory.iterdir()]) == (directory / "2026-12-01.json", [path])
    assert load_rates() == newer()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": "2026-12-01"}', "\x00" * 64])
def test_a_damaged_one_is_passed_over_and_named(directory: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    path = save_table(newer(), directory)
    path.write_text(damage, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load_rates().version == "2026-09-19"
    assert str(path) in caplog.text


def test_a_table_that_ships_later_is_newer_than_one_that_was_refreshed_before(directory: Path) -> None:
    save_table(replace(newer(), version="2026-09-18"), directory)
    assert load_rates().version == "2026-09-19"


def test_a_save_that_fails_leaves_no_half_table(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        save_table(newer(), directory)
    assert [*directory.iterdir()] == []
