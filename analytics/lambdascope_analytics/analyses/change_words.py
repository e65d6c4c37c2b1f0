"""What a comparison says in words: its summary and what to know besides. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.change_groups import GroupChanges
from lambdascope_analytics.analyses.change_points import LEAST_CYCLES
from lambdascope_analytics.analyses.change_series import DAY_S, ChangePoint
from lambdascope_analytics.analyses.change_sides import GroupSides, Row
from lambdascope_analytics.analyses.changes_asked import MOST_GROUPS, Comparison
from lambdascope_analytics.analyses.comparing import TOO_FEW, UNKNOWN_COST, Change, Figure
from lambdascope_analytics.analyses.wording import counted, dollars, milliseconds, percent

NAMES: Final = {
    "calls_per_hour": "calls per hour",
    "error_rate": "error rate",
    "total_p50_ms": "median latency",
    "total_p95_ms": "p95 latency",
    "handler_p50_ms": "median handler time",
    "handler_p95_ms": "p95 handler time",
    "cost_per_call_usd": "cost per call",
    "cost_per_hour_usd": "cost per hour",
}
MOST_TOLD: Final = 4
MINUTE: Final = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found: the rows counted, all calls together, and the groups to tell of, of those tested.

    `called_versions` are those of the function in the period, the latest first, where one that was asked for was not.
    """

    asked: Comparison
    rows: Sequence[Row]
    overall: GroupSides
    changes: Sequence[Change]
    groups: Sequence[GroupChanges]
    tested: int
    points: Sequence[ChangePoint]
    called_versions: Sequence[str]
    one_in: int

    @property
    def calls(self) -> tuple[int, int]:
        """Before and after."""
        return self.overall.before.total.calls, self.overall.after.total.calls

    def count(self, column: str) -> int:
        """A sum over all rows."""
        return sum(int(row[column] or 0) for row in self.rows)


def summary_of(found: Found) -> str:
    """What changed, in a sentence or two, with the calls it rests on."""
    before, after = found.calls
    of = f" of {found.asked.function_name}" if found.asked.function_name else ""
    if not before or not after:
        return _one_sided(found, of)
    rests = f"{counted(after, 'call')}{of} against {before:,} {_sides(found)}"
    changed = [change for change in found.changes if change.is_significant]
    told = "; ".join(_told(change) for change in changed[:MOST_TOLD])
    if not changed and not found.groups:
        few = all(change.verdict in {TOO_FEW, UNKNOWN_COST} for change in found.changes)
        return f"{'Too few calls to say what changed' if few else 'No significant change'}: {rests}."
    whole = f"{told[:1].upper()}{told[1:]}" if told else "No significant change of all calls together"
    return f"{whole}: {rests}.{_in_groups(found)}"


def _sides(found: Found) -> str:
    asked = found.asked
    if asked.version:
        return f"of version {asked.before_version}"
    return "in the period before" if asked.before.start < asked.after.start else "in the other, later period"


def _one_sided(found: Found, of: str) -> str:
    before, after = found.calls
    asked = found.asked
    if not before and not after:
        return f"No calls{of} were recorded in either period, so there is nothing to compare.{_called(found)}"
    if asked.known_from and not asked.knows(asked.before):
        return (
            f"The history begins after the earlier period, at {asked.known_from:{MINUTE}}: there is nothing to compare "
            f"{counted(after, 'call')}{of} with."
        )
    if asked.version:
        there, missing = (asked.version, asked.before_version) if after else (asked.before_version, asked.version)
        return (
            f"Of version {there} {counted(before + after, 'call')}{of} were recorded, of version {missing} none: there "
            f"is nothing to compare.{_called(found)}"
        )
    is_later = bool(after) == (asked.before.start <= asked.after.start)
    there, missing = ("later", "earlier") if is_later else ("earlier", "later")
    return (
        f"Only the {there} period has calls{of} ({before + after:,}), the {missing} period none: there is nothing to "
        "compare."
    )


def _called(found: Found) -> str:
    return f" Called then: {', '.join(found.called_versions)}." if found.called_versions else ""


