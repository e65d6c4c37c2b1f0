"""What doctor says of telemetry: where it goes, and whether anybody listens there."""

import socket
from collections.abc import Generator

import pytest

from lambdascope_proxy.telemetry.asked import SIGNALS
from lambdascope_proxy.telemetry_checkup import examine_telemetry


@pytest.fixture
def listening() -> Generator[str]:
    """The address of something that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_without_an_endpoint_it_is_off() -> None:
    (finding,) = examine_telemetry((), {})
    assert (finding.status, finding.detail) == ("ok", "off: OTEL_EXPORTER_OTLP_ENDPOINT is not set")


@pytest.mark.parametrize(
    ("environ", "status", "detail"),
    [
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_SDK_DISABLED": "true"},
            "ok",
            "off: OTEL_SDK_DISABLED is set",
        ),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
                **{f"OTEL_{each.upper()}_EXPORTER": "none" for each in SIGNALS},
            },
            "ok",
            "off: every OTEL_..._EXPORTER is none",
        ),
        # The endpoint lacks its scheme, so that nothing could be opened.
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, "warn", "off, though an endpoint is set"),
    ],
)
def test_why_it_is_off_is_told(environ: dict[str, str], status: str, detail: str) -> None:
    (finding,) = examine_telemetry((), environ)
    assert (finding.status, finding.detail) == (status, detail)


def test_a_password_in_the_endpoint_is_not_shown(listening: str) -> None:
    (finding,) = examine_telemetry(("traces",), {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://bob:hunter2@{listening}"})
    assert (finding.status, finding.detail) == ("ok", f"traces go to http://{listening}")


def test_signals_that_go_to_one_place_are_told_together(listening: str) -> None:
    (finding,) = examine_telemetry(SIGNALS, {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{listening}"})
    assert (finding.status, finding.detail) == ("ok", f"traces, metrics, logs go to http://{listening}")


def test_an_endpoint_without_a_scheme_is_one_too(listening: str) -> None:
    (finding,) = examine_telemetry(
        ("traces",), {"OTEL_EXPORTER_OTLP_ENDPOINT": listening, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    )
    assert finding.status == "ok"


def test_a_place_where_nobody_listens_is_a_warning_and_says_that_calls_go_on(listening: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{listening}",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{port}/v1/metrics",
    }
    traces, metrics = examine_telemetry(("traces", "metrics"), environ)
    assert traces.status == "ok"
    assert metrics.status == "warn"
    assert f"metrics go to http://127.0.0.1:{port}/v1/metrics: " in metrics.detail
    assert "Calls go on" in metrics.next_step


def test_the_console_is_told_as_such() -> None:
    environ = {"OTEL_TRACES_EXPORTER": "console", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    (finding,) = examine_telemetry(("traces",), environ)
    assert (finding.status, finding.detail) == ("ok", "traces go to stderr")
