from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_analytics.pricing.report import Report, price_report


def report(**changes: Any) -> Report:
    fields: dict[str, Any] = {"region": "us-east-1", "memory_mb": 1024, "date": date(2026, 1, 1)}
    return Report(**{"duration_ms": Decimal("250.06"), **fields, **changes})


def test_what_lambda_billed_is_believed_before_anything_is_derived() -> None:
    assert report(billed_duration_ms=7, init_ms=Decimal(100)).billed_ms == 7
    assert report(init_ms=Decimal("100.77")).billed_ms == 351
    assert report(init_ms=Decimal("100.77"), date=date(2025, 7, 31)).billed_ms == 251
    assert report(billed_restore_ms=303, restore_ms=Decimal("511.25")).billed_ms == 554


@given(billed_ms=st.integers(0, 900_000), memory_mb=st.integers(128, 10_240), storage_mb=st.integers(512, 10_240))
def test_it_costs_what_that_invocation_costs(billed_ms: int, memory_mb: int, storage_mb: int) -> None:
    """Catches a free tier, a rounding, or a second rule for one thing."""
    asked: dict[str, Any] = {"memory_mb": memory_mb, "ephemeral_storage_mb": storage_mb}
    one = price_invocation(load_rates(), region="us-east-1", architecture="x86_64", billed_ms=billed_ms, **asked)
    assert price_report(load_rates(), report(billed_duration_ms=billed_ms, **asked)) == one


def test_a_price_the_table_lacks_is_named_as_its_line() -> None:
    with pytest.raises(MissingPriceError, match="no requests price for x86_64 in mars-north-1"):
        price_report(load_rates(), report(region="mars-north-1"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_mb", 127),
        ("ephemeral_storage_mb", 10_241),
        ("architecture", "sparc"),
        ("package", "jar"),
        ("duration_ms", Decimal(-1)),
        ("duration_ms", None),
        ("init_ms", 1.5),
        ("restore_ms", Decimal("Infinity")),
        ("billed_restore_ms", -1),
        ("billed_duration_ms", Decimal(5)),
        ("region", None),
        ("date", "2026-11-22"),
        ("managed_runtime", "yes"),
    ],
)
def test_a_figure_no_invocation_can_have_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(PricingInputError) as caught:
        report(**{field: value})
    assert caught.value.field == field
