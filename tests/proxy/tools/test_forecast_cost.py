"""forecast_cost: what is asked of the forecast, and what a model reads of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_proxy.tools.forecast_cost import ForecastCost, forecast_text

pytestmark = pytest.mark.anyio
ANSWER: Mapping[str, Any] = {
    "summary": "2026-11 is forecast to cost $9.300.",
    "forecast_usd": "9.3",
    "method": "the mean of 12 days",
    "notes": ["Weekends are taken to be like other days."],
    "next_step": "compare_periods() tells more.",
}


@pytest.mark.parametrize(
    "arguments", [{}, {"months_ahead": 2.0, "budget_usd": 12.5, "function_name": "orders"}, {"budget_usd": 3}]
)
async def test_what_was_given_is_what_is_asked(ask_tool: Any, arguments: Mapping[str, Any]) -> None:
    outcome, name, parameters = await ask_tool(ForecastCost, ANSWER, arguments)
    assert (outcome.data, outcome.text) == (ANSWER, forecast_text(ANSWER))
    assert (name, parameters) == ("forecast", arguments)
    assert not isinstance(parameters.get("months_ahead"), float)


def test_a_model_reads_the_summary_the_method_the_notes_and_one_next_step() -> None:
    assert forecast_text(ANSWER).splitlines() == [
        "2026-11 is forecast to cost $9.300.",
        "Method: the mean of 12 days",
        "Weekends are taken to be like other days.",
        "Next: compare_periods() tells more.",
    ]


def test_where_there_is_no_forecast_there_is_no_method() -> None:
    assert "Method" not in forecast_text({**ANSWER, "forecast_usd": None})


def test_without_a_next_step_there_is_no_line_for_it() -> None:
    assert "Next" not in forecast_text({**ANSWER, "next_step": None})
