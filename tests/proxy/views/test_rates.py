"""What `lambdascope rates` shows where there is more than fits; the rest is seen in the tests of the command."""

from typing import Any

from lambdascope_proxy.views.page import Page, Surface
from lambdascope_proxy.views.rates import MOST_CHANGES, show_refresh


def change(number: int) -> dict[str, Any]:
    return {
        "region": f"us-test-{number}",
        "item": "compute_gb_s",
        "architecture": "arm64",
        "begin": "7500000000",
        "currency": "USD",
        "old": "0.0000133334",
        "new": "0.0000120001",
        "percent": -10.0,
    }


def data(**known: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("changed", "new", "gone", "not_read", "regions_not_listed")}
    outcome = {
        "up_to_date": False,
        "dry_run": True,
        "file": None,
        "version": "2027-01-02",
        "older_version": "2026-09-19",
    }
    return {**empty, **outcome, "regions_read": 1, "from": "https://prices.example", **known}


def shown(width: int = 140, **known: Any) -> str:
    page = Page(Surface(width=width))
    show_refresh(data(**known), page)
    return page.text()


def test_a_change_in_a_tier_says_from_where_it_holds() -> None:
    row = "us-test-1  compute_gb_s over 7,500,000,000  arm64         0.0000133334  0.0000120001 USD  -10%"
    assert row in shown(changed=[change(1)]).splitlines()


def test_more_changes_than_one_reads_are_counted() -> None:
    text = shown(changed=[change(number) for number in range(MOST_CHANGES + 5)])
    assert "and 5 more: --json has all of them" in text
    assert "and 0 more" not in shown(changed=[change(number) for number in range(MOST_CHANGES)])


def test_regions_that_were_not_read_are_named_as_far_as_one_reads_them() -> None:
    text = shown(regions_not_listed=[f"us-test-{number}" for number in range(10)])
    assert "us-test-7 and 2 more" in text
    assert "China" not in text


def test_nothing_is_broken_where_it_is_narrow() -> None:
    text = shown(width=50, changed=[change(1)])
    assert "compute_gb_s over 7,500,000,000" in text
    assert max(map(len, text.splitlines())) <= 50
