"""OpenTelemetry set-up: a tracer that exports when an OTLP endpoint is set, and one that only hands out ids."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from opentelemetry.trace import Tracer

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.names import SCOPE
from lambdascope_proxy.telemetry.id_tracer import IdTracer

log = logging.getLogger(__name__)
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SHUTDOWN_BUDGET_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What the rest needs of OpenTelemetry: a tracer, spans for the other AWS clients, and an end."""

    tracer: Tracer
    is_on: bool
    instrument_botocore: Callable[[], None]
    shutdown: Callable[[], None]


def open_telemetry(environ: Mapping[str, str]) -> Telemetry:
    """Telemetry as the `OTEL_*` variables ask; off unless an OTLP endpoint is set.

    Raises: SettingsError for an exporter or protocol that is not available.
    """
    exporter = (environ.get("OTEL_TRACES_EXPORTER") or "otlp").strip().lower()
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    has_endpoint = any(environ.get(name) for name in ENDPOINTS)
    if is_disabled or exporter == "none" or not has_endpoint:
        return _off()
    if exporter != "otlp":
        raise SettingsError(f"OTEL_TRACES_EXPORTER={exporter!r}: use otlp or none")
    # The variable of the signal goes before the general one; an empty one counts as unset.
    variable = next((name for name in PROTOCOLS if environ.get(name)), "")
    if variable and environ[variable].strip() != "http/protobuf":
        raise SettingsError(f"{variable}={environ[variable]!r}: use http/protobuf")
    return _on(environ)


def _off() -> Telemetry:
    def nothing() -> None:
        pass

    return Telemetry(tracer=IdTracer(), is_on=False, instrument_botocore=nothing, shutdown=nothing)


def _on(environ: Mapping[str, str]) -> Telemetry:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    product = {
        "service.name": environ.get("OTEL_SERVICE_NAME") or "lambdascope",
        "service.version": version("lambdascope"),
    }
    # The SDK's own exit hook can hold a process for half a minute when no collector answers.
    provider = TracerProvider(resource=Resource.create(product), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))

    def instrument_botocore() -> None:
        from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
            BotocoreInstrumentor,
        )

        BotocoreInstrumentor().instrument(tracer_provider=provider)

    return Telemetry(
        tracer=provider.get_tracer(SCOPE, version("lambdascope")),
        is_on=True,
        instrument_botocore=instrument_botocore,
        shutdown=lambda: _shut_down(provider.shutdown),
    )


def _shut_down(shutdown: Callable[[], None]) -> None:
    """Gives the exporter a moment: its own shutdown has no time limit that holds."""
    thread = threading.Thread(target=shutdown, daemon=True)
    deadline = time.monotonic() + SHUTDOWN_BUDGET_S
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive():
        log.warning("the last spans could not be exported within %.0f s and are lost", SHUTDOWN_BUDGET_S)
