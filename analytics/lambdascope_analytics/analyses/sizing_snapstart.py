"""Advice on SnapStart: for runtimes that have it, where init is long. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import (
    SNAPSTART,
    UNCHANGED,
    Advice,
    Recommendation,
    Refusal,
    confidence_of,
    too_few,
)
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_prices import Prices, Saving

_LEAST_COLD_STARTS: Final = 20
_LONG_INIT_MS: Final = 1_000
# Rarer cold starts do not show in p99.
_OFTEN: Final = 0.01
# https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html, supported runtimes: these and later ones.
_SINCE: Final = {"java": (11,), "python": (3, 12), "dotnet": (8,)}
_RUNTIME: Final = re.compile(r"([a-z]+)(\d+(?:\.\d+)*)")
_RISK: Final = (
    "needs a published version; code that keeps connections, random numbers or time from init must renew them"
)


def advise_snapstart(evidence: Evidence) -> Iterator[Advice]:
    """Say whether to restore from snapshots instead of initialising."""
    current = evidence.current
    cold_starts = current.init_count
    runtime = next((size.runtime for size in evidence.sizes if size.runtime), None)
    if current.restores:
        yield _keep("on", f"{current.restores:,} restores seen", current.executions)
    elif runtime is None:
        yield Refusal(setting=SNAPSTART, missing="the history does not say the runtime")
    elif not has_snapstart(runtime):
        yield _keep("off", f"{runtime} does not have it", current.executions)
    elif cold_starts < _LEAST_COLD_STARTS:
        yield too_few(SNAPSTART, cold_starts, _LEAST_COLD_STARTS, "cold starts with an init time at the size in use")
    elif current.init_p50_ms is None or current.init_p50_ms < _LONG_INIT_MS:
        yield _keep("off", f"init is short: {_init(current)}", cold_starts)
    else:
        yield _priced(evidence, runtime, cold_starts)


def has_snapstart(runtime: str) -> bool:
    """Return whether Lambda restores functions of this runtime from snapshots."""
    found = _RUNTIME.match(runtime)
    since = _SINCE.get(found[1]) if found else None
    return bool(found and since and tuple(int(part) for part in found[2].split(".")) >= since)


def _init(size: Size) -> str:
    return f"p50 {size.init_p50_ms or 0:,.0f} ms, p95 {size.init_p95_ms or 0:,.0f} ms (n={size.init_count:,})"


def _keep(current: str, why: str, executions: int) -> Recommendation:
    return Recommendation(
        setting=SNAPSTART,
        is_change=False,
        current=current,
        suggested=UNCHANGED,
        why=why,
        confidence=confidence_of(executions, is_measured=True),
    )


def _priced(evidence: Evidence, runtime: str, cold_starts: int) -> Advice:
    current, costs = evidence.current, _costs(evidence, runtime, cold_starts)
    if costs is None:
        return Refusal(setting=SNAPSTART, missing=_missing(evidence.prices))
    init_mb_ms = Decimal(str(current.init_ms or 0)) * (current.memory_mb or 0)
    init_cost = evidence.prices.compute(init_mb_ms, current.architecture)
    if init_cost is None:
        return Refusal(setting=SNAPSTART, missing=evidence.prices.why_missing("compute_gb_s", current.architecture))
    return _weighed(evidence, runtime, init_cost, costs)


def _weighed(evidence: Evidence, runtime: str, init_cost: Decimal, costs: Decimal) -> Recommendation:
    cold_starts, executions = evidence.current.init_count, evidence.current.executions
    is_free = runtime.startswith("java")
    is_change = is_free or cold_starts >= _OFTEN * executions
    price = "is free for Java" if is_free else f"costs {evidence.prices.told(costs)} a month (one version)"
    why = (
        f"{cold_starts:,} of {executions:,} executions were cold, init {_init(evidence.current)}, costing "
        f"{evidence.prices.told(init_cost)} a month; it {price}; the time a restore takes is not known before"
    )
    return Recommendation(
        setting=SNAPSTART,
        is_change=is_change,
        purpose="less latency" if is_change else None,
        current="off",
        suggested="on (PublishedVersions)" if is_change else UNCHANGED,
        why=why if is_change else f"{why}; cold starts are too rare to show in p99",
        confidence=confidence_of(cold_starts, is_measured=False),
        risk=_RISK if is_change else "",
        # A restore may be billed, too: so much at most.
        **(evidence.prices.fields(Saving(most=init_cost - costs, least=-costs)) if is_change else {}),
    )


def _costs(evidence: Evidence, runtime: str, cold_starts: int) -> Decimal | None:
    """What the period would cost: one version's snapshot kept all the time, and a restore for every cold start."""
    if runtime.startswith("java"):
        return Decimal(0)
    architecture = evidence.current.architecture
    cache = evidence.prices.price("snapstart_cache_gb_s", architecture)
    restore = evidence.prices.price("snapstart_restore_gb", architecture)
    if cache is None or restore is None:
        return None
    memory_gb = Decimal(evidence.current.memory_mb or 0) / 1024
    return memory_gb * (cache * Decimal(evidence.period.seconds) + restore * cold_starts)


def _missing(prices: Prices) -> str:
    return f"rate table {prices.rates.version} has no SnapStart price for {prices.region}, and none is guessed"
