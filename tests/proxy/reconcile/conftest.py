"""What the tests of reconciliation share: log lines as Lambda writes them, and calls that wait for their report."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import LogGroup
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.attempts import Line
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.pending import Pending
from lambdascope_proxy.selection import Function

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STREAM = "2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def noon() -> datetime:
    """When the tests take place."""
    return NOON


@pytest.fixture(scope="session")
def stream() -> str:
    """A log stream of $LATEST."""
    return STREAM


@pytest.fixture(scope="session")
def at() -> Callable[..., Line]:
    """Makes a log line so many milliseconds after noon."""

    def make(milliseconds: float, text: str, stream: str = STREAM) -> Line:
        return Line(at=NOON + timedelta(milliseconds=milliseconds), stream=stream, text=text + "\n")

    return make


@pytest.fixture(scope="session")
def report() -> Callable[..., str]:
    """Makes the REPORT line of a request; `more` are further fields."""

    def make(request_id: str = "r1", duration: str = "41.37", billed: int = 42, *more: str) -> str:
        sizes = ["Memory Size: 256 MB", "Max Memory Used: 91 MB"]
        fields = [f"REPORT RequestId: {request_id}", f"Duration: {duration} ms", f"Billed Duration: {billed} ms"]
        return "\t".join([*fields, *sizes, *more]) + "\t"

    return make


@pytest.fixture(scope="session")
def pending_of() -> Callable[..., Pending]:
    """Makes a call that waits; by default an asynchronous one at noon."""

    def make(number: int = 1, **changes: Any) -> Pending:
        usual: dict[str, Any] = {
            "call_id": f"01935a2b-7c00-7000-8000-{number:012d}",
            "started_at": NOON,
            "invoke_ms": 20.0,
            "function_name": "orders",
            "region": "us-east-1",
            "account_id": "123456789012",
            "architecture": "x86_64",
            "request_id": f"r{number}",
            "outcome": "accepted",
            "executed_version": None,
            "request_bytes": 2,
        }
        return Pending(**{**usual, **changes})

    return make


@dataclass
class Logs:
    """Log groups and their lines, for what a local AWS cannot be brought to do; it notes what it is asked."""

    lines: list[Line] = field(default_factory=list[Line])
    stored_bytes: int = 0
    most_rows: int = 10_000
    is_complete: bool = True
    failure: CallFailed | None = None
    asked: list[LogQuery] = field(default_factory=list[LogQuery])
    while_asked: Callable[[], object] = lambda: None

    async def describe(self, place: Place, name: str) -> LogGroup:
        created_at = NOON - timedelta(days=30)
        return LogGroup(
            name=name, stored_bytes=self.stored_bytes, created_at=created_at, retention_days=None, log_class="STANDARD"
        )

    async def run(self, place: Place, query: LogQuery, progress: Any = None) -> LogAnswer:
        self.asked.append(query)
        await asyncio.sleep(0)
        self.while_asked()
        bill = Bill(region=place.region, queries=1, scanned_bytes=1_000_000)
        if self.failure:
            self.failure.bill = bill
            raise self.failure
        found = [line for line in self.lines if query.window.start <= line.at <= query.window.end]
        rows = [
            {"@timestamp": f"{line.at:%Y-%m-%d %H:%M:%S.%f}"[:-3], "@logStream": line.stream, "@message": line.text}
            for line in found[: self.most_rows]
        ]
        return LogAnswer(
            rows=rows,
            matched=len(found),
            scanned_records=len(self.lines),
            scanned_bytes=1_000_000,
            status="Complete" if self.is_complete else "Timeout",
            is_complete=self.is_complete,
            more=len(found) > self.most_rows,
            query_id="q",
            bill=bill,
        )


@pytest.fixture
def logs() -> Logs:
    """The logs of this test."""
    return Logs()


@dataclass
class Catalogue:
    """The functions that may be seen."""

    functions: dict[str, Function]

    async def find(self, name: str, region: str | None = None, *, account_id: str | None = None) -> Function:
        if name not in self.functions:
            raise CallFailed(OutcomeKind.REFUSED, "NotAllowed", f"{name} is not allowed.", "Ask the operator.")
        return self.functions[name]


@pytest.fixture
def access(logs: Logs, function_of: Callable[..., Function]) -> LogAccess:
    """Access to these logs, with one function of Python in sight; half a GB may be scanned."""
    catalogue: Any = Catalogue({"orders": function_of("orders", runtime="python3.13")})
    stand_in: Any = logs
    return LogAccess(catalogs=catalogue, insights=stand_in, log_groups=stand_in, max_scan_gb=0.5)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
async def questions(directory: Path) -> AsyncIterator[Questions]:
    """Questions to the history of the test."""
    made = Questions(directory)
    yield made
    await made.aclose()


@pytest.fixture
def store(directory: Path) -> Callable[..., None]:
    """Writes calls into the history: each is a mapping of columns beside the usual ones."""

    def write(*calls: Mapping[str, Any]) -> None:
        writer = SpoolWriter(directory)
        for number, columns in enumerate(calls, 1):
            usual: dict[str, Any] = {
                "call_id": f"01935a2b-7c00-7000-8000-{number:012d}",
                "started_at": NOON,
                "target": "lambda",
                "function_name": "orders",
                "region": "us-east-1",
                "account_id": "123456789012",
                "request_id": f"r{number}",
                "outcome": "accepted",
                "cost_source": "none",
            }
            assert writer.append({**usual, **columns})
        assert writer.close(30)

    return write


@pytest.fixture
def rows(directory: Path) -> Callable[..., list[dict[str, Any]]]:
    """Reads the history."""

    def read(where: str = "true") -> list[dict[str, Any]]:
        with open_history(directory) as history:
            return history.query(f"SELECT * FROM calls WHERE {where} ORDER BY started_at, call_id")

    return read
