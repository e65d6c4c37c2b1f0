"""Spans of AWS requests: through the real instrumentation of boto3, against an AWS that answers by script."""

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
    BotocoreInstrumentor,
)
from opentelemetry.trace import SpanKind

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.telemetry.aws_spans import AwsTracer, error_type, trace_aws_clients

pytestmark = pytest.mark.usefixtures("in_script")
Trace = Callable[[bool], None]
SECRET = "arn:aws:iam::123456789012:user/ada is not authorized"


@pytest.fixture
def trace(tracing: Any) -> Generator[Trace]:
    """Instruments boto3 until the end of the test; says whether the X-Ray header is sent."""

    def get_tracer(name: str, version: str | None) -> Any:
        return tracing.tracer

    provider: Any = SimpleNamespace(get_tracer=get_tracer)
    yield lambda sends_xray: trace_aws_clients(provider, sends_xray=sends_xray)
    BotocoreInstrumentor().uninstrument()


def test_a_request_is_a_span_under_the_names_of_the_conventions(
    scripted: Any, settled_clients: Clients, tracing: Any, trace: Trace
) -> None:
    trace(False)
    scripted.will_answer(body=b'{"Functions": []}')
    settled_clients.reader("lambda").list_functions()
    (span,) = tracing.finished()
    assert (span["name"], span["kind"], span["status"]) == ("Lambda.ListFunctions", "CLIENT", "UNSET")
    told = span["attributes"]
    assert (told["rpc.system.name"], told["rpc.method"]) == ("aws-api", "Lambda/ListFunctions")
    assert (told["cloud.region"], told["aws.request_id"]) == ("us-east-1", "6f1a-request")
    assert not {"rpc.system", "rpc.service", "error.type"} & set(told)


def test_a_refused_request_is_red_under_awss_code_and_without_its_words(
    scripted: Any, settled_clients: Clients, tracing: Any, trace: Trace, capfd: pytest.CaptureFixture[str]
) -> None:
    # A text longer than the limit for attributes had the SDK write a line to stderr, too.
    trace(False)
    scripted.will_refuse(403, "AccessDeniedException", SECRET * 200)
    with pytest.raises(ClientError):
        settled_clients.reader("lambda").list_functions()
    (span,) = tracing.finished()
    assert (span["status"], span["description"], span["events"]) == ("ERROR", None, [])
    assert span["attributes"]["error.type"] == "AccessDeniedException"
    assert "ada" not in str(span)
    assert capfd.readouterr().err == ""


def test_an_address_where_nobody_listens_is_red_under_the_exceptions_type(
    settled_clients: Clients, tracing: Any, trace: Trace
) -> None:
    trace(False)

    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://ada:hunter2@proxy")

    client = settled_clients.reader("lambda")
    client.meta.events.register("before-send.lambda.ListFunctions", fail, unique_id="tests")
    with pytest.raises(EndpointConnectionError):
        client.list_functions()
    client.meta.events.unregister("before-send.lambda.ListFunctions", unique_id="tests")
    (span,) = tracing.finished()
    assert (span["status"], span["description"], span["events"]) == ("ERROR", None, [])
    assert span["attributes"]["error.type"] == "EndpointConnectionError"
    assert "hunter2" not in str(span)


@pytest.mark.parametrize("sends_xray", [True, False])
def test_aws_is_told_of_the_trace_only_where_that_is_asked_for(
    scripted: Any, settled_clients: Clients, trace: Trace, sends_xray: bool
) -> None:
    trace(sends_xray)
    scripted.will_answer(body=b'{"Functions": []}')
    settled_clients.reader("lambda").list_functions()
    assert ("x-amzn-trace-id" in scripted.requests[0].headers) is sends_xray


def test_names_that_a_later_instrumentation_may_have_are_left_as_they_are(tracing: Any) -> None:
    # Raising here would fail the request to AWS.
    told = {"rpc.system.name": "aws-api", "rpc.method": "Lambda/ListFunctions"}
    with AwsTracer(tracing.tracer).start_as_current_span("Lambda.ListFunctions", kind=SpanKind.CLIENT, attributes=told):
        pass
    assert tracing.finished()[0]["attributes"] == told


def test_an_error_answer_without_a_code_is_named_by_its_type() -> None:
    assert error_type(ClientError({}, "ListFunctions")) == "ClientError"
    assert error_type(KeyError("x")) == "KeyError"
