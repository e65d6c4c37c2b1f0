"""What the background reads in days of ordinary and of hopeless traffic: less than twice the log, whatever comes."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import LogGroup
from lambdascope_proxy.reconcile.ledger import Ledger
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.reconciler import Reconciler
from lambdascope_proxy.selection import Function

pytestmark = pytest.mark.anyio
BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GB = 10**9
Lines = list[tuple[timedelta, str]]
Ending = Callable[[str], Lines]
# What 24 hours of the log are worth in bytes.
LOG_OF_A_DAY = 2 * GB


@dataclass
class World:
    """An account with one function that is called at even intervals, its history and its log, in a time of its own.

    `ending` makes the lines that tell of a call, from its request id: none for a function that writes no reports.
    """

    directory: Path
    function: Function
    every: timedelta
    outcome: str
    ending: Ending
    max_scan_gb: float = 10.0
    now: datetime = BEGIN
    queries: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    log_hours: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    completed: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def call(self) -> None:
        """The calls up to now are in the history."""
        while BEGIN + len(self.calls) * self.every <= self.now:
            number = len(self.calls)
            self.calls.append(
                {
                    "call_id": f"01935a2b-7c00-7000-8000-{number:012d}",
                    "started_at": BEGIN + number * self.every,
                    "invoke_ms": None,
                    "function_name": self.function.name,
                    "region": self.function.region,
                    "account_id": self.function.account_id,
                    "architecture": "x86_64",
                    "request_id": f"r{number}",
                    "outcome": self.outcome,
                    "executed_version": None,
                    "request_bytes": 2,
                }
            )

    async def ask(self, name: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The history: what is pending, a page."""
        assert name == "monitoring/pending"
        end = bisect_left(
            self.calls, (asked["started_before"], asked["before_id"]), key=lambda c: (c["started_at"], c["call_id"])
        )
        begin = bisect_left(self.calls, asked["started_after"], key=lambda c: c["started_at"])
        found = (call for call in reversed(self.calls[begin:end]) if call["call_id"] not in self.completed)
        return [call for call, _ in zip(found, range(asked["limit"]), strict=False)]

    async def find(self, *_: object, **__: object) -> Function:
        """The catalogue."""
        return self.function

    async def describe(self, place: Place, name: str) -> LogGroup:
        """The log group: of a month, stored as AWS stores it."""
        stored = round(LOG_OF_A_DAY * 30 * 0.15)
        created_at = self.now - timedelta(days=30)
        return LogGroup(
            name=name, stored_bytes=stored, created_at=created_at, retention_days=None, log_class="STANDARD"
        )

    async def run(self, place: Place, query: LogQuery, progress: object = None) -> LogAnswer:
        """Logs Insights, which counts what it reads."""
        assert query.window.end <= self.now, "what has not happened cannot be read"
        day = (self.now - BEGIN) // timedelta(days=1)
        self.queries[day] += 1
        self.log_hours[day] += query.window.seconds / 3600
        scanned = round(query.window.seconds / 86_400 * LOG_OF_A_DAY)
        rows = [
            {"@timestamp": f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3], "@logStream": "2026/11/22/[1]a", "@message": text}
            for call in self.calls
            if query.window.start - HOUR <= call["started_at"] <= query.window.end
            for after, text in self.ending(call["request_id"])
            if query.window.start <= (at := call["started_at"] + after) <= query.window.end
        ]
        return LogAnswer(
            rows=rows,
            matched=len(rows),
            scanned_records=0,
            scanned_bytes=scanned,
            status="Complete",
            is_complete=True,
            more=False,
            query_id="q",
            bill=Bill(region=place.region, queries=1, scanned_bytes=scanned),
        )

    def reconciler(self) -> Reconciler:
        """A proxy that starts."""
        stand_in: Any = self
        access = LogAccess(catalogs=stand_in, insights=stand_in, log_groups=stand_in, max_scan_gb=self.max_scan_gb)
        return Reconciler(self.directory, stand_in, access, append=lambda _: None, clock=lambda: self.now)

    async def pass_days(
        self, days: int, *, interval: timedelta = 10 * MINUTE, restart: timedelta | None = None
    ) -> None:
        """Let the background run so long; a `restart` so often begins with a new process."""
        reconciler, end = self.reconciler(), self.now + timedelta(days=days)
        while self.now < end:
            self.call()
            if restart and not (self.now - BEGIN) % restart:
                reconciler = self.reconciler()
            await reconciler.run(is_patient=True)
            self.now += interval


def nothing(_: str) -> Lines:
    return []


@pytest.fixture
def world(
    tmp_path: Path, function_of: Callable[..., Function], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., World]:
    """Makes worlds; what is completed in them is noted instead of written."""

    def make(every: timedelta, outcome: str = "accepted", ending: Ending = nothing, **more: Any) -> World:
        function = function_of("orders", runtime="python3.13", timeout_s=3)
        made = World(tmp_path, function, every, outcome, ending, **more)

        def amend(_: Path, amendments: Iterable[Mapping[str, Any]]) -> int:
            ids = [str(each["call_id"]) for each in amendments]
            made.completed.update(dict.fromkeys(ids, made.now))
            return len(ids)

        monkeypatch.setattr("lambdascope_proxy.reconcile.look.amend", amend)
        # Thousands of files are written in simulated days; that they reach the disk is tested with the ledger.
        monkeypatch.setattr("lambdascope_proxy.reconcile.ledger.write_durably", Path.write_text)

        return made

    return make


