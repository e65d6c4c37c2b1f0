"""GetMetricData: aggregates each metric in its period, evaluates the expressions, and answers page by page.

As documented, no token is given where a math expression is part of the request: what exceeds a page is left out then,
and the result is marked as partial. The label nobody chose is the name of the metric or the id of the expression.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.evaluation import Evaluation
from lambdascope_proxy.local.metrics.metric import asked_window
from lambdascope_proxy.local.metrics.point_pages import Position, point_page, position_of, token_of
from lambdascope_proxy.local.metrics.queries import MetricStat, Query, asked_queries
from lambdascope_proxy.local.metrics.samples import Series
from lambdascope_proxy.local.metrics.sources import Metrics
from lambdascope_proxy.local.metrics.windows import Window

MAX_POINTS = 100_800
_ORDERS = ("TimestampDescending", "TimestampAscending")
_Named = Sequence[tuple[str, str, Series]]  # id, label, points


def get_metric_data(asked: Asked, metrics: Metrics, now_s: float) -> Mapping[str, Any]:
    """Answer the operation."""
    asked.only("MetricDataQueries", "StartTime", "EndTime", "ScanBy", "MaxDatapoints", "NextToken")
    queries, window = asked_queries(asked), asked_window(asked, now_s)
    has_math = any(not isinstance(query.question, MetricStat) for query in queries)
    return _answer(asked, list(_results(queries, metrics, window)), has_math=has_math)


def _results(queries: Sequence[Query], metrics: Metrics, window: Window) -> Iterator[tuple[str, str, Series]]:
    found = {
        query.id: _series(query.question, query.label, metrics, window)
        for query in queries
        if isinstance(query.question, MetricStat)
    }
    trees = {query.id: query.question for query in queries if not isinstance(query.question, MetricStat)}
    evaluation = Evaluation(found, trees, window)
    evaluated = {name: evaluation.series(name) for name in trees}  # those not returned must be right, too
    for query in queries:
        if query.is_returned:
            for series in evaluated.get(query.id) or [found[query.id]]:
                yield query.id, _label(query, series, len(evaluated.get(query.id, ()))), series


def _series(stat: MetricStat, label: str | None, metrics: Metrics, window: Window) -> Series:
    samples = [sample for sample in metrics.samples(stat.key) if stat.unit in {None, sample.unit}]
    bins = window.bins(samples, stat.period_s)
    points = {start_s: value for start_s, each in bins.items() if (value := stat.statistic(each)) is not None}
    return Series(label=stat.key.name if label is None else label, period_s=stat.period_s, points=points)


def _label(query: Query, series: Series, count: int) -> str:
    if isinstance(query.question, MetricStat):
        return series.label
    own = query.id if query.label is None else query.label
    return own if count == 1 else f"{own} {series.label}".strip()


def _answer(asked: Asked, named: _Named, *, has_math: bool) -> Mapping[str, Any]:
    question = hashlib.sha256(asked.without("NextToken").encode()).hexdigest()[:16]
    newest_first = _order(asked) == _ORDERS[0]
    page = point_page([each for *_, each in named], _size(asked), _after(asked, question), newest_first=newest_first)
    results = [
        {
            "Id": name,
            "Label": label,
            "Timestamps": [time_s for time_s, _ in points],
            "Values": [value for _, value in points],
            "StatusCode": "Complete" if is_last else "PartialData",
        }
        for (name, label, _), points, is_last in zip(named, page.points, page.is_last, strict=True)
    ]
    token = {"NextToken": token_of(page.end, question)} if page.end and not has_math else {}
    return {"MetricDataResults": results, "Messages": [], **token}


def _order(asked: Asked) -> str:
    order = asked.text("ScanBy", _ORDERS[0])
    if order not in _ORDERS:
        raise invalid(f"The value {order} for parameter ScanBy is invalid.")
    return order


def _size(asked: Asked) -> int:
    size = asked.integer("MaxDatapoints", MAX_POINTS)
    if not 1 <= size <= MAX_POINTS:
        raise invalid(f"The value {size} for parameter MaxDatapoints must be between 1 and {MAX_POINTS}.")
    return size


def _after(asked: Asked, question: str) -> Position | None:
    if not asked.has("NextToken"):
        return None
    try:
        return position_of(asked.text("NextToken"), question)
    except ValueError as error:
        raise AwsError("InvalidNextToken", f"The token is invalid: {error}.") from None
