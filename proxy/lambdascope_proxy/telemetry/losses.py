"""Counts what could not be exported: what a full queue pushed out, and batches that the collector did not take."""

import gc
import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from lambdascope_proxy import names
from lambdascope_proxy.telemetry.asked import Signal
from lambdascope_proxy.telemetry.meters import Labels

QUEUE_FULL = "queue_full"
EXPORT_FAILED = "export_failed"


class Losses:
    """Items lost since the start, by signal and reason."""

    def __init__(self) -> None:
        self.queues: list[CountedQueue] = []
        self._lock = threading.Lock()
        self._counts: Counter[tuple[Signal, str]] = Counter()

    def add(self, signal: Signal, reason: str, items: int) -> None:
        """Counts lost items."""
        with self._lock:
            self._counts[signal, reason] += items
        if reason == EXPORT_FAILED:
            # The exception of a failed request holds itself and the batch, half a megabyte: left to the collector of
            # garbage, which rarely looks at what is old, a server whose collector is away would grow by the hour.
            gc.collect()

    @property
    def total(self) -> int:
        """All that was lost."""
        with self._lock:
            return self._counts.total()

    def read(self) -> Iterable[tuple[float, Labels]]:
        """For the metric `lambdascope.telemetry.lost`."""
        with self._lock:
            return [
                (count, {names.SIGNAL: signal, names.REASON: reason})
                for (signal, reason), count in self._counts.items()
            ]


class CountedSpans(SpanExporter):
    """An exporter that counts the spans it was handed and is done with, and those that the collector did not take."""

    def __init__(self, exporter: SpanExporter, losses: Losses) -> None:
        self._exporter = exporter
        self._losses = losses
        self.handed = 0
        self.done = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Exports, and counts."""
        self.handed += len(spans)
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self.done += len(spans)
            if result is not SpanExportResult.SUCCESS:
                self._losses.add("traces", EXPORT_FAILED, len(spans))
        return result

    def shutdown(self) -> None:
        """Ends the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Has the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)


class CountedQueue(SpanProcessor):
    """Hands spans to a queue of a known length, and counts those for which an older one had to go."""

    def __init__(self, queue: SpanProcessor, exporter: CountedSpans, losses: Losses, *, length: int) -> None:
        self._queue = queue
        self._exporter = exporter
        self._losses = losses
        self._length = length
        self._lock = threading.Lock()
        self._ended = 0
        self._lost = 0

    @property
    def waiting(self) -> int:
        """Spans in the queue."""
        return self._ended - self._lost - self._exporter.handed

    @property
    def unsent(self) -> int:
        """Spans in the queue or on their way, of which nothing is known when the process ends."""
        return self._ended - self._lost - self._exporter.done

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing: spans are counted when they end."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queues a span that is sampled."""
        if span.context is not None and span.context.trace_flags.sampled:
            with self._lock:
                if self.waiting >= self._length:
                    self._lost += 1
                    self._losses.add("traces", QUEUE_FULL, 1)
                self._ended += 1
        self._queue.on_end(span)

    def shutdown(self) -> None:
        """Has the queue sent."""
        self._queue.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Has the queue sent now."""
        return self._queue.force_flush(timeout_millis)
