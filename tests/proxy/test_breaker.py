"""The circuit breaker's states, by what may ever happen to it."""

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.breaker import Breaker, State


def opened(failures: int = 3, open_s: float = 30.0) -> Breaker:
    breaker = Breaker(failures, open_s)
    for _ in range(failures):
        fail(breaker, 0.0)
    return breaker


def fail(breaker: Breaker, now: float) -> None:
    ticket = breaker.admit(now)
    assert ticket is not None
    breaker.end(ticket, True, now)


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, 30.0)
    for is_failure in (True, True, False, True, True, None):
        ticket = breaker.admit(0.0)
        assert ticket is not None
        breaker.end(ticket, is_failure, 0.0)
    assert breaker.state is State.CLOSED
    fail(breaker, 0.0)
    assert breaker.state is State.OPEN


def test_open_it_refuses_until_its_time_is_over_then_tries_one_call() -> None:
    breaker = opened()
    assert breaker.admit(29.9) is None
    assert round(breaker.refuses_for_s(29.9), 3) == 0.1
    assert breaker.admit(30.0) is not None
    assert breaker.state is State.HALF_OPEN
    assert breaker.admit(30.0) is None
    assert breaker.refuses_for_s(30.0) == 0


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker = opened()
    ticket = breaker.admit(30.0)
    assert ticket is not None
    breaker.end(ticket, False, 31.0)
    assert breaker.state is State.CLOSED
    # It has forgotten the failures from before.
    fail(breaker, 32.0)
    assert breaker.state is State.CLOSED


def test_a_trial_that_fails_opens_it_for_the_whole_time_again() -> None:
    breaker = opened()
    fail(breaker, 30.0)
    assert breaker.state is State.OPEN
    assert breaker.admit(59.9) is None
    assert breaker.admit(60.0) is not None


def test_a_trial_whose_caller_went_away_leaves_room_for_the_next() -> None:
    # Else one cancelled call would keep the breaker half open for good.
    breaker = opened()
    ticket = breaker.admit(30.0)
    assert ticket is not None
    breaker.end(ticket, None, 31.0)
    assert breaker.state is State.HALF_OPEN
    assert breaker.admit(31.0) is not None


def test_calls_that_began_before_a_change_decide_nothing() -> None:
    breaker = Breaker(1, 30.0)
    early, also_early = breaker.admit(0.0), breaker.admit(0.0)
    assert early is not None
    assert also_early is not None
    fail(breaker, 1.0)
    breaker.end(early, False, 2.0)
    assert breaker.state is State.OPEN
    assert breaker.admit(31.0) is not None
    breaker.end(also_early, True, 32.0)
    assert breaker.state is State.HALF_OPEN


Events = st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["begin", "ok", "fail", "gone"])), max_size=60)


@given(failures=st.integers(1, 4), open_s=st.floats(1, 30), events=Events)
def test_whatever_happens_it_protects_and_recovers(
    failures: int, open_s: float, events: list[tuple[float, str]]
) -> None:
    breaker, now, under_way, opened_at = Breaker(failures, open_s), 0.0, list[int](), 0.0
    for pause, what in events:
        now += pause
        before = breaker.state
        if what == "begin":
            ticket = breaker.admit(now)
            if before is State.OPEN:
                # Never before the time, always after it.
                assert (ticket is not None) == (now >= opened_at + open_s)
            if ticket is not None:
                under_way.append(ticket)
        elif under_way:
            is_failure = {"ok": False, "fail": True, "gone": None}[what]
            breaker.end(under_way.pop(0), is_failure, now)
            assert breaker.state in {State.OPEN: {State.OPEN}}.get(before, {*State})
            if breaker.state is State.OPEN is not before:
                assert is_failure
                opened_at = now
        if breaker.state is State.HALF_OPEN:
            # One trial at a time.
            assert sum(ticket == breaker._ticket for ticket in under_way) <= 1
    # It cannot be stuck: once all that was under way has ended and its time has passed, it admits.
    for ticket in under_way:
        breaker.end(ticket, None, now)
    assert breaker.admit(now + open_s) is not None
