"""One execution put together: from the history, or from its log alone; what to look at next."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.monitoring.inspection import Inspection, has_ended, looks_after, priced
from lambdascope_proxy.monitoring.request_log import attempts_of
from lambdascope_proxy.monitoring.request_reading import RequestLog
from lambdascope_proxy.reconcile.pending import EVENT_REACH, REACH
from lambdascope_proxy.selection import Function

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
OURS = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"
XRAY = "1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12"
STREAM = "2026/11/22/[7]0123456789abcdef0123456789abcdef"
ROW: Mapping[str, Any] = {
    "call_id": "0196f3a2-7c00-7000-8000-000000000001",
    "started_at": TEN,
    "target": "lambda",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "function_name": "orders",
    "region": "us-east-1",
    "request_id": OURS,
    "outcome": "ok",
    "cost_usd": Decimal("0.000000279000"),
    "cost_source": "measured",
    "qualifier": None,
    "request_payload": "x" * 5_000,
}


def lines_of(billed_ms: int, *between: str, tail: str = "") -> list[str]:
    figures = (
        f"Duration: {billed_ms}.00 ms\tBilled Duration: {billed_ms} ms\tMemory Size: 256 MB\tMax Memory Used: 40 MB"
    )
    return [
        f"START RequestId: {OURS} Version: 7\n",
        *between,
        f"END RequestId: {OURS}\n",
        f"REPORT RequestId: {OURS}\t{figures}\t{tail}\n",
    ]


@pytest.fixture
def inspect(function_of: Callable[..., Function]) -> Callable[..., Inspection]:
    """An inspection of executions with these lines each, one minute apart."""

    def make(*executions: list[str], row: Mapping[str, Any] | None = None, **known: Any) -> Inspection:
        function = known.pop("function", function_of(architecture="arm64"))
        events = [
            LogEvent(time=TEN + timedelta(minutes=number, milliseconds=index), stream=STREAM, message=line)
            for number, lines in enumerate(executions)
            for index, line in enumerate(lines)
        ]
        attempts = attempts_of(events, OURS)
        fields: dict[str, Any] = {
            "request_id": OURS,
            "row": row,
            "function": function,
            "log": RequestLog(group="/aws/lambda/orders", attempts=attempts),
            "attempts": priced(attempts, function, load_rates(), Scrubber().text),
            "neighbours": (),
            "trace_url": "",
            "shortfalls": (),
        }
        return Inspection(**{**fields, **known})

    return make


def price_of(billed_ms: int) -> Decimal:
    price = price_invocation(load_rates(), region="us-east-1", architecture="arm64", memory_mb=256, billed_ms=billed_ms)
    return price.amount.quantize(Decimal("1e-12"))


def test_a_recorded_execution_is_told_by_its_row_with_what_is_unknown_left_out(
    inspect: Callable[..., Inspection],
) -> None:
    facts = inspect(lines_of(13), row=ROW).facts
    assert (facts["started_at"], facts["cost_usd"]) == ("2026-11-22T10:00:00Z", "0.000000279000")
    assert "qualifier" not in facts
    assert facts["request_payload"] == "x" * 2_000 + "... (cut: 5000 characters)"


def test_an_execution_that_only_the_log_knows_is_priced_from_its_report(inspect: Callable[..., Inspection]) -> None:
    facts = inspect(lines_of(13, tail="Init Duration: 5.00 ms\t")).facts
    assert {name: facts[name] for name in ("outcome", "duration_ms", "billed_ms", "memory_mb", "init_ms")} == {
        "outcome": "ok",
        "duration_ms": 13,
        "billed_ms": 13,
        "memory_mb": 256,
        "init_ms": 5,
    }
    assert (facts["executed_version"], facts["cold_start"], facts["cost_source"]) == ("7", True, "logs")
    assert Decimal(facts["cost_usd"]) == price_of(13)
    assert facts["rates_version"] == load_rates().version


def test_every_attempt_is_billed_and_the_last_says_how_it_ended(inspect: Callable[..., Inspection]) -> None:
    raised = "[ERROR] KeyError: 'a'\nTraceback (most recent call last):\n  x\n"
    found = inspect(lines_of(10, raised), lines_of(20))
    assert [each.as_data()["outcome"] for each in found.attempts] == ["function_error", "ok"]
    assert [each.as_data()["cost_usd"] for each in found.attempts] == [f"{price_of(10):f}", f"{price_of(20):f}"]
    facts = found.facts
    assert (facts["outcome"], facts["billed_ms"], facts["duration_ms"]) == ("ok", 30, 20)
    assert Decimal(facts["cost_usd"]) == price_of(10) + price_of(20)


def test_without_a_report_nothing_is_measured_or_priced(inspect: Callable[..., Inspection]) -> None:
    facts = inspect([f"START RequestId: {OURS} Version: 7\n", "working\n"]).facts
    assert facts["cost_source"] == "none"
    assert not {"cost_usd", "billed_ms", "duration_ms", "memory_mb", "outcome"} & facts.keys()


def test_a_region_without_prices_has_figures_and_no_cost(
    inspect: Callable[..., Inspection], function_of: Callable[..., Function]
) -> None:
    facts = inspect(lines_of(13), function=function_of(region="mars-north-1")).facts
    assert (facts["billed_ms"], facts["cost_source"]) == (13, "none")
    assert "cost_usd" not in facts


def test_an_asynchronous_call_is_pending_until_it_is_reconciled(inspect: Callable[..., Inspection]) -> None:
    accepted = {**ROW, "outcome": "accepted", "invocation_type": "Event"}
    assert inspect(row=accepted).is_pending
    # An agent may have no shell.
    assert "by itself" in inspect(row=accepted).next_step
    assert "history reconcile" not in inspect(row=accepted).next_step
    assert not inspect(row={**accepted, "duration_ms": 5.0}).is_pending
    assert not inspect(row=ROW).is_pending


@pytest.mark.parametrize(
    ("facts", "preset"),
    [
        ({"outcome": "out_of_memory"}, "memory"),
        ({"outcome": "function_timeout"}, "timeouts"),
        ({"outcome": "function_error"}, "errors"),
        ({"outcome": "ok", "cold_start": True}, "cold_starts"),
        ({"outcome": "ok"}, "slowest"),
    ],
)
def test_the_next_step_fits_how_it_ended(inspect: Callable[..., Inspection], facts: Any, preset: str) -> None:
    assert f'query_logs(function_names=["orders"], preset="{preset}")' in inspect(row={**ROW, **facts}).next_step


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"outcome": "refused"}, "correct what the error says"),
        ({"outcome": "invalid_arguments", "function_name": None}, "correct what the error says"),
        ({"outcome": "dry_run"}, "without DryRun"),
        ({"outcome": "throttled"}, 'monitor_executions(function_name="orders")'),
        ({"target": "self", "function_name": None}, "ran no function"),
        ({"target": "cloudwatch"}, "ran no function"),
    ],
)
def test_what_ran_no_function_is_not_looked_for_in_its_log(
    inspect: Callable[..., Inspection], facts: Any, words: str
) -> None:
    told = inspect(row={**ROW, **facts}).next_step
    assert words in told
    assert "query_logs" not in told


def test_what_only_the_log_knows_is_an_execution(inspect: Callable[..., Inspection]) -> None:
    assert "query_logs" in inspect(lines_of(13)).next_step
    assert not inspect(lines_of(13)).has_no_session


def test_links_lead_to_the_trace_to_xray_and_to_the_stream(inspect: Callable[..., Inspection]) -> None:
    lines = lines_of(13, tail=f"\nXRAY TraceId: {XRAY}\tSegmentId: 3c9e1f7a5b2d4860\tSampled: true\t")
    links = inspect(lines, row=ROW, trace_url="https://tempo/{trace_id}").links
    assert links["trace"] == "https://tempo/0af7651916cd43dd8448eb211c80319c"
    assert links["xray"].endswith(f"#xray:traces/{XRAY}")
    assert "$252Faws$252Flambda$252Forders" in links["log_stream"]
    assert inspect(row=ROW, log=None).links == {}


def test_reading_log_events_is_on_the_bill_as_what_it_costs(inspect: Callable[..., Inspection]) -> None:
    assert inspect(row=ROW).bill == Bill(region="us-east-1")
    assert inspect(row=ROW, function=None, log=None, attempts=()).bill is None


def test_the_log_of_an_asynchronous_call_is_read_for_as_long_as_reconciliation_looks() -> None:
    """Lambda tries an event again for six hours when it is throttled."""
    assert looks_after({"total_ms": 1_000.0}, 3) == (timedelta(seconds=64),)
    soon, late = looks_after({"invocation_type": "Event"}, 900)
    assert (soon, late) == (REACH + timedelta(minutes=45), EVENT_REACH + timedelta(minutes=45))
    assert late > timedelta(hours=6)


def test_a_request_has_ended_when_an_attempt_succeeded_or_none_is_left(inspect: Callable[..., Inspection]) -> None:
    raised = lines_of(10, "[ERROR] KeyError: 'a'\nTraceback (most recent call last):\n  x\n")
    logs = [inspect(*executions).log for executions in ([], [raised], [raised] * 2, [raised, lines_of(20)])]
    assert [has_ended(log) for log in logs if log] == [False, False, False, True]
    last = inspect(*[raised] * 3).log
    assert last
    assert has_ended(last)
