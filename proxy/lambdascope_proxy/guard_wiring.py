"""Builds the guardrails that are on, in the order in which they stand around a call."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.budget_wiring import build_approval, build_budgets
from lambdascope_proxy.budgets.elsewhere import Ask, Elsewhere
from lambdascope_proxy.call import Call, Next, Outcome, Step
from lambdascope_proxy.response_cache import ResponseCache
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.steps.breaker import BreakerStep
from lambdascope_proxy.steps.cache import CacheStep
from lambdascope_proxy.steps.concurrency import ConcurrencyStep, Limit
from lambdascope_proxy.steps.concurrency import Scope as ConcurrencyScope
from lambdascope_proxy.steps.pins import PinsStep
from lambdascope_proxy.steps.retry import RetryStep
from lambdascope_proxy.steps.timeout import TimeoutStep

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.upstreams.pin_board import PinBoard

# Our own tools; those that look at CloudWatch have limits of their own, and a kept look would be taken for a new one.
OWN: Final = frozenset({"self", "cloudwatch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The steps of the guardrails, outermost first. A guard that is off is in neither.

    `arriving` stand before the arguments are looked at and act on every tool. `sending` stand around what leaves this
    proxy, once the call is known to be allowed, well-formed and small enough; a call of our own tools passes them.
    `cache` has the kept results, if there are any, to be forgotten when what gave them changes; `elsewhere` what others
    spent of the budgets, `pins` what is held of other servers' tools.
    """

    arriving: tuple[Step, ...] = ()
    sending: tuple[Step, ...] = ()
    cache: ResponseCache | None = None
    elsewhere: Elsewhere | None = None
    pins: "PinBoard | None" = None

    async def tools_changed(self) -> None:
        """To be told when other servers' tools change: what they answered before may no longer hold."""
        if self.cache:
            self.cache.forget_upstreams()


def build_guards(
    settings: Settings, meters: "Meters | None", *, ask: Ask, scrubber: Scrubber, pins: "PinBoard | None" = None
) -> Guards:
    """The guards that the settings ask for. `ask` puts a named question to the history."""
    budgets = build_budgets(settings, ask, meters)
    approval = build_approval(settings, scrubber, meters)
    cache = _cache(settings) if settings.cache_ttl_s else None
    sending = [
        *([approval] if approval else []),
        *([CacheStep(cache, _read_only(settings), meters)] if cache else []),
        *_concurrency(settings, meters),
        *_breaker(settings, meters),
        *_retry(settings, meters),
        *([TimeoutStep(settings.call_timeout_s)] if settings.call_timeout_s else []),
    ]
    return Guards(
        arriving=(*_rates(settings),),
        # Each answer tells what is left of a budget, also those of our own tools.
        sending=(
            *([PinsStep(pins)] if pins else []),
            *([budgets.step] if budgets else []),
            *_for_what_leaves(sending),
        ),
        cache=cache,
        elsewhere=budgets.elsewhere if budgets else None,
        pins=pins,
    )


def _rates(settings: Settings) -> list[Step]:
    texts = (settings.rate_limit_principal, settings.rate_limit_session, settings.rate_limit_tool)
    if not any(texts):
        return []
    # Only who limits rates waits for its import.
    from lambdascope_proxy.steps.rate import SCOPES, RateStep

    return [RateStep([(scope, text) for scope, text in zip(SCOPES, texts, strict=True) if text])]


def _cache(settings: Settings) -> ResponseCache:
    return ResponseCache(settings.cache_mb * 1_000_000, settings.cache_ttl_s)


def _concurrency(settings: Settings, meters: "Meters | None") -> list[Step]:
    given: list[tuple[ConcurrencyScope, int]] = [
        ("principal", settings.concurrent_principal),
        ("tool", settings.concurrent_tool),
    ]
    limits = [Limit(scope, most) for scope, most in given if most]
    if not limits:
        return []
    step = ConcurrencyStep(limits, settings.concurrent_wait_s)
    if meters:
        step.watch(meters)
    return [step]


def _breaker(settings: Settings, meters: "Meters | None") -> list[Step]:
    if not settings.breaker_failures:
        return []
    step = BreakerStep(settings.breaker_failures, settings.breaker_open_s)
    if meters:
        step.watch(meters)
    return [step]


def _retry(settings: Settings, meters: "Meters | None") -> list[Step]:
    if not settings.retry_attempts:
        return []
    # What only reads may run twice as well.
    functions = (*sorted(settings.idempotent_functions), *_read_only(settings))
    budget_s = settings.retry_budget_s
    return [RetryStep(attempts=settings.retry_attempts, budget_s=budget_s, functions=functions, meters=meters)]


def _read_only(settings: Settings) -> tuple[str, ...]:
    return (*sorted(settings.read_only_functions),)


def _for_what_leaves(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(around_what_leaves(step) for step in steps)


def around_what_leaves(step: Step) -> Step:
    """The step, around calls of functions and of other servers' tools only."""

    def around(call: Call, call_next: Next) -> Awaitable[Outcome]:
        return call_next(call) if call.aim.target in OWN else step(call, call_next)

    return around
