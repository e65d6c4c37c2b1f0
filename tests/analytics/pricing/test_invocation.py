"""Figures are checked against published examples; `data/worked-examples.json` names the source of each."""

import decimal
import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, PricingError, PricingInputError
from lambdascope_analytics.pricing import Price, billed_ms_of, load_rates, price_invocation

EXAMPLES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("data").joinpath("worked-examples.json").read_text(encoding="utf-8")
)
REPORTS = [example for example in EXAMPLES if "report" in example]
# One invocation times its requests is a month only without free tier, higher tiers and provisioned concurrency.
MONTHS = [
    example
    for example in EXAMPLES
    if "billed_duration_ms" in example.get("usage", {})
    and not example["usage"].get("free_tier")
    and example["id"] not in ("IC-9B", "IC-15B")
]
CENT = Decimal("0.01")

regions = st.sampled_from(sorted(load_rates().regions))
usd_regions = regions.filter(lambda region: not region.startswith("cn-"))
architectures = st.sampled_from(["x86_64", "arm64"])
memories = st.integers(128, 10_240)
storages = st.integers(512, 10_240)
durations = st.integers(0, 900_000)


def price(**changes: Any) -> Price:
    asked: dict[str, Any] = {"region": "us-east-1", "architecture": "x86_64", "memory_mb": 1024, "billed_ms": 1000}
    return price_invocation(load_rates(), **asked | changes)


def rounded_like(amount: Decimal, shown: str) -> str:
    return format(amount.quantize(Decimal(shown), ROUND_HALF_UP), "f")


@pytest.mark.parametrize("example", REPORTS, ids=lambda example: example["id"])
def test_published_report_lines_give_the_published_billed_duration(example: dict[str, Any]) -> None:
    report = example["report"]
    billed_ms = billed_ms_of(
        duration_ms=Decimal(report["duration_ms"]),
        init_ms=Decimal(report["init_ms"]) if "init_ms" in report else None,
        billed_restore_ms=report.get("billed_restore_ms"),
        date=date.fromisoformat(report.get("date", "2026-11-22")),
        package=report["package"],
    )
    assert billed_ms == example["expect"]["billed_ms"]


def test_the_announced_example_of_init_billing_costs_exactly_its_list_price() -> None:
    example = next(example for example in REPORTS if example["id"] == "INV-01")
    assert str(price(billed_ms=351).amount.normalize()) == "0.0000060500117" == example["expect"]["usd"]


@pytest.mark.parametrize("example", MONTHS, ids=lambda example: example["id"])
def test_published_monthly_lines_are_one_invocation_times_the_requests(example: dict[str, Any]) -> None:
    usage, expect = example["usage"], example["expect"]
    one = price(
        region=usage["region"],
        architecture=usage["architecture"],
        memory_mb=usage["memory_mb"],
        billed_ms=usage["billed_duration_ms"],
    )
    lines = {line.item: (line.amount * usage["requests"]).quantize(CENT, ROUND_HALF_UP) for line in one.lines}
    assert one.currency == expect.get("currency", "USD")
    assert {item: str(lines[item]) for item in expect["lines"]} == expect["lines"]
    if "usd" in expect:
        assert str(sum(lines.values())) == expect["usd"]


def test_a_measured_run_with_ephemeral_storage_adds_up_to_its_published_cost() -> None:
    example = next(example for example in EXAMPLES if example["id"] == "EPH-01")
    usage, expect = example["usage"], example["expect"]
    each, left = divmod(usage["billed_duration_total_ms"], usage["requests"])
    run = [each + 1] * left + [each] * (usage["requests"] - left)
    keys = ("region", "architecture", "memory_mb", "ephemeral_storage_mb")
    prices = [price(billed_ms=billed_ms, **{key: usage[key] for key in keys}) for billed_ms in run]
    assert rounded_like(sum((one.amount for one in prices), Decimal(0)), expect["usd"]) == expect["usd"]
    for item, shown in expect["lines"].items():
        total = sum((line.amount for one in prices for line in one.lines if line.item == item), Decimal(0))
        assert rounded_like(total, shown) == shown


def test_the_table_holds_26_regions_and_each_price_states_its_source() -> None:
    rates = load_rates()
    assert len(rates.regions) == 26
    assert all(entry.source for entry in rates.regions.values())
    assert {name for name, entry in rates.regions.items() if entry.currency == "CNY"} == {
        "cn-north-1",
        "cn-northwest-1",
    }
    assert rates.version == "2026-09-19"


@pytest.mark.parametrize(
    ("region", "architecture", "item"),
    [
        ("mars-north-1", "x86_64", "request"),
        ("us-east-1", "riscv64", "request"),
        ("cn-north-1", "arm64", "request"),
        ("", "", "request"),
    ],
)
def test_an_unknown_price_is_named_and_never_replaced_by_another(region: str, architecture: str, item: str) -> None:
    with pytest.raises(MissingPriceError) as caught:
        price(region=region, architecture=architecture)
    assert (caught.value.region, caught.value.architecture, caught.value.item) == (region, architecture, item)
    assert "2026-09-19" in str(caught.value)
    assert isinstance(caught.value, PricingError)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_mb", 127),
        ("memory_mb", 10_241),
        ("memory_mb", 1024.0),
        ("memory_mb", True),
        ("memory_mb", None),
        ("billed_ms", -1),
        ("billed_ms", 1.5),
        ("billed_ms", "100"),
        ("billed_ms", 86_400_001),
        ("ephemeral_storage_mb", 511),
        ("ephemeral_storage_mb", 10_241),
    ],
)
def test_figures_out_of_range_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(PricingInputError, match=field) as caught:
        price(**{field: value})
    assert caught.value.field == field


