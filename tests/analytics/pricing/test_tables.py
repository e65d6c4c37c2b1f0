"""Rate tables as they ship, as they are refreshed, and as they are broken."""

import copy
import csv
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, RateTableError
from lambdascope_analytics.pricing import PriceItem, RateTable, load_rates, price_invocation, read_table, tables

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
    assert load_rates().file == refreshed / "2026-09-19.json"
    assert load_rates().price_of("request", region="us-east-1", architecture="x86_64") == Decimal("0.3")


def test_what_a_refreshed_table_lacks_is_that_of_the_one_that_ships_with_its_source(refreshed: Path) -> None:
    """Or a table of one region would leave the calls of all others without a price."""
    shipped = load_rates()
    load_rates.cache_clear()
    write(refreshed, SMALL)
    rates = load_rates()
    assert rates.version == "2026-09-20"
    assert rates.regions["eu-west-1"] == shipped.regions["eu-west-1"]
    own, before = rates.regions["us-east-1"], shipped.regions["us-east-1"]
    assert own.tiers.keys() == before.tiers.keys()
    assert own.source_of("streaming_gb") == before.source_of("streaming_gb")
    assert own.source_of("request") == f"a page; arm64: {before.source_of('request')}"


def test_of_the_tables_of_one_day_the_one_of_the_highest_number_is_used(refreshed: Path) -> None:
    for version in ("2026-09-20.99", "2026-09-20.100", "2026-09-20"):
        write(refreshed, {**SMALL, "version": version}, version)
    assert load_rates().version == "2026-09-20.100"


@pytest.mark.parametrize("name", ["latest", "9999", "2026-09-20 (copy)"])
def test_a_file_that_is_not_named_as_a_table_is_not_used_and_named(
    refreshed: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(refreshed, {**SMALL, "version": name}, name)
    assert load_rates().version == "2026-09-19"
    assert str(refreshed / f"{name}.json") in caplog.text


def test_a_table_of_another_version_than_its_name_is_passed_over(
    refreshed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Amounts of two tables could not be told apart by their version."""
    write(refreshed, SMALL, "2026-12-31")
    assert load_rates().version == "2026-09-19"
    assert "its version is '2026-09-20', unlike its name" in caplog.text


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
        (("request",), "0.3"),
        (("log_gb",), {"x86_64": "0.3"}),
        (("requests",), {"x86_64": "0.3"}),
        (("request", "x86_64"), "0"),
        (("request", "x86_64"), "1e-300"),
        (("request", "x86_64"), "0." + "1" * 16),
        (("request", "x86_64"), "1000000"),
        (("request", "x86_64"), "\u0663"),
        (("currency",), "EUR"),
        (("currency",), "CNY"),
        (("currency",), 5),
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


@pytest.mark.parametrize(
    "regions",
    [
        {},
        {"us-east-1": {"currency": "USD", "source": "list"}},
        {"us-east-1": {"source": "list", "request": {"x86_64": "1"}}},
        {"cn-north-1": {"currency": "USD", "source": "list", "request": {"x86_64": "1"}}},
        {"cn-north-1": {"source": "list", "request": {"x86_64": "1"}}},
    ],
)
def test_a_table_without_prices_or_in_the_wrong_currency_is_refused(regions: dict[str, Any]) -> None:
    """Yuan would be stored as dollars."""
    with pytest.raises(RateTableError):
        read_table({**SMALL, "regions": regions})


PRICES = st.from_regex(r"[0-9]{0,8}(\.[0-9]{1,17})?(e-?[0-9]{1,6})?", fullmatch=True)


@given(request=PRICES, compute=PRICES, storage=PRICES, mb=st.integers(128, 10_240), ms=st.integers(0, 86_400_000))
def test_every_table_that_is_read_can_price_every_call(
    request: str, compute: str, storage: str, mb: int, ms: int
) -> None:
    """A number that the exact arithmetic cannot hold would raise after the function has run."""
    document = broken(("request",), {"x86_64": request})
    entry = document["regions"]["us-east-1"]
    entry |= {"compute_gb_s": {"x86_64": compute}, "ephemeral_storage_gb_s": {"x86_64": storage}}
    with suppress(RateTableError):
        rates = read_table(document)
        asked: dict[str, Any] = {"region": "us-east-1", "architecture": "x86_64", "memory_mb": mb}
        price = price_invocation(rates, **asked, billed_ms=ms, ephemeral_storage_mb=10_240)
        gb, seconds = Fraction(mb, 1024), Fraction(ms, 1000)
        storage_gb = Fraction(10_240 - 512, 1024)
        exact = Fraction(request) + seconds * (gb * Fraction(compute) + storage_gb * Fraction(storage))
        assert Fraction(price.amount) == exact


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


# Tier 1, in millionths of USD (in China CNY), requests in whole ones per million: written down apart from the table.
CELLS = list(csv.DictReader((Path(__file__).parent / "data" / "regions.csv").read_text(encoding="utf-8").splitlines()))
COLUMNS: dict[str, list[tuple[PriceItem, str]]] = {
    "x86_64": [("compute_gb_s", "x86_64")],
    "arm64": [("compute_gb_s", "arm64")],
    "requests": [("request", "x86_64"), ("request", "arm64")],
    "provisioned_idle": [("provisioned_idle_gb_s", "x86_64")],
    "provisioned_compute": [("provisioned_compute_gb_s", "x86_64")],
    "ephemeral_storage": [("ephemeral_storage_gb_s", "x86_64"), ("ephemeral_storage_gb_s", "arm64")],
}


@pytest.mark.parametrize("row", CELLS, ids=lambda row: row["region"])
def test_each_price_that_ships_is_the_one_that_was_published(row: dict[str, str]) -> None:
    """Catches a digit that was mistyped, in any region."""
    known = load_rates().regions[row["region"]].prices
    is_china = row["region"].startswith("cn-")
    expected = {
        key: Decimal(row[column]) / 10**6
        for column, keys in COLUMNS.items()
        for key in keys
        if row[column] and not (is_china and key[1] == "arm64")
    }
    assert {key: known.get(key) for keys in COLUMNS.values() for key in keys if key in known} == expected


def test_no_region_ships_that_is_not_checked() -> None:
    assert [row["region"] for row in CELLS] == list(load_rates().regions)


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
