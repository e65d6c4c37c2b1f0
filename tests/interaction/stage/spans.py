"""A collector: takes OTLP over HTTP on a free port and keeps the spans of it."""

import gzip
import http.server
import threading
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class SpanSink:
    """What was exported to it, by trace."""

    def __init__(self) -> None:
        self._spans: list[Any] = []
        self._lock = threading.Lock()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.endswith("/v1/traces"):
                    sink.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is inherited
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """The base URL an exporter is given."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, body: bytes) -> None:
        """Keeps the spans of one export."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            self._spans += [
                span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
            ]

    def of_trace(self, trace_id: str) -> list[Any]:
        """The spans of one trace that have arrived so far."""
        with self._lock:
            return [span for span in self._spans if span.trace_id.hex() == trace_id]

    def find(self, trace_id: str, name: str) -> Any:
        """The span of this name in a trace, or None while it has not arrived."""
        return next((span for span in self.of_trace(trace_id) if span.name == name), None)

    def close(self) -> None:
        """Stops taking."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def attributes_of(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}
