"""The Lambda Runtime API of one execution environment: what the child process asks, and hears, over loopback HTTP."""

from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import cast

from lambdascope_proxy.local.loopback import HOST, LoopbackHandler, LoopbackServer

MAX_RESPONSE_BYTES = 6_291_556
_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One invocation on its way into the function."""

    request_id: str
    payload: bytes
    arn: str
    trace_id: str
    deadline_ms: int = 0
    client_context: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers that carry everything but the payload."""
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        if self.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = self.client_context
        return headers


class Said(Enum):
    """What the child process can say."""

    READY = "asked for the next invocation"
    RESPONSE = "response"
    ERROR = "error"
    TOO_LARGE = "a response above the limit"
    INIT_ERROR = "init/error"
    HUNG_UP = "closed the connection"


class RuntimeApi:
    """Puts events in front of the child process and collects what it says, in order."""

    def __init__(self) -> None:
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._said: SimpleQueue[tuple[Said, bytes]] = SimpleQueue()
        self._server = _Server(self)
        self._server.start()

    @property
    def address(self) -> str:
        """host:port, for AWS_LAMBDA_RUNTIME_API."""
        return f"{HOST}:{self._server.port}"

    def put(self, event: Event) -> None:
        """Give the child its next event."""
        self._events.put(event)

    def hear(self, timeout_s: float) -> tuple[Said, bytes] | None:
        """The next thing the child says, or None after so much silence."""
        try:
            return self._said.get(timeout=timeout_s)
        except Empty:
            return None

    def next_event(self) -> Event | None:
        """Wait for an event on behalf of the child; None when the environment is closed."""
        self.say(Said.READY)
        return self._events.get()

    def say(self, said: Said, body: bytes = b"") -> None:
        """Note something that came from the child."""
        self._said.put((said, body))

    def close(self) -> None:
        """End the connections, and a waiting `next` with them."""
        self._events.put(None)
        self._server.stop()


class _Server(LoopbackServer):
    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(_Handler)
        self.api = api


class _Handler(LoopbackHandler):
    @property
    def _api(self) -> RuntimeApi:
        return cast("_Server", self.server).api

    def do_GET(self) -> None:  # noqa: N802 - the name is given by http.server
        """Answer `invocation/next`, which waits as long as it takes."""
        if self.path != f"{_PREFIX}invocation/next":
            self.reply(404, {})
            return
        event = self._api.next_event()
        if event is None:
            self.close_connection = True
        else:
            self.reply(200, event.headers(), event.payload)

    def do_POST(self) -> None:  # noqa: N802 - the name is given by http.server
        """Take a response, an error or an init error."""
        body = self.read_body(MAX_RESPONSE_BYTES)
        path = self.path.removeprefix(_PREFIX)
        if path != "init/error" and not path.startswith("invocation/"):
            self.reply(404, {})
            return
        said = Said.INIT_ERROR if path == "init/error" else Said(path.rpartition("/")[2])
        self._api.say(said if body is not None else Said.TOO_LARGE, body or b"")
        self.reply(202, {"Content-Type": "application/json"}, b'{"status":"OK"}\n')

    def finish(self) -> None:
        """Wake whoever waits for the child: an ended connection often means an ended process."""
        super().finish()
        self._api.say(Said.HUNG_UP)
