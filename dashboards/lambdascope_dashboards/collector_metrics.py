"""What the Collector tells of itself and our dashboards ask for: names and labels of its own metrics in Prometheus.

They are those of a Collector whose reader has `without_type_suffix` and `without_units` off, as ours has.
"""

from collections.abc import Mapping
from typing import Final

SIGNALS: Final = ("spans", "metric_points", "log_records")
RECEIVER: Final = ("receiver", "transport")
EXPORTER: Final = ("exporter",)
COLLECTOR_SERIES: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"otelcol_receiver_accepted_{signal}_total": RECEIVER for signal in SIGNALS},
    **{f"otelcol_receiver_refused_{signal}_total": RECEIVER for signal in SIGNALS},
    **{f"otelcol_exporter_send_failed_{signal}_total": EXPORTER for signal in SIGNALS},
    **{f"otelcol_exporter_enqueue_failed_{signal}_total": EXPORTER for signal in SIGNALS},
    "otelcol_exporter_queue_size": (*EXPORTER, "data_type"),
    "otelcol_exporter_queue_capacity": (*EXPORTER, "data_type"),
    "otelcol_process_memory_rss_bytes": (),
    "otelcol_process_cpu_seconds_total": (),
}
