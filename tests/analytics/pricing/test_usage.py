"""A month's bill, checked line by line against an independent computation in fractions."""

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_analytics.pricing import Price, load_rates
from lambdascope_analytics.pricing.usage import Durable, ProvisionedConcurrency, SnapStart, Usage, price_usage

# Of the price list for us-east-1, written down here once more: a table that was changed by mistake must not agree.
PRICES = {
    "x86_64": {
        "compute": (("16.6667", 6e9), ("15.0000", 9e9), ("13.3334", None)),
        "provisioned_idle": "4.1667",
        "provisioned_compute": "9.7222",
        "tenant_isolation": "166.667",
    },
    "arm64": {
        "compute": (("13.3334", 7.5e9), ("12.0001", 11.25e9), ("10.6667", None)),
        "provisioned_idle": "3.3334",
        "provisioned_compute": "7.7778",
        "tenant_isolation": "133.333",
    },
}
SAME = {
    "requests": "0.2",
    "ephemeral_storage": "0.0309",
    "snapstart_cache": "1.5046",
    "snapstart_restore": "139.7998",
    "streaming": "8000",
    "durable_operations": "8",
    "durable_written": "250000",
    "durable_retained": "150000",
}


def usage(**changes: Any) -> Usage:
    return Usage(**{"region": "us-east-1", "memory_mb": 1024, "rounding": "exact", **changes})


def price(used: Usage) -> Price:
    return price_usage(load_rates(), used)


def amounts(used: Usage) -> dict[str, Decimal]:
    return {line.item: line.amount for line in price(used).lines}


def micro(text: str) -> Fraction:
    return Fraction(text) / 10**6


def in_cents(amount: Fraction) -> Fraction:
    return Fraction(floor(amount * 100 + Fraction(1, 2)), 100)


def independent(used: Usage) -> dict[str, list[Fraction]]:
    """What each line consists of, in exact fractions: no Decimal, and no code of ours."""
    own, gb = PRICES[used.architecture], Fraction(used.memory_mb, 1024)
    provisioned = used.provisioned_concurrency
    seconds = Fraction(used.billed_total_ms) / 1000
    busy = Fraction(provisioned.billed_total_ms) / 1000 if provisioned else Fraction(0)
    requests = Fraction(used.requests) + (Fraction(provisioned.requests) if provisioned else 0)
    compute = seconds * gb
    if used.free_tier:
        requests, compute = max(requests - 1_000_000, Fraction(0)), max(compute - 400_000, Fraction(0))
    parts: dict[str, list[Fraction]] = {"requests": [requests * micro(SAME["requests"])], "compute": []}
    left = compute
    for rate, size in own["compute"]:
        taken = left if size is None else min(left, Fraction(int(size)))
        parts["compute"].append(taken * micro(rate))
        left -= taken
    if used.ephemeral_storage_mb is not None:
        above = Fraction(used.ephemeral_storage_mb - 512, 1024)
        parts["ephemeral_storage"] = [above * (seconds + busy) * micro(SAME["ephemeral_storage"])]
    if provisioned:
        held = Fraction(ceil(Fraction(provisioned.hours) * 12), 12) * 3600
        idle = Fraction(provisioned.concurrency) * gb * held
        parts["provisioned_idle"] = [idle * micro(str(own["provisioned_idle"]))]
        parts["provisioned_compute"] = [busy * gb * micro(str(own["provisioned_compute"]))]
    if used.snapstart:
        parts["snapstart_cache"] = [gb * Fraction(used.snapstart.cached_seconds) * micro(SAME["snapstart_cache"])]
        parts["snapstart_restore"] = [gb * Fraction(used.snapstart.restores) * micro(SAME["snapstart_restore"])]
    if used.streamed_response_bytes is not None:
        parts["streaming"] = [Fraction(used.streamed_response_bytes) / 2**30 * micro(SAME["streaming"])]
    if used.tenant_environments is not None:
        parts["tenant_isolation"] = [Fraction(used.tenant_environments) * gb * micro(str(own["tenant_isolation"]))]
    if used.durable:
        parts["durable_operations"] = [Fraction(used.durable.operations) * micro(SAME["durable_operations"])]
        written = Fraction(used.durable.written_bytes) / 10**9
        parts["durable_written"] = [written * micro(SAME["durable_written"])]
        parts["durable_retained"] = [Fraction(used.durable.retained_gb_months) * micro(SAME["durable_retained"])]
    return parts


