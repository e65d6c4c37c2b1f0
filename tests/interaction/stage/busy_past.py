"""A past of the worst kind for an answer's size: many executions, many kinds of error, long messages, long stacks."""

import random
import uuid
from datetime import UTC, datetime

from lambdascope_proxy.local.activity import ConcurrencyRecord
from lambdascope_proxy.local.logs import InvocationRecord, Journal, LogEvent

EXECUTIONS = 1_500
KINDS = 12
SPAN_MS = 3 * 3_600_000
MEMORY_MB = 10_240
NBSP = "\N{NO-BREAK SPACE}"


def lay_busy_past(journal: Journal, name: str, now_ms: int, executions: int = EXECUTIONS) -> None:
    """Three hours in which every third execution failed, each kind of error with words of its own beyond ASCII."""
    source = random.Random(4)
    for number in range(executions):
        began_ms = now_ms - SPAN_MS + (number + 1) * (SPAN_MS // executions)
        _lay(journal, name, began_ms, number, source)


def _lay(journal: Journal, name: str, began_ms: int, number: int, source: random.Random) -> None:
    request_id = str(uuid.UUID(int=source.getrandbits(128), version=4))
    took_ms = round(source.uniform(100_000, 899_000), 2)
    failed = number % 3 == 0
    record = InvocationRecord(
        started_ms=began_ms,
        function_name=name,
        qualifier=None,
        version="$LATEST",
        request_id=request_id,
        outcome="error" if failed else "success",
        duration_ms=took_ms,
        billed_ms=round(took_ms) + 1,
        memory_mb=MEMORY_MB,
        max_memory_mb=10_001,
    )
    journal.add_invocation(record)
    day = datetime.fromtimestamp(began_ms / 1000, UTC).strftime("%Y/%m/%d")
    for line in (
        f"START RequestId: {request_id} Version: $LATEST",
        _error(number // 3) if failed else "",
        *_end(record),
    ):
        if line:
            group, stream = f"/aws/lambda/{name}", f"{day}/[$LATEST]{number % 40:032x}"
            journal.add_event(LogEvent(timestamp_ms=began_ms, group=group, stream=stream, message=f"{line}\n"))
    journal.activity.add_concurrency(
        ConcurrencyRecord(
            at_ms=began_ms,
            function_name=name,
            qualifier=None,
            of_account=987,
            of_unreserved=987,
            of_function=987,
            of_qualifier=987,
        )
    )


def _error(number: int) -> str:
    kind = number % KINDS
    words = f"Überweisung für Bestellung {'äöü' * 40} nicht möglich, weil {chr(ord('a') + kind) * 400}"
    frames = "".join(
        f'{NBSP}{NBSP}File "/var/task/shop/{"sub/" * 12}module_{kind}.py", line {line}, in {"handle" * 12}\n'
        f"{NBSP}{NBSP}{NBSP}{NBSP}{'call(' * 30}\n"
        for line in range(12)
    )
    error_type = f"shop.errors.{'Very' * 10}Long{chr(ord('A') + kind)}Error"
    return f"[ERROR] {error_type}: {words}\nTraceback (most recent call last):\n{frames}"


def _end(record: InvocationRecord) -> tuple[str, str]:
    report = (
        f"REPORT RequestId: {record.request_id}\tDuration: {record.duration_ms:.2f} ms\t"
        f"Billed Duration: {record.billed_ms} ms\tMemory Size: {record.memory_mb} MB\t"
        f"Max Memory Used: {record.max_memory_mb} MB\tInit Duration: 1234.56 ms\t"
    )
    return f"END RequestId: {record.request_id}", report
