"""The process that answers, up to where it reads lines: which statements it runs, and what it says when it cannot."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.asking.child import Answering
from lambdascope_analytics.asking.messages import decode, encode
from lambdascope_analytics.history import History

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL_ID = "01935a2b-7c00-7000-8000-000000000001"
LOOKED = {
    "call_id": CALL_ID,
    "started_at": NOON,
    "tool_name": "query_logs",
    "target": "cloudwatch",
    "cost_usd": Decimal("0.000000000007"),
}


@pytest.fixture
def answering(history_of: Callable[[list[Mapping[str, object]]], History], tmp_path: Path) -> Iterator[Answering]:
    history_of([LOOKED])
    made = Answering(tmp_path / "history")
    yield made
    made.close()


def ask(answering: Answering, statement: str, **parameters: object) -> dict[str, Any]:
    return decode(answering.answer(encode({"id": 7, "statement": statement, "parameters": parameters})))


def test_a_named_statement_is_answered_with_its_columns_and_rows(answering: Answering) -> None:
    assert ask(answering, "monitoring/spend_of_day", started_after=NOON) == {
        "id": 7,
        "columns": ["tool_name", "calls", "unpriced_calls", "cost_usd"],
        "rows": [["query_logs", 1, 0, Decimal("0.000000000007")]],
    }
    assert ask(answering, "recent_calls", limit=0) == {"id": 7, "columns": [], "rows": []}


@pytest.mark.parametrize(
    "name",
    [
        "SELECT 1",
        "monitoring/none",
        "../errors",
        "monitoring/../recent_calls",
        "views/calls",
        "store/import_picked",
        "",
    ],
)
def test_nothing_but_a_question_of_ours_is_run(answering: Answering, name: str) -> None:
    assert ask(answering, name) == {"id": 7, "error": f"there is no question {name!r}"}


@pytest.mark.parametrize("parameters", [{}, {"started_after": "yesterday"}, {"started_after": NOON, "more": 1}])
def test_parameters_that_do_not_fit_are_an_error_and_the_next_question_is_answered(
    answering: Answering, parameters: dict[str, object]
) -> None:
    assert set(ask(answering, "monitoring/spend_of_day", **parameters)) == {"id", "error"}
    assert len(ask(answering, "monitoring/spend_of_day", started_after=NOON)["rows"]) == 1


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"id": 3}\n', b'{"id": 3, "statement": 5, "parameters": {}}\n'])
def test_a_line_that_is_no_question_is_answered_with_an_error(answering: Answering, line: bytes) -> None:
    assert "error" in decode(answering.answer(line))


def test_an_answer_that_would_fill_memory_is_refused_by_its_size(answering: Answering, tmp_path: Path) -> None:
    small = Answering(tmp_path / "history", most_bytes=60)
    assert "ask for less" in ask(small, "monitoring/execution_by_id", id=CALL_ID)["error"]
    small.close()


def test_the_history_is_opened_anew_after_its_files_were_taken_away(
    answering: Answering, tmp_path: Path, history_of: Callable[[list[Mapping[str, object]]], History]
) -> None:
    assert len(ask(answering, "recent_calls", limit=9)["rows"]) == 1
    (tmp_path / "history").rename(tmp_path / "elsewhere")
    assert "error" in ask(answering, "recent_calls", limit=9)
    history_of([LOOKED, {**LOOKED, "call_id": CALL_ID.replace("1", "2")}])
    assert len(ask(answering, "recent_calls", limit=9)["rows"]) == 2


def test_a_directory_that_cannot_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in ask(Answering(tmp_path / "file"), "recent_calls", limit=1)["error"]


def test_the_process_answers_line_by_line_and_ends_with_its_stdin(tmp_path: Path) -> None:
    """A process that outlived a proxy which was killed would be found by nobody."""
    question = encode({"id": 1, "statement": "recent_calls", "parameters": {"limit": 1}})
    child = subprocess.Popen(
        [sys.executable, "-m", "lambdascope_analytics.asking.child", str(tmp_path / "new")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(question)
        child.stdin.flush()
        assert decode(child.stdout.readline()) == {"id": 1, "columns": [], "rows": []}
        child.stdin.close()
        assert child.wait(20) == 0


def test_an_analysis_that_makes_no_sense_is_told_by_the_field_and_the_history_stays_open(answering: Answering) -> None:
    asked = {"id": 7, "analysis": "weather", "parameters": {}}
    reply = decode(answering.answer(encode(asked)))
    assert (reply["id"], reply["field"]) == (7, "name")
    assert "none of cost" in reply["error"]
    assert ask(answering, "recent_calls", limit=0)["rows"] == []


def test_an_analysis_is_answered_in_plain_values(answering: Answering) -> None:
    span = {"start": NOON - timedelta(hours=1), "end": NOON + timedelta(hours=1)}
    reply = decode(answering.answer(encode({"id": 8, "analysis": "cost", "parameters": span})))
    assert reply["answer"]["period"] == {"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T13:00:00Z"}
    assert reply["answer"]["calls"] == 0, "what looking cost is no call of a function"
