"""The parent's side: answers, limits, and that no process outlives its query."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.adhoc import queries as queries_module
from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.queries import Queries
from lambdascope_analytics.errors import QueryError

ENDLESS = "SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE i * j % 7 = 3"
LIMITS = Limits(timeout_s=30, memory_mb=300, max_rows=50, max_bytes=20_000)
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pidfd is of Linux")


@pytest.fixture
def queries(place: Any) -> Queries:
    return Queries(place.history, LIMITS, at_once=2)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started, in order."""
    processes: list[Any] = []
    create = asyncio.create_subprocess_exec

    async def create_and_note(*arguments: Any, **more: Any) -> Any:
        processes.append(await create(*arguments, **more))
        return processes[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create_and_note)
    return processes


@pytest.mark.anyio
async def test_a_query_is_answered_with_its_types_and_times(queries: Queries) -> None:
    answer = await queries.run("SELECT function_name, sum(cost_usd) AS usd FROM calls GROUP BY 1 ORDER BY 2 DESC", 1)
    assert [(column.name, column.type) for column in answer.columns] == [
        ("function_name", "VARCHAR"),
        ("usd", "DECIMAL(38,12)"),
    ]
    assert answer.rows == [["orders", "0.000000416668"]]
    assert answer.truncated_by == "rows"
    assert answer.elapsed_ms > 0


@pytest.mark.anyio
async def test_more_rows_than_allowed_are_never_given(queries: Queries) -> None:
    answer = await queries.run("FROM range(100)", 99)
    assert (len(answer.rows), answer.truncated_by) == (LIMITS.max_rows, "rows")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("", "invalid"),
        (" \n", "invalid"),
        ("SELECT '\0'", "invalid"),
        ("SELECT '\ud800'", "invalid"),
        ("SELECT 1 --" + "x" * 1_000_000, "refused"),
    ],
    ids=["empty", "blank", "nul", "surrogate", "a megabyte"],
)
@pytest.mark.anyio
async def test_a_text_that_cannot_be_sql_starts_no_process(
    queries: Queries, started: list[Any], sql: str, reason: str
) -> None:
    with pytest.raises(QueryError) as refused:
        await queries.run(sql)
    assert refused.value.reason == reason
    assert refused.value.hint
    assert started == []


@pytest.mark.anyio
async def test_an_escape_is_refused_through_the_whole(queries: Queries, place: Any) -> None:
    before = place.contents()
    for escape in ("COPY calls TO '{outside}/x.csv'", "SELECT * FROM read_text('{outside}/secret.txt')"):
        with pytest.raises(QueryError) as refused:
            await queries.run(place.filled_in(escape))
        assert refused.value.reason == "refused"
    assert place.contents() == before


