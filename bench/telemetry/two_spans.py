"""The floor: two spans of OpenTelemetry's SDK for each call, exported over OTLP, and nothing else.

`python -m bench.telemetry.two_spans` reads how many pairs to make, a number per line, and answers each with the CPU
seconds they took. The `OTEL_*` variables say where they go.
"""

import sys
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Tracer

# As many as the spans of a call that went well have.
OF_SERVER = {f"lambdascope.bench.attribute_{number}": f"value {number}" for number in range(6)}
OF_CLIENT = {f"lambdascope.bench.attribute_{number}": f"value {number}" for number in range(28)}
BATCH = 100  # as calls come: the queue must not overflow, or spans would be dropped for nothing


def main() -> None:
    """Make pairs until standard input ends."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("lambdascope.bench")
    for line in sys.stdin:
        began = time.process_time()
        for first in range(0, int(line), BATCH):
            make_pairs(tracer, min(BATCH, int(line) - first))
            provider.force_flush()
        print(time.process_time() - began, flush=True)
    provider.shutdown()


def make_pairs(tracer: Tracer, pairs: int) -> None:
    """Make so many spans of a request, each with one below it."""
    for _ in range(pairs):
        with tracer.start_as_current_span("tools/call invoke_function", kind=SpanKind.SERVER) as server:
            with tracer.start_as_current_span("Lambda.Invoke", kind=SpanKind.CLIENT) as client:
                client.set_attributes(OF_CLIENT)
            server.set_attributes(OF_SERVER)


if __name__ == "__main__":
    main()
