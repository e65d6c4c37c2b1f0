"""One line for a slow call, with where the time went, and none for others."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.steps.slow import SlowStep

pytestmark = pytest.mark.anyio
RAN = Invocation(
    region="eu-west-1", invoke_ms=1500.0, duration_ms=1450.0, overhead_ms=50.0, cost_usd=Decimal("0.00002")
)


async def told(call: Call, outcome: Outcome, *, took_ms: float) -> None:
    async def run(_: Call) -> Outcome:
        return outcome

    started = replace(call, arrived_ns=call.arrived_ns - int(took_ms * 1e6))
    assert await SlowStep(threshold_ms=1000)(started, run) is outcome


async def test_a_slow_call_has_a_line_with_its_clocks(
    call_of: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    call = call_of()
    await told(call, Outcome(kind=OutcomeKind.OK, invocation=RAN), took_ms=1_000_000)
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    assert line.getMessage().startswith("slow call: orders took 1")
    assert "LAMBDASCOPE_SLOW_CALL_MS" in line.getMessage()
    attributes: dict[str, Any] = line.attributes  # type: ignore[attr-defined]
    assert attributes.pop("total_ms") >= 1_000_000
    assert attributes == {
        "call_id": call.call_id,
        "tool_name": "invoke_function",
        "function_name": "orders",
        "client_name": "tests",
        "region": "eu-west-1",
        "outcome": "ok",
        "attempts": 1,
        "invoke_ms": 1500.0,
        "overhead_ms": 50.0,
        "duration_ms": 1450.0,
        "cost_usd": 0.00002,
    }


async def test_a_quick_call_has_none(call_of: Callable[..., Call], caplog: pytest.LogCaptureFixture) -> None:
    # Calls of tests begin when they are made; half a second is left to a slow machine.
    await told(call_of(), Outcome(kind=OutcomeKind.OK, invocation=RAN), took_ms=0)
    assert not caplog.records


async def test_a_name_that_no_function_has_is_not_told(
    call_of: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    call = call_of({"function_name": "password=hunter2"})
    await told(call, Outcome(kind=OutcomeKind.NOT_FOUND), took_ms=1_000_000)
    assert "hunter2" not in caplog.text
    assert "hunter2" not in str(vars(caplog.records[0]))


async def test_a_call_whose_caller_gave_up_has_a_line_too(
    call_of: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(_: Call) -> Outcome:
        raise asyncio.CancelledError

    call = call_of()
    with pytest.raises(asyncio.CancelledError):
        await SlowStep(threshold_ms=1000)(replace(call, arrived_ns=call.arrived_ns - 10**15), gone)
    assert caplog.records[0].attributes["outcome"] == "cancelled"  # type: ignore[attr-defined]
