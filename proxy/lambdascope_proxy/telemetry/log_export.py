"""Log lines over OTLP, with the ids of the span they were written in. The one place that knows the SDK's `_logs`."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult

from lambdascope_proxy.log_lines import attributes_of
from lambdascope_proxy.telemetry.losses import EXPORT_FAILED, Losses

_SEVERITIES: Final = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.INFO: SeverityNumber.INFO,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}


class CountedLines(LogRecordExporter):
    """An exporter that counts the lines which the collector did not take."""

    def __init__(self, exporter: LogRecordExporter, losses: Losses) -> None:
        self._exporter = exporter
        self._losses = losses

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Exports, and counts."""
        result = LogRecordExportResult.FAILURE
        try:
            result = self._exporter.export(batch)
        finally:
            if result is not LogRecordExportResult.SUCCESS:
                self._losses.add("logs", EXPORT_FAILED, len(batch))
        return result

    def shutdown(self) -> None:
        """Ends the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        """Has the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)


class OtlpLines(logging.Handler):
    """Sends the lines of our own loggers; those of OpenTelemetry itself would feed on their own failures."""

    def __init__(self, logger: Logger, scrub: Callable[[str], str]) -> None:
        super().__init__()
        self._logger = logger
        self._scrub = scrub

    def emit(self, record: logging.LogRecord) -> None:
        """Hands the line to the SDK, masked; never raises."""
        try:
            attributes = {"logger": record.name, **attributes_of(record, self._scrub)}
            if record.exc_info and record.exc_info[0]:
                attributes["exception.type"] = record.exc_info[0].__name__
                attributes["exception.stacktrace"] = self._scrub(logging.Formatter().formatException(record.exc_info))
            self._logger.emit(
                timestamp=int(record.created * 1e9),
                severity_number=_SEVERITIES.get(record.levelno, SeverityNumber.UNSPECIFIED),
                severity_text=record.levelname,
                body=self._scrub(record.getMessage()),
                attributes=attributes,
            )
        except Exception:
            self.handleError(record)
