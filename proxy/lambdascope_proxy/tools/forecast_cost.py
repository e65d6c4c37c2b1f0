"""The tool that forecasts what calls will have cost at the end of a month, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.tool import ToolSpec

SPEC: Final = ToolSpec(
    name="forecast_cost",
    title="Forecast cost",
    description="What recorded calls will cost this calendar month, with intervals and the chance to exceed a budget.",
    input_schema={
        "type": "object",
        "properties": {
            "months_ahead": {"type": "integer", "minimum": 0, "maximum": 11},
            "budget_usd": {"type": "number"},
            "function_name": {"type": "string"},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "forecast_usd": {"type": ["string", "null"]},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def forecast_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, how it was made, what to know besides and what to do next."""
    following = [f"Next: {data['next_step']}"] if data["next_step"] else []
    return "\n".join([data["summary"], *_lines(data), *data["notes"], *following])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    if data["forecast_usd"] is not None:
        yield f"Method: {data['method']}"


class ForecastCost(AnalysisTool):
    """Answers from the history what will be spent."""

    spec = SPEC
    analysis = "forecast"
    text_of = staticmethod(forecast_text)
