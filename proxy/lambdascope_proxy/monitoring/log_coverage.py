"""Whether the reports in a log are those of the executions that CloudWatch counted. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from lambdascope_proxy.cloudwatch.log_groups import LogGroup
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.log_queries import LogFigures
from lambdascope_proxy.monitoring.metric_figures import MetricFigures
from lambdascope_proxy.monitoring.shown import iso

# CloudWatch and the logs lag by different times, and executions at the edges of a window fall on either side.
ENOUGH: Final = 0.9
_WHY: Final = "its system log level may be above INFO, its role may not write logs, or they are not there yet"


def usable(logs: LogFigures | None, metrics: MetricFigures | None) -> tuple[LogFigures | None, tuple[str, ...]]:
    """The figures if there are any, and in words what they lack.

    Without one report of executions that did happen nothing is known of them: that is no zero, least of all in money.
    """
    whole: Mapping[str, float] = metrics.whole if metrics else {}
    invocations = round(whole.get("invocations", 0))
    if logs is None or logs.executions >= invocations * ENOUGH:
        return logs, ()
    if logs.executions == 0:
        return None, (f"No log figures: the log has no report of any of {invocations} executions; {_WHY}.",)
    found = f"{logs.executions} of {invocations} executions"
    return logs, (f"The log has reports of {found}: figures from it are of those.",)


def expired(group: LogGroup, window: Window, now: datetime) -> tuple[str, ...]:
    """In words, if the group no longer keeps what was logged at the beginning of a window."""
    if group.retention_days is None:
        return ()
    kept_from = now - timedelta(days=group.retention_days)
    if window.start >= kept_from:
        return ()
    kept = f"{group.name} keeps logs for {group.retention_days} days"
    return (f"{kept}: figures and errors from it begin at {iso(kept_from)}.",)