def _told(change: Change) -> str:
    ratio = f" ({change.ratio - 1:+.0%})" if change.ratio is not None else ""
    before, after = figure(change.measure, change.before), figure(change.measure, change.after)
    return f"{NAMES[change.measure]} {change.verdict}, {before} to {after}{ratio}"


def _in_groups(found: Found) -> str:
    if not found.groups:
        return ""
    first = found.groups[0]
    more = len(found.groups) - 1
    rest = f", {more} more changed" if more else ""
    return f" {first.group}: {_told(first.changes[0]) if first.changes else only_in(first, found.asked)}{rest}."


def only_in(group: GroupChanges, asked: Comparison) -> str:
    """In which of the two a group is that is missing in the other."""
    calls = counted(group.calls_before + group.calls_after, "call")
    if asked.version:
        return f"only of version {asked.version if group.only_in == 'after' else asked.before_version}, {calls}"
    is_later = (group.only_in == "after") == (asked.before.start < asked.after.start)
    return f"only in the {'later' if is_later else 'earlier'} period, {calls}"


def figure(measure: str, value: Figure | None) -> str:
    """A figure of a measure with its unit."""
    if value is None:
        return "unknown"
    if measure.endswith("_usd"):
        return dollars(Decimal(value))
    if measure.endswith("_ms"):
        return milliseconds(float(value))
    return percent(float(value)) if measure == "error_rate" else f"{float(value):,.3g}"


def notes_of(found: Found) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(found))


def _notes(found: Found) -> Iterator[str]:
    if found.asked.is_cut:
        since = f"{found.asked.known_from:{MINUTE}}"
        yield f"The history begins within the periods, at {since}: what lies before is left out."
    if found.asked.before.seconds != found.asked.after.seconds and all(found.calls):
        yield "The periods differ in length: rates and costs are compared per hour."
    if found.asked.version:
        yield "Calls and cost per hour are not compared: how long each version was called is how it was rolled out."
    elif found.asked.group_by == "version" and found.tested:
        yield "Calls and cost per hour of versions are not tested: they tell how each was rolled out."
    if found.tested:
        yield (
            f"{counted(found.tested, 'group')} tested, corrected by Holm's method with all their figures; one that is "
            "not listed has no significant change."
        )
    if (total := max((int(row["all_groups"]) for row in found.rows), default=0)) > MOST_GROUPS and found.asked.group_by:
        yield f"{counted(total - MOST_GROUPS, 'group')} with fewer calls not tested: more tests would find less."
    days = (found.asked.before.seconds + found.asked.after.seconds) / DAY_S
    if found.points and 1 <= days < LEAST_CYCLES:
        yield "A daily rhythm can show as change points: it takes four days to tell it from a change."
    total = sum(found.calls)
    unpriced, cny = total - found.count("priced"), found.count("cny_calls")
    if unpriced - cny:
        yield f"{counted(unpriced - cny, 'call')} without a cost: not run, or price unknown."
    if cny:
        yield f"{counted(cny, 'call')} without a cost in dollars: regions in China bill in CNY."
    if any(change.verdict == UNKNOWN_COST for change in found.changes):
        unknown, executed = found.count("executed") - found.count("priced"), found.count("executed")
        yield f"Cost per hour is not compared: {unknown:,} of {counted(executed, 'executed call')} have no known cost."
    elif found.count("priced") < found.count("executed"):
        yield "Cost per hour counts calls without a known cost, under 1%, at the mean of the others."
    if found.one_in > 1:
        yield f"Latency is that of one call in {found.one_in}: of one function, or of a shorter time, it is of all."
    if unwaited := found.count("unwaited_calls"):
        yield f"{counted(unwaited, 'asynchronous call')} left out of latency: nobody waited for them."
    if backfilled := found.count("backfilled_calls"):
        yield f"{counted(backfilled, 'execution')} taken from the logs left out: they did not come through the proxy."
    if skewed := found.count("skewed_calls"):
        yield f"{counted(skewed, 'call')} with clocks that contradict each other (negative times)."
