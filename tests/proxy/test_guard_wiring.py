"""Which guards stand around which calls, and that a guard that is off costs nothing."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.budgets.elsewhere import Rows
from lambdascope_proxy.call import Aim, Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.guard_wiring import Guards, around_what_leaves, build_guards
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.results import Results
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.steps.budget import BudgetStep
from lambdascope_proxy.steps.pins import PinsStep
from lambdascope_proxy.tools.read_result import ReadResult
from lambdascope_proxy.upstreams.pin_board import PinBoard
from lambdascope_proxy.upstreams.pin_store import PinStore

pytestmark = pytest.mark.anyio


async def ask(name: str, parameters: Mapping[str, object]) -> Rows:
    raise AssertionError("building asks nothing")


def guards_of(**environ: str) -> Guards:
    return build_guards(load_settings(environ), None, ask=ask, scrubber=Scrubber())


EVERYTHING = {
    "LAMBDASCOPE_RATE_LIMIT_PRINCIPAL": "100/minute; 10/second",
    "LAMBDASCOPE_RATE_LIMIT_SESSION": "100/minute",
    "LAMBDASCOPE_RATE_LIMIT_TOOL": "100/minute",
    "LAMBDASCOPE_CONCURRENT_PRINCIPAL": "4",
    "LAMBDASCOPE_CONCURRENT_TOOL": "2",
    "LAMBDASCOPE_CALL_TIMEOUT_S": "10",
    "LAMBDASCOPE_BREAKER_FAILURES": "3",
    "LAMBDASCOPE_RETRY_ATTEMPTS": "2",
    "LAMBDASCOPE_CACHE_TTL_S": "60",
}


def test_with_nothing_set_no_guard_stands_in_the_way() -> None:
    assert guards_of() == Guards()


def test_a_budget_stands_before_the_approval_and_before_our_own_tools_too() -> None:
    # Nobody is to be asked for a call that is refused anyway; every answer tells what is left.
    guards = guards_of(LAMBDASCOPE_BUDGET_DAY_USD="1", LAMBDASCOPE_APPROVE="always")
    assert isinstance(guards.sending[0], BudgetStep)
    assert len(guards.sending) == 2
    assert guards.elsewhere is not None


def test_pins_stand_first(tmp_path: Path) -> None:
    # Of a held tool nobody asks a person, and no budget is looked at.
    board = PinBoard(PinStore(directory=tmp_path), holds=True)
    settings = load_settings({"LAMBDASCOPE_BUDGET_DAY_USD": "1"})
    guards = build_guards(settings, None, ask=ask, scrubber=Scrubber(), pins=board)
    assert [type(step) for step in guards.sending] == [PinsStep, BudgetStep]
    assert guards.pins is board


async def test_a_guard_of_what_leaves_lets_our_own_tools_pass(call_of: Callable[..., Call]) -> None:
    # A budget that is spent must not keep its owner from asking what it was spent on.
    async def refuse(call: Call, call_next: Next) -> Outcome:
        return Outcome(kind=OutcomeKind.REFUSED)

    async def run(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK)

    guard, own = around_what_leaves(refuse), ReadResult(Results(0), 1024)
    looks = call_of(aim=Aim(target="cloudwatch", function_name="orders"))
    assert (await guard(looks, run)).kind is OutcomeKind.OK  # a kept look at an incident would be stale
    assert (await guard(call_of({"call_id": "x"}, tool=own), run)).kind is OutcomeKind.OK
    assert (await guard(call_of(), run)).kind is OutcomeKind.REFUSED


async def test_the_guards_that_are_on_stand_in_their_order(
    call_of: Callable[..., Call], function_of: Callable[..., Any], metered: Any
) -> None:
    # A kept result must take no place, a retry must not reset the breaker, and each attempt has the whole timeout.
    settings = load_settings({**EVERYTHING, "LAMBDASCOPE_READ_ONLY_FUNCTIONS": "orders"})
    guards = build_guards(settings, metered.meters, ask=ask, scrubber=Scrubber())
    passed = list[str]()

    async def target(call: Call) -> Outcome:
        frame: FrameType | None = sys._getframe()
        while frame:
            if frame.f_code.co_name == "__call__" and "lambdascope_proxy/steps" in frame.f_code.co_filename:
                passed.append(Path(frame.f_code.co_filename).stem)
            frame = frame.f_back
        return Outcome(kind=OutcomeKind.OK)

    pipeline = build_pipeline([*guards.arriving, *guards.sending], target)
    await pipeline(call_of(function=function_of("orders")))
    assert passed[::-1] == ["rate", "cache", "concurrency", "breaker", "retry", "timeout"]
    assert (await pipeline(call_of(function=function_of("orders")))).meta
    assert len(passed) == 6


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"LAMBDASCOPE_RATE_LIMIT_TOOL": "1/second"}, (1, 0)),
        ({"LAMBDASCOPE_CONCURRENT_TOOL": "1"}, (0, 1)),
        ({"LAMBDASCOPE_CALL_TIMEOUT_S": "1"}, (0, 1)),
        ({"LAMBDASCOPE_BREAKER_FAILURES": "1"}, (0, 1)),
        ({"LAMBDASCOPE_RETRY_ATTEMPTS": "1"}, (0, 1)),
        ({"LAMBDASCOPE_CACHE_TTL_S": "1"}, (0, 1)),
        # These go with others, and do nothing by themselves.
        ({"LAMBDASCOPE_IDEMPOTENT_FUNCTIONS": "*", "LAMBDASCOPE_READ_ONLY_FUNCTIONS": "*"}, (0, 0)),
    ],
)
def test_each_setting_turns_its_own_guard_on(given: dict[str, str], counts: tuple[int, int]) -> None:
    guards = guards_of(**given)
    assert (len(guards.arriving), len(guards.sending)) == counts


async def test_kept_results_of_other_servers_are_forgotten_when_their_tools_change(
    call_of: Callable[..., Call],
) -> None:
    guards = guards_of(LAMBDASCOPE_CACHE_TTL_S="60")
    assert guards.cache is not None
    guards.cache.keep(b"k", b"answer", "upstream:shop", asked_when=0)
    await guards.tools_changed()
    assert guards.cache.read(b"k") is None
    await Guards().tools_changed()
