"""What Prometheus calls a metric of ours: the Collector's translation `UnderscoreEscapingWithSuffixes`, for our units.

https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

import re
from typing import Final

from lambdascope_proxy.telemetry.metric import Metric

UNITS: Final = {"s": "seconds", "By": "bytes", "1": ""}
# Attributes of the resource that the Collector turns into labels of every series.
RESOURCE_LABELS: Final = ("service_name", "service_version", "service_instance_id", "deployment_environment_name")


def prometheus_name(metric: Metric) -> str:
    """The name of its series, of a histogram without `_bucket`, `_count` and `_sum`.

    Raises: ValueError for a unit whose suffix is not known here.
    """
    words = [word for word in re.split(r"[^a-zA-Z0-9:]", metric.name) if word]
    unit = _suffix(metric.unit)
    if unit and unit not in words:
        words.append(unit)
    if metric.kind == "counter":
        words = [*(word for word in words if word != "total"), "total"]
    if metric.kind == "gauge" and metric.unit == "1":
        words = [*(word for word in words if word != "ratio"), "ratio"]
    return "_".join(words)


def series_names(metric: Metric) -> tuple[str, ...]:
    """The names its series have in Prometheus."""
    name = prometheus_name(metric)
    return tuple(f"{name}_{part}" for part in ("bucket", "count", "sum")) if metric.kind == "histogram" else (name,)


def label(attribute: str) -> str:
    """What Prometheus calls an attribute."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", attribute)


def _suffix(unit: str) -> str:
    # What stands in braces only says what is counted.
    if re.fullmatch(r"\{[^}]*\}", unit):
        return ""
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r}: say here what its suffix in Prometheus is")
    return UNITS[unit]
