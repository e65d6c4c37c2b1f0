"""What is counted in memory: the plain sum for each purse, and no more purses than fit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.budgets.ledger import Ledger
from lambdascope_proxy.budgets.purse import purse_of
from lambdascope_proxy.budgets.spending import NOTHING, Spent
from lambdascope_proxy.call import Caller

START = datetime(2026, 11, 28, tzinfo=UTC)
callers = st.builds(
    Caller,
    transport=st.sampled_from(["stdio", "http"]),
    session_id=st.sampled_from([None, "s1", "s2"]),
    principal=st.sampled_from([None, "ada", "bob"]),
)
moments = st.integers(0, 10 * 24).map(lambda hours: START + timedelta(hours=hours))
amounts = st.builds(
    Spent,
    usd=st.integers(0, 10**12).map(lambda units: Decimal(units).scaleb(-12)),
    seconds=st.integers(0, 10**9).map(lambda micros: Decimal(micros).scaleb(-6)),
    unpriced=st.integers(0, 1),
)


@given(st.lists(st.tuples(callers, moments, amounts), max_size=20), callers, moments)
def test_a_purse_has_paid_the_plain_sum_of_the_calls_it_is_shared_by(
    calls: list[tuple[Caller, datetime, Spent]], asking: Caller, at: datetime
) -> None:
    ledger = Ledger()
    for caller, moment, spent in calls:
        ledger.add([purse_of(scope, caller, moment) for scope in Scope], spent)
    for scope in Scope:
        purse = purse_of(scope, asking, at)
        shared = [spent for caller, moment, spent in calls if purse_of(scope, caller, moment) == purse]
        assert ledger.spent(purse).usd == sum(spent.usd for spent in shared)
        assert ledger.spent(purse).seconds == sum(spent.seconds for spent in shared)
        assert ledger.spent(purse).unpriced == sum(spent.unpriced for spent in shared)


def test_of_more_purses_than_fit_those_go_that_were_paid_from_longest_ago() -> None:
    ledger, dollar = Ledger(most=2), Spent(usd=Decimal(1))
    first, second, third = (
        purse_of(Scope.SESSION, Caller(transport="http", session_id=name), START) for name in ("a", "b", "c")
    )
    for purse in (first, second, first, third):
        ledger.add([purse], dollar)
    assert [ledger.spent(purse) for purse in (first, second, third)] == [dollar + dollar, NOTHING, dollar]


def test_many_sessions_push_out_no_principal() -> None:
    # Somebody could else open sessions until what others spent is forgotten.
    ledger, day = Ledger(most=2), purse_of(Scope.PRINCIPAL_DAY, Caller(transport="http", principal="ada"), START)
    ledger.add([day], Spent(usd=Decimal(1)))
    for number in range(9):
        session = purse_of(Scope.SESSION, Caller(transport="http", session_id=str(number)), START)
        ledger.add([session], Spent(usd=Decimal(1)))
    assert ledger.spent(day).usd == 1
    assert ledger.purses(Scope.PRINCIPAL_DAY) == [day]
