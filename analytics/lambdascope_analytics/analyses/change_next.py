"""What to do next after a comparison: a question that leads from what changed to why, or nothing. Pure.

No step leads back to a tool that leads here (cost and forecast do), so that following them ends.
"""

from datetime import datetime, timedelta
from typing import Final

from lambdascope_analytics.analyses.change_words import Found
from lambdascope_analytics.analyses.grouping import UNKNOWN
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period

_LENGTHS: Final = tuple(timedelta(days=days) for days in (1, 7, 14, 30))
# What failed and what is slow is looked at first; a cost per hour that changed alone follows from the rate.
_ORDER: Final = (
    "error_rate",
    "total_p50_ms",
    "total_p95_ms",
    "handler_p50_ms",
    "handler_p95_ms",
    "cost_per_call_usd",
    "calls_per_hour",
    "cost_per_hour_usd",
)


def next_step_of(found: Found, now: datetime) -> str | None:
    """One step, as the call of a tool; None if there is nothing useful."""
    before, after = found.calls
    if found.asked.version and not (before and after):
        return _other_versions(found, now)
    changed = {change.measure for change in found.changes if change.is_significant}
    changed |= {change.measure for group in found.groups for change in group.changes}
    if not changed or not (before and after):
        return _longer(found, now)
    return _look(found, next(measure for measure in _ORDER if measure in changed), now)


def _look(found: Found, measure: str, now: datetime) -> str | None:
    function, period = _function(found, measure), time_range_of(found.asked.named, now)
    group_by = "version" if found.asked.version else _group(found)
    if measure == "error_rate":
        errors = call_of("analyze_errors", function_name=function, time_range=period, group_by=group_by)
        return f"{errors} shows which errors."
    if measure.endswith("_ms"):
        latency = call_of("analyze_latency", function_name=function, time_range=period, group_by=group_by)
        return f"{latency} shows where the time goes."
    if measure == "cost_per_call_usd" and function:
        settings = call_of("recommend_settings", function_name=function, time_range=period)
        return f"{settings} shows which settings cost less."
    if found.asked.version or found.asked.group_by == "client":
        return None
    before = time_range_of(found.asked.before, now) if found.asked.has_own_before else None
    clients = call_of("compare_periods", function_name=function, a=before, b=period, group_by="client")
    return f"{clients} shows whose calls."


def _group(found: Found) -> str | None:
    return None if found.asked.group_by == "function" else found.asked.group_by


def _function(found: Found, measure: str) -> str | None:
    """The one that was asked about, or the first of which that measure changed."""
    if found.asked.function_name or found.asked.group_by != "function":
        return found.asked.function_name
    changed = (group.group for group in found.groups if any(change.measure == measure for change in group.changes))
    name = next(changed, None)
    return None if name is None or UNKNOWN in name else name


def _longer(found: Found, now: datetime) -> str | None:
    """The next length of which the history has twice as much, or for versions once."""
    asked = found.asked
    if asked.has_own_before or asked.known_from is None:
        return None
    for length in _LENGTHS:
        start = asked.named.end - length
        earliest = start if asked.version else start - length
        if start < asked.named.start and earliest >= asked.known_from:
            longer = call_of(
                "compare_periods",
                function_name=asked.function_name,
                version=asked.version,
                before_version=asked.before_version,
                b=time_range_of(Period(start=start, end=asked.named.end), now),
                group_by=_group(found),
            )
            why = "has more calls to tell a change from chance by" if any(found.calls) else "looks further back"
            return f"{longer} {why}."
    return None


def _other_versions(found: Found, now: datetime) -> str | None:
    """The two that were called last, where the one asked for was not."""
    if len(found.called_versions) < 2:
        return None
    after, before = found.called_versions[:2]
    versions = call_of(
        "compare_periods",
        function_name=found.asked.function_name,
        version=after,
        before_version=before,
        b=time_range_of(found.asked.named, now),
    )
    return f"{versions} compares the two that came last."
