"""The memory of rate limits: what counts in a window, and how much is remembered."""

import pytest
from limits import parse
from limits.strategies import MovingWindowRateLimiter

from lambdascope_proxy.moving_windows import MovingWindows


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_window_moves_with_each_call_in_it(clock: Clock) -> None:
    # A fixed window would let four through around its end.
    windows = MovingWindows(clock)
    assert windows.acquire_entry("ada", 2, 10)
    clock.now += 9
    assert windows.acquire_entry("ada", 2, 10)
    assert not windows.acquire_entry("ada", 2, 10)
    clock.now += 1
    assert windows.acquire_entry("ada", 2, 10)
    assert not windows.acquire_entry("ada", 2, 10)


def test_what_is_refused_does_not_count(clock: Clock) -> None:
    windows = MovingWindows(clock)
    windows.acquire_entry("ada", 1, 10)
    for _ in range(5):
        clock.now += 1
        assert not windows.acquire_entry("ada", 1, 10)
    assert windows.get_moving_window("ada", 1, 10) == (1000.0, 1)


def test_keys_count_by_themselves(clock: Clock) -> None:
    windows = MovingWindows(clock)
    assert windows.acquire_entry("ada", 1, 10)
    assert windows.acquire_entry("bob", 1, 10)
    assert not windows.acquire_entry("ada", 1, 10)


def test_of_many_keys_those_unused_for_longest_are_forgotten(clock: Clock) -> None:
    windows = MovingWindows(clock, most_keys=3)
    for key in ["a", "b", "c", "a", "d"]:
        windows.acquire_entry(key, 9, 10)
    counts = {key: windows.get_moving_window(key, 9, 10)[1] for key in "abcd"}
    assert counts == {"a": 2, "b": 0, "c": 1, "d": 1}


def test_of_many_times_those_of_the_key_unused_for_longest_go(clock: Clock) -> None:
    windows = MovingWindows(clock, most_times=5)
    for key in ["a", "a", "b", "b", "b", "b"]:
        windows.acquire_entry(key, 9, 10)
    assert {key: windows.get_moving_window(key, 9, 10)[1] for key in "ab"} == {"a": 0, "b": 4}
    # Those that left their window no longer count towards the bound.
    clock.now += 10
    for key in ["b", "a", "a"]:
        windows.acquire_entry(key, 9, 10)
    assert {key: windows.get_moving_window(key, 9, 10)[1] for key in "ab"} == {"a": 2, "b": 1}


def test_looking_at_a_key_remembers_nothing(clock: Clock) -> None:
    windows = MovingWindows(clock)
    assert windows.get_moving_window("ada", 5, 10) == (1000.0, 0)
    assert windows.reset() == 0


def test_a_key_can_be_forgotten(clock: Clock) -> None:
    windows, item = MovingWindows(clock), parse("1/minute")
    limiter = MovingWindowRateLimiter(windows)
    assert limiter.hit(item, "ada")
    limiter.clear(item, "ada")
    assert limiter.hit(item, "ada")
    assert windows.check()
