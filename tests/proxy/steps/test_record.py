"""One history row for every call, whatever its end."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.privacy.keeping import PayloadKeeper
from lambdascope_analytics.store.row import COLUMN_NAMES
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.steps.record import RecordStep, row_of

pytestmark = pytest.mark.anyio
Rows = list[Mapping[str, Any]]


async def test_the_outcome_is_recorded_and_handed_on(call_of: Callable[..., Call]) -> None:
    rows: Rows = []
    done = Outcome(kind=OutcomeKind.OK, text="1")

    async def call_next(call: Call) -> Outcome:
        assert rows == []
        return done

    assert await RecordStep(rows.append)(call_of(), call_next) is done
    (row,) = rows
    assert (row["outcome"], row["call_id"]) == ("ok", "01935a2b-7c00-7000-8000-000000000001")
    assert row["total_ms"] >= 0


async def test_a_caller_that_went_away_is_recorded_and_stays_cancelled(call_of: Callable[..., Call]) -> None:
    rows: Rows = []

    async def call_next(call: Call) -> Outcome:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await RecordStep(rows.append)(call_of(), call_next)
    assert [row["outcome"] for row in rows] == ["cancelled"]


async def test_what_looking_had_cost_is_recorded_of_a_caller_that_went_away(call_of: Callable[..., Call]) -> None:
    rows: list[Mapping[str, Any]] = []

    async def call_next(call: Call) -> Outcome:
        call.progress.bills["one query"] = Bill(region="us-east-1", queries=1, scanned_bytes=10**9)
        call.progress.bills["another"] = Bill(region="us-east-1", queries=1, scanned_bytes=10**9)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await RecordStep(rows.append)(call_of(), call_next)
    assert [(row["outcome"], row["cost_usd"]) for row in rows] == [("cancelled", Decimal("0.01"))]


async def test_a_call_cancelled_under_way_is_recorded_with_what_had_left(call_of: Callable[..., Call]) -> None:
    rows: Rows = []

    async def call_next(call: Call) -> Outcome:
        cancelled: Any = asyncio.CancelledError()
        cancelled.invocation = Invocation(region="us-east-1", attempts=2, invoke_ms=5.0)
        raise cancelled

    with pytest.raises(asyncio.CancelledError):
        await RecordStep(rows.append)(call_of(), call_next)
    assert [(row["outcome"], row["attempts"], row["invoke_ms"]) for row in rows] == [("cancelled", 2, 5.0)]


async def test_a_row_that_cannot_be_written_never_fails_the_call(
    call_of: Callable[..., Call], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # as in production, where an observer's defect stays inside

    def append(row: Mapping[str, Any]) -> None:
        raise OSError("disk")

    async def call_next(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK)

    assert (await RecordStep(append)(call_of(), call_next)).kind is OutcomeKind.OK
    assert "recording a call failed" in caplog.text


def everything_known() -> Outcome:
    values: dict[str, Any] = {field.name: 1 for field in fields(Invocation)} | {"sent": b"{}", "received": b"1"}
    failure = Failure(error_type="E", message="m")
    return Outcome(kind=OutcomeKind.FUNCTION_ERROR, failure=failure, invocation=Invocation(**values))


def test_every_column_of_the_history_is_written_and_no_other(call_of: Callable[..., Call]) -> None:
    unless_asked_for = {"request_payload", "response_payload"}
    assert sorted(row_of(call_of(), everything_known(), 5.0)) == sorted(set(COLUMN_NAMES) - unless_asked_for)


def test_a_call_that_never_reached_lambda_fills_no_column_it_does_not_know(call_of: Callable[..., Call]) -> None:
    row = row_of(call_of(), Outcome(kind=OutcomeKind.REFUSED), 5.0)
    assert set(row) <= set(COLUMN_NAMES)
    assert (row["total_ms"], row["proxy_ms"], row.get("attempts"), row["cost_source"]) == (5.0, None, None, "none")


@pytest.mark.parametrize(
    ("total_ms", "invoke_ms", "proxy_ms"), [(12.5, 10.25, 2.25), (10.0, 10.001, 0.0), (3.0, None, None)]
)
def test_the_proxys_own_time_is_the_rest(
    call_of: Callable[..., Call], total_ms: float, invoke_ms: float | None, proxy_ms: float | None
) -> None:
    invocation = Invocation(region="us-east-1", invoke_ms=invoke_ms)
    row = row_of(call_of(), Outcome(kind=OutcomeKind.OK, invocation=invocation), total_ms)
    assert (row["total_ms"], row["proxy_ms"]) == (total_ms, proxy_ms)


def test_a_row_says_which_process_of_which_machine_wrote_it(call_of: Callable[..., Call]) -> None:
    row = row_of(call_of(), Outcome(kind=OutcomeKind.OK), 1.0)
    assert (row["host"], row["pid"]) == (socket.gethostname(), os.getpid())


async def test_a_row_comes_back_from_the_history_as_it_was_written(
    call_of: Callable[..., Call], tmp_path: Path
) -> None:
    # The two packages agree on types only if a real row survives the way.
    writer = SpoolWriter(tmp_path)

    async def call_next(call: Call) -> Outcome:
        invocation = Invocation(region="us-east-1", billed_ms=601, cold_start=True, invoke_ms=1.5)
        return Outcome(kind=OutcomeKind.OK, invocation=invocation)

    call = call_of()
    await RecordStep(writer.append)(call, call_next)
    assert writer.close(20)
    with open_history(tmp_path) as history:
        (row,) = history.query("SELECT * FROM calls")
    assert (str(row["call_id"]), row["started_at"]) == (call.call_id, call.started_at)
    assert (row["billed_ms"], row["cold_start"], row["invoke_ms"], row["duration_ms"]) == (601, True, 1.5, None)


def sent_and_answered() -> Outcome:
    invocation = Invocation(region="us-east-1", request_bytes=2, response_bytes=1, sent=b"{}", received=b"1")
    return Outcome(kind=OutcomeKind.OK, invocation=invocation)


async def test_payloads_go_with_the_row_only_where_there_is_a_keeper(call_of: Callable[..., Call]) -> None:
    rows: Rows = []

    async def call_next(call: Call) -> Outcome:
        return sent_and_answered()

    def append(row: Mapping[str, Any]) -> bool:
        rows.append(row)
        return True

    await RecordStep(append)(call_of(), call_next)
    await RecordStep(append, PayloadKeeper(limit=1000, scrubber=None))(call_of(), call_next)
    assert [(row.get("request_payload"), row.get("response_payload")) for row in rows] == [(None, None), (b"{}", b"1")]


async def test_the_room_of_a_row_that_was_dropped_is_given_back(call_of: Callable[..., Call]) -> None:
    """Else a disk that refuses for a while would end the recording of payloads for good."""
    rows: Rows = []

    async def call_next(call: Call) -> Outcome:
        return sent_and_answered()

    step = RecordStep(rows.append, PayloadKeeper(limit=1000, scrubber=None, room_bytes=5))
    for _ in range(3):
        await step(call_of(), call_next)
    assert [row["request_payload"] for row in rows] == [b"{}"] * 3
