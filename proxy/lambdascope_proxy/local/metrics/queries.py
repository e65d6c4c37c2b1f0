"""The queries of GetMetricData: each asks for a statistic of a metric, or for what an expression makes of others."""

import re
from dataclasses import dataclass

from lambdascope_proxy.local.metrics.aggregates import Statistic
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.expressions import Node, parse_expression
from lambdascope_proxy.local.metrics.metric import asked_period, asked_statistic, asked_unit, metric_key
from lambdascope_proxy.local.metrics.samples import MetricKey

MAX_QUERIES = 500
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricStat:
    """A statistic of a metric in each period; a unit of None means any."""

    key: MetricKey
    period_s: int
    statistic: Statistic
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query; a label of None was not chosen by the caller."""

    id: str
    question: MetricStat | Node
    label: str | None
    is_returned: bool


def asked_queries(asked: Asked) -> list[Query]:
    """The queries of a request."""
    given = asked.each("MetricDataQueries")
    if not 1 <= len(given) <= MAX_QUERIES:
        raise invalid(f"The collection MetricDataQueries must have 1 to {MAX_QUERIES} members, not {len(given)}.")
    queries = [_query(each) for each in given]
    if len({query.id for query in queries}) < len(queries):
        raise invalid("The values for parameter Id in MetricDataQueries are not unique.")
    return queries


def _query(asked: Asked) -> Query:
    asked.only("Id", "MetricStat", "Expression", "Label", "ReturnData")
    if asked.has("MetricStat") == asked.has("Expression"):
        raise invalid(f"Exactly one of {asked.path('MetricStat')} and {asked.path('Expression')} must be specified.")
    return Query(
        id=_id(asked),
        question=_metric_stat(asked.inner("MetricStat")) if asked.has("MetricStat") else _expression(asked),
        label=_label(asked),
        is_returned=asked.flag("ReturnData", default=True),
    )


def _id(asked: Asked) -> str:
    given = asked.text("Id")
    if not _ID.fullmatch(given):
        raise invalid(f"The value {given} for parameter {asked.path('Id')} must start with a lowercase letter.")
    return given


def _label(asked: Asked) -> str | None:
    if not asked.has("Label"):
        return None
    label = asked.text("Label")
    if "${" in label:
        raise invalid(f"{asked.path('Label')}: dynamic labels are not implemented by the local AWS.")
    return label


def _metric_stat(asked: Asked) -> MetricStat:
    asked.only("Metric", "Period", "Stat", "Unit")
    metric = asked.inner("Metric")
    metric.only("Namespace", "MetricName", "Dimensions")
    return MetricStat(
        key=metric_key(metric),
        period_s=asked_period(asked),
        statistic=asked_statistic(asked.text("Stat"), asked.path("Stat")),
        unit=asked_unit(asked),
    )


def _expression(asked: Asked) -> Node:
    try:
        return parse_expression(asked.text("Expression"))
    except ValueError as error:
        raise invalid(f"Error in expression '{asked.text('Id')}': {error}.") from None
