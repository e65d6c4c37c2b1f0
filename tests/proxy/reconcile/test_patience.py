"""How often a function that the logs do not tell of is asked for: never for ever at the same pace."""

from datetime import UTC, datetime, timedelta

from lambdascope_proxy.reconcile.patience import Patience

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_each_look_in_vain_doubles_the_wait_up_to_a_day() -> None:
    patience, now, waits = Patience(), NOON, list[float]()
    for _ in range(12):
        assert patience.is_due("a", now)
        patience.note("a", now)
        looked_at = now
        while not patience.is_due("a", now):
            now += timedelta(minutes=1)
        waits.append((now - looked_at).total_seconds() / 60)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]


def test_several_in_vain_at_one_moment_are_one_look_and_what_was_found_begins_anew() -> None:
    patience = Patience()
    for _ in range(5):
        patience.note("function", NOON)
    assert patience.is_due("function", NOON + timedelta(minutes=2))
    patience.forget("function")
    assert patience.is_due("function", NOON)


def test_what_was_not_asked_for_is_due_and_what_waits_is_kept_with_how_long_it_waited() -> None:
    patience = Patience()
    patience.note("a", NOON)
    assert (patience.is_due("a", NOON), patience.is_due("b", NOON)) == (False, True)
    later = NOON + timedelta(minutes=5)
    assert Patience.of(patience.as_data(later)) == patience
    assert patience.as_data(NOON + timedelta(days=2)) == {}
