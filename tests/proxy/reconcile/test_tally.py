"""What a run cost, as a report and as rows of the history."""

from datetime import UTC, datetime
from decimal import Decimal

from lambdascope_analytics.looking import price_of_looking
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.tally import Bills, Work, in_words, rows_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_bills_add_up_by_region() -> None:
    bills = Bills()
    for region, scanned in (("us-east-1", 1_000), ("eu-west-1", 5), ("us-east-1", 2_000)):
        bills.add(Bill(region=region, queries=1, scanned_bytes=scanned))
    bills.add(None)
    assert [(each["region"], each["insights_queries"], each["scanned_bytes"]) for each in bills.as_data()] == [
        ("eu-west-1", 1, 5),
        ("us-east-1", 2, 3_000),
    ]


def test_the_history_is_told_what_looking_cost_in_each_region() -> None:
    bills = [Bill(region="us-east-1", scanned_bytes=2_000_000), Bill(region="xx-nowhere-1", scanned_bytes=1)]
    priced, unpriced = rows_of(bills, Work(name="reconcile", transport="cli", started_at=NOON))
    price = price_of_looking(region="us-east-1", metrics=0, scanned_bytes=2_000_000)
    assert price is not None
    assert (priced["target"], priced["tool_name"], priced["outcome"]) == ("cloudwatch", "reconcile", "ok")
    assert (priced["cost_usd"], priced["cost_source"]) == (Decimal("0.00001"), "estimated")
    assert priced["rates_version"] == price.rates_version
    assert ("cost_usd" in unpriced, unpriced["cost_source"]) == (False, "none")
    assert priced["call_id"] != unpriced["call_id"]


def test_a_reason_says_what_happened_and_what_to_do() -> None:
    failed = CallFailed(OutcomeKind.REFUSED, "ScanTooLarge", "It would scan 7 GB.", "Narrow it.")
    assert in_words("orders", failed) == "orders: It would scan 7 GB. Narrow it."
