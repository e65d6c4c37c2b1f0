"""Expressions are rewritten for RE2 where Java reads the same, and refused where it does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Regex
from lambdascope_proxy.local.insights.regex import glob, group_names, rewritten


def regex(pattern: str) -> Regex:
    return Regex(start=3, end=3 + len(pattern), pattern=pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"a\.b", r"a\.b"),
        (r"a$", r"a(?:\n?\z)"),
        (r"(?m)a$", r"(?m)a$"),
        (r"(?i)a$|b", r"(?i)a(?:\n?\z)|b"),
        (r"\$[$]\Qa$\E", r"\$[$]\Qa$\E"),
        (r"(?<name>x)(?P<other>y)", r"(?P<name>x)(?P<other>y)"),
        (r"[^\]\[]+", r"[^\]\[]+"),
        (r"a{2,3}(?:b|c)*?", r"a{2,3}(?:b|c)*?"),
    ],
)
def test_only_groups_and_line_ends_are_written_anew(pattern: str, expected: str) -> None:
    assert rewritten(regex(pattern)) == expected


DIFFERENT = [
    *(r"\v", r"\Z", r"\R", r"\x\C", r"[\v]", r"\k<a>", r"\012", "[a[b]]", "[[:alpha:]]", "[a&&b]", "[]a]", "[^]a]"),
    *("a{,3}", "(?x)a", "(?U)a", "(?u)a", "a(?m)$", "(?m:a)$", "(?i-m)a$"),
]


@pytest.mark.parametrize("pattern", DIFFERENT)
def test_what_java_reads_differently_is_refused_at_its_place(pattern: str) -> None:
    with pytest.raises(MalformedQuery) as refused:
        rewritten(regex(pattern))
    assert (refused.value.start, refused.value.end) == (3, 3 + len(pattern))


def test_groups_are_named_in_their_order() -> None:
    assert group_names(regex(r"(?<b>x)\((?:y)[(](?<a>z)(?i)")) == ("b", "a")


@pytest.mark.parametrize("pattern", ["a", "(a)", "(?<a>b)(c)", "(?<a>b)|(?<a>c)", "(?:a)"])
def test_an_expression_for_parse_has_names_for_all_its_groups(pattern: str) -> None:
    with pytest.raises(MalformedQuery, match="named groups"):
        group_names(regex(pattern))


@given(parts=st.lists(st.text("ab.*[", max_size=3).map(lambda text: text.replace("*", "")), min_size=2, max_size=4))
def test_a_glob_finds_what_its_stars_stood_for(parts: list[str]) -> None:
    """Catches a part that is read as an expression, and a star that takes too much or too little."""
    values = ["x" * number for number in range(1, len(parts))]
    text = "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))
    match = re.search(glob("*".join(parts)), f"{text}\nmore")
    assert match
    if all(parts[1:-1]):
        assert list(match.groups()) == [*values[:-1], values[-1] if parts[-1] else match.groups()[-1]]
        assert match.groups()[-1] == (values[-1] if parts[-1] else text[match.start(len(values)) :])
