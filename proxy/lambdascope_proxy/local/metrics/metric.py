"""What requests ask of a metric: its name, dimensions and unit, a statistic, a period and a window."""

from lambdascope_proxy.local.metrics.aggregates import Statistic, statistic
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.samples import Dimensions, MetricKey, dimensions_of
from lambdascope_proxy.local.metrics.windows import Window, window_of

MAX_DIMENSIONS = 30
_RATES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits")
UNITS = frozenset(
    {
        *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"),
        *_RATES,
        *(f"{unit}/Second" for unit in _RATES),
        *("Terabits", "Terabits/Second"),
    }
)


def metric_key(asked: Asked) -> MetricKey:
    """The metric that Namespace, MetricName and Dimensions name."""
    return MetricKey(
        namespace=asked.text("Namespace"), name=asked.text("MetricName"), dimensions=asked_dimensions(asked)
    )


def asked_dimensions(asked: Asked) -> Dimensions:
    """The dimensions of a metric."""
    given = asked.each("Dimensions")
    pairs = {each.text("Name"): each.text("Value") for each in given}
    if len(given) > MAX_DIMENSIONS or len(pairs) < len(given):
        raise invalid(f"The collection {asked.path('Dimensions')} has more than 30 members, or one name twice.")
    return dimensions_of(pairs)


def asked_unit(asked: Asked) -> str | None:
    """The unit, or None if it does not matter."""
    if not asked.has("Unit"):
        return None
    unit = asked.text("Unit")
    if unit not in UNITS:
        raise invalid(f"The value {unit} for parameter {asked.path('Unit')} is invalid.")
    return unit


def asked_period(asked: Asked) -> int:
    """The period in seconds."""
    period_s = asked.integer("Period")
    if period_s < 60 or period_s % 60:
        raise invalid(f"The value {period_s} for parameter {asked.path('Period')} must be a multiple of 60.")
    return period_s


def asked_statistic(name: str, path: str) -> Statistic:
    """The statistic of that name."""
    try:
        return statistic(name)
    except ValueError:
        raise invalid(f"The value {name} for parameter {path} is not a valid statistic.") from None


def asked_window(asked: Asked, now_s: float) -> Window:
    """The window between StartTime and EndTime."""
    start_s, end_s = asked.number("StartTime"), asked.number("EndTime")
    if start_s == end_s:
        raise invalid("The parameter StartTime must not equal parameter EndTime.")
    if start_s > end_s:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    return window_of(start_s, end_s, now_s)
