"""How often something that is not in the logs is looked for: never for ever at the same pace."""

from datetime import UTC, datetime, timedelta

from lambdascope_proxy.reconcile.patience import Patience

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_each_look_in_vain_doubles_the_wait_up_to_six_hours() -> None:
    patience, now, waits = Patience(), NOON, list[float]()
    for _ in range(12):
        assert patience.is_due("a", now)
        patience.note("a", now)
        looked_at = now
        while not patience.is_due("a", now):
            now += timedelta(minutes=1)
        waits.append((now - looked_at).total_seconds() / 60)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360]


def test_several_in_vain_at_one_moment_are_one_look_and_what_was_found_begins_anew() -> None:
    patience = Patience()
    for _ in range(5):
        patience.note("function", NOON)
    assert patience.is_due("function", NOON + timedelta(minutes=2))
    patience.forget("function")
    assert patience.is_due("function", NOON)


def test_what_was_not_looked_for_is_due_and_what_is_settled_is_forgotten() -> None:
    patience = Patience()
    patience.note("a", NOON)
    patience.note("b", NOON)
    assert (patience.is_due("a", NOON), patience.is_due("c", NOON)) == (False, True)
    patience.forget_others(["b"])
    assert (patience.is_due("a", NOON), patience.is_due("b", NOON)) == (True, False)
