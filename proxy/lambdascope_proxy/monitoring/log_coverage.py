"""Whether the reports in a log are those of the executions that CloudWatch counted. Pure."""

import math
from datetime import datetime, timedelta
from typing import Final

from lambdascope_proxy.cloudwatch.log_groups import LogGroup
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.log_queries import LogFigures
from lambdascope_proxy.monitoring.metric_figures import Drawn, MetricFigures
from lambdascope_proxy.monitoring.shown import iso

# By so much CloudWatch and the logs lag, each by its own time.
_LAG_S: Final = 180
_WHY: Final = "its system log level may be above INFO, its role may not write logs, or they are not there yet"


def usable(
    logs: LogFigures | None, metrics: MetricFigures | None, *, is_qualified: bool = False
) -> tuple[LogFigures | None, tuple[str, ...]]:
    """The figures if there are any, and in words how they differ from what CloudWatch counted.

    Without one report of executions that did happen nothing is known of them: that is no zero, least of all in money.
    With `is_qualified` only calls that named a version were counted, and all executions of it have reports.
    """
    if logs is None or metrics is None or "invocations" not in metrics.whole:
        return logs, ()
    invocations = round(metrics.whole["invocations"])
    missing, edge = invocations - logs.executions, _at_the_edges(metrics.drawn)
    if invocations and logs.executions == 0:
        return None, (f"No log figures: the log has no report of any of {invocations} executions; {_WHY}.",)
    if missing > edge:
        found = f"{logs.executions} of {invocations} executions"
        return logs, (f"The log has reports of {found}: figures from it are of those.",)
    if -missing > edge and not is_qualified:
        found = f"{logs.executions} executions, and CloudWatch counted {invocations}"
        return logs, (f"The log has reports of {found}: that lags, or others write to this log.",)
    return logs, ()


def _at_the_edges(drawn: Drawn) -> float:
    """Invocations in the first bin and the newest ones: their reports may be in the window or not, and the other way.

    CloudWatch gives an invocation the time of its start, a report has that of the end.
    """
    first, *others = drawn.values.get("invocations") or (0.0,)
    newest = others[-math.ceil(_LAG_S / drawn.period_s) :]
    return sum(value or 0.0 for value in (first, *newest))


def expired(group: LogGroup, window: Window, now: datetime) -> tuple[str, ...]:
    """In words, if the group no longer keeps what was logged at the beginning of a window."""
    if group.retention_days is None:
        return ()
    kept_from = now - timedelta(days=group.retention_days)
    if window.start >= kept_from:
        return ()
    kept = f"{group.name} keeps logs for {group.retention_days} days"
    return (f"{kept}: figures and errors from it begin at {iso(kept_from)}.",)
