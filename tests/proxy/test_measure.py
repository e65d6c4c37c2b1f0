"""The numbers of one execution: clocks, memory and price."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates, read_table
from lambdascope_proxy.call import Invocation
from lambdascope_proxy.measure import not_sent, with_price, with_report
from lambdascope_proxy.report import parse_report
from lambdascope_proxy.selection import Function

ID = "8f2c7d10-93be-4d0c-8a55-6b1e0f9d3c21"
RATES = load_rates()


def measured(line: str, **known: Any) -> Invocation:
    report = parse_report(f"REPORT RequestId: {ID}\t{line}\t\n", ID)
    assert report is not None
    fields: dict[str, Any] = {"region": "us-east-1", "memory_mb": 999, **known}
    return with_report(Invocation(**fields), report)


def test_a_cold_start_is_told_apart_from_handler_network_and_platform() -> None:
    cold = measured(
        "Duration: 212.40 ms\tBilled Duration: 601 ms\tMemory Size: 256 MB\tMax Memory Used: 94 MB\t"
        "Init Duration: 388.15 ms",
        invoke_ms=650.0,
    )
    assert (cold.duration_ms, cold.billed_ms, cold.init_ms, cold.restore_ms) == (212.4, 601, 388.15, None)
    assert (cold.memory_mb, cold.max_memory_mb, cold.cold_start) == (256, 94, True)
    assert cold.overhead_ms == 49.45  # 650 - 388.15 - 212.40


def test_a_restore_from_a_snapshot_is_a_cold_start() -> None:
    restored = measured(
        "Duration: 95.20 ms\tBilled Duration: 123 ms\tMemory Size: 1024 MB\tMax Memory Used: 170 MB\t"
        "Restore Duration: 431.66 ms\tBilled Restore Duration: 27 ms",
        invoke_ms=600.0,
    )
    assert (restored.cold_start, restored.restore_ms, restored.overhead_ms) == (True, 431.66, 73.14)


WARM = "Duration: 41.37 ms\tBilled Duration: 42 ms\tMemory Size: 256 MB\tMax Memory Used: 91 MB"


@pytest.mark.parametrize(("invoke_ms", "overhead_ms"), [(50.0, 8.63), (41.0, 0.0), (None, None)])
def test_the_overhead_is_never_negative_and_unknown_without_our_own_clock(
    invoke_ms: float | None, overhead_ms: float | None
) -> None:
    # Two clocks: the platform may count a little more than we waited.
    assert measured(WARM, invoke_ms=invoke_ms).overhead_ms == overhead_ms


def test_a_warm_start_is_known_to_be_warm() -> None:
    warm = measured(WARM)
    assert (warm.cold_start, warm.init_ms, warm.restore_ms) == (False, None, None)


def test_without_a_report_everything_it_would_have_said_stays_unknown() -> None:
    sent = Invocation(region="us-east-1", invoke_ms=12.0, memory_mb=128)
    assert with_report(sent, None) == sent
    assert (sent.cold_start, sent.billed_ms, sent.max_memory_mb) == (None, None, None)


def test_a_call_that_never_left_has_the_functions_facts_and_no_attempt(function_of: Callable[..., Function]) -> None:
    assert not_sent(function_of(runtime="python3.13", memory_mb=256), 7) == Invocation(
        region="us-east-1",
        account_id="123456789012",
        architecture="x86_64",
        runtime="python3.13",
        memory_mb=256,
        request_bytes=7,
        attempts=0,
    )


@pytest.mark.parametrize(
    ("function", "billed_ms", "cost_usd"),
    [
        # https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/ : 351 ms at 1024 MB
        ({"memory_mb": 1024}, 351, "0.000006050012"),
        ({"memory_mb": 256, "architecture": "arm64"}, 200, "0.000000866670"),
        ({"memory_mb": 10240, "region": "us-east-2", "ephemeral_storage_mb": 10240}, 363_796, "0.060739780248"),
        ({"memory_mb": 128}, 0, "0.000000200000"),  # a request is paid for even when no time is
    ],
)
def test_the_price_of_billed_time_is_exact_and_measured(
    function_of: Callable[..., Function], function: dict[str, Any], billed_ms: int, cost_usd: str
) -> None:
    region = function.get("region", "us-east-1")
    invocation = Invocation(region=region, memory_mb=function["memory_mb"], billed_ms=billed_ms)
    priced = with_price(invocation, function_of(**function), RATES)
    assert (f"{priced.cost_usd:f}", priced.cost_source) == (cost_usd, "measured")
    assert priced.rates_version == RATES.version


def test_the_memory_that_ran_is_priced_not_the_one_configured_since(function_of: Callable[..., Function]) -> None:
    invocation = Invocation(region="us-east-1", memory_mb=1024, billed_ms=351)
    assert with_price(invocation, function_of(memory_mb=128), RATES).cost_usd == Decimal("0.000006050012")


def test_without_billed_time_the_time_waited_gives_an_estimate(function_of: Callable[..., Function]) -> None:
    invocation = Invocation(region="us-east-1", memory_mb=1024, invoke_ms=350.2)
    priced = with_price(invocation, function_of(memory_mb=1024), RATES)
    assert (priced.cost_usd, priced.cost_source) == (Decimal("0.000006050012"), "estimated")
    assert priced.billed_ms is None  # an estimate is not passed off as what AWS billed


@pytest.mark.parametrize(
    "function",
    [
        {"region": "xx-moon-1"},
        {"region": "cn-north-1"},  # billed in CNY
        {"architecture": "riscv"},
        {"memory_mb": 32_768},  # managed instances: not priced by this table
    ],
)
def test_what_the_rate_table_does_not_hold_has_no_price(
    function_of: Callable[..., Function], function: dict[str, Any]
) -> None:
    known: dict[str, Any] = {"memory_mb": 128, **function}
    unpriced = Invocation(region=known.get("region", "us-east-1"), memory_mb=known["memory_mb"], billed_ms=100)
    priced = with_price(unpriced, function_of(**known), RATES)
    assert (priced.cost_usd, priced.cost_source, priced.rates_version) == (None, "none", None)


def test_a_cost_that_the_history_has_no_room_for_is_none(function_of: Callable[..., Function]) -> None:
    """The whole row would be lost."""
    flat = {"x86_64": "999999.999999999999999"}
    entry = {"currency": "USD", "source": "s", "request": flat, "compute_gb_s": flat}
    strange = read_table({"version": "2026-12-01", "sources": {"s": "?"}, "regions": {"us-east-1": entry}})
    priced = with_price(Invocation(region="us-east-1", memory_mb=1024, billed_ms=1000), function_of(), strange)
    assert (priced.cost_usd, priced.cost_source) == (None, "none")
