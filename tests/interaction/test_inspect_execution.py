"""One execution told whole, through a real client over functions that really ran: however it ended or was called."""

import base64
import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import boto3
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.looking import Lookout, lookout
from stage.waiting import asked_until, eventually

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.demo import demo_functions

pytestmark = pytest.mark.anyio
HERE = Path(__file__).parent / "functions"
CHARGE_CARD = next(function.code for function in demo_functions() if function.name == "demo-charge-card")
FORMATS = ["Text", "JSON"]
DECLINED, CHARGED = {"order_id": 1005}, {"order_id": 1001}
MEASURED = ("duration_ms", "billed_ms", "init_ms", "memory_mb", "max_memory_mb")


def functions_of(log_format: str) -> list[LocalFunction]:
    made: list[tuple[str, Path, dict[str, Any]]] = [
        ("pay", CHARGE_CARD, {"architecture": "arm64"}),
        ("slow", HERE / "sleeper", {"timeout_s": 1}),
        ("hog", HERE / "hog", {"memory_mb": 160, "timeout_s": 20}),
        ("liar", HERE / "liar", {"log_group": "/shop/shared"}),
        ("chatty", HERE / "chatty", {"timeout_s": 30, "memory_mb": 512}),
    ]
    return [
        LocalFunction(name=f"{name}-{log_format}", code=code, log_format=log_format, **more)
        for name, code, more in made
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lookout]:
    functions = [function for log_format in FORMATS for function in functions_of(log_format)]
    with lookout(functions, tmp_path_factory.mktemp("inspected") / "history") as made:
        yield made


@pytest.fixture(scope="module")
async def client(place: Lookout) -> AsyncGenerator[Client]:
    async with place.first_client() as made:
        yield made


@pytest.fixture(scope="module")
def direct(place: Lookout) -> Any:
    """A client of Lambda that goes round the proxy."""
    return boto3.client("lambda", region_name="us-east-1")


async def inspected(client: Client, **arguments: Any) -> dict[str, Any]:
    """Everything known; the text is short."""
    answer = await ask(client, "inspect_execution", **arguments)
    assert not answer["is_error"], answer["texts"]
    assert len("\n".join(answer["texts"]).encode()) < 8_000
    return answer


