"""Where a budget stands, in figures and in words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.budgets.budget import Budget, Scope, Unit
from lambdascope_proxy.budgets.purse import purse_of
from lambdascope_proxy.budgets.spending import Spent
from lambdascope_proxy.budgets.standing import Standing
from lambdascope_proxy.call import Caller

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def standing_of(
    scope: Scope = Scope.DAY, unit: Unit = Unit.USD, limit: str = "5", *, is_whole: bool = True, **spent: Any
) -> Standing:
    return Standing(
        budget=Budget(scope=scope, unit=unit, limit=Decimal(limit)),
        purse=purse_of(scope, Caller(transport="stdio", principal="ada"), NOON),
        spent=Spent(**spent),
        warn_share=Decimal("0.8"),
        is_whole=is_whole,
    )


def test_dollars_are_told_exactly_with_the_day_and_what_is_not_in_them() -> None:
    standing = standing_of(usd=Decimal("4.250000100000"), unpriced=2)
    assert standing.as_data() == {
        "limit": "5",
        "spent": "4.2500001",
        "left": "0.7499999",
        "unpriced_calls": 2,
        "since": "2026-11-22T00:00:00Z",
        "begins_anew": "2026-11-23T00:00:00Z",
        "warning": f"{standing.in_words()} {standing.next_step()}",
    }
    assert standing.in_words() == (
        "$4.2500001 of $5 for the day (LAMBDASCOPE_BUDGET_DAY_USD) is spent since 2026-11-22T00:00:00Z. "
        "2 more calls have no known price and are not in it."
    )
    assert standing.next_step() == (
        "It begins anew at 2026-11-23T00:00:00Z; the operator can raise LAMBDASCOPE_BUDGET_DAY_USD."
    )


def test_seconds_are_told_as_numbers_and_a_session_without_times() -> None:
    standing = standing_of(Scope.SESSION, Unit.SECONDS, "100", seconds=Decimal("70.500"), unpriced=1, is_whole=False)
    assert standing.as_data() == {"limit": 100.0, "spent": 70.5, "left": 29.5, "counts": "this process only"}
    assert (
        standing.in_words()
        == "70.5 s in calls of 100 s in calls for this session (LAMBDASCOPE_BUDGET_SESSION_S) is spent."
    )
    assert "with a new session" in standing.next_step()


def test_one_call_without_a_price_is_told_as_one() -> None:
    assert standing_of(unpriced=1).in_words().endswith("1 more call has no known price and is not in it.")


@pytest.mark.parametrize(
    ("used", "is_near", "is_spent"),
    [("3.99", False, False), ("4", True, False), ("4.99", True, False), ("5", True, True)],
)
def test_it_is_near_from_its_share_and_spent_at_its_limit(used: str, is_near: bool, is_spent: bool) -> None:
    standing = standing_of(usd=Decimal(used))
    assert (standing.is_near, standing.is_spent) == (is_near, is_spent)


@given(st.decimals(0, 1000, places=6), st.decimals("0.000001", 1000, places=6))
def test_what_is_left_and_what_is_spent_make_the_limit_until_it_is_passed(used: Decimal, limit: Decimal) -> None:
    standing = standing_of(limit=str(limit), usd=used)
    assert standing.left == max(limit - used, 0)
    assert standing.is_spent == (standing.left == 0)
