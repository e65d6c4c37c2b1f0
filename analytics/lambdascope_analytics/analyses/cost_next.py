"""What to do next about cost: one question that goes on from the one asked, and never back to it. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from lambdascope_analytics.analyses.changes_asked import COMPARED
from lambdascope_analytics.analyses.cost_cells import OTHER_SERVERS
from lambdascope_analytics.analyses.cost_words import Found
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.wording import percent

# From such a share on it is worth a look of its own.
_MUCH: Final = 0.1
_MUCH_MEMORY: Final = 0.4
_MUCH_CHANGE: Final = 0.2


def next_step_of(found: Found) -> str | None:
    """One thing to do next; None if there is nothing useful."""
    if not found.calls:
        return _where_calls_are(found)
    name, time_range = found.function_name, time_range_of(found.period, found.now)
    if name and name.startswith(OTHER_SERVERS):
        return _of_other_server(found, name, time_range)
    group_by = None if found.group_by == "function" else found.group_by
    if (found.waste.failures.share or 0) >= _MUCH:
        errors = call_of("analyze_errors", function_name=name, time_range=time_range, group_by=group_by)
        return f"Failures took {percent(found.waste.failures.share)}: {errors} tells which."
    dearest = name or _dearest_function(found)
    if dearest and max(found.waste.unused_memory.share or 0, found.waste.cold_starts.share or 0) >= _MUCH_MEMORY:
        settings = call_of("recommend_settings", function_name=dearest, time_range=time_range)
        return f"{settings} tells what memory {'it' if name else 'the dearest function'} needs."
    if found.previous and abs(found.previous.change_share or 0) >= _MUCH_CHANGE:
        compared = group_by if group_by in COMPARED else None
        return f"{call_of('compare_periods', function_name=name, b=time_range, group_by=compared)} tells what changed."
    if group_by and not name:
        functions = call_of("analyze_cost", group_by="function", time_range=time_range)
        return f"{functions} tells which functions cost most."
    if found.cost_usd is None:
        return None
    return f"{call_of('forecast_cost', function_name=name)} tells what the month will come to."


def _where_calls_are(found: Found) -> str | None:
    """The same question about as long a time up to the latest call; no question about a function nobody called."""
    if found.last_at:
        end = found.last_at + timedelta(seconds=1)
        latest = time_range_of(Period(start=end - (found.period.end - found.period.start), end=end), found.now)
        group_by = None if found.group_by == "function" else found.group_by
        asked = call_of("analyze_cost", function_name=found.function_name, group_by=group_by, time_range=latest)
        return f"{asked} looks at the latest calls."
    return None if found.known.names else "Make calls with invoke_function, then ask again."


def _dearest_function(found: Found) -> str | None:
    functions = [each for each in found.groups if not each.group.startswith(OTHER_SERVERS)]
    is_known = found.group_by == "function" and functions and functions[0].cost_usd is not None
    name = functions[0].group if is_known else "("
    return None if name.startswith("(") else name


def _of_other_server(found: Found, name: str, time_range: Mapping[str, str]) -> str | None:
    """Other servers have no memory to set, and comparisons are of functions."""
    if found.group_by != "tool":
        return f"{call_of('analyze_cost', function_name=name, group_by='tool', time_range=time_range)} tells its tools."
    return None if found.cost_usd is None else f"{call_of('forecast_cost', function_name=name)} looks ahead."
