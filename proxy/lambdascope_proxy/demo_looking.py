"""What the demo asks of the monitoring tools once its calls are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.demo_traffic import Question, ask_all

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
    failures: Sequence[str]


def look(url: str, functions: Sequence[str]) -> Looks:
    """Asks how one function has been doing, which executions of these started cold, and how all functions compare."""
    questions = [
        Question(tool="monitor_executions", arguments={"function_name": LOOKED_AT, "time_range": TIME_RANGE}),
        Question(
            tool="query_logs",
            arguments={
                "function_names": list(functions),
                "preset": "cold_starts",
                "limit": 100,
                "time_range": TIME_RANGE,
            },
        ),
        Question(tool="monitor_fleet", arguments={"time_range": TIME_RANGE}),
    ]
    answers = ask_all(url, questions)
    executions, cold_starts, fleet = (None if answer.is_error else answer.found for answer in answers)
    failures = [
        f"{question.tool}: {answer.found.get('outcome')}: {answer.found.get('error_message')}"
        for question, answer in zip(questions, answers, strict=True)
        if answer.is_error
    ]
    return Looks(executions=executions, cold_starts=cold_starts, fleet=fleet, failures=failures)
