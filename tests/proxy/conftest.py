"""What the tests of the proxy share: builders of real values, an AWS that answers by script, spans with known ids."""

import http.server
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.call import Call, Caller, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas
from lambdascope_proxy.selection import Function, Place
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.telemetry.meters import Meters
from lambdascope_proxy.tools.invoke_function import InvokeFunction

if TYPE_CHECKING:
    from lambdascope_proxy.wiring import Proxy

CALLER = Caller(
    transport="stdio",
    protocol_version="2026-07-28",
    client_name="tests",
    client_version="1.0",
    session_id="session-1",
    principal="ada",
)


@pytest.fixture(scope="session")
def function_of() -> Callable[..., Function]:
    """Makes a function of us-east-1; give what matters to the test."""

    def make(name: str = "orders", **known: Any) -> Function:
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        fields: dict[str, Any] = {"arn": arn, "region": "us-east-1", "account_id": "123456789012", **known}
        return Function(name=name, **fields)

    return make


@pytest.fixture(scope="session")
def catalogs_of() -> Callable[[Catalog], Catalogs]:
    """Makes the catalogues of a proxy that looks at one account in us-east-1 only."""

    async def settle_region(asked: str | None) -> str:
        assert asked in {None, "us-east-1"}
        return "us-east-1"

    def no_other(place: Place) -> Catalog:
        raise AssertionError(f"{place} was looked at")

    return lambda home: Catalogs(home, no_other, settle_region)


async def _ok(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, text="null", data={"result": None})


@pytest.fixture(scope="session")
def call_of() -> Callable[..., Call]:
    """Makes a call of a real tool, by default invoke_function; further words replace fields of the call."""

    def make(arguments: Mapping[str, Any] | None = None, tool: Any = None, **changes: Any) -> Call:
        tool = tool or InvokeFunction(_ok)
        arguments = {"function_name": "orders"} if arguments is None else arguments
        known: dict[str, Any] = {
            "call_id": "01935a2b-7c00-7000-8000-000000000001",
            "started_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
            "arrived_ns": time.perf_counter_ns(),
            "tool": tool,
            "arguments": arguments,
            "caller": CALLER,
            "aim": tool.aim(arguments),
        }
        return Call(**{**known, **changes})

    return make


class KnownIds(IdGenerator):
    """Trace ids 0x1000.., span ids 1, 2, 3 in the order the spans begin."""

    def __init__(self) -> None:
        self._traces, self._spans = itertools.count(0x1000), itertools.count(1)

    def generate_trace_id(self) -> int:
        return next(self._traces)

    def generate_span_id(self) -> int:
        return next(self._spans)


class Tracing:
    """A real tracer whose finished spans are kept, to be asserted whole."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(id_generator=KnownIds(), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("tests")

    def finished(self) -> list[dict[str, Any]]:
        """Each finished span as plain values, in the order they ended; all but its times."""
        return [_plain(span) for span in self._exporter.get_finished_spans()]


def _plain(span: ReadableSpan) -> dict[str, Any]:
    assert span.context is not None
    return {
        "name": span.name,
        "kind": span.kind.name,
        "trace_id": span.context.trace_id,
        "span_id": span.context.span_id,
        "parent": span.parent.span_id if span.parent else None,
        "links": [link.context.span_id for link in span.links],
        "attributes": dict(span.attributes or {}),
        "status": span.status.status_code.name,
        "description": span.status.description,
        "events": [(event.name, dict(event.attributes or {})) for event in span.events],
    }


@pytest.fixture
def tracing() -> Tracing:
    """Spans of one test."""
    return Tracing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered to one request: `is_torn` ends the connection inside the body, `waits_for` is set first."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b"{}"
    request_id: str | None = "6f1a-request"
    is_torn: bool = False
    waits_for: threading.Event | None = None


class QuietServer(http.server.ThreadingHTTPServer):
    """Says nothing when a client hangs up: some tests are about just that."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class ScriptedAws:
    """Answers what it was told, in order, for what the local AWS never does: throttles, defects, torn responses."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._replies: list[Reply] = []
        self._arrived = threading.Condition()
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def will_answer(self, **reply: Any) -> None:
        """Adds an answer."""
        self._replies.append(Reply(**reply))

    def will_refuse(self, status: int, code: str, message: str = "no", **reply: Any) -> None:
        """Adds an error in the form of Lambda's protocol and of that of the tagging API."""
        headers = {"x-amzn-ErrorType": code, **reply.pop("headers", {})}
        body = json.dumps({"__type": code, "message": message, "Message": message})
        self.will_answer(status=status, headers=headers, body=body.encode(), **reply)

    def forget(self) -> None:
        """Begins a new script."""
        self.requests, self._replies = [], []

    def wait_for_requests(self, count: int, at_most_s: float = 20) -> bool:
        """Whether so many requests came within the time."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.requests) >= count, at_most_s)

    def take(self, request: Request) -> Reply:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        return self._replies.pop(0) if self._replies else Reply(status=418, body=b'{"message": "script is over"}')

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(aws: ScriptedAws) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = aws.take(Request(method=self.command, path=self.path, headers=headers, body=body))
            if reply.waits_for:
                reply.waits_for.wait(20)
            self.send_response(reply.status)
            extra = {"x-amzn-RequestId": reply.request_id} if reply.request_id else {}
            for name, value in {**extra, **reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.is_torn else reply.body)
            self.close_connection = self.close_connection or reply.is_torn

        do_GET = do_POST = _serve  # noqa: N815 -- the names are given by http.server

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the signature is inherited
            pass

    return Handler


@pytest.fixture(scope="session")
def scripted_for_all() -> Generator[ScriptedAws]:
    """One server for the run, so that clients for it can be kept."""
    aws = ScriptedAws()
    yield aws
    aws.close()


@pytest.fixture
def scripted(scripted_for_all: ScriptedAws) -> ScriptedAws:
    """An AWS that answers by the script of this test."""
    scripted_for_all.forget()
    return scripted_for_all


@pytest.fixture(scope="session")
def shop() -> Generator[LocalAws]:
    """The demo's account: functions that really run."""
    with LocalAws(demo_functions(), demo_schemas()) as aws:
        yield aws


Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Makes the environment hold these variables and no other that an AWS SDK or we would read."""

    def set_environment(variables: Mapping[str, str]) -> None:
        for name in os.environ:
            if name.startswith(("AWS_", "OTEL_", "FUNCTION_", "LAMBDASCOPE_", "MCP_", "LOG_LEVEL")):
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_environment


def environment_at(url: str) -> dict[str, str]:
    """The variables that lead an AWS SDK to `url` and to no file of this machine."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture
