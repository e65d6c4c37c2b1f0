"""An OpenTelemetry collector that only counts what is posted to it, in a process of its own.

`python -m bench.otlp_sink` prints its port. Counts are kept by path, so each sender is given a path prefix of its own.
"""

import asyncio
import json
from collections import Counter

from bench.http_server import Request, Send, response, serve


class OtlpSink:
    """Accepts any POST as OTLP over HTTP and counts it."""

    def __init__(self) -> None:
        self._posts: Counter[str] = Counter()

    def handle(self, request: Request, send: Send) -> None:
        """Count a post, or answer with the counts."""
        if request.method == "GET":
            send(response(json.dumps(self._posts).encode(), "application/json"))
            return
        self._posts[request.path] += 1
        send(response(b"", "application/x-protobuf"))


if __name__ == "__main__":
    asyncio.run(serve(OtlpSink().handle))
