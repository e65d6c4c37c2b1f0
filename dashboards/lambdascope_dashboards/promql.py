"""Writes PromQL over our metrics: each series filtered by every variable of the dashboard that its labels know."""

from collections.abc import Sequence
from typing import Final

from lambdascope_dashboards.prometheus_names import label, prometheus_name
from lambdascope_proxy import names
from lambdascope_proxy.call import SUCCESSES, OutcomeKind
from lambdascope_proxy.telemetry.metric import Metric

ENVIRONMENT: Final = "deployment.environment.name"
# Variable of the dashboards -> the attributes it filters by.
FILTERS: Final = {
    "environment": (ENVIRONMENT,),
    "region": (names.FAAS_REGION, names.CLOUD_REGION),
    "function": (names.FAAS_NAME,),
    "client": (names.CLIENT_NAME,),
}
STEP: Final = "$__rate_interval"
RANGE: Final = "$__range"


def where(attribute: str, operator: str, value: str) -> str:
    """A condition on a label."""
    return f'{label(attribute)}{operator}"{value}"'


FAILED: Final = where(names.OUTCOME, "!~", "|".join(sorted(SUCCESSES)))
# Invokes that came back from an environment. One that was throttled or queued did not run, or not while it was waited
# for; of one that was cancelled or cut off nobody knows.
RAN: Final = frozenset(
    {
        OutcomeKind.OK,
        OutcomeKind.FUNCTION_ERROR,
        OutcomeKind.FUNCTION_TIMEOUT,
        OutcomeKind.OUT_OF_MEMORY,
        OutcomeKind.TOOL_ERROR,
    }
)
EXECUTED: Final = where(names.OUTCOME, "=~", "|".join(sorted(RAN)))


def series(metric: Metric, part: str = "", only: Sequence[str] = ()) -> str:
    """The series of a metric, of a histogram one part of it (`bucket`, `count` or `sum`), as the variables filter."""
    known = (ENVIRONMENT, *metric.attributes)
    filters = [
        where(attribute, "=~", f"${variable}")
        for variable, attributes in FILTERS.items()
        for attribute in attributes
        if attribute in known
    ]
    name = prometheus_name(metric) + (f"_{part}" if part else "")
    return f"{name}{{{', '.join([*filters, *only])}}}"


def rate(
    metric: Metric,
    by: Sequence[str] = (),
    *,
    part: str = "",
    only: Sequence[str] = (),
    over: str = STEP,
) -> str:
    """How fast a counter grows, for each second, added up."""
    return f"sum{_by(by)} (rate({series(metric, part, only)}[{over}]))"


def growth(
    metric: Metric, by: Sequence[str] = (), *, part: str = "", only: Sequence[str] = (), over: str = RANGE
) -> str:
    """How much a counter grew, within the time range of the dashboard if not said otherwise."""
    return f"sum{_by(by)} (increase({series(metric, part, only)}[{over}]))"


def quantile(
    share: float, metric: Metric, by: Sequence[str] = (), *, only: Sequence[str] = (), over: str = STEP
) -> str:
    """A percentile of a histogram."""
    return f"histogram_quantile({share:g}, {rate(metric, ['le', *by], part='bucket', only=only, over=over)})"


def mean(metric: Metric, by: Sequence[str] = (), *, only: Sequence[str] = ()) -> str:
    """The mean of a histogram's values."""
    return f"{rate(metric, by, part='sum', only=only)} / {rate(metric, by, part='count', only=only)}"


def share(part: str, whole: str) -> str:
    """What share of the whole a part is; 0 where the part has no series yet."""
    return f"({or_zero(part, whole)}) / {whole}"


def or_zero(part: str, whole: str) -> str:
    """A part that has no series until something happens: 0 if the whole is reported, and nothing if that is not."""
    return f"{part} or {whole} * 0"


def most(metric: Metric, by: Sequence[str] = ()) -> str:
    """The highest of a gauge's series."""
    return f"max{_by(by)} ({series(metric)})"


def least(metric: Metric, by: Sequence[str] = ()) -> str:
    """The lowest of a gauge's series."""
    return f"min{_by(by)} ({series(metric)})"


def total(metric: Metric, by: Sequence[str] = ()) -> str:
    """All series of a gauge, added up."""
    return f"sum{_by(by)} ({series(metric)})"


def _by(attributes: Sequence[str]) -> str:
    return f" by ({', '.join(label(each) for each in attributes)})" if attributes else ""
