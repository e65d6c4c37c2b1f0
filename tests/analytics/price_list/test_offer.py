"""An offer file is read whole or not at all: a price that is read wrong would be wrong in every amount after it."""

import copy
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offer import read_offer
from lambdascope_analytics.pricing import Tier
from lambdascope_analytics.pricing.amounts import as_price, read_decimal

COMPUTE = "TG3M4CAGBA3NYQBH"
REQUEST = "GU2ZS9HVP6QTQ7KE"
EDGE = "UMUS4AT5S27NHYZQ"

Files = Callable[..., Any]


def tiers(*steps: tuple[str, str]) -> tuple[Tier, ...]:
    begins = [Decimal(begin) for begin, _ in steps]
    ends = [*begins[1:], None]
    prices = [Decimal(price) for _, price in steps]
    return tuple(
        Tier(begin=begin, end=end, price=price) for begin, end, price in zip(begins, ends, prices, strict=True)
    )


def term_of(document: Any, sku: str) -> Any:
    (term,) = document["terms"]["OnDemand"][sku].values()
    return term


def dimensions_of(document: Any, sku: str) -> list[Any]:
    return list(term_of(document, sku)["priceDimensions"].values())


def test_every_price_of_the_region_is_read_with_its_tiers(offer_file: Files) -> None:
    offer = read_offer(offer_file("us-east-1"), "us-east-1")
    assert (offer.currency, offer.published) == ("USD", datetime(2026, 9, 19, 18, 4, 55, tzinfo=UTC))
    billions = 10**9
    assert offer.prices == {
        ("request", "x86_64"): tiers(("0", "0.0000002")),
        ("request", "arm64"): tiers(("0", "0.0000002")),
        ("compute_gb_s", "x86_64"): tiers(
            ("0", "0.0000166667"), (str(6 * billions), "0.000015"), (str(15 * billions), "0.0000133334")
        ),
        ("compute_gb_s", "arm64"): tiers(
            ("0", "0.0000133334"), (str(7_500_000_000), "0.0000120001"), (str(18_750_000_000), "0.0000106667")
        ),
        ("provisioned_idle_gb_s", "x86_64"): tiers(("0", "0.0000041667")),
        ("provisioned_idle_gb_s", "arm64"): tiers(("0", "0.0000033334")),
        ("provisioned_compute_gb_s", "x86_64"): tiers(("0", "0.0000097222")),
        ("provisioned_compute_gb_s", "arm64"): tiers(("0", "0.0000077778")),
        ("ephemeral_storage_gb_s", "x86_64"): tiers(("0", "0.0000000309")),
        ("ephemeral_storage_gb_s", "arm64"): tiers(("0", "0.0000000309")),
        ("streaming_gb", "x86_64"): tiers(("0", "0.008")),
        ("streaming_gb", "arm64"): tiers(("0", "0.008")),
        ("snapstart_cache_gb_s", "x86_64"): tiers(("0", "0.0000015046")),
        ("snapstart_cache_gb_s", "arm64"): tiers(("0", "0.0000015046")),
        ("snapstart_restore_gb", "x86_64"): tiers(("0", "0.0001397998")),
        ("snapstart_restore_gb", "arm64"): tiers(("0", "0.0001397998")),
        ("edge_request", "x86_64"): tiers(("0", "0.0000006")),
        ("edge_compute_128mb_s", "x86_64"): tiers(("0", "0.00000625125")),  # listed as 0.00005001 a GB-second
    }


def test_what_is_not_read_is_named_and_what_is_free_in_a_month_is_no_price(offer_file: Files) -> None:
    offer = read_offer(offer_file("us-east-1"), "us-east-1")
    assert "Lambda-Provisioned-ESM-Event-Poller-Unit-Hours" in offer.not_read
    assert not [name for name in offer.not_read if name.startswith("Global")]