counts = st.integers(0, 10**11).map(Decimal)
decimals = st.decimals(0, 10**9, places=3)
months = st.integers(0, 30 * 10**12).map(Decimal)
usages = st.builds(
    Usage,
    region=st.just("us-east-1"),
    memory_mb=st.integers(128, 10_240),
    architecture=st.sampled_from(["x86_64", "arm64"]),
    requests=counts,
    billed_total_ms=months,
    ephemeral_storage_mb=st.none() | st.integers(512, 10_240),
    free_tier=st.booleans(),
    provisioned_concurrency=st.none()
    | st.builds(ProvisionedConcurrency, concurrency=counts, hours=decimals, requests=counts, billed_total_ms=months),
    snapstart=st.none() | st.builds(SnapStart, cached_seconds=decimals, restores=counts),
    streamed_response_bytes=st.none() | counts,
    tenant_environments=st.none() | counts,
    durable=st.none() | st.builds(Durable, operations=counts, written_bytes=counts, retained_gb_months=decimals),
    rounding=st.sampled_from(["cents", "exact"]),
)


@given(used=usages)
def test_every_line_is_what_fractions_give_and_the_bill_is_their_sum(used: Usage) -> None:
    """Catches a float, a wrong unit, a tier taken from the wrong end, rounding of sums in place of lines."""
    bill, expected = price(used), independent(used)
    rounding = in_cents if used.rounding == "cents" else Fraction
    assert {line.item: Fraction(line.amount) for line in bill.lines} == {
        item: sum((rounding(part) for part in parts), Fraction(0)) for item, parts in expected.items()
    }
    assert [line.item for line in bill.lines] == list(expected)
    assert Fraction(bill.amount) == sum((Fraction(line.amount) for line in bill.lines), Fraction(0))


@given(used=usages, prec=st.integers(1, 6))
@settings(max_examples=40)
def test_a_callers_decimal_context_rounds_nothing(used: Usage, prec: int) -> None:
    exact = price(used)
    with localcontext(prec=prec):
        assert price(used) == exact


@given(used=usages)
@settings(max_examples=40)
def test_the_free_tier_lowers_the_first_two_lines_at_most_to_zero(used: Usage) -> None:
    free, paid = amounts(replace(used, free_tier=True)), amounts(replace(used, free_tier=False))
    assert all(line.quantity >= 0 for line in price(replace(used, free_tier=True)).lines)
    assert all(0 <= free[item] <= paid[item] for item in paid)
    assert {item for item in paid if free[item] != paid[item]} <= {"requests", "compute"}


GROWING = ["requests", "billed_total_ms", "streamed_response_bytes", "tenant_environments"]


@given(used=usages, name=st.sampled_from(GROWING), more=st.integers(1, 10**9))
@settings(max_examples=40)
def test_more_of_anything_never_costs_less(used: Usage, name: str, more: int) -> None:
    grown = replace(used, **{name: (getattr(used, name) or Decimal(0)) + more})
    assert price(grown).amount >= price(used).amount


@given(used=usages, hours=decimals, memory_mb=st.integers(128, 10_240))
@settings(max_examples=40)
def test_neither_more_memory_nor_longer_hours_cost_less(used: Usage, hours: Decimal, memory_mb: int) -> None:
    assert price(replace(used, memory_mb=max(memory_mb, used.memory_mb))).amount >= price(used).amount
    if had := used.provisioned_concurrency:
        longer = replace(had, hours=had.hours + hours)
        assert price(replace(used, provisioned_concurrency=longer)).amount >= price(used).amount


@given(used=usages)
@settings(max_examples=40)
def test_what_is_added_to_a_bill_leaves_its_other_lines_alone(used: Usage) -> None:
    """Catches ephemeral storage that is multiplied by memory, and a free tier that reaches other lines."""
    bare = replace(used, snapstart=None, streamed_response_bytes=None, tenant_environments=None, durable=None)
    whole, part = amounts(used), amounts(bare)
    assert part.items() <= whole.items()


@pytest.mark.parametrize(("architecture", "edges"), [("x86_64", (6, 15)), ("arm64", ("7.5", "18.75"))])
def test_tiers_meet_without_a_step_and_each_is_cheaper_than_the_one_before(
    architecture: str, edges: tuple[Any, Any]
) -> None:
    """Catches a bound that is off by one unit, and a tier whose rate is applied to the whole."""

    def compute(gb_s: Decimal) -> Decimal:
        return amounts(usage(architecture=architecture, billed_total_ms=gb_s * 1000))["compute"]

    rates = [compute(Decimal(1)) - compute(Decimal(0))]
    for edge in (Decimal(edge) * 10**9 for edge in edges):
        assert compute(edge) - compute(edge - 1) == rates[-1]
        rates.append(compute(edge + 1) - compute(edge))
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == 3


def test_provisioned_hours_are_billed_in_whole_five_minutes() -> None:
    def idle(hours: str) -> Decimal:
        held = ProvisionedConcurrency(concurrency=Decimal(1), hours=Decimal(hours))
        return next(line.quantity for line in price(usage(provisioned_concurrency=held)).lines if "idle" in line.item)

    assert [idle(hours) for hours in ("0", "0.01", "0.0834", "1", "1.0001")] == [0, 300, 600, 3600, 3900]


