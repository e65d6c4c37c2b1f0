"""The endpoint itself: services it does not play, requests no SDK makes, connections kept and lost."""

import http.client
import json
import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.wire import Answer, Request

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/lambda/aws4_request, "
    "SignedHeaders=host, Signature=00"
}


@pytest.fixture
def aws(run_aws: Any) -> LocalAws:
    return run_aws()


@pytest.fixture
def connection(aws: LocalAws) -> Any:
    connection = http.client.HTTPConnection(aws.endpoint_url.removeprefix("http://"), timeout=20)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ssm", "describe_parameters", {}),  # json 1.1
        ("xray", "get_trace_summaries", {"StartTime": 0, "EndTime": 1}),  # rest-json
        ("iam", "list_users", {}),  # query
        ("ec2", "describe_instances", {}),  # ec2
        ("s3", "list_buckets", {}),  # rest-xml
        ("sqs", "list_queues", {}),  # json with query compatibility
    ],
)
def test_a_service_that_is_not_played_says_so_in_its_own_protocol(
    aws: LocalAws, boto_session: Any, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = boto_session.client(service, endpoint_url=aws.endpoint_url)
    with pytest.raises(ClientError, match="is not implemented by the local AWS") as caught:
        getattr(client, operation)(**parameters)
    client.close()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unsigned_request_is_refused(connection: Any) -> None:
    connection.request("GET", "/2015-03-31/functions/")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["message"]) == (403, "Missing Authentication Token")
    assert answer.headers["x-amzn-RequestId"]


def test_cbor_is_refused_rather_than_guessed(connection: Any) -> None:
    connection.request("POST", "/", b"\xa0", {**SIGNED, "Content-Type": "application/cbor"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (415, "UnsupportedMediaTypeException")
    answer.read()


def test_a_chunked_request_is_read_to_its_end(run_aws: Any, write_code: Any) -> None:
    """Catches the rest of a body that is taken for the next request."""
    aws = run_aws(LocalFunction(name="f", code=write_code("def handler(event, context): return event")))
    connection = http.client.HTTPConnection(aws.endpoint_url.removeprefix("http://"), timeout=20)
    for _ in range(2):
        body = iter([b'{"a":', b" " * 100_000, b"1}"])
        connection.request("POST", "/2015-03-31/functions/f/invocations", body, SIGNED, encode_chunked=True)
        assert connection.getresponse().read() == b'{"a": 1}'
    connection.close()


def test_one_connection_serves_many_requests_after_errors_too(connection: Any) -> None:
    connection.connect()
    opened = connection.sock
    for body in (b"{", b"x" * 6_291_457, b""):
        connection.request("POST", "/2015-03-31/functions/f/invocations", body, SIGNED)
        answer = connection.getresponse()
        assert answer.status == 404
        answer.read()
    connection.request("HEAD", "/2015-03-31/functions/f", headers=SIGNED)
    assert connection.getresponse().read() == b""
    connection.request("GET", "/2015-03-31/functions/", headers=SIGNED)
    assert json.loads(connection.getresponse().read()) == {"Functions": []}
    assert connection.sock is opened


def test_a_caller_that_hangs_up_harms_nobody(aws: LocalAws, connection: Any) -> None:
    port = int(aws.endpoint_url.rpartition(":")[2])
    for torn in (b"", b"GET", b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nshort", b"\x16\x03\x01"):
        with socket.create_connection(("127.0.0.1", port)) as rude:
            rude.sendall(torn)
    connection.request("GET", "/2015-03-31/functions/", headers=SIGNED)
    assert connection.getresponse().status == 200


def test_our_own_mistake_is_a_500_and_not_a_torn_connection(
    aws: LocalAws, connection: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: Request) -> Answer:
        raise RuntimeError(request.method)

    aws._endpoint.services_for = lambda _: {"lambda": broken}
    connection.request("GET", "/", headers=SIGNED)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (500, "ServiceException")
    answer.read()
    assert "RuntimeError: GET" in caplog.text
