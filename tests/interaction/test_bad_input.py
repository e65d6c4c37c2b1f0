"""Bad input: a clear tool error with cause and next step, its outcome in the history, and the server goes on."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from stage.answers import invoke, told
from stage.proxies import HttpProxy, Stage

from lambdascope_proxy.local import LocalAws

pytestmark = pytest.mark.anyio

SYNC_BYTES, EVENT_BYTES = 6_291_456, 1_048_576


@pytest.fixture(scope="module", params=["stdio-auto", "http-legacy"])
async def calm_client(request: pytest.FixtureRequest, house: Stage, proxy: HttpProxy) -> AsyncGenerator[Client]:
    """One client over each transport, and so one connection on which everything below goes wrong."""
    async with house.stdio_client() if request.param == "stdio-auto" else proxy.client("legacy") as connected:
        yield connected


@pytest.fixture
async def client(calm_client: Client) -> AsyncGenerator[Client]:
    """After each test a good call must still be answered."""
    yield calm_client
    assert (await invoke(calm_client, "odd-scalar", {"value": "still here"}))["result"] == "still here"


async def _fails(client: Client, house: Stage, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call that must be a tool error: its answer and its row, which must agree."""
    answer = told(await client.call_tool("invoke_function", arguments))
    assert answer["is_error"]
    assert answer["texts"][0].startswith(f"{answer['outcome']}: {answer['error_type']}: ")
    assert answer["next_step"], "every failure says what to do next"
    row = await house.row(answer["call_id"])
    assert (row["outcome"], row["error_type"]) == (answer["outcome"], answer["error_type"])
    assert row["error_fingerprint"]
    return answer, row


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "function_name"),
        ({"payload": {}}, "function_name"),
        ({"function_name": 7}, "function_name"),
        ({"function_name": None}, "function_name"),
        ({"function_name": ""}, "function_name"),
        ({"function_name": "odd-echo", "function": "odd-echo"}, "'function'"),
        ({"function_name": "odd-echo", "payloads": {}}, "'payloads'"),
        ({"function_name": "odd-echo", "invocation_type": "Sometimes"}, "invocation_type"),
        ({"function_name": "odd-echo", "invocation_type": ["Event"]}, "invocation_type"),
        ({"function_name": "odd-echo", "log_type": True}, "log_type"),
        ({"function_name": "odd-echo", "qualifier": ""}, "qualifier"),
    ],
)
async def test_malformed_arguments_are_refused_by_name_and_nothing_runs(
    client: Client, house: Stage, local_aws: LocalAws, arguments: dict[str, Any], named: str
) -> None:
    before = local_aws.executions("odd-echo")
    answer, row = await _fails(client, house, arguments)
    assert answer["outcome"] == "invalid_arguments"
    assert named in answer["error_message"]
    assert "function_name, payload, invocation_type" in answer["next_step"]
    assert (row["attempts"], row["cost_usd"], row["cost_source"]) == (None, None, "none")
    assert local_aws.executions("odd-echo") == before


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("demo-no-such", "not_found"),
        ("demo-order-status:live", "not_found"),
        ("payroll", "refused"),
        ("no-such", "refused"),
        ("ODD-ECHO", "refused"),
        ("odd-echo\n", "refused"),
        ("arn:aws:lambda:us-east-1:123456789012:function:payroll", "refused"),
    ],
    ids=lambda value: ascii(value)[:40],
)
async def test_a_function_that_does_not_exist_or_is_not_allowed_is_not_called(
    client: Client, house: Stage, local_aws: LocalAws, name: str, outcome: str
) -> None:
    """An ARN, a qualified name or another case must not be a way around the allow-list."""
    before = local_aws.executions("payroll")
    answer, _ = await _fails(client, house, {"function_name": name})
    assert answer["outcome"] == outcome
    assert "FUNCTION_PREFIX=demo-" in answer["error_message"], "it says which setting decides"
    assert "list_functions" in answer["next_step"]
    assert local_aws.executions("payroll") == before


async def test_a_name_no_function_can_have_is_refused_without_being_echoed_at_length(
    client: Client, house: Stage
) -> None:
    answer, _ = await _fails(client, house, {"function_name": "odd-" + "x" * 100_000})
    assert answer["outcome"] in {"refused", "invalid_arguments"}
    assert len(answer["texts"][0]) < 5_000


@pytest.mark.parametrize("qualifier", ["next", "99"])
async def test_a_wrong_qualifier_is_not_found(client: Client, house: Stage, qualifier: str) -> None:
    answer, row = await _fails(client, house, {"function_name": "demo-recommend-products", "qualifier": qualifier})
    assert (answer["outcome"], answer["error_type"]) == ("not_found", "ResourceNotFoundException")
    assert qualifier in answer["error_message"]
    assert "qualifier" in answer["next_step"]
    assert row["qualifier"] == qualifier


async def test_a_payload_that_fails_its_schema_names_the_place_and_is_not_paid_for(
    client: Client, house: Stage, local_aws: LocalAws
) -> None:
    before = local_aws.executions("demo-create-order")
    payload = {"customer": "a@example.com", "lines": [{"sku": "mug", "quantity": 1}, {"sku": "spoon", "quantity": 0}]}
    answer, _ = await _fails(client, house, {"function_name": "demo-create-order", "payload": payload})
    assert (answer["outcome"], answer["error_type"]) == ("invalid_arguments", "PayloadInvalid")
    assert "lines" in answer["error_message"]
    assert "1" in answer["error_message"]
    assert "sku" in answer["error_message"]
    assert "quantity" in answer["error_message"]
    assert "get_function_schema" in answer["next_step"]
    assert local_aws.executions("demo-create-order") == before


