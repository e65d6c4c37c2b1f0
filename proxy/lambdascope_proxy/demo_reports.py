"""What `demo --once` prints: the calls it made, their cost and times, and what CloudWatch and the history tell."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_analytics.frames import ALL, HistoryFrames
from lambdascope_analytics.history import open_history
from lambdascope_analytics.recent import RecentCall, recent_calls
from lambdascope_proxy.demo_looking import Looks
from lambdascope_proxy.printing import print_line, print_table

if TYPE_CHECKING:
    from lambdascope_analytics.analyses.cost_answer import CostGroup
    from lambdascope_analytics.analyses.latency_answer import GroupLatency


def print_reports(directory: Path, *, now: datetime) -> None:
    """Prints three tables from the history in `directory`, of all that began before `now`."""
    with open_history(directory) as history:
        calls = list(reversed(recent_calls(history, limit=100)))
        frames = HistoryFrames(history, directory, now=lambda: now)
        cost = frames.answer("cost", time_range=ALL, compare_previous=False)
        latency = frames.answer("latency", time_range=ALL, percentiles=(50, 95))
    _print_calls(calls)
    _print_costs(cost.groups)
    _print_latencies(latency.groups)


def _print_calls(calls: list[RecentCall]) -> None:
    columns = ["called", "outcome", "total ms", "billed ms", "", "cost USD"]
    print_table("Calls, as the history has them", columns, [_call(call) for call in calls])


def _call(call: RecentCall) -> list[object]:
    called = call.tool_name if call.tool_name != "invoke_function" else call.function_name
    return [called, call.outcome, call.total_ms, call.billed_ms, "cold" if call.cold_start else "", call.cost_usd]


def _print_costs(groups: "Sequence[CostGroup]") -> None:
    columns = ["function", "calls", "failures", "without a price", "GB-s", "cost USD"]
    rows = [(g.group, g.calls, g.failures, g.unpriced_calls, g.billed_gb_s, g.cost_usd) for g in groups]
    print_table("Cost by function", columns, rows)


def _print_latencies(groups: "Sequence[GroupLatency]") -> None:
    columns = ["function", "calls", "cold", "p50", "p95", "handler mean"]
    title = "Latency by function: total, and the handler's own part, in ms"
    print_table(title, columns, [_latency(group) for group in groups])


def _latency(latency: "GroupLatency") -> list[object]:
    figures = latency.figures
    handler = figures.clocks.get("handler")
    return [
        latency.group,
        figures.calls,
        figures.cold_calls,
        *figures.percentiles_ms.values(),
        None if handler is None else handler.mean_ms,
    ]


def print_looks(looks: Looks) -> None:
    """Prints what the tools answered: of all calls whoever made them, what is missing of that, and from the history."""
    printers = (
        (looks.executions, _print_executions),
        (looks.cold_starts, _print_cold_starts),
        (looks.fleet, _print_fleet),
    )
    for found, show in printers:
        if found is not None:
            show(found)
            for shortfall in found.get("partial", ()):
                print_line(f"Incomplete: {shortfall}")
    if looks.analyses:
        rows = [[tool, found["summary"]] for tool, found in looks.analyses.items()]
        print_table("What the history tells, in a sentence of each tool", ["tool", "summary"], rows)


def _print_executions(found: Mapping[str, Any]) -> None:
    columns = ["invocations", "errors", "cold", "p50", "max", "GB-s", "cost USD", "asking USD", "most frequent error"]
    errors = [f"{kind['count']}x {kind['error_type']}: {kind['message']}" for kind in found["top_errors"] or ()]
    cold: Mapping[str, Any] = found["cold_starts"] or {}
    row: list[object] = [
        found["invocations"]["count"],
        found["errors"]["count"],
        cold.get("count"),
        found["duration"]["p50_ms"],
        found["duration"]["max_ms"],
        found["cost"]["gb_s"],
        # As the history writes it, so that the two can be compared.
        None if found["cost"]["usd"] is None else f"{Decimal(found['cost']['usd']):.12f}",
        found["bill"]["cost_usd"],
        errors[0] if errors else None,
    ]
    print_table(f"{found['function_name']} by monitor_executions: its handler in ms, as billed by AWS", columns, [row])


def _print_cold_starts(found: Mapping[str, Any]) -> None:
    title = f"Cold starts by query_logs; asking cost {found['bill']['cost_usd']} USD"
    columns = {"function_name": "function", "init_ms": "init ms", "duration_ms": "handler ms", "billed_ms": "billed ms"}
    # Of a single function they come without its name.
    names = [name for name in columns if name in found["columns"]]
    places = [found["columns"].index(name) for name in names]
    print_table(title, [columns[name] for name in names], [[row[place] for place in places] for row in found["rows"]])


def _print_fleet(found: Mapping[str, Any]) -> None:
    title = f"All functions by monitor_fleet, worst first; asking cost {found['bill']['cost_usd']} USD"
    columns = ["function", "invocations", "errors", "throttles", "handler p95 ms"]
    keys = ["name", "invocations", "errors", "throttles", "duration_p95_ms"]
    print_table(title, columns, [[each[key] for key in keys] for each in found["functions"]])
