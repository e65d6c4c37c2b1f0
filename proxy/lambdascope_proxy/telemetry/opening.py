"""OpenTelemetry set-up: each signal leaves as the `OTEL_*` variables ask, and costs nothing when they ask for none."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

from opentelemetry.trace import Tracer

from lambdascope_proxy.log_lines import OURS
from lambdascope_proxy.names import SCOPE
from lambdascope_proxy.telemetry.advice import advise
from lambdascope_proxy.telemetry.asked import SIGNALS, Export, Signal, asked_exports
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.telemetry.shutdown import shut_down

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    from lambdascope_proxy.telemetry.losses import Losses
    from lambdascope_proxy.telemetry.meters import Meters

P = TypeVar("P")
log = logging.getLogger(__name__)
# Longer values are cut: without a limit one function's error text could fill a batch that no collector takes.
MOST_CHARACTERS = 4096
QUEUE_LENGTH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What the rest needs of OpenTelemetry: a tracer, meters where metrics are on, spans for AWS clients, an end."""

    tracer: Tracer
    meters: "Meters | None"
    signals: tuple[Signal, ...]
    instrument_botocore: Callable[[], None]
    shutdown: Callable[[], None]


def open_telemetry(
    environ: Mapping[str, str], *, most_series: int, scrub: Callable[[str], str], sends_xray: bool
) -> Telemetry:
    """Telemetry as `environ` asks, which must be the process's own: the SDK reads it too. Never raises.

    `sends_xray` says whether what is asked of AWS names the trace.
    """
    if environ.get("OTEL_CONFIG_FILE"):
        log.warning("OTEL_CONFIG_FILE is not followed: what it says, say with the other OTEL_* variables")
    exports: dict[Signal, tuple[Export, ...]]
    exports = {signal: found for signal in SIGNALS if (found := asked_exports(signal, environ))}
    if not exports:
        return Telemetry(tracer=IdTracer(), meters=None, signals=(), instrument_botocore=_nothing, shutdown=_nothing)
    advise(exports, environ)
    from lambdascope_proxy.telemetry.losses import Losses
    from lambdascope_proxy.telemetry.resource import describe_process

    resource, losses = describe_process(), Losses()
    traces = _opened("traces", exports, lambda asked: _open_traces(asked, environ, resource, losses))
    metrics = _opened("metrics", exports, lambda asked: _open_metrics(asked, resource))
    logs = _opened("logs", exports, lambda asked: _open_logs(asked, environ, resource, losses))
    if logs:
        _send_lines(logs, scrub)
    opened: dict[Signal, TracerProvider | MeterProvider | LoggerProvider | None]
    opened = {"traces": traces, "metrics": metrics, "logs": logs}
    return Telemetry(
        tracer=traces.get_tracer(SCOPE, version("lambdascope")) if traces else IdTracer(),
        meters=_meters(metrics, losses, most_series) if metrics else None,
        signals=tuple(signal for signal, provider in opened.items() if provider),
        instrument_botocore=lambda: _instrument_botocore(traces, sends_xray) if traces else None,
        shutdown=lambda: _end([provider.shutdown for provider in opened.values() if provider], losses),
    )


def _opened(
    signal: Signal, exports: Mapping[Signal, tuple[Export, ...]], opener: Callable[[tuple[Export, ...]], P]
) -> P | None:
    """A signal that cannot be set up is off, and a line says why: what observes must not keep a proxy from serving."""
    if signal not in exports:
        return None
    try:
        return opener(exports[signal])
    except Exception as error:
        log.warning("%s are not exported: %s (see the OTEL_* variables)", signal, error)
        return None


def _open_traces(
    exports: Sequence[Export], environ: Mapping[str, str], resource: "Resource", losses: "Losses"
) -> "TracerProvider":
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from lambdascope_proxy.telemetry.exporters import span_exporter
    from lambdascope_proxy.telemetry.losses import CountedQueue, CountedSpans

    limits = SpanLimits(max_attribute_length=_most_characters(environ))
    length = int(environ.get("OTEL_BSP_MAX_QUEUE_SIZE") or QUEUE_LENGTH)
    # The SDK's own exit hook can hold a process for half a minute when no collector answers.
    provider = TracerProvider(resource=resource, span_limits=limits, shutdown_on_exit=False)
    for export in exports:
        exporter = CountedSpans(span_exporter(export), losses)
        queue = BatchSpanProcessor(exporter, max_queue_size=length)
        counted = CountedQueue(queue, exporter, losses, length=length)
        losses.queues.append(counted)
        provider.add_span_processor(counted)
    return provider


def _open_metrics(exports: Sequence[Export], resource: "Resource") -> "MeterProvider":
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    from lambdascope_proxy.telemetry.exporters import metric_exporter

    readers = [PeriodicExportingMetricReader(metric_exporter(export)) for export in exports]
    return MeterProvider(readers, resource=resource, shutdown_on_exit=False)


def _open_logs(
    exports: Sequence[Export], environ: Mapping[str, str], resource: "Resource", losses: "Losses"
) -> "LoggerProvider":
    from opentelemetry.sdk._logs import LoggerProvider, LogRecordLimits
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    from lambdascope_proxy.telemetry.exporters import log_exporter
    from lambdascope_proxy.telemetry.log_export import CountedLines

    limits = LogRecordLimits(max_attribute_length=_most_characters(environ))
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False, log_record_limits=limits)
    for export in exports:
        provider.add_log_record_processor(BatchLogRecordProcessor(CountedLines(log_exporter(export), losses)))
    return provider


def _send_lines(provider: "LoggerProvider", scrub: Callable[[str], str]) -> None:
    from lambdascope_proxy.telemetry.log_export import OtlpLines

    handler = OtlpLines(provider.get_logger(SCOPE, version("lambdascope")), scrub)
    for ours in OURS:
        logging.getLogger(ours).addHandler(handler)


def _most_characters(environ: Mapping[str, str]) -> int | None:
    """None leaves it to the SDK, which reads the variable itself."""
    return None if environ.get("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT") else MOST_CHARACTERS


def _meters(provider: "MeterProvider", losses: "Losses", most_series: int) -> "Meters":
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.telemetry.metric_table import LOST
    from lambdascope_proxy.telemetry.process_gauges import watch_process

    meters = Meters(provider.get_meter(SCOPE, version("lambdascope")), most_series=most_series)
    meters.watch(LOST, losses.read)
    watch_process(meters)
    return meters


def _instrument_botocore(provider: "TracerProvider", sends_xray: bool) -> None:
    from lambdascope_proxy.telemetry.aws_spans import trace_aws_clients

    trace_aws_clients(provider, sends_xray=sends_xray)


def _end(shutdowns: Sequence[Callable[[], None]], losses: "Losses") -> None:
    shut_down(shutdowns)
    if lost := losses.total + sum(queue.unsent for queue in losses.queues):
        log.warning("%d spans and log lines were not exported since the start: is the collector there?", lost)


def _nothing() -> None:
    """What there is to do where nothing is exported."""
