"""The two queries, run by the local evaluator over lines as Lambda writes them."""

import json
from collections.abc import Callable, Sequence

import pytest

from lambdascope_proxy.local.insights.evaluation import Event, evaluate
from lambdascope_proxy.monitoring.log_queries import LogFigures, errors_query, figures_query, read_figures
from lambdascope_proxy.monitoring.top_errors import sightings_of, top_errors
from lambdascope_proxy.selection import Function

STREAM = "2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef"


def request(number: int) -> str:
    """The id of a request."""
    return f"5b1f0c52-7f0e-4c6a-9a3e-{number:012d}"


def report(number: int, billed: int, size: int, used: int, rest: str = "") -> str:
    """A REPORT line."""
    figures = f"Duration: {billed - 0.5} ms\tBilled Duration: {billed} ms\tMemory Size: {size} MB"
    return f"REPORT RequestId: {request(number)}\t{figures}\tMax Memory Used: {used} MB\t{rest}\n"


def record(number: int, status: str, billed: int = 100, **more: float) -> str:
    """A platform.report of a function with 256 MB."""
    metrics = {"durationMs": 99.5, "billedDurationMs": billed, "memorySizeMB": 256, "maxMemoryUsedMB": 94, **more}
    document = {"requestId": request(number), "metrics": metrics, "status": status}
    if status == "failure":
        document["errorType"] = "Runtime.OutOfMemory"
    return json.dumps({"time": "2026-11-22T09:21:40.003Z", "type": "platform.report", "record": document})


def rows_of(query: str, lines: Sequence[str | tuple[str, str]]) -> list[dict[str, str]]:
    """What the query finds in lines, each with its stream if that matters."""
    events = [
        Event(
            timestamp_ms=1_795_341_600_000 + number,
            ingested_ms=1_795_341_600_000 + number,
            message=line if isinstance(line, str) else line[1],
            stream=STREAM if isinstance(line, str) else line[0],
            log="group",
            pointer=str(number),
        )
        for number, line in enumerate(lines)
    ]
    return [dict(row) for row in evaluate(query, events).rows]


Figures = Callable[..., LogFigures]


@pytest.fixture
def figures_of(function_of: Callable[..., Function]) -> Figures:
    def read(*lines: str | tuple[str, str], versions: Sequence[str] = (), **known: str) -> LogFigures:
        return read_figures(rows_of(figures_query(function_of(**known), versions), lines))

    return read


def test_text_and_json_reports_add_up_in_one_query(figures_of: Figures) -> None:
    found = figures_of(
        "START RequestId: x Version: 1",
        report(1, 601, 256, 94, "Init Duration: 388.15 ms\t"),
        report(2, 42, 512, 91, "\nXRAY TraceId: 1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12\tSampled: true\t"),
        record(3, "success", 300, initDurationMs=100.25),
        record(4, "error"),
        "an application's line",
    )
    assert found == LogFigures(
        executions=4,
        cold_starts=2,
        init_p50_ms=pytest.approx(found.init_p50_ms),
        init_p95_ms=pytest.approx(found.init_p95_ms),
        timeouts=0,
        out_of_memory=0,
        crashes=0,
        memory_used_mb=94,
        memory_mb=512,
        billed_ms=601 + 42 + 300 + 100,
        billed_mb_ms=601 * 256 + 42 * 512 + 300 * 256 + 100 * 256,
    )
    assert 100.25 <= (found.init_p50_ms or 0) < (found.init_p95_ms or 0) <= 388.15


def test_a_restore_from_a_snapshot_is_a_cold_start(figures_of: Figures) -> None:
    # "Billed Restore Duration" must not be taken for it.
    rest = "Billed Restore Duration: 27 ms\tRestore Duration: 431.66 ms\t"
    found = figures_of(
        report(1, 123, 1024, 170, rest), report(2, 50, 1024, 170), record(3, "success", restoreDurationMs=431.66)
    )
    assert (found.cold_starts, found.init_p50_ms, found.init_p95_ms) == (2, 431.66, 431.66)


def test_each_way_to_end_is_counted_once_however_many_lines_tell_of_it(figures_of: Figures) -> None:
    timed_out = "2026-11-22T09:21:40.003Z {} Task timed out after 3.00 seconds\n\n"
    found = figures_of(
        timed_out.format(request(1)),
        report(1, 3000, 128, 64, "Status: timeout"),
        report(2, 3000, 128, 64, "Status: timeout"),
        # An older platform: the report says nothing.
        timed_out.format(request(3)),
        report(3, 3000, 128, 64),
        record(4, "timeout"),
        report(5, 813, 512, 512, "Status: error\tError Type: Runtime.OutOfMemory"),
        record(6, "failure"),
        # A kill at full memory that only its exit tells of, and an exit that is none.
        report(7, 8, 128, 128, "Status: error\tError Type: Runtime.ExitError"),
        report(8, 8, 128, 40, "Status: error\tError Type: Runtime.ExitError"),
    )
    assert (found.executions, found.timeouts, found.out_of_memory, found.crashes) == (8, 4, 3, 1)


