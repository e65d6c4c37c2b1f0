from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.pricing.usage import ProvisionedConcurrency, Usage, price_usage
from lambdascope_analytics.pricing.what_if import WhatIf, what_if, what_if_assumptions

MILLION = Decimal(1_000_000)
USED = Usage(region="us-east-1", memory_mb=1024, requests=MILLION, billed_total_ms=MILLION * 200)


def found(used: Usage = USED, **changes: Any) -> WhatIf:
    return what_if(load_rates(), used, **changes)


def differences(answer: WhatIf) -> dict[str, Decimal | None]:
    return {line.item: line.difference for line in answer.lines}


usages = st.builds(
    Usage,
    region=st.just("us-east-1"),
    memory_mb=st.integers(128, 10_240),
    architecture=st.sampled_from(["x86_64", "arm64"]),
    requests=st.integers(1, 10**9).map(Decimal),
    billed_total_ms=st.integers(1, 10**12).map(Decimal),
    free_tier=st.booleans(),
    ephemeral_storage_mb=st.none() | st.integers(512, 10_240),
    rounding=st.sampled_from(["cents", "exact"]),
)


@given(used=usages)
def test_what_is_changed_to_itself_makes_no_difference(used: Usage) -> None:
    same = found(used, memory_mb=used.memory_mb, architecture=used.architecture, region=used.region)
    assert same.before == same.after == price_usage(load_rates(), used)
    assert same.difference == 0
    assert set(differences(same).values()) == {0}


@given(used=usages, memory_mb=st.integers(128, 10_240), architecture=st.sampled_from(["x86_64", "arm64"]))
def test_the_lines_add_up_to_the_difference_and_going_back_undoes_it(
    used: Usage, memory_mb: int, architecture: str
) -> None:
    there = found(used, memory_mb=memory_mb, architecture=architecture)
    back = found(there.changed, memory_mb=used.memory_mb, architecture=used.architecture)
    assert there.difference is not None
    assert there.difference == sum(line.difference or 0 for line in there.lines)
    assert there.difference == there.after.amount - there.before.amount
    assert back.difference == -there.difference


def test_half_the_memory_halves_compute_and_leaves_requests_alone() -> None:
    assert differences(found(memory_mb=512)) == {"requests": 0, "compute": Decimal("-1.66")}


def test_arm_is_priced_by_its_own_list_price() -> None:
    assert found(architecture="arm64").after.lines[1].amount == Decimal("2.67")


def test_another_mean_duration_is_that_of_every_request() -> None:
    held = ProvisionedConcurrency(
        concurrency=Decimal(1000), hours=Decimal(1), requests=MILLION, billed_total_ms=MILLION * 100
    )
    changed = found(replace(USED, provisioned_concurrency=held), billed_duration_ms=300).changed
    assert changed.billed_total_ms == MILLION * 300
    assert changed.provisioned_concurrency is not None
    assert changed.provisioned_concurrency.billed_total_ms == MILLION * 300


def test_provisioned_concurrency_serves_all_requests_for_a_month_and_taking_it_away_undoes_that() -> None:
    there = found(provisioned_concurrency=2)
    lines = {line.item: (line.before, line.after) for line in there.lines}
    assert lines["compute"] == (Decimal("3.33"), 0)
    # 2 GB x 730 h x 3,600 s x 0.0000041667, and 200,000 GB-s x 0.0000097222.
    assert lines["provisioned_idle"] == (None, Decimal("21.90"))
    assert lines["provisioned_compute"] == (None, Decimal("1.94"))
    back = found(there.changed, provisioned_concurrency=0)
    assert back.changed == USED
    assert back.difference == -(there.difference or 0)
    assert found(provisioned_concurrency=0).difference == 0


def test_provisioned_concurrency_there_is_keeps_its_hours_and_what_it_served() -> None:
    held = ProvisionedConcurrency(concurrency=Decimal(1), hours=Decimal(8), requests=MILLION, billed_total_ms=MILLION)
    used = replace(USED, provisioned_concurrency=held)
    assert found(used, provisioned_concurrency=3).changed.provisioned_concurrency == replace(
        held, concurrency=Decimal(3)
    )
    assert found(provisioned_concurrency=held).changed.provisioned_concurrency == held


HOUR_MS = 3_600_000
BUSY = Usage(region="us-east-1", memory_mb=1024, requests=100 * MILLION, billed_total_ms=100 * MILLION * 1000)


def test_an_environment_serves_no_more_than_it_has_time_for() -> None:
    """One environment was said to serve a hundred million seconds of a month, at 40% less."""
    answer = found(BUSY, provisioned_concurrency=1)
    served = answer.changed.provisioned_concurrency
    assert served is not None
    assert (served.requests, served.billed_total_ms) == (2_628_000, 730 * HOUR_MS)
    assert answer.changed.requests == 100 * MILLION - 2_628_000
    # 2,628,000 s at 0.0000166667 less 0.0000097222, and 730 hours of 1 GB.
    assert answer.difference == Decimal("-18.25") + Decimal("10.95")
    (assumed,) = what_if_assumptions(answer)
    assert assumed == (
        "with 1 provisioned, 2,628,000 of 100,000,000 requests are served there in 730 hours, all that there is time "
        "for if none is ever idle; the rest runs on demand"
    )


