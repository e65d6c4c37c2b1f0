"""Rate limits: what is let through, what is refused and what the refusal says."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.rate import RateStep

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def ok(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK)


async def refusal_of(step: RateStep, call: Call) -> CallFailed | None:
    try:
        await step(call, ok)
    except CallFailed as failed:
        return failed
    return None


def by(call: Call, principal: str | None = "ada", session: str | None = "session-1") -> Call:
    return replace(call, caller=replace(call.caller, principal=principal, session_id=session))


async def test_a_refusal_says_the_limit_and_when_the_next_call_fits(call_of: Callable[..., Call]) -> None:
    clock = Clock()
    step = RateStep([("principal", "2/minute")], clock)
    assert await refusal_of(step, call_of()) is None
    clock.now = 12.34
    assert await refusal_of(step, call_of()) is None
    refused = await refusal_of(step, call_of())
    assert refused is not None
    assert (refused.kind, refused.failure.error_type) == (OutcomeKind.REFUSED, "RateLimited")
    assert str(refused) == "The rate limit of 2 calls per minute for this principal is used up."
    assert refused.failure.hint == "Try again in 47.7 s; LAMBDASCOPE_RATE_LIMIT_PRINCIPAL sets the limit."
    clock.now += 47.7
    assert await refusal_of(step, call_of()) is None


async def test_each_principal_session_and_tool_has_its_own_limit(call_of: Callable[..., Call]) -> None:
    for scope, other in {
        "principal": by(call_of(), principal="bob"),
        "session": by(call_of(), session="session-2"),
        "tool": call_of({"function_name": "invoices"}),
    }.items():
        step = RateStep([(scope, "1/minute")], Clock())  # type: ignore[list-item]
        assert await refusal_of(step, call_of()) is None
        assert await refusal_of(step, other) is None
        assert await refusal_of(step, call_of()) is not None
        assert await refusal_of(step, other) is not None


async def test_over_stdio_there_is_one_caller(call_of: Callable[..., Call]) -> None:
    step = RateStep([("principal", "1/minute"), ("session", "5/minute")], Clock())
    nobody = by(call_of(), principal=None, session=None)
    assert await refusal_of(step, nobody) is None
    assert await refusal_of(step, nobody) is not None


async def test_a_call_that_one_limit_refuses_uses_up_no_other(call_of: Callable[..., Call]) -> None:
    # Else an agent that hammers one tool would lock itself out of all of them.
    step = RateStep([("principal", "3/minute"), ("tool", "1/minute")], Clock())
    assert await refusal_of(step, call_of()) is None
    for _ in range(9):
        refused = await refusal_of(step, call_of())
        assert refused is not None
        assert "1 call per minute for function orders" in str(refused)
    others = [await refusal_of(step, call_of({"function_name": name})) for name in ("a", "b", "c")]
    assert [other is None for other in others] == [True, True, False]


async def test_of_several_used_up_limits_the_one_that_lasts_longest_is_told(call_of: Callable[..., Call]) -> None:
    step = RateStep([("principal", "1/10 seconds; 1/hour; 1/hour")], Clock())
    await refusal_of(step, call_of())
    refused = await refusal_of(step, call_of())
    assert refused is not None
    assert "1 call per hour" in str(refused)
    assert refused.failure.hint.startswith("Try again in 3600 s")


@given(
    amount=st.integers(1, 4),
    seconds=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=40),
)
async def test_no_window_ever_holds_more_than_its_limit(
    amount: int, seconds: int, pauses: list[float], call_of: Callable[..., Call]
) -> None:
    clock, passed = Clock(), list[float]()
    step = RateStep([("principal", f"{amount}/{seconds} seconds")], clock)
    for pause in pauses:
        clock.now += pause
        refused = await refusal_of(step, call_of())
        if refused is None:
            passed.append(clock.now)
            assert sum(at > clock.now - seconds for at in passed) <= amount
        else:
            # Nobody is refused without need, and the time that is told is true.
            assert sum(at > clock.now - seconds for at in passed) == amount
            wait_s = float(refused.failure.hint.removeprefix("Try again in ").split(" s")[0])
            freed_at = sorted(passed)[-amount] + seconds
            assert freed_at - 1e-6 <= clock.now + wait_s <= freed_at + 0.11
