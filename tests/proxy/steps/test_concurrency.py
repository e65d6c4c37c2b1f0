"""How many calls are on their way at once: who waits, who is refused, and that every place comes free again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.concurrency import WAITING_PER_PLACE, ConcurrencyStep, Limit

pytestmark = pytest.mark.anyio
LONG_S = 30.0


class Target:
    """Answers when told to; counts what is on its way."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        self.may_end = asyncio.Event()

    async def __call__(self, call: Call) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.may_end.wait()
        finally:
            self.under_way -= 1
        return Outcome(kind=OutcomeKind.OK)


async def started(step: ConcurrencyStep, target: Target, *calls: Call) -> list[asyncio.Task[Outcome]]:
    tasks = [asyncio.ensure_future(step(call, target)) for call in calls]
    for _ in range(20):
        await asyncio.sleep(0)
    return tasks


async def test_further_calls_wait_and_go_when_others_end(call_of: Callable[..., Call]) -> None:
    step, target = ConcurrencyStep([Limit("principal", 2)], LONG_S), Target()
    tasks = await started(step, target, *[call_of() for _ in range(7)])
    assert target.under_way == 2
    target.may_end.set()
    assert {outcome.kind for outcome in await asyncio.gather(*tasks)} == {OutcomeKind.OK}
    assert target.most == 2


async def test_without_a_wait_a_call_too_many_is_refused_with_the_limit(call_of: Callable[..., Call]) -> None:
    step, target = ConcurrencyStep([Limit("tool", 1)], 0), Target()
    first = await started(step, target, call_of())
    with pytest.raises(CallFailed) as refused:
        await step(call_of(), target)
    assert (refused.value.kind, refused.value.failure.error_type) == (OutcomeKind.REFUSED, "TooManyAtOnce")
    assert str(refused.value) == "1 call of function orders is under way, as many as may be at once."
    assert "LAMBDASCOPE_CONCURRENT_TOOL sets the limit" in refused.value.failure.hint
    target.may_end.set()
    await asyncio.gather(*first)
    assert (await step(call_of(), target)).kind is OutcomeKind.OK


async def test_a_wait_that_was_in_vain_is_told(call_of: Callable[..., Call]) -> None:
    step, target = ConcurrencyStep([Limit("principal", 1)], 0.01), Target()
    first = await started(step, target, call_of())
    with pytest.raises(CallFailed, match="in 0 s no place came free") as refused:
        await step(call_of(), target)
    assert refused.value.failure.error_type == "TooManyAtOnce"
    target.may_end.set()
    await asyncio.gather(*first)


async def test_no_more_wait_than_the_memory_is_meant_for(call_of: Callable[..., Call]) -> None:
    limit = Limit("principal", 1)
    step, target = ConcurrencyStep([limit], LONG_S), Target()
    tasks = await started(step, target, *[call_of() for _ in range(1 + WAITING_PER_PLACE)])
    assert limit.waiting == WAITING_PER_PLACE
    with pytest.raises(CallFailed, match=f"and {WAITING_PER_PLACE} wait"):
        await step(call_of(), target)
    target.may_end.set()
    await asyncio.gather(*tasks)


async def test_each_key_has_places_of_its_own_and_unused_ones_are_forgotten(call_of: Callable[..., Call]) -> None:
    limit = Limit("principal", 1)
    step, target = ConcurrencyStep([limit], 0), Target()
    bob = replace(call_of(), caller=replace(call_of().caller, principal="bob"))
    tasks = await started(step, target, call_of(), bob)
    assert target.under_way == 2
    target.may_end.set()
    await asyncio.gather(*tasks)
    assert limit._of == {}


@pytest.mark.parametrize("which", [0, 1])
async def test_a_caller_who_goes_away_gives_its_place_back(call_of: Callable[..., Call], which: int) -> None:
    # Whether it held the place or waited for it.
    limit = Limit("principal", 1)
    step, target = ConcurrencyStep([limit], LONG_S), Target()
    tasks = await started(step, target, call_of(), call_of())
    tasks.pop(which).cancel()
    target.may_end.set()
    assert [(await task).kind for task in tasks] == [OutcomeKind.OK]
    assert (await step(call_of(), target)).kind is OutcomeKind.OK
    assert limit._of == {}


async def test_a_call_that_fails_gives_its_place_back(call_of: Callable[..., Call]) -> None:
    async def fail(call: Call) -> Outcome:
        raise CallFailed(OutcomeKind.NOT_FOUND, "E", "no")

    step = ConcurrencyStep([Limit("principal", 1), Limit("tool", 1)], 0)
    for _ in range(2):
        with pytest.raises(CallFailed, match="no"):
            await step(call_of(), fail)


async def test_a_call_refused_by_the_second_limit_holds_nothing_of_the_first(call_of: Callable[..., Call]) -> None:
    principals, tools = Limit("principal", 2), Limit("tool", 1)
    step, target = ConcurrencyStep([principals, tools], 0), Target()
    first = await started(step, target, call_of())
    for _ in range(3):
        with pytest.raises(CallFailed, match="function orders"):
            await step(call_of(), target)
    other = await started(step, target, call_of({"function_name": "invoices"}))
    assert target.under_way == 2
    target.may_end.set()
    await asyncio.gather(*first, *other)


async def test_what_waits_is_metered(call_of: Callable[..., Call], metered: Any) -> None:
    step, target = ConcurrencyStep([Limit("principal", 1), Limit("tool", 1)], LONG_S), Target()
    step.watch(metered.meters)
    tasks = await started(step, target, call_of(), call_of(), call_of())
    reason = "lambdascope.reason"
    assert metered.read()["lambdascope.calls.waiting"] == {((reason, "principal"),): 2, ((reason, "tool"),): 0}
    target.may_end.set()
    await asyncio.gather(*tasks)
    assert set(metered.read()["lambdascope.calls.waiting"].values()) == {0}
