"""The answer about all functions: totals, and the worst of them as structured content and as a table. Pure."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.pricing import RateTable
from lambdascope_proxy.monitoring.execution_cost import cost_from_metrics
from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.monitoring.fleet import Fleet, FleetQuestion, FleetRow
from lambdascope_proxy.monitoring.shown import iso, plain, rounded

SORTS: Final = ("errors", "error_rate", "throttles", "invocations", "duration_p95", "cost")

_COLUMNS: Final = ("name", "invocations", "errors", "error_rate", "throttles", "duration_p95_ms", "cost_usd")
_SORTED_BY: Final[Mapping[str, str]] = {"duration_p95": "duration_p95_ms", "cost": "cost_usd"}


def fleet_data(question: FleetQuestion, fleet: Fleet, rates: RateTable, *, sort_by: str, limit: int) -> dict[str, Any]:
    """Totals of all functions, and the worst `limit` of those with traffic; costs are estimates without init."""
    entries = [_entry(row, rates) for row in fleet.rows]
    active = [entry for entry in entries if entry["invocations"] or entry["throttles"] or entry["invocations"] is None]
    worst = sorted(active, key=_worst_first(_SORTED_BY.get(sort_by, sort_by)))
    window = question.window
    return {
        "window": {"start": iso(window.start), "end": iso(window.end)},
        "sort_by": sort_by,
        "totals": _totals(entries, active),
        "functions": [_shown(entry) for entry in worst[:limit]],
        "not_listed": max(0, len(active) - limit),
        "partial": list(fleet.partial),
        "next_step": _next_step(worst, sort_by),
        "bill": fleet.bill.as_data() if fleet.bill else None,
        "cached": fleet.is_cached,
    }


def fleet_text(data: Mapping[str, Any]) -> str:
    """The same in words and a table."""
    totals, window = data["totals"], data["window"]
    heading = (
        f"{totals['functions']} functions, {window['start']} to {window['end']}: {totals['active']} with traffic, "
        f"{totals['idle']} without; invocations {_told(totals['invocations'])}, errors {_told(totals['errors'])}, "
        f"throttles {_told(totals['throttles'])}, cost {dollars(totals['cost_usd'])} (estimated, without init)"
    )
    more = f"{data['not_listed']} more with traffic are not listed" if data["not_listed"] else ""
    cost = f"asking cost {dollars(data['bill']['cost_usd'])}" if data["bill"] else ""
    lines = [
        heading,
        *_table(data["functions"], data["sort_by"]),
        more,
        *(f"Incomplete: {shortfall}" for shortfall in data["partial"]),
        cost + (" (kept from a moment ago)" if data["cached"] else ""),
        f"Next: {data['next_step']}",
    ]
    return "\n".join(line for line in lines if line)


def _entry(row: FleetRow, rates: RateTable) -> dict[str, Any]:
    cost: Decimal | None = None
    if row.invocations is not None and row.duration_sum_ms is not None:
        cost = cost_from_metrics(
            rates, row.function, invocations=row.invocations, duration_sum_ms=row.duration_sum_ms
        ).cost_usd
    has_rate = row.errors is not None and row.invocations
    return {
        "name": row.name,
        "invocations": _whole(row.invocations),
        "errors": _whole(row.errors),
        "error_rate": round((row.errors or 0) / (row.invocations or 1), 4) if has_rate else None,
        "throttles": _whole(row.throttles),
        "duration_p95_ms": rounded(row.duration_p95_ms),
        "cost_usd": cost,
    }


def _worst_first(column: str) -> Callable[[Mapping[str, Any]], Any]:
    """By the column from the top, unknown last; of equals those with more errors, then more traffic."""

    def key(entry: Mapping[str, Any]) -> Any:
        value = entry[column]
        return (value is None, -(value or 0), -(entry["errors"] or 0), -(entry["invocations"] or 0), entry["name"])

    return key


def _totals(entries: Sequence[Mapping[str, Any]], active: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    costs: list[Decimal] = [entry["cost_usd"] for entry in active if entry["cost_usd"] is not None]
    return {
        "functions": len(entries),
        "active": len(active),
        "idle": len(entries) - len(active),
        **{column: _sum(entries, column) for column in ("invocations", "errors", "throttles")},
        "cost_usd": _plain(sum(costs, Decimal(0))) if len(costs) == len(active) else None,
        "cost_source": "estimated",
    }


def _sum(entries: Sequence[Mapping[str, Any]], column: str) -> int | None:
    """Unknown as soon as one is: a sum over some would pass for one over all."""
    values: list[int | None] = [entry[column] for entry in entries]
    return None if None in values else sum(value or 0 for value in values)


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "cost_usd": None if entry["cost_usd"] is None else _plain(entry["cost_usd"])}


def _next_step(worst: Sequence[Mapping[str, Any]], sort_by: str) -> str:
    if not worst:
        return "No function had traffic in this window: ask for a longer time_range, or check the region."
    name = worst[0]["name"]
    if sort_by in ("errors", "error_rate") and not worst[0]["errors"]:
        return "No function had errors; sort_by throttles, duration_p95 or cost shows other troubles."
    return f"monitor_executions(function_name={name!r}) tells what is behind the first of them."


def _table(entries: Sequence[Mapping[str, Any]], sort_by: str) -> list[str]:
    if not entries:
        return []
    header = f"{' | '.join(_COLUMNS)} (by {sort_by})"
    return [header, *(" | ".join(_told(entry[column]) for column in _COLUMNS) for entry in entries)]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _told(value: Any) -> str:
    return "unknown" if value is None else str(value)


def _plain(value: Decimal) -> str | None:
    """To the millionth of a cent: an estimate is no finer."""
    return plain(value.quantize(Decimal("1e-8")))
