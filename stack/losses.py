"""What the Collector says of itself after the run: everything came in, and nothing was refused or lost."""

from collections.abc import Iterator
from typing import Final

from stack.children import LOOPBACK
from stack.collectors import Collector
from stack.prometheus_api import PrometheusApi

SIGNALS: Final = ("spans", "metric_points", "log_records")


def check_losses(prometheus: PrometheusApi, collector: Collector) -> Iterator[str]:
    """A line for each signal that did not come to this Collector, and each way in which it lost something."""
    own = f'{{instance="{LOOPBACK}:{collector.telemetry}"}}'
    for signal in SIGNALS:
        if not prometheus.total(f"otelcol_receiver_accepted_{signal}_total{own}"):
            yield f"the Collector took no {signal}"
        for lost in (
            f"receiver_refused_{signal}",
            f"exporter_send_failed_{signal}",
            f"exporter_enqueue_failed_{signal}",
        ):
            if count := prometheus.total(f"otelcol_{lost}_total{own}"):
                yield f"otelcol_{lost}_total is {count:g}"