def in_shop(shop: LocalAws, enter: Enter) -> None:
    """Every client made in this test speaks to the demo's account."""
    enter(shop.environment())


@pytest.fixture
def in_script(scripted: ScriptedAws, enter: Enter) -> None:
    """Every client made in this test speaks to the scripted AWS."""
    enter(environment_at(scripted.url))


@pytest.fixture
def clients() -> Clients:
    """Clients as the proxy makes them; they read the environment when first used."""
    return Clients(region="us-east-1", profile="")


@pytest.fixture(scope="session")
def kept_clients() -> dict[str, Clients]:
    """Clients of the run by their endpoint."""
    return {}


@pytest.fixture
def settled_clients(kept_clients: dict[str, Clients]) -> Clients:
    """Clients of the endpoint in force, made once in a run: making them costs more than most tests take."""
    return kept_clients.setdefault(os.environ["AWS_ENDPOINT_URL"], Clients(region="us-east-1", profile=""))


@pytest.fixture
def proxy_of(in_shop: None, tmp_path: Path) -> Generator[Callable[..., "Proxy"]]:
    """Builds the whole proxy against the demo's account; its history is in a directory of this test."""
    from lambdascope_proxy.wiring import build_proxy

    made: list[Proxy] = []

    def make(**settings: str) -> "Proxy":
        ours = {
            "AWS_REGION": "us-east-1",
            "FUNCTION_PREFIX": "demo-",
            "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
            "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history"),
        }
        environ = {**ours, **settings}
        made.append(build_proxy(load_settings(environ), environ))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


@pytest.fixture
def operations() -> Callable[[Any], Sequence[str]]:
    """Notes the name of every operation a boto3 client sends."""

    def watch(client: Any) -> Sequence[str]:
        seen: list[str] = []

        def note(model: Any, **_: Any) -> None:
            seen.append(model.name)

        client.meta.events.register("before-call", note)
        return seen

    return watch


class Metered:
    """Real meters of the SDK; `read` gives what an exporter would send now, by metric and attributes."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider([self.reader], shutdown_on_exit=False)
        self.meters = Meters(self.provider.get_meter("tests"), most_series=2000)

    def read(self) -> dict[str, dict[tuple[tuple[str, Any], ...], Any]]:
        """Points by metric and sorted attributes: a number, or (count, sum) of a histogram."""
        data = self.reader.get_metrics_data()
        metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics] if data else []
        return {
            metric.name: {
                tuple(sorted((point.attributes or {}).items())): (
                    getattr(point, "value", None) if hasattr(point, "value") else (point.count, point.sum)
                )
                for point in metric.data.data_points
            }
            for metric in metrics
        }


@pytest.fixture
def metered() -> Metered:
    """Meters to hand to what is tested, and what they would export."""
    return Metered()
