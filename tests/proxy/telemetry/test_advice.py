"""What an exporter complains of is told with the address and what may help."""

import logging
from collections.abc import Generator

import pytest

from lambdascope_proxy.telemetry.advice import EXPORTERS, Advised, advise

PLACE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.fixture(autouse=True)
def loggers() -> Generator[None]:
    before = {name: [*logging.getLogger(name).filters] for name in EXPORTERS.values()}
    yield
    for name, filters in before.items():
        logging.getLogger(name).filters[:] = filters


@pytest.mark.parametrize(
    ("told", "advice"),
    [
        (
            "Transient error ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
            "a port for gRPC? use 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
        ),
        ("Failed to export spans batch code: 401, reason: Unauthorized", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("Failed to export spans batch code: 404, reason: Not Found", "without /v1/traces"),
        ("Failed to export spans batch code: 413, reason: Too Large", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        ("Transient error Too Many Requests encountered while exporting spans batch", "cannot keep up"),
        ("code: None, reason: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
        ("Could not find a suitable TLS CA certificate bundle, invalid path: /x", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "use http://"),
        ("Failed to resolve 'collector'", "is the collector there?"),
        ("Failed to export spans batch due to timeout, max retries or shutdown.", "did not take it in time"),
    ],
)
def test_each_kind_of_failure_has_its_advice(told: str, advice: str, caplog: pytest.LogCaptureFixture) -> None:
    advise(["traces"], PLACE)
    logging.getLogger(EXPORTERS["traces"]).error("%s", told)
    assert caplog.messages[0].startswith(f"{told} [OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318; ")
    assert advice in caplog.messages[0]


def test_a_line_of_another_kind_only_gets_the_address(caplog: pytest.LogCaptureFixture) -> None:
    advise(["logs"], PLACE)
    logging.getLogger(EXPORTERS["logs"]).warning("100% unheard of")
    assert caplog.messages == ["100% unheard of [OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318]"]


def test_a_password_in_the_address_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    advise(["traces"], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://ann:hunter2@collector?key=hunter2"})
    logging.getLogger(EXPORTERS["traces"]).warning("no")
    assert caplog.messages == ["no [OTEL_EXPORTER_OTLP_ENDPOINT=http://collector]"]


def test_opening_again_says_it_once(caplog: pytest.LogCaptureFixture) -> None:
    advise(["metrics"], PLACE)
    advise(["metrics"], {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://other"})
    logger = logging.getLogger(EXPORTERS["metrics"])
    assert sum(isinstance(each, Advised) for each in logger.filters) == 1
    logger.error("no")
    assert caplog.messages == ["no [OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://other]"]


@pytest.mark.parametrize("name", EXPORTERS.values())
def test_the_loggers_are_those_of_the_exporters(name: str) -> None:
    # Advice on a logger that nobody writes to would never be seen.
    __import__(name)
    assert name in logging.Logger.manager.loggerDict
