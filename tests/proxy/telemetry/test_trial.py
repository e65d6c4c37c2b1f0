"""An export without data, sent to real servers: collectors over HTTP and gRPC, with and without TLS, and others."""

import gzip
import http.server
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from lambdascope_proxy.telemetry.asked import SIGNALS, Export, Signal
from lambdascope_proxy.telemetry.trial import try_export
from lambdascope_proxy.telemetry.verdicts import TAKEN

Enter = Callable[[Mapping[str, str]], None]
HTTP, GRPC = Export(exporter="otlp"), Export(exporter="otlp", protocol="grpc")
REQUESTS: dict[str, Any] = {
    "traces": trace_service_pb2.ExportTraceServiceRequest,
    "metrics": metrics_service_pb2.ExportMetricsServiceRequest,
    "logs": logs_service_pb2.ExportLogsServiceRequest,
}


class Collector:
    """Takes OTLP over HTTP, and answers with the status that the first part of the path names, else 200."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.taken.append((self.path, {name.lower(): it for name, it in self.headers.items()}, body))
                asked = self.path.split("/")[1]
                self.send_response(int(asked) if asked.isdigit() else 200)
                self.send_header("Content-Type", "text/html" if "login" in self.path else "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is inherited
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda request, client_address: None
        self._left: list[Any] = []
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            if context.verify_mode == ssl.CERT_REQUIRED:
                # Closed at once, what was not read would take the alert away that TLS ends with.
                self._server.shutdown_request = self._left.append
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for connection in self._left:
            connection.close()


class Service:
    """Takes one signal over gRPC; without the key it is asked for it answers as it was told."""

    def __init__(self, response: Any, refuses_with: grpc.StatusCode | None) -> None:
        self._response, self._refuses_with = response, refuses_with
        self.taken: list[Any] = []

    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 -- the name is OTLP's
        if self._refuses_with and ("api-key", "right") not in context.invocation_metadata():
            context.abort(self._refuses_with, "no")
        self.taken.append(request)
        return self._response


@contextmanager
def grpc_collector(
    tls: grpc.ServerCredentials | None = None, *, refuses_with: grpc.StatusCode | None = None, takes_logs: bool = True
) -> Generator[tuple[str, dict[str, Service]]]:
    """Host and port of a collector, and what it took of each signal."""
    server = grpc.server(ThreadPoolExecutor(3))
    traces = Service(trace_service_pb2.ExportTraceServiceResponse(), refuses_with)
    metrics = Service(metrics_service_pb2.ExportMetricsServiceResponse(), refuses_with)
    logs = Service(logs_service_pb2.ExportLogsServiceResponse(), refuses_with)
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(traces, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(metrics, server)
    if takes_logs:
        logs_service_pb2_grpc.add_LogsServiceServicer_to_server(logs, server)
    port = server.add_secure_port("127.0.0.1:0", tls) if tls else server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", {"traces": traces, "metrics": metrics, "logs": logs}
    finally:
        server.stop(0).wait(5)


def signed_by_itself(folder: Path, *, of: str) -> Path:
    """A file with a key and its certificate for one IP address, which is its own authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(of))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{of}.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of this machine."""
    return signed_by_itself(tmp_path_factory.mktemp("tls"), of="127.0.0.1")


def serving(pem: Path, *, asks_for: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if asks_for:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(asks_for)
    return context


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def told(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Tries an export with these variables; says what was found, and what to do."""

    def tell(endpoint: str, *, over: Export = HTTP, signal: Signal = "traces", **variables: str) -> str:
        # These of the library for HTTP would go before OpenTelemetry's own.
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        given = {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in variables.items()}
        enter({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "20", **given})
        verdict = try_export(signal, over)
        assert (verdict == TAKEN) == (not verdict.found) == (not verdict.next_step)
        return f"{verdict.found} | {verdict.next_step}" if verdict.found else ""

    return tell


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_collector_over_http_is_sent_a_valid_export_without_data(
    signal: Signal, collector: Collector, told: Callable[..., str]
) -> None:
    """Would catch another path, lost headers, and anything that a collector would keep."""
    del collector.taken[:]
    assert told(collector.url, signal=signal, HEADERS="api-key=right", COMPRESSION="gzip") == ""
    ((path, headers, body),) = collector.taken
    assert (path, headers["api-key"]) == (f"/v1/{signal}", "right")
    assert (headers["content-type"], headers["content-encoding"]) == ("application/x-protobuf", "gzip")
    assert body.startswith(b"\x1f\x8b")
    assert REQUESTS[signal].FromString(gzip.decompress(body)) == REQUESTS[signal]()


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_collector_over_grpc_is_sent_a_valid_export_without_data(signal: Signal, told: Callable[..., str]) -> None:
    with grpc_collector(refuses_with=grpc.StatusCode.UNAUTHENTICATED) as (place, services):
        assert told(f"http://{place}", over=GRPC, signal=signal, HEADERS="api-key=right") == ""
        assert services[signal].taken == [REQUESTS[signal]()]
        assert "it asks for credentials" in told(f"http://{place}", over=GRPC, signal=signal, HEADERS="api-key=wrong")


