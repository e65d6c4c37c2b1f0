"""Telemetry: off unless an endpoint is set, and never in the way of the end of the process."""

import threading
from collections.abc import Callable, Mapping

import pytest

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.telemetry import opening
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.telemetry.opening import open_telemetry

Enter = Callable[[Mapping[str, str]], None]
REFUSED = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_SDK_DISABLED": "True"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    ],
)
def test_it_is_off_without_an_endpoint_or_when_switched_off(environ: dict[str, str]) -> None:
    opened = open_telemetry(environ, most_series=10)
    assert not opened.is_on
    assert isinstance(opened.tracer, IdTracer)
    opened.instrument_botocore()
    opened.shutdown()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, "http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, "http/protobuf"),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "otlp or none"),
    ],
)
def test_what_is_not_available_is_refused_by_name(environ: dict[str, str], words: str) -> None:
    # Sent silently in another way than asked for, every span would be lost at the collector.
    with pytest.raises(SettingsError, match=words) as refused:
        open_telemetry({"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, **environ}, most_series=10)
    assert next(iter(environ)) in str(refused.value)


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{REFUSED}/v1/traces"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_EXPORTER_OTLP_PROTOCOL": "", "OTEL_TRACES_EXPORTER": ""},
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_METRICS_EXPORTER": "none",
        },
    ],
)
def test_it_is_on_with_an_endpoint_and_an_empty_variable_is_an_unset_one(environ: dict[str, str], enter: Enter) -> None:
    enter(environ)
    opened = open_telemetry(environ, most_series=10)
    assert opened.is_on
    opened.shutdown()


def test_an_end_without_a_collector_is_bounded(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # The SDK's own shutdown goes on for half a minute; a stdio server would outlive its client.
    monkeypatch.setattr(opening, "SHUTDOWN_BUDGET_S", 0.05)
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_EXPORTER_OTLP_TIMEOUT": "2"}
    enter(environ)
    opened = open_telemetry(environ, most_series=10)
    opened.tracer.start_span("one").end()
    before = set(threading.enumerate())
    opened.shutdown()
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert left  # it did not wait for the exporter
    assert all(thread.daemon for thread in left)  # so the process can end
    assert "could not be exported" in caplog.text


def test_each_signal_has_an_endpoint_of_its_own(enter: Enter) -> None:
    # Metrics alone must not make spans that nobody exports, nor traces alone meters.
    metrics = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": REFUSED}
    enter(metrics)
    opened = open_telemetry(metrics, most_series=10)
    assert opened.is_on
    assert isinstance(opened.tracer, IdTracer)
    assert opened.meters
    traces = open_telemetry({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": REFUSED}, most_series=10)
    assert traces.is_on
    assert not isinstance(traces.tracer, IdTracer)
    assert traces.meters is None
