from decimal import Decimal

import pytest

from lambdascope_proxy.cloudwatch.bill import Bill


def test_bills_of_one_region_add_up_and_are_priced_together() -> None:
    bill = Bill(region="us-east-1", metrics=20, metric_requests=1) + Bill(
        region="us-east-1", queries=2, scanned_bytes=2_000_000_000
    )
    assert bill == Bill(region="us-east-1", metrics=20, metric_requests=1, queries=2, scanned_bytes=2_000_000_000)
    assert bill.cost_usd == Decimal("0.0102")
    assert bill.as_data() == {
        "metrics_requested": 20,
        "get_metric_data_calls": 1,
        "insights_queries": 2,
        "scanned_bytes": 2_000_000_000,
        "cost_usd": "0.010200000000",
    }


def test_a_region_without_known_prices_still_says_what_was_asked() -> None:
    bill = Bill(region="mars-north-1", metrics=3)
    assert (bill.cost_usd, bill.rates_version) == (None, None)
    assert bill.as_data()["metrics_requested"] == 3


def test_bills_of_two_regions_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Bill(region="us-east-1") + Bill(region="eu-west-1")
