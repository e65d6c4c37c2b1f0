"""Filter patterns made of terms; anything else is refused rather than read as a term."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.filter_pattern import read_pattern

MESSAGE = 'ERROR 42: no such order "a b"\n'


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("", True),
        ("  ", True),
        ("ERROR", True),
        ("error", False),
        ("ERROR order", True),
        ("ERROR basket", False),
        ("ERR", True),
        ('"such order"', True),
        ('"order such"', False),
        (r'"\"a b\""', True),
        ('"42:"', True),
        ("ERROR -basket", True),
        ("ERROR -order", False),
        ('-"such order"', False),
        ("-basket", True),
        ("?basket ?order", True),
        ("?basket ?cart", False),
        ('?"no such"', True),
        ('""', True),
    ],
)
def test_terms_are_looked_for_as_they_are_written(pattern: str, matches: bool) -> None:
    assert read_pattern(pattern).matches(MESSAGE) is matches


@pytest.mark.parametrize(
    "pattern",
    ['{ $.level = "ERROR" }', "[ip, user]", "%ERR%", '"open', "a:b", "ERROR ?order", "-a ?b", "--a", "a*", "?", '"a"b'],
)
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(AwsError) as refused:
        read_pattern(pattern)
    assert refused.value.code == "InvalidParameterException"


@given(every=st.lists(st.text(min_size=1, max_size=6), max_size=3), none=st.lists(st.text(min_size=1), max_size=2))
def test_any_text_can_be_quoted(every: list[str], none: list[str]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    pattern = read_pattern(" ".join([*map(quoted, every), *(f"-{quoted(text)}" for text in none)]))
    assert (list(pattern.every), list(pattern.none)) == (every, none)