@on_linux
@pytest.mark.anyio
async def test_the_process_has_none_of_our_environment(
    queries: Queries, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What would be caught: credentials in the memory of a process that runs somebody else's SQL.
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-the-child")
    task = asyncio.create_task(queries.run(ENDLESS))
    await _until(lambda: bool(started))
    environment = await asyncio.to_thread(Path(f"/proc/{started[0].pid}/environ").read_bytes)
    assert b"not-for-the-child" not in environment
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.anyio
async def test_a_query_that_takes_too_long_is_killed_and_told(place: Any, started: list[Any]) -> None:
    queries = Queries(place.history, Limits(timeout_s=1.5, memory_mb=300), at_once=1)
    with pytest.raises(QueryError, match=r"longer than 1\.5 s") as stopped:
        await queries.run(ENDLESS)
    assert stopped.value.reason == "limit"
    assert "started_at" in stopped.value.hint
    assert started[0].returncode == -signal.SIGKILL


@pytest.mark.anyio
async def test_a_cancelled_caller_takes_the_process_with_it(queries: Queries, started: list[Any]) -> None:
    task = asyncio.create_task(queries.run(ENDLESS))
    await _until(lambda: bool(started))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(started[0].wait(), 20) == -signal.SIGKILL


PARENT = """
import asyncio, sys
from pathlib import Path
from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.queries import Queries
create = asyncio.create_subprocess_exec
async def create_and_tell(*arguments, **more):
    process = await create(*arguments, **more)
    print(process.pid, flush=True)
    return process
asyncio.create_subprocess_exec = create_and_tell
asyncio.run(Queries(Path(sys.argv[1]), Limits(memory_mb=300), at_once=1).run(sys.argv[2]))
"""


@on_linux
def test_the_process_dies_with_its_parent(place: Any) -> None:
    command = [sys.executable, "-P", "-c", PARENT, str(place.history), ENDLESS]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        child = os.pidfd_open(pid)
        # Behind its fences it has no working directory: before that it would end by itself, for want of a request.
        deadline = time.monotonic() + 20
        while not os.readlink(f"/proc/{pid}/cwd").endswith("(deleted)"):  # noqa: PTH115 -- a link to nowhere
            assert time.monotonic() < deadline
        parent.kill()
        parent.wait(20)
        # Readable as soon as the process is no more.
        ended, _, _ = select.select([child], [], [], 20)
        os.close(child)
    assert ended


@pytest.mark.anyio
async def test_only_so_many_run_at_once_and_the_others_wait_and_say_so(place: Any, started: list[Any]) -> None:
    queries = Queries(place.history, LIMITS, at_once=1)
    first = asyncio.create_task(queries.run(ENDLESS))
    await _until(lambda: bool(started))
    second = asyncio.create_task(queries.run("SELECT 1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(started) == 1
    first.cancel()
    answer = await asyncio.wait_for(second, 30)
    assert answer.waited_ms > 0
    assert len(started) == 2
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.anyio
async def test_when_too_many_wait_the_next_is_told_to_come_back(place: Any, started: list[Any]) -> None:
    queries = Queries(place.history, LIMITS, at_once=1)
    tasks = [asyncio.create_task(queries.run(ENDLESS)) for _ in range(17)]
    await _until(lambda: bool(started))
    with pytest.raises(QueryError) as refused:
        await queries.run("SELECT 1")
    assert refused.value.reason == "busy"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (await queries.run("SELECT 1")).rows == [[1]]


@pytest.mark.parametrize(
    ("program", "reason", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "limit", "SIGSEGV"),
        ("import sys; sys.stderr.write('a reason'); sys.exit(3)", "failed", "code 3"),
        ("print('no json')", "failed", "code 0"),
        ("import sys; sys.stdout.write('x' * 10_000_000); sys.stderr.write('y' * 1_000_000)", "failed", "code 0"),
    ],
    ids=["crash", "exit", "nonsense", "a flood"],
)
@pytest.mark.anyio
async def test_a_process_that_ends_badly_is_an_error_with_a_reason(
    queries: Queries,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    program: str,
    reason: str,
    words: str,
) -> None:
    monkeypatch.setattr(queries_module, "_COMMAND", (sys.executable, "-c", program))
    with pytest.raises(QueryError, match=words) as failed:
        await queries.run("SELECT 1")
    assert failed.value.reason == reason
    assert ("a reason" in caplog.text) == ("a reason" in program)


@pytest.mark.anyio
async def test_queries_are_right_while_others_write(
    queries: Queries, place: Any, rows_of: Callable[..., dict[str, object]], write: Callable[..., None]
) -> None:
    # Each answer must be a state that was: 3 rows at first, then 100 more at a time.
    def write_on() -> None:
        for batch in range(1, 6):
            rows: list[Mapping[str, object]] = [rows_of(batch * 1000 + number) for number in range(100)]
            write(place.history, rows)

    writer = threading.Thread(target=write_on)
    writer.start()
    answers = [(await queries.run("SELECT count(*), count(DISTINCT call_id) FROM calls")).rows[0] for _ in range(4)]
    writer.join(30)
    assert all(count == distinct for count, distinct in answers)
    assert [count for count, _ in answers] == sorted(count for count, _ in answers)
    assert (await queries.run("SELECT count(*) FROM calls")).rows == [[503]]


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 -- what is waited for happens in the code under test, which sets no event
            await asyncio.sleep(0.01)
