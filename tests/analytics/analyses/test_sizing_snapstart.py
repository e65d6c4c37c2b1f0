"""Advice on SnapStart: by runtime, init and price."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

import pytest

from lambdascope_analytics.analyses.sizing_answer import Advice, Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_snapstart import advise_snapstart, has_snapstart
from lambdascope_analytics.pricing import PriceItem

Make = Callable[..., Size]
Gather = Callable[..., Evidence]
LONG_INIT: dict[str, Any] = {
    "cold_starts": 100,
    "init_count": 100,
    "init_ms": 300_000.0,
    "init_p50_ms": 3_000.0,
    "init_p95_ms": 4_000.0,
}


def advice(evidence: Evidence) -> Advice:
    (found,) = advise_snapstart(evidence)
    return found


def recommended(evidence: Evidence) -> Recommendation:
    found = advice(evidence)
    assert isinstance(found, Recommendation)
    return found


@pytest.mark.parametrize(
    ("runtime", "has_it"),
    [
        ("java21", True),
        ("java11", True),
        ("java8.al2", False),
        ("python3.13", True),
        ("python3.12", True),
        ("python3.9", False),
        ("dotnet8", True),
        ("dotnet6", False),
        ("nodejs22.x", False),
        ("provided.al2023", False),
        ("ruby3.4", False),
    ],
)
def test_which_runtimes_have_it(runtime: str, has_it: bool) -> None:
    assert has_snapstart(runtime) is has_it


def test_for_java_it_is_free_and_spares_the_init(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(runtime="java21", **LONG_INIT)))
    assert (found.is_change, found.purpose, found.confidence) == (True, "less latency", "low")
    # 300 s of init at 512 MB.
    assert found.saves_usd_month == (150 * Decimal("0.0000166667")).quantize(Decimal("1e-6"))
    assert found.saves_least_usd_month == 0
    assert "free for Java" in found.why


@pytest.mark.skipif("snapstart_cache_gb_s" not in get_args(PriceItem), reason="the rate table has no such prices yet")
def test_for_python_cache_and_restores_are_paid_for(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(**LONG_INIT)))
    cache = Decimal("0.5") * 30 * 86_400 * Decimal("0.0000015046")
    restores = Decimal("0.5") * 100 * Decimal("0.0001397998")
    spared = 150 * Decimal("0.0000166667")
    assert found.is_change
    assert found.saves_usd_month == (spared - cache - restores).quantize(Decimal("1e-6"))
    assert (found.saves_usd_month or 0) < 0, "it costs more, and buys latency"
    rare = recommended(evidence_of(size_of(executions=100_000, **LONG_INIT)))
    assert (rare.is_change, "too rare" in rare.why) == (False, True)
    unknown = advice(evidence_of(size_of(region="eu-west-1", **LONG_INIT)))
    assert isinstance(unknown, Refusal)
    assert "no SnapStart price for eu-west-1" in unknown.missing


def test_where_init_is_short_or_it_is_on_already_nothing_is_to_be_changed(size_of: Make, evidence_of: Gather) -> None:
    short = recommended(evidence_of(size_of(**{**LONG_INIT, "init_p50_ms": 400.0})))
    assert (short.is_change, "init is short" in short.why) == (False, True)
    on = recommended(evidence_of(size_of(restores=40)))
    assert (on.is_change, on.current) == (False, "on")
    assert "does not have it" in recommended(evidence_of(size_of(runtime="nodejs22.x"))).why


def test_what_is_not_known_is_refused(size_of: Make, evidence_of: Gather) -> None:
    assert advice(evidence_of(size_of(runtime=None))) == Refusal(
        setting="SnapStart", missing="the history does not say the runtime"
    )
    few = advice(evidence_of(size_of(runtime="java21", **{**LONG_INIT, "init_count": 19})))
    assert isinstance(few, Refusal)
    assert "at least 20" in few.missing


def test_cold_starts_at_another_size_are_no_evidence(size_of: Make, evidence_of: Gather) -> None:
    """One long init at the size in use would else be the median of many short ones elsewhere."""
    one = {**LONG_INIT, "cold_starts": 1, "init_count": 1}
    found = advice(evidence_of(size_of(**one), size_of(memory_mb=256, **LONG_INIT)))
    assert isinstance(found, Refusal)
    assert "there are 1" in found.missing
    assert "(n=100)" in recommended(evidence_of(size_of(**LONG_INIT))).why
