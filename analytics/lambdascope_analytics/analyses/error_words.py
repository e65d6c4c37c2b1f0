"""What the analysis of errors says in words: its summary, what to know besides, and what to do next. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lambdascope_analytics.analyses.billed_otherwise import BilledOtherwise
from lambdascope_analytics.analyses.error_clusters import ErrorCluster, title
from lambdascope_analytics.analyses.error_groups import ErrorGroup
from lambdascope_analytics.analyses.intervals import MeanDifference
from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.shares import Share
from lambdascope_analytics.analyses.wording import counted, dollars, percent

_TARGETS: Final = {"lambda": "functions", "self": "this server's own tools", "upstream": "other servers"}
# Lists of the answer, and what the statement calls what is in them.
SORTS: Final = {"errors": "failure", "caller_errors": "caller", "gone": "gone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question."""

    period: Period
    group_by: str | None
    top: int
    function_name: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found: the counts of all groups, the shares that failed before and now, the groups, and the errors.

    `kinds` is how many kinds of error there are of each sort; `known` what the history has where the period has none.
    """

    asked: Asked
    whole: Mapping[str, Any]
    before: Share
    after: Share
    change: MeanDifference | None
    groups: tuple[ErrorGroup, ...]
    errors: tuple[ErrorCluster, ...]
    caller_errors: tuple[ErrorCluster, ...]
    gone: tuple[ErrorCluster, ...]
    kinds: Mapping[str, int]
    otherwise: BilledOtherwise
    known: KnownFunctions

    @property
    def targets(self) -> dict[str, int]:
        """How many calls there are of functions, of our own tools and of other servers."""
        functions, own = self.count("lambda_calls"), self.count("own_calls")
        return {"lambda": functions, "self": own, "upstream": self.count("all_calls") - functions - own}

    @property
    def not_listed(self) -> dict[str, int]:
        """How many of each list were cut, where any were."""
        listed = {"errors": self.errors, "caller_errors": self.caller_errors, "gone": self.gone}
        left_out = {name: self.kinds.get(SORTS[name], 0) - len(those) for name, those in listed.items()}
        if self.asked.group_by and self.groups:
            left_out["groups"] = self.count("all_groups") - len(self.groups)
        return {name: count for name, count in left_out.items() if count}

    def count(self, name: str) -> int:
        """A count of all groups; 0 where there are no rows at all."""
        return int(self.whole.get(name) or 0)


def summary_of(found: Found) -> str:
    """The figures that matter in a sentence or two."""
    calls, faults = found.count("all_calls"), found.count("all_caller_faults")
    of = f" of {found.asked.function_name}" if found.asked.function_name else ""
    if not calls:
        instead = found.known.instead_of(found.asked.function_name)
        return f"No calls{of} were recorded in this period. {instead}".rstrip()
    if not found.after.successes:
        apart = f" {_faults(faults)}." if faults else ""
        return f"None of {counted(calls - faults, 'call')}{of} failed{_before(found)}.{apart}"
    return " ".join([_rate(found, of), _kinds(found), *([f"{_faults(faults)}."] if faults else [])])


def _rate(found: Found, of: str) -> str:
    after = found.after
    interval = after.interval
    reach = f", 95% interval {percent(interval.low)} to {percent(interval.high)}" if interval else ""
    figures = f"{after.successes:,} of {counted(after.n, 'call')}{of} failed ({percent(after.value)}{reach})"
    cost = found.whole["cost_usd"]
    return f"{figures}{_before(found)}" + ("." if cost is None else f", and cost {dollars(cost)}.")


def _before(found: Found) -> str:
    change = found.change
    if change is None:
        return ""
    before = percent(found.before.value)
    if change.interval.holds(0):
        return f", no significant change from {before} in the period before"
    return f", {'up' if change.difference > 0 else 'down'} from {before} in the period before"


def _kinds(found: Found) -> str:
    kinds = len(found.errors) + found.not_listed.get("errors", 0)
    new = sum(cluster.is_new is True for cluster in found.errors)
    first = found.errors[0]
    told = f", {new} of them not seen in the period before" if new and kinds > 1 else ""
    is_new = ", not seen in the period before" if new and kinds == 1 else ""
    return f"{counted(kinds, 'kind')} of error{told}; most: {title(first)} ({counted(first.calls, 'call')}{is_new})."


def _faults(count: int) -> str:
    return f"{counted(count, 'call')} besides {'was' if count == 1 else 'were'} the caller's fault"


def notes_of(found: Found) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(found))


def _notes(found: Found) -> Iterator[str]:
    if found.count("all_calls"):
        yield _counted_in(found)
    if found.count("all_calls") and not found.count("all_previous_calls"):
        yield "Nothing was recorded in the period before, so nothing can be called new or changed."
    if backfilled := found.count("backfilled_calls"):
        yield f"{counted(backfilled, 'call')} did not come through the proxy: taken from the logs."
    yield from _unpriced(found)
    if skewed := found.count("skewed_calls"):
        yield f"{counted(skewed, 'call')} with clocks that contradict each other (negative times)."
    if future := found.count("future_calls"):
        claim = "claims to start in the future and is" if future == 1 else "claim to start in the future and are"
        yield f"{counted(future, 'call')} {claim} left out: a clock is wrong."


def _counted_in(found: Found) -> str:
    parts = [f"{found.targets[name]:,} of {what}" for name, what in _TARGETS.items() if found.targets[name]]
    return f"Calls counted: {', '.join(parts)}; readings of CloudWatch are not."


def _unpriced(found: Found) -> Iterator[str]:
    otherwise = found.otherwise.calls
    if rest := found.count("unpriced_failures") - otherwise:
        yield f"{counted(rest, 'failed call')} {_have(rest)} no cost: not run, or price unknown."
    if otherwise:
        calls = f"{counted(otherwise, 'failed call')} {_have(otherwise)} no cost in dollars"
        yield f"{calls}: AWS bills {found.otherwise.told} for memory, time and requests, at list price."


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def next_step_of(found: Found) -> str | None:
    """One step, as the call of a tool; None where nothing failed, for then there is nothing to look into."""
    shown = [cluster for cluster in (*found.errors, *found.caller_errors) if cluster.examples]
    newest = next((cluster for cluster in found.errors if cluster.is_new and cluster.examples), None)
    if shown:
        cluster = newest or shown[0]
        return f"{call_of('inspect_execution', call_id=cluster.examples[0])} shows one {title(cluster)} with its log."
    return None if found.count("all_calls") else _elsewhere(found.asked, found.known)


def _elsewhere(asked: Asked, known: KnownFunctions) -> str | None:
    """When there are calls, where the period has none."""
    if known.last_at is None:
        return "Make calls with invoke_function, then ask again."
    if known.asked_at is None or known.asked_at >= asked.now:
        return None
    # Times are told in whole seconds, and the end is exclusive.
    end = min(known.asked_at + timedelta(seconds=1), asked.now)
    latest = time_range_of(Period(start=end - (asked.period.end - asked.period.start), end=end), asked.now)
    again = {"function_name": asked.function_name, "group_by": asked.group_by, "time_range": latest}
    return f"{call_of('analyze_errors', **again)} looks at the latest calls."
