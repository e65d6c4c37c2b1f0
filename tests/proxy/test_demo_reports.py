"""What `demo --once` prints of its calls."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.demo_reports import print_reports
from lambdascope_proxy.steps.record import row_of


def test_calls_costs_and_latencies_are_told_from_the_history(
    call_of: Callable[..., Call], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = SpoolWriter(tmp_path)
    ran: dict[str, Any] = {"region": "us-east-1", "billed_ms": 601, "duration_ms": 212.4, "invoke_ms": 650.0}
    for number, kind in enumerate((OutcomeKind.OK, OutcomeKind.FUNCTION_ERROR)):
        invocation = Invocation(**ran, cost_usd=Decimal("0.000002704172"), cost_source="measured", cold_start=True)
        call = call_of(call_id=f"01935a2b-7c00-7000-8000-00000000000{number}")
        writer.append(row_of(call, Outcome(kind=kind, invocation=invocation), 660.0))
    assert writer.close(20)
    print_reports(tmp_path)
    printed = capsys.readouterr().out
    for shown in ("orders", "function_error", "660.00", "601", "cold", "0.000002704172", "Cost by function", "Latency"):
        assert shown in printed
    assert "0.000005408344" in printed  # what both cost together, exactly


def test_an_empty_history_is_three_empty_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_reports(tmp_path)
    assert "Calls, as the history has them" in capsys.readouterr().out
