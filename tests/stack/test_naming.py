"""A metric that Prometheus calls otherwise than the dashboards think has empty panels; so has one that never comes."""

from stack.naming import misnamed

from lambdascope_proxy.telemetry.metric_table import CALLS, INVOKE_DURATION, SPOOL_SIZE

METRICS = (CALLS, INVOKE_DURATION, SPOOL_SIZE)
SERIES = [
    "lambdascope_calls_total",
    *(f"lambdascope_lambda_invoke_duration_seconds_{part}" for part in ("bucket", "count", "sum")),
    "lambdascope_history_spool_size_bytes",
    "otelcol_exporter_queue_size",
    "up",
]


def test_series_of_declared_metrics_and_of_others_are_well() -> None:
    assert [*misnamed(METRICS, SERIES)] == []


def test_a_metric_that_is_not_there_and_one_that_nobody_declared_are_told() -> None:
    renamed = [name.replace("_bytes", "_By") for name in SERIES]
    assert [*misnamed(METRICS, renamed)] == [
        "there is no series lambdascope_history_spool_size_bytes of lambdascope.history.spool.size",
        "series lambdascope_history_spool_size_By belongs to no declared metric",
    ]
