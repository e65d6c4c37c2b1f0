"""Conditions mean what a plain reading of them says."""

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local.insights.evaluation import Event, evaluate


def event(message: str, number: int = 0) -> Event:
    return Event(timestamp_ms=number, ingested_ms=number, message=message, log="l", stream="s", pointer=f"p{number}")


NUMERAL = re.compile(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*", re.ASCII)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Condition = tuple[str, Callable[[str | None], bool]]
TEXTS = st.text("ab10.-e ", max_size=4)
NUMBERS = st.one_of(st.integers(0, 20).map(str), st.sampled_from(["0.5", "1e1", "10.0"]))


def number_in(text: str | None) -> float | None:
    return float(text) if text is not None and NUMERAL.fullmatch(text) else None


def compared_with_number(sign: str, literal: str) -> Condition:
    def holds(value: str | None) -> bool:
        number = number_in(value)
        if sign in {"=", "!="}:
            return (number == float(literal)) == (sign == "=")
        return number is not None and OPERATORS[sign](number, float(literal))

    return f"v {sign} {literal}", holds


def compared_with_text(sign: str, literal: str) -> Condition:
    def holds(value: str | None) -> bool:
        if sign in {"=", "!="}:
            return (value == literal) == (sign == "=")
        numbers = number_in(value), number_in(literal)
        if None in numbers:
            return value is not None and OPERATORS[sign](value, literal)
        return OPERATORS[sign](*numbers)

    return f'v {sign} "{literal}"', holds


def contained(literal: str, is_negated: bool) -> Condition:
    return (
        f'v {"not " * is_negated}like "{literal}"',
        lambda value: (value is not None and literal in value) != is_negated,
    )


def joined(word: str, left: Condition, right: Condition) -> Condition:
    both = all if word == "and" else any
    return f"({left[0]} {word} {right[0]})", lambda value: both([left[1](value), right[1](value)])


SIGNS = st.sampled_from(["=", "!=", *OPERATORS])
CONDITIONS = st.recursive(
    st.one_of(
        st.builds(compared_with_number, SIGNS, NUMBERS),
        st.builds(compared_with_text, SIGNS, TEXTS | NUMBERS),
        st.builds(contained, TEXTS, st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["and", "or"]), inner, inner),
        inner.map(lambda each: (f"not {each[0]}", lambda value: not each[1](value))),
    ),
    max_leaves=5,
)


@settings(max_examples=60)
@given(condition=CONDITIONS, values=st.lists(st.none() | TEXTS | NUMBERS, max_size=20))
def test_a_filter_agrees_with_a_plain_evaluation(condition: Condition, values: list[str | None]) -> None:
    """Catches a wrong precedence, NULL logic, or a comparison as the wrong kind."""
    query, holds = condition
    events = [event(json.dumps({"v": value}), number) for number, value in enumerate(values)]
    found = {row[-1][1] for row in evaluate(f"filter {query}", events).rows}
    assert found == {f"p{number}" for number, value in enumerate(values) if holds(value)}
