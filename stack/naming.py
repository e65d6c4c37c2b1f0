"""Are the metrics called in Prometheus what dashboards and alerts take them to be called?"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from lambdascope_dashboards.prometheus_names import series_names
from lambdascope_proxy.telemetry.metric import Metric

OURS: Final = re.compile("(lambdascope|mcp)_")


def misnamed(metrics: Collection[Metric], series: Collection[str]) -> Iterator[str]:
    """A line for each declared metric that is not there, and each series of ours that no declared metric has."""
    expected = {name: metric for metric in metrics for name in series_names(metric)}
    for name, metric in expected.items():
        if name not in series:
            yield f"there is no series {name} of {metric.name}"
    for name in series:
        if OURS.match(name) and name not in expected:
            yield f"series {name} belongs to no declared metric"
