"""Invoke and InvokeWithResponseStream as boto3 sees them."""

import base64
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.invoking import _frame

ECHO = """
    import os

    def handler(event, context):
        print("got", event if len(str(event)) < 200 else "much")
        match event:
            case {"raise": text}:
                raise LookupError(text)
            case {"return": size}:
                return "x" * (size - 2)
            case {"print": count}:
                print("é" * count)
            case {"show": "context"}:
                return {
                    "id": context.aws_request_id,
                    "arn": context.invoked_function_arn,
                    "version": context.function_version,
                    "custom": context.client_context and context.client_context.custom,
                    "w3c": context.w3c(),
                    "trace": os.environ["_X_AMZN_TRACE_ID"],
                }
        return {"event": event if len(str(event)) < 200 else len(event), "pid": os.getpid()}
"""
CONTEXT = json.dumps({"show": "context"})
ARN = "arn:aws:lambda:us-east-1:123456789012:function:echo"


@pytest.fixture
def aws(run_aws: Any, write_code: Any) -> Any:
    code = write_code(ECHO)
    return run_aws(LocalFunction(name="echo", code=code, versions={"1": code, "2": code}, aliases={"live": "2"}))


@pytest.fixture
def client(aws: Any, client_of: Any) -> Any:
    return client_of(aws)


def body(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())


def tail(answer: Any) -> str:
    return base64.b64decode(answer["LogResult"]).decode(errors="replace")


def test_one_request_id_is_in_the_answer_the_context_and_the_report(client: Any) -> None:
    answer = client.invoke(FunctionName="echo", Payload=CONTEXT, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert body(answer)["id"] == request_id
    assert f"START RequestId: {request_id} Version: $LATEST\n" in tail(answer)
    assert f"\nREPORT RequestId: {request_id}\t" in tail(answer)


def test_without_the_tail_there_is_no_log_result(client: Any) -> None:
    answer = client.invoke(FunctionName="echo")
    assert body(answer)
    assert "LogResult" not in answer


@pytest.mark.parametrize(
    ("name", "qualifier", "version", "arn"),
    [
        ("echo", None, "$LATEST", ARN),
        ("echo", "$LATEST", "$LATEST", f"{ARN}:$LATEST"),
        ("echo", "1", "1", f"{ARN}:1"),
        ("echo", "live", "2", f"{ARN}:live"),
        ("echo:live", None, "2", f"{ARN}:live"),
        ("123456789012:function:echo", None, "$LATEST", ARN),
        ("123456789012:function:echo:1", None, "1", f"{ARN}:1"),
        (ARN, None, "$LATEST", ARN),
        (f"{ARN}:live", "live", "2", f"{ARN}:live"),
    ],
)
def test_a_function_is_found_by_every_name_aws_knows(
    client: Any, name: str, qualifier: str | None, version: str, arn: str
) -> None:
    more = {"Qualifier": qualifier} if qualifier else {}
    answer = client.invoke(FunctionName=name, Payload=CONTEXT, **more)
    assert answer["ExecutedVersion"] == version
    shown = body(answer)
    assert (shown["version"], shown["arn"]) == (version, arn)


@pytest.mark.parametrize(
    ("name", "qualifier", "code", "message"),
    [
        ("nope", None, "ResourceNotFoundException", "Function not found: {0}nope"),
        ("echo", "7", "ResourceNotFoundException", "Function not found: {0}echo:7"),
        ("echo:gone", None, "ResourceNotFoundException", "Function not found: {0}echo:gone"),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:echo",
            None,
            "ResourceNotFoundException",
            "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:echo",
        ),
        (
            "echo:live",
            "1",
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
    ],
)
def test_what_does_not_exist_is_refused_in_the_words_of_aws(
    client: Any, name: str, qualifier: str | None, code: str, message: str
) -> None:
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name, **({"Qualifier": qualifier} if qualifier else {}))
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert error["Message"] == message.format("arn:aws:lambda:us-east-1:123456789012:function:")
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_an_empty_payload_is_an_empty_event(client: Any) -> None:
    assert body(client.invoke(FunctionName="echo"))["event"] == {}