@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", SYNC_BYTES), ("Event", EVENT_BYTES)])
async def test_a_payload_one_byte_over_the_limit_is_refused_and_one_at_the_limit_is_taken(
    client: Client, house: Stage, local_aws: LocalAws, kind: str, limit: int
) -> None:
    fitting = "x" * (limit - len('{"count":""}'))
    before = local_aws.executions("odd-scalar")
    arguments = {"function_name": "odd-scalar", "invocation_type": kind, "payload": {"count": f"{fitting}x"}}
    answer, row = await _fails(client, house, arguments)
    assert answer["outcome"] == "payload_too_large"
    assert f"{limit + 1} bytes" in answer["error_message"]
    assert str(limit) in answer["error_message"].replace(str(limit + 1), "")
    assert not row["attempts"], "nothing was sent"
    assert local_aws.executions("odd-scalar") == before
    taken = await invoke(client, "odd-scalar", {"count": fitting}, invocation_type=kind)
    assert taken["outcome"] == ("ok" if kind == "RequestResponse" else "accepted")


async def test_a_throttle_is_retried_within_its_budget_and_every_attempt_is_counted(
    client: Client, house: Stage, local_aws: LocalAws
) -> None:
    """With a budget of 1 s the pauses 0.1-0.2, 0.2-0.4, 0.4-0.8, 0.8-1.6 allow two or three further attempts."""
    before = _throttles(local_aws)
    answer, row = await _fails(client, house, {"function_name": "odd-throttled"})
    assert (answer["outcome"], answer["error_type"]) == ("throttled", "TooManyRequestsException")
    assert "ReservedFunctionConcurrentInvocationLimitExceeded" in answer["next_step"]
    assert answer["attempts"] == row["attempts"] == _throttles(local_aws) - before
    assert row["attempts"] in {3, 4}
    assert (row["cost_usd"], row["cost_source"]) == (None, "none"), "AWS does not bill a throttle"


def _throttles(local_aws: LocalAws) -> int:
    return sum(record.outcome == "throttled" for record in local_aws.journal.invocations())


@pytest.mark.parametrize(
    ("function", "payload", "outcome", "error_type"),
    [
        ("odd-quitter", {}, "function_error", "Runtime.ExitError"),
        ("odd-hog", {}, "out_of_memory", "Runtime.OutOfMemory"),
        ("odd-sleeper", {}, "function_timeout", "Sandbox.Timedout"),
        ("odd-scalar", {"neither": 1}, "function_error", "KeyError"),
        ("odd-scalar", None, "function_error", "KeyError"),
    ],
)
async def test_a_function_that_dies_is_told_apart_and_what_it_cost_is_known(
    client: Client, house: Stage, function: str, payload: Any, outcome: str, error_type: str
) -> None:
    arguments = {"function_name": function, **({} if payload is None else {"payload": payload})}
    answer, row = await _fails(client, house, arguments)
    assert (answer["outcome"], answer["error_type"]) == (outcome, error_type)
    assert answer["request_id"] in answer["texts"][0], "with it the function's owner finds the log"
    assert row["cost_source"] == "measured"
    assert row["billed_ms"] > 0
    assert row["cost_usd"] > 0
    assert row["attempts"] == 1


async def test_a_20_mb_log_is_cut_to_its_last_4_kb(client: Client, house: Stage) -> None:
    answer = await invoke(client, "odd-chatty", {"megabytes": 20}, log_type="Tail")
    assert answer["outcome"] == "ok"
    assert len(answer["log_tail"]) <= 4096
    assert "the last line" in answer["log_tail"]
    row = await house.row(answer["call_id"])
    assert (row["cost_source"], row["billed_ms"]) == ("measured", answer["billed_ms"])


async def test_a_log_that_is_not_utf_8_is_shown_as_far_as_it_can_be(client: Client) -> None:
    answer = await invoke(client, "odd-garbled", log_type="Tail")
    assert (answer["outcome"], answer["result"], answer["cost_source"]) == ("ok", "written", "measured")
    assert "caf\ufffd" in answer["log_tail"]


async def test_report_lines_that_a_function_prints_are_not_believed(client: Client, house: Stage) -> None:
    answer = await invoke(client, "odd-liar", log_type="Tail")
    assert "899999" in answer["log_tail"], "the lie is in what was parsed"
    row = await house.row(answer["call_id"])
    assert row["billed_ms"] < 60_000
    assert (row["memory_mb"], row["cost_source"]) == (128, "measured")


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "", "text", [], [1, [2]], {}, {"errorType": "NotAnError"}])
async def test_any_json_a_function_returns_is_its_result(client: Client, value: Any) -> None:
    answer = await invoke(client, "odd-scalar", {"value": value})
    assert (answer["outcome"], answer["result"], answer["texts"][0]) == ("ok", value, json.dumps(value))


@pytest.mark.parametrize("payload", [{}, [], "", 0, False, None, "text", [1, {"a": []}]], ids=repr)
async def test_any_json_can_be_a_payload(client: Client, payload: Any) -> None:
    """An empty or false payload must not be taken for none: None in JSON is a value too."""
    answer = told(await client.call_tool("invoke_function", {"function_name": "odd-echo", "payload": payload}))
    assert (answer["outcome"], answer["result"]["event"]) == ("ok", payload)


async def test_a_payload_left_out_is_an_empty_object(client: Client) -> None:
    assert (await invoke(client, "odd-echo"))["result"]["event"] == {}


@pytest.mark.parametrize("name", ["no_such_tool", "", "odd-echo", "x" * 5000])
async def test_an_unknown_tool_is_a_protocol_error(client: Client, name: str) -> None:
    with anyio.fail_after(30), pytest.raises(MCPError) as raised:
        await client.call_tool(name, {})
    assert raised.value.error.code == -32602
    assert len(raised.value.error.message) < 200
