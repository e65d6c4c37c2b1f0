"""Fields that CloudWatch discovers in an event of the Standard class: Lambda's own, or those of its first JSON object.

JSON values keep the digits they were written with; true and false are 1 and 0, null and empty containers are no
fields. Of Lambda's text lines only START, END and REPORT give fields; a restore duration is none of them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

MAX_JSON_FIELDS = 200
_MAX_DEPTH = 100
_MAX_ATTEMPTS = 20  # at finding where a JSON object begins
_PLATFORM_LINE = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_REPORT_FIELDS = {
    "@duration": re.compile(r"\tDuration: ([\d.]+) ms"),
    "@billedDuration": re.compile(r"\tBilled Duration: ([\d.]+) ms"),
    "@initDuration": re.compile(r"\tInit Duration: ([\d.]+) ms"),
    "@memorySize": re.compile(r"\tMemory Size: ([\d.]+) MB"),
    "@maxMemoryUsed": re.compile(r"\tMax Memory Used: ([\d.]+) MB"),
    "@xrayTraceId": re.compile(r"\bXRAY TraceId: (\S+)"),
    "@xraySegmentId": re.compile(r"\bSegmentId: (\S+)"),
}
_MEGABYTES = {"@memorySize", "@maxMemoryUsed"}


def discovered(message: str) -> Mapping[str, str]:
    """The fields of one message, as text."""
    line = _PLATFORM_LINE.match(message)
    if line:
        fields = {"@type": line[1], "@requestId": line[2]}
        return fields | _report_fields(message) if line[1] == "REPORT" else fields
    return _json_fields(message)


def _report_fields(message: str) -> dict[str, str]:
    found = {name: match[1] for name, pattern in _REPORT_FIELDS.items() if (match := pattern.search(message))}
    return {name: _bytes(value) if name in _MEGABYTES else value for name, value in found.items()}


def _bytes(megabytes: str) -> str:
    """Megabytes times a million, written as CloudWatch writes it: 256 is 2.56E8."""
    digits, _, exponent = f"{float(megabytes) * 1_000_000:.15e}".partition("e")
    power = int(exponent)
    if power < 7:
        return str(float(megabytes) * 1_000_000)
    digits = digits.rstrip("0")
    return f"{digits}0E{power}" if digits.endswith(".") else f"{digits}E{power}"


def _json_fields(message: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in _leaves("", _first_object(message)):
        if len(fields) == MAX_JSON_FIELDS:
            break
        fields[f"@{name}" if name.startswith("@") else name] = value
    return fields


def _first_object(message: str) -> Mapping[str, Any]:
    at = message.find("{")
    for _ in range(_MAX_ATTEMPTS):
        if at < 0:
            break
        try:
            value, _end = _DECODER.raw_decode(message, at)
        except (ValueError, RecursionError):
            at = message.find("{", at + 1)
        else:
            return cast("Mapping[str, Any]", value)
    return {}


def _leaves(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, member in cast("dict[str, Any]", value).items():
            yield from _leaves(f"{name}.{key}" if depth else key, member, depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(cast("list[Any]", value)):
            yield from _leaves(f"{name}.{index}", member, depth + 1)
    elif isinstance(value, bool):
        yield name, str(int(value))
    elif value is not None:
        yield name, cast("str", value).encode(errors="replace").decode()  # JSON may escape half a character


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)