def test_a_price_for_what_is_not_listed_in_a_region_is_not_made_up(offer_file: Files) -> None:
    # us-west-1 lists no provisioned concurrency on arm here, nor any SnapStart.
    prices = read_offer(offer_file("us-west-1"), "us-west-1").prices
    assert ("provisioned_idle_gb_s", "arm64") not in prices
    assert not [item for item, _ in prices if item.startswith("snapstart")]


def test_rows_of_other_regions_and_of_the_free_tier_in_china_are_passed_over(offer_file: Files) -> None:
    document = offer_file("us-east-1")
    for number, changed in enumerate(({"regionCode": "eu-west-1"}, {"groupDescription": "China free tier"})):
        product = copy.deepcopy(document["products"][COMPUTE])
        product["attributes"].update(changed)
        document["products"][f"OTHER{number}"] = product  # it has no terms, so reading it would fail
    assert read_offer(document, "us-east-1") == read_offer(offer_file("us-east-1"), "us-east-1")


def test_of_several_terms_the_last_one_that_has_begun_counts(offer_file: Files) -> None:
    document = offer_file("us-east-1")
    terms = document["terms"]["OnDemand"][REQUEST]
    (name, now), price = next(iter(terms.items())), {"USD": "0.0000009"}
    for date in ("2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z"):
        other = copy.deepcopy(now)
        other["effectiveDate"] = date
        next(iter(other["priceDimensions"].values()))["pricePerUnit"] = price
        terms[f"{name}.{date}"] = other
    assert read_offer(document, "us-east-1").prices["request", "x86_64"] == tiers(("0", "0.0000002"))


def test_prices_in_yuan_are_told_to_be_that(offer_file: Files) -> None:
    document = offer_file("us-west-1")
    for sku, product in document["products"].items():
        product["attributes"].pop("regionCode")
        for dimension in dimensions_of(document, sku):
            dimension["pricePerUnit"] = {"CNY": dimension["pricePerUnit"]["USD"]}
    assert read_offer(document, "cn-north-1").currency == "CNY"
    with pytest.raises(PriceListError, match="prices in CNY, where USD is billed"):
        read_offer(document, "us-west-1")


def with_price(document: Any, sku: str, **fields: object) -> Any:
    """The file with these fields in the first tier of a price."""
    dimensions_of(document, sku)[0].update(fields)
    return document


def with_term(document: Any, sku: str, **fields: object) -> Any:
    term_of(document, sku).update(fields)
    return document


def with_attributes(document: Any, sku: str, **fields: object) -> Any:
    document["products"][sku]["attributes"].update(fields)
    return document


def usd(text: object) -> dict[str, object]:
    return {"USD": text}


