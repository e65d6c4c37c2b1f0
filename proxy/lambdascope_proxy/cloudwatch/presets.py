"""Named Logs Insights queries over the log groups of Lambda functions, in text and in JSON log format.

Each reads `REPORT` lines and `platform.report` records alike, in the streams of its functions alone. Discovered memory
fields count MB as 1,000,000.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import Any, Final, Literal

ColumnKind = Literal["text", "number", "time"]

# bin() silently caps the number before s and m at 60 and before h at 24.
BINS: Final = ((60, "1m"), (300, "5m"), (900, "15m"), (1800, "30m"), (3600, "1h"), (10_800, "3h"), (21_600, "6h"))
WIDEST_BIN: Final = "24h"
MOST_BINS: Final = 60

_REPORTS: Final = 'filter @type = "REPORT" or type = "platform.report"'
_ID: Final = "coalesce(@requestId, record.requestId)"
_DURATION: Final = "coalesce(@duration, record.metrics.durationMs)"
_BILLED: Final = "coalesce(@billedDuration, record.metrics.billedDurationMs)"
_INIT: Final = "coalesce(@initDuration, record.metrics.initDurationMs)"
_WAIT: Final = "coalesce(@initDuration, record.metrics.initDurationMs, restored, record.metrics.restoreDurationMs)"
_MEMORY: Final = "coalesce(@memorySize / 1000000, record.metrics.memorySizeMB)"
_USED: Final = "coalesce(@maxMemoryUsed / 1000000, record.metrics.maxMemoryUsedMB)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a preset's answer; `source` is its name in the query where that differs."""

    name: str
    kind: ColumnKind = "number"
    source: str = ""

    def value_of(self, row: Mapping[str, str]) -> Any:
        """The cell of a row as Insights gave it, in which all is text and an absent field is missing."""
        text = row.get(self.source or self.name)
        if text is None or self.kind == "text":
            return text
        return read_time(text) if self.kind == "time" else read_number(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A question by name: what it answers, its query, its columns, what to ask next, and how many rows are usual."""

    name: str
    answers: str
    text: str
    columns: tuple[Column, ...]
    next_step: str
    rows: int = 20

    def query(self, scope: str, *, is_shared: bool, window_s: float) -> str:
        """The query over the streams that `scope` admits, which name their function where a group `is_shared`."""
        owner = r"| parse @logStream /(?<loggedBy>[^\/\[]+)\[/" + "\n" if is_shared else ""
        parts = {"function": "coalesce(loggedBy, @log)" if is_shared else "@log", "bin": bin_of(window_s)}
        return f"filter {scope}\n{owner}| {Template(self.text).substitute(parts)}"


def bin_of(window_s: float) -> str:
    """The narrowest bin that cuts a window into at most 60, or the widest there is."""
    return next((name for seconds, name in BINS if window_s <= seconds * MOST_BINS), WIDEST_BIN)


def read_time(text: str) -> str:
    """A time of Insights ("2026-11-22 09:21:40.003", or ms since 1970 out of an aggregate) in ISO 8601, UTC."""
    try:
        since_ms = float(text)
    except ValueError:
        return f"{text.replace(' ', 'T', 1)}Z"
    moment = datetime.fromtimestamp(since_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_number(text: str) -> float | int | str:
    """A number as a number; what is none stays as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else round(number, 6)


_TIME: Final = Column(name="time", kind="time", source="@timestamp")
_REQUEST_ID: Final = Column(name="request_id", kind="text")
_FUNCTION: Final = Column(name="function_name", kind="text")
_INSPECT: Final = 'inspect_execution(request_id="...") shows everything about one of them.'


def _columns(*names: str, first: tuple[Column, ...] = (_TIME, _FUNCTION, _REQUEST_ID)) -> tuple[Column, ...]:
    return (*first, *(Column(name=name) for name in names))


# cold_starts: executions that waited for a new environment, longest wait first.
#   time (when it was reported), function_name, request_id, init_ms (init, or restore of a snapshot: ms),
#   duration_ms, billed_ms (ms), memory_mb (MB configured)
COLD_STARTS: Final = Preset(
    name="cold_starts",
    answers="executions that waited for a new environment, longest wait first",
    text=f"""{_REPORTS}
| parse @message /\\tRestore Duration: (?<restored>[0-9.]+) ms/
| fields @timestamp, $function as function_name, {_ID} as request_id,
    {_WAIT} as init_ms,
    {_DURATION} as duration_ms, {_BILLED} as billed_ms, {_MEMORY} as memory_mb
| filter ispresent(init_ms)
| sort init_ms desc""",
    columns=_columns("init_ms", "duration_ms", "billed_ms", "memory_mb"),
    next_step=f"{_INSPECT} Preset memory tells whether more memory (hence CPU) is worth trying.",
)

# slowest: executions by the time of their handler, longest first.
#   time, function_name, request_id, duration_ms (handler: ms), init_ms (ms, cold starts only), billed_ms (ms),
#   memory_mb, max_memory_mb (MB configured and used)
SLOWEST: Final = Preset(
    name="slowest",
    answers="executions with the longest handler time",
    text=f"""{_REPORTS}
| fields @timestamp, $function as function_name, {_ID} as request_id, {_DURATION} as duration_ms,
    {_INIT} as init_ms, {_BILLED} as billed_ms, {_MEMORY} as memory_mb, {_USED} as max_memory_mb
| sort duration_ms desc""",
    columns=_columns("duration_ms", "init_ms", "billed_ms", "memory_mb", "max_memory_mb"),
    next_step=_INSPECT,
)

# errors: failures, newest first: one row per request where its lines name it (the traceback of a Python function with
# text logs does not), else one per line. Logged errors count too, whether or not the request failed.
#   time (of its last line), function_name, request_id, error_type, status (the platform's word, where it has one),
#   message (text), lines (count), log_stream
ERRORS: Final = Preset(
    name="errors",
    answers="what failed or was logged as an error, newest first",
    text=r"""filter level in ["ERROR", "CRITICAL", "FATAL"]
    or (type = "platform.report" and record.status in ["error", "failure", "timeout"])
    or @message like /^\[(ERROR|CRITICAL)\]|\tERROR\t|Traceback \(most recent call last\)/
    or @message like /^RequestId: \S+ Error: |Task timed out after |^REPORT .*\tStatus: (error|timeout)/
| parse @message /^(?:\[(?:ERROR|CRITICAL)\]\s)?\S+Z\t(?<loggedId>\S+)\t(?:ERROR\t(?<logged>[^\n]+))?/
| parse @message /^\[(?:ERROR|CRITICAL)\]\s(?:\S+Z\t\S+\t)?(?:(?<raised>[A-Za-z_][\w.]*): )?(?<told>[^\n]+)/
| parse @message /^RequestId: (?<endedId>\S+) Error: (?<ended>[^\n]+)/
| parse @message /(?<timedOutId>[0-9a-f-]{36}) (?<timedOut>Task timed out after [0-9.]+ seconds)/
| parse @message /\tStatus: (?<reportedStatus>\S+)/
| parse @message /\tError Type: (?<reportedType>\S+)/
| fields $function as function_name, toMillis(@timestamp) as at_ms,
    coalesce(@requestId, record.requestId, requestId, timedOutId, endedId, loggedId) as id,
    coalesce(errorType, record.errorType, raised, reportedType) as kind,
    coalesce(errorMessage, message, told, ended, timedOut, logged) as said,
    coalesce(record.status, reportedStatus) as reported
| fields coalesce(id, @logStream) as place, coalesce(id, at_ms) as moment
| stats max(at_ms) as last_seen, count(*) as lines, sortsLast(id) as request_id, sortsLast(kind) as error_type,
    sortsLast(reported) as status, sortsLast(said) as error_message, sortsLast(@logStream) as log_stream
    by function_name, place, moment
| sort last_seen desc""",
    columns=(
        Column(name="time", kind="time", source="last_seen"),
        _FUNCTION,
        _REQUEST_ID,
        Column(name="error_type", kind="text"),
        Column(name="status", kind="text"),
        Column(name="message", kind="text", source="error_message"),
        Column(name="lines"),
        Column(name="log_stream", kind="text"),
    ),
    next_step=f"{_INSPECT} monitor_executions with include_errors counts errors by kind.",
)

# timeouts: requests that ran out of time, newest first.
#   time (of its last report), function_name, request_id, attempts (count: asynchronous requests are tried again),
#   duration_ms (longest attempt: ms), memory_mb, max_memory_mb (MB configured and used)
TIMEOUTS: Final = Preset(
    name="timeouts",
    answers="requests that ran out of time, newest first",
    text=f"""filter @message like /^REPORT .*\\tStatus: timeout/ or @message like /Task timed out after /
    or (type = "platform.report" and record.status = "timeout")
| parse @message /(?<timedOutId>[0-9a-f-]{{36}}) Task timed out after /
| fields $function as function_name, coalesce(@requestId, record.requestId, timedOutId) as request_id,
    toMillis(@timestamp) as at_ms, {_DURATION} as took_ms, {_MEMORY} as size_mb, {_USED} as used_mb
| stats max(at_ms) as last_seen, count(took_ms) as attempts, max(took_ms) as duration_ms,
    max(size_mb) as memory_mb, max(used_mb) as max_memory_mb by function_name, request_id
| sort last_seen desc""",
    columns=_columns(
        "attempts",
        "duration_ms",
        "memory_mb",
        "max_memory_mb",
        first=(Column(name="time", kind="time", source="last_seen"), _FUNCTION, _REQUEST_ID),
    ),
    next_step=f"{_INSPECT} A timeout at full memory is often a lack of memory.",
)

# memory: memory used against memory configured, largest use first.
#   function_name, memory_mb (MB configured), requests (count), min_used_mb, avg_used_mb, p95_used_mb, max_used_mb (MB),
#   max_used_pct (percent of the configured)
MEMORY: Final = Preset(
    name="memory",
    answers="memory used against memory configured",
    text=f"""{_REPORTS}
| fields $function as function_name, {_MEMORY} as memory_mb, {_USED} as used_mb
| stats count(*) as requests, min(used_mb) as min_used_mb, avg(used_mb) as avg_used_mb,
    pct(used_mb, 95) as p95_used_mb, max(used_mb) as max_used_mb,
    max(used_mb / memory_mb * 100) as max_used_pct by function_name, memory_mb
| sort max_used_pct desc""",
    columns=_columns(
        "memory_mb",
        "requests",
        "min_used_mb",
        "avg_used_mb",
        "p95_used_mb",
        "max_used_mb",
        "max_used_pct",
        first=(_FUNCTION,),
    ),
    next_step="Above 90 % give it more memory; below 50 % less may do, but memory is also CPU: compare durations.",
    rows=100,
)

# most_expensive: executions by billed GB-seconds, most first.
#   time, function_name, request_id, billed_ms (ms), memory_mb (MB configured), gb_s (GB-seconds billed), init_ms (ms);
#   the answer adds cost_usd (US dollars at list price)
MOST_EXPENSIVE: Final = Preset(
    name="most_expensive",
    answers="executions that were billed the most GB-seconds",
    text=f"""{_REPORTS}
| fields @timestamp, $function as function_name, {_ID} as request_id, {_BILLED} as billed_ms, {_MEMORY} as memory_mb,
    {_INIT} as init_ms
| fields billed_ms / 1000 * memory_mb / 1024 as gb_s
| sort gb_s desc""",
    columns=_columns("billed_ms", "memory_mb", "gb_s", "init_ms"),
    next_step=_INSPECT,
)

# requests_per_bin: how many executions ended in each bin, and how long they took.
#   time (start of the bin), function_name, requests, cold_starts (counts), p50_ms, p95_ms, max_ms (handler: ms),
#   billed_ms (sum: ms)
REQUESTS_PER_BIN: Final = Preset(
    name="requests_per_bin",
    answers="executions, cold starts, durations and billed time over time",
    text=f"""{_REPORTS}
| parse @message /\\tRestore Duration: (?<restored>[0-9.]+) ms/
| fields $function as function_name, {_DURATION} as took_ms, {_BILLED} as bill_ms,
    {_WAIT} as cold_ms
| stats count(*) as requests, count(cold_ms) as cold_starts, pct(took_ms, 50) as p50_ms, pct(took_ms, 95) as p95_ms,
    max(took_ms) as max_ms, sum(bill_ms) as billed_ms by bin($bin) as bin_start, function_name
| sort bin_start asc""",
    columns=_columns(
        "requests",
        "cold_starts",
        "p50_ms",
        "p95_ms",
        "max_ms",
        "billed_ms",
        first=(Column(name="time", kind="time", source="bin_start"), _FUNCTION),
    ),
    next_step="Bins without executions are left out. Narrow time_range to a busy one and ask preset slowest or errors.",
    rows=100,
)

PRESETS: Final[Mapping[str, Preset]] = {
    preset.name: preset for preset in (COLD_STARTS, SLOWEST, ERRORS, TIMEOUTS, MEMORY, MOST_EXPENSIVE, REQUESTS_PER_BIN)
}
