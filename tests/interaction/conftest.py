"""The stage of the interaction tests: real functions, a real collector's protocol, real proxy processes."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lambdascope_analytics.history import open_history
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas

FUNCTIONS = Path(__file__).parent / "functions"


class SpanSink:
    """A collector: takes OTLP over HTTP on a free port and keeps the spans."""

    def __init__(self) -> None:
        self._spans: list[Any] = []
        self._arrived = threading.Condition()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = ExportTraceServiceRequest()
                request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                sink.take([s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, spans: list[Any]) -> None:
        with self._arrived:
            self._spans += spans
            self._arrived.notify_all()

    def wait_for(self, name: str, count: int = 1) -> list[Any]:
        """The spans of this name, once there are `count` of them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self._named(name)) >= count, timeout=20), [
                s.name for s in self._spans
            ]
            return self._named(name)

    def _named(self, name: str) -> list[Any]:
        return [span for span in self._spans if span.name == name]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def attributes_of(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}


@dataclass
class Stage:
    """Starts `lambdascope serve` as a process with these settings and reads what it recorded."""

    environment: dict[str, str]
    history_directory: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @asynccontextmanager
    async def client(self, transport: str = "stdio", mode: str = "auto", **settings: str) -> AsyncGenerator[Client]:
        """A real MCP client connected to a fresh proxy process."""
        if transport == "http":
            target: Any = self.serve_http(**settings)
        else:
            target = StdioServerParameters(
                command=sys.executable,
                args=["-m", "lambdascope_proxy.cli", "serve"],
                env={**self.environment, **settings},
            )
        async with Client(target, mode=mode, cache=None) as client:
            yield client

    def serve_http(self, **settings: str) -> str:
        """Starts a proxy on a free port and returns its URL."""
        process = subprocess.Popen(
            [sys.executable, "-m", "lambdascope_proxy.cli", "serve", "--http", "--port", "0"],
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if "serving MCP at " in line:
                threading.Thread(target=process.stderr.read, daemon=True).start()
                return line.rsplit(" ", 1)[1].strip()
        raise AssertionError("the proxy did not start")

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line to its end."""
        return subprocess.run(
            [sys.executable, "-m", "lambdascope_proxy.cli", *arguments],
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def rows(self, where: str = "true", **params: Any) -> list[dict[str, Any]]:
        """The recorded calls that match, oldest first."""
        with open_history(self.history_directory) as history:
            return history.query(f"SELECT * FROM calls WHERE {where} ORDER BY started_at", params)

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def local_aws() -> Generator[LocalAws]:
    """Demo functions and those of the tests, on a loopback port, for the whole run."""
    with LocalAws([*demo_functions(), *odd_functions()], demo_schemas(), event_retry_delays_s=(0.1, 0.1)) as aws:
        yield aws


def odd_functions() -> list[LocalFunction]:
    """Functions that do what functions should not; one directory each under `functions/`."""
    return [
        LocalFunction(name=f"odd-{directory.name}", code=directory, timeout_s=5)
        for directory in sorted(FUNCTIONS.iterdir())
        if (directory / "app.py").exists()
    ]


@pytest.fixture
def spans() -> Generator[SpanSink]:
    """A collector for one test."""
    sink = SpanSink()
    yield sink
    sink.close()


@pytest.fixture
def stage(local_aws: LocalAws, tmp_path: Path) -> Generator[Stage]:
    """Proxy processes that see the local AWS and record into a directory of this test."""
    kept: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}
    }
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    made = Stage(
        environment={
            **kept,
            **coverage,
            **local_aws.environment(),
            "FUNCTION_PREFIX": "demo-",
            "FUNCTION_LIST": ",".join(function.name for function in odd_functions()),
            "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
            "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history"),
            "PYTHONWARNINGS": "error",
        },
        history_directory=tmp_path / "history",
    )
    yield made
    made.close()
