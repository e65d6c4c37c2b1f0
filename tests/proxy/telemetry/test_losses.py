"""Losses are counted exactly: each span is exported, waits, or is counted as lost for one reason."""

import gc
import weakref
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from lambdascope_proxy import names
from lambdascope_proxy.telemetry.losses import CountedQueue, CountedSpans, Losses


class Collector(SpanExporter):
    """Takes what it is handed, unless it is `down` or `broken`."""

    def __init__(self) -> None:
        self.taken = 0
        self.state = "up"

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.state == "broken":
            raise OSError("no route")
        if self.state == "down":
            return SpanExportResult.FAILURE
        self.taken += len(spans)
        return SpanExportResult.SUCCESS


class Held(SpanProcessor):
    """A queue of three that is sent when the test says so; as the SDK's, it lets the oldest go."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._waiting: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        if span.context and span.context.trace_flags.sampled:
            self._waiting = [*self._waiting, span][-3:]

    def send(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._exporter.export(waiting)


@pytest.fixture
def collector() -> Collector:
    return Collector()


def counted(losses: Losses) -> dict[tuple[object, object], float]:
    return {(labels[names.SIGNAL], labels[names.REASON]): count for count, labels in losses.read()}


def test_what_the_queue_pushes_out_is_counted_also_after_the_collector_came_back(collector: Collector) -> None:
    losses = Losses()
    exporter = CountedSpans(collector, losses)
    held = Held(exporter)
    queue = CountedQueue(held, exporter, losses, length=3)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(queue)
    tracer = provider.get_tracer("tests")

    def end(spans: int) -> None:
        for _ in range(spans):
            tracer.start_span("x").end()

    end(5)
    assert (queue.waiting, losses.total) == (3, 2)
    held.send()
    assert (queue.waiting, collector.taken) == (0, 3)
    end(4)
    assert queue.unsent == 3
    assert counted(losses) == {("traces", "queue_full"): 3}
    collector.state = "down"
    held.send()
    assert counted(losses) == {("traces", "queue_full"): 3, ("traces", "export_failed"): 3}
    assert collector.taken + losses.total == 9
    assert queue.unsent == 0


def test_a_batch_is_lost_also_when_its_exporter_raises(collector: Collector) -> None:
    losses = Losses()
    collector.state = "broken"
    with pytest.raises(OSError, match="no route"):
        CountedSpans(collector, losses).export([ReadableSpan("x")])
    assert counted(losses) == {("traces", "export_failed"): 1}


def test_spans_that_are_not_sampled_are_no_losses(collector: Collector) -> None:
    losses = Losses()
    exporter = CountedSpans(collector, losses)
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    queue = CountedQueue(Held(exporter), exporter, losses, length=1)
    provider.add_span_processor(queue)
    for _ in range(5):
        provider.get_tracer("tests").start_span("x").end()
    assert (queue.waiting, losses.total) == (0, 0)


class Batch:
    """Something large that was to be sent."""


class Entangled(SpanExporter):
    """Fails as the SDK's does: with an exception whose own traceback leads back to it, and to what was being sent."""

    def __init__(self) -> None:
        self.seen: list[weakref.ref[Batch]] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        batch = Batch()
        self.seen.append(weakref.ref(batch))
        try:
            raise OSError("refused")
        except OSError as error:
            kept = error
        return SpanExportResult.FAILURE if kept else SpanExportResult.SUCCESS


def test_a_batch_that_could_not_be_sent_is_let_go_at_once() -> None:
    # Ten megabytes a minute, in a server whose garbage is collected as rarely as ours.
    entangled = Entangled()
    gc.disable()
    try:
        CountedSpans(entangled, Losses()).export([])
    finally:
        gc.enable()
    assert entangled.seen[0]() is None