@given(used=usages, concurrency=st.integers(1, 10**6), mean_ms=st.none() | st.integers(0, 900_000))
def test_however_much_is_provisioned_all_is_served_once_and_in_the_time_there_is(
    used: Usage, concurrency: int, mean_ms: int | None
) -> None:
    changed = found(used, provisioned_concurrency=concurrency, billed_duration_ms=mean_ms).changed
    served = changed.provisioned_concurrency
    assert served is not None
    assert served.billed_total_ms <= concurrency * 730 * HOUR_MS
    assert changed.requests + served.requests == used.requests
    total_ms = used.billed_total_ms if mean_ms is None else used.requests * mean_ms
    assert changed.billed_total_ms + served.billed_total_ms == total_ms


def test_fewer_environments_or_longer_requests_leave_the_rest_on_demand() -> None:
    held = ProvisionedConcurrency(
        concurrency=Decimal(2), hours=Decimal(1), requests=Decimal(7200), billed_total_ms=Decimal(2 * HOUR_MS)
    )
    used = replace(USED, provisioned_concurrency=held)
    half = replace(held, concurrency=Decimal(1), requests=Decimal(3600), billed_total_ms=Decimal(HOUR_MS))
    fewer = found(used, provisioned_concurrency=1)
    assert (fewer.changed.provisioned_concurrency, fewer.changed.requests) == (half, MILLION + 3600)
    slower = found(used, billed_duration_ms=2000).changed
    assert slower.provisioned_concurrency == replace(held, requests=Decimal(3600))
    assert slower.billed_total_ms == (MILLION + 3600) * 2000
    both = found(used, billed_duration_ms=2000, provisioned_concurrency=4).changed
    assert both.provisioned_concurrency == replace(held, concurrency=Decimal(4), billed_total_ms=Decimal(4 * HOUR_MS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"provisioned_concurrency": 3},
            "with 3 provisioned, 10 of 1,000,010 requests are served there in 8 hours; the",
        ),
        ({"provisioned_concurrency": 0}, "without provisioned concurrency every request runs on demand"),
        ({"billed_duration_ms": 5}, "with 1 provisioned, 10 of 1,000,010 requests are served there in 8 hours; the"),
    ],
)
def test_what_becomes_of_provisioned_concurrency_there_was_is_told(changes: dict[str, Any], words: str) -> None:
    held = ProvisionedConcurrency(
        concurrency=Decimal(1), hours=Decimal(8), requests=Decimal(10), billed_total_ms=Decimal(1000)
    )
    (assumed,) = what_if_assumptions(found(replace(USED, provisioned_concurrency=held), **changes))
    assert assumed.startswith(words)


def test_where_all_is_served_that_is_told() -> None:
    assert what_if_assumptions(found(provisioned_concurrency=2)) == (
        "with 2 provisioned, every request of 730 hours is served there, as if never more came at once",
    )
    assert what_if_assumptions(found(provisioned_concurrency=0)) == ()


@pytest.mark.parametrize("is_served", [False, True])
def test_billed_time_without_requests_has_no_mean_to_change(is_served: bool) -> None:
    """All of the compute was gone then."""
    hour = Decimal(HOUR_MS)
    held = ProvisionedConcurrency(concurrency=Decimal(1), hours=Decimal(1), billed_total_ms=hour)
    used = replace(USED, provisioned_concurrency=held) if is_served else replace(USED, requests=Decimal(0))
    with pytest.raises(PricingInputError, match="billed_duration_ms needs requests"):
        found(used, billed_duration_ms=100)


def test_two_currencies_are_never_subtracted() -> None:
    answer = found(region="cn-north-1")
    assert (answer.before.currency, answer.after.currency, answer.difference) == ("USD", "CNY", None)
    assert set(differences(answer).values()) == {None}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"memory_mb": 127}, PricingInputError),
        ({"architecture": "sparc"}, PricingInputError),
        ({"billed_duration_ms": -1}, PricingInputError),
        ({"provisioned_concurrency": -1}, PricingInputError),
        (
            {
                "provisioned_concurrency": ProvisionedConcurrency(
                    concurrency=Decimal(1), hours=Decimal(1), requests=Decimal(1), billed_total_ms=Decimal(HOUR_MS + 1)
                )
            },
            PricingInputError,
        ),
        ({"region": "mars-north-1"}, MissingPriceError),
        ({"region": "eu-west-1", "architecture": "arm64", "provisioned_concurrency": 1}, MissingPriceError),
    ],
)
def test_a_change_that_has_no_price_or_makes_no_sense_is_refused(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        found(**changes)


def test_the_edge_has_no_provisioned_concurrency() -> None:
    with pytest.raises(PricingInputError, match="provisioned_concurrency"):
        found(replace(USED, edge=True), provisioned_concurrency=1)
