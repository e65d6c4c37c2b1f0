"""The answer about executions in words: what the structured content says, a line for each thing. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Data = Mapping[str, Any]

_UNKNOWN: Final = "unknown"
_MESSAGE: Final = 80


def text_of(data: Data) -> str:
    """A short report; what was not asked for is not mentioned."""
    lines = [
        _heading(data),
        _traffic(data),
        _duration(data),
        _concurrency(data),
        _pairs("async", data.get("async")),
        _pairs("stream", data.get("iterator")),
        _cold_starts(data),
        _ends(data),
        _memory(data),
        _cost(data),
        *_errors(data.get("top_errors")),
        *(f"Incomplete: {shortfall}" for shortfall in data["partial"]),
        _asking(data),
        f"Next: {data['next_step']}",
    ]
    return "\n".join(line for line in lines if line)


def dollars(amount: str | None) -> str:
    """An amount without the zeros at its end."""
    return _UNKNOWN if amount is None else f"${Decimal(amount).normalize():f}"


def _heading(data: Data) -> str:
    qualifier = f":{data['qualifier']}" if data.get("qualifier") else ""
    window = data["window"]
    return f"{data['function_name']}{qualifier} in {data['region']}, {window['start']} to {window['end']}"


def _traffic(data: Data) -> str:
    invocations = data["invocations"]
    share = f" ({_percent(invocations['share'])} through this proxy)" if invocations["share"] is not None else ""
    parts = [f"invocations {_told(invocations['count'])}{share}"]
    if errors := data.get("errors"):
        rate = f" ({_percent(errors['rate'])})" if errors["rate"] is not None else ""
        parts.append(f"errors {_told(errors['count'])}{rate}")
    if "throttles" in data:
        parts.append(f"throttles {_told(data['throttles'])}")
    return ", ".join(parts)


def _duration(data: Data) -> str:
    return _pairs("duration", data.get("duration"))


def _concurrency(data: Data) -> str:
    found = data.get("concurrency")
    if not found or (found["max"] is None and found["limit"] is None):
        return ""
    limit = f" of {found['limit']} ({found['limit_of']} limit)" if found["limit"] else ", limit unknown"
    return f"concurrency max {_told(found['max'])}{limit}"


def _cold_starts(data: Data) -> str:
    found = data.get("cold_starts")
    if not found:
        return ""
    rate = f" ({_percent(found['rate'])})" if found["rate"] is not None else ""
    init = f", init p50 {_ms(found['init_p50_ms'])} p95 {_ms(found['init_p95_ms'])}" if found["count"] else ""
    return f"cold starts {found['count']}{rate}{init}"


def _ends(data: Data) -> str:
    found = data.get("timeouts")
    if not found:
        return ""
    return f"timeouts {found['count']}, out of memory {found['out_of_memory']}, crashes {found['crashes']}"


def _memory(data: Data) -> str:
    found = data.get("memory")
    if not found or found["share"] is None:
        return ""
    return f"memory used max {found['used_max_mb']} of {found['configured_mb']} MB ({_percent(found['share'])})"


def _cost(data: Data) -> str:
    found = data.get("cost")
    if not found:
        return ""
    usd = dollars(found["usd"])
    source = {"logs": "as billed, from logs", "estimated": "estimated from run time, without init"}
    gb_s = "" if found["gb_s"] is None else f", {found['gb_s']} GB-s"
    how = source.get(found["source"], "no price known" if found["gb_s"] else "neither logs nor metrics tell")
    return f"cost {usd}{gb_s} ({how})"


def _errors(kinds: Sequence[Data] | None) -> list[str]:
    if not kinds:
        return []
    return ["errors, most frequent first:", *(_error(kind) for kind in kinds)]


def _error(kind: Data) -> str:
    request = f", request {kind['request_id']}" if kind["request_id"] else ""
    logged = " (logged, the call may have gone on)" if kind.get("logged_only") else ""
    told = f"{kind['count']}x {kind['error_type']}: {kind['message'][:_MESSAGE]}{logged}"
    return f"- {told}, last {kind['last_seen']}{request}"


def _asking(data: Data) -> str:
    cost = dollars(data["bill"]["cost_usd"])
    newest = f"; newest data {data['newest_data']}" if data["newest_data"] else ""
    again = " (kept from a moment ago)" if data["cached"] else ""
    return f"asking cost {cost}{again}{newest}"


def _pairs(name: str, found: Data | None) -> str:
    known = {key: value for key, value in (found or {}).items() if value is not None}
    if not known:
        return ""
    told = ", ".join(f"{key.removesuffix('_ms').replace('_', ' ')} {_of(key, value)}" for key, value in known.items())
    return f"{name}: {told}"


def _of(key: str, value: Any) -> str:
    return _ms(value) if key.endswith("_ms") else _told(value)


def _ms(value: Any) -> str:
    return _UNKNOWN if value is None else f"{value} ms"


def _told(value: Any) -> str:
    return _UNKNOWN if value is None else str(value)


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")
