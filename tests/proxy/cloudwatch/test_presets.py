"""The presets, evaluated over lines as Lambda writes them: text and JSON, what the local AWS never does included."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.cloudwatch.log_scope import is_shareable, scope_of
from lambdascope_proxy.cloudwatch.presets import PRESETS, Column, bin_of, read_number, read_time
from lambdascope_proxy.local.insights.evaluation import Event, evaluate
from lambdascope_proxy.selection import Function

GROUP = "123456789012:/aws/lambda/orders"
STREAM = "2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef"
NOON_MS = 1_795_348_800_000  # 2026-11-22T12:00:00Z
IDS = [f"5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b8{digit}" for digit in range(10)]
FIGURES = "Duration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t"


def report(request_id: str, *figures: Any, tail: str = "") -> str:
    """A REPORT line: duration, billed, memory, most memory used, and what follows."""
    return f"REPORT RequestId: {request_id}\t{FIGURES.format(*figures)}{tail}\n"


def record(request_id: str, *figures: Any, status: str = "success", **more: Any) -> str:
    """A platform.report record: duration, billed, memory, most memory used; further words are metrics."""
    names = ("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB")
    error = {"errorType": more.pop("error_type")} if "error_type" in more else {}
    metrics = {**dict(zip(names, figures, strict=True)), **more}
    inner = {"requestId": request_id, "metrics": metrics, "status": status, **error}
    return json.dumps({"time": "2026-11-22T12:00:00.000Z", "type": "platform.report", "record": inner}) + "\n"


def named(name: str, log_group: str | None = None) -> Function:
    """A function of this name that logs to this group, else to its own."""
    return Function(name=name, arn=name, region="us-east-1", account_id="123456789012", log_group=log_group)


def ask(
    preset: str,
    lines: Sequence[str | tuple[str, str, str]],
    apart_ms: int = 1000,
    functions: Sequence[Function] = (named("orders"),),
) -> list[dict[str, Any]]:
    """The rows of a preset, typed; a line is a message a second after the one before, or (group, stream, message)."""
    events = [
        Event(
            timestamp_ms=NOON_MS + apart_ms * number,
            ingested_ms=NOON_MS,
            message=line if isinstance(line, str) else line[2],
            log=GROUP if isinstance(line, str) else f"123456789012:{line[0]}",
            stream=STREAM if isinstance(line, str) else line[1],
            pointer=str(number),
        )
        for number, line in enumerate(lines)
    ]
    asked = PRESETS[preset]
    text = asked.query(scope_of(functions), is_shared=any(map(is_shareable, functions)), window_s=3600)
    rows = [dict(row) for row in evaluate(text, events).rows]
    return [{column.name: column.value_of(row) for column in asked.columns} for row in rows]


def pick(rows: Sequence[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """These columns of each row."""
    return [tuple(row[name] for name in names) for row in rows]


def test_cold_starts_are_inits_and_restores_in_both_formats_longest_first() -> None:
    rows = ask(
        "cold_starts",
        [
            report(IDS[0], 41.37, 42, 256, 91),
            report(IDS[1], 212.4, 601, 256, 94, tail="Init Duration: 388.15 ms\t"),
            report(IDS[2], 95.2, 123, 1024, 170, tail="Restore Duration: 431.66 ms\tBilled Restore Duration: 27 ms\t"),
            record(IDS[3], 10.5, 111, 512, 80, initDurationMs=100.25),
            record(IDS[4], 10, 20, 512, 80, restoreDurationMs=900, billedRestoreDurationMs=10),
            record(IDS[5], 10, 10, 512, 80),
            "REPORT is a word of mine\n",
        ],
    )
    assert pick(rows, "request_id", "init_ms", "duration_ms", "billed_ms", "memory_mb") == [
        (IDS[4], 900, 10, 20, 512),
        (IDS[2], 431.66, 95.2, 123, 1024),
        (IDS[1], 388.15, 212.4, 601, 256),
        (IDS[3], 100.25, 10.5, 111, 512),
    ]
    assert rows[0]["time"] == "2026-11-22T12:00:04.000Z"


def test_slowest_are_ordered_as_numbers_not_as_text() -> None:
    lines = [report(IDS[0], 9.5, 10, 128, 40), record(IDS[1], 100, 100, 128, 41), report(IDS[2], 20, 20, 128, 42)]
    rows = ask("slowest", lines)
    assert pick(rows, "request_id", "duration_ms", "init_ms", "max_memory_mb") == [
        (IDS[1], 100, None, 41),
        (IDS[2], 20, None, 42),
        (IDS[0], 9.5, None, 40),
    ]


def test_a_failure_is_one_row_whatever_number_of_lines_tells_of_it() -> None:
    timed_out = f"2026-11-22T12:00:01.000Z {IDS[0]} Task timed out after 3.00 seconds\n"
    died = f"RequestId: {IDS[1]} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n"
    oom = report(IDS[1], 812.09, 813, 512, 512, tail="Status: error\tError Type: Runtime.OutOfMemory\t")
    raised = {"timestamp": "t", "level": "ERROR", "errorMessage": "no such order", "errorType": "KeyError"}
    printed = f"2026-11-22T12:00:01.000Z\t{IDS[8]}\tERROR\tno carrier\n"
    node = f'2026-11-22T12:00:01.000Z\t{IDS[3]}\tERROR\tInvoke Error\t{{"errorType":"TypeError","errorMessage":"x"}}\n'
    rows = ask(
        "errors",
        [
            timed_out,
            report(IDS[0], 3000, 3000, 128, 64, tail="Status: timeout\t"),
            died,
            oom,
            json.dumps({**raised, "requestId": IDS[2], "stackTrace": ["  File app.py"]}),
            record(IDS[2], 1, 1, 128, 40, status="error"),
            node,
            printed,
            "[ERROR] KeyError: 'a: b'\nTraceback (most recent call last):\n  File app.py\n",
            f"[ERROR]\t2026-11-22T12:00:01.000Z\t{IDS[4]}\tcould not reach the carrier\n",
            "[INFO] all is well: no ERROR\n",
            record(IDS[5], 1, 1, 128, 40),
            report(IDS[6], 1, 1, 128, 40),
            record(IDS[7], 1, 1, 128, 128, status="failure", error_type="Runtime.OutOfMemory"),
        ],
    )
    assert pick(rows, "request_id", "error_type", "status", "message", "lines") == [
        (IDS[7], "Runtime.OutOfMemory", "failure", None, 1),
        (IDS[4], None, None, "could not reach the carrier", 1),
        (None, "KeyError", None, "'a: b'", 1),
        (IDS[8], None, None, "no carrier", 1),
        (IDS[3], "TypeError", None, "x", 1),
        (IDS[2], "KeyError", "error", "no such order", 2),
        (IDS[1], "Runtime.OutOfMemory", "error", "Runtime exited with error: signal: killed", 2),
        (IDS[0], None, "timeout", "Task timed out after 3.00 seconds", 2),
    ]
    assert (rows[-1]["time"], rows[-1]["log_stream"]) == ("2026-11-22T12:00:01.000Z", STREAM)


def test_failures_that_name_no_request_are_told_apart_by_stream_and_time() -> None:
    line = "[ERROR] KeyError: 'a'\nTraceback (most recent call last):\n"
    other = STREAM.replace("0123", "ffff")
    lines = [line, line, ("/aws/lambda/orders", other, line)]
    assert [row["lines"] for row in ask("errors", lines)] == [1, 1, 1]
    assert sorted(row["lines"] for row in ask("errors", lines, apart_ms=0)) == [1, 2]


def test_a_request_that_times_out_counts_once_with_its_attempts() -> None:
    rows = ask(
        "timeouts",
        [
            f"2026-11-22T12:00:00.000Z {IDS[0]} Task timed out after 3.00 seconds\n",
            report(IDS[0], 3000, 3000, 128, 64, tail="Status: timeout\t"),
            report(IDS[0], 3000, 3000, 128, 66, tail="Status: timeout\t"),
            f"2026-11-22T12:00:00.000Z {IDS[1]} Task timed out after 2.00 seconds\n",
            record(IDS[2], 1000, 1036, 256, 15, status="timeout"),
            report(IDS[3], 3000, 3000, 128, 64),
            record(IDS[4], 3000, 3000, 128, 64, status="error"),
        ],
    )
    assert pick(rows, "request_id", "attempts", "duration_ms", "memory_mb", "max_memory_mb") == [
        (IDS[2], 1, 1000, 256, 15),
        (IDS[1], 0, None, None, None),
        (IDS[0], 2, 3000, 128, 66),
    ]


def test_memory_is_in_megabytes_as_configured_for_each_size() -> None:
    lines = [report(IDS[0], 1, 1, 256, 91), record(IDS[1], 1, 1, 256, 128), report(IDS[2], 1, 1, 512, 60)]
    rows = ask("memory", lines)
    names = ("memory_mb", "requests", "min_used_mb", "avg_used_mb", "p95_used_mb", "max_used_mb", "max_used_pct")
    assert pick(rows, *names) == [(256, 2, 91, 109.5, 126.15, 128, 50), (512, 1, 60, 60, 60, 60, 11.71875)]


def test_the_most_expensive_is_not_the_longest_but_the_one_with_most_gigabyte_seconds() -> None:
    lines = [report(IDS[0], 9000, 9000, 128, 60), record(IDS[1], 1500, 1600, 1024, 60, initDurationMs=100)]
    rows = ask("most_expensive", lines)
    assert pick(rows, "request_id", "billed_ms", "memory_mb", "gb_s", "init_ms") == [
        (IDS[1], 1600, 1024, 1.6, 100),
        (IDS[0], 9000, 128, 1.125, None),
    ]


def test_requests_are_counted_in_bins_in_the_order_of_time() -> None:
    filler = ["a line\n"] * 59
    lines = [report(IDS[0], 10, 10, 128, 60, tail="Init Duration: 5.00 ms\t"), *filler, record(IDS[1], 20, 20, 128, 60)]
    rows = ask("requests_per_bin", lines)
    assert pick(rows, "time", "requests", "cold_starts", "p50_ms", "max_ms", "billed_ms") == [
        ("2026-11-22T12:00:00.000Z", 1, 1, 10, 10, 10),
        ("2026-11-22T12:01:00.000Z", 1, 0, 20, 20, 20),
    ]


def test_a_shared_group_gives_only_the_functions_asked_about_by_their_names() -> None:
    line = report(IDS[0], 10, 10, 128, 60)
    foreign = report(IDS[1], 99, 99, 128, 60)
    rows = ask(
        "slowest",
        [
            ("/shared", "2026/11/22/tax[$LATEST]0123", line),
            ("/shared", "2026/11/22/payroll[$LATEST]0123", foreign),
            ("/shared", "payroll[$LATEST]0123", foreign),
            ("/shared", "ecs/payroll/123", foreign),
            ("/shared", "2026/11/22/[$LATEST]0123", foreign),
            ("/shared", "2026/11/22/billing[7][0123]", line),
            line,
        ],
        functions=[named("orders"), named("tax", "/shared"), named("billing", "/shared")],
    )
    assert sorted((row["function_name"], row["request_id"]) for row in rows) == [
        (GROUP, IDS[0]),
        ("billing", IDS[0]),
        ("tax", IDS[0]),
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_a_foreign_stream_in_a_functions_own_group_is_left_out(name: str) -> None:
    failed = report(IDS[0], 10, 10, 128, 60, tail="Init Duration: 3 ms\tStatus: timeout\t")
    foreign = [("/aws/lambda/orders", stream, failed) for stream in ("2026/11/22/other[$LATEST]0123", "ecs/payroll/1")]
    assert ask(name, foreign) == []
    assert len(ask(name, [*foreign, failed])) == 1


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_an_answer_for_no_logs_at_all_and_columns_of_its_own(name: str) -> None:
    preset = PRESETS[name]
    assert ask(name, []) == []
    assert (preset.name, preset.answers != "", preset.next_step != "") == (name, True, True)
    assert len({column.name for column in preset.columns}) == len(preset.columns)


@pytest.mark.parametrize(
    ("window_s", "expected"),
    [(60, "1m"), (3600, "1m"), (3601, "5m"), (10_800, "5m"), (86_400, "30m"), (604_800, "3h"), (10**8, "24h")],
)
def test_bins_are_of_widths_that_insights_does_not_cap(window_s: float, expected: str) -> None:
    assert bin_of(window_s) == expected


def test_times_are_read_as_insights_writes_them() -> None:
    assert read_time("2026-11-22 12:00:00.003") == "2026-11-22T12:00:00.003Z"
    assert read_time(f"{NOON_MS + 3}") == read_time(f"{(NOON_MS + 3) / 1e12}E12") == "2026-11-22T12:00:00.003Z"


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_comes_back_as_it_went(number: int) -> None:
    assert read_number(str(number)) == number


@given(st.text())
def test_what_is_no_number_stays_as_it_is(text: str) -> None:
    value = read_number(text)
    assert value == text if isinstance(value, str) else float(text) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_what_json_cannot_hold_stays_text(text: str) -> None:
    assert read_number(text) == text


def test_an_absent_field_is_unknown_not_zero() -> None:
    assert [Column(name="a", kind=kind).value_of({}) for kind in ("number", "text", "time")] == [None] * 3
