"""A renewed table holds what AWS lists, keeps what AWS does not list, and tells the two apart."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offer import Offer, read_offer
from lambdascope_analytics.price_list.renewal import PriceChange, Renewal, renew, source_of
from lambdascope_analytics.price_list.saving import table_document
from lambdascope_analytics.pricing.rates import Key, RateTable, Tier
from lambdascope_analytics.pricing.tables import SHIPPED, load_table, read_table

HOST = "https://prices.example"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
COMPUTE: Key = ("compute_gb_s", "x86_64")
ARM: Key = ("compute_gb_s", "arm64")


@pytest.fixture(scope="module")
def shipped() -> RateTable:
    return load_table(SHIPPED / "2026-09-19.json")


@pytest.fixture
def offer(offer_file: Callable[[str], Any]) -> Callable[[str], Offer]:
    return lambda region: read_offer(offer_file(region), region)


def flat(price: str) -> tuple[Tier, ...]:
    return (Tier(begin=Decimal(0), end=None, price=Decimal(price)),)


def with_prices(offer: Offer, prices: dict[Key, tuple[Tier, ...]], *gone: Key) -> Offer:
    left = {key: tiers for key, tiers in {**offer.prices, **prices}.items() if key not in gone}
    return dataclasses.replace(offer, prices=MappingProxyType(left))


def test_what_aws_lists_of_us_east_1_is_what_the_shipped_table_holds(
    shipped: RateTable, offer: Callable[[str], Offer]
) -> None:
    # Would catch an item mapped wrongly, on either side.
    renewal = renew(shipped, [offer("us-east-1")], host=HOST, now=NOW)
    assert renewal.changes == ()
    assert renewal.table.regions["us-east-1"].tiers == shipped.regions["us-east-1"].tiers
    assert renewal.table.regions["us-east-1"].prices == shipped.regions["us-east-1"].prices


def test_what_is_not_listed_stays_and_says_where_it_is_from(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    renewal = renew(shipped, [offer("us-east-1")], host=HOST, now=NOW)
    rates, before = renewal.table.regions["us-east-1"], shipped.regions["us-east-1"]
    assert {kept.item for kept in renewal.kept} == {
        "tenant_gb",
        "durable_operation",
        "durable_written_gb",
        "durable_retained_gb_month",
    }
    assert not any(kept.is_gone for kept in renewal.kept)
    assert rates.source_of("tenant_gb") == before.source_of("tenant_gb")
    assert rates.source_of("request") == source_of(offer("us-east-1"), HOST) != before.source_of("request")
    assert renewal.other_regions == tuple(sorted(shipped.regions.keys() - {"us-east-1"}))
    assert renewal.table.regions["cn-north-1"] is shipped.regions["cn-north-1"]


def test_a_price_that_changed_is_told_with_how_much(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    dearer = with_prices(offer("us-west-1"), {("request", "x86_64"): flat("0.00000025")})
    renewal = renew(shipped, [dearer], host=HOST, now=NOW)
    (change,) = [change for change in renewal.changes if change.old is not None]
    assert (change.region, change.item, change.architecture) == ("us-west-1", "request", "x86_64")
    assert (change.old, change.new, change.percent) == (Decimal("0.0000002"), Decimal("0.00000025"), 25)
    assert renewal.table.price_of("request", region="us-west-1", architecture="x86_64") == change.new
    assert not renewal.is_same


def test_tiers_that_came_to_be_known_are_new_prices(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    listed = offer("us-east-1").prices[COMPUTE]
    renewal = renew(shipped, [with_prices(offer("us-west-1"), {COMPUTE: listed})], host=HOST, now=NOW)
    new = [(change.begin, change.old, change.new) for change in renewal.changes if change.item == "compute_gb_s"]
    assert new == [(6 * 10**9, None, Decimal("0.000015")), (15 * 10**9, None, Decimal("0.0000133334"))]


def test_a_price_that_went_off_the_list_is_kept_and_told(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    renewal = renew(shipped, [with_prices(offer("us-east-1"), {}, ARM)], host=HOST, now=NOW)
    (gone,) = [kept for kept in renewal.kept if kept.is_gone]
    assert (gone.item, gone.architecture) == ARM
    rates, before = renewal.table.regions["us-east-1"], shipped.regions["us-east-1"]
    assert rates.tiers[ARM] == before.tiers[ARM]
    assert rates.source_of("compute_gb_s") == f"{rates.source}; arm64: {before.source}"


def test_a_source_does_not_grow_with_each_renewal(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    without_arm = with_prices(offer("us-east-1"), {}, ARM)
    once = renew(shipped, [without_arm], host=HOST, now=NOW)
    assert renew(once.table, [without_arm], host=HOST, now=NOW).is_same


def test_a_region_of_which_nothing_was_known_is_added(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    new = dataclasses.replace(offer("us-west-1"), region="xx-new-1")
    renewal = renew(shipped, [new], host=HOST, now=NOW)
    assert renewal.new_regions == ("xx-new-1",)
    assert {change.old for change in renewal.changes} == {None}
    assert renewal.table.price_of("request", region="xx-new-1", architecture="arm64") == Decimal("0.0000002")


def versions(old: str, offer: Offer, times: int) -> list[str]:
    """Of tables renewed one after another, each from a list that has another price."""
    table = dataclasses.replace(load_table(SHIPPED / "2026-09-19.json"), version=old)
    found: list[str] = []
    for number in range(times):
        changed = with_prices(offer, {("request", "x86_64"): flat(f"0.{number + 1}")})
        table = renew(table, [changed], host=HOST, now=NOW, may_be_older=True).table
        found.append(table.version)
    return found


def test_a_version_is_the_date_of_the_list_and_never_that_of_another_table(offer: Callable[[str], Offer]) -> None:
    # The history keeps the version beside each amount: two tables of one version could not be told apart.
    listed = offer("us-west-1")
    assert versions("2026-09-18", listed, 1) == ["2026-09-19"]
    assert versions("2026-09-19", listed, 11)[::5] == ["2026-09-19.01", "2026-09-19.06", "2026-09-19.11"]
    assert versions("2026-11-30", listed, 1) == ["2026-11-30.01"]
    later = dataclasses.replace(listed, published=listed.published + timedelta(days=1))
    assert versions("2026-09-19.07", later, 1) == ["2026-09-20"]
    assert versions("2026-09-19", listed, 12) == sorted(versions("2026-09-19", listed, 12))


def test_a_list_from_before_the_table_is_refused_unless_it_may_be_older(offer: Callable[[str], Offer]) -> None:
    """Or a stale mirror would bring back the prices of last year as the newest ones."""
    table = dataclasses.replace(load_table(SHIPPED / "2026-09-19.json"), version="2026-09-20")
    with pytest.raises(PriceListError, match="published on 2026-09-19, before rate table 2026-09-20: --force"):
        renew(table, [offer("us-west-1")], host=HOST, now=NOW)
    forced = renew(table, [offer("us-west-1")], host=HOST, now=NOW, may_be_older=True)
    assert forced.table.version == "2026-09-20.01"


def test_the_hundredth_table_of_a_day_follows_the_one_before(offer: Callable[[str], Offer]) -> None:
    assert versions("2026-09-19.99", offer("us-west-1"), 1) == ["2026-09-19.100"]


@given(st.integers(1, 10**21 - 1), st.integers(1, 10**21 - 1))
def test_how_much_dearer_a_price_is_can_always_be_told(old: int, new: int) -> None:
    scale = Decimal("1e-15")
    change = PriceChange(
        region="us-east-1",
        item="request",
        architecture="x86_64",
        begin=Decimal(0),
        currency="USD",
        old=old * scale,
        new=new * scale,
    )
    assert change.percent is not None
    assert abs(Fraction(change.percent) - (Fraction(new, old) - 1) * 100) <= Fraction(1, 200)


def test_the_same_list_again_changes_nothing(shipped: RateTable, offer: Callable[[str], Offer]) -> None:
    offers = [offer("us-east-1"), offer("ap-northeast-2")]
    once = renew(shipped, offers, host=HOST, now=NOW)
    assert not once.is_same  # the prices are, their source is not
    again = renew(once.table, offers, host=HOST, now=NOW)
    assert again.is_same
    assert again.changes == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"prices": MappingProxyType({}), "not_read": ("A", "B", "C", "D")},
            "no price that we can read, but 'A', 'B', 'C', ...",
        ),
        ({"prices": MappingProxyType({}), "not_read": ()}, "no price that we can read, but nothing else"),
        ({"published": NOW + timedelta(days=2)}, "published on 2026-11-24, which is to come"),
    ],
)
def test_a_list_that_cannot_be_right_renews_nothing(
    shipped: RateTable, offer: Callable[[str], Offer], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(PriceListError, match=words):
        renew(shipped, [offer("us-east-1"), dataclasses.replace(offer("us-west-1"), **change)], host=HOST, now=NOW)


def test_a_new_region_without_prices_is_passed_over_unless_it_is_all_there_is(
    shipped: RateTable, offer: Callable[[str], Offer]
) -> None:
    empty = dataclasses.replace(offer("us-west-1"), region="xx-new-1", prices=MappingProxyType({}))
    assert "xx-new-1" not in renew(shipped, [offer("us-east-1"), empty], host=HOST, now=NOW).table.regions
    with pytest.raises(PriceListError, match="usage types must have changed"):
        renew(shipped, [empty], host=HOST, now=NOW)


def test_a_renewed_table_reads_back_as_it_was(
    shipped: RateTable, offer: Callable[[str], Offer], tmp_path: Path
) -> None:
    renewal: Renewal = renew(shipped, [offer("us-east-1"), offer("us-west-1")], host=HOST, now=NOW)
    assert read_table(table_document(renewal.table)) == renewal.table