@pytest.mark.parametrize("payload", ["{", "NaN", "[1] 2", "[" * 100_000, b"\xff"])
def test_a_payload_that_is_not_json_is_refused_and_does_not_run(aws: Any, client: Any, payload: Any) -> None:
    with pytest.raises(client.exceptions.InvalidRequestContentException) as caught:
        client.invoke(FunctionName="echo", Payload=payload)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert aws.executions("echo") == 0


@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_a_request_may_be_as_large_as_the_limit_and_no_larger(client: Any, kind: str, limit: int) -> None:
    fits = b'"' + b"x" * (limit - 2) + b'"'
    answer = client.invoke(FunctionName="echo", InvocationType=kind, Payload=fits)
    assert answer["StatusCode"] in {200, 202}
    answer["Payload"].close()
    with pytest.raises(client.exceptions.RequestTooLargeException) as caught:
        client.invoke(FunctionName="echo", InvocationType=kind, Payload=fits + b" ")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert str(limit) in caught.value.response["Error"]["Message"]


def test_a_response_may_be_as_large_as_the_limit_and_no_larger(client: Any) -> None:
    limit = 6_291_556
    fits = client.invoke(FunctionName="echo", Payload=json.dumps({"return": limit}))
    assert "FunctionError" not in fits
    assert len(fits["Payload"].read()) == limit
    answer = client.invoke(FunctionName="echo", Payload=json.dumps({"return": limit + 1}))
    assert answer["FunctionError"] == "Unhandled"
    assert body(answer) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


def test_the_tail_is_the_last_4_kb_even_in_the_middle_of_a_character(client: Any) -> None:
    answer = client.invoke(FunctionName="echo", Payload=json.dumps({"print": 5000}), LogType="Tail")
    answer["Payload"].close()
    raw = base64.b64decode(answer["LogResult"])
    assert len(raw) == 4096
    assert raw.decode(errors="replace").rstrip().splitlines()[-1].startswith("REPORT RequestId: ")


def test_a_raised_exception_is_a_function_error_with_status_200(client: Any) -> None:
    answer = client.invoke(FunctionName="echo", Payload=json.dumps({"raise": "no such order"}), LogType="Tail")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    payload = body(answer)
    assert payload["errorType"] == "LookupError"
    assert payload["errorMessage"] == "no such order"
    assert payload["requestId"] == answer["ResponseMetadata"]["RequestId"]
    (frame,) = payload["stackTrace"]
    assert frame.endswith("in handler\n    raise LookupError(text)\n")
    assert "[ERROR] LookupError: no such order\nTraceback (most recent call last):\n" in tail(answer)
    assert "Status:" not in tail(answer)


