"""ListMetrics: the metrics that had data in the last two weeks, or in the last three hours.

A metric is listed at once, where AWS may take fifteen minutes.
"""

from collections.abc import Mapping
from typing import Any

from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.samples import MetricKey
from lambdascope_proxy.local.metrics.sources import Metrics
from lambdascope_proxy.local.paging import Key, page

MAX_PAGE = 500
MAX_FILTERS = 10
_LISTED_S = 14 * 86_400
_RECENT_S = 3 * 3600


def list_metrics(asked: Asked, metrics: Metrics, now_s: float) -> Mapping[str, Any]:
    """Answer the operation."""
    asked.only("Namespace", "MetricName", "Dimensions", "NextToken", "RecentlyActive", "IncludeLinkedAccounts")
    since_s = now_s - _age_s(asked)
    filters = _filters(asked)
    keys = [key for key in metrics.known() if _is_asked(key, asked, filters)]
    active = [key for key in keys if any(each.timestamp_ms >= since_s * 1000 for each in metrics.samples(key))]
    try:
        shown, token = page(active, _order, asked.text("NextToken") if asked.has("NextToken") else None, MAX_PAGE)
    except ValueError as error:
        raise invalid(f"not a page of this list: {error}") from None
    return {"Metrics": [_described(key) for key in shown], **({"NextToken": token} if token else {})}


def _age_s(asked: Asked) -> float:
    if not asked.has("RecentlyActive"):
        return _LISTED_S
    if asked.text("RecentlyActive") != "PT3H":
        raise invalid("The parameter RecentlyActive must be PT3H.")
    return _RECENT_S


def _filters(asked: Asked) -> list[tuple[str, str | None]]:
    given = asked.each("Dimensions")
    if len(given) > MAX_FILTERS:
        raise invalid(f"The collection Dimensions must not have more than {MAX_FILTERS} members.")
    return [(each.text("Name"), each.text("Value") if each.has("Value") else None) for each in given]


def _is_asked(key: MetricKey, asked: Asked, filters: list[tuple[str, str | None]]) -> bool:
    is_named = key.namespace == asked.text("Namespace", key.namespace) and key.name == asked.text(
        "MetricName", key.name
    )
    has = dict(key.dimensions)
    return is_named and all(name in has and value in {None, has[name]} for name, value in filters)


def _order(key: MetricKey) -> Key:
    return "\0".join([key.namespace, key.name, *(text for pair in key.dimensions for text in pair)]), 0


def _described(key: MetricKey) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.dimensions]
    return {"Namespace": key.namespace, "MetricName": key.name, "Dimensions": dimensions}
