"""What was spent elsewhere: when the history is looked at, who waits for it, and what is made of its rows."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.budgets.elsewhere import EARLIER_FRESH, FRESH, STALE, STATEMENT, Elsewhere, Rows, sums_of
from lambdascope_proxy.budgets.purse import purse_of
from lambdascope_proxy.budgets.spending import NOTHING, Spent
from lambdascope_proxy.call import Caller

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, MONTH = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ADA, ALL = Caller(transport="http", principal="ada", session_id="s1"), Caller(transport="stdio")


def row(principal: str | None, dollars: int, *, has_no_session: bool = False) -> Mapping[str, Any]:
    return {
        "principal": principal,
        "has_no_session": has_no_session,
        "cost_usd": Decimal(dollars),
        "invoke_ms": 1000.0,
        "unpriced_calls": 1,
    }


class FakeHistory:
    """Answers with rows by the beginning of the period; while its gate is closed nothing is answered."""

    def __init__(self) -> None:
        self.rows: dict[datetime, Rows] = {}
        self.asked: list[datetime] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: HistoryError | None = None
        self.parameters: Mapping[str, object] = {}

    async def ask(self, name: str, parameters: Mapping[str, object]) -> Rows:
        assert name == STATEMENT
        self.parameters = parameters
        after = parameters["started_after"]
        assert isinstance(after, datetime)
        self.asked.append(after)
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return self.rows.get(after, ())


@pytest.fixture
def history() -> FakeHistory:
    return FakeHistory()


def elsewhere_of(history: FakeHistory, *, looks_at_month: bool = True, patience_s: float = 30) -> Elsewhere:
    return Elsewhere(ask=history.ask, began_at=NOON, looks_at_month=looks_at_month, patience_s=patience_s)


async def until_quiet(elsewhere: Elsewhere) -> None:
    for _ in range(20):
        await asyncio.sleep(0)
    assert elsewhere._looking is None


async def test_the_first_call_waits_and_each_purse_is_paid_from_its_own_rows(history: FakeHistory) -> None:
    history.rows = {
        MONTH: [row("ada", 100)],
        DAY: [row("ada", 1), row("ada", 2, has_no_session=True), row(None, 4)],
    }
    elsewhere = elsewhere_of(history)
    assert not elsewhere.is_known
    await elsewhere.catch_up(NOON)
    assert elsewhere.is_known

    def dollars(scope: Scope, caller: Caller, at: datetime = NOON) -> Decimal:
        return elsewhere.spent(purse_of(scope, caller, at)).usd

    assert dollars(Scope.MONTH, ALL) == 107
    assert dollars(Scope.DAY, ALL) == 7
    assert (dollars(Scope.PRINCIPAL_DAY, ADA), dollars(Scope.PRINCIPAL_DAY, ALL)) == (3, 4)
    # A session that the transport tells began with this process; one that it does not tell is the principal's day.
    assert dollars(Scope.SESSION, ADA) == 0
    assert dollars(Scope.SESSION, Caller(transport="http", principal="ada")) == 2
    assert dollars(Scope.DAY, ALL, NOON + timedelta(days=1)) == 0
    assert dollars(Scope.MONTH, ALL, NOON + timedelta(days=1)) == 107
    assert elsewhere.spent(purse_of(Scope.DAY, ALL, NOON)) == Spent(usd=Decimal(7), seconds=Decimal(3), unpriced=3)


async def test_who_counts_for_itself_is_told_to_the_history(history: FakeHistory) -> None:
    await elsewhere_of(history).catch_up(NOON)
    assert history.parameters["own_since"] == NOON
    assert set(history.parameters) == {"started_after", "started_before", "own_host", "own_pid", "own_since"}


async def test_a_look_that_is_old_is_renewed_while_calls_go_on(history: FakeHistory) -> None:
    elsewhere = elsewhere_of(history)
    await elsewhere.catch_up(NOON)
    await elsewhere.catch_up(NOON + FRESH - SECOND)
    assert history.asked == [MONTH, DAY]
    history.gate.clear()
    await elsewhere.catch_up(NOON + FRESH)  # would hang here if it waited
    await asyncio.sleep(0)
    assert history.asked == [MONTH, DAY, DAY]  # days that are over are not read again so soon
    history.rows = {DAY: [row(None, 9)]}
    history.gate.set()
    await until_quiet(elsewhere)
    assert elsewhere.spent(purse_of(Scope.DAY, ALL, NOON)).usd == 9


async def test_earlier_days_are_read_again_by_the_hour_for_what_the_logs_told_since(history: FakeHistory) -> None:
    elsewhere = elsewhere_of(history)
    await elsewhere.catch_up(NOON)
    await elsewhere.catch_up(NOON + EARLIER_FRESH)
    assert history.asked == [MONTH, DAY, MONTH, DAY]


@pytest.mark.parametrize("later", [STALE, timedelta(hours=12)])
async def test_after_a_long_silence_or_at_midnight_a_call_waits_for_the_look(
    history: FakeHistory, later: timedelta
) -> None:
    elsewhere = elsewhere_of(history)
    await elsewhere.catch_up(NOON)
    at = NOON + later
    history.rows = {at.replace(hour=0, minute=0): [row(None, 9)]}
    await elsewhere.catch_up(at)
    assert elsewhere.spent(purse_of(Scope.DAY, ALL, at)).usd == 9


async def test_on_the_first_of_a_month_there_are_no_earlier_days_to_read(history: FakeHistory) -> None:
    await elsewhere_of(history).catch_up(MONTH)
    assert history.asked == [MONTH]


async def test_without_a_budget_for_the_month_only_the_day_is_read(history: FakeHistory) -> None:
    await elsewhere_of(history, looks_at_month=False).catch_up(NOON)
    assert history.asked == [DAY]


async def test_a_history_that_does_not_answer_holds_a_call_only_for_a_while(history: FakeHistory) -> None:
    history.gate.clear()
    elsewhere = elsewhere_of(history, patience_s=0)
    await elsewhere.catch_up(NOON)
    assert not elsewhere.is_known
    assert elsewhere.spent(purse_of(Scope.DAY, ALL, NOON)) == NOTHING
    await elsewhere.aclose()
    assert elsewhere._looking is None


async def test_a_history_that_cannot_be_read_is_told_once_and_tried_again(
    history: FakeHistory, caplog: pytest.LogCaptureFixture
) -> None:
    history.failure = HistoryError("no such history")
    elsewhere = elsewhere_of(history)
    with caplog.at_level(logging.WARNING):
        for minutes in (0, 0, 1, 2):
            await elsewhere.catch_up(NOON + minutes * FRESH)
            await until_quiet(elsewhere)
    assert len(history.asked) == 3  # the second call of the first minute did not ask again
    assert [record.getMessage() for record in caplog.records] == [
        "budgets count only what this process spent since the last look at the history: no such history"
    ]
    history.failure = None
    await elsewhere.catch_up(NOON + 3 * FRESH)
    await until_quiet(elsewhere)
    assert elsewhere.is_known


async def test_calls_at_the_same_time_share_one_look(history: FakeHistory) -> None:
    elsewhere = elsewhere_of(history)
    await asyncio.gather(*(elsewhere.catch_up(NOON) for _ in range(5)))
    assert history.asked == [MONTH, DAY]


rows = st.lists(
    st.builds(
        row,
        st.sampled_from([None, "ada", "bob"]),
        st.integers(0, 10**6),
        has_no_session=st.booleans(),
    ),
    max_size=8,
)


@given(rows, rows, st.sampled_from([None, "ada", "bob"]))
def test_each_purse_has_the_plain_sum_of_its_rows(today: Rows, earlier: Rows, principal: str | None) -> None:
    sums = sums_of(today, earlier, NOON)
    caller = Caller(transport="http", principal=principal)
    own = [each for each in today if each["principal"] == principal]
    expected = {
        Scope.SESSION: [each for each in own if each["has_no_session"]],
        Scope.PRINCIPAL_DAY: own,
        Scope.DAY: today,
        Scope.MONTH: [*earlier, *today],
    }
    for scope, counted in expected.items():
        paid = sums.get(purse_of(scope, caller, NOON), NOTHING)
        assert (paid.usd, paid.unpriced) == (sum(each["cost_usd"] for each in counted), len(counted))
        assert paid.seconds == len(counted)
