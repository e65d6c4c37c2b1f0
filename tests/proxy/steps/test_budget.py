"""The step of the budgets: counts what calls spend, tells it, warns, and refuses once a budget is spent."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from lambdascope_proxy.budgets.budget import Budget, Scope, Unit
from lambdascope_proxy.budgets.elsewhere import Elsewhere, Rows
from lambdascope_proxy.budgets.standing import META
from lambdascope_proxy.call import Aim, Call, Caller, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.budget import BudgetStep
from lambdascope_proxy.telemetry.meters import Meters

pytestmark = pytest.mark.anyio
CallOf = Callable[..., Call]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CENT = Decimal("0.01")
DAY_USD = Budget(scope=Scope.DAY, unit=Unit.USD, limit=Decimal("0.05"))
SESSION_S = Budget(scope=Scope.SESSION, unit=Unit.SECONDS, limit=Decimal(10))


class World:
    """A step with a clock that stands, a history that holds what it is given, and calls that spend what they say."""

    def __init__(self, call_of: CallOf, *budgets: Budget, **more: Any) -> None:
        self.now, self.elsewhere_usd = NOON, Decimal(0)
        self.ran = 0
        self._call_of = call_of
        elsewhere = Elsewhere(ask=self._ask, began_at=NOON, looks_at_month=False)
        self.step = BudgetStep(budgets, elsewhere, warn_share=Decimal("0.8"), now=lambda: self.now, **more)

    async def _ask(self, name: str, parameters: Mapping[str, object]) -> Rows:
        unspent = {"principal": None, "has_no_session": False, "invoke_ms": None, "unpriced_calls": 0}
        return [{**unspent, "cost_usd": self.elsewhere_usd}]

    def call(self, **changes: Any) -> Call:
        return self._call_of(started_at=self.now, **changes)

    async def run(self, spends: Outcome | CallFailed, **changes: Any) -> Outcome:
        async def call_next(call: Call) -> Outcome:
            self.ran += 1
            if isinstance(spends, CallFailed):
                raise spends
            return spends

        return await self.step(self.call(**changes), call_next)


@pytest.fixture
def world_of(call_of: CallOf) -> Callable[..., World]:
    return lambda *budgets, **more: World(call_of, *budgets, **more)


def priced(cost_usd: Decimal | None = CENT, invoke_ms: float = 1000.0) -> Outcome:
    invocation = Invocation(region="us-east-1", cost_usd=cost_usd, invoke_ms=invoke_ms)
    return Outcome(kind=OutcomeKind.OK, invocation=invocation)


def spent(outcome: Outcome, name: str = "day_usd") -> str:
    return outcome.meta[META][name]["spent"]


async def test_every_answer_tells_what_is_left(world_of: Callable[..., World]) -> None:
    outcome = await world_of(DAY_USD, SESSION_S).run(priced())
    assert outcome.meta == {
        META: {
            "day_usd": {
                "limit": "0.05",
                "spent": "0.01",
                "left": "0.04",
                "since": "2026-11-22T00:00:00Z",
                "begins_anew": "2026-11-23T00:00:00Z",
            },
            "session_s": {"limit": 10.0, "spent": 1.0, "left": 9.0},
        }
    }
    assert outcome.notes == ()


@pytest.mark.parametrize("end", ["answered", "failed", "cancelled"])
async def test_a_price_that_is_known_counts_while_the_call_is_under_way(
    world_of: Callable[..., World], end: str
) -> None:
    # Else the last cent would pay for any number of calls at once.
    world = world_of(DAY_USD, price_of=lambda call: 2 * CENT)
    may_end = asyncio.Event()

    async def slow(call: Call) -> Outcome:
        await may_end.wait()
        if end == "failed":
            raise CallFailed(OutcomeKind.TRANSPORT_ERROR, "UpstreamNotStarted", "no")
        return priced(2 * CENT)

    calls = [asyncio.ensure_future(world.step(world.call(), slow)) for _ in range(10)]
    done, running = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    assert len(running) == 3
    assert {type(call.exception()) for call in done} == {CallFailed}
    if end == "cancelled":
        for call in running:
            call.cancel()
    may_end.set()
    await asyncio.gather(*running, return_exceptions=True)
    after = world.step.standings(world.call().caller, NOON)
    assert after[0].as_data()["spent"] == ("0.06" if end == "answered" else "0")


async def test_it_warns_from_its_share_on_and_refuses_at_the_limit(
    world_of: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    world, words = world_of(DAY_USD), "of $0.05 for the day (LAMBDASCOPE_BUDGET_DAY_USD) is spent"
    with caplog.at_level(logging.WARNING):
        notes = [(await world.run(priced())).notes for _ in range(5)]
        with pytest.raises(CallFailed) as refused:
            await world.run(priced())
    assert notes[:3] == [(), (), ()]
    assert [
        note.startswith(f"Budget: ${figure} {words}")
        for (note,), figure in zip(notes[3:], ("0.04", "0.05"), strict=True)
    ] == [True, True]
    assert world.ran == 5
    failure = refused.value.failure
    assert (refused.value.kind, failure.error_type) == (OutcomeKind.REFUSED, "BudgetExceeded")
    assert failure.message == f"Nothing was called: $0.05 {words} since 2026-11-22T00:00:00Z."
    assert failure.hint == "It begins anew at 2026-11-23T00:00:00Z; the operator can raise LAMBDASCOPE_BUDGET_DAY_USD."
    assert refused.value.meta[META]["day_usd"]["left"] == "0"
    # One line when it came near, one when it was spent: not one for each call.
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["budget nearly spent", "budget spent"]


async def test_a_new_day_begins_anew(world_of: Callable[..., World]) -> None:
    world = world_of(DAY_USD)
    await world.run(priced(CENT * 9))
    with pytest.raises(CallFailed):
        await world.run(priced())
    world.now += timedelta(hours=12)
    assert spent(await world.run(priced())) == "0.01"


async def test_a_call_counts_in_the_day_in_which_it_began(world_of: Callable[..., World]) -> None:
    # The history has it there: the figures must not change with a restart.
    world = world_of(DAY_USD)
    world.now = NOON.replace(hour=23, minute=59)

    async def over_midnight(call: Call) -> Outcome:
        world.now = NOON + timedelta(days=1)
        return priced(CENT * 9)

    assert spent(await world.step(world.call(), over_midnight)) == "0"
    assert spent(await world.run(priced())) == "0.01"


async def test_what_others_spent_counts_before_the_first_call(world_of: Callable[..., World]) -> None:
    # Catches a budget that a restart empties.
    world = world_of(DAY_USD)
    world.elsewhere_usd = DAY_USD.limit
    with pytest.raises(CallFailed):
        await world.run(priced())
    assert world.ran == 0


async def test_callers_over_http_have_sessions_of_their_own(world_of: Callable[..., World]) -> None:
    world = world_of(SESSION_S)
    one = Caller(transport="http", session_id="one")
    await world.run(priced(invoke_ms=10_000.0), caller=one)
    with pytest.raises(CallFailed) as refused:
        await world.run(priced(), caller=one)
    assert refused.value.failure.hint.startswith("It begins anew with a new session")
    await world.run(priced(), caller=replace(one, session_id="other"))


async def test_a_call_without_a_price_is_told_and_moves_no_figure(world_of: Callable[..., World]) -> None:
    outcome = await world_of(DAY_USD).run(priced(None))
    assert (spent(outcome), outcome.meta[META]["day_usd"]["unpriced_calls"]) == ("0", 1)


async def test_a_call_that_failed_counts_and_its_answer_tells_too(world_of: Callable[..., World]) -> None:
    failed = CallFailed(OutcomeKind.FUNCTION_ERROR, "ValueError", "no")
    failed.invocation = priced().invocation
    failed.bill = Bill(region="us-east-1", metrics=100)
    world = world_of(DAY_USD)
    with pytest.raises(CallFailed) as seen:
        await world.run(failed)
    assert seen.value.meta[META]["day_usd"]["spent"] == "0.011"
    assert failed.bill is not None  # still there for the history


async def test_a_call_that_was_given_up_counts(world_of: Callable[..., World]) -> None:
    world = world_of(DAY_USD)

    async def given_up(call: Call) -> Outcome:
        cancelled = asyncio.CancelledError()
        cancelled.invocation = priced().invocation  # type: ignore[attr-defined]  # as the target does
        raise cancelled

    with pytest.raises(asyncio.CancelledError):
        await world.step(world.call(), given_up)
    assert spent(await world.run(priced(Decimal(0)))) == "0.01"


@pytest.mark.parametrize(
    ("aim", "is_refused_dollars", "is_refused_seconds"),
    [
        (Aim(target="lambda"), True, True),
        (Aim(target="upstream:files"), True, True),
        (Aim(target="cloudwatch"), True, False),
        (Aim(target="self"), False, False),
        (Aim(target="lambda", invocation_type="DryRun"), False, False),
    ],
)
async def test_what_cannot_spend_a_budget_is_not_refused_for_it(
    world_of: Callable[..., World], aim: Aim, is_refused_dollars: bool, is_refused_seconds: bool
) -> None:
    for budget, is_refused in ((DAY_USD, is_refused_dollars), (SESSION_S, is_refused_seconds)):
        world = world_of(budget)
        await world.run(priced(Decimal(1), 99_000.0))
        if is_refused:
            with pytest.raises(CallFailed):
                await world.run(priced(), aim=aim)
        else:
            assert (await world.run(priced(), aim=aim)).notes[0].startswith("Budget: ")


async def test_the_narrowest_budget_that_is_spent_is_the_one_told(world_of: Callable[..., World]) -> None:
    world = world_of(Budget(scope=Scope.SESSION, unit=Unit.USD, limit=CENT), DAY_USD)
    await world.run(priced(CENT * 5))
    with pytest.raises(CallFailed, match="LAMBDASCOPE_BUDGET_SESSION_USD"):
        await world.run(priced())


async def test_calls_in_flight_overshoot_and_the_next_is_refused(world_of: Callable[..., World]) -> None:
    # As docs/budgets.md says: what a call costs is known after it ran.
    world, gate = world_of(DAY_USD), asyncio.Event()

    async def waits(call: Call) -> Outcome:
        await gate.wait()
        return priced(CENT * 4)

    both = [asyncio.create_task(world.step(world.call(), waits)) for _ in range(2)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*both)
    with pytest.raises(CallFailed, match=r"\$0.08 of \$0.05"):
        await world.run(priced())


async def test_warnings_are_metered_once_for_each_purse(world_of: Callable[..., World]) -> None:
    reader = InMemoryMetricReader()
    meters = Meters(MeterProvider([reader]).get_meter("tests"), most_series=10)
    world = world_of(DAY_USD, meters=meters)
    for _ in range(5):
        await world.run(priced())
    data = reader.get_metrics_data()
    assert data is not None
    points = {
        (metric.name, tuple(sorted((point.attributes or {}).items()))): point.value
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.data.data_points
        if metric.name.startswith("lambdascope.budget")
    }
    assert points == {
        ("lambdascope.budget.warnings", (("lambdascope.budget", "day_usd"), ("lambdascope.result", "near"))): 1,
        ("lambdascope.budget.warnings", (("lambdascope.budget", "day_usd"), ("lambdascope.result", "spent"))): 1,
    }


async def test_of_sessions_the_metrics_tell_the_one_that_spent_most(world_of: Callable[..., World]) -> None:
    world = world_of(SESSION_S, DAY_USD)
    for name, invoke_ms in (("a", 1000.0), ("b", 3000.0), ("c", 2000.0)):
        await world.run(priced(invoke_ms=invoke_ms), caller=Caller(transport="http", session_id=name))
    assert [(standing.budget.name, standing.used) for standing in world.step.worst()] == [
        ("session_s", Decimal(3)),
        ("day_usd", CENT * 3),
    ]
    world.now += timedelta(days=1)
    assert [standing.budget.name for standing in world.step.worst()] == ["session_s"]
