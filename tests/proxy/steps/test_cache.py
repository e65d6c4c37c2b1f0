"""Kept results: for whom, of what, how they are marked and what the history holds of them."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind, Progress
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.response_cache import ResponseCache
from lambdascope_proxy.steps.cache import CACHE_META, CacheStep
from lambdascope_proxy.tool import ToolSpec

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Search:
    """A tool of another server that only reads."""

    spec = ToolSpec(name="shop__search", title="", description="", input_schema={}, output_schema={}, read_only=True)

    def aim(self, arguments: Any) -> Any:
        raise AssertionError

    async def run(self, call: Call) -> Outcome:
        raise AssertionError


class Put(Search):
    spec = replace(Search.spec, name="shop__put", read_only=False, idempotent=True)


class Target:
    """Counts its calls; answers with their number."""

    def __init__(self, **changes: Any) -> None:
        self.calls = 0
        self.changes = changes

    async def __call__(self, call: Call) -> Outcome:
        self.calls += 1
        wire = {"content": [{"type": "text", "text": f"{self.calls}"}], "_meta": {"x": 1}}
        invocation = Invocation(invoke_ms=3.0, cost_usd=Decimal(1), cost_source="configured")
        made = Outcome(kind=OutcomeKind.OK, text=f"{self.calls}", wire=wire, invocation=invocation)
        return replace(made, **self.changes)


@pytest.fixture
def search(call_of: Callable[..., Call]) -> Call:
    call = call_of()
    aim = replace(call.aim, target="upstream:shop", function_name=None, invocation_type=None)
    return replace(call, tool=Search(), arguments={"q": "a", "page": 1}, aim=aim)


def step_of(clock: Clock | None = None, **given: Any) -> CacheStep:
    return CacheStep(ResponseCache(1_000_000, 60, clock or Clock()), **given)


async def test_the_same_question_is_answered_again_without_asking(search: Call) -> None:
    clock, target = Clock(), Target()
    step = step_of(clock)
    first = await step(search, target)
    clock.now = 12.34
    again = await step(replace(search, arguments={"page": 1, "q": "a"}), target)
    assert target.calls == 1
    assert (again.kind, again.text, again.wire) == (OutcomeKind.OK, first.text, first.wire)
    assert again.meta == {CACHE_META: {"hit": True, "age_s": 12.3}}
    assert first.meta == {}
    clock.now = 60
    assert (await step(search, target)).text == "2"


async def test_the_history_tells_a_kept_result_and_that_it_cost_nothing(search: Call) -> None:
    step, target = step_of(), Target()
    await step(search, target)
    facts = facts_of(search, await step(search, target))
    assert (facts["outcome"], facts["attempts"], facts["cost_usd"]) == ("ok", 0, 0)
    assert facts["invoke_ms"] is None
    assert facts["cost_source"] == "measured"


async def test_other_arguments_another_tool_or_another_principal_ask_anew(search: Call) -> None:
    class Other(Search):
        spec = replace(Search.spec, name="shop__find")

    step, target = step_of(), Target()
    await step(search, target)
    others = [
        replace(search, arguments={"q": "a", "page": 2}),
        replace(search, arguments={"q": "a", "page": "1"}),
        replace(search, tool=Other()),
        replace(search, caller=replace(search.caller, principal="bob")),
        replace(search, caller=replace(search.caller, principal=None)),
    ]
    answers = [(await step(other, target)).text for other in others]
    assert answers == ["2", "3", "4", "5", "6"]
    # Sessions of one principal share.
    same = replace(search, caller=replace(search.caller, session_id="another"))
    assert (await step(same, target)).text == "1"


async def test_long_names_of_principals_that_differ_at_their_end_are_two(search: Call) -> None:
    step, target = step_of(), Target()
    callers = [replace(search.caller, principal="a" * 1000 + end) for end in ("1", "2")]
    answers = [(await step(replace(search, caller=caller), target)).text for caller in callers]
    assert answers == ["1", "2"]


async def test_what_does_more_than_read_is_never_kept(search: Call) -> None:
    step, target = step_of(), Target()
    for _ in range(2):
        await step(replace(search, tool=Put()), target)
    assert target.calls == 2


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, 1),
        ({"invocation_type": "Event"}, 2),
        ({"invocation_type": "DryRun"}, 2),
        ({"log_type": "Tail"}, 2),
        ({"function_name": "invoices"}, 2),
    ],
)
async def test_of_functions_only_those_that_a_setting_names_are_kept(
    changes: dict[str, str], asked: int, call_of: Callable[..., Call], function_of: Callable[..., Any]
) -> None:
    arguments = {"function_name": "orders", **changes}
    call = call_of(arguments, function=function_of(arguments["function_name"]), payload=b"{}")
    step, target = step_of(functions=["ord*"]), Target(wire=None, data={"result": [1]})
    outcomes = [await step(call, target) for _ in range(2)]
    assert target.calls == asked
    if asked == 1:
        assert outcomes[1].data == {"result": [1]}
        assert outcomes[1].notes == ("This result is 0 s old: it was kept (LAMBDASCOPE_CACHE_TTL_S).",)
        assert outcomes[1].invocation is not None
        assert (outcomes[1].invocation.region, outcomes[1].invocation.request_bytes) == ("us-east-1", 2)


FAILURE = Failure(error_type="UpstreamGone", message="no")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": OutcomeKind.TOOL_ERROR, "failure": FAILURE},
        {"kind": OutcomeKind.TRANSPORT_ERROR, "failure": FAILURE},
        {"kind": OutcomeKind.ACCEPTED},
        {"wire": {"resultType": "input_required", "inputRequests": {}}},
    ],
)
async def test_only_whole_successes_are_kept(search: Call, changes: dict[str, Any]) -> None:
    step, target = step_of(), Target(**changes)
    for _ in range(2):
        await step(search, target)
    assert target.calls == 2


@pytest.mark.parametrize("said", [{"input_responses": {"a": 1}}, {"request_state": "s"}])
async def test_a_call_that_brings_answers_of_the_clients_people_is_its_own(search: Call, said: dict[str, Any]) -> None:
    class Side:
        input_responses = said.get("input_responses")
        request_state = said.get("request_state")

    step, target = step_of(), Target()
    for _ in range(2):
        await step(replace(search, client=Side()), target)  # type: ignore[arg-type]
    assert target.calls == 2


class Asks(Target):
    """Asks each call's client before it answers."""

    async def __call__(self, call: Call) -> Outcome:
        outcome = await super().__call__(call)
        await asyncio.sleep(0)
        call.progress.was_asked = True
        return outcome


