"""Every preset through a real client over functions that really ran: it tells exactly what the history knows."""

import json
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.answers import told as answer_of
from stage.looking import Lookout, lookout
from stage.proxies import Stage

from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.demo import demo_functions

pytestmark = pytest.mark.anyio
HERE = Path(__file__).parent / "functions"
CHARGE_CARD = next(function.code for function in demo_functions() if function.name == "demo-charge-card")
FORMATS = ["Text", "JSON"]
DECLINED, CHARGED = {"order_id": 1005}, {"order_id": 1001}
CALLS = 10


def functions_of(log_format: str) -> list[LocalFunction]:
    """A function that works or raises, one that is too slow, one that outgrows its memory."""
    made: list[tuple[str, Path, dict[str, Any]]] = [
        ("pay", CHARGE_CARD, {}),
        ("slow", HERE / "sleeper", {"timeout_s": 1}),
        ("hog", HERE / "hog", {"architecture": "arm64", "memory_mb": 160, "timeout_s": 20}),
        ("fit", HERE / "echo", {"memory_mb": 512, "log_group": "/shop/shared"}),
        ("other", HERE / "echo", {"log_group": "/shop/shared"}),
        ("idle", HERE / "echo", {}),
    ]
    return [
        LocalFunction(name=f"{name}-{log_format}", code=code, log_format=log_format, **more)
        for name, code, more in made
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened: the functions asked about, and their rows in the history, oldest first."""

    names: Sequence[str]
    rows: Sequence[dict[str, Any]]

    def figures(self, *columns: str, **wanted: Any) -> list[tuple[Any, ...]]:
        """These columns of the rows that have these values."""
        found = [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]
        return [tuple(row[column] for column in columns) for row in found]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lookout]:
    functions = [function for log_format in FORMATS for function in functions_of(log_format)]
    with lookout(functions, tmp_path_factory.mktemp("logs") / "history") as made:
        yield made


@pytest.fixture(scope="module")
async def client(place: Lookout) -> AsyncGenerator[Client]:
    async with place.first_client() as made:
        yield made


@pytest.fixture(scope="module", params=FORMATS)
async def past(request: pytest.FixtureRequest, place: Lookout, client: Client) -> Past:
    """Traffic with cold starts, errors, a timeout and too little memory; all of it came through the proxy."""
    log_format: str = request.param
    for order in (CHARGED, DECLINED, CHARGED, DECLINED, CHARGED):
        await invoke(client, f"pay-{log_format}", order)
    for name in ("slow", "hog", "fit", "fit", "other"):
        await invoke(client, f"{name}-{log_format}", {})
    rows = await place.rows(CALLS, f"target = 'lambda' AND function_name LIKE '%-{log_format}'")
    names = [f"{name}-{log_format}" for name in ("pay", "slow", "hog", "fit")]
    return Past(names=names, rows=[row for row in rows if row["function_name"] in names])


async def asked(client: Client, past: Past, preset: str, **more: Any) -> list[dict[str, Any]]:
    """The rows of a preset by their columns; nothing is missing, and the text is short, priced and says what next."""
    answer = await ask(
        client, "query_logs", function_names=past.names, preset=preset, time_range={"last": "1h"}, **more
    )
    assert not answer["is_error"], answer["texts"]
    assert (answer["is_complete"], answer["truncated"], "notes" in answer) == (True, False, False)
    text = answer["texts"][0]
    assert len(text.encode()) < 8_000
    assert all(word in text for word in ("bytes scanned, $0.0", f"\nNext: {PRESETS[preset].next_step}"))
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def picked(rows: Sequence[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


async def test_cold_starts_are_those_of_the_history_longest_first(client: Client, past: Past) -> None:
    rows = await asked(client, past, "cold_starts")
    columns = ("function_name", "request_id", "init_ms", "duration_ms", "billed_ms", "memory_mb")
    assert sorted(picked(rows, *columns)) == sorted(past.figures(*columns, cold_start=True))
    assert len(rows) == 4
    waits = [row["init_ms"] for row in rows]
    assert waits == sorted(waits, reverse=True)


async def test_the_slowest_are_all_executions_by_duration(client: Client, past: Past) -> None:
    rows = await asked(client, past, "slowest")
    columns = ("function_name", "request_id", "duration_ms", "init_ms", "billed_ms", "memory_mb", "max_memory_mb")
    assert sorted(picked(rows, *columns), key=str) == sorted(past.figures(*columns), key=str)
    assert [row["duration_ms"] for row in rows] == sorted((row["duration_ms"] for row in past.rows), reverse=True)


async def test_each_failed_execution_is_one_error(client: Client, past: Past) -> None:
    rows = await asked(client, past, "errors")
    failed = [row for row in past.rows if row["outcome"] != "ok"]
    assert sorted(row["function_name"] for row in rows) == sorted(row["function_name"] for row in failed)
    declined = [row for row in rows if row["error_type"] == "CardDeclinedError"]
    assert [row["message"] for row in declined] == ["order 1005: insufficient funds"] * 2
    (oom,) = [row for row in rows if row["error_type"] == "Runtime.OutOfMemory"]
    assert [(oom["request_id"],)] == past.figures("request_id", outcome="out_of_memory")
    (late,) = [row for row in rows if row["status"] == "timeout"]
    assert [(late["request_id"],)] == past.figures("request_id", outcome="function_timeout")
    # A traceback of Python in a text log names no request: the END after it does.
    assert {row["request_id"] for row in rows} == {row["request_id"] for row in failed}


async def test_timeouts_are_those_of_the_history(client: Client, past: Past) -> None:
    columns = ("function_name", "request_id", "duration_ms", "memory_mb", "max_memory_mb")
    rows = await asked(client, past, "timeouts")
    assert picked(rows, *columns) == past.figures(*columns, outcome="function_timeout")
    assert [row["attempts"] for row in rows] == [1]


async def test_memory_is_what_the_executions_used_of_what_they_had(client: Client, past: Past) -> None:
    rows = await asked(client, past, "memory")
    found = {row["function_name"]: row for row in rows}
    assert set(found) == set(past.names)
    for name, row in found.items():
        used = [used for (used,) in past.figures("max_memory_mb", function_name=name)]
        sizes = {size for (size,) in past.figures("memory_mb", function_name=name)}
        assert {row["memory_mb"]} == sizes
        assert (row["requests"], row["min_used_mb"], row["max_used_mb"]) == (len(used), min(used), max(used))
        assert row["avg_used_mb"] == pytest.approx(sum(used) / len(used), abs=1e-5)
        assert row["max_used_pct"] == pytest.approx(max(used) / row["memory_mb"] * 100, abs=1e-5)
    assert rows[0]["function_name"].startswith("hog")


async def test_the_most_expensive_are_priced_to_the_last_digit_as_in_the_history(client: Client, past: Past) -> None:
    rows = await asked(client, past, "most_expensive")
    told = [(row["request_id"], row["billed_ms"], Decimal(row["cost_usd"])) for row in rows]
    assert sorted(told) == sorted(past.figures("request_id", "billed_ms", "cost_usd"))
    spent = [row["gb_s"] for row in rows]
    assert spent == sorted(spent, reverse=True)
    assert all(row["gb_s"] == pytest.approx(row["billed_ms"] * row["memory_mb"] / 1_024_000, abs=1e-6) for row in rows)


async def test_bins_add_up_to_the_executions_of_each_function(client: Client, past: Past) -> None:
    rows = await asked(client, past, "requests_per_bin")
    for name in past.names:
        bins = [row for row in rows if row["function_name"] == name]
        rows_of = past.figures("duration_ms", "billed_ms", "cold_start", function_name=name)
        assert sum(row["requests"] for row in bins) == len(rows_of)
        assert sum(row["cold_starts"] for row in bins) == sum(is_cold for _, _, is_cold in rows_of)
        assert sum(row["billed_ms"] for row in bins) == sum(billed for _, billed, _ in rows_of)
        assert max(row["max_ms"] for row in bins) == max(duration for duration, _, _ in rows_of)


async def test_functions_that_share_a_group_are_told_apart(client: Client, past: Past) -> None:
    name = past.names[3]
    answer = await ask(client, "query_logs", function_names=[name], preset="slowest", time_range={"last": "2h"})
    requests = [(row[answer["columns"].index("request_id")],) for row in answer["rows"]]
    assert sorted(requests) == sorted(past.figures("request_id", function_name=name))


async def test_a_query_of_ones_own_is_answered_as_it_is_and_recorded_with_its_cost(
    client: Client, place: Lookout, past: Past
) -> None:
    query = f"filter @message like /charging/ | stats count(*) as n by @log # {past.names[0]}"
    answer = await ask(client, "query_logs", function_names=past.names[:1], query=query)
    assert (answer["columns"], answer["rows"]) == (
        ["@log", "n"],
        [[f"123456789012:/aws/lambda/{past.names[0]}", "5"]],
    )
    scanned, cost = answer["bill"]["scanned_bytes"], Decimal(answer["bill"]["cost_usd"])
    events = place.aws.journal.events(f"/aws/lambda/{past.names[0]}")
    assert scanned > sum(len(event.message.strip()) for event in events) // 2
    assert cost == (Decimal(scanned) * Decimal("0.005") / 10**9).quantize(Decimal("1e-12"))
    again = await ask(client, "query_logs", function_names=past.names[:1], query=query)
    assert (again["cached"], again["bill"]["cost_usd"]) == (True, "0.000000000000")
    where = f"tool_name = 'query_logs' AND function_name = '{past.names[0]}' AND outcome = 'ok'"
    first, second = (await place.rows(2, where))[-2:]
    assert (first["target"], first["cost_usd"], first["cost_source"]) == ("cloudwatch", cost, "estimated")
    assert second["cost_usd"] == 0


async def test_raw_events_come_newest_first_up_to_our_own_limit_which_is_said(client: Client, past: Past) -> None:
    answer = await ask(client, "query_logs", function_names=past.names[:1], query="fields @timestamp", limit=2)
    assert (answer["row_count"], answer["truncated"]) == (2, True)
    assert "first 2 rows" in answer["notes"][0]


@pytest.mark.parametrize(
    ("arguments", "error_type", "word"),
    [
        ({"preset": "errors", "query": "fields a"}, "QueryOrPreset", "cold_starts"),
        ({}, "QueryOrPreset", "neither"),
        ({"query": "filter ( @message"}, "MalformedQueryException", "position|column|character|at"),
        ({"query": "fields jsonParsed(@message) as x"}, "MalformedQueryException", "jsonparsed|jsonParsed"),
        ({"preset": "errors", "time_range": {"start": "2090-01-01"}}, "InvalidTimeRange", "future"),
        ({"preset": "errors", "time_range": {"start": "2001-01-01", "end": "2001-01-02"}}, "BeyondRetention", "begin"),
        ({"preset": "errors", "limit": 0}, "SchemaViolation|InvalidArguments", "limit"),
    ],
)
async def test_what_cannot_be_asked_is_a_tool_error_with_a_next_step(
    client: Client, past: Past, arguments: dict[str, Any], error_type: str, word: str
) -> None:
    answer = await ask(client, "query_logs", function_names=past.names[:1], **arguments)
    assert answer["is_error"]
    assert answer["outcome"] == "invalid_arguments"
    if "|" not in error_type:
        assert answer["error_type"] == error_type
    assert any(part in json.dumps(answer["texts"]) for part in word.split("|"))


async def test_a_function_that_never_ran_has_no_log_group_yet(client: Client, past: Past) -> None:
    name = past.names[0].replace("pay", "idle")
    answer = await ask(client, "query_logs", function_names=[name], preset="errors")
    assert (answer["outcome"], answer["error_type"]) == ("not_found", "LogGroupNotFound")
    both = await ask(client, "query_logs", function_names=[past.names[1], name], preset="timeouts")
    assert (both["row_count"], both["notes"][0].startswith("Left out")) == (1, True)


async def test_a_scan_that_is_too_large_never_starts(place: Lookout, past: Past) -> None:
    async with place.client(max_scan_gb=0) as strict:
        answer = await ask(strict, "query_logs", function_names=past.names[:1], preset="errors")
    assert (answer["outcome"], answer["error_type"]) == ("refused", "ScanTooLarge")
    assert "LAMBDASCOPE_MAX_SCAN_GB" in answer["texts"][0]


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_served_proxy_answers_and_tells_its_progress(stage: Stage, transport: str) -> None:
    told: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    asked = {"function_names": ["demo-charge-card"], "preset": "slowest", "limit": 1_000}
    async with stage.client(transport) as client:
        called = await invoke(client, "demo-charge-card", CHARGED)
        answer = answer_of(await client.call_tool("query_logs", asked, progress_callback=hear))
        found = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
        (row,) = [each for each in found if each["request_id"] == called["request_id"]]
        assert (row["duration_ms"], row["billed_ms"]) == (called["duration_ms"], called["billed_ms"])
        await stage.row(called["call_id"])
        inspected = await ask(client, "inspect_execution", request_id=called["request_id"])
    assert inspected["execution"]["call_id"] == called["call_id"]
    assert inspected["log_lines"]
    assert any("Logs Insights query" in message for message in told)