def test_the_wrong_protocol_for_a_port_is_told_with_the_right_one(
    collector: Collector, told: Callable[..., str]
) -> None:
    # A connection is made in both cases; every span would be lost.
    with grpc_collector() as (place, _):
        found = told(f"http://{place}")
    assert "what listens there does not speak HTTP" in found
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in found
    found = told(collector.url, over=GRPC)
    assert "what listens there does not speak gRPC" in found
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in found


@pytest.mark.parametrize(
    ("status", "found", "step"),
    [
        (401, "asks for credentials (401)", "OTEL_EXPORTER_OTLP_HEADERS"),
        (403, "does not let these credentials in (403)", "OTEL_EXPORTER_OTLP_HEADERS"),
        (404, "no such signal at that path (404)", "without /v1/traces"),
        (405, "no POST at that path (405)", "4318"),
        (415, "does not take protobuf over HTTP (415)", "grpc"),
        (429, "cannot keep up (429)", "Try again"),
        (503, "does not answer (503)", "Try again"),
        (500, "refuses the export (500)", "log"),
        (400, "refuses the export (400)", "log"),
        # Exporters take it for delivered, and all is lost without a word.
        (302, "leads elsewhere (302)", "address it leads to"),
    ],
)
def test_a_collector_that_refuses_is_asked_once_and_told_by_its_status(
    status: int, found: str, step: str, collector: Collector, told: Callable[..., str]
) -> None:
    del collector.taken[:]
    said = told(f"{collector.url}/{status}")
    assert found in said.partition(" | ")[0]
    assert step in said.partition(" | ")[2]
    assert len(collector.taken) == 1


def test_a_web_server_that_answers_everything_with_a_page_is_no_collector(
    collector: Collector, told: Callable[..., str]
) -> None:
    assert "a page for people (200)" in told(f"{collector.url}/login")


def test_a_signal_that_a_grpc_server_does_not_take_is_told(told: Callable[..., str]) -> None:
    with grpc_collector(takes_logs=False) as (place, _):
        assert told(f"http://{place}", over=GRPC) == ""
        assert "does not take this signal (UNIMPLEMENTED)" in told(f"http://{place}", over=GRPC, signal="logs")


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "does not let these credentials in"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "cannot keep up"),
        (grpc.StatusCode.UNAVAILABLE, "does not answer (UNAVAILABLE)"),
        (grpc.StatusCode.INTERNAL, "refuses the export (INTERNAL)"),
    ],
)
def test_a_grpc_server_that_refuses_is_told_by_its_status(
    status: grpc.StatusCode, found: str, told: Callable[..., str]
) -> None:
    with grpc_collector(refuses_with=status) as (place, _):
        assert found in told(f"http://{place}", over=GRPC)


