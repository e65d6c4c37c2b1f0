"""Folds the steps around a call into one callable; the order is the caller's list, outermost first."""

from collections.abc import Awaitable, Sequence
from functools import reduce

from lambdascope_proxy.call import Call, Next, Outcome, Step


async def run_tool(call: Call) -> Outcome:
    """The innermost callable: the tool itself."""
    return await call.tool.run(call)


def build_pipeline(steps: Sequence[Step], innermost: Next = run_tool) -> Next:
    """One callable that runs every step around `innermost`."""
    return reduce(_around, reversed(steps), innermost)


def _around(inner: Next, step: Step) -> Next:
    def run(call: Call) -> Awaitable[Outcome]:
        return step(call, inner)

    return run
