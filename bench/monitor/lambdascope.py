"""lambdascope, asked with one call of the tool that is made for the question."""

from collections.abc import Sequence

from bench.monitor.asking import Answer, ToolCall, Window
from bench.monitor.past import FUNCTION
from bench.monitor.wanted import WORST, Figures, FunctionFigures


def one_function(window: Window) -> list[ToolCall]:
    """Return the one call, with everything on."""
    arguments = {"function_name": FUNCTION, "time_range": _range(window), "include_errors": True}
    return [ToolCall(tool="monitor_executions", arguments=arguments, read=_one)]


def fleet(window: Window, functions: Sequence[str]) -> list[ToolCall]:
    """Return the one call; it knows the functions itself."""
    arguments = {"time_range": _range(window), "sort_by": "errors", "limit": WORST}
    return [ToolCall(tool="monitor_fleet", arguments=arguments, read=_fleet)]


def _one(answer: Answer) -> Figures:
    return {}


def _fleet(answer: Answer) -> dict[str, FunctionFigures]:
    return {}


def _range(window: Window) -> dict[str, str]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}
