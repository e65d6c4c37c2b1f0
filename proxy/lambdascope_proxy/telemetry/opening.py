"""OpenTelemetry set-up: what exports when an OTLP endpoint is set, and costs nothing when none is."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from opentelemetry.trace import Tracer

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.names import SCOPE
from lambdascope_proxy.telemetry.id_tracer import IdTracer

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    from lambdascope_proxy.telemetry.meters import Meters

log = logging.getLogger(__name__)
SHUTDOWN_BUDGET_S = 2.0
Signal = Literal["traces", "metrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What the rest needs of OpenTelemetry: a tracer, meters where metrics are on, spans for AWS clients, an end."""

    tracer: Tracer
    meters: "Meters | None"
    is_on: bool
    instrument_botocore: Callable[[], None]
    shutdown: Callable[[], None]


def open_telemetry(environ: Mapping[str, str], *, most_series: int) -> Telemetry:
    """Telemetry as the `OTEL_*` variables ask; off unless an OTLP endpoint is set.

    Raises: SettingsError for an exporter or protocol that is not available.
    """
    traces = _open_traces(environ) if _is_on("traces", environ) else None
    metrics = _open_metrics(environ) if _is_on("metrics", environ) else None
    shutdowns = [provider.shutdown for provider in (traces, metrics) if provider]
    return Telemetry(
        tracer=traces.get_tracer(SCOPE, version("lambdascope")) if traces else IdTracer(),
        meters=_meters(metrics, most_series) if metrics else None,
        is_on=bool(shutdowns),
        instrument_botocore=lambda: _instrument_botocore(traces) if traces else None,
        shutdown=lambda: _shut_down(shutdowns),
    )


def _is_on(signal: Signal, environ: Mapping[str, str]) -> bool:
    exporter_variable = f"OTEL_{signal.upper()}_EXPORTER"
    exporter = (environ.get(exporter_variable) or "otlp").strip().lower()
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    endpoints = (f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    if is_disabled or exporter == "none" or not any(environ.get(name) for name in endpoints):
        return False
    if exporter != "otlp":
        raise SettingsError(f"{exporter_variable}={exporter!r}: use otlp or none")
    # The variable of the signal goes before the general one; an empty one counts as unset.
    protocols = (f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    variable = next((name for name in protocols if environ.get(name)), "")
    if variable and environ[variable].strip() != "http/protobuf":
        raise SettingsError(f"{variable}={environ[variable]!r}: use http/protobuf")
    return True


def _open_traces(environ: Mapping[str, str]) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # The SDK's own exit hook can hold a process for half a minute when no collector answers.
    provider = TracerProvider(resource=_resource(environ), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _open_metrics(environ: Mapping[str, str]) -> "MeterProvider":
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return MeterProvider([reader], resource=_resource(environ), shutdown_on_exit=False)


def _meters(provider: "MeterProvider", most_series: int) -> "Meters":
    from lambdascope_proxy.telemetry.meters import Meters

    return Meters(provider.get_meter(SCOPE, version("lambdascope")), most_series=most_series)


def _resource(environ: Mapping[str, str]) -> "Resource":
    from opentelemetry.sdk.resources import Resource

    product = {
        "service.name": environ.get("OTEL_SERVICE_NAME") or "lambdascope",
        "service.version": version("lambdascope"),
    }
    return Resource.create(product)


def _instrument_botocore(provider: "TracerProvider") -> None:
    from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
        BotocoreInstrumentor,
    )

    BotocoreInstrumentor().instrument(tracer_provider=provider)


def _shut_down(shutdowns: Sequence[Callable[[], None]]) -> None:
    """Gives the exporters a moment, all of them the same one: their own shutdown has no time limit that holds."""
    threads = [threading.Thread(target=shutdown, daemon=True) for shutdown in shutdowns]
    deadline = time.monotonic() + SHUTDOWN_BUDGET_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        log.warning("the last telemetry could not be exported within %.0f s and is lost", SHUTDOWN_BUDGET_S)
