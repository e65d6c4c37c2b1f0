"""A Lambda endpoint that answers what no handler of a real runtime can, and keeps the bytes that reached it."""

import base64
import http.server
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = "stubbed"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
CONFIGURATION = {
    "FunctionName": NAME,
    "FunctionArn": ARN,
    "Runtime": "provided.al2023",
    "MemorySize": 128,
    "Timeout": 3,
    "Architectures": ["x86_64"],
}
REPORT = (
    "REPORT RequestId: stub-request\tDuration: 1.50 ms\tBilled Duration: 2 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 30 MB\t\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One Invoke as it came over the wire."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class LambdaStub:
    """One function named `stubbed`; set `body` (and more headers or the status) to what Invoke shall answer."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    tail: bytes = REPORT.encode()
    received: list[Received] = field(default_factory=list[Received])
    _server: Any = None
    _thread: Any = None

    def start(self) -> None:
        """Begins to answer on a free port."""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def environment(self) -> dict[str, str]:
        """The variables that lead a proxy here."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_LAMBDA": url, "FUNCTION_LIST": NAME, "FUNCTION_PREFIX": ""}

    def answers(self, body: bytes, *, status: int = 200, tail: bytes = REPORT.encode(), **headers: str) -> None:
        """Sets what Invoke answers from now on; `X_Amz_Function_Error` is the header X-Amz-Function-Error."""
        self.body, self.status, self.tail = body, status, tail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def close(self) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(stub: LambdaStub) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, json.dumps(CONFIGURATION).encode(), {"Content-Type": "application/json"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            stub.received.append(Received(headers=dict(self.headers.items()), body=body))
            tail = {"X-Amz-Log-Result": base64.b64encode(stub.tail).decode()} if stub.tail else {}
            self._send(stub.status, stub.body, {**tail, "X-Amz-Executed-Version": "$LATEST", **stub.headers})

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"x-amzn-RequestId": "stub-request", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is inherited
            pass

    return Handler
