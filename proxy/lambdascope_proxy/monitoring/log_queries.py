"""The two Logs Insights queries about executions, and what the row of the first one means. Pure.

Text functions end an execution with a REPORT line, JSON functions with a platform.report record: each query takes both.
A timeout of an older platform shows only in a line of its own: there the request ids are counted that no report calls
timed out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from lambdascope_proxy.cloudwatch.log_scope import scope_of
from lambdascope_proxy.selection import Function

ERROR_LINES: Final = 2_000

_AND: Final = "\n    and "

_REPORTS: Final = r"""filter (@type = "REPORT" or type = "platform.report"
    or @message like /^\S+ [0-9a-f-]{36} Task timed out after/)"""
# @memorySize and @maxMemoryUsed are megabytes times a million.
_FIGURES: Final = r"""| parse @message /[^d]\sRestore Duration: (?<restoreText>[0-9.]+) ms/
| parse @message /\sStatus: (?<statusText>[a-z]+)/
| parse @message /\sError Type: (?<errorText>[A-Za-z.]+)/
| parse @message /^REPORT RequestId: (?<timedOutNow>\S+)\s.*\sStatus: timeout/
| parse @message /^\S+ (?<timedOutBefore>[0-9a-f-]{36}) Task timed out after/
| fields coalesce(@duration, record.metrics.durationMs) as durationMs,
    coalesce(@billedDuration, record.metrics.billedDurationMs) as billedMs,
    coalesce(@memorySize / 1000000, record.metrics.memorySizeMB) as sizeMB,
    coalesce(@maxMemoryUsed / 1000000, record.metrics.maxMemoryUsedMB) as usedMB,
    coalesce(@initDuration, record.metrics.initDurationMs, restoreText, record.metrics.restoreDurationMs) as initMs,
    coalesce(errorText, record.errorType, "none") as errorType
| stats count(durationMs) as executions, count(initMs) as coldStarts,
    pct(initMs, 50) as initP50, pct(initMs, 95) as initP95,
    sum(strcontains(coalesce(statusText, "none"), "timeout")) as textTimeouts,
    count_distinct(coalesce(timedOutNow, timedOutBefore)) as timedOutIds, count_distinct(timedOutNow) as toldIds,
    sum(strcontains(coalesce(record.status, "none"), "timeout")) as jsonTimeouts,
    sum(strcontains(coalesce(statusText, "none"), "error")) as textDeaths,
    sum(strcontains(coalesce(record.status, "none"), "failure")) as jsonDeaths,
    sum(strcontains(errorType, "Runtime.OutOfMemory")
        + strcontains(errorType, "Runtime.ExitError") * floor(usedMB / sizeMB)) as outOfMemory,
    max(usedMB) as maxUsedMB, max(sizeMB) as maxSizeMB,
    sum(billedMs) as billedMs, sum(billedMs * sizeMB) as billedMBms"""
_ERRORS: Final = r"""filter (@message like /^\[(ERROR|CRITICAL)\]/ or @message like /^\S+\t\S+\tERROR\t/
    or @message like /^\S+ [0-9a-f-]{36} Task timed out after/ or @message like /^RequestId: \S+ Error: /
    or @message like /^REPORT .*\sStatus: (timeout|error)/ or @message like /"errorType"/
    or (type = "platform.report" and record.status in ["timeout", "error", "failure"]))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFigures:
    """What the reports of all executions in a window add up to; None is unknown. Times in ms, memory in MB.

    `billed_mb_ms` is the sum of billed milliseconds times megabytes, so it is exact when the size changed meanwhile.
    """

    executions: int
    cold_starts: int
    init_p50_ms: float | None
    init_p95_ms: float | None
    timeouts: int
    out_of_memory: int
    crashes: int
    memory_used_mb: float | None
    memory_mb: int | None
    billed_ms: int
    billed_mb_ms: int


def figures_query(function: Function, versions: Sequence[str]) -> str:
    """Every figure of the executions, in one row; `versions` narrows to those."""
    return "\n".join([_REPORTS + _AND + scope_of([function], versions), _FIGURES])


def errors_query(function: Function, versions: Sequence[str]) -> str:
    """The lines that tell of failures, newest first."""
    fields = "| fields @timestamp, @logStream, @requestId, @message"
    return "\n".join([_ERRORS + _AND + scope_of([function], versions), fields, "| sort @timestamp desc"])


def read_figures(rows: Sequence[Mapping[str, str]]) -> LogFigures:
    """The figures in the row, which is missing when no line matched.

    Raises: ValueError for what is no number, and for a row that was not asked for: it would pass for zeros.
    """
    row: Mapping[str, str] = rows[0] if rows else {}
    if row and "executions" not in row:
        raise ValueError(f"Logs Insights did not answer the query: it gave {', '.join(sorted(row)[:5])} and no figures")
    out_of_memory = _whole(row, "outOfMemory")
    deaths = _whole(row, "textDeaths") + _whole(row, "jsonDeaths")
    told_before = _whole(row, "timedOutIds") - _whole(row, "toldIds")
    return LogFigures(
        executions=_whole(row, "executions"),
        cold_starts=_whole(row, "coldStarts"),
        init_p50_ms=_measure(row, "initP50"),
        init_p95_ms=_measure(row, "initP95"),
        timeouts=_whole(row, "textTimeouts") + _whole(row, "jsonTimeouts") + told_before,
        out_of_memory=out_of_memory,
        crashes=max(0, deaths - out_of_memory),
        memory_used_mb=_measure(row, "maxUsedMB"),
        memory_mb=_whole(row, "maxSizeMB") or None,
        billed_ms=_whole(row, "billedMs"),
        billed_mb_ms=_whole(row, "billedMBms"),
    )


def _number(row: Mapping[str, str], name: str) -> Decimal | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"Logs Insights gave {text!r} for {name}") from None
    return number if number.is_finite() else None


def _whole(row: Mapping[str, str], name: str) -> int:
    return int((_number(row, name) or Decimal(0)).to_integral_value())


def _measure(row: Mapping[str, str], name: str) -> float | None:
    number = _number(row, name)
    return None if number is None else float(number)
