"""What doctor says of telemetry: where it goes, and whether what listens there takes it."""

import http.server
import threading
from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest

from lambdascope_proxy.telemetry.asked import SIGNALS
from lambdascope_proxy.telemetry_checkup import examine_telemetry

Enter = Callable[[Mapping[str, str]], None]


class _WithoutLogs(http.server.BaseHTTPRequestHandler):
    """A collector that has no pipeline for logs."""

    def do_POST(self) -> None:
        self.send_response(404 if self.path.endswith("/v1/logs") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is inherited
        pass


@pytest.fixture(scope="module")
def collector() -> Generator[str]:
    """Host and port of it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _WithoutLogs)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


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


def test_what_may_be_a_key_in_the_endpoint_is_not_shown(collector: str, enter: Enter) -> None:
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://bob:hunter2@{collector}/v1/traces?key=hunter2#hunter2"}
    enter(environ)
    (finding,) = examine_telemetry(("traces",), environ)
    assert (finding.status, finding.detail) == ("ok", f"traces go to http://{collector}/v1/traces (http/protobuf)")


def test_signals_that_fare_alike_in_one_place_are_told_together_and_others_apart(collector: str, enter: Enter) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector}"}
    enter(environ)
    both, logs = examine_telemetry(SIGNALS, environ)
    assert (both.status, both.detail) == ("ok", f"traces, metrics go to http://{collector} (http/protobuf)")
    assert logs.status == "warn"
    assert logs.detail == f"logs go to http://{collector} (http/protobuf): it takes no such signal at that path (404)"
    assert "OTEL_..._EXPORTER=none" in logs.next_step
    assert "calls go on" in logs.next_step


def test_the_wrong_protocol_for_a_port_is_a_warning_though_it_takes_connections(collector: str, enter: Enter) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    # No scheme means TLS to gRPC, which this switches off.
    environ["OTEL_EXPORTER_OTLP_INSECURE"] = "true"
    enter(environ)
    (finding,) = examine_telemetry(("traces",), environ)
    assert finding.status == "warn"
    assert finding.detail == f"traces go to {collector} (grpc): what listens there does not speak gRPC"
    assert "4317" in finding.next_step


def test_the_console_is_told_as_such_beside_the_collector(collector: str, enter: Enter) -> None:
    environ = {"OTEL_TRACES_EXPORTER": "console,otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector}"}
    enter(environ)
    console, otlp = examine_telemetry(("traces",), environ)
    assert (console.status, console.detail) == ("ok", "traces go to stderr")
    assert (otlp.status, otlp.detail) == ("ok", f"traces go to http://{collector} (http/protobuf)")
