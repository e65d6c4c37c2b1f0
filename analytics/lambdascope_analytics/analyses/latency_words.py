"""What an answer about latency says in words: its summary, its notes and one next step. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.latency_answer import CLOCKS, LatencyFigures, SlowCall, Tail
from lambdascope_analytics.analyses.latency_figures import Measured
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.wording import counted, milliseconds, percent

# Below so many calls the p99 is nearly the slowest of them.
FEW_CALLS: Final = 100
_MONTH: Final = timedelta(days=30)
_WORDS: Final = dict(zip(CLOCKS, ("the proxy", "the network and the platform", "init", "the handlers"), strict=True))


def summary_of(figures: LatencyFigures, tail: Tail) -> str:
    """Return one sentence to repeat."""
    percentiles = ", ".join(f"{name} {milliseconds(value)}" for name, value in figures.percentiles_ms.items())
    parts = [f"{counted(figures.calls, 'call')} took {percentiles}"]
    if figures.clocks:
        name = max(figures.clocks, key=lambda name: figures.clocks[name].mean_ms)
        if (share := figures.clocks[name].share) is not None:
            parts.append(f"{percent(share)} of the time was spent in {_WORDS[name]}")
    if figures.cold_share is not None and figures.cold_calls:
        added = "" if figures.cold_adds_ms is None else _added(figures.cold_adds_ms)
        parts.append(f"{percent(figures.cold_share)} were cold starts{added}")
    if tail.causes:
        parts.append(tail.causes[0].text)
    return "; ".join(parts) + "."


def _added(added_ms: float) -> str:
    return f", at the median {milliseconds(abs(added_ms))} {'slower' if added_ms >= 0 else 'faster'} than warm ones"


def empty_summary(left_out: Mapping[str, int], known: KnownFunctions, function_name: str | None) -> str:
    """Return why there is nothing to tell: `left_out` counts the calls there are, imported_calls and others."""
    calls = left_out["calls"]
    if not calls:
        instead = known.instead_of(function_name)
        return instead or f"The history has no call of {function_name or 'a Lambda function'} in this period."
    why = [
        (left_out["imported_calls"], "taken from the logs, which do not know how long callers waited"),
        (left_out["asynchronous_calls"], "asynchronous or a dry run, so nobody waited for them"),
    ]
    told = "; ".join(f"{count:,} {words}" for count, words in why if count)
    reason = told or "they ended before a function was invoked"
    return f"None of the {counted(calls, 'call')} in this period has a latency: {reason}."


def notes_of(found: Measured, *, future_calls: int, has_clock_p95: bool, most_for_clocks: int) -> tuple[str, ...]:
    """Return what to know besides."""
    figures, notes = found.overall, list[str]()
    if figures.calls < FEW_CALLS:
        notes.append(f"Only {counted(figures.calls, 'call')}: high percentiles are nearly the slowest of them.")
    if unknown := figures.calls - figures.measured_calls - found.contradictory_calls:
        notes.append(
            f"No report was seen of {counted(unknown, 'call')}: what tells where the time went leaves them out."
        )
    if found.asynchronous_calls:
        left_out = counted(found.asynchronous_calls, "asynchronous call")
        notes.append(f"Left out: {left_out}, for which nobody waited.")
    if found.contradictory_calls:
        notes.append(
            f"Clocks contradict each other in {counted(found.contradictory_calls, 'call')} (a part is negative): "
            "what tells where the time went leaves them out."
        )
    if not has_clock_p95 and figures.clocks:
        notes.append(f"The p95 of each clock is told for up to {most_for_clocks:,} calls: ask about a shorter period.")
    return (*notes, *future_note(future_calls))


def future_note(calls: int) -> tuple[str, ...]:
    """Return what to know of calls that began after now, if there are any."""
    if not calls:
        return ()
    return (f"{counted(calls, 'call')} began in the future: the clock of some machine is wrong.",)


def next_step_of(
    tail: Tail, slowest: tuple[SlowCall, ...], *, asked: Mapping[str, object], period: Period, now: datetime
) -> str:
    """Return one thing to do next, a call of a tool; `asked` is the function and the group that were asked about."""
    slow = slowest[0]
    cause, function = tail.causes[0].feature if tail.causes else "", asked["function_name"] or slow.function_name
    time_range = time_range_of(period, now)
    if cause in {"cold_start", "memory"} and function:
        advice = call_of("recommend_settings", function_name=function, time_range=time_range)
        return f"{advice} tells what memory or warm capacity costs."
    if cause in {"outcome", "attempts"} and function:
        failures = call_of("analyze_errors", **{**asked, "function_name": function}, time_range=time_range)
        return f"{failures} tells what failed."
    return f"{call_of('inspect_execution', call_id=slow.call_id)} shows where the time of the slowest call went."


def empty_step(
    last_at: datetime | None, known: KnownFunctions, *, asked: Mapping[str, object], period: Period, now: datetime
) -> str | None:
    """Return what to do where nothing can be told: look at the latest calls, of which the last was at `last_at`.

    `asked` is what to ask with again. None where nobody ever waited.
    """
    if last_at:
        latest = time_range_of(_up_to(last_at, period), now)
        return f"{call_of('analyze_latency', **asked, time_range=latest)} looks at the latest calls."
    return None if known.names else "Make calls with invoke_function, then ask again."


def _up_to(last_at: datetime, period: Period) -> Period:
    """A period as long as the one asked about, or a month, that ends with a call."""
    end = last_at + timedelta(seconds=1)
    return Period(start=end - min(period.end - period.start, _MONTH), end=end)
