"""The past of the benchmark's account: executions made up from a seed, so that every figure about them is known.

They are laid into the local AWS's journal as if they had run: three hours of traffic cannot be waited for.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.stub_functions import REGION
from lambdascope_proxy.local.activity import ConcurrencyRecord
from lambdascope_proxy.local.logs import InvocationRecord, Journal, LogEvent
from lambdascope_proxy.local.reports import Report, TextLines

SEED = 4
FUNCTION = "bench-orders"
FLEET = tuple(f"bench-fleet-{number:03d}" for number in range(1, 200))
BUSY_FLEET = FLEET[:120]
MEMORY_MB, TIMEOUT_S, FLEET_MEMORY_MB = 512, 3, 256
EXECUTIONS, FLEET_EXECUTIONS = 2000, 20
FIRST_S, LAST_S = 10_200, 240  # ago: inside three hours, and older than CloudWatch's delay
ENVIRONMENTS = 40
APPLICATION_LINES = 2
# A share of the executions of FUNCTION each.
SHARES = {"CardDeclinedError": 0.04, "KeyError": 0.01, "timeout": 0.006, "out of memory": 0.003, "throttled": 0.015}
MESSAGES = {"CardDeclinedError": "insufficient funds", "KeyError": "'customer'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One attempt and its log: `record` is what metrics are made of, `lines` are the events of its stream."""

    record: InvocationRecord
    stream: str
    lines: tuple[str, ...]

    @property
    def ended_ms(self) -> int:
        """When it was over."""
        return self.record.started_ms + round(self.record.duration_ms)

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """When it began and when it ended, as changes of how many run; a throttled one did not."""
        return () if self.record.outcome == "throttled" else ((self.record.started_ms, 1), (self.ended_ms, -1))


def executions_of(function: str, now_ms: int) -> list[Execution]:
    """Return a function's executions in the order they began; the same for the same arguments."""
    source = random.Random(f"{SEED} {function}")
    count = EXECUTIONS if function == FUNCTION else FLEET_EXECUTIONS
    ages_s = sorted((source.uniform(LAST_S, FIRST_S) for _ in range(count)), reverse=True)
    streams = [f"{_day(now_ms)}/[$LATEST]{source.getrandbits(128):032x}" for _ in range(ENVIRONMENTS)]
    return [_execution(source, function, now_ms - round(age_s * 1000), streams) for age_s in ages_s]


def lay(journal: Journal, now_ms: int) -> None:
    """Put everyone's executions into a journal, oldest first."""
    everyone = [executions_of(function, now_ms) for function in (FUNCTION, *BUSY_FLEET)]
    in_order = sorted((one for each in everyone for one in each), key=lambda one: one.record.started_ms)
    for execution in in_order:
        journal.add_invocation(execution.record)
        for event in _events(execution):
            journal.add_event(event)
    for level in _levels(in_order):
        journal.activity.add_concurrency(level)


def _levels(executions: Iterable[Execution]) -> Iterator[ConcurrencyRecord]:
    """Tell how many ran at once after each change; what ends is gone before what begins at the same time."""
    edges = ((at_ms, step, one.record.function_name) for one in executions for at_ms, step in one.edges)
    running: Counter[str] = Counter()
    for at_ms, step, name in sorted(edges):
        running[name] += step
        everything = running.total()
        yield ConcurrencyRecord(
            at_ms=at_ms,
            function_name=name,
            qualifier=None,
            of_account=everything,
            of_unreserved=everything,
            of_function=running[name],
            of_qualifier=running[name],
        )


def _events(execution: Execution) -> Iterator[LogEvent]:
    record = execution.record
    for number, line in enumerate(execution.lines):
        at_ms = record.started_ms if number == 0 else execution.ended_ms
        group = f"/aws/lambda/{record.function_name}"
        yield LogEvent(timestamp_ms=at_ms, group=group, stream=execution.stream, message=f"{line}\n")


def _execution(source: random.Random, function: str, started_ms: int, streams: Sequence[str]) -> Execution:
    fate, stream = _fate(source), source.choice(streams)
    request_id = str(uuid.UUID(int=source.getrandbits(128), version=4))
    report = _report(source, fate, request_id, MEMORY_MB if function == FUNCTION else FLEET_MEMORY_MB)
    record = InvocationRecord(
        started_ms=started_ms,
        function_name=function,
        qualifier=None,
        version="$LATEST",
        request_id=request_id,
        outcome="throttled" if fate == "throttled" else report.status,
        error_type=fate if fate in MESSAGES else report.error_type,
        duration_ms=report.duration_ms,
        billed_ms=report.billed_ms,
        init_ms=report.init_ms,
        memory_mb=report.memory_mb,
        max_memory_mb=report.max_memory_mb,
    )
    ended_ms = started_ms + round(report.duration_ms)
    return Execution(record=record, stream=stream, lines=_lines(fate, function, report, ended_ms))


def _fate(source: random.Random) -> str:
    drawn = source.random()
    for fate, share in SHARES.items():
        if drawn < share:
            return fate
        drawn -= share
    return "success"


def _report(source: random.Random, fate: str, request_id: str, memory_mb: int) -> Report:
    died = {"timeout": "timeout", "out of memory": "failure"}.get(fate)
    took_ms = TIMEOUT_S * 1000.0 if fate == "timeout" else min(source.lognormvariate(4.0, 0.6), 2900.0)
    used_mb = memory_mb if fate == "out of memory" else source.randint(memory_mb // 4, memory_mb * 3 // 4)
    return Report(
        request_id=request_id,
        duration_ms=round(took_ms, 2),
        init_ms=round(source.uniform(180, 420), 2) if source.random() < 0.04 else None,
        memory_mb=memory_mb,
        max_memory_mb=used_mb,
        status=died or ("error" if fate in MESSAGES else "success"),
        error_type="Runtime.OutOfMemory" if fate == "out of memory" else None,
    )


def _lines(fate: str, function: str, report: Report, ended_ms: int) -> tuple[str, ...]:
    if fate == "throttled" or function != FUNCTION:
        return ()  # the fleet is asked about its metrics only
    lines, request_id = TextLines(), report.request_id
    words = [f"[INFO]\t{request_id}\tstep {number} of the order is done" for number in range(APPLICATION_LINES)]
    arn = f"arn:aws:lambda:{REGION}:123456789012:function:{function}"
    parts = [lines.start(request_id, arn, "$LATEST"), *words, *_failure_lines(fate, request_id, ended_ms)]
    return tuple(filter(None, [*parts, lines.end(request_id), lines.report(report)]))


def _failure_lines(fate: str, request_id: str, ended_ms: int) -> list[str | None]:
    if fate == "timeout":  # the platform's own line would bear the time at which it is written
        ended = datetime.fromtimestamp(ended_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return [f"{ended.replace('+00:00', 'Z')} {request_id} Task timed out after {TIMEOUT_S:.2f} seconds"]
    if fate == "out of memory":
        return [TextLines().died(request_id, "Runtime exited with error: signal: killed", "Runtime.OutOfMemory")]
    if fate in MESSAGES:
        frame = '\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}File "/var/task/app.py", line 31, in handler'
        return [f"[ERROR] {fate}: {MESSAGES[fate]}\nTraceback (most recent call last):\n{frame}"]
    return []


def _day(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y/%m/%d")
