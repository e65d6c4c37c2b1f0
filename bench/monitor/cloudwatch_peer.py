"""AWS's CloudWatch server, asked as an expert would: every metric in one call, and two queries of one's own writing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.errors import WrongAnswerError
from bench.monitor.asking import Answer, ToolCall, Window
from bench.monitor.metric_questions import FLEET, LOG_GROUP, REPORTS, SERIES, SERIES_S, TOP_ERRORS, WHOLE
from bench.monitor.past import FUNCTION
from bench.monitor.wanted import Figures, FunctionFigures

# GetMetricData takes 500 queries, and the tool does not divide them.
FUNCTIONS_AT_ONCE = 500 // len(FLEET)
COLUMNS = {"billed_gbs": "billed GB-s"}


def one_function(window: Window) -> list[ToolCall]:
    """Return the calls that get every wanted figure of a function."""
    ids = _ids([*WHOLE, *SERIES])
    names = {number: name for name, number in ids.items()}
    queries = [_query(ids[name], FUNCTION, *what, window.seconds) for name, what in WHOLE.items()]
    queries += [_query(ids[name], FUNCTION, *what, SERIES_S) for name, what in SERIES.items()]

    def metrics(answer: Answer) -> Figures:
        return {names[number]: sum(values) for number, values in _values(answer).items() if values}

    return [_metrics(window, queries, metrics), _logs(window, REPORTS, _reports), _logs(window, TOP_ERRORS, _top_error)]


def fleet(window: Window, functions: Sequence[str]) -> list[ToolCall]:
    """Return the calls that get every function's metrics; their names must be known already."""
    firsts = range(0, len(functions), FUNCTIONS_AT_ONCE)
    return [_fleet_part(window, functions[first : first + FUNCTIONS_AT_ONCE]) for first in firsts]


def _fleet_part(window: Window, functions: Sequence[str]) -> ToolCall:
    queries = [
        _query(f"f{number}m{index}", name, *what, window.seconds)
        for number, name in enumerate(functions)
        for index, what in enumerate(FLEET)
    ]

    def read(answer: Answer) -> dict[str, FunctionFigures]:
        values = _values(answer)
        return {name: _figures(values, number) for number, name in enumerate(functions)}

    return _metrics(window, queries, read)


def _figures(values: Mapping[str, list[float]], number: int) -> FunctionFigures:
    invocations, errors, throttles = (sum(values[f"f{number}m{index}"]) for index in range(3))
    p95 = values[f"f{number}m3"]
    return FunctionFigures(
        invocations=invocations, errors=errors, throttles=throttles, duration_p95_ms=p95[0] if len(p95) == 1 else None
    )


def _ids(names: Iterable[str]) -> dict[str, str]:
    return {name: f"q{number}" for number, name in enumerate(names)}


def _query(number: str, function: str, metric: str, statistic: str, period_s: int) -> dict[str, Any]:
    stat = {
        "namespace": "AWS/Lambda",
        "metric_name": metric,
        "dimensions": [{"name": "FunctionName", "value": function}],
        "statistic": statistic,
        "period": period_s,
    }
    return {"id": number, "metric_stat": stat}


def _metrics(window: Window, queries: Sequence[dict[str, Any]], read: Any) -> ToolCall:
    span = {"start_time": window.start.isoformat(), "end_time": window.end.isoformat()}
    return ToolCall(tool="get_metric_data", arguments={**span, "queries": list(queries)}, read=read)


def _logs(window: Window, text: str, read: Any) -> ToolCall:
    span = {"start_time": window.start.isoformat(), "end_time": window.end.isoformat()}
    arguments = {"log_group_names": [LOG_GROUP], **span, "query_string": text}
    return ToolCall(tool="execute_log_insights_query", arguments=arguments, read=read)


def _values(answer: Answer) -> dict[str, list[float]]:
    results = answer.data()["metricDataResults"]
    return {result["id"]: [point["value"] for point in result["datapoints"]] for result in results}


def _reports(answer: Answer) -> Figures:
    (row,) = _rows(answer)
    return {COLUMNS.get(name, name.replace("_", " ")): float(value) for name, value in row.items()}


def _top_error(answer: Answer) -> Figures:
    top = _rows(answer)[0]
    return {"top error": top["error"], "its count": float(top["n"])}


def _rows(answer: Answer) -> list[dict[str, str]]:
    data = answer.data()
    if data.get("status") != "Complete":  # the tool returns its errors as a success
        raise WrongAnswerError(f"{data.get('status')}: {data.get('message', '')}")
    return data["results"]
