"""What AWS bills in other currencies is priced by memory, time and requests, and never as dollars."""

from decimal import Decimal

from lambdascope_analytics.analyses.billed_otherwise import BilledOtherwise, regions_billed_otherwise
from lambdascope_analytics.pricing import load_rates

GB_S = 1024 * 1000


def test_calls_of_china_cost_cny_and_others_nothing_here() -> None:
    rows = [
        {"region": "cn-north-1", "architecture": "x86_64", "calls": 1_000_000, "mb_ms": Decimal(GB_S)},
        {"region": "cn-northwest-1", "architecture": "x86_64", "calls": 2, "mb_ms": 3 * GB_S},
        {"region": "us-east-1", "architecture": "x86_64", "calls": 5, "mb_ms": GB_S},
        # Its price is not known.
        {"region": "cn-north-1", "architecture": "arm64", "calls": 5, "mb_ms": GB_S},
        {"region": None, "architecture": None, "calls": 5, "mb_ms": GB_S},
    ]
    billed = BilledOtherwise.of(load_rates(), rows)
    # 4 GB-seconds at 0.000113477, requests at 1.36 a million.
    assert (billed.calls, billed.amounts) == (1_000_002, {"CNY": Decimal("1.360456628")})
    assert billed.told == "CNY 1.360"


def test_nothing_billed_is_nothing_to_tell() -> None:
    billed = BilledOtherwise.of(load_rates(), [])
    assert (billed, billed.told) == (BilledOtherwise(), "")


def test_regions_are_named_whole_so_that_none_is_found_within_another() -> None:
    assert regions_billed_otherwise(load_rates()) == "\ncn-north-1\n\ncn-northwest-1\n"
