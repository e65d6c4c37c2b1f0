"""Log lines over OTLP: masked, with the ids of their span, and never in the way of who logs."""

import logging
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.telemetry.log_export import CountedLines, OtlpLines
from lambdascope_proxy.telemetry.losses import Losses


@pytest.fixture
def exported() -> Generator[tuple[logging.Logger, InMemoryLogRecordExporter]]:
    """A logger, and what of its lines is exported."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    handler, logger = OtlpLines(provider.get_logger("tests"), Scrubber().text), logging.getLogger("tests.log_export")
    logger.addHandler(handler)
    yield logger, exporter
    logger.removeHandler(handler)


def test_a_line_is_exported_masked_with_its_span(exported: tuple[logging.Logger, Any]) -> None:
    logger, exporter = exported
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("tests")
    with tracer.start_as_current_span("call") as span:
        attributes = {"call_id": "1", "attempts": 2, "client_name": "agent password=hunter2"}
        logger.warning("login with %s", "password=hunter2", extra={"attributes": attributes})
    (line,) = exporter.get_finished_logs()
    record = line.log_record
    assert "hunter2" not in record.body
    assert record.body.startswith("login with password=")
    assert record.severity_text == "WARNING"
    masked = {"call_id": "1", "attempts": 2, "client_name": "agent password=[masked]"}
    assert record.attributes == {"logger": "tests.log_export", **masked}
    assert (record.trace_id, record.span_id) == (span.get_span_context().trace_id, span.get_span_context().span_id)


def test_a_traceback_is_exported_masked(exported: tuple[logging.Logger, Any]) -> None:
    logger, exporter = exported
    try:
        raise ValueError("postgres://ada:hunter2@db/orders")
    except ValueError:
        logger.exception("it failed")
    attributes = exporter.get_finished_logs()[0].log_record.attributes
    assert attributes["exception.type"] == "ValueError"
    assert "hunter2" not in attributes["exception.stacktrace"]
    assert "postgres://[masked]@db/orders" in attributes["exception.stacktrace"]


def test_a_line_that_cannot_be_formatted_does_not_reach_who_logs(
    exported: tuple[logging.Logger, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger, exporter = exported
    logger.warning("%d calls", "many")
    assert exporter.get_finished_logs() == ()


@pytest.mark.parametrize("answer", [LogRecordExportResult.FAILURE, OSError("no route")])
def test_lines_that_the_collector_does_not_take_are_counted(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def export(_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    refusing = InMemoryLogRecordExporter()
    monkeypatch.setattr(refusing, "export", export)
    losses = Losses()
    with suppress(OSError):
        CountedLines(refusing, losses).export([None, None])  # type: ignore[list-item]
    assert [*losses.read()] == [(2, {"lambdascope.signal": "logs", "lambdascope.reason": "export_failed"})]


def test_lines_that_it_takes_are_not() -> None:
    losses = Losses()
    assert CountedLines(InMemoryLogRecordExporter(), losses).export([]) is LogRecordExportResult.SUCCESS
    assert losses.total == 0
