"""Sends an export without data, through the very exporter that would send one with."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from lambdascope_proxy.telemetry.asked import Export, Signal
from lambdascope_proxy.telemetry.exporters import log_exporter, metric_exporter, span_exporter
from lambdascope_proxy.telemetry.verdicts import TAKEN, Verdict, judge_fault, judge_grpc, judge_status

if TYPE_CHECKING:
    from google.protobuf.message import Message

_EXPORTERS: Final[Mapping[Signal, Callable[[Export], Any]]] = {
    "traces": span_exporter,
    "metrics": metric_exporter,
    "logs": log_exporter,
}


def try_export(signal: Signal, export: Export) -> Verdict:
    """What came of it: one attempt, within the time an export may take. Reads the process's own `OTEL_*` variables."""
    try:
        exporter: Any = _EXPORTERS[signal](export)
    except Exception as error:
        return judge_fault(str(error), export.protocol, otherwise=f"cannot be set up ({type(error).__name__})")
    try:
        return _try_grpc(exporter, signal) if export.protocol == "grpc" else _try_http(exporter)
    except Exception as error:
        return judge_fault(str(error), export.protocol, otherwise=f"cannot be tried ({type(error).__name__})")
    finally:
        exporter.shutdown()


def _try_http(exporter: Any) -> Verdict:
    # Its export() tries again for ten seconds and then says no more than that it failed: one step further in, the same
    # request is made once, with the same headers, certificates and credentials. What has no data is of no bytes.
    client = exporter._client
    answer = client._transport.request(
        "POST",
        client._endpoint,
        headers=client._headers,
        data=client._compress(b""),
        timeout=client._timeout,
    )
    if answer.status_code is None:
        return judge_fault(str(answer.error), "http/protobuf", otherwise=f"it fails ({type(answer.error).__name__})")
    return judge_status(answer.status_code, answer.headers().get("content-type") or "")


def _try_grpc(exporter: Any, signal: Signal) -> Verdict:
    import grpc

    try:
        # For the same reason as above.
        exporter._client.Export(_empty(signal), metadata=exporter._headers, timeout=exporter._timeout)
    except grpc.RpcError as error:
        failed = cast(grpc.Call, error)
        return judge_grpc(failed.code().name, failed.details() or "")
    return TAKEN


def _empty(signal: Signal) -> "Message":
    if signal == "traces":
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return ExportTraceServiceRequest()
    if signal == "metrics":
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

        return ExportMetricsServiceRequest()
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    return ExportLogsServiceRequest()
