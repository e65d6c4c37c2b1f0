"""What the demo asks of the monitoring tools, and what it makes of a question that fails."""

from collections.abc import Sequence

import pytest

from lambdascope_proxy import demo_looking
from lambdascope_proxy.demo_looking import Looks, look
from lambdascope_proxy.demo_traffic import Question, Reply
from lambdascope_proxy.tools.analyze_cost import SPEC as COST
from lambdascope_proxy.tools.analyze_errors import SPEC as ERRORS
from lambdascope_proxy.tools.analyze_latency import SPEC as LATENCY
from lambdascope_proxy.tools.compare_periods import SPEC as COMPARE
from lambdascope_proxy.tools.forecast_cost import SPEC as FORECAST
from lambdascope_proxy.tools.monitor_executions import SPEC as EXECUTIONS
from lambdascope_proxy.tools.monitor_fleet import SPEC as FLEET
from lambdascope_proxy.tools.query_logs import SPEC as LOGS
from lambdascope_proxy.tools.recommend_settings import SPEC as RECOMMEND

ANALYSED = (COST, LATENCY, ERRORS, COMPARE, RECOMMEND, FORECAST)


def test_it_asks_each_tool_once_of_what_the_tool_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Question] = []

    def ask_all(url: str, questions: Sequence[Question]) -> list[Reply]:
        asked.extend(questions)
        return [Reply(found={"tool": question.tool}, is_error=False) for question in questions]

    monkeypatch.setattr(demo_looking, "ask_all", ask_all)
    assert look("http://here", ["a", "b"]) == Looks(
        executions={"tool": "monitor_executions"},
        cold_starts={"tool": "query_logs"},
        fleet={"tool": "monitor_fleet"},
        analyses={spec.name: {"tool": spec.name} for spec in ANALYSED},
        failures=[],
    )
    assert asked[1].arguments["function_names"] == ["a", "b"]
    for question, spec in zip(asked, (EXECUTIONS, LOGS, FLEET, *ANALYSED), strict=True):
        assert question.tool == spec.name
        assert set(question.arguments) <= set(spec.input_schema["properties"])


def test_a_question_that_fails_is_told_and_takes_nothing_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_all(url: str, questions: Sequence[Question]) -> list[Reply]:
        failed = Reply(found={"outcome": "throttled", "error_message": "no"}, is_error=True)
        rest = [Reply(found={"b": 2}, is_error=False)] * (len(questions) - 2)
        return [Reply(found={"a": 1}, is_error=False), failed, *rest]

    monkeypatch.setattr(demo_looking, "ask_all", ask_all)
    looks = look("http://here", [])
    assert (looks.executions, looks.cold_starts, looks.fleet) == ({"a": 1}, None, {"b": 2})
    assert looks.failures == ["query_logs: throttled: no"]
