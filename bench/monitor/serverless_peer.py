"""AWS's serverless server: its metrics tool twice (whole window, series), and its log tool, which runs `sam logs`."""

from collections.abc import Sequence
from typing import Any

from bench.errors import WrongAnswerError
from bench.monitor.asking import Answer, ToolCall, Window
from bench.monitor.metric_questions import LOG_GROUP, SERIES_S
from bench.monitor.past import FUNCTION
from bench.monitor.wanted import Figures, FunctionFigures

NAMES = {"invocations": "invocations", "errors": "errors", "throttles": "throttles", "duration (p99)": "duration p99"}


def one_function(window: Window) -> list[ToolCall]:
    """Return the calls that get what its metrics tool knows of a function."""
    return [_metrics(window, FUNCTION, window.seconds, _whole), _metrics(window, FUNCTION, SERIES_S, _series)]


def one_function_and_logs(window: Window) -> list[ToolCall]:
    """Return these and the one call that reaches its log, of which it gives every line: the reader has to count."""
    span = {"start_time": _sam_time(window.start), "end_time": _sam_time(window.end)}
    logs = ToolCall(tool="sam_logs", arguments={"cw_log_group": [LOG_GROUP], **span}, read=_lines)
    return [*one_function(window), logs]


def fleet(window: Window, functions: Sequence[str]) -> list[ToolCall]:
    """Return a call per function: the tool knows one at a time, and no p95."""
    return [_metrics(window, name, window.seconds, _fleet_reader(name)) for name in functions]


def _fleet_reader(name: str) -> Any:
    def read(answer: Answer) -> dict[str, FunctionFigures]:
        values = {metric: sum(points) for metric, points in _values(answer).items()}
        figures = {metric: values[metric] for metric in ("invocations", "errors", "throttles")}
        return {name: FunctionFigures(**figures, duration_p95_ms=None)}

    return read


def _metrics(window: Window, function: str, period_s: int, read: Any) -> ToolCall:
    arguments: dict[str, Any] = {
        "project_name": function,
        "start_time": window.start.isoformat(),
        "end_time": window.end.isoformat(),
        "period": period_s,
        "resources": ["lambda"],
    }
    return ToolCall(tool="get_metrics", arguments=arguments, read=read)


def _whole(answer: Answer) -> Figures:
    return {NAMES[name]: sum(values) for name, values in _values(answer).items() if name in NAMES}


def _series(answer: Answer) -> Figures:
    return {"series of invocations": sum(_values(answer)["invocations"])}


def _lines(answer: Answer) -> Figures:
    _succeeded(answer)
    return {}


def _values(answer: Answer) -> dict[str, list[float]]:
    metrics = _succeeded(answer)["metrics"]["lambda"]
    return {name: [point["value"] for point in points] for name, points in metrics.items()}


def _succeeded(answer: Answer) -> dict[str, Any]:
    data = answer.data()
    if data.get("success") is not True:  # the tool returns its errors as a success of the protocol
        raise WrongAnswerError(str(data.get("message")))
    return data


def _sam_time(moment: Any) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
