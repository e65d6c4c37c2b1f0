"""What the OTEL_* variables ask, and what is said of values that cannot be followed."""

import pytest

from lambdascope_proxy.telemetry.asked import Export, asked_exports, without_secrets

AT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
HTTP, GRPC = Export(exporter="otlp"), Export(exporter="otlp", protocol="grpc")
CONSOLE = Export(exporter="console")


@pytest.mark.parametrize(
    ("environ", "exports"),
    [
        ({}, ()),
        (AT, (HTTP,)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/v1/traces"}, (HTTP,)),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318"}, ()),
        ({**AT, "OTEL_TRACES_EXPORTER": "none"}, ()),
        ({**AT, "OTEL_TRACES_EXPORTER": "OTLP, console"}, (HTTP, CONSOLE)),
        ({"OTEL_TRACES_EXPORTER": "console"}, (CONSOLE,)),
        ({**AT, "OTEL_TRACES_EXPORTER": " "}, (HTTP,)),
        ({**AT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, (GRPC,)),
        ({**AT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, (HTTP,)),
        ({**AT, "OTEL_EXPORTER_OTLP_PROTOCOL": ""}, (HTTP,)),
        # gRPC takes a host and port alone.
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, (GRPC,)),
        ({**AT, "OTEL_SDK_DISABLED": "true"}, ()),
        ({**AT, "OTEL_SDK_DISABLED": "no"}, (HTTP,)),
    ],
)
def test_traces_leave_as_the_variables_say(environ: dict[str, str], exports: tuple[Export, ...]) -> None:
    assert asked_exports("traces", environ) == exports


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER='zipkin': use otlp, console or none"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, "OTEL_EXPORTER_OTLP_PROTOCOL='http/json': use http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "udp"}, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL='udp'"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT='localhost:4318': use a URL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://collector:4317"}, "='grpc://collector:4317': use a URL"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT='http://': use a URL"),
        # A password in what cannot be used is not shown all the same.
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://ann:hunter2@a/?key=hunter2"}, "='ftp://a/': use a URL"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:b"}, "use a URL such as http://127.0.0.1:4318"),
    ],
)
def test_what_is_not_there_is_named_on_the_log_and_left_off(
    environ: dict[str, str], line: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Sent in another way than asked for, every span would be lost at the collector without a word.
    assert asked_exports("traces", {**AT, **environ}) == ()
    assert len(caplog.records) == 1
    assert "traces are not exported: " in caplog.text
    assert line in caplog.text


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318"),
        ("https://ann:a@b@collector/v1/traces?key=1#2", "https://collector/v1/traces"),
        ("ann:key@collector:4317", "collector:4317"),
        ("collector:4317?key=http://x@y", "collector:4317"),
        ("http://collector#key", "http://collector"),
    ],
)
def test_an_endpoint_is_shown_without_what_may_be_a_key(endpoint: str, shown: str) -> None:
    assert without_secrets(endpoint) == shown