def test_yuan_never_become_dollars() -> None:
    yuan = price(region="cn-north-1")
    assert (yuan.currency, yuan.cost_usd) == ("CNY", None)
    dollars = price()
    assert dollars.cost_usd == dollars.amount


@given(region=regions, memory_mb=memories, billed_ms=durations, storage_mb=storages)
def test_an_amount_is_the_exact_sum_of_its_lines_and_never_a_float(
    region: str, memory_mb: int, billed_ms: int, storage_mb: int
) -> None:
    one = price(region=region, memory_mb=memory_mb, billed_ms=billed_ms, ephemeral_storage_mb=storage_mb)
    assert one.amount == sum(line.amount for line in one.lines)
    assert all(type(number) is Decimal for line in one.lines for number in (line.amount, line.quantity))
    assert ("ephemeral_storage" in {line.item for line in one.lines}) == (storage_mb > 512)
    assert one.amount >= one.lines[0].amount > 0


@given(region=usd_regions, architecture=architectures, memory_mb=memories, first=durations, second=durations)
def test_the_price_is_linear_in_billed_time(
    region: str, architecture: str, memory_mb: int, first: int, second: int
) -> None:
    """Catches rounding per invocation, and a request charge that scales with time."""

    def amount(billed_ms: int) -> Decimal:
        return price(region=region, architecture=architecture, memory_mb=memory_mb, billed_ms=billed_ms).amount

    assert amount(first) + amount(second) == amount(first + second) + amount(0)


@given(region=regions, small=memories, large=memories, billed_ms=st.integers(1, 900_000))
def test_more_memory_costs_more_and_memory_is_1024_mb_to_the_gb(
    region: str, small: int, large: int, billed_ms: int
) -> None:
    assume(small < large)
    low, high = (price(region=region, memory_mb=memory_mb, billed_ms=billed_ms) for memory_mb in (small, large))
    assert low.amount < high.amount
    assert low.lines[1].quantity * large == high.lines[1].quantity * small
    assert low.lines[1].quantity * 1024 * 1000 == small * billed_ms


@given(memory_mb=memories, billed_ms=durations, prec=st.integers(1, 6))
def test_a_callers_decimal_context_does_not_round_a_price(memory_mb: int, billed_ms: int, prec: int) -> None:
    exact = price(memory_mb=memory_mb, billed_ms=billed_ms)
    with decimal.localcontext(prec=prec):
        assert price(memory_mb=memory_mb, billed_ms=billed_ms) == exact
        assert billed_ms_of(duration_ms=Decimal("123456.01"), date=date(2026, 1, 1)) == 123_457


@given(region=usd_regions, memory_mb=memories, billed_ms=st.integers(1, 900_000))
def test_arm_has_its_own_price_which_is_lower_in_every_region_known(
    region: str, memory_mb: int, billed_ms: int
) -> None:
    x86, arm = (
        price(region=region, memory_mb=memory_mb, billed_ms=billed_ms, architecture=architecture).amount
        for architecture in ("x86_64", "arm64")
    )
    assert arm < x86


hundredths = st.decimals(min_value=0, max_value=900_000, places=2)


@given(duration_ms=hundredths, init_ms=hundredths, restore_ms=durations)
def test_billed_time_covers_what_ran_and_rounds_up_once(
    duration_ms: Decimal, init_ms: Decimal, restore_ms: int
) -> None:
    billed = billed_ms_of(duration_ms=duration_ms, init_ms=init_ms, billed_restore_ms=restore_ms, date=date(2026, 1, 1))
    assert type(billed) is int
    assert 0 <= billed - restore_ms - (duration_ms + init_ms) < 1


@pytest.mark.parametrize(
    ("day", "package", "managed_runtime", "billed_ms"),
    [
        (date(2025, 7, 31), "zip", True, 251),
        (date(2025, 7, 31), "zip", False, 351),
        (date(2025, 7, 31), "image", True, 351),
        (date(2025, 8, 1), "zip", True, 351),
    ],
)
def test_init_was_free_only_for_zips_on_managed_runtimes_before_august_2025(
    day: date, package: str, managed_runtime: bool, billed_ms: int
) -> None:
    assert billed_ms == billed_ms_of(
        duration_ms=Decimal("250.06"),
        init_ms=Decimal("100.77"),
        date=day,
        package=package,
        managed_runtime=managed_runtime,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("duration_ms", Decimal(-1)),
        ("duration_ms", 1.5),
        ("duration_ms", Decimal("NaN")),
        ("duration_ms", Decimal("Infinity")),
        ("duration_ms", Decimal("1E-100")),
        ("init_ms", Decimal("-0.01")),
        ("billed_restore_ms", -1),
        ("billed_restore_ms", 1.5),
        ("package", "jar"),
    ],
)
def test_figures_no_invocation_can_have_are_refused_by_name(field: str, value: Any) -> None:
    figures: dict[str, Any] = {"duration_ms": Decimal(1), "date": date(2026, 1, 1)}
    with pytest.raises(PricingInputError, match=field):
        billed_ms_of(**figures | {field: value})
