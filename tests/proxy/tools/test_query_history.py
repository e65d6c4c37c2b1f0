"""The tool that answers SQL, over a real history and a real process."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.adhoc.limits import Column, Limits, QueryAnswer
from lambdascope_analytics.adhoc.queries import Queries
from lambdascope_analytics.errors import QueryError, QueryFault
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import Aim, Call, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.query_history import (
    DEFAULT_ROWS,
    KINDS,
    QueryHistory,
    notes_of,
    query_failure,
    table_of,
)


def answer_of(rows: list[list[Any]], **changed: Any) -> QueryAnswer:
    """An answer of one column."""
    usual: dict[str, Any] = {"truncated_by": None, "cut_cells": 0, "elapsed_ms": 300.0, "waited_ms": 0.0}
    return QueryAnswer(columns=(Column(name="a", type="VARCHAR"),), rows=rows, **{**usual, **changed})


@pytest.fixture
def ask(call_of: Callable[..., Call], tmp_path: Path) -> Callable[..., Any]:
    writer = SpoolWriter(tmp_path / "history")
    for number in range(150):
        writer.append({"started_at": datetime(2026, 11, 20, 10, tzinfo=UTC), "pid": number, "tool_name": "a | b\nc"})
    assert writer.close(30)
    tool = QueryHistory(Queries(tmp_path / "history", Limits(memory_mb=300), at_once=2))

    async def run(**arguments: Any) -> Any:
        return await tool.run(call_of(arguments, tool=tool))

    return run


@pytest.mark.anyio
async def test_rows_come_as_a_table_to_read_and_as_structured_content(ask: Callable[..., Any]) -> None:
    outcome = await ask(sql="SELECT pid, tool_name, cost_usd FROM calls ORDER BY pid", max_rows=2.0)
    assert outcome.text == "pid | tool_name | cost_usd\n0 | a \\| b\\nc | NULL\n1 | a \\| b\\nc | NULL"
    assert outcome.data["columns"][0] == {"name": "pid", "type": "INTEGER"}
    assert outcome.data["rows"] == [[0, "a | b\nc", None], [1, "a | b\nc", None]]
    assert (outcome.data["row_count"], outcome.data["truncated"]) == (2, True)
    assert "there are more" in outcome.notes[0]


@pytest.mark.anyio
async def test_a_model_that_names_no_number_gets_not_too_many_rows(ask: Callable[..., Any]) -> None:
    outcome = await ask(sql="SELECT pid FROM calls")
    assert outcome.data["row_count"] == DEFAULT_ROWS


@pytest.mark.anyio
async def test_a_refused_query_says_what_to_do_and_is_not_quoted_in_the_history(ask: Callable[..., Any]) -> None:
    with pytest.raises(CallFailed) as failed:
        await ask(sql="SELECT * FROM 'somebody@example.com'")
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.REFUSED, "QueryRefused")
    assert "calls_today" in failed.value.failure.hint
    assert failed.value.failure.recorded == "the query was refused"


@pytest.mark.parametrize("reason", KINDS)
def test_each_reason_is_an_outcome_that_failed(reason: QueryFault) -> None:
    failed = query_failure(QueryError(reason, "why", "what to do"))
    assert failed.kind.is_failure
    assert (str(failed), failed.failure.hint) == ("why", "what to do")


def test_what_a_reader_must_know_is_said() -> None:
    assert notes_of(answer_of([["x"]])) == ()
    notes = notes_of(answer_of([["x"]], truncated_by="bytes", cut_cells=3, waited_ms=2000.0))
    assert [word in note for word, note in zip(("these 1 rows", "3 values", "2000 ms"), notes, strict=True)] == [
        True
    ] * 3


@given(st.lists(st.lists(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()), min_size=1)))
def test_a_row_is_a_line_whatever_it_holds(rows: list[list[Any]]) -> None:
    # Only line ends that a split at "\n" would see: others are a reader's own affair.
    assert table_of(answer_of(rows)).count("\n") == len(rows)


@given(st.dictionaries(st.sampled_from(["sql", "max_rows"]), st.none() | st.integers() | st.text()))
def test_it_is_aimed_at_ourselves_whatever_is_asked(arguments: dict[str, Any]) -> None:
    assert QueryHistory(Queries(Path("/none"), Limits(), at_once=1)).aim(arguments) == Aim()