async def recorded(
    client: Client, place: Lookout, function: str, payload: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call, and what is known of it once its row is written."""
    called = await invoke(client, function, payload)
    await place.history.row(called["call_id"])
    return called, await inspected(client, call_id=called["call_id"])


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize(
    ("name", "payload", "outcome", "told"),
    [
        ("pay", CHARGED, "ok", "charging"),
        ("pay", DECLINED, "function_error", "insufficient funds"),
        ("slow", {}, "function_timeout", "timeout|Task timed out"),
        ("hog", {}, "out_of_memory", "Runtime.OutOfMemory"),
    ],
)
async def test_a_call_is_told_with_its_figures_its_clocks_and_its_lines(
    client: Client, place: Lookout, log_format: str, name: str, payload: Any, outcome: str, told: str
) -> None:
    called, found = await recorded(client, place, f"{name}-{log_format}", payload)
    execution = found["execution"]
    assert (found["source"], execution["outcome"], called["outcome"]) == ("history", outcome, outcome)
    assert {column: execution.get(column) for column in MEASURED} == {column: called[column] for column in MEASURED}
    assert (execution["cost_usd"], execution["cost_source"]) == (called["cost_usd"], "measured")
    assert sum(clock["share"] for clock in found["clocks"]) == pytest.approx(1, abs=0.01)
    assert {clock["name"] for clock in found["clocks"]} >= {"proxy", "network and platform", "handler"}

    (attempt,) = found["attempts"]
    # What the log says of it is what the answer to the call said.
    assert {column: attempt.get(column) for column in MEASURED} == {column: called[column] for column in MEASURED}
    assert (attempt["outcome"], attempt["executed_version"]) == (outcome, "$LATEST")
    lines = found["log_lines"]
    assert any(re.search(told, line) for line in lines)
    marks = [line for line in lines if called["request_id"] in line and re.search(r"START|platform\.start", line)]
    assert len(marks) == 1
    assert re.search(r"REPORT|platform\.report", lines[-1])
    assert found["links"]["trace"] == f"https://traces.example/{called['trace_id']}"
    assert "$252Faws$252Flambda" in found["links"]["log_stream"]
    assert "notes" not in found


@pytest.mark.parametrize("log_format", FORMATS)
async def test_a_request_that_went_round_the_proxy_is_told_by_its_log(
    client: Client, direct: Any, place: Lookout, log_format: str
) -> None:
    name = f"pay-{log_format}"
    call = lambda: direct.invoke(FunctionName=name, Payload=json.dumps(DECLINED), LogType="Tail")  # noqa: E731 -- for a thread
    response = await anyio.to_thread.run_sync(call)
    request_id = response["ResponseMetadata"]["RequestId"]
    alone = await ask(client, "inspect_execution", request_id=request_id)
    assert (alone["outcome"], alone["error_type"]) == ("invalid_arguments", "FunctionNameNeeded")
    found = await inspected(client, request_id=request_id, function_name=name)
    (known,) = [each for each in place.aws.journal.invocations() if each.request_id == request_id]
    execution = found["execution"]
    assert found["source"] == "logs"
    assert (execution["outcome"], execution["error_type"]) == ("function_error", "CardDeclinedError")
    assert (execution["duration_ms"], execution["billed_ms"]) == (known.duration_ms, known.billed_ms)
    assert (execution["max_memory_mb"], execution.get("init_ms")) == (known.max_memory_mb, known.init_ms)
    assert execution["cost_source"] == "logs"
    # The same execution through the proxy would have been recorded at this price.
    assert Decimal(execution["cost_usd"]) == price_of(known.billed_ms)
    if log_format == "Text":
        tail = base64.b64decode(response["LogResult"]).decode().splitlines()
        shown = "\n".join(found["log_lines"])
        assert all(line.replace("\N{NO-BREAK SPACE}", " ").rstrip() in shown for line in tail)


def price_of(billed_ms: int) -> Decimal:
    """Of 128 MB on arm64 in us-east-1, from the published rates."""
    exact = Decimal("0.0000002") + Decimal(billed_ms) / 1000 * Decimal(128) / 1024 * Decimal("0.0000133334")
    return exact.quantize(Decimal("1e-12"))


@pytest.mark.parametrize("log_format", FORMATS)
async def test_an_asynchronous_call_shows_every_attempt_before_the_history_knows_its_end(
    client: Client, place: Lookout, log_format: str
) -> None:
    called = await invoke(client, f"pay-{log_format}", DECLINED, invocation_type="Event")
    await place.history.row(called["call_id"])
    attempts = await eventually(lambda: (found := _attempts(place, called["request_id"]))[2:] and found)
    found = await asked_until(
        lambda: ask(client, "inspect_execution", call_id=called["call_id"]), lambda it: len(it["attempts"]) == 3
    )
    assert found["execution"]["outcome"] == "accepted"
    assert [each["outcome"] for each in found["attempts"]] == ["function_error"] * 3
    assert [each["billed_ms"] for each in found["attempts"]] == [each.billed_ms for each in attempts]
    assert "not reconciled yet" in found["notes"][0]
    assert "by itself" in found["next_step"]
    assert "Attempt 3: " in found["texts"][0]
    assert [clock["name"] for clock in found["clocks"]] == ["proxy", "network and platform, to accept it"]


def _attempts(place: Lookout, request_id: str) -> list[Any]:
    return [each for each in place.aws.journal.invocations() if each.request_id == request_id]


@pytest.mark.parametrize("log_format", FORMATS)
async def test_reports_that_a_function_prints_deceive_nobody_also_in_a_shared_group(
    client: Client, place: Lookout, log_format: str
) -> None:
    called, found = await recorded(client, place, f"liar-{log_format}", {})
    (attempt,) = found["attempts"]
    assert attempt["billed_ms"] == called["billed_ms"] < 10_000


@pytest.mark.parametrize("log_format", FORMATS)
async def test_of_a_log_of_megabytes_the_newest_lines_are_kept(client: Client, place: Lookout, log_format: str) -> None:
    called, found = await recorded(client, place, f"chatty-{log_format}", {"megabytes": 2})
    assert found["attempts"][0]["billed_ms"] == called["billed_ms"]
    assert found["log_lines_left_out"] > 1_900
    assert any("the last line" in line for line in found["log_lines"][-4:])
    assert "Log, the newest" in found["texts"][0]


async def test_it_stands_among_the_calls_of_its_session(client: Client, place: Lookout) -> None:
    calls = [await invoke(client, "pay-Text", CHARGED) for _ in range(3)]
    for called in calls:
        await place.history.row(called["call_id"])
    found = await inspected(client, request_id=calls[1]["request_id"])
    around = {row["place"]: row["call_id"] for row in found["session"]}
    assert (around[-1], around[1]) == (calls[0]["call_id"], calls[2]["call_id"])


async def test_looking_is_recorded_as_such(client: Client, place: Lookout) -> None:
    began = datetime.now(UTC)
    await recorded(client, place, "pay-Text", CHARGED)
    rows: list[Mapping[str, Any]] = await place.rows(1, f"tool_name = 'inspect_execution' AND started_at >= '{began}'")
    assert (rows[0]["target"], rows[0]["outcome"], rows[0]["cost_usd"]) == ("cloudwatch", "ok", 0)


@pytest.mark.parametrize(
    ("arguments", "outcome", "error_type"),
    [
        ({}, "invalid_arguments", "OneId"),
        ({"request_id": "that one"}, "invalid_arguments", "NotAnId"),
        ({"call_id": "0196f3a2-7c00-7000-8000-000000000001"}, "not_found", "CallNotFound"),
        (
            {"request_id": "0196f3a2-7c00-4000-8000-000000000001", "function_name": "pay-Text"},
            "not_found",
            "RequestNotFound",
        ),
    ],
)
async def test_what_cannot_be_told_is_a_tool_error_with_a_next_step(
    client: Client, place: Lookout, arguments: dict[str, Any], outcome: str, error_type: str
) -> None:
    await recorded(client, place, "pay-Text", CHARGED)
    answer = await ask(client, "inspect_execution", **arguments)
    assert (answer["is_error"], answer["outcome"], answer["error_type"]) == (True, outcome, error_type)
    assert answer["next_step"]
