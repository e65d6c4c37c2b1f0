"""Importing past executions: in parts that fit an answer, each execution once, and nothing that is known."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.attempts import Line
from lambdascope_proxy.reconcile.backfill import Backfill, Backfilled, parts_of
from lambdascope_proxy.reconcile.log_access import LogAccess

pytestmark = pytest.mark.anyio
At = Callable[..., Line]
ReportLine = Callable[..., str]
Rows = Callable[..., list[dict[str, Any]]]
NOON = datetime.fromisoformat("2026-11-22T12:00:00Z")
HOUR = timedelta(hours=1)
WINDOW = Window(start=NOON, end=NOON + HOUR)


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    made = SpoolWriter(directory)
    yield made
    assert made.close(30)


@pytest.fixture
def backfill(directory: Path, questions: Questions, writer: SpoolWriter, access: LogAccess) -> Backfill:
    return Backfill(directory, questions, writer, access, clock=lambda: NOON + 2 * HOUR)


def counts(found: Backfilled) -> tuple[int, int, int]:
    return (found.found, found.known, found.imported)


async def test_executions_are_imported_once_and_those_of_ours_not_at_all(
    backfill: Backfill, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine
) -> None:
    store({"outcome": "ok"})
    logs.lines = [at(1000, report("r1")), at(2000, report("x1")), at(3000, report("x2"))]
    assert counts(await backfill.run("orders", WINDOW)) == (3, 1, 2)
    assert counts(await backfill.run("orders", WINDOW)) == (3, 3, 0)
    imported = rows("transport = 'backfill'")
    assert [row["request_id"] for row in imported] == ["x1", "x2"]


async def test_an_attempt_that_came_after_the_first_import_is_imported_by_the_next(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine
) -> None:
    logs.lines = [at(1000, report("x1"))]
    assert counts(await backfill.run("orders", WINDOW)) == (1, 0, 1)
    logs.lines.append(at(61_000, report("x1")))
    assert counts(await backfill.run("orders", WINDOW)) == (2, 1, 1)
    assert [row["request_id"] for row in rows("transport = 'backfill'")] == ["x1", "x1"]


async def test_a_call_of_ours_that_waited_for_hours_before_it_ran_is_known(
    backfill: Backfill, logs: Any, store: Callable[..., None], at: At, report: ReportLine
) -> None:
    store({"started_at": NOON - 5 * HOUR})
    logs.lines = [at(1000, report("r1"))]
    assert counts(await backfill.run("orders", WINDOW)) == (1, 1, 0)


async def test_a_window_with_too_many_lines_is_read_in_parts_and_each_line_once(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_proxy.reconcile.backfill.ROWS", 10)
    logs.most_rows = 10
    # One every 20 s and 60 within one minute; whole seconds lie on the borders of parts.
    logs.lines = [at(n * 20_000, report(f"even{n}")) for n in range(180)]
    logs.lines += [at(600_000 + n * 1000, report(f"dense{n}")) for n in range(60)]
    logs.lines.sort(key=lambda line: line.at)
    assert counts(await backfill.run("orders", WINDOW)) == (240, 0, 240)
    ids = [row["request_id"] for row in rows("transport = 'backfill'")]
    assert (len(ids), len(set(ids))) == (240, 240)


async def test_an_error_in_one_part_is_told_of_the_execution_that_ends_in_the_next(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_proxy.reconcile.backfill.ROWS", 20)
    logs.most_rows = 20
    error = "[ERROR] KeyError: 'order'\nTraceback (most recent call last):\n"
    # Two thirds of the hour lie between an error and its report: some part ends there.
    for n in range(120):
        logs.lines += [at(n * 30_000, error), at(n * 30_000 + 20_000, report(f"x{n}", "25000.00", 25_000))]
    await backfill.run("orders", WINDOW)
    assert [row["outcome"] for row in rows("transport = 'backfill'")] == ["function_error"] * 120


async def test_an_execution_that_began_before_the_window_is_imported_with_how_it_ended(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine
) -> None:
    error = "[ERROR] KeyError: 'order'\nTraceback (most recent call last):\n"
    logs.lines = [at(-2000, report("before")), at(-500, error), at(100, report("x1", "1000.00", 1000))]
    assert counts(await backfill.run("orders", WINDOW)) == (1, 0, 1)
    (row,) = rows("transport = 'backfill'")
    assert (row["request_id"], row["outcome"], row["started_at"]) == (
        "x1",
        "function_error",
        NOON - timedelta(milliseconds=900),
    )


async def test_what_cannot_be_read_whole_is_said_and_the_cost_is_kept(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine
) -> None:
    logs.lines = [at(1000, report("x1"))]
    logs.is_complete = False
    found = await backfill.run("orders", WINDOW)
    assert counts(found) == (0, 0, 0)
    assert "run the same backfill again" in found.reasons[0]
    logs.failure = CallFailed(OutcomeKind.AWS_ERROR, "LogQueryFailed", "It failed.")
    with pytest.raises(CallFailed, match="It failed"):
        await backfill.run("orders", WINDOW)
    assert [row["tool_name"] for row in rows("target = 'cloudwatch'")] == ["backfill", "backfill"]


async def test_more_lines_in_two_seconds_than_an_answer_holds_are_cut_and_said(
    backfill: Backfill, logs: Any, at: At, report: ReportLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_proxy.reconcile.backfill.ROWS", 5)
    logs.most_rows = 5
    logs.lines = [at(1000 + n, report(f"x{n}")) for n in range(20)]
    found = await backfill.run("orders", WINDOW)
    assert found.imported < 20
    assert any("only the first were read" in reason for reason in found.reasons)


async def test_a_scan_beyond_the_limit_is_refused_before_anything_is_asked(backfill: Backfill, logs: Any) -> None:
    logs.stored_bytes = 10**13
    with pytest.raises(CallFailed, match=r"more than the 0\.5 GB allowed"):
        await backfill.run("orders", WINDOW)
    assert logs.asked == []


async def test_two_at_once_are_refused_rather_than_imported_twice(
    backfill: Backfill, logs: Any, rows: Rows, at: At, report: ReportLine
) -> None:
    logs.lines = [at(1000, report("x1"))]
    ended = await asyncio.gather(backfill.run("orders", WINDOW), backfill.run("orders", WINDOW), return_exceptions=True)
    assert [type(each) for each in ended] == [Backfilled, HistoryError]
    assert len(rows("transport = 'backfill'")) == 1


@given(st.integers(3, 10**6), st.integers(1, 10**7))
def test_parts_cover_a_window_without_gap_or_overlap(seconds: int, matched: int) -> None:
    window = Window(start=NOON, end=NOON + timedelta(seconds=seconds))
    parts = parts_of(window, matched)
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    assert all(before.end == after.start for before, after in itertools.pairwise(parts))
    assert len(parts) >= 2
    assert all(part.seconds >= 2 for part in parts[:-1])
