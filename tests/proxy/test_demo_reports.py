"""What `demo --once` prints of its calls."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.demo_looking import Looks
from lambdascope_proxy.demo_reports import print_looks, print_reports
from lambdascope_proxy.steps.record import row_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_calls_costs_and_latencies_are_told_from_the_history(
    call_of: Callable[..., Call], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = SpoolWriter(tmp_path)
    ran: dict[str, Any] = {"region": "us-east-1", "billed_ms": 601, "duration_ms": 212.4, "invoke_ms": 650.0}
    ran |= {"memory_mb": 1024, "init_ms": 388.0, "overhead_ms": 49.6, "cold_start": True}
    for number, kind in enumerate((OutcomeKind.OK, OutcomeKind.FUNCTION_ERROR)):
        invocation = Invocation(**ran, cost_usd=Decimal("0.000002704172"), cost_source="measured")
        call = call_of(call_id=f"01935a2b-7c00-7000-8000-00000000000{number}")
        writer.append(row_of(call, Outcome(kind=kind, invocation=invocation), 660.0))
    assert writer.close(20)
    print_reports(tmp_path, now=NOW)
    calls, costs, latencies = re.split("Cost by function.*\n|Latency by function.*\n", capsys.readouterr().out)
    for shown in ("orders", "function_error", "660.00", "601", "cold", "0.000002704172"):
        assert shown in calls
    # What both cost together, exactly, and the times that can be told of both.
    assert ["orders", "2", "1", "0", "1.20", "0.000005408344"] in [line.split() for line in costs.splitlines()]
    assert ["orders", "2", "2", "660.00", "660.00", "212.40"] in [line.split() for line in latencies.splitlines()]


def test_an_empty_history_is_three_empty_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_reports(tmp_path, now=NOW)
    printed = capsys.readouterr().out
    for title in ("Calls, as the history has them", "Cost by function", "Latency by function"):
        assert title in printed


EXECUTIONS: dict[str, Any] = {
    "function_name": "orders",
    "invocations": {"count": 12},
    "errors": {"count": 3},
    "cold_starts": {"count": 2},
    "duration": {"p50_ms": 1.71, "max_ms": 2.41},
    "cost": {"gb_s": "0.014", "usd": "0.00000058667"},
    "bill": {"cost_usd": "0.000220020180"},
    "top_errors": [{"count": 3, "error_type": "Declined", "message": "no funds"}],
    "partial": ["No logs: denied"],
}
COLD_STARTS: dict[str, Any] = {
    "columns": ["time", "function_name", "request_id", "init_ms", "duration_ms", "billed_ms", "memory_mb"],
    "rows": [["2026-11-22T17:00:00Z", "orders", "id", 196.04, 20.77, 217, 256]],
    "bill": {"cost_usd": "0.000000042785"},
}
FLEET: dict[str, Any] = {
    "functions": [{"name": "orders", "invocations": 12, "errors": 3, "throttles": 0, "duration_p95_ms": 2.34}],
    "bill": {"cost_usd": "0.000400000000"},
    "partial": [],
}
ANALYSES: dict[str, Any] = {"analyze_cost": {"summary": "12 calls cost $0.0001."}}


def test_what_the_tools_answered_is_a_table_each_and_of_analyses_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_looks(Looks(executions=EXECUTIONS, cold_starts=COLD_STARTS, fleet=FLEET, analyses=ANALYSES, failures=[]))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    costs = ["0.000000586670", "0.000220020180"]
    assert ["12", "3", "2", "1.71", "2.41", "0.014", *costs, "3x", "Declined:", "no", "funds"] in lines
    assert ["Incomplete:", "No", "logs:", "denied"] in lines
    assert ["orders", "196.04", "20.77", "217"] in lines
    assert ["orders", "12", "3", "0", "2.34"] in lines
    assert ["analyze_cost", "12", "calls", "cost", "$0.0001."] in lines


def test_an_answer_without_logs_has_empty_cells_and_one_that_failed_no_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bare = EXECUTIONS | {"cold_starts": None, "top_errors": None, "cost": {"gb_s": None, "usd": None}}
    print_looks(Looks(executions=bare, cold_starts=None, fleet=None, analyses={}, failures=["query_logs: throttled"]))
    out = capsys.readouterr().out
    assert ["12", "3", "1.71", "2.41", "0.000220020180"] in [line.split() for line in out.splitlines()]
    assert "query_logs" not in out
