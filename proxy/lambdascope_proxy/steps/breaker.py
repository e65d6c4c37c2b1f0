"""Refuses calls of a function or upstream that keeps failing, until a trial shows that it works again."""

import logging
import math
import time
from collections.abc import Callable
from typing import Final

from lambdascope_proxy import names
from lambdascope_proxy.breaker import Breaker, State
from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters

log = logging.getLogger(__name__)
# The other side is away, overrun or stuck. A tool's own error shows that it works.
FAILURES: Final = frozenset(
    {
        OutcomeKind.THROTTLED,
        OutcomeKind.TRANSPORT_ERROR,
        OutcomeKind.AWS_ERROR,
        OutcomeKind.FUNCTION_TIMEOUT,
    }
)
# Nothing was heard of the other side.
SILENT: Final = frozenset({OutcomeKind.CANCELLED, OutcomeKind.REFUSED, OutcomeKind.INVALID_ARGUMENTS})
TIMEOUTS: Final = frozenset({"CallTimeout", "UpstreamTimeout"})
WORDS: Final = {State.CLOSED: "closed", State.HALF_OPEN: "half open", State.OPEN: "open"}
# Account, region and function, or the target alone.
Key = tuple[str, ...]


class BreakerStep:
    """One breaker per function and per upstream."""

    def __init__(self, failures: int, open_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._open_s = open_s
        self._clock = clock
        self._breakers: dict[Key, Breaker] = {}
        self._told: set[Key] = set()

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused) while the breaker is open, with when the next trial is."""
        key = _key(call)
        breaker = self._breakers.setdefault(key, Breaker(self._failures, self._open_s))
        before = breaker.state
        ticket = breaker.admit(self._clock())
        self._tell_change(key, before, breaker, None)
        if ticket is None:
            raise self._refusal(key, breaker)
        try:
            outcome = await settle(call, call_next)
        except BaseException:
            breaker.end(ticket, None, self._clock())
            raise
        before = breaker.state
        breaker.end(ticket, _verdict(call, outcome), self._clock())
        self._tell_change(key, before, breaker, outcome)
        return outcome

    def watch(self, meters: Meters) -> None:
        """Has the states exported, of those that ever opened."""
        meters.watch(m.BREAKER_STATE, self._read_states)

    def _refusal(self, key: Key, breaker: Breaker) -> CallFailed:
        wait_s = math.ceil(breaker.refuses_for_s(self._clock()))
        often = "once" if self._failures == 1 else f"{self._failures} times in a row"
        message = f"Calls of {_said(key)} failed {often} or more, so it is left alone for a while."
        when = f"Try again in {wait_s} s" if wait_s else "A trial call is on its way: try again when it may have ended"
        hint = f"{when}. LAMBDASCOPE_BREAKER_FAILURES and LAMBDASCOPE_BREAKER_OPEN_S set the limits."
        return CallFailed(OutcomeKind.REFUSED, "BreakerOpen", message, hint)

    def _tell_change(self, key: Key, before: State, breaker: Breaker, last: Outcome | None) -> None:
        if breaker.state is before:
            return
        self._told.add(key)
        why = f" after {last.failure.error_type}" if last and last.failure else ""
        level = logging.WARNING if breaker.state is State.OPEN else logging.INFO
        log.log(level, "breaker of %s: %s, was %s%s", _said(key), WORDS[breaker.state], WORDS[before], why)

    def _read_states(self) -> list[tuple[float, Labels]]:
        return [(self._breakers[key].state, _labels(key)) for key in [*self._told]]


def _verdict(call: Call, outcome: Outcome) -> bool | None:
    """Where a person was asked meanwhile, it may be they who took too long."""
    is_timeout = outcome.failure is not None and outcome.failure.error_type in TIMEOUTS
    return None if is_timeout and call.progress.was_asked else is_failure(outcome)


def is_failure(outcome: Outcome) -> bool | None:
    """Whether the other side failed; None where it was not heard of."""
    return None if outcome.kind in SILENT else outcome.kind in FAILURES


def _key(call: Call) -> Key:
    function = call.function
    return (function.account_id, function.region, function.name) if function else (call.aim.target,)


def _said(key: Key) -> str:
    if len(key) == 1:
        return f"the upstream {key[0].removeprefix('upstream:')}"
    return f"function {key[2]} in {key[1]}"


def _labels(key: Key) -> Labels:
    if len(key) == 1:
        return {names.TARGET: key[0]}
    return {names.TARGET: "lambda", names.FAAS_NAME: key[2], names.FAAS_REGION: key[1]}