def test_a_certificate_is_trusted_as_the_variables_say_over_http(
    collector: Collector, pem: Path, tmp_path: Path, told: Callable[..., str]
) -> None:
    with Collector(serving(pem)) as secret:
        assert told(secret.url, CERTIFICATE=str(pem)) == ""
        found = told(secret.url)
        assert "its certificate is not trusted" in found
        assert "OTEL_EXPORTER_OTLP_CERTIFICATE" in found
        assert "a file of certificates is not there" in told(secret.url, CERTIFICATE=str(tmp_path / "none.pem"))
        assert "https://" in told(secret.url.replace("https", "http"))
    other = signed_by_itself(tmp_path, of="127.0.0.2")
    with Collector(serving(other)) as elsewhere:
        assert "its certificate is for another name" in told(elsewhere.url, CERTIFICATE=str(other))
    assert "no TLS is spoken there" in told(collector.url.replace("http", "https"))


def test_a_collector_that_wants_our_certificate_is_shown_it(pem: Path, told: Callable[..., str]) -> None:
    with Collector(serving(pem, asks_for=pem)) as secret:
        ours = {"CLIENT_CERTIFICATE": str(pem), "CLIENT_KEY": str(pem)}
        assert told(secret.url, CERTIFICATE=str(pem), **ours) == ""
        found = told(secret.url, CERTIFICATE=str(pem))
        assert "it wants a certificate of ours" in found
        assert "CLIENT_CERTIFICATE" in found


def test_a_certificate_is_trusted_as_the_variables_say_over_grpc(
    pem: Path, tmp_path: Path, told: Callable[..., str]
) -> None:
    with grpc_collector(grpc.ssl_server_credentials([(pem.read_bytes(), pem.read_bytes())])) as (place, _):
        assert told(f"https://{place}", over=GRPC, CERTIFICATE=str(pem)) == ""
        assert "its certificate is not trusted" in told(f"https://{place}", over=GRPC)
        assert "https://" in told(f"http://{place}", over=GRPC)
    other = signed_by_itself(tmp_path, of="127.0.0.2").read_bytes()
    with grpc_collector(grpc.ssl_server_credentials([(other, other)])) as (place, _):
        found = told(f"https://{place}", over=GRPC, CERTIFICATE=str(tmp_path / "127.0.0.2.pem"))
        assert "its certificate is for another name" in found
    with grpc_collector() as (place, _):
        assert "no TLS is spoken there" in told(f"https://{place}", over=GRPC)


@pytest.mark.parametrize("over", [HTTP, GRPC], ids=["http", "grpc"])
def test_what_does_not_answer_is_given_the_time_of_an_export_and_no_more(
    over: Export, told: Callable[..., str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as thread:
        trial = thread.submit(told, f"http://127.0.0.1:{silent.getsockname()[1]}", over=over, TIMEOUT="0.1")
        assert "nothing answered in time" in trial.result(timeout=10)


@pytest.mark.parametrize("over", [HTTP, GRPC], ids=["http", "grpc"])
def test_where_nobody_listens_is_told(over: Export, told: Callable[..., str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert "nobody listens there" in told(f"http://127.0.0.1:{bound.getsockname()[1]}", over=over)


def test_another_protocol_altogether_is_told(told: Callable[..., str]) -> None:
    def greet(listening: socket.socket) -> None:
        for _ in range(2):
            with suppress(OSError), listening.accept()[0] as connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=greet, args=(listening,), daemon=True).start()
        assert "does not speak HTTP" in told(f"http://127.0.0.1:{listening.getsockname()[1]}")


def test_nothing_that_could_be_a_secret_is_said(collector: Collector, told: Callable[..., str]) -> None:
    """The library for HTTP puts the whole URL into its complaints, and OpenTelemetry the headers at their worst."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        for place in (f"ann:hunter2@127.0.0.1:{port}/x?key=hunter2", collector.url.removeprefix("http://") + "/401"):
            said = told(f"http://{place}", HEADERS="api-key=hunter2")
            assert said
            assert "hunter2" not in said


def test_an_exporter_that_cannot_be_made_is_a_finding_too(told: Callable[..., str]) -> None:
    assert "cannot be set up" in told("http://127.0.0.1:9", over=GRPC, COMPRESSION="deflate")
