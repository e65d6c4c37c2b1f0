"""GetMetricData: checks the queries, aggregates each in its period, and answers page by page.

As documented, no token is given where a math expression is part of the request: what exceeds a page is left out then,
and the result is marked as partial. Labels are plain text; the label nobody chose is the name of the metric or the id.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.aggregates import Statistic
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.metric import asked_period, asked_statistic, asked_unit, asked_window, metric_key
from lambdascope_proxy.local.metrics.point_pages import Position, point_page, position_of, token_of
from lambdascope_proxy.local.metrics.samples import MetricKey, Series
from lambdascope_proxy.local.metrics.sources import Metrics
from lambdascope_proxy.local.metrics.windows import Window

MAX_QUERIES = 500
MAX_POINTS = 100_800
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _MetricStat:
    key: MetricKey
    period_s: int
    statistic: Statistic
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    id: str
    stat: _MetricStat
    label: str
    is_returned: bool


def get_metric_data(asked: Asked, metrics: Metrics, now_s: float) -> Mapping[str, Any]:
    """Answer the operation."""
    asked.only("MetricDataQueries", "StartTime", "EndTime", "ScanBy", "MaxDatapoints", "NextToken")
    queries = _queries(asked)
    window = asked_window(asked, now_s)
    series = [(query, _series(query, metrics, window)) for query in queries]
    return _answer(asked, [(query.id, each) for query, each in series if query.is_returned])


def _queries(asked: Asked) -> list[_Query]:
    given = asked.each("MetricDataQueries")
    if not 1 <= len(given) <= MAX_QUERIES:
        raise invalid(f"The collection MetricDataQueries must have 1 to {MAX_QUERIES} members, not {len(given)}.")
    queries = [_query(each) for each in given]
    ids = [query.id for query in queries]
    if len(set(ids)) < len(ids):
        raise invalid("The values for parameter id in MetricDataQueries are not unique.")
    return queries


def _query(asked: Asked) -> _Query:
    asked.only("Id", "MetricStat", "Label", "ReturnData")
    stat = _metric_stat(asked.inner("MetricStat"))
    return _Query(
        id=_id(asked), stat=stat, label=_label(asked, stat.key.name), is_returned=asked.flag("ReturnData", default=True)
    )


def _id(asked: Asked) -> str:
    given = asked.text("Id")
    if not _ID.fullmatch(given):
        raise invalid(f"The value {given} for parameter {asked.path('Id')} must start with a lowercase letter.")
    return given


def _label(asked: Asked, default: str) -> str:
    label = asked.text("Label", default)
    if "${" in label:
        raise invalid(f"{asked.path('Label')}: dynamic labels are not implemented by the local AWS.")
    return label


def _metric_stat(asked: Asked) -> _MetricStat:
    asked.only("Metric", "Period", "Stat", "Unit")
    metric = asked.inner("Metric")
    metric.only("Namespace", "MetricName", "Dimensions")
    return _MetricStat(
        key=metric_key(metric),
        period_s=asked_period(asked),
        statistic=asked_statistic(asked.text("Stat"), asked.path("Stat")),
        unit=asked_unit(asked),
    )


def _series(query: _Query, metrics: Metrics, window: Window) -> Series:
    stat = query.stat
    samples = [sample for sample in metrics.samples(stat.key) if stat.unit in {None, sample.unit}]
    bins = window.bins(samples, stat.period_s)
    points = {start_s: value for start_s, each in bins.items() if (value := stat.statistic(each)) is not None}
    return Series(label=query.label, period_s=stat.period_s, points=points)


def _answer(asked: Asked, named: Sequence[tuple[str, Series]]) -> Mapping[str, Any]:
    order = asked.text("ScanBy", "TimestampDescending")
    if order not in {"TimestampDescending", "TimestampAscending"}:
        raise invalid(f"The value {order} for parameter ScanBy is invalid.")
    size = asked.integer("MaxDatapoints", MAX_POINTS)
    if not 1 <= size <= MAX_POINTS:
        raise invalid(f"The value {size} for parameter MaxDatapoints must be between 1 and {MAX_POINTS}.")
    question = _question(asked)
    newest_first = order == "TimestampDescending"
    page = point_page([series for _, series in named], size, _after(asked, question), newest_first=newest_first)
    results = [
        {
            "Id": name,
            "Label": series.label,
            "Timestamps": [time_s for time_s, _ in points],
            "Values": [value for _, value in points],
            "StatusCode": "Complete" if is_last else "PartialData",
        }
        for (name, series), points, is_last in zip(named, page.points, page.is_last, strict=True)
    ]
    token = {"NextToken": token_of(page.end, question)} if page.end else {}
    return {"MetricDataResults": results, "Messages": [], **token}


def _after(asked: Asked, question: str) -> Position | None:
    if not asked.has("NextToken"):
        return None
    try:
        return position_of(asked.text("NextToken"), question)
    except ValueError as error:
        raise AwsError("InvalidNextToken", f"The token is invalid: {error}.") from None


def _question(asked: Asked) -> str:
    return hashlib.sha256(asked.without("NextToken").encode()).hexdigest()[:16]
