"""Completing calls from the logs: what a run does when things are late, missing, refused, or done by another."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.locks import exclusive
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.attempts import Line
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.reconciler import LOCK, Reconciler
from lambdascope_proxy.reconcile.tally import Reconciled

pytestmark = pytest.mark.anyio
At = Callable[..., Line]
ReportLine = Callable[..., str]
Rows = Callable[..., list[dict[str, Any]]]
HOUR = timedelta(hours=1)


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(noon: datetime) -> Clock:
    """An hour past noon, when the calls of these tests took place."""
    return Clock(noon + HOUR)


@pytest.fixture
def kept() -> list[Mapping[str, Any]]:
    """The rows a run leaves in the history about itself."""
    return []


@pytest.fixture
def reconciler(
    directory: Path, questions: Questions, access: LogAccess, kept: list[Mapping[str, Any]], clock: Clock
) -> Reconciler:
    return Reconciler(directory, questions, access, append=kept.append, clock=clock)


def counts(found: Reconciled) -> tuple[int, int, int, int, int]:
    return (found.looked, found.completed, found.still_pending, found.not_found, found.skipped)


async def test_what_the_logs_tell_of_is_completed_and_then_nobody_asks_again(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine,
    kept: list[Mapping[str, Any]],
) -> None:  # fmt: skip
    store({}, {"outcome": "ok", "invoke_ms": 60.0})
    logs.lines = [at(50, report("r1")), at(51, report("r2", "10.00", 10))]
    assert counts(await reconciler.run()) == (2, 2, 0, 0, 0)
    assert [(row["outcome"], row["billed_ms"], row["cost_source"]) for row in rows()] == [
        ("ok", 42, "logs"),
        ("ok", 10, "logs"),
    ]
    assert [(row["tool_name"], row["target"], row["transport"]) for row in kept] == [("reconcile", "cloudwatch", None)]
    assert len(logs.asked) == 1
    assert counts(await reconciler.run()) == (0, 0, 0, 0, 0)
    assert (len(logs.asked), len(kept)) == (1, 1)


async def test_the_size_that_was_recorded_of_an_event_is_what_its_requests_are_counted_by(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine
) -> None:
    store({"request_bytes": 2}, {"request_bytes": 1024 * 1024})
    logs.lines = [at(50, report("r1")), at(51, report("r2"))]
    await reconciler.run()
    small, large = (row["cost_usd"] for row in rows())
    assert large - small == 12 * Decimal("0.0000002")


async def test_nothing_pending_asks_nothing_and_leaves_no_row(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], kept: list[Mapping[str, Any]]
) -> None:
    store({"billed_ms": 3, "cost_source": "measured", "outcome": "ok"})
    assert counts(await reconciler.run()) == (0, 0, 0, 0, 0)
    assert (logs.asked, kept) == ([], [])


async def test_what_is_written_passes_the_gate(
    directory: Path, questions: Questions, access: LogAccess, logs: Any, store: Callable[..., None], rows: Rows,
    at: At, report: ReportLine, clock: Clock,
) -> None:  # fmt: skip
    """What an exception says may hold a secret, and amendments pass by the writer that masks it."""
    store({})
    error = "[ERROR] KeyError: 'the secret'\nTraceback (most recent call last):\n  File \"app.py\", line 6, in handler"
    for began in (0, 60_000, 120_000):
        start = "START RequestId: r1 Version: 1"
        end = at(began + 42, "END RequestId: r1")
        logs.lines += [at(began, start), at(began + 20, error), end, at(began + 42, report("r1"))]

    def masked(row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**row, "error_message": row["error_message"].replace("secret", "***")}

    await Reconciler(directory, questions, access, append=lambda _: None, gate=masked, clock=clock).run()
    (row,) = rows()
    assert (row["outcome"], row["error_message"]) == ("function_error", "'the ***'")


async def test_an_event_that_ran_hours_later_is_looked_for_where_it_can_be(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], at: At, report: ReportLine, clock: Clock,
    noon: datetime,
) -> None:  # fmt: skip
    store({})
    clock.now = noon + 10 * HOUR
    logs.lines = [at(5 * 3_600_000, report("r1"))]
    assert counts(await reconciler.run()) == (1, 1, 0, 0, 0)
    first, second = (query.window for query in logs.asked)
    assert (first.end - noon, second.end - noon) < (HOUR, 7 * HOUR)


async def test_a_failure_that_may_be_tried_again_waits_and_is_not_asked_for_at_every_turn(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine,
    clock: Clock, noon: datetime,
) -> None:  # fmt: skip
    store({})
    clock.now = noon + timedelta(minutes=1)
    logs.lines = [at(3000, report("r1", "3000.00", 3000, "Status: timeout"))]
    assert counts(await reconciler.run(is_patient=True)) == (1, 0, 1, 0, 0)
    assert counts(await reconciler.run(is_patient=True)) == (0, 0, 0, 0, 0)
    assert rows()[0]["outcome"] == "accepted"
    clock.now = noon + timedelta(minutes=22)
    assert counts(await reconciler.run(is_patient=True)) == (1, 1, 0, 0, 0)
    assert rows()[0]["outcome"] == "function_timeout"


async def test_what_has_just_begun_is_left_alone_in_the_background_and_looked_for_on_demand(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], clock: Clock, noon: datetime
) -> None:
    store({})
    clock.now = noon + timedelta(seconds=10)
    assert (await reconciler.run(is_patient=True)).looked == 0
    assert (await reconciler.run()).looked == 1


async def test_calls_of_more_than_three_days_ago_are_left_as_they_are(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], clock: Clock, noon: datetime
) -> None:
    store({})
    clock.now = noon + timedelta(days=3)
    assert (await reconciler.run()).looked == 0


async def test_a_call_without_report_that_the_logs_do_not_have_is_not_found(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows
) -> None:
    store({"outcome": "ok", "cost_source": "estimated", "invoke_ms": 4.0})
    assert counts(await reconciler.run()) == (1, 0, 0, 1, 0)
    assert rows()[0]["cost_source"] == "estimated"


@pytest.mark.parametrize("trouble", ["partial", "too many", "too large", "failed"])
async def test_logs_that_are_not_whole_complete_nothing_and_the_reason_is_said(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine, trouble: str,
    kept: list[Mapping[str, Any]],
) -> None:  # fmt: skip
    """A missing error line would make a success of a failure."""
    store({})
    logs.lines = [at(50, report("r1")), at(60, report("r9"))]
    if trouble == "partial":
        logs.is_complete = False
    elif trouble == "too many":
        logs.most_rows = 1
    elif trouble == "too large":
        logs.stored_bytes = 10**13
    else:
        logs.failure = CallFailed(OutcomeKind.AWS_ERROR, "LogQueryFailed", "It failed.")
    found = await reconciler.run()
    assert counts(found) == (1, 0, 0, 0, 1)
    assert len(found.reasons) == 1
    assert rows()[0]["outcome"] == "accepted"
    assert len(kept) == (0 if trouble == "too large" else 1), "what was asked is charged, whatever came of it"


async def test_a_function_that_may_not_be_seen_any_more_is_named_and_hides_no_other(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], at: At, report: ReportLine
) -> None:
    store({"function_name": "gone"}, {}, {"function_name": "gone"})
    logs.lines = [at(50, report("r2"))]
    found = await reconciler.run()
    assert counts(found) == (3, 1, 0, 0, 2)
    assert found.reasons == ["gone: gone is not allowed. Ask the operator."]


async def test_many_requests_of_one_time_are_found_in_one_scan(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine
) -> None:
    store(*({} for _ in range(150)))
    logs.lines = [at(n, report(f"r{n}", "1.00", 1)) for n in range(1, 200)]
    assert counts(await reconciler.run()) == (150, 150, 0, 0, 0)
    assert len(logs.asked) == 1
    assert {row["billed_ms"] for row in rows()} == {1}


async def test_where_one_scan_would_bring_too_many_lines_requests_are_asked_for_by_their_names(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], at: At, report: ReportLine
) -> None:
    store(*({} for _ in range(150)))
    logs.lines = [at(n, report(f"r{n}", "1.00", 1)) for n in range(1, 200)]
    logs.while_asked = lambda: setattr(logs, "most_rows", 10 if len(logs.asked) == 1 else 10_000)
    assert counts(await reconciler.run()) == (150, 150, 0, 0, 0)
    assert ['"r1"' in query.text for query in logs.asked] == [False, True, False]


async def test_a_function_that_writes_no_reports_is_not_asked_for_at_each_of_its_calls(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], at: At, report: ReportLine, clock: Clock,
    noon: datetime,
) -> None:  # fmt: skip
    unheard = {"outcome": "ok", "cost_source": "estimated"}
    store(unheard)
    assert counts(await reconciler.run(is_patient=True)) == (1, 0, 0, 1, 0)
    store({**unheard, "call_id": "01935a2b-7c00-7000-8000-000000000009", "request_id": "r9"})
    assert counts(await reconciler.run(is_patient=True)) == (0, 0, 0, 0, 0)
    clock.now += timedelta(minutes=2)
    logs.lines = [at(50, report("r9"))]
    assert (await reconciler.run(is_patient=True)).completed == 1


async def test_while_another_process_is_at_it_nothing_is_done(
    reconciler: Reconciler, directory: Path, logs: Any, store: Callable[..., None]
) -> None:
    store({})
    make_private(directory)
    with exclusive(directory / LOCK, wait_s=0):
        assert (await reconciler.run()).is_busy
    assert logs.asked == []
    assert not (await reconciler.run()).is_busy


async def test_two_at_once_do_no_harm(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], rows: Rows, at: At, report: ReportLine
) -> None:
    store({})
    logs.lines = [at(50, report("r1"))]
    found = await asyncio.gather(reconciler.run(), reconciler.run())
    assert sorted((each.is_busy, each.completed) for each in found) == [(False, 1), (True, 0)]
    assert len(rows()) == 1


async def test_a_run_that_is_cancelled_still_says_what_it_cost(
    reconciler: Reconciler, logs: Any, store: Callable[..., None], kept: list[Mapping[str, Any]], noon: datetime
) -> None:
    store({}, {"started_at": noon + timedelta(minutes=30)})
    running = asyncio.create_task(reconciler.run())
    logs.while_asked = lambda: running.cancel() if len(logs.asked) == 2 else None
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(kept) == 1


async def test_the_background_goes_on_after_every_failure_and_says_each_once(
    reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Exception | None] = [OSError("disk"), OSError("disk"), None, OSError("disk"), ValueError("a defect")]
    turns: list[bool] = []

    async def run(*, is_patient: bool = False, transport: str | None = None) -> Reconciled:
        turns.append(is_patient)
        if (failure := failures[len(turns) - 1]) is not None:
            raise failure
        return Reconciled(looked=1)

    async def pause(seconds: float) -> None:
        assert seconds == (300 if turns else 60), "a server that starts is left in peace for a minute"
        if len(turns) == len(failures):
            raise asyncio.CancelledError

    monkeypatch.setattr(reconciler, "run", run)
    monkeypatch.setattr("lambdascope_proxy.reconcile.reconciler.asyncio.sleep", pause)
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await reconciler.run_for_ever(300)
    assert turns == [True] * 5
    assert [(record.levelname, "disk" in record.getMessage()) for record in caplog.records] == [
        ("WARNING", True),
        ("WARNING", True),
        ("WARNING", False),
    ]


async def test_what_became_of_asynchronous_calls_reaches_the_metrics_once(
    directory: Path, questions: Questions, access: LogAccess, clock: Clock, logs: Any, store: Callable[..., None],
    rows: Rows, at: At, report: ReportLine, metered: Any,
) -> None:  # fmt: skip
    store({"tool_name": "invoke_function", "client_name": "tests"})
    logs.lines = [at(50, report("r1"))]
    reconciler = Reconciler(directory, questions, access, append=lambda _: None, clock=clock, meters=metered.meters)
    assert [(await reconciler.run()).completed for _ in range(2)] == [1, 0]
    read = metered.read()
    ((series, cost_usd),) = read["lambdascope.cost"].items()
    assert cost_usd == pytest.approx(float(rows()[0]["cost_usd"]))
    assert dict(series).items() >= {"lambdascope.cost_source": "logs", "gen_ai.tool.name": "invoke_function"}.items()
    assert [*read["lambdascope.calls.completed"].values()] == [1]


async def test_a_look_has_a_span_that_leads_to_the_calls_it_is_about(
    directory: Path, questions: Questions, access: LogAccess, clock: Clock, logs: Any, store: Callable[..., None],
    at: At, report: ReportLine, tracing: Any,
) -> None:  # fmt: skip
    # The call ended in a trace of its own, long before; without a link nobody finds what became of it.
    store({"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "00f067aa0ba902b7"})
    logs.lines = [at(50, report("r1"))]
    reconciler = Reconciler(directory, questions, access, append=lambda _: None, clock=clock, tracer=tracing.tracer)
    assert (await reconciler.run()).completed == 1
    (span,) = tracing.finished()
    assert (span["name"], span["kind"], span["links"], span["status"]) == (
        "reconcile",
        "INTERNAL",
        [0x00F067AA0BA902B7],
        "UNSET",
    )


async def test_a_look_that_failed_is_red_and_tells_its_kind_but_no_words(
    directory: Path, questions: Questions, access: LogAccess, clock: Clock, logs: Any, store: Callable[..., None],
    tracing: Any,
) -> None:  # fmt: skip
    store({})
    reconciler = Reconciler(directory, questions, access, append=lambda _: None, clock=clock, tracer=tracing.tracer)
    for failure in (CallFailed(OutcomeKind.AWS_ERROR, "LogQueryFailed", "arn:aws:iam::1:user/ada"), OSError("ada")):
        logs.while_asked = partial(fail_with, failure)
        with suppress(OSError):
            await reconciler.run()
    told = [(span["status"], span["attributes"]["error.type"]) for span in tracing.finished()]
    assert told == [("ERROR", "LogQueryFailed"), ("ERROR", "OSError")]
    assert "ada" not in str(tracing.finished())


def fail_with(failure: Exception) -> None:
    raise failure


async def test_a_look_that_is_repeated_in_parts_has_not_failed(
    directory: Path, questions: Questions, access: LogAccess, clock: Clock, logs: Any, store: Callable[..., None],
    at: At, report: ReportLine, tracing: Any,
) -> None:  # fmt: skip
    store(*({} for _ in range(150)))
    logs.lines = [at(n, report(f"r{n}", "1.00", 1)) for n in range(1, 200)]
    logs.while_asked = lambda: setattr(logs, "most_rows", 10 if len(logs.asked) == 1 else 10_000)
    reconciler = Reconciler(directory, questions, access, append=lambda _: None, clock=clock, tracer=tracing.tracer)
    assert (await reconciler.run()).completed == 150
    assert [(span["status"], span["events"]) for span in tracing.finished()] == [("UNSET", [])] * 3
