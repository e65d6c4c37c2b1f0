"""What the analysis of errors says in words: its summary, what to know besides, and what to do next. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lambdascope_analytics.analyses.error_clusters import ErrorCluster, title
from lambdascope_analytics.analyses.intervals import MeanDifference
from lambdascope_analytics.analyses.shares import Share
from lambdascope_analytics.analyses.wording import counted, dollars, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledOtherwise:
    """Failures that AWS bills in other currencies: how many, and what they cost."""

    calls: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found: the counts of all groups, the shares that failed before and now, and the kinds of error."""

    whole: Mapping[str, Any]
    before: Share
    after: Share
    change: MeanDifference | None
    errors: Sequence[ErrorCluster]
    caller_errors: Sequence[ErrorCluster]
    gone: Sequence[ErrorCluster]
    not_listed: Mapping[str, int]
    otherwise: BilledOtherwise
    function_name: str | None

    def count(self, name: str) -> int:
        """A count of all groups; 0 where there are no rows at all."""
        return int(self.whole.get(name) or 0)


def summary_of(found: Found) -> str:
    """The figures that matter in a sentence or two."""
    calls, faults = found.count("all_calls"), found.count("all_caller_faults")
    of = f" of {found.function_name}" if found.function_name else ""
    if not calls:
        return f"No calls{of} were recorded in this period."
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
    functions, own = found.count("lambda_calls"), found.count("own_calls")
    others = found.count("all_calls") - functions - own
    parts = [f"{functions:,} of functions"] * bool(functions) + [f"{own:,} of this server's own tools"] * bool(own)
    parts += [f"{others:,} of other servers"] * bool(others)
    return f"Calls counted: {', '.join(parts)}; readings of CloudWatch are not."


def _unpriced(found: Found) -> Iterator[str]:
    otherwise = found.otherwise.calls
    if rest := found.count("unpriced_failures") - otherwise:
        yield f"{counted(rest, 'failed call')} {_have(rest)} no cost: not run, or price unknown."
    if otherwise:
        amounts = [f"{name} {dollars(amount).removeprefix('$')}" for name, amount in found.otherwise.amounts.items()]
        calls = f"{counted(otherwise, 'failed call')} {_have(otherwise)} no cost in dollars"
        yield f"{calls}: AWS bills {' and '.join(amounts)} for memory, time and requests, at list price."


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def next_step_of(found: Found) -> str:
    """One step, as the call of a tool."""
    shown = [cluster for cluster in (*found.errors, *found.caller_errors) if cluster.examples]
    newest = next((cluster for cluster in found.errors if cluster.is_new and cluster.examples), None)
    if shown:
        cluster = newest or shown[0]
        return f'inspect_execution(call_id="{cluster.examples[0]}") shows one {title(cluster)} with its log.'
    if not found.count("all_calls"):
        return 'analyze_errors(time_range={"last": "30d"}) looks further back.'
    return "compare_periods() tells whether rate, latency or cost changed."
