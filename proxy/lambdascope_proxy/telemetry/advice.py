"""Adds to what the exporters log where they send to and what may help: OpenTelemetry's own words name neither."""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Final

from lambdascope_proxy.telemetry.asked import Signal, endpoint_of, without_secrets

EXPORTERS: Final[Mapping[Signal, str]] = {
    "traces": "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "metrics": "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "logs": "opentelemetry.exporter.otlp.proto.http._log_exporter",
}
_CREDENTIALS: Final = "the collector wants other credentials, which OTEL_EXPORTER_OTLP_HEADERS can bring"
_BUSY: Final = "the collector cannot keep up; calls go on"
# Of each line the first that is found in it counts.
_ADVICE: Final = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"code: 40[13]\b", _CREDENTIALS),
        (r"code: 404\b", "OTEL_EXPORTER_OTLP_ENDPOINT is given without /v1/traces, the endpoint of one signal with it"),
        (r"code: 413\b", "a batch is too large for the collector: lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        (r"Too Many Requests|Service Unavailable|Gateway", _BUSY),
        (
            r"CERTIFICATE_VERIFY_FAILED",
            "the collector's certificate is not trusted: see OTEL_EXPORTER_OTLP_CERTIFICATE",
        ),
        (r"TLS.*invalid path", "see OTEL_EXPORTER_OTLP_CERTIFICATE and ..._CLIENT_CERTIFICATE, ..._CLIENT_KEY"),
        (r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL", "no TLS is spoken there: use http://"),
        (r"due to timeout, max retries", "the collector did not take it in time; calls go on"),
        (r"aborted|reset", "a port for gRPC? use 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
        (r"refused|resolve|unreachable|timed out", "is the collector there? calls go on"),
    )
)


class Advised(logging.Filter):
    """Lets every line of an exporter through, with the address and the advice added."""

    def __init__(self, variable: str, endpoint: str) -> None:
        super().__init__()
        self._address = f"{variable}={without_secrets(endpoint)}"

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the line."""
        message = record.getMessage()
        found = next((advice for pattern, advice in _ADVICE if pattern.search(message)), "")
        record.msg, record.args = f"{message} [{self._address}{'; ' if found else ''}{found}]", None
        return True


def advise(signals: Iterable[Signal], environ: Mapping[str, str]) -> None:
    """Has the exporters of these signals say more; in the place of what they were told to say before."""
    for signal in signals:
        logger = logging.getLogger(EXPORTERS[signal])
        for old in [each for each in logger.filters if isinstance(each, Advised)]:
            logger.removeFilter(old)
        logger.addFilter(Advised(*endpoint_of(signal, environ)))
