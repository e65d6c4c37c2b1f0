"""Turns advice that agents get, in calls of tools, into commands for people. Pure."""

import ast
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

_CALL: Final = re.compile(
    r"\b(monitor_executions|query_logs|inspect_execution|analyze_cost|forecast_cost|"
    r"analyze_latency|analyze_errors|compare_periods|recommend_settings)\([^()]*\)"
)
_NAMES: Final = {
    "monitor_fleet": "`lambdascope monitor --fleet`",
    "monitor_executions": "`lambdascope monitor FUNCTION`",
    "query_logs": "`lambdascope logs FUNCTION`",
    "inspect_execution": "`lambdascope inspect ID`",
    "list_functions": "`lambdascope functions`",
    "analyze_cost": "`lambdascope cost`",
    "forecast_cost": "`lambdascope forecast`",
    "analyze_latency": "`lambdascope latency`",
    "analyze_errors": "`lambdascope errors`",
    "compare_periods": "`lambdascope compare`",
    "recommend_settings": "`lambdascope recommend FUNCTION`",
    "time_range": "time range",
    "sort_by": "--sort-by",
    "under partial": "after 'Incomplete'",
}
_NAME: Final = re.compile(rf"\b({'|'.join(_NAMES)})\b")
# What an agent is to fill in.
_GAP: Final = "..."


def as_commands(advice: str) -> str:
    """The advice with every call of a tool as the command that does the same, and every tool as its command."""
    return _NAME.sub(lambda found: _NAMES[found[0]], _CALL.sub(lambda found: _command(found[0]), advice))


def _command(text: str) -> str:
    try:
        call: Any = ast.parse(text, mode="eval").body
        given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        words = ["lambdascope", *_WORDS[call.func.id](given)]
    except (SyntaxError, ValueError, KeyError):
        return text
    return f"`{' '.join(word if word in _GAPS else shlex.quote(word) for word in words)}`"


def _monitor(given: Mapping[str, Any]) -> list[str]:
    return ["monitor", _filled(given["function_name"], "FUNCTION")]


def _logs(given: Mapping[str, Any]) -> list[str]:
    names = [_filled(name, "FUNCTION") for name in given["function_names"]]
    return ["logs", *names, "--preset", given["preset"]]


def _inspect(given: Mapping[str, Any]) -> list[str]:
    return ["inspect", _filled(given.get("request_id") or given["call_id"], "ID")]


def _recommend(given: Mapping[str, Any]) -> list[str]:
    time_range = given.get("time_range", {})
    options = [
        word for name in ("last", "start", "end") if name in time_range for word in (f"--{name}", time_range[name])
    ]
    return ["recommend", _filled(given["function_name"], "FUNCTION"), *options]


def _analysis(command: str) -> Callable[[Mapping[str, Any]], list[str]]:
    """For commands whose options are those of their tool."""

    def words(given: Mapping[str, Any]) -> list[str]:
        before = {f"before_{name}": time for name, time in given.get("a", {}).items()}
        known = {**given, **given.get("time_range", {}), **given.get("b", {}), **before}
        return [
            command,
            *(word for name, option in _OPTIONS.items() if name in known for word in (option, known[name])),
        ]

    return words


def _filled(value: str, gap: str) -> str:
    return gap if value == _GAP else value


_OPTIONS: Final = {
    "function_name": "--function",
    "group_by": "--by",
    "last": "--last",
    "start": "--start",
    "end": "--end",
    "before_start": "--before-start",
    "before_end": "--before-end",
    "version": "--version",
    "before_version": "--before-version",
}
_GAPS: Final = frozenset({"FUNCTION", "ID"})
_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "monitor_executions": _monitor,
    "query_logs": _logs,
    "inspect_execution": _inspect,
    "analyze_cost": _analysis("cost"),
    "forecast_cost": _analysis("forecast"),
    "analyze_latency": _analysis("latency"),
    "analyze_errors": _analysis("errors"),
    "compare_periods": _analysis("compare"),
    "recommend_settings": _recommend,
}
