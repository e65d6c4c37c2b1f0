"""The fold of the steps around a call."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind, Step
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.pipeline import build_pipeline, run_tool
from lambdascope_proxy.tools.invoke_function import InvokeFunction

pytestmark = pytest.mark.anyio


def noting(name: str, seen: list[str]) -> Step:
    async def step(call: Call, call_next: Next) -> Outcome:
        seen.append(f"{name} in")
        outcome = await call_next(call)
        seen.append(f"{name} out")
        return outcome

    return step


async def test_steps_run_around_the_tool_in_their_order(call_of: Callable[..., Call]) -> None:
    seen: list[str] = []

    async def target(call: Call) -> Outcome:
        seen.append("tool")
        return Outcome(kind=OutcomeKind.OK, text="done")

    run = build_pipeline([noting("a", seen), noting("b", seen)])
    assert (await run(call_of(tool=InvokeFunction(target)))).text == "done"
    assert seen == ["a in", "b in", "tool", "b out", "a out"]


async def test_a_step_may_change_the_call_for_those_inside(call_of: Callable[..., Call]) -> None:
    async def encode(call: Call, call_next: Next) -> Outcome:
        return await call_next(replace(call, payload=b"[1]"))

    async def innermost(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK, text=call.payload.decode())

    assert (await build_pipeline([encode], innermost)(call_of())).text == "[1]"


async def test_a_step_that_refuses_keeps_the_inside_from_running(call_of: Callable[..., Call]) -> None:
    seen: list[str] = []

    async def refuse(call: Call, call_next: Next) -> Outcome:
        raise CallFailed(OutcomeKind.REFUSED, "NotAllowed", "no")

    with pytest.raises(CallFailed, match="no"):
        await build_pipeline([noting("a", seen), refuse, noting("b", seen)])(call_of())
    assert seen == ["a in"]


async def test_without_steps_the_tool_runs(call_of: Callable[..., Call]) -> None:
    assert (await build_pipeline([])(call_of())).kind is OutcomeKind.OK
    assert (await run_tool(call_of())).kind is OutcomeKind.OK


async def test_one_pipeline_serves_many_calls(call_of: Callable[..., Call]) -> None:
    seen: list[str] = []
    run = build_pipeline([noting("a", seen)])
    await run(call_of())
    await run(call_of())
    assert seen == ["a in", "a out"] * 2
