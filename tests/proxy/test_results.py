"""Results kept in memory: bounded in size and in time."""

import pytest

from lambdascope_proxy.results import KEEP_S, Results


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_kept_result_is_read_back_whole() -> None:
    results = Results(100)
    assert results.keep("a", "prix: 3 €")
    assert results.read("a") == "prix: 3 €"


def test_a_result_is_read_by_its_owner_only() -> None:
    results = Results(100)
    results.keep("a", "hers", "ada")
    assert [results.read("a", who) for who in ("ada", "eve", None)] == ["hers", None, None]


def test_what_was_never_kept_is_not_there() -> None:
    assert Results(100).read("a") is None


def test_the_oldest_go_first_when_there_is_no_room() -> None:
    results = Results(10)
    for name in "abc":
        assert results.keep(name, "12345")
    assert (results.read("a"), results.read("b"), results.read("c")) == (None, "12345", "12345")


def test_one_larger_than_everything_is_refused_and_pushes_nothing_out() -> None:
    results = Results(10)
    results.keep("a", "12345")
    assert not results.keep("b", "x" * 11)
    assert (results.read("a"), results.read("b")) == ("12345", None)


@pytest.mark.parametrize(("text", "fits"), [("é" * 5, True), ("é" * 6, False)])
def test_the_capacity_counts_bytes_not_characters(text: str, fits: bool) -> None:
    assert Results(10).keep("a", text) is fits


def test_a_capacity_of_nothing_keeps_nothing() -> None:
    assert not Results(0).keep("a", "x")


def test_a_result_is_gone_after_its_time() -> None:
    clock = Clock()
    results = Results(100, clock)
    results.keep("a", "x")
    clock.now += KEEP_S
    results.keep("b", "y")
    assert results.read("a") == "x"
    clock.now += 0.1
    assert (results.read("a"), results.read("b")) == (None, "y")


def test_what_went_gives_its_room_back() -> None:
    # A size that is not given back would in time refuse everything.
    clock = Clock()
    results = Results(10, clock)
    for round_ in range(5):
        results.keep(f"a{round_}", "1234567890")
        clock.now += KEEP_S + 1
        assert results.read(f"a{round_}") is None
    assert results.keep("b", "12345")
    assert results.keep("c", "12345")
    assert (results.read("b"), results.read("c")) == ("12345", "12345")
