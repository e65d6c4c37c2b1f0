"""What may be spent grows again evenly, and no sequence of spendings gets more out of it than it says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.reconcile.allowance import Allowance, Used

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
# One an hour, four at once.
ALLOWANCE = Allowance(a_day=24, at_once=4)


def test_what_was_spent_grows_again_evenly() -> None:
    used = ALLOWANCE.spend(4, None, NOON)
    assert not ALLOWANCE.allows(1, used, NOON)
    assert ALLOWANCE.used(used, NOON + HOUR) == 3
    assert ALLOWANCE.allows(1, used, NOON + HOUR)
    assert not ALLOWANCE.allows(2, used, NOON + HOUR)
    assert ALLOWANCE.used(used, NOON + 9 * HOUR) == 0


def test_what_is_more_than_may_be_spent_at_once_waits_for_all_of_it_and_is_paid_back() -> None:
    assert ALLOWANCE.allows(6, None, NOON)
    assert not ALLOWANCE.allows(6, Used(amount=0.5, at=NOON), NOON)
    assert not ALLOWANCE.allows(1, ALLOWANCE.spend(6, None, NOON), NOON + 2 * HOUR)


def test_a_clock_that_is_set_back_lets_nothing_grow_and_what_is_given_back_is_not_saved_up() -> None:
    assert ALLOWANCE.used(Used(amount=3, at=NOON), NOON - HOUR) == 3
    assert ALLOWANCE.spend(-5, Used(amount=3, at=NOON), NOON).amount == 0


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0.01, 6)), max_size=60))
def test_no_day_sees_more_spent_than_what_grows_and_what_may_be_spent_at_once(
    wishes: list[tuple[float, float]],
) -> None:
    used, now, spent = None, NOON, list[tuple[datetime, float]]()
    for hours, amount in wishes:
        now += hours * HOUR
        if ALLOWANCE.allows(amount, used, now):
            used = ALLOWANCE.spend(amount, used, now)
            spent.append((now, amount))
    for begin, _ in spent:
        of_day = sum(amount for at, amount in spent if begin <= at < begin + timedelta(days=1))
        # 6 - 4: the last of them may be larger than what may be spent at once.
        assert of_day <= 24 + 4 + 2 + 1e-6