# AWS's tiers stand in the files from last to first.
ODD: list[tuple[str, Callable[[Any], object]]] = [
    ("all of it is missing", lambda _: []),
    ("AmazonEC2", lambda d: {**d, "offerCode": "AmazonEC2"}),
    ("'lately' is no date", lambda d: {**d, "publicationDate": "lately"}),
    ("products is missing", lambda d: {**d, "products": {}}),
    ("products is missing", lambda d: {**d, "products": list(d["products"].values())}),
    ("attributes is missing", lambda d: {**d, "products": {COMPUTE: {"attributes": None}}}),
    ("no usagetype", lambda d: with_attributes(d, COMPUTE, usagetype=7)),
    ("terms.OnDemand is missing", lambda d: {**d, "terms": {"Reserved": {}}}),
    ("(Request) is missing", lambda d: {**d, "terms": {"OnDemand": {COMPUTE: {}}}}),
    ("in force", lambda d: with_term(d, COMPUTE, effectiveDate="2027-01-01T00:00:00Z")),
    ("Lambda-GB-Second (TG3M4CAGBA3NYQBH) is missing", lambda d: with_term(d, COMPUTE, priceDimensions={})),
    ("'1M Requests'", lambda d: with_price(d, REQUEST, unit="1M Requests")),
    ("not in one of USD, CNY", lambda d: with_price(d, REQUEST, pricePerUnit={"EUR": "1"})),
    ("not in one of USD, CNY", lambda d: with_price(d, REQUEST, pricePerUnit={"USD": "1", "CNY": "7"})),
    ("prices in CNY, USD, where USD is billed", lambda d: with_price(d, REQUEST, pricePerUnit={"CNY": "7"})),
    ("no price above 0", lambda d: with_price(d, REQUEST, pricePerUnit=usd("0.0000000000"))),
    ("'-1' is not a plain decimal", lambda d: with_price(d, REQUEST, pricePerUnit=usd("-1"))),
    ("0.2 is not a plain decimal", lambda d: with_price(d, REQUEST, pricePerUnit=usd(0.2))),
    ("'NaN' is not a plain decimal", lambda d: with_price(d, REQUEST, pricePerUnit=usd("NaN"))),
    ("not a plain decimal", lambda d: with_price(d, REQUEST, pricePerUnit=usd("1e-300"))),
    ("not a plain decimal", lambda d: with_price(d, REQUEST, pricePerUnit=usd("0." + "1" * 16))),
    ("below 10^6", lambda d: with_price(d, REQUEST, pricePerUnit=usd("1000000"))),
    ("15 decimals at most", lambda d: with_price(d, EDGE, pricePerUnit=usd("0.0000000000001"))),
    ("not a plain decimal", lambda d: with_price(d, EDGE, beginRange="9E+999999")),
    ("below 10^15", lambda d: with_price(d, EDGE, endRange="200000000000000")),
    ("gaps or overlap", lambda d: with_price(d, COMPUTE, beginRange="16000000000")),
    ("gaps or overlap", lambda d: with_price(d, COMPUTE, endRange="20000000000")),
    ("gaps or overlap", lambda d: with_price(d, REQUEST, beginRange="1")),
    (
        "two different prices for Request-ARM",
        lambda d: with_price(with_attributes(d, REQUEST, usagetype="Request-ARM"), REQUEST, pricePerUnit=usd("0.1")),
    ),
]


@pytest.mark.parametrize(("words", "change"), ODD)
def test_a_shape_that_is_not_known_is_refused(offer_file: Files, words: str, change: Callable[[Any], object]) -> None:
    with pytest.raises(PriceListError, match=f"^the offer file of us-east-1: .*{re.escape(words)}"):
        read_offer(change(offer_file("us-east-1")), "us-east-1")


EAST: Any = json.loads((Path(__file__).parents[1] / "data/price_list/us-east-1.json").read_text(encoding="utf-8"))
WHOLE: Any = json.loads((Path(__file__).parents[1] / "data/price_list/us-west-1.json").read_text(encoding="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), JSON)
def test_whatever_stands_in_the_file_is_read_or_refused(steps: list[int], value: object) -> None:
    # Any value put anywhere into the file: an exception of another kind would be a defect.
    document = copy.deepcopy(WHOLE)
    inner: Any = document
    for step in steps:
        key = sorted(inner)[step % len(inner)]
        if not (isinstance(inner[key], dict) and inner[key]) or step == steps[-1]:
            inner[key] = value
            break
        inner = inner[key]
    with suppress(PriceListError):
        read_offer(document, "us-west-1")


@given(st.from_regex(r"[0-9]{0,12}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,7})?", fullmatch=True), st.integers(1, 6))
def test_a_price_that_is_read_is_exact_in_any_decimal_context_and_reads_back(text: str, prec: int) -> None:
    document = with_price(copy.deepcopy(EAST), EDGE, pricePerUnit=usd(text))
    with suppress(PriceListError), localcontext(prec=prec):
        (tier,) = read_offer(document, "us-east-1").prices["edge_compute_128mb_s", "x86_64"]
        assert Fraction(tier.price) * 8 == Fraction(text)
        assert as_price(read_decimal(f"{tier.price:f}")) == tier.price
