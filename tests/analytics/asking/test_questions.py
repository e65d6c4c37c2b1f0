"""Questions to a history through a process of its own, as the proxy asks them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lambdascope_analytics.asking.answerer import Answerer
from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_analytics.history import History

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL_ID = "01935a2b-7c00-7000-8000-000000000001"


@pytest.fixture
def directory(history_of: Callable[[list[Mapping[str, object]]], History], tmp_path: Path) -> Path:
    history_of([{"call_id": CALL_ID, "started_at": NOON, "target": "lambda", "cost_usd": Decimal("0.000000000001")}])
    return tmp_path / "history"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Answerer]:
    """The processes in the order they were started."""
    made: list[Answerer] = []
    start = Answerer.start

    async def noting(directory: Path) -> Answerer:
        made.append(await start(directory))
        return made[-1]

    monkeypatch.setattr(Answerer, "start", noting)
    return made


@pytest.fixture
async def questions(directory: Path, started: list[Answerer]) -> AsyncIterator[Questions]:
    made = Questions(directory)
    yield made
    await made.aclose()


async def test_rows_come_with_their_types(questions: Questions) -> None:
    (row,) = await questions.ask("recent_calls", {"limit": 5})
    assert (row["call_id"], row["cost_usd"], row["function_name"]) == (CALL_ID, Decimal("0.000000000001"), None)
    assert row["started_at"] == NOON
    assert row["started_at"].utcoffset() is not None


async def test_one_process_is_started_at_the_first_question_and_answers_all(
    questions: Questions, started: list[Answerer]
) -> None:
    assert started == []
    answers = await asyncio.gather(*(questions.ask("recent_calls", {"limit": n}) for n in (1, 0, 1)))
    assert [len(rows) for rows in answers] == [1, 0, 1]
    assert len(started) == 1


async def test_a_process_that_died_between_two_questions_is_replaced(
    questions: Questions, started: list[Answerer]
) -> None:
    await questions.ask("recent_calls", {"limit": 1})
    os.kill(started[0].pid, signal.SIGKILL)
    assert len(await questions.ask("recent_calls", {"limit": 1})) == 1
    assert len(started) == 2


async def test_a_process_that_ends_before_every_answer_is_an_error_after_one_retry(
    directory: Path, started: list[Answerer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "lambdascope_analytics.asking.answerer._COMMAND", (sys.executable, "-c", "import sys; sys.stdin.readline()")
    )
    questions = Questions(directory)
    with pytest.raises(HistoryError, match="ends before it answers"):
        await questions.ask("recent_calls", {"limit": 1})
    assert len(started) == 2
    await questions.aclose()


async def test_a_question_that_takes_too_long_ends_its_process_and_the_next_is_answered(
    directory: Path, started: list[Answerer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
        patched.setattr("lambdascope_analytics.asking.answerer._COMMAND", sleeper)
        impatient = Questions(directory, 0.05)
        with pytest.raises(HistoryError, match=r"within 0\.05 s: ask for a shorter time"):
            await impatient.ask("recent_calls", {"limit": 1})
    impatient._timeout_s = 30
    assert len(await impatient.ask("recent_calls", {"limit": 1})) == 1
    assert [each.is_over for each in started] == [True, False]
    await impatient.aclose()


async def test_the_process_ends_when_nothing_is_asked_any_more_and_comes_back(
    directory: Path, started: list[Answerer]
) -> None:
    questions = Questions(directory, idle_s=0.0)
    await questions.ask("recent_calls", {"limit": 1})
    for _ in range(200):
        if started[0].is_over:
            break
        await asyncio.sleep(0.01)
    assert started[0].is_over
    assert len(await questions.ask("recent_calls", {"limit": 1})) == 1
    assert len(started) == 2
    await questions.aclose()


async def test_what_cannot_be_asked_is_said_and_starts_no_loop_of_retries(
    questions: Questions, started: list[Answerer]
) -> None:
    with pytest.raises(HistoryError, match="no question 'drop_everything'"):
        await questions.ask("drop_everything")
    with pytest.raises(TypeError, match="set"):
        await questions.ask("recent_calls", {"limit": {1}})
    assert len(started) == 1


async def test_a_directory_that_does_not_exist_yet_has_no_rows(tmp_path: Path) -> None:
    questions = Questions(tmp_path / "new")
    assert await questions.ask("recent_calls", {"limit": 1}) == []
    await questions.aclose()


async def test_closing_what_never_asked_does_nothing(tmp_path: Path) -> None:
    await Questions(tmp_path / "new").aclose()
    assert not (tmp_path / "new").exists()


def test_who_asks_loads_neither_duckdb_nor_what_comes_with_it() -> None:
    program = (
        "import sys, lambdascope_analytics.asking.questions\n"
        "print(*[name for name in ('duckdb', 'pandas', 'numpy') if name in sys.modules])"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert child.stdout.strip() == ""


async def test_an_analysis_comes_whole_and_a_senseless_one_names_its_field(questions: Questions) -> None:
    hour = {"start": NOON, "end": NOON + timedelta(hours=1)}
    answer = await questions.analyse("cost", hour)
    assert (answer["calls"], answer["cost_usd"]) == (1, "0.000000000001")
    with pytest.raises(QuestionError) as refused:
        await questions.analyse("cost", {**hour, "group_by": "colour"})
    assert refused.value.field == "group_by"
