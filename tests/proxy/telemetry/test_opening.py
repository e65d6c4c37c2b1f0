"""Telemetry: off unless an endpoint is set, each signal by itself, and never in the way of serving."""

import logging
from collections.abc import Callable, Generator, Mapping

import pytest

from lambdascope_proxy.log_lines import OURS
from lambdascope_proxy.telemetry import shutdown
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.telemetry.opening import Telemetry, open_telemetry

Enter = Callable[[Mapping[str, str]], None]
Open = Callable[[Mapping[str, str]], Telemetry]
REFUSED = "http://127.0.0.1:9"


@pytest.fixture
def opened(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> Generator[Open]:
    """Opens telemetry in an environment, and ends it soon: nobody takes what it exports."""
    monkeypatch.setattr(shutdown, "SHUTDOWN_BUDGET_S", 0.05)
    ends: list[Callable[[], None]] = []

    def enter_and_open(environ: Mapping[str, str]) -> Telemetry:
        enter(environ)
        telemetry = open_telemetry(environ, most_series=10, scrub=str, sends_xray=False)
        ends.append(telemetry.shutdown)
        return telemetry

    before = {name: [*logging.getLogger(name).handlers] for name in OURS}
    yield enter_and_open
    for end in ends:
        end()
    for name, handlers in before.items():
        logging.getLogger(name).handlers[:] = handlers


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_SDK_DISABLED": "True"},
    ],
)
def test_it_is_off_without_an_endpoint_or_when_switched_off(environ: dict[str, str], opened: Open) -> None:
    telemetry = opened(environ)
    assert telemetry.signals == ()
    assert isinstance(telemetry.tracer, IdTracer)
    assert telemetry.meters is None
    telemetry.instrument_botocore()


def test_an_endpoint_is_for_all_signals(opened: Open) -> None:
    telemetry = opened({"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED})
    assert telemetry.signals == ("traces", "metrics", "logs")
    assert not isinstance(telemetry.tracer, IdTracer)
    assert telemetry.meters


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_each_signal_can_be_the_only_one(signal: str, opened: Open) -> None:
    # Metrics alone must not make spans that nobody exports, nor traces alone meters.
    telemetry = opened({f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT": REFUSED})
    assert telemetry.signals == (signal,)
    assert isinstance(telemetry.tracer, IdTracer) == (signal != "traces")
    assert bool(telemetry.meters) == (signal == "metrics")


def test_what_cannot_be_set_up_is_off_with_a_line_and_the_rest_is_on(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": REFUSED, "OTEL_BSP_MAX_QUEUE_SIZE": "many"}
    telemetry = opened(asked)
    assert telemetry.signals == ("metrics", "logs")
    assert "traces are not exported" in caplog.text
    assert "many" in caplog.text


def test_lost_spans_are_counted_told_at_the_end_and_hold_nobody_up(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry = opened({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": REFUSED, "OTEL_BSP_MAX_QUEUE_SIZE": "512"})
    for _ in range(2000):
        telemetry.tracer.start_span("one").end()
    telemetry.shutdown()
    # All of them: those that were pushed out, those that wait, and those on their way.
    assert "2000 spans and log lines were not exported" in caplog.text
    assert "the last telemetry could not be exported within" in caplog.text


def test_a_file_of_configuration_is_said_not_to_be_followed(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    assert opened({"OTEL_CONFIG_FILE": "otel.yaml"}).signals == ()
    assert "OTEL_CONFIG_FILE is not followed" in caplog.text
