"""The history beside the past: a quarter of the function's calls came through the proxy, among those of others."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.errors import NotRunningError
from bench.history.recorders import LAMBDASCOPE, recorder
from bench.history.rows import RowSource, call_id_of
from bench.monitor.past import Execution
from bench.stub_functions import ACCOUNT_ID, REGION
from lambdascope_analytics.store.row import COLUMN_NAMES, SCHEMA_VERSION

ONE_IN = 4
OTHERS = 5000
BATCH = 2500  # below the queue's capacity
PATIENCE_S = 60.0
OUTCOMES = {"success": "ok", "timeout": "function_timeout"}


def recorded(executions: Sequence[Execution]) -> list[Execution]:
    """Return the executions that came through the proxy; throttled calls never ran."""
    return [one for one in executions if one.record.outcome != "throttled"][::ONE_IN]


def fill(directory: Path, executions: Sequence[Execution], now_ms: int) -> None:
    """Write the history.

    Raises:
        NotRunningError: rows were lost.
    """
    kept = recorder(LAMBDASCOPE, directory, alone=True)
    is_whole = True
    for number, row in enumerate(_rows(executions, now_ms), 1):
        is_whole &= kept.append(row)
        if number % BATCH == 0:
            is_whole &= kept.flush(PATIENCE_S)
    if not (kept.close(PATIENCE_S) and is_whole):
        raise NotRunningError("the history could not be filled")


def _rows(executions: Sequence[Execution], now_ms: int) -> Iterator[dict[str, Any]]:
    yield from (_row(number, one) for number, one in enumerate(recorded(executions)))
    yield from RowSource(1).rows(OTHERS, now_ms / 1000 - 3600)


def _row(number: int, execution: Execution) -> dict[str, Any]:
    record = execution.record
    return dict.fromkeys(COLUMN_NAMES) | {
        "call_id": call_id_of(number),
        "started_at": datetime.fromtimestamp(record.started_ms / 1000, UTC),
        "tool_name": "invoke_function",
        "target": "lambda",
        "transport": "stdio",
        "function_name": record.function_name,
        "executed_version": record.version,
        "region": REGION,
        "account_id": ACCOUNT_ID,
        "invocation_type": "RequestResponse",
        "outcome": OUTCOMES.get(record.outcome, "function_error"),
        "duration_ms": record.duration_ms,
        "billed_ms": record.billed_ms,
        "request_id": record.request_id,
        "attempts": 1,
        "schema_version": SCHEMA_VERSION,
    }
