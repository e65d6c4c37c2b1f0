"""What becomes of Grafana's variables: a wrong value here would make an expression ask for something else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack.errors import UnresolvedError
from stack.placeholders import alternatives, built_in, substitute


@pytest.mark.parametrize("written", ["$region", "${region}", "${region:regex}", "[[region]]", "[[region:pipe]]"])
def test_a_variable_is_replaced_however_it_is_written(written: str) -> None:
    assert substitute(f'up{{region=~"{written}"}}', {"region": "eu"}) == 'up{region=~"eu"}'


def test_grafanas_own_intervals_have_values() -> None:
    text = "increase(a[$__range]) / rate(a[${__rate_interval}]) / $__range_s"
    assert substitute(text, built_in(rate_s=60, range_s=600)) == "increase(a[600s]) / rate(a[60s]) / 600"


def test_a_group_of_label_replace_is_no_variable() -> None:
    text = 'label_replace(up, "a", "$1-$2", "b", "(.*)-(.*)")'
    assert substitute(text, {}) == text


def test_the_longer_name_wins_over_one_that_begins_it() -> None:
    assert substitute("$func $function", {"func": "a", "function": "b"}) == "a b"


def test_an_unknown_variable_is_refused_by_name() -> None:
    with pytest.raises(UnresolvedError, match=r"\$regoin"):
        substitute("$regoin", {"region": "eu"})


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_alternatives_match_exactly_the_values_they_came_from(values: list[str]) -> None:
    # Within a PromQL string each backslash stands twice.
    pattern = alternatives(values).replace("\\\\", "\\") if not any("\\" in value for value in values) else None
    if pattern is not None:
        assert all(re.fullmatch(pattern, value) for value in values)
        assert re.fullmatch(pattern, "".join(values) + "x") is None or "".join(values) + "x" in values
