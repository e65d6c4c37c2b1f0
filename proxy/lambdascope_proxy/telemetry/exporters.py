"""Makes the exporters that were asked for. Each is imported when it is made: they cost half a second."""

import sys
from typing import TYPE_CHECKING

from lambdascope_proxy.telemetry.asked import Export, NotAvailable

if TYPE_CHECKING:
    from opentelemetry.sdk._logs.export import LogRecordExporter
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace.export import SpanExporter

NEEDS_GRPC = "OTLP over grpc needs another package: pip install 'lambdascope[grpc]', or use http/protobuf"


def span_exporter(export: Export) -> "SpanExporter":
    """Raises: NotAvailable when its package is not installed."""
    if export.exporter == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        # stdout belongs to the protocol.
        return ConsoleSpanExporter(out=sys.stderr)
    if export.protocol == "grpc":
        try:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
        except ImportError as error:
            raise NotAvailable(NEEDS_GRPC) from error
        return GrpcSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def metric_exporter(export: Export) -> "MetricExporter":
    """Raises: NotAvailable when its package is not installed."""
    if export.exporter == "console":
        from opentelemetry.sdk.metrics.export import ConsoleMetricExporter

        return ConsoleMetricExporter(out=sys.stderr)
    if export.protocol == "grpc":
        try:
            from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
        except ImportError as error:
            raise NotAvailable(NEEDS_GRPC) from error
        return GrpcMetricExporter()
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    return OTLPMetricExporter()


def log_exporter(export: Export) -> "LogRecordExporter":
    """Raises: NotAvailable when its package is not installed."""
    if export.exporter == "console":
        from opentelemetry.sdk._logs.export import ConsoleLogRecordExporter

        return ConsoleLogRecordExporter(out=sys.stderr)
    if export.protocol == "grpc":
        try:
            from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
        except ImportError as error:
            raise NotAvailable(NEEDS_GRPC) from error
        return GrpcLogExporter()
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    return OTLPLogExporter()
