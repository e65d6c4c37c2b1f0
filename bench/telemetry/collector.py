"""A collector that reads what it is sent: how many spans there were, and how many items a proxy says it lost.

`python -m bench.telemetry.collector PORT` takes OTLP over HTTP on that port; a GET returns the counts as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.http_server import Request, Send, response, serve

LOST = "lambdascope.telemetry.lost"


class Collector:
    """Keeps the number of spans, and the last word on what was lost, by reason."""

    def __init__(self) -> None:
        self._spans = 0
        self._lost: dict[str, float] | None = None

    def handle(self, request: Request, send: Send) -> None:
        """Read a post, or answer with the counts."""
        if request.method == "GET":
            send(response(json.dumps({"spans": self._spans, "lost": self._lost}).encode(), "application/json"))
            return
        if request.path.endswith("/v1/traces"):
            self._spans += sum(1 for _ in _spans(request.body))
        elif request.path.endswith("/v1/metrics"):
            self._lost = dict(_lost(request.body))
        send(response(b"", "application/x-protobuf"))


def _spans(body: bytes) -> Iterable[Any]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            yield from scope.spans


def _lost(body: bytes) -> Iterable[tuple[str, float]]:
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                if metric.name == LOST:
                    for point in metric.sum.data_points:
                        yield ", ".join(pair.value.string_value for pair in point.attributes), _value(point)


def _value(point: Any) -> float:
    return point.as_int if point.HasField("as_int") else point.as_double


if __name__ == "__main__":
    asyncio.run(serve(Collector().handle, int(sys.argv[1])))