def test_the_free_tier_counts_requests_on_provisioned_concurrency_but_not_their_compute() -> None:
    served = ProvisionedConcurrency(
        concurrency=Decimal(1), hours=Decimal(1), requests=Decimal(800_000), billed_total_ms=Decimal(10**8)
    )
    bill = price(usage(requests=Decimal(500_000), free_tier=True, provisioned_concurrency=served))
    quantities = {line.item: line.quantity for line in bill.lines}
    assert (quantities["requests"], quantities["provisioned_compute"]) == (300_000, 100_000)


def test_at_the_edge_there_are_two_lines_and_no_free_tier() -> None:
    used = usage(memory_mb=256, requests=Decimal(10), billed_total_ms=Decimal(1000), edge=True, free_tier=True)
    lines = price(replace(used, ephemeral_storage_mb=1024, tenant_environments=Decimal(1))).lines
    assert [(line.item, line.quantity, line.unit) for line in lines] == [
        ("requests", 10, "requests"),
        ("compute", 2, "128MB-s"),
    ]
    assert lines[1].amount == Decimal("0.0000125025")


HELD = ProvisionedConcurrency(concurrency=Decimal(1), hours=Decimal(1))


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        ("requests", {"region": "mars-north-1"}),
        ("requests", {"region": "cn-north-1", "architecture": "arm64"}),
        ("requests", {"region": "eu-west-1", "edge": True}),
        ("requests", {"architecture": "arm64", "edge": True}),
        ("compute", {"region": "eu-west-1", "billed_total_ms": Decimal(6 * 10**12 + 1)}),
        ("compute", {"region": "eu-west-1", "architecture": "arm64", "billed_total_ms": Decimal(75 * 10**11 + 1)}),
        ("provisioned_idle", {"region": "eu-west-1", "architecture": "arm64", "provisioned_concurrency": HELD}),
        ("provisioned_idle", {"region": "cn-north-1", "provisioned_concurrency": HELD}),
        (
            "snapstart_cache",
            {"region": "eu-west-1", "snapstart": SnapStart(cached_seconds=Decimal(1), restores=Decimal(1))},
        ),
        ("streaming", {"region": "us-west-2", "streamed_response_bytes": Decimal(1)}),
        ("tenant_isolation", {"region": "us-west-2", "tenant_environments": Decimal(1)}),
        (
            "durable_operations",
            {
                "region": "us-west-2",
                "durable": Durable(operations=Decimal(1), written_bytes=Decimal(1), retained_gb_months=Decimal(1)),
            },
        ),
    ],
)
def test_a_price_the_table_lacks_is_named_by_line_and_region_and_never_guessed(
    item: str, changes: dict[str, Any]
) -> None:
    used = usage(**changes)
    with pytest.raises(MissingPriceError) as caught:
        price(used)
    assert (caught.value.item, caught.value.region) == (item, used.region)
    assert item in str(caught.value)
    assert used.region in str(caught.value)


def test_up_to_the_end_of_its_only_known_tier_a_region_has_a_price() -> None:
    used = usage(region="eu-west-1", billed_total_ms=Decimal(6 * 10**12))
    assert amounts(used)["compute"] == Decimal("100000.2")


def test_china_is_billed_in_yuan_and_without_tiers() -> None:
    bill = price(usage(region="cn-north-1", billed_total_ms=Decimal(10**14)))
    assert (bill.currency, bill.cost_usd) == ("CNY", None)
    assert bill.lines[1].amount == Decimal("0.000113477") * 10**11


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_mb", 127),
        ("memory_mb", Decimal(128)),
        ("architecture", "riscv64"),
        ("rounding", "dollars"),
        ("ephemeral_storage_mb", 511),
        ("requests", Decimal(-1)),
        ("requests", 1.5),
        ("requests", True),
        ("requests", Decimal("NaN")),
        ("requests", Decimal("1e18")),
        ("billed_total_ms", Decimal("1e36")),
        ("tenant_environments", Decimal("1e-31")),
        ("region", None),
        ("free_tier", "no"),
        ("edge", 1),
        ("provisioned_concurrency", {"concurrency": 1}),
        ("snapstart", 5),
        ("durable", Decimal(1)),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(PricingInputError) as caught:
        usage(**{field: value})
    assert caught.value.field == field


def test_what_lies_within_is_named_by_its_path() -> None:
    with pytest.raises(PricingInputError, match=r"provisioned_concurrency\.hours must not be negative"):
        ProvisionedConcurrency(concurrency=Decimal(1), hours=Decimal(-1))
