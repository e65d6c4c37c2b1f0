"""Builds the guardrails that are on, in the order in which they stand around a call."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdascope_proxy.call import Call, Next, Outcome, Step
from lambdascope_proxy.settings import Settings

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The steps of the guardrails, outermost first. A guard that is off is in neither.

    `arriving` stand before the arguments are looked at and act on every tool. `sending` stand around what leaves this
    proxy, once the call is known to be allowed, well-formed and small enough; a call of our own tools passes them.
    """

    arriving: tuple[Step, ...] = ()
    sending: tuple[Step, ...] = ()


def build_guards(settings: Settings, meters: "Meters | None") -> Guards:
    """The guards that the settings ask for."""
    return Guards(
        arriving=(),  # access, rate limits
        sending=_for_what_leaves([]),  # tool pins, budgets, approval, cache, concurrency, breaker, retry, timeout
    )


def _for_what_leaves(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(around_what_leaves(step) for step in steps)


def around_what_leaves(step: Step) -> Step:
    """The step, around calls of functions and of other servers' tools only."""

    def around(call: Call, call_next: Next) -> Awaitable[Outcome]:
        return call_next(call) if call.aim.target == "self" else step(call, call_next)

    return around