def test_each_attempt_that_timed_out_is_counted_in_text_as_in_json(figures_of: Figures) -> None:
    # Attempts of an event share the request id.
    line = f"2026-11-22T09:21:40.003Z {request(1)} Task timed out after 3.00 seconds\n\n"
    text = figures_of(*[line, report(1, 3000, 128, 64, "Status: timeout")] * 3)
    json_lines = figures_of(*[record(1, "timeout")] * 3)
    assert (text.executions, text.timeouts) == (json_lines.executions, json_lines.timeouts) == (3, 3)


def test_a_handler_that_writes_of_a_timeout_has_none(figures_of: Figures) -> None:
    found = figures_of("the partner's Task timed out after 3.00 seconds", report(1, 8, 128, 40))
    assert (found.executions, found.timeouts) == (1, 0)


def test_versions_are_told_by_their_streams(figures_of: Figures) -> None:
    lines = [
        ("2026/11/22/[7]ab", report(1, 8, 128, 40)),
        ("2026/11/22/[17]ab", report(2, 16, 128, 40)),
        report(3, 32, 128, 40),
    ]
    assert figures_of(*lines).billed_ms == 56
    assert figures_of(*lines, versions=["7"]).billed_ms == 8
    assert figures_of(*lines, versions=["7", "$LATEST"]).billed_ms == 40


def test_a_group_of_ones_own_may_be_shared_so_the_stream_names_the_function(figures_of: Figures) -> None:
    lines = [
        ("2026/11/22/orders[7][ab]", report(1, 8, 128, 40)),
        ("orders[$LATEST]ab", report(2, 16, 128, 40)),
        ("2026/11/22/big-orders[7][ab]", report(3, 32, 128, 40)),
        ("2026/11/22/orders-old[7][ab]", report(4, 64, 128, 40)),
        ("2026/11/22/[7]ab", report(5, 128, 128, 40)),
        ("ecs/orders/123", report(6, 256, 128, 40)),
    ]
    assert figures_of(*lines, log_group="/shop").billed_ms == 24
    assert figures_of(*lines, log_group="/shop", versions=["7"]).billed_ms == 8


def test_what_others_write_into_a_functions_own_group_is_not_its(
    figures_of: Figures, function_of: Callable[..., Function]
) -> None:
    # Any role that may put log events can write there, and another function can be configured to.
    lines = [
        report(1, 8, 128, 40),
        ("2026/11/22/big-orders[7][ab]", report(2, 16, 128, 40)),
        ("other[$LATEST]ab", "[ERROR] KeyError: 'x'\n"),
        ("ecs/payroll/123", "[ERROR] KeyError: 'y'\n"),
    ]
    assert figures_of(*lines).executions == 1
    assert figures_of(*lines, log_group="/aws/lambda/orders").billed_ms == 8
    assert rows_of(errors_query(function_of(), ()), lines) == []


def test_no_line_at_all_is_nothing(figures_of: Figures) -> None:
    found = figures_of("an application's line")
    assert (found.executions, found.billed_ms, found.memory_mb, found.init_p50_ms) == (0, 0, None, None)
    assert read_figures([]) == found


def test_a_figure_that_is_no_number_is_refused() -> None:
    # Money follows from these: better no answer than one from half a row.
    with pytest.raises(ValueError, match="many"):
        read_figures([{"executions": "1", "billedMs": "many"}])
    assert read_figures([{"executions": "1", "billedMs": "1.5E3", "initP50": "NaN"}]).billed_ms == 1500


def test_a_row_without_the_figures_is_refused() -> None:
    # A stand-in for AWS that passes over `stats` gives raw events: read as zeros they would be a cost of $0.
    with pytest.raises(ValueError, match="did not answer"):
        read_figures([{"@timestamp": "2026-11-22 10:00:00.003", "@message": "REPORT"}])


def test_the_lines_that_tell_of_failures_are_found_and_no_others(function_of: Callable[..., Function]) -> None:
    failures = [
        "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n",
        f"[ERROR]\t2026-11-22T09:21:40.003Z\t{request(1)}\tno stock\n",
        f"2026-11-22T09:21:40.003Z\t{request(2)}\tERROR\tInvoke Error \t" + '{"errorType":"E","errorMessage":"m"}',
        f"2026-11-22T09:21:40.003Z {request(3)} Task timed out after 3.00 seconds\n",
        report(3, 3000, 128, 64, "Status: timeout"),
        f"RequestId: {request(4)} Error: Runtime exited with error: exit status 3\nRuntime.ExitError",
        record(5, "failure"),
        json.dumps({"level": "ERROR", "errorType": "Declined", "errorMessage": "no", "requestId": request(6)}),
    ]
    others = [
        report(7, 8, 128, 40),
        record(8, "success"),
        "START RequestId: x",
        "all is [ERROR]-free",
        "a Task timed out",
    ]
    found = rows_of(errors_query(function_of(), ()), [*failures, *others])
    assert [row["@message"] for row in found] == failures[::-1]
    kinds = top_errors(sightings_of(found))
    assert sum(kind.count for kind in kinds) == 7
