"""What the slowest calls share: the test behind it is exact, and what is chance or no news is not told."""

from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.latency_causes import Candidate, at_least, candidates_of, causes


@given(st.data())
def test_the_probability_is_that_of_the_hypergeometric_distribution(data: st.DataObject) -> None:
    of = data.draw(st.integers(1, 60))
    drawn, marked = data.draw(st.integers(1, of)), data.draw(st.integers(0, of))
    found = data.draw(st.integers(0, min(drawn, marked)))
    ways = sum(comb(marked, k) * comb(of - marked, drawn - k) for k in range(found, min(drawn, marked) + 1))
    assert at_least(found, drawn=drawn, marked=marked, of=of) == pytest.approx(ways / comb(of, drawn), rel=1e-9)


def test_a_large_table_is_summed_in_no_time_and_does_not_overflow() -> None:
    assert at_least(60_000, drawn=100_000, marked=300_000, of=10_000_000) == 0.0
    assert at_least(3_000, drawn=100_000, marked=300_000, of=10_000_000) == pytest.approx(0.5, abs=0.01)


def candidate(calls: int, slow_calls: int, feature: str = "cold_start") -> Candidate:
    return Candidate(feature=feature, value="cold", words="were cold starts", calls=calls, slow_calls=slow_calls)


def test_a_cause_is_told_in_words_with_both_shares() -> None:
    (cause,) = causes([candidate(300, 82)], calls=10_000, slow_calls=100, looked_at=20)
    assert cause.text == "82% of the slowest 1% (82 of 100) were cold starts, 3% of all calls"
    assert (cause.share_of_slowest, cause.share_of_all) == (0.82, 0.03)
    assert cause.lift == pytest.approx(0.82 / 0.03)


@pytest.mark.parametrize(
    ("calls", "slow_calls"),
    [
        pytest.param(5_000, 55, id="chance"),
        pytest.param(8_500, 100, id="significant but hardly more frequent"),
        pytest.param(10, 5, id="explains hardly any"),
    ],
)
def test_what_is_chance_or_no_news_is_not_told(calls: int, slow_calls: int) -> None:
    assert causes([candidate(calls, slow_calls)], calls=10_000, slow_calls=100, looked_at=10) == ()


def test_looking_at_more_asks_for_more() -> None:
    """Without the correction one feature in twenty would be a cause by chance."""
    asked = {"calls": 1_000, "slow_calls": 10}
    assert causes([candidate(300, 7)], **asked, looked_at=1)
    assert not causes([candidate(300, 7)], **asked, looked_at=1_000)


def test_at_most_five_are_told_what_explains_most_first() -> None:
    many = [candidate(100, 20 + n, feature=str(n)) for n in range(8)]
    found = causes(many, calls=10_000, slow_calls=100, looked_at=8)
    assert [cause.feature for cause in found] == ["7", "6", "5", "4", "3"]


COLUMNS = (
    "function_name",
    "versioned_function",
    "executed_version",
    "client_name",
    "outcome",
    "cold_start",
    "is_retried",
    "is_near_limit",
    "size_class",
    "slow_hour",
)


def row(**known: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"calls": 10, "slow_calls": 2} | known


def test_features_are_read_from_rows_and_what_is_not_known_is_none() -> None:
    rows = [
        row(function_name="orders"),
        row(),
        row(versioned_function="orders", executed_version="1"),
        row(versioned_function="orders", executed_version="2"),
        row(versioned_function="quotes", executed_version="7"),
        row(client_name="cursor"),
        row(outcome="function_timeout"),
        row(cold_start=True),
        row(cold_start=False),
        row(is_retried=False),
        row(is_retried=True),
        row(is_near_limit=True),
        row(is_near_limit=False),
        row(size_class=3),
    ]
    found = {(each.feature, each.value): each.calls for each in candidates_of(rows)}
    assert found == {
        ("function", "orders"): 10,
        ("version", "orders:1"): 10,
        ("version", "orders:2"): 10,
        ("client", "cursor"): 10,
        ("outcome", "function_timeout"): 10,
        ("cold_start", "cold"): 10,
        ("attempts", "retried"): 10,
        ("memory", "near its limit"): 10,
        ("payload_size", "1 MB or more"): 10,
    }
