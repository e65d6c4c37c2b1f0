"""Rate tables as they ship, as they are refreshed, and as they are broken."""

import copy
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, RateTableError
from lambdascope_analytics.pricing import PriceItem, RateTable, load_rates, read_table, tables

SMALL: dict[str, Any] = {
    "version": "2026-09-20",
    "sources": {"list": "a price list of 2026-09-20", "page": "a page"},
    "regions": {
        "us-east-1": {
            "currency": "USD",
            "source": "list",
            "sources": {"request": "page"},
            "request": {"x86_64": "0.3"},
            "compute_gb_s": {
                "x86_64": [{"begin": "0", "end": "10", "price": "2"}, {"begin": "10", "end": None, "price": "1"}]
            },
        }
    },
}


@pytest.fixture
def refreshed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that refreshed tables are looked for in, with nothing loaded yet."""
    monkeypatch.setattr(tables, "refreshed_directory", lambda: tmp_path)
    load_rates.cache_clear()
    yield tmp_path
    load_rates.cache_clear()


def write(directory: Path, document: object, name: str = "2026-09-20") -> None:
    (directory / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


def test_the_newest_of_the_refreshed_tables_is_used(refreshed: Path) -> None:
    write(refreshed, SMALL)
    write(refreshed, {**SMALL, "version": "2026-09-18"}, "2026-09-18")
    assert load_rates().version == "2026-09-20"
    assert load_rates().price_of("request", region="us-east-1", architecture="x86_64") == Decimal("0.3")


def test_an_older_refreshed_table_does_not_hide_a_newer_one_that_ships(refreshed: Path) -> None:
    write(refreshed, {**SMALL, "version": "2025-01-01"}, "2025-01-01")
    assert load_rates().version == "2026-09-19"


def test_of_two_tables_of_a_day_the_refreshed_one_is_used(refreshed: Path) -> None:
    write(refreshed, {**SMALL, "version": "2026-09-19"}, "2026-09-19")
    assert len(load_rates().regions) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1}', "\udcff", "[" * 100_000])
def test_a_damaged_refreshed_table_is_passed_over_and_named(
    refreshed: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Or one bad download would leave every call without its price."""
    (refreshed / "2026-12-31.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with caplog.at_level(logging.WARNING):
        assert load_rates().version == "2026-09-19"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(refreshed / "2026-12-31.json") in caplog.text


def test_a_shipped_table_that_is_damaged_is_an_error(
    refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setattr(tables, "SHIPPED", shipped)
    with pytest.raises(RateTableError, match="no rate table"):
        load_rates()
    write(shipped, {})
    with pytest.raises(RateTableError, match="not a rate table"):
        load_rates()


def test_refreshed_tables_lie_with_the_data_of_the_user() -> None:
    assert tables.refreshed_directory().parts[-2:] == ("lambdascope", "rates")


def test_tiers_follow_one_another_and_sources_differ_by_item() -> None:
    rates = read_table(SMALL)
    tiers = rates.tiers_of("compute_gb_s", region="us-east-1", architecture="x86_64")
    assert [(tier.begin, tier.end, tier.price) for tier in tiers] == [(0, 10, 2), (10, None, 1)]
    assert rates.price_of("compute_gb_s", region="us-east-1", architecture="x86_64") == 2
    entry = rates.regions["us-east-1"]
    assert (entry.source_of("request"), entry.source_of("compute_gb_s")) == ("a page", "a price list of 2026-09-20")
    with pytest.raises(MissingPriceError):
        rates.tiers_of("request", region="us-east-1", architecture="arm64")


def broken(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(SMALL)
    inner: Any = document["regions"]["us-east-1"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return document


TIER = {"begin": "0", "end": "10", "price": "2"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("request", "x86_64"), 0.3),
        (("request", "x86_64"), "-0.3"),
        (("request", "x86_64"), "NaN"),
        (("request", "x86_64"), "free"),
        (("request", "x86_64"), None),
        (("request", "riscv64"), "0.3"),
        (("requests",), {"x86_64": "0.3"}),
        (("source",), "hearsay"),
        (("sources",), {"request": "hearsay"}),
        (("compute_gb_s", "x86_64"), []),
        (("compute_gb_s", "x86_64"), [{"begin": "0", "end": None, "price": 0.3}]),
        (("compute_gb_s", "x86_64"), [{**TIER, "begin": "1"}]),
        (("compute_gb_s", "x86_64"), [TIER, {"begin": "11", "end": None, "price": "1"}]),
        (("compute_gb_s", "x86_64"), [TIER, {"begin": "10", "end": "10", "price": "1"}]),
        (("compute_gb_s", "x86_64"), [{**TIER, "end": None}, {"begin": "10", "end": None, "price": "1"}]),
        (("compute_gb_s", "x86_64"), [{"begin": "0", "price": "1"}]),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(path: tuple[Any, ...], value: object) -> None:
    with pytest.raises(RateTableError):
        read_table(broken(path, value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SMALL, "x86_64", "a"]), inner),
    max_leaves=10,
)


@given(document=json_values)
def test_whatever_json_a_file_holds_it_is_a_table_or_refused(document: object) -> None:
    with suppress(RateTableError):
        assert isinstance(read_table(document), RateTable)


def test_each_price_that_ships_states_its_source_and_arm_has_its_own_only_where_it_is_known() -> None:
    rates = load_rates()
    items: list[PriceItem] = ["provisioned_idle_gb_s", "provisioned_compute_gb_s"]
    with_arm = {name for name, entry in rates.regions.items() for item in items if (item, "arm64") in entry.prices}
    assert with_arm == {"us-east-1"}
    assert all(entry.source_of(item) for entry in rates.regions.values() for item, _ in entry.tiers)
    # Eight in each of 24 regions, three in each of two in China, 18 more in us-east-1, SnapStart in two more.
    assert sum(len(entry.tiers) for entry in rates.regions.values()) == 24 * 8 + 2 * 3 + 18 + 2 * 4


@pytest.mark.parametrize(
    ("region", "idle", "busy", "idle_share"),
    [
        ("us-east-1", "4.1667", "9.7222", 60),
        ("us-west-1", "4.9041", "11.4430", 94),
        ("sa-east-1", "6.6372", "15.4867", 562),
    ],
)
def test_provisioned_concurrency_breaks_even_where_the_published_prices_say(
    region: str, idle: str, busy: str, idle_share: int
) -> None:
    """Catches two columns that were exchanged."""
    rates = load_rates()
    items: list[PriceItem] = ["compute_gb_s", "provisioned_idle_gb_s", "provisioned_compute_gb_s"]
    on_demand, held, served = (rates.price_of(item, region=region, architecture="x86_64") for item in items)
    assert (held * 10**6, served * 10**6) == (Decimal(idle), Decimal(busy))
    assert round(held / (on_demand - served) * 100) == idle_share
