"""What the demo asks of the tools that look and those that analyse, once its calls are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.demo_traffic import Question, Reply, ask_all

# It charges one card and has another declined.
LOOKED_AT: Final = "demo-charge-card"
TIME_RANGE: Final = {"last": "1h"}

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The structured answers; of a question that failed there is none, and a line in `failures` instead."""

    executions: Data | None
    cold_starts: Data | None
    fleet: Data | None
    analyses: Mapping[str, Data]
    failures: Sequence[str]


ANALYSES: Final = (
    Question(tool="analyze_cost", arguments={"time_range": TIME_RANGE}),
    Question(tool="analyze_latency", arguments={"time_range": TIME_RANGE}),
    Question(tool="analyze_errors", arguments={"time_range": TIME_RANGE}),
    Question(tool="compare_periods", arguments={"b": TIME_RANGE}),
    Question(tool="recommend_settings", arguments={"function_name": LOOKED_AT, "time_range": TIME_RANGE}),
    Question(tool="forecast_cost", arguments={}),
)


def look(url: str, functions: Sequence[str]) -> Looks:
    """Asks how one function has been doing, which executions of these started cold, how all functions compare, and what
    the history tells.
    """
    questions = _questions(functions)
    answers = {question.tool: answer for question, answer in zip(questions, ask_all(url, questions), strict=True)}
    found = {tool: answer.found for tool, answer in answers.items() if not answer.is_error}
    return Looks(
        executions=found.get("monitor_executions"),
        cold_starts=found.get("query_logs"),
        fleet=found.get("monitor_fleet"),
        analyses={question.tool: found[question.tool] for question in ANALYSES if question.tool in found},
        failures=[_failure(tool, answer) for tool, answer in answers.items() if answer.is_error],
    )


def _questions(functions: Sequence[str]) -> list[Question]:
    cold_starts = {"function_names": list(functions), "preset": "cold_starts", "limit": 100, "time_range": TIME_RANGE}
    return [
        Question(tool="monitor_executions", arguments={"function_name": LOOKED_AT, "time_range": TIME_RANGE}),
        Question(tool="query_logs", arguments=cold_starts),
        Question(tool="monitor_fleet", arguments={"time_range": TIME_RANGE}),
        *ANALYSES,
    ]


def _failure(tool: str, answer: Reply) -> str:
    return f"{tool}: {answer.found.get('outcome')}: {answer.found.get('error_message')}"
