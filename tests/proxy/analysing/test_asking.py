"""Between an analysis and a model: what went wrong is said in the words of a tool, and the answer is bounded."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES, ask
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

pytestmark = pytest.mark.anyio


class Answered:
    """Stands in for the process that reads the history."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        self._answer = answer

    async def analyse(self, name: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return {**self._answer, "name": name, **parameters}


async def asked(answer: Mapping[str, Any] | Exception, text: str = "said") -> Any:
    questions: Any = Answered(answer)
    return await ask(questions, "cost", {"top": 3}, lists=("groups",), text_of=lambda data: text)


async def test_the_answer_is_the_structured_part_and_its_words_the_text() -> None:
    outcome = await asked({"summary": "s", "groups": [1]})
    assert (outcome.kind, outcome.text) == (OutcomeKind.OK, "said")
    assert outcome.data == {"summary": "s", "groups": [1], "name": "cost", "top": 3}


async def test_a_long_answer_is_cut_at_a_line_and_says_so() -> None:
    outcome = await asked({"groups": ["x" * 100] * 90}, text="a line of words\n" * 300)
    assert outcome.data["not_listed"]["groups"] > 0
    assert len(outcome.text.encode()) <= MOST_TEXT_BYTES
    lines = outcome.text.splitlines()
    assert set(lines[:-1]) == {"a line of words"}
    assert "structured" in lines[-1]


async def test_a_senseless_question_is_the_callers_fault_and_named() -> None:
    with pytest.raises(CallFailed) as failed:
        await asked(QuestionError("group_by", "is 'colour': use one of function, tool"))
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert "group_by is 'colour': use one of" in str(failed.value)


async def test_a_history_that_cannot_be_read_is_told_with_a_next_step() -> None:
    with pytest.raises(CallFailed) as failed:
        await asked(HistoryError("the disk is gone"))
    assert failed.value.kind is OutcomeKind.TOOL_ERROR
    assert "the disk is gone" in str(failed.value)
    assert "lambdascope doctor" in failed.value.failure.hint
