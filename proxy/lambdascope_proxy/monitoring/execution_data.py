"""The answer about executions as structured content: what was asked for, with None for what is not known. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from lambdascope_proxy.monitoring.error_data import top_error_data
from lambdascope_proxy.monitoring.execution_cost import ExecutionCost
from lambdascope_proxy.monitoring.execution_question import Found, Question
from lambdascope_proxy.monitoring.measures import METRIC_TYPES
from lambdascope_proxy.monitoring.next_step import Signs
from lambdascope_proxy.monitoring.shown import iso, plain, rounded
from lambdascope_proxy.monitoring.top_errors import ErrorKind


def data_of(
    question: Question, found: Found, cost: ExecutionCost | None, scrub: Callable[[str], str]
) -> dict[str, Any]:
    """Everything that was asked; the next step is for who has seen it all."""
    window = question.window
    return {
        "function_name": question.function.name,
        **({"qualifier": question.qualifier, "versions": list(question.versions)} if question.qualifier else {}),
        "region": question.function.region,
        "window": {"start": iso(window.start), "end": iso(window.end), "period_s": question.period_s},
        "invocations": _invocations(found),
        **{kind: figures(question, found) for kind, figures in _FIGURES.items() if kind in question.wanted},
        **({"cost": _cost(cost)} if cost else {}),
        **({"top_errors": _errors(found, scrub)} if question.include_errors else {}),
        **({"series": _series(question, found)} if found.metrics else {}),
        "newest_data": iso(found.metrics.newest_at) if found.metrics and found.metrics.newest_at else None,
        "partial": list(found.partial),
        "bill": found.bill.as_data(),
        "cached": found.is_cached,
    }


def signs_of(question: Question, data: Mapping[str, Any], found: Found) -> Signs:
    """What the advice looks at."""
    kinds = [kind for kind in found.errors.kinds if not kind.is_logged_only] if found.errors else []
    return Signs(
        function_name=question.function.name,
        invocations=_at(data, "invocations", "count"),
        errors=_failures(data, kinds),
        throttles=_at(data, "throttles"),
        timeouts=_at(data, "timeouts", "count"),
        out_of_memory=_at(data, "timeouts", "out_of_memory"),
        timeout_s=question.function.timeout_s,
        memory_mb=_at(data, "memory", "configured_mb") or question.function.memory_mb,
        memory_share=_at(data, "memory", "share"),
        cold_share=_at(data, "cold_starts", "rate"),
        concurrency_share=_concurrency_share(found),
        top_request_id=kinds[0].request_id if kinds else None,
        is_whole=not found.partial,
        is_all=question.wanted.issuperset(METRIC_TYPES),
    )


def _failures(data: Mapping[str, Any], kinds: Sequence[ErrorKind]) -> float:
    """How many executions failed, by whichever source that was asked knows of most: metrics lag behind logs."""
    counted = _at(data, "errors", "count") or 0
    return max(counted, sum(kind.count for kind in kinds), _at(data, "timeouts", "crashes") or 0)


def _invocations(found: Found) -> dict[str, Any]:
    count = _metric(found, "invocations")
    source = "metrics"
    if count is None and found.logs:
        count, source = found.logs.executions, "logs"
    seen = found.seen.executions if found.seen else None
    share = round(seen / count, 4) if seen is not None and count else None
    return {
        "count": None if count is None else round(count),
        "source": source if count is not None else None,
        "through_this_proxy": seen,
        "share": share,
    }


def _error_rate(question: Question, found: Found) -> dict[str, Any]:
    errors, invocations = _metric(found, "errors"), _metric(found, "invocations")
    rate = round(errors / invocations, 4) if errors is not None and invocations else None
    return {"count": None if errors is None else round(errors), "rate": rate}


def _throttles(question: Question, found: Found) -> int | None:
    throttles = _metric(found, "throttles")
    return None if throttles is None else round(throttles)


def _duration(question: Question, found: Found) -> dict[str, Any]:
    return {f"{key}_ms": rounded(_metric(found, f"duration_{key}")) for key in ("p50", "p90", "p95", "p99", "max")}


def _concurrency(question: Question, found: Found) -> dict[str, Any]:
    limit = found.limit
    provisioned = {
        key: rounded(value)
        for key in ("provisioned_utilization", "provisioned_spillover")
        if (value := _metric(found, key)) is not None
    }
    return {
        "max": rounded(_metric(found, "concurrency_max")),
        "limit": limit.limit if limit else None,
        "limit_of": ("function" if limit.is_reserved else "account") if limit else None,
        **provisioned,
    }


def _asynchronous(question: Question, found: Found) -> dict[str, Any] | None:
    """None where nothing was asynchronous."""
    return _those(
        found, "async_received", "async_dropped", "async_age_max", "dead_letter_errors", "destination_failures"
    )


def _iterator(question: Question, found: Found) -> dict[str, Any] | None:
    """None where the function reads no stream."""
    return _those(found, "iterator_age_max", "offset_lag_max")


def _those(found: Found, *keys: str) -> dict[str, Any] | None:
    known = {key: rounded(value) for key in keys if (value := _metric(found, key)) is not None}
    units = {f"{key}_ms" if "_age_" in key else key: value for key, value in known.items()}
    return units or None


def _cold_starts(question: Question, found: Found) -> dict[str, Any] | None:
    logs = found.logs
    if logs is None:
        return None
    rate = round(logs.cold_starts / logs.executions, 4) if logs.executions else None
    p50, p95 = rounded(logs.init_p50_ms), rounded(logs.init_p95_ms)
    return {"count": logs.cold_starts, "rate": rate, "init_p50_ms": p50, "init_p95_ms": p95}


def _timeouts(question: Question, found: Found) -> dict[str, Any] | None:
    logs = found.logs
    if logs is None:
        return None
    return {"count": logs.timeouts, "out_of_memory": logs.out_of_memory, "crashes": logs.crashes}


def _memory(question: Question, found: Found) -> dict[str, Any] | None:
    logs = found.logs
    if logs is None:
        return None
    configured = logs.memory_mb or question.function.memory_mb
    used = logs.memory_used_mb
    share = None if used is None else round(used / configured, 4)
    return {"used_max_mb": rounded(used), "configured_mb": configured, "share": share}


def _cost(cost: ExecutionCost) -> dict[str, Any]:
    return {
        "usd": plain(cost.cost_usd),
        "gb_s": None if cost.gb_s is None else plain(round(cost.gb_s, 9)),
        "source": cost.source,
        "rates_version": cost.rates_version,
    }


def _errors(found: Found, scrub: Callable[[str], str]) -> list[dict[str, Any]] | None:
    return top_error_data(found.errors.kinds, scrub) if found.errors else None


def _series(question: Question, found: Found) -> dict[str, Any]:
    assert found.metrics is not None
    named = {
        f"{key}_ms" if key.startswith("duration") or "_age_" in key else key: [_short(value) for value in line]
        for key, line in found.metrics.drawn.values.items()
        if any(key.startswith(kind) for kind in question.series)
    }
    return {"start": iso(question.window.start), "period_s": question.period_s, **named}


def _at(data: Mapping[str, Any], *path: str) -> Any:
    """What stands there; None for what was not asked or is not known."""
    value: Any = data
    for key in path:
        value = value.get(key) if value else None
    return value


def _metric(found: Found, key: str) -> float | None:
    return found.metrics.whole.get(key) if found.metrics else None


def _concurrency_share(found: Found) -> float | None:
    highest = _metric(found, "concurrency_max")
    return highest / found.limit.limit if highest is not None and found.limit and found.limit.limit else None


def _short(value: float | None) -> float | None:
    """A point of a series, in as few characters as tell it."""
    if value is None:
        return None
    return round(value) if value >= 100 or value == int(value) else round(value, 1)


_Figures = Callable[[Question, Found], Any]
_FIGURES: Final[Mapping[str, _Figures]] = {
    "errors": _error_rate,
    "throttles": _throttles,
    "duration": _duration,
    "concurrency": _concurrency,
    "async": _asynchronous,
    "iterator": _iterator,
    "cold_starts": _cold_starts,
    "timeouts": _timeouts,
    "memory": _memory,
}
