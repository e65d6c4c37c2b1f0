"""What to do after advice leads on, to the same function in the same place and period, and never around."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from lambdascope_analytics.analyses.sizing_answer import Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Place, Size
from lambdascope_analytics.analyses.sizing_next import Next

Make = Callable[..., Size]
Gather = Callable[..., Evidence]
LEAVE = Recommendation(
    setting="memory", is_change=False, current="512 MB", suggested="no change", why="", confidence="high"
)
REFUSED = Refusal(setting="timeout", missing="it is not known")


def change(purpose: Any) -> Recommendation:
    return Recommendation(
        setting="memory", is_change=True, purpose=purpose, current="512 MB", suggested="1 GB", why="", confidence="high"
    )


@pytest.fixture
def after(few_of: Callable[..., Any], size_of: Make, evidence_of: Gather) -> Callable[..., str | None]:
    """Return what to do next after advice."""

    def step(size: Size, recommendations: Sequence[Recommendation], place: Place, days: int = 30) -> str | None:
        evidence = evidence_of(size, days=days)
        now = evidence.period.end + timedelta(seconds=1)
        asking = Next(history=few_of([]), place=place, period=evidence.period, now=now)
        return asking.after(evidence, recommendations, [REFUSED])

    return step


ORDERS = Place(function_name="orders")
AWAY = Place(function_name="orders", region="eu-west-1", account_id="123456789012")


@pytest.mark.parametrize(
    ("advice", "place", "told"),
    [
        ([LEAVE], ORDERS, None),
        ([], ORDERS, "Ask again once orders was called at least 50 times."),
        (
            [change("fewer failures"), LEAVE],
            AWAY,
            'analyze_errors(function_name="123456789012:eu-west-1:orders", time_range={"last": "30d"}) shows the calls',
        ),
        (
            [change("less cost")],
            Place(function_name="orders", region="eu-west-1"),
            "Set memory to 1 GB in a new version, have it called at least 50 times, then ask recommend_settings(",
        ),
    ],
)
def test_a_step_follows_from_what_is_advised_first(
    after: Callable[..., str | None], size_of: Make, advice: list[Recommendation], place: Place, told: str | None
) -> None:
    step = after(size_of(), advice, place)
    assert step == told if told is None else str(step).startswith(told)


def test_what_fails_is_looked_at_first(after: Callable[..., str | None], size_of: Make) -> None:
    step = str(after(size_of(failed=500), [change("less cost")], ORDERS, days=14))
    assert step.startswith('analyze_errors(function_name="orders", time_range={"last": "14d"}) tells why 500 of 2,000')