def test_a_dry_run_answers_204_and_runs_nothing(aws: Any, client: Any) -> None:
    answer = client.invoke(FunctionName="echo", InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")
    assert aws.executions("echo") == 0


def test_the_client_context_and_the_trace_reach_the_function(client: Any) -> None:
    context = {"custom": {"key": "wërt"}, "w3c": {"traceparent": "00-aa-bb-01", "other": "no"}}
    trace = "Root=1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12;Parent=3c9e1f7a5b2d4860;Sampled=1"

    def add_trace(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = trace

    client.meta.events.register("before-sign.lambda.Invoke", add_trace)
    encoded = base64.b64encode(json.dumps(context).encode()).decode()
    answer = client.invoke(FunctionName="echo", Payload=CONTEXT, ClientContext=encoded, LogType="Tail")
    shown = body(answer)
    assert shown["custom"] == {"key": "wërt"}
    assert shown["w3c"] == {"traceparent": "00-aa-bb-01"}
    assert shown["trace"] == trace
    assert "\nXRAY TraceId: 1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12\tSegmentId: " in tail(answer)


@pytest.mark.parametrize("given", ["%%%", base64.b64encode(b"[]").decode(), base64.b64encode(b'"' * 3000).decode()])
def test_a_client_context_that_is_no_json_object_is_refused(client: Any, given: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName="echo", ClientContext=given)


def test_a_stream_brings_the_whole_payload_then_the_log(client: Any) -> None:
    answer = client.invoke_with_response_stream(
        FunctionName="echo", Payload=json.dumps({"return": 200_000}), LogType="Tail"
    )
    assert answer["ExecutedVersion"] == "$LATEST"
    *chunks, complete = list(answer["EventStream"])
    assert b"".join(chunk["PayloadChunk"]["Payload"] for chunk in chunks) == b'"' + b"x" * 199_998 + b'"'
    assert len(chunks) > 1
    assert "ErrorCode" not in complete["InvokeComplete"]
    assert b"REPORT RequestId: " in base64.b64decode(complete["InvokeComplete"]["LogResult"])


def test_a_failure_shows_only_at_the_end_of_a_stream(client: Any) -> None:
    answer = client.invoke_with_response_stream(FunctionName="echo", Payload=json.dumps({"raise": "late"}))
    assert answer["StatusCode"] == 200
    (complete,) = list(answer["EventStream"])
    assert complete["InvokeComplete"]["ErrorCode"] == "LookupError"
    assert json.loads(complete["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "late"


def test_a_stream_of_an_unknown_function_is_a_404(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke_with_response_stream(FunctionName="nope")


def test_a_stream_can_be_a_dry_run_but_not_an_event(aws: Any, client: Any) -> None:
    answer = client.invoke_with_response_stream(FunctionName="echo", InvocationType="DryRun")
    assert (answer["StatusCode"], list(answer["EventStream"])) == (204, [])
    assert aws.executions("echo") == 0


@settings(deadline=None)
@given(payload=st.binary(max_size=3000), event_type=st.text("abcXYZ", min_size=1, max_size=40))
def test_a_frame_reads_back_as_it_was(payload: bytes, event_type: str) -> None:
    """Catches a wrong length or checksum in our encoder: botocore's decoder verifies both."""
    buffer = EventStreamBuffer()
    buffer.add_data(_frame(event_type, "application/json", payload))
    (message,) = list(buffer)
    assert message.payload == payload
    assert message.headers == {
        ":message-type": "event",
        ":event-type": event_type,
        ":content-type": "application/json",
    }


def test_reserved_concurrency_zero_refuses_every_call(run_aws: Any, write_code: Any, client_of: Any) -> None:
    client = client_of(run_aws(LocalFunction(name="off", code=write_code(ECHO), reserved_concurrency=0)))
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.invoke(FunctionName="off")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_reserved_concurrency_counts_calls_in_flight(
    run_aws: Any, write_code: Any, client_of: Any, tmp_path: Path
) -> None:
    """The handler tells over a socket that it runs and waits for leave, so that the second call comes in between."""
    code = write_code("""
        import os, socket

        def handler(event, context):
            with socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))) as gate:
                return gate.recv(10).decode()
    """)
    with socket.create_server(("127.0.0.1", 0)) as gate, ThreadPoolExecutor() as pool:
        gate.settimeout(20)
        port = {"PORT": str(gate.getsockname()[1])}
        aws = run_aws(LocalFunction(name="one", code=code, reserved_concurrency=1, environment=port, timeout_s=30))
        client = client_of(aws)
        first = pool.submit(client.invoke, FunctionName="one")
        running, _ = gate.accept()
        with running:
            with pytest.raises(client.exceptions.TooManyRequestsException):
                client.invoke(FunctionName="one")
            running.sendall(b"go on")
        assert body(first.result(20)) == "go on"
        again = pool.submit(client.invoke, FunctionName="one")
        with gate.accept()[0] as running:
            running.sendall(b"again")
        assert body(again.result(20)) == "again"
    assert [record.outcome for record in aws.journal.invocations()] == ["throttled", "success", "success"]


def test_32_callers_are_served_at_the_same_time(run_aws: Any, write_code: Any, client_of: Any) -> None:
    """No handler returns before all 32 run, so a server that queues any of them would not pass."""
    callers = 32
    code = write_code("""
        import os, socket

        def handler(event, context):
            with socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))) as gate:
                gate.recv(1)
            return {"event": event, "pid": os.getpid()}
    """)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as gate, ThreadPoolExecutor(callers) as pool:
        gate.settimeout(40)
        port = {"PORT": str(gate.getsockname()[1])}
        client = client_of(run_aws(LocalFunction(name="wide", code=code, environment=port, timeout_s=60)))
        calls = [pool.submit(client.invoke, FunctionName="wide", Payload=json.dumps(n)) for n in range(callers)]
        waiting = [gate.accept()[0] for _ in range(callers)]
        for each in waiting:
            each.sendall(b"!")
            each.close()
        results = [body(call.result(40)) for call in calls]
    assert [result["event"] for result in results] == list(range(callers))
    assert len({result["pid"] for result in results}) == callers
