"""What `demo --once` prints: the calls it made, what they cost and how long they took."""

from pathlib import Path

from lambdascope_analytics.cost import FunctionCost, cost_by_function
from lambdascope_analytics.history import open_history
from lambdascope_analytics.latency import FunctionLatency, latency_by_function
from lambdascope_analytics.recent import RecentCall, recent_calls
from lambdascope_proxy.printing import print_table


def print_reports(directory: Path) -> None:
    """Prints three tables from the history in `directory`."""
    with open_history(directory) as history:
        calls = list(reversed(recent_calls(history, limit=100)))
        costs, latencies = cost_by_function(history), latency_by_function(history)
    _print_calls(calls)
    _print_costs(costs)
    _print_latencies(latencies)


def _print_calls(calls: list[RecentCall]) -> None:
    columns = ["called", "outcome", "total ms", "billed ms", "", "cost USD"]
    print_table("Calls, as the history has them", columns, [_call(call) for call in calls])


def _call(call: RecentCall) -> list[object]:
    called = call.tool_name if call.tool_name != "invoke_function" else call.function_name
    return [called, call.outcome, call.total_ms, call.billed_ms, "cold" if call.cold_start else "", call.cost_usd]


def _print_costs(costs: list[FunctionCost]) -> None:
    columns = ["function", "calls", "failures", "billed ms", "cost USD", "measured"]
    rows = [(c.function_name, c.calls, c.failures, c.billed_ms, c.cost_usd, f"{c.measured_share:.0%}") for c in costs]
    print_table("Cost by function", columns, rows)


def _print_latencies(latencies: list[FunctionLatency]) -> None:
    columns = ["function", "calls", "cold", "p50", "p95", "max", "handler p50"]
    title = "Latency by function: total, and the handler's own part, in ms"
    print_table(title, columns, [_latency(latency) for latency in latencies])


def _latency(latency: FunctionLatency) -> list[object]:
    return [
        latency.function_name,
        latency.n,
        latency.cold,
        latency.total_p50_ms,
        latency.total_p95_ms,
        latency.total_max_ms,
        latency.duration_p50_ms,
    ]
