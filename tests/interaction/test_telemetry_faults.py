"""A collector that goes wrong in any way, and variables that nobody can follow: calls go on, stderr says what it is."""

import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from stage.collectors import answering, black_hole, nobody, unknown_certificate
from stage.proxies import Stage
from stage.spans import SpanSink, attributes_of
from stage.stubs import LambdaStub
from stage.waiting import eventually
from stage.wire import Wire

pytestmark = pytest.mark.anyio

# The SDK itself would take ten seconds to give up a collector that does not answer, and thirty one that is not there.
END_S = 8
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BLRP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "200"}
# A line of the log for each call, so that there is one to export.
TALKATIVE = {"LAMBDASCOPE_SLOW_CALL_MS": "1"}


@pytest.fixture
def here(stage: Stage) -> Stage:
    return stage.having(**QUICK, **TALKATIVE, PYTHONWARNINGS=None)


def _endpoints(traces: str, metrics: str, logs: str) -> dict[str, str]:
    """One fault for each signal: a process shows three."""
    given = {"TRACES": traces, "METRICS": metrics, "LOGS": logs}
    return {f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT": endpoint for signal, endpoint in given.items()}


async def _told(stage: Stage, *awaited: str) -> list[str]:
    """What a proxy over stdio wrote to stderr: it answers calls, says what is awaited, answers again, and ends."""
    with Wire(stage.environment) as wire:
        wire.shake_hands()
        for number in range(2):
            wire.call("odd-scalar", {"value": number}, number)
            assert wire.answer_to(number)["result"]["structuredContent"]["result"] == number
            await eventually(lambda: all(any(words in line for line in _lines(wire.log)) for words in awaited))
        wire.end_input()
        assert wire.process.wait(END_S) == 0
        wire.await_end()
        assert all(line.startswith(b'{"jsonrpc":"2.0"') for line in wire.lines), "nothing but JSON-RPC on stdout"
        return _lines(wire.log)


def _lines(log: Sequence[bytes]) -> list[str]:
    """The log's messages; what is no JSON as it stands."""
    texts = [line.decode().strip() for line in log]
    return [json.loads(text)["message"] if text.startswith("{") else text for text in texts]


async def test_a_collector_that_refuses_is_told_with_its_address_and_what_to_do(here: Stage) -> None:
    with answering() as url:
        asked = _endpoints(f"{url}/401/v1/traces", f"{url}/413/v1/metrics", f"{url}/404/v1/logs")
        lines = await _told(here.having(**asked), "Unauthorized", "Request Entity Too Large", "Not Found")
    for variable, advice in (
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "too large for the collector"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "is given without /v1/traces"),
    ):
        (line,) = [line for line in lines if f"{variable}={url}/" in line]
        assert advice in line
    assert [line for line in lines if "were not exported since the start" in line]
    assert not [line for line in lines if "Traceback" in line]


async def test_a_collector_that_is_away_or_busy_holds_nobody_up_not_even_at_the_end(here: Stage) -> None:
    with answering() as url, nobody() as gone:
        asked = _endpoints(gone, f"{url}/429", f"{url}/503")
        lines = await _told(here.having(**asked), "Connection refused", "Too Many Requests", "Service Unavailable")
    assert [line for line in lines if "is the collector there?" in line and f"TRACES_ENDPOINT={gone}" in line]
    assert len([line for line in lines if "the collector cannot keep up" in line]) == 2
    assert [line for line in lines if "could not be exported within" in line]


async def test_a_black_hole_and_tls_that_fails_are_told(here: Stage, tmp_path: Path) -> None:
    with answering(unknown_certificate(tmp_path)) as secret, answering() as plain, black_hole() as hole:
        asked = _endpoints(hole, f"{secret}/200", f"{plain.replace('http:', 'https:')}/200")
        lines = await _told(here.having(**asked), "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")
    assert [line for line in lines if "see OTEL_EXPORTER_OTLP_CERTIFICATE" in line and f"={secret}/" in line]
    assert [line for line in lines if "use http://" in line]
    assert [line for line in lines if "could not be exported within" in line]


