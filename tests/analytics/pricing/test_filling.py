"""What an older table knows is not forgotten, and a price always says where it is from."""

from typing import Any

from lambdascope_analytics.pricing.filling import filled
from lambdascope_analytics.pricing.rates import RateTable
from lambdascope_analytics.pricing.tables import read_table


def table(version: str, **regions: Any) -> RateTable:
    entries = {
        name.replace("_", "-"): {"currency": "USD", "source": "all", **prices} for name, prices in regions.items()
    }
    return read_table({"version": version, "sources": {"all": f"list of {version}"}, "regions": entries})


def test_only_what_is_lacking_is_taken_and_keeps_its_source() -> None:
    older = table("old", a_b_1={"request": {"x86_64": "1", "arm64": "2"}, "streaming_gb": {"x86_64": "3"}}, c_d_1=ONE)
    found = filled(table("new", a_b_1={"request": {"x86_64": "9"}}), older)
    rates = found.regions["a-b-1"]
    assert (found.version, found.regions["c-d-1"]) == ("new", older.regions["c-d-1"])
    assert {key: int(price) for key, price in rates.prices.items()} == {
        ("request", "x86_64"): 9,
        ("request", "arm64"): 2,
        ("streaming_gb", "x86_64"): 3,
    }
    assert rates.source_of("request") == "list of new; arm64: list of old"
    assert rates.source_of("streaming_gb") == "list of old"


def test_a_table_that_lacks_nothing_stays_as_it_is_and_a_source_does_not_grow() -> None:
    older = table("old", a_b_1={"request": {"x86_64": "1", "arm64": "2"}})
    once = filled(table("new", a_b_1={"request": {"x86_64": "9"}}), older)
    assert filled(once, older) == once
    again = filled(table("newer", a_b_1={"request": {"x86_64": "9"}}), once)
    assert again.regions["a-b-1"].source_of("request") == "list of newer; arm64: list of old"


ONE = {"request": {"x86_64": "1"}}
