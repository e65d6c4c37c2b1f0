"""lambdascope, asked with one call of the tool that is made for the question; its figures are in structured content."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.errors import WrongAnswerError
from bench.monitor.asking import Answer, ToolCall, Window
from bench.monitor.past import FUNCTION
from bench.monitor.wanted import WORST, Figures, FunctionFigures

PLACES = {
    "invocations": ("invocations", "count"),
    "errors": ("errors", "count"),
    "throttles": ("throttles",),
    **{f"duration {key}": ("duration", f"{key}_ms") for key in ("p50", "p90", "p95", "p99", "max")},
    "concurrency max": ("concurrency", "max"),
    "cold starts": ("cold_starts", "count"),
    "init p50": ("cold_starts", "init_p50_ms"),
    "init p95": ("cold_starts", "init_p95_ms"),
    "timeouts": ("timeouts", "count"),
    "out of memory": ("timeouts", "out_of_memory"),
    "memory used": ("memory", "used_max_mb"),
    "memory size": ("memory", "configured_mb"),
    "billed GB-s": ("cost", "gb_s"),
}


def one_function(window: Window) -> list[ToolCall]:
    """Return the one call, with everything on."""
    arguments = {"function_name": FUNCTION, "time_range": _range(window), "include_errors": True}
    return [ToolCall(tool="monitor_executions", arguments=arguments, read=_one)]


def fleet(window: Window, functions: Sequence[str]) -> list[ToolCall]:
    """Return the one call; it knows the functions itself."""
    arguments = {"time_range": _range(window), "sort_by": "errors", "limit": WORST}
    return [ToolCall(tool="monitor_fleet", arguments=arguments, read=_fleet)]


def new_answer(answer: Answer) -> Mapping[str, Any]:
    """Return the structured content.

    Raises:
        WrongAnswerError: it is an error, is incomplete, or comes out of a cache, so that nothing was measured.
    """
    data: Mapping[str, Any] = answer.result.get("structuredContent") or {}
    if answer.is_error or not data or data.get("cached") or data.get("partial"):
        raise WrongAnswerError(answer.text)
    return data


def _one(answer: Answer) -> Figures:
    data = new_answer(answer)
    found: dict[str, Any] = {name: _at(data, path) for name, path in PLACES.items()}
    found["billed GB-s"] = float(found["billed GB-s"])
    found["series of invocations"] = sum(point or 0 for point in data["series"]["invocations"])
    top = data["top_errors"][0]
    error = f"{top['error_type']}: {top['message']}"
    return {**found, "top error": error, "its count": top["count"], "a request id of it": top["request_id"]}


def _fleet(answer: Answer) -> dict[str, FunctionFigures]:
    names = ("invocations", "errors", "throttles", "duration_p95_ms")
    entries = new_answer(answer)["functions"]
    return {entry["name"]: FunctionFigures(**{name: entry[name] for name in names}) for entry in entries}


def _at(data: Any, path: Sequence[str]) -> Any:
    for key in path:
        data = data[key]
    return data


def _range(window: Window) -> dict[str, str]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}