UNKNOWN = {
    "OTEL_TRACES_SAMPLER": "foo",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "soon",
    "OTEL_BSP_SCHEDULE_DELAY": "x",
    "OTEL_BSP_MAX_QUEUE_SIZE": "many",
    "OTEL_METRIC_EXPORT_INTERVAL": "often",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "-1",
    "OTEL_PROPAGATORS": "xray-of-yesterday",
    "OTEL_PYTHON_TRACER_PROVIDER": "mine",
}


async def test_variables_that_cannot_be_followed_have_a_line_each_and_the_rest_works(
    here: Stage, spans: SpanSink
) -> None:
    # Of these the last three would end the process with a traceback before it answered anything.
    asked = {
        **_endpoints(f"{spans.endpoint}/v1/traces", "https://127.0.0.1:9", f"{spans.endpoint}/v1/logs"),
        "OTEL_EXPORTER_OTLP_HEADERS": "a secret without a name",
        "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE": "/no/such",
        **UNKNOWN,
    }
    lines = await _told(here.having(**asked))
    for variable, value in UNKNOWN.items():
        (line,) = [line for line in lines if variable in line]
        assert line.startswith(f"lambdascope: {variable}='{value}' is not followed: use ")
    (line,) = [line for line in lines if "HEADERS" in line]
    assert "1 of 1 headers cannot be sent" in line
    assert "secret" not in "".join(lines)
    # A certificate that is not there is no reason to trust others: it is told when it is needed.
    assert [line for line in lines if "/no/such" in line and "see OTEL_EXPORTER_OTLP_CERTIFICATE" in line]
    assert not [line for line in lines if "are not exported" in line], "every signal is on"


async def test_names_of_any_length_and_in_any_writing_are_exported_short_and_fail_no_call(
    here: Stage, spans: SpanSink, stub: LambdaStub
) -> None:
    """A span of megabytes would take its whole batch down with it, and a stray newline a line of the log in two."""
    asked = {**stub.environment(), "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": None}
    with Wire(here.having(**asked, OTEL_EXPORTER_OTLP_ENDPOINT=spans.endpoint).environment) as wire:
        client = {"name": "Zoë\n日本\u2028", "version": "\u0000"}
        wire.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}, "hello")
        wire.answer_to("hello")
        wire.send("notifications/initialized")
        error = {"errorType": f"Größe\n{'E' * 1_000_000}", "errorMessage": "no"}
        stub.answers(json.dumps(error).encode(), X_Amz_Function_Error="Unhandled")
        huge = await _failed(wire, spans, "stubbed", 1, "Lambda.Invoke")
        assert (huge["lambdascope.outcome"], huge["error.type"][:8]) == ("function_error", "Größe\nEE")
        assert len(huge["error.type"]) <= 4096
        strange = await _failed(wire, spans, f"naïve\n{'ü' * 100_000}", 2, "tools/call invoke_function")
        assert strange["lambdascope.outcome"] == "invalid_arguments"
        assert "naïve" not in str(strange), "what names no function may be anything"
        wire.end_input()
        assert wire.process.wait(END_S) == 0
        wire.await_end()
        assert all(line.startswith(b'{"jsonrpc":"2.0"') for line in wire.lines)
        assert all(line.startswith((b"{", b"lambdascope: ")) for line in wire.log), "no line is torn"
        assert not [line for line in _lines(wire.log) if "xport" in line]


@pytest.fixture
def stub() -> Generator[LambdaStub]:
    made = LambdaStub()
    made.start()
    yield made
    made.close()


async def _failed(wire: Wire, spans: SpanSink, function: str, number: int, span: str) -> dict[str, Any]:
    """The attributes of a span of a call that fails."""
    wire.call(function, {}, number)
    result = wire.answer_to(number)["result"]
    assert result["isError"]
    trace_id = result["structuredContent"]["trace_id"]
    return attributes_of(await eventually(lambda: spans.find(trace_id, span)))