async def test_what_a_client_was_asked_for_is_neither_kept_nor_shared(search: Call) -> None:
    # Clients of one principal are different people over stdio, or behind one key: each gives an answer of its own.
    step, target = step_of(), Asks()
    calls = [replace(search, progress=Progress()) for _ in range(3)]
    answers = await asyncio.gather(*(step(call, target) for call in calls[:2]))
    answers.append(await step(calls[2], target))
    assert [answer.text for answer in answers] == ["1", "2", "3"]


class Slow(Target):
    def __init__(self, **changes: Any) -> None:
        super().__init__(**changes)
        self.may_end = asyncio.Event()

    async def __call__(self, call: Call) -> Outcome:
        outcome = await super().__call__(call)
        await self.may_end.wait()
        return outcome


async def running(step: CacheStep, target: Slow, *calls: Call) -> list[asyncio.Task[Outcome]]:
    tasks = [asyncio.ensure_future(step(call, target)) for call in calls]
    for _ in range(10):
        await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize("kind", [OutcomeKind.OK, OutcomeKind.TRANSPORT_ERROR])
async def test_calls_that_ask_the_same_at_once_are_one(search: Call, kind: OutcomeKind) -> None:
    # Also when it fails: else each would wait for a server that is gone, one after the other.
    failure = FAILURE if kind.is_failure else None
    step, target = step_of(), Slow(kind=kind, failure=failure)
    tasks = await running(step, target, *[search] * 3)
    target.may_end.set()
    first, *others = await asyncio.gather(*tasks)
    assert target.calls == 1
    assert {(other.kind, other.text, other.failure) for other in others} == {(kind, "1", failure)}
    assert [other.invocation and other.invocation.attempts for other in (first, *others)] == [1, 0, 0]
    assert CACHE_META not in first.meta
    assert others[0].meta == {CACHE_META: {"hit": kind is OutcomeKind.OK, "age_s": 0.0}}


async def test_when_the_one_that_asks_goes_away_another_asks(search: Call) -> None:
    step, target = step_of(), Slow()
    tasks = await running(step, target, *[search] * 3)
    tasks.pop(0).cancel()
    target.may_end.set()
    assert [(await task).text for task in tasks] == ["2", "2"]
    assert step._flights == {}


async def test_one_that_waits_may_go_away_alone(search: Call) -> None:
    step, target = step_of(), Slow()
    tasks = await running(step, target, *[search] * 3)
    tasks.pop().cancel()
    target.may_end.set()
    assert [(await task).text for task in tasks] == ["1", "1"]


async def test_a_failure_that_is_raised_reaches_everybody(search: Call) -> None:
    async def refuse(call: Call) -> Outcome:
        await asyncio.sleep(0)
        raise CallFailed(OutcomeKind.REFUSED, "BreakerOpen", "no")

    step = step_of()
    outcomes = await asyncio.gather(*[step(search, refuse) for _ in range(2)])
    assert {outcome.failure.error_type for outcome in outcomes if outcome.failure} == {"BreakerOpen"}


async def test_a_result_too_deep_to_be_written_is_not_kept(search: Call) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    step, target = step_of(), Target(data={"result": deep})
    for _ in range(2):
        await step(search, target)
    assert target.calls == 2
    while deep:
        deep = deep.pop()  # or freeing it would recurse as deep


async def test_what_is_kept_cannot_be_changed_by_who_gets_it(search: Call) -> None:
    step, target = step_of(), Target()
    for _ in range(2):
        wire: Any = (await step(search, target)).wire
        wire["content"].clear()
    assert json.dumps((await step(search, target)).wire).count('"1"') == 1


async def test_lookups_and_bytes_are_metered(search: Call, metered: Any) -> None:
    step, target = step_of(meters=metered.meters), Slow()
    tasks = await running(step, target, search, search)
    target.may_end.set()
    await asyncio.gather(*tasks)
    await step(search, target)
    read = metered.read()
    counted = {dict(series)["lambdascope.result"]: value for series, value in read["lambdascope.cache.lookups"].items()}
    assert counted == {"miss": 1, "shared": 1, "hit": 1}
    assert read["lambdascope.cache.size"][()] > 400