def report(request_id: str, *more: str) -> str:
    figures = ["Duration: 40.00 ms", "Billed Duration: 40 ms", "Memory Size: 128 MB", "Max Memory Used: 60 MB"]
    return "\t".join([f"REPORT RequestId: {request_id}", *figures, *more]) + "\n"


def framed(request_id: str, after: timedelta, *more: str) -> Lines:
    """The lines of one attempt."""
    return [
        (after, f"START RequestId: {request_id} Version: 1\n"),
        (after + timedelta(milliseconds=40), f"END RequestId: {request_id}\n"),
        (after + timedelta(milliseconds=40), report(request_id, *more)),
    ]


def succeeds(request_id: str) -> Lines:
    return framed(request_id, timedelta(seconds=1))


def times_out_once(request_id: str) -> Lines:
    """As where Lambda is configured not to try again."""
    return framed(request_id, timedelta(seconds=1), "Status: timeout")


def times_out_thrice(request_id: str) -> Lines:
    return [line for minute in (0, 1, 3) for line in framed(request_id, minute * MINUTE, "Status: timeout")]


def runs_late(request_id: str) -> Lines:
    return framed(request_id, 5 * HOUR)


@pytest.mark.parametrize(
    ("every", "outcome", "restart"),
    [
        (MINUTE, "accepted", None),
        (10 * MINUTE, "accepted", None),
        (HOUR, "accepted", None),
        (MINUTE, "ok", None),
        (MINUTE, "ok", HOUR),
    ],
    ids=["event a minute", "event in 10 minutes", "event an hour", "call a minute", "call a minute, restarts"],
)
async def test_a_function_that_writes_no_reports_costs_a_part_of_its_log(
    world: Callable[..., World], every: timedelta, outcome: str, restart: timedelta | None
) -> None:
    """It was up to 457 times the log: each event was looked for again and again in six hours of it."""
    here = world(every, outcome)
    await here.pass_days(2, restart=restart)
    assert here.log_hours[0] < 16
    assert here.log_hours[1] < 8
    assert (here.queries[0], here.queries[1]) < (12, 4)


@pytest.mark.parametrize("ending", [succeeds, times_out_once, times_out_thrice])
@pytest.mark.parametrize("every", [2 * MINUTE, HOUR])
async def test_calls_of_which_the_logs_tell_are_completed_soon_for_less_than_twice_the_log(
    world: Callable[..., World], every: timedelta, ending: Ending
) -> None:
    here = world(every, ending=ending)
    await here.pass_days(2)
    waits = [
        here.completed.get(call["call_id"], here.now + timedelta(days=9)) - call["started_at"]
        for call in here.calls
        if call["started_at"] < here.now - 90 * MINUTE
    ]
    assert max(waits) < (11 * MINUTE if ending is succeeds else 90 * MINUTE)
    assert max(here.log_hours.values()) < (28 if ending is succeeds else 48)


async def test_who_wants_to_know_every_minute_does_not_read_more_either(world: Callable[..., World]) -> None:
    here = world(2 * MINUTE, ending=succeeds)
    await here.pass_days(1, interval=MINUTE)
    assert here.log_hours[0] < 48
    assert len(here.completed) > 0.95 * len(here.calls)


async def test_events_that_lambda_ran_hours_later_are_found_when_none_can_come_any_more(
    world: Callable[..., World],
) -> None:
    here = world(4 * HOUR, ending=runs_late)
    await here.pass_days(2)
    assert len(here.completed) > 6
    assert max(here.log_hours.values()) < 48


async def test_all_logs_together_are_read_for_ten_times_what_a_query_may_scan_at_most(
    world: Callable[..., World],
) -> None:
    here = world(10 * MINUTE, ending=times_out_once, max_scan_gb=0.06)
    await here.pass_days(2)
    scanned = [hours / 24 * LOG_OF_A_DAY / GB for hours in here.log_hours.values()]
    assert scanned[0] <= 10 * 0.06 + 0.06
    assert scanned[1] <= 5 * 0.06 + 0.06


async def test_what_is_asked_is_paid_for_before_the_answer_so_that_a_crash_is_not_free(
    world: Callable[..., World],
) -> None:
    here = world(HOUR)
    here.now = BEGIN + MINUTE
    here.call()

    def crash(_: str) -> Any:
        raise KeyboardInterrupt

    here.ending = crash
    with pytest.raises(KeyboardInterrupt):
        await here.reconciler().run(is_patient=True)
    ledger = Ledger.read(here.directory)
    assert len(ledger.next_looks) == len(ledger.logs) == 1


async def test_by_hand_all_that_is_due_is_looked_for_whatever_the_background_has_spent(
    world: Callable[..., World],
) -> None:
    here = world(30 * MINUTE)
    await here.pass_days(1)
    asked = sum(here.queries.values())
    assert (await here.reconciler().run(is_patient=True)).looked == 0
    found = await here.reconciler().run()
    assert (found.looked, found.postponed) == (len(here.calls), 0)
    assert sum(here.queries.values()) > asked


async def test_a_scan_that_is_too_large_is_asked_for_in_halves(world: Callable[..., World]) -> None:
    """One refusal would leave hundreds of calls open of which each alone could be completed."""
    here = world(10 * MINUTE, ending=succeeds, max_scan_gb=0.1)
    here.now = BEGIN + timedelta(days=1, minutes=1)
    here.call()
    found = await here.reconciler().run()
    assert (found.completed, found.skipped, found.reasons) == (len(here.calls), 0, [])
    here.max_scan_gb, here.completed = 0.01, {}
    found = await here.reconciler().run()
    assert found.skipped == len(here.calls)
    assert 0 < len(found.reasons) < 100
