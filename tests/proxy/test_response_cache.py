"""Kept answers: how long, how many bytes, and that a change empties them."""

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.response_cache import OVERHEAD_BYTES, ResponseCache


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_read_with_its_age_until_it_is_too_old() -> None:
    clock = Clock()
    cache = ResponseCache(10_000, 60, clock)
    cache.keep(b"k", b"answer", "upstream:shop", asked_when=0)
    clock.now = 59.5
    assert cache.read(b"k") == (b"answer", 59.5)
    clock.now = 60
    assert cache.read(b"k") is None
    assert cache.size_bytes == 0


def test_reading_does_not_make_an_answer_younger() -> None:
    clock = Clock()
    cache = ResponseCache(10_000, 60, clock)
    cache.keep(b"k", b"answer", "t", asked_when=0)
    for clock.now in (30.0, 59.0, 61.0):
        found = cache.read(b"k")
    assert found is None


def test_those_unused_for_longest_go_first() -> None:
    cache = ResponseCache(3 * (OVERHEAD_BYTES + 1), 60, Clock())
    for key in (b"a", b"b", b"c"):
        cache.keep(key, b"x", "t", asked_when=0)
    cache.read(b"a")
    cache.keep(b"d", b"x", "t", asked_when=0)
    assert [cache.read(key) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]


def test_an_answer_larger_than_all_there_is_empties_nothing() -> None:
    cache = ResponseCache(1000, 60, Clock())
    cache.keep(b"a", b"x", "t", asked_when=0)
    cache.keep(b"b", b"x" * 1000, "t", asked_when=0)
    assert cache.read(b"a") is not None
    assert cache.read(b"b") is None


def test_a_change_of_other_servers_empties_their_answers_also_those_on_their_way() -> None:
    cache = ResponseCache(10_000, 60, Clock())
    cache.keep(b"a", b"x", "upstream:shop", asked_when=0)
    cache.keep(b"b", b"x", "lambda", asked_when=0)
    cache.forget_upstreams()
    cache.keep(b"c", b"from before", "upstream:shop", asked_when=0)
    assert [cache.read(key) is not None for key in (b"a", b"b", b"c")] == [False, True, False]
    cache.keep(b"c", b"from after", "upstream:shop", asked_when=cache.emptied)
    assert cache.read(b"c") is not None


@given(
    st.lists(
        st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 900), st.sampled_from("krf")), max_size=50
    )
)
def test_its_size_is_that_of_what_it_holds_and_never_too_much(steps: list[tuple[bytes, int, str]]) -> None:
    cache = ResponseCache(2000, 60, Clock())
    for key, size, what in steps:
        if what == "k":
            cache.keep(key, b"x" * size, "upstream:t", asked_when=cache.emptied)
        elif what == "r":
            cache.read(key)
        else:
            cache.forget_upstreams()
        held = [kept[0] for one in (b"a", b"b", b"c", b"d") if (kept := cache.read(one))]
        assert cache.size_bytes == sum(len(body) + OVERHEAD_BYTES for body in held) <= 2000
