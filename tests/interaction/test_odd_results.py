"""What Lambda may answer that no handler of a managed runtime can: played by an endpoint of ours."""

import base64
import json
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from mcp import Client
from stage.answers import invoke
from stage.proxies import HttpProxy, Stage
from stage.stubs import REPORT, LambdaStub

pytestmark = pytest.mark.anyio

UNESCAPED = {"n": 1.50, "text": 'é 😀 "quoted" \\ \u2028', "nested": {"a": [None, True, {"": 0}]}, "big": 2**70}


@pytest.fixture(scope="module")
def stub() -> Generator[LambdaStub]:
    made = LambdaStub()
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def stub_stage(house: Stage, stub: LambdaStub) -> Stage:
    return house.having(**stub.environment(), FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY=None)


@pytest.fixture(scope="module")
def stub_proxy(stub_stage: Stage) -> HttpProxy:
    return stub_stage.serve_http()


@pytest.fixture
async def client(stub_proxy: HttpProxy, stub: LambdaStub) -> AsyncGenerator[Client]:
    async with stub_proxy.client() as connected:
        yield connected
        stub.answers(b'"fine"')
        answer = await invoke(connected, "stubbed")
        assert (answer["outcome"], answer["result"]) == ("ok", "fine"), "the server goes on"


async def test_a_payload_reaches_the_function_byte_for_byte_whatever_is_propagated(
    client: Client, stub: LambdaStub
) -> None:
    answer = await invoke(client, "stubbed", UNESCAPED)
    request = stub.received[-1]
    assert request.body == json.dumps(UNESCAPED, ensure_ascii=False, separators=(",", ":")).encode()
    carried = json.loads(base64.b64decode(request.headers["X-Amz-Client-Context"]))
    assert carried["custom"]["traceparent"].split("-")[1] == answer["trace_id"]
    assert request.headers["X-Amzn-Trace-Id"].startswith(f"Root=1-{answer['trace_id'][:8]}-{answer['trace_id'][8:]};")


@pytest.mark.parametrize(
    "body",
    [b"<html>it works</html>", b"caf\xe9 \xff\xfe", b'{"a": ', b"\x00\x01\x02", b"[" * 200_000],
    ids=["html", "invalid UTF-8", "torn", "binary", "too deep"],
)
async def test_a_result_that_is_not_json_is_a_tool_error_that_shows_how_it_begins(
    client: Client, stub: LambdaStub, stub_stage: Stage, body: bytes
) -> None:
    stub.answers(body)
    answer = await invoke(client, "stubbed")
    assert answer["is_error"]
    assert (answer["outcome"], answer["error_type"]) == ("tool_error", "NonJsonResult")
    assert f"{len(body)} bytes" in answer["error_message"]
    assert body[:5].decode(errors="replace") in answer["error_message"]
    assert "must return JSON" in answer["next_step"]
    row = await stub_stage.row(answer["call_id"])
    assert (row["outcome"], row["response_bytes"]) == ("tool_error", len(body))
    assert (row["billed_ms"], row["cost_source"]) == (2, "measured"), "it ran, so it cost"


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b'"\\ud83d"', "\ufffd"),
        (b'{"\\udc00": ["x\\ud800y"]}', {"\ufffd": ["x\ufffdy"]}),
    ],
)
async def test_half_a_surrogate_pair_in_a_result_does_not_break_the_answer(
    client: Client, stub: LambdaStub, body: bytes, result: Any
) -> None:
    """JavaScript functions that cut a string in the middle of an emoji return this; UTF-8 cannot carry it."""
    stub.answers(body)
    answer = await invoke(client, "stubbed")
    assert (answer["outcome"], answer["result"]) == ("ok", result)


async def test_half_a_surrogate_pair_in_an_error_does_not_break_the_answer(
    client: Client, stub: LambdaStub, stub_stage: Stage
) -> None:
    body = b'{"errorType": "Error\\ud800", "errorMessage": "no \\ud83d", "trace": ["at \\udc00"]}'
    stub.answers(body, X_Amz_Function_Error="Unhandled")
    answer = await invoke(client, "stubbed")
    assert answer["outcome"] == "function_error"
    assert (await stub_stage.row(answer["call_id"]))["outcome"] == "function_error"


async def test_nan_in_a_result_does_not_break_the_answer(client: Client, stub: LambdaStub) -> None:
    """Python's json writes NaN and Infinity, which JSON does not know: a client's parser would refuse all of it."""
    stub.answers(b'{"mean": NaN, "max": Infinity}')
    answer = await invoke(client, "stubbed")
    assert answer["texts"][0] == '{"mean": NaN, "max": Infinity}'
    assert answer["result"] == {"mean": None, "max": None}


async def test_an_answer_without_a_report_line_is_estimated_from_the_time_we_waited(
    client: Client, stub: LambdaStub, stub_stage: Stage
) -> None:
    stub.answers(b"1", tail=b"some log\n")
    row = await stub_stage.row((await invoke(client, "stubbed"))["call_id"])
    assert row["cost_source"] == "estimated"
    assert row["cost_usd"] > 0
    unknown = ("duration_ms", "billed_ms", "init_ms", "max_memory_mb", "cold_start", "overhead_ms")
    assert {row[name] for name in unknown} == {None}


async def test_a_report_line_of_another_request_is_not_taken_for_ours(
    client: Client, stub: LambdaStub, stub_stage: Stage
) -> None:
    stub.answers(b"1", tail=REPORT.replace("stub-request", "another").encode())
    row = await stub_stage.row((await invoke(client, "stubbed"))["call_id"])
    assert (row["billed_ms"], row["cost_source"]) == (None, "estimated")


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (403, "AccessDeniedException", "access_denied"),
        (403, "ExpiredTokenException", "access_denied"),
        (500, "ServiceException", "aws_error"),
        (502, "EC2ThrottledException", "aws_error"),
        (413, "RequestTooLargeException", "payload_too_large"),
        (404, "ResourceNotFoundException", "not_found"),
    ],
)
async def test_an_error_of_aws_is_told_with_its_code_and_a_next_step_after_one_attempt(
    client: Client, stub: LambdaStub, stub_stage: Stage, status: int, code: str, outcome: str
) -> None:
    before = len(stub.received)
    stub.answers(b'{"message": "because we say so"}', status=status, tail=b"", x_amzn_ErrorType=code)
    answer = await invoke(client, "stubbed")
    assert answer["is_error"]
    assert (answer["outcome"], answer["error_type"]) == (outcome, code)
    assert "because we say so" in answer["error_message"]
    assert answer["next_step"]
    assert len(stub.received) == before + 1, "a call that may have run is never sent again"
    row = await stub_stage.row(answer["call_id"])
    assert (row["outcome"], row["attempts"], row["cost_usd"], row["cost_source"]) == (outcome, 1, None, "none")


async def test_an_answer_that_is_not_awss_at_all_is_a_tool_error(client: Client, stub: LambdaStub) -> None:
    stub.answers(b"<html>Bad Gateway</html>", status=502, tail=b"")
    answer = await invoke(client, "stubbed")
    assert answer["is_error"]
    assert answer["outcome"] == "aws_error"
