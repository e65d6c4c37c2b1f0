"""Shows the answer of monitor_executions: its figures, how they moved, and the errors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lambdascope_proxy.charts import sparkline
from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import UNKNOWN, figure, gathered, length, moment, percentiles, share, span
from lambdascope_proxy.views.page import Page, told

Data = Mapping[str, Any]

# Beside a chart stand its name and two figures.
BESIDE: Final = 42
LEAST_CHART: Final = 10
COST_SOURCES: Final = {"logs": "as billed, from logs", "estimated": "estimated from run time, without init"}
NONE: Final = "no data"
NO_COST: Final = "neither logs nor metrics tell"


def show_executions(data: Data, page: Page) -> None:
    """Writes its figures, a chart for each series, the errors and what to ask next."""
    qualifier = f":{data['qualifier']}" if data.get("qualifier") else ""
    window = data["window"]
    page.heading(f"{data['function_name']}{qualifier} in {data['region']}, {span(window['start'], window['end'])}")
    page.table(["", ""], list(_figures(data)))
    _draw(data.get("series") or {}, page)
    if kinds := data.get("top_errors"):
        page.heading("Errors, most frequent first (times in UTC)")
        page.table(["count", "last seen", "error"], [_error(kind) for kind in kinds])
    page.heading(f"Next: {as_commands(data['next_step'])}")


def _figures(data: Data) -> Iterator[tuple[str, str]]:
    """A line for all that was asked for; what does not apply or is not known says so."""
    yield "invocations", _invocations(data["invocations"])
    for name, (key, line) in _LINES.items():
        if key in data:
            yield name, line(data[key]) or NONE
    yield "asking cost", _asking(data)


def _invocations(found: Data) -> str:
    through = "" if found["share"] is None else f", {share(found['share'])} through this proxy"
    return f"{figure(found['count'])}{through}"


def _errors(found: Data) -> str:
    return figure(found["count"]) + ("" if found["rate"] is None else f", {share(found['rate'])} of invocations")


def _concurrency(found: Data) -> str:
    if found["max"] is None and found["limit"] is None:
        return ""
    limit = f" of {figure(found['limit'])}, the {found['limit_of']}'s limit" if found["limit"] else ", limit unknown"
    rest = [f", {_words(key)} {figure(found[key])}" for key in found if key.startswith("provisioned")]
    return f"at most {figure(found['max'])}{limit}{''.join(rest)}"


def _pairs(found: Data | None) -> str:
    known = {key: value for key, value in (found or {}).items() if value is not None}
    return ", ".join(
        f"{_words(key)} {figure(value)}{' ms' if key.endswith('_ms') else ''}" for key, value in known.items()
    )


def _words(key: str) -> str:
    return key.removesuffix("_ms").removeprefix("async_").replace("_", " ")


def _cold_starts(found: Data | None) -> str:
    if found is None:
        return UNKNOWN
    rate = "" if found["rate"] is None else f", {share(found['rate'])} of executions"
    init = {key.removeprefix("init_"): value for key, value in found.items() if key.startswith("init_")}
    took = percentiles(init)
    return f"{figure(found['count'])}{rate}{f'; init {took}' if took else ''}"


def _ends(found: Data | None) -> str:
    if found is None:
        return UNKNOWN
    return f"{figure(found['count'])}, " + _pairs({key: found[key] for key in found if key != "count"})


def _memory(found: Data | None) -> str:
    if found is None or found["used_max_mb"] is None:
        return UNKNOWN
    of_all = f" ({share(found['share'])})" if found["share"] is not None else ""
    return f"at most {figure(found['used_max_mb'])} of {figure(found['configured_mb'])} MB{of_all}"


def _cost(found: Data) -> str:
    gb_s = "" if found["gb_s"] is None else f", {told(Decimal(found['gb_s']))} GB-seconds"
    source = COST_SOURCES.get(found["source"], "no price known" if found["gb_s"] else NO_COST)
    return f"{dollars(found['usd'])}{gb_s}, {source}"


def _asking(data: Data) -> str:
    newest = f"; newest data of {moment(data['newest_data'])} UTC" if data["newest_data"] else ""
    return f"{dollars(data['bill']['cost_usd'])}{', kept from a moment ago' if data['cached'] else ''}{newest}"


_LINES: Final[Mapping[str, tuple[str, Callable[[Any], str]]]] = {
    "errors": ("errors", _errors),
    "throttles": ("throttles", figure),
    "duration": ("duration", percentiles),
    "concurrency": ("concurrency", _concurrency),
    "asynchronous": ("async", _pairs),
    "stream": ("iterator", _pairs),
    "cold starts": ("cold_starts", _cold_starts),
    "timeouts": ("timeouts", _ends),
    "memory": ("memory", _memory),
    "cost": ("cost", _cost),
}


def _draw(series: Data, page: Page) -> None:
    lines: dict[str, list[float | None]] = {name: each for name, each in series.items() if isinstance(each, list)}
    known = {name: values for name, values in lines.items() if any(value is not None for value in values)}
    if not known:
        return
    room = max(LEAST_CHART, page.width - BESIDE)
    _, step = gathered(next(iter(known.values())), room)
    highest = ", the highest in it" if step > 1 else ""
    page.heading(f"One character is {length(series['period_s'] * step)}{highest}")
    rows = [_chart(name, values, room, page) for name, values in known.items()]
    page.table(["", "", "least", "most"], rows, right=["least", "most"])


def _chart(name: str, values: Sequence[float | None], room: int, page: Page) -> tuple[object, ...]:
    known = [value for value in values if value is not None]
    unit = " ms" if name.endswith("_ms") else ""
    drawn = sparkline(gathered(values, room)[0], levels=page.levels)
    return f"{_words(name)}{unit}", drawn, figure(min(known)), figure(max(known))


def _error(kind: Data) -> tuple[object, ...]:
    logged = " (logged, the call may have gone on)" if kind.get("logged_only") else ""
    request = [f"request {kind['request_id']}"] if kind["request_id"] else []
    lines = [f"{kind['error_type']}: {kind['message']}{logged}", *request, *(f"  {frame}" for frame in kind["stack"])]
    return kind["count"], moment(kind["last_seen"]), "\n".join(lines)
