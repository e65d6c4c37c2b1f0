"""What our metrics are called in Prometheus: as measured, and as the real Collector says where there is one."""

import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from lambdascope_dashboards.prometheus_names import label, prometheus_name, series_names
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Meters
from lambdascope_proxy.telemetry.metric import Kind, Metric

COLLECTOR = Path(__file__).parents[2] / ".stack" / "bin" / "otelcol"
CONFIGURATION = """
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{otlp}"}}}}}}}}
exporters:
  prometheus:
    endpoint: "127.0.0.1:{scrape}"
    enable_open_metrics: true
    translation_strategy: UnderscoreEscapingWithSuffixes
    without_scope_info: true
service:
  telemetry: {{metrics: {{level: none}}, logs: {{level: error}}}}
  pipelines: {{metrics: {{receivers: [otlp], exporters: [prometheus]}}}}
"""


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (m.SERVER_DURATION, "mcp_server_operation_duration_seconds"),
        (m.COST, "lambdascope_cost_total"),
        (m.COLD_STARTS, "lambdascope_lambda_cold_starts_total"),
        (m.BILLED_DURATION, "lambdascope_lambda_billed_duration_seconds_total"),
        (m.SPOOL_SIZE, "lambdascope_history_spool_size_bytes"),
        (m.PROCESS_CPU_TIME, "process_cpu_time_seconds_total"),
        (m.PROCESS_MEMORY_USAGE, "process_memory_usage_bytes"),
        (m.CALLS_IN_FLIGHT, "lambdascope_calls_in_flight"),
        (m.MEMORY_UTILIZATION, "lambdascope_lambda_memory_utilization"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_units_and_kinds_become_suffixes(metric: Metric, name: str) -> None:
    assert prometheus_name(metric) == name


@pytest.mark.parametrize(
    ("kind", "unit", "name"),
    [
        ("gauge", "1", "a_total_seconds_ratio"),
        ("counter", "1", "a_seconds_total"),
        ("gauge", "s", "a_total_seconds"),
        ("counter", "{total}", "a_seconds_total"),
    ],
)
def test_a_suffix_that_is_there_already_does_not_come_twice(kind: Kind, unit: str, name: str) -> None:
    assert prometheus_name(Metric(name="a.total..seconds", kind=kind, unit=unit, description="")) == name


def test_a_histogram_is_three_series() -> None:
    name = "lambdascope_lambda_init_duration_seconds"
    assert series_names(m.INIT_DURATION) == (f"{name}_bucket", f"{name}_count", f"{name}_sum")
    assert series_names(m.ROWS) == ("lambdascope_history_rows_total",)


def test_a_unit_nobody_thought_of_is_refused() -> None:
    with pytest.raises(ValueError, match="unit 'ms'"):
        prometheus_name(Metric(name="a", kind="gauge", unit="ms", description=""))


def test_dots_of_attributes_become_underscores() -> None:
    assert label(names.FAAS_NAME) == "faas_invoked_name"


def test_no_two_metrics_have_a_name_in_common() -> None:
    found = [name for metric in m.METRICS for name in series_names(metric)]
    assert len(found) == len(set(found))


def free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(2)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A Collector's addresses for OTLP and for Prometheus."""
    otlp, scrape = free_ports()
    configuration = tmp_path / "otelcol.yaml"
    configuration.write_text(CONFIGURATION.format(otlp=otlp, scrape=scrape), encoding="utf-8")
    log = (tmp_path / "log").open("wb")
    child = subprocess.Popen([COLLECTOR, f"--config={configuration}"], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{otlp}/v1/metrics", f"http://127.0.0.1:{scrape}/metrics"
    finally:
        child.kill()
        child.wait()
        log.close()


def scraped(address: str, until: str) -> str:
    text = ""
    deadline = time.monotonic() + 20
    request = urllib.request.Request(address, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    while until not in text and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            pass
        if until not in text:
            time.sleep(0.1)
    return text


def emit_all(meters: Meters) -> None:
    """One value of every metric, with every attribute it may have."""
    for metric in m.METRICS:
        labels: dict[str, Any] = dict.fromkeys(metric.attributes, "x")
        if metric.kind == "histogram":
            meters.record(metric, 0.5, labels)
        elif metric.kind == "counter":
            meters.add(metric, 1, labels)
        else:
            meters.watch(metric, lambda labels=labels: [(1.0, labels)])


@pytest.mark.skipif(not COLLECTOR.exists(), reason="`make stack` builds the Collector")
def test_the_real_collector_gives_the_same_names_and_labels(collector: tuple[str, str]) -> None:
    otlp, scrape = collector
    scraped(scrape, "# EOF")
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(otlp))
    provider = MeterProvider([reader], shutdown_on_exit=False)
    emit_all(Meters(provider.get_meter("test"), most_series=10))
    assert provider.force_flush()
    text = scraped(scrape, "lambdascope_telemetry_lost_total{")
    provider.shutdown()
    said = {
        match[1]: set(re.findall(r"(\w+)=", match[2]))
        for match in re.finditer(r"^(\w+)\{([^}]*)\} ", text, re.MULTILINE)
    }
    expected = {
        name: {"job", *map(label, metric.attributes)} | ({"le"} if name.endswith("_bucket") else set())
        for metric in m.METRICS
        for name in series_names(metric)
    }
    assert {name: said.get(name, set()) & expected[name] for name in expected} == expected
