"""Which calls are paid from the same purse."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.budgets.purse import Purse, purse_of
from lambdascope_proxy.call import Caller

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 22, tzinfo=UTC)
moments = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ADA = Caller(transport="http", principal="ada", session_id="s1")


def test_days_and_months_are_those_of_utc() -> None:
    in_tokyo = datetime(2026, 12, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    month = purse_of(Scope.MONTH, ADA, in_tokyo)
    assert (month.since, month.until) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    day = purse_of(Scope.DAY, ADA, in_tokyo)
    assert (day.since, day.until) == (datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


@given(moments, st.sampled_from(Scope))
def test_a_purse_holds_the_moment_it_is_paid_at_and_begins_anew_right_after_its_end(at: datetime, scope: Scope) -> None:
    purse = purse_of(scope, Caller(transport="http"), at)
    assert purse.since is not None
    assert purse.until is not None
    assert purse.since <= at < purse.until
    after = purse_of(scope, Caller(transport="http"), purse.until)
    assert after.since == purse.until


@pytest.mark.parametrize(
    ("scope", "other", "is_same"),
    [
        (Scope.SESSION, Caller(transport="http", principal="ada", session_id="s2"), False),
        (Scope.SESSION, Caller(transport="http", principal="bob", session_id="s1"), False),
        (Scope.PRINCIPAL_DAY, Caller(transport="http", principal="ada", session_id="s2"), True),
        (Scope.PRINCIPAL_DAY, Caller(transport="http", principal="bob", session_id="s1"), False),
        (Scope.DAY, Caller(transport="stdio"), True),
        (Scope.MONTH, Caller(transport="stdio"), True),
    ],
)
def test_a_purse_is_shared_by_those_it_is_meant_for(scope: Scope, other: Caller, is_same: bool) -> None:
    assert (purse_of(scope, ADA, NOON) == purse_of(scope, other, NOON)) == is_same


def test_a_session_lasts_over_midnight_and_over_stdio_it_is_the_process() -> None:
    stdio = Caller(transport="stdio")
    assert purse_of(Scope.SESSION, stdio, NOON) == purse_of(Scope.SESSION, stdio, NOON + timedelta(days=1))
    assert purse_of(Scope.SESSION, ADA, NOON).until is None


def test_over_http_without_sessions_a_principals_day_takes_the_place_of_one() -> None:
    # Otherwise the budget would limit nothing there, and nobody would notice.
    one, other = Caller(transport="http", principal="ada"), Caller(transport="http", principal="bob")
    purse = purse_of(Scope.SESSION, one, NOON)
    assert purse == Purse(scope=Scope.SESSION, owner=("ada",), since=DAY, until=DAY + timedelta(days=1))
    assert purse != purse_of(Scope.SESSION, other, NOON)
