"""The one thing to do next, told from the figures. Pure."""

from dataclasses import dataclass
from typing import Final

FULL_MEMORY: Final = 0.9
MANY_COLD: Final = 0.1
# A rate of a handful of executions says little.
ENOUGH: Final = 20
NEAR_LIMIT: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the advice looks at; None is unknown. Shares are from 0 to 1.

    `is_whole` unless a source failed, `is_all` unless only some figures were asked for.
    """

    function_name: str
    invocations: float | None
    errors: float | None = None
    throttles: float | None = None
    timeouts: int | None = None
    out_of_memory: int | None = None
    timeout_s: int = 3
    memory_mb: int = 128
    memory_share: float | None = None
    cold_share: float | None = None
    concurrency_share: float | None = None
    top_request_id: str | None = None
    is_whole: bool = True
    is_all: bool = True


def next_step(signs: Signs) -> str:
    """What hurts callers comes before what costs, and what is certain before what is likely."""
    if signs.out_of_memory:
        return (
            f"{_executions(signs.out_of_memory)} ran out of memory: raise its memory above {signs.memory_mb} MB, "
            "or have it do less per call."
        )
    if signs.timeouts:
        return (
            f"{_executions(signs.timeouts)} timed out: see which with {_logs(signs, 'timeouts')}; have it do less per "
            f"call or raise its timeout of {signs.timeout_s} s."
        )
    if signs.throttles:
        return f"Throttled {signs.throttles:g} times: call less at once, or raise its (reserved) concurrency."
    if signs.errors:
        return _about_errors(signs)
    return _about_ease(signs)


def _executions(count: int) -> str:
    return f"{count} execution{'' if count == 1 else 's'}"


def _about_errors(signs: Signs) -> str:
    if signs.top_request_id:
        return f"Look at one failure whole: inspect_execution(request_id={signs.top_request_id!r})."
    return f"Read its errors: {_logs(signs, 'errors')}."


def _logs(signs: Signs, preset: str) -> str:
    return f"query_logs(function_names=[{signs.function_name!r}], preset={preset!r})"


def _about_ease(signs: Signs) -> str:
    if signs.memory_share is not None and signs.memory_share > FULL_MEMORY:
        return f"It used {signs.memory_share:.0%} of its {signs.memory_mb} MB: give it more before it runs out."
    if signs.concurrency_share is not None and signs.concurrency_share >= NEAR_LIMIT:
        return (
            f"It reached {signs.concurrency_share:.0%} of its concurrency limit: raise that before calls are throttled."
        )
    is_rate_sound = (signs.invocations or 0) >= ENOUGH
    if is_rate_sound and signs.cold_share is not None and signs.cold_share > MANY_COLD:
        return _about_cold_starts(signs, signs.cold_share)
    if not signs.invocations:
        return "No traffic in this window: ask for a longer time_range, or check the name, region and qualifier."
    if not signs.is_whole:
        return "Grant the permissions or settings named under partial to see the rest."
    if not signs.is_all:
        return f"Nothing stands out in the figures that were asked for: {_all_figures(signs)} tells all of them."
    return "Nothing stands out: compare with an earlier time_range, or see monitor_fleet for the others."


def _about_cold_starts(signs: Signs, share: float) -> str:
    if signs.timeouts is None:
        # A timeout or a crash ends the environment: the start after it is cold, and no provisioning helps.
        return f"{share:.0%} were cold starts: see with {_all_figures(signs)} whether timeouts or crashes cause them."
    return f"{share:.0%} were cold starts: SnapStart or provisioned concurrency avoids them."


def _all_figures(signs: Signs) -> str:
    return f"monitor_executions(function_name={signs.function_name!r})"
