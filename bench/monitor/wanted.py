"""What a right answer says: figures worked out from the account's past, and how many of them an answer has. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose

from bench.monitor.aws_calls import most_at_once
from bench.monitor.past import MESSAGES, Execution

Figures = Mapping[str, float | str | None]
Wanted = Mapping[str, float | str | frozenset[str]]  # of a set, any one
TOLERANCE = 0.005  # answers round
WORST = 10
EACH = ("invocations", "errors", "throttles", "duration_p95_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFigures:
    """What the fleet is asked of one function."""

    invocations: float
    errors: float
    throttles: float
    duration_p95_ms: float | None


def wanted_of_function(executions: Sequence[Execution]) -> Wanted:
    """Return the figures one function is asked about; times in ms, memory in MB."""
    ran = [one.record for one in executions if one.record.outcome != "throttled"]
    durations = [record.duration_ms for record in ran]
    inits = [record.init_ms for record in ran if record.init_ms is not None]
    return {
        "invocations": len(ran),
        "errors": sum(record.outcome != "success" for record in ran),
        "throttles": len(executions) - len(ran),
        **{f"duration p{percent}": percentile(durations, percent) for percent in (50, 90, 95, 99)},
        "duration max": max(durations),
        "concurrency max": most_at_once(
            (one.record.started_ms, one.ended_ms) for one in executions if one.record.outcome != "throttled"
        ),
        "cold starts": len(inits),
        "init p50": percentile(inits, 50),
        "init p95": percentile(inits, 95),
        "timeouts": sum(record.outcome == "timeout" for record in ran),
        "out of memory": sum(record.error_type == "Runtime.OutOfMemory" for record in ran),
        "memory used": max(record.max_memory_mb for record in ran),
        "memory size": max(record.memory_mb for record in ran),
        "billed GB-s": sum(record.billed_ms * record.memory_mb for record in ran) / 1024 / 1000,
        "series of invocations": len(ran),
        **_top_error(executions),
    }


def wanted_of_fleet(fleet: Mapping[str, Sequence[Execution]]) -> dict[str, FunctionFigures]:
    """Return the figures of each function that has traffic."""
    return {name: _fleet_figures(executions) for name, executions in fleet.items()}


def wrong_or_missing(found: Figures, wanted: Wanted) -> list[str]:
    """Return the names of the wanted figures that were not found, or not right."""
    return [name for name, value in wanted.items() if not _is_right(found.get(name), value)]


def wrong_of_worst(found: Mapping[str, FunctionFigures], wanted: Mapping[str, FunctionFigures]) -> list[str]:
    """Return what is not right of the functions with most errors, which must be among the found ones."""
    worst = sorted((figures.errors for figures in wanted.values()), reverse=True)[:WORST]
    ranked = sorted(found.items(), key=lambda item: item[1].errors, reverse=True)[:WORST]
    wrong = [f"{name}: {what}" for name, figures in ranked for what in _differences(figures, wanted.get(name))]
    wrong += [f"no. {place}: {what}" for place in range(len(ranked) + 1, WORST + 1) for what in EACH]
    return wrong if [figures.errors for _, figures in ranked] == worst else [*wrong, f"which {WORST} are worst"]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile, linear between the two nearest values, as the local CloudWatch has it."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _top_error(executions: Iterable[Execution]) -> Wanted:
    failed = [one.record for one in executions if one.record.error_type in MESSAGES]
    ((kind, count),) = Counter(record.error_type for record in failed).most_common(1)
    assert kind is not None
    ids = frozenset(record.request_id for record in failed if record.error_type == kind)
    return {"top error": f"{kind}: {MESSAGES[kind]}", "its count": count, "a request id of it": ids}


def _fleet_figures(executions: Sequence[Execution]) -> FunctionFigures:
    durations = [one.record.duration_ms for one in executions if one.record.outcome != "throttled"]
    return FunctionFigures(
        invocations=len(durations),
        errors=sum(one.record.outcome not in {"success", "throttled"} for one in executions),
        throttles=len(executions) - len(durations),
        duration_p95_ms=percentile(durations, 95),
    )


def _differences(found: FunctionFigures, wanted: FunctionFigures | None) -> list[str]:
    return [name for name in EACH if wanted is None or not _is_right(getattr(found, name), getattr(wanted, name))]


def _is_right(found: float | str | None, wanted: float | str | frozenset[str] | None) -> bool:
    if isinstance(wanted, frozenset):
        return found in wanted
    if isinstance(found, str) or isinstance(wanted, str) or found is None or wanted is None:
        return found == wanted
    return isclose(found, wanted, rel_tol=TOLERANCE)
