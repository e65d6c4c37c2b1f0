"""What the tests of tools share: running one that asks the history, over an answer that is given."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Outcome
from lambdascope_proxy.tool import Tool

Answer = Mapping[str, Any]
AskTool = Callable[[Callable[[Any], Tool], Answer, Mapping[str, Any]], Awaitable[tuple[Outcome, str, Answer]]]


class Asked:
    """Stands in for the process that reads the history."""

    def __init__(self, answer: Answer) -> None:
        self.questions: list[tuple[str, Answer]] = []
        self._answer = answer

    async def analyse(self, name: str, parameters: Answer) -> Answer:
        self.questions.append((name, parameters))
        return self._answer


@pytest.fixture(scope="session")
def ask_tool(call_of: Callable[..., Call]) -> AskTool:
    """Runs a tool with arguments; returns its outcome, and the one analysis it asked for with its parameters."""

    async def ask(build: Callable[[Any], Tool], answer: Answer, arguments: Answer) -> tuple[Outcome, str, Answer]:
        questions = Asked(answer)
        tool = build(questions)
        assert tool.aim(arguments).target == "self"
        outcome = await tool.run(call_of(arguments, tool=tool))
        ((name, parameters),) = questions.questions
        return outcome, name, parameters

    return ask
