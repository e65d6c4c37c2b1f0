"""Which guards stand around which calls, and that a guard that is off costs nothing."""

from collections.abc import Callable, Mapping

import pytest

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.budgets.elsewhere import Rows
from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.guard_wiring import Guards, around_what_leaves, build_guards
from lambdascope_proxy.results import Results
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.steps.budget import BudgetStep
from lambdascope_proxy.tools.read_result import ReadResult

pytestmark = pytest.mark.anyio


async def ask(name: str, parameters: Mapping[str, object]) -> Rows:
    raise AssertionError("building asks nothing")


def guards_of(**environ: str) -> Guards:
    return build_guards(load_settings(environ), None, ask=ask, scrubber=Scrubber())


def test_with_nothing_set_no_guard_stands_in_the_way() -> None:
    assert guards_of() == Guards()


def test_a_budget_stands_before_the_approval_and_before_our_own_tools_too() -> None:
    # Nobody is to be asked for a call that is refused anyway; every answer tells what is left.
    guards = guards_of(LAMBDASCOPE_BUDGET_DAY_USD="1", LAMBDASCOPE_APPROVE="always")
    assert isinstance(guards.sending[0], BudgetStep)
    assert len(guards.sending) == 2
    assert guards.elsewhere is not None


async def test_a_guard_of_what_leaves_lets_our_own_tools_pass(call_of: Callable[..., Call]) -> None:
    # A budget that is spent must not keep its owner from asking what it was spent on.
    async def refuse(call: Call, call_next: Next) -> Outcome:
        return Outcome(kind=OutcomeKind.REFUSED)

    async def run(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK)

    guard, own = around_what_leaves(refuse), ReadResult(Results(0), 1024)
    assert (await guard(call_of({"call_id": "x"}, tool=own), run)).kind is OutcomeKind.OK
    assert (await guard(call_of(), run)).kind is OutcomeKind.REFUSED
