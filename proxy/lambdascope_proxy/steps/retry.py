"""Makes further attempts at a call that may have run in vain, if its tool may run twice."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final

from opentelemetry.trace import get_current_span

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Invocation, Next, Outcome, OutcomeKind
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Meters

RETRIED: Final = frozenset({OutcomeKind.TRANSPORT_ERROR, OutcomeKind.THROTTLED})
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0


def jittered(pause_s: float) -> float:
    """Between half of the pause and all of it: callers that failed together come back apart."""
    return random.uniform(pause_s / 2, pause_s)  # noqa: S311 -- jitter needs no secrecy


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep:
    """Up to `attempts` further ones, each beginning within `budget_s` of the first; pauses grow.

    A tool of another server says itself, or its settings say, that it may run twice. Of functions only those that match
    a pattern may: no tool that invokes them can know.
    """

    attempts: int
    budget_s: float
    functions: Sequence[str] = ()
    meters: Meters | None = None
    jitter: Callable[[float], float] = jittered
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = field(default=asyncio.sleep)

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """The outcome of the last attempt, with what all of them took."""
        if not self._may_repeat(call):
            return await call_next(call)
        began, earlier = self.clock(), list[Outcome]()
        try:
            while True:
                outcome = await settle(call, call_next)
                # Who was asked once would be asked again.
                is_last = call.progress.was_asked
                pause_s = None if is_last else self._pause_s(len(earlier), outcome, self.clock() - began)
                if pause_s is None:
                    return _joined(earlier, outcome, self.clock() - began)
                earlier.append(outcome)
                self._tell(call, outcome, len(earlier), pause_s)
                await self.sleep(pause_s)
        except asyncio.CancelledError as cancelled:
            known = Outcome(kind=OutcomeKind.CANCELLED, invocation=getattr(cancelled, "invocation", None))
            cancelled.invocation = _joined(earlier, known, self.clock() - began).invocation  # pyright: ignore[reportAttributeAccessIssue] -- rides along
            raise

    def _may_repeat(self, call: Call) -> bool:
        spec, function = call.tool.spec, call.function
        if function is None:
            return spec.idempotent or spec.read_only
        return any(fnmatchcase(function.name, pattern) for pattern in self.functions)

    def _pause_s(self, retries: int, outcome: Outcome, spent_s: float) -> float | None:
        """How long to pause before the next attempt; None when there may be none."""
        if outcome.kind not in RETRIED or retries >= self.attempts:
            return None
        pause_s = self.jitter(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**retries))
        return pause_s if spent_s + pause_s <= self.budget_s else None

    def _tell(self, call: Call, outcome: Outcome, attempt: int, pause_s: float) -> None:
        error_type = outcome.failure.error_type if outcome.failure else outcome.kind.value
        told = {names.ERROR_TYPE: error_type, names.RETRY_ATTEMPT: attempt, names.RETRY_PAUSE_S: round(pause_s, 3)}
        get_current_span().add_event(names.CALL_RETRY_EVENT, told)
        if self.meters:
            labels = {names.TOOL_NAME: call.tool.spec.name, names.TARGET: call.aim.target, names.ERROR_TYPE: error_type}
            self.meters.add(m.RETRIES, 1, labels)


def _joined(earlier: Sequence[Outcome], last: Outcome, spent_s: float) -> Outcome:
    """The last outcome, with the attempts, the time and the known cost of all."""
    if not earlier:
        return last
    made = [outcome.invocation for outcome in (*earlier, last) if outcome.invocation]
    if not made:
        return last
    invoke_ms = round(spent_s * 1000, 3)
    invocation = replace(
        made[-1],
        attempts=sum(one.attempts for one in made),
        throttles=sum(one.throttles for one in made),
        invoke_ms=invoke_ms,
        overhead_ms=_overhead_ms(made[-1], invoke_ms),
        cost_usd=_cost_usd(made),
        cost_source=next((one.cost_source for one in reversed(made) if one.cost_usd is not None), "none"),
        rates_version=next((one.rates_version for one in reversed(made) if one.rates_version), None),
    )
    return replace(last, invocation=invocation, notes=(*last.notes, *_note(earlier)))


def _overhead_ms(last: Invocation, invoke_ms: float) -> float | None:
    if last.overhead_ms is None or last.duration_ms is None:
        return None
    return round(max(0.0, invoke_ms - (last.init_ms or 0) - (last.restore_ms or 0) - last.duration_ms), 3)


def _cost_usd(made: Sequence[Invocation]) -> Decimal | None:
    known = [one.cost_usd for one in made if one.cost_usd is not None]
    return sum(known, Decimal(0)) if known else None


def _note(earlier: Sequence[Outcome]) -> tuple[str, ...]:
    """What the cost may lack. An attempt that was throttled did not run."""
    types = [one.failure.error_type for one in earlier if one.failure and one.kind is not OutcomeKind.THROTTLED]
    if not types:
        return ()
    which = "An earlier attempt" if len(types) == 1 else f"{len(types)} earlier attempts"
    return (f"{which} failed ({', '.join(dict.fromkeys(types))}) and may have run: at what cost is not known here.",)
