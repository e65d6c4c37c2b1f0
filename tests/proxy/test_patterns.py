"""Texts for simple patterns match them; patterns that are not simple give none."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.patterns import texts_for


def first_texts(pattern: str, count: int = 5) -> list[str]:
    return list(itertools.islice(texts_for(pattern), count))


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("", [""]),
        ("^$", [""]),
        ("^[A-Z]{3}-\\d{4}$", ["AAA-0000"]),
        ("^(?:ab|c)+x?$", ["ab", "ababx"]),
        ("^\\+?[1-9]\\d{1,3}$", ["10", "+100", "+1000"]),
        ("^a{2,3}?$", ["aa", "aaa"]),
        ("[]a]\\.\\W\\S.", ["].-aa"]),
        ("^[^a-z\\d_]$", ["A"]),
        ("[a-]{2}\\t", ["aa\t"]),
    ],
)
def test_the_shortest_texts_come_first(pattern: str, texts: list[str]) -> None:
    assert first_texts(pattern, len(texts)) == texts
    assert all(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize(
    "pattern",
    ["(?=x)x", "(?i)x", "\\bword", "(a)\\1", "\\p{L}", "[a", "[z-a]", "[\\d-z]", "(a", "a)", "*a", "x{,3}", "\\"],
)
def test_a_pattern_that_is_not_simple_gives_no_text(pattern: str) -> None:
    assert first_texts(pattern) == []


@pytest.mark.parametrize(
    "pattern", ["(((a{999}){999}){999}){999}", "a" * 100_000, "(" * 50_000, "a{99999999}", "((a+)+)+$"]
)
def test_a_pattern_of_long_texts_stays_small(pattern: str) -> None:
    """Would fill the memory, or the stack, if repetition were taken at its word."""
    assert all(len(text) <= 2000 for text in first_texts(pattern, 100))


atoms = st.sampled_from(
    ["a", "Z", "-", "\\d", "\\w", "\\s", "\\.", "[a-f0-9]", "[^xyz]", ".", "\\D", "\\W", "[^\\w]", "\\/", "é"]
)
repeats = st.sampled_from(["", "", "?", "+", "*", "{2}", "{1,3}", "{2,}", "+?"])
patterns = st.recursive(
    st.lists(st.tuples(atoms, repeats).map("".join), min_size=1, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, repeats).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, inner).map("".join),
    ),
    max_leaves=6,
)


def test_a_pattern_without_open_ends_has_an_end_too() -> None:
    assert list(texts_for("^A{1,2}$")) == ["A", "AA"]


@given(patterns)
def test_every_text_of_a_simple_pattern_matches_it_whole(pattern: str) -> None:
    texts = first_texts(pattern)
    assert texts
    assert all(re.fullmatch(pattern, text) for text in texts)


@given(st.text())
def test_no_pattern_makes_it_fail(pattern: str) -> None:
    first_texts(pattern)
