"""What the Collector's own figures have to say after a run."""

from collections.abc import Callable

import pytest
from stack.collectors import Collector
from stack.losses import check_losses
from stack.prometheus_api import PrometheusApi

TAKEN = {f"otelcol_receiver_accepted_{signal}_total": 9.0 for signal in ("spans", "metric_points", "log_records")}
REFUSED = "otelcol_receiver_refused_spans_total"
UNSENT = "otelcol_exporter_send_failed_metric_points_total"
FULL = "otelcol_exporter_enqueue_failed_log_records_total"
OWN = '{instance="127.0.0.1:3"}'
Losses = Callable[[dict[str, float]], list[str]]


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> Losses:
    def told(sums: dict[str, float]) -> list[str]:
        monkeypatch.setattr(PrometheusApi, "total", lambda _, series: (TAKEN | sums).get(series.removesuffix(OWN), 0.0))
        return [*check_losses(PrometheusApi(1), Collector(otlp_http=1, prometheus=2, telemetry=3))]

    return told


def test_all_three_signals_taken_and_none_lost_is_well(losses: Losses) -> None:
    assert losses({}) == []


def test_a_signal_that_did_not_come_is_told(losses: Losses) -> None:
    assert losses({"otelcol_receiver_accepted_log_records_total": 0}) == ["the Collector took no log_records"]


def test_whatever_was_refused_or_not_sent_is_told(losses: Losses) -> None:
    assert losses({REFUSED: 2, UNSENT: 3, FULL: 4}) == [f"{REFUSED} is 2", f"{UNSENT} is 3", f"{FULL} is 4"]
