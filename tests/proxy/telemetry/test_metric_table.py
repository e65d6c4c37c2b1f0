"""The metrics as they are declared: names, units and attributes in the form OpenTelemetry asks for."""

import re

import pytest

from lambdascope_proxy import names
from lambdascope_proxy.telemetry.metric import Metric
from lambdascope_proxy.telemetry.metric_table import (
    MCP_BOUNDS,
    METRICS,
    PROXY_DURATION,
    SERVER_DURATION,
    SESSION_DURATION,
)

ATTRIBUTES = {value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}
# UCUM: seconds, bytes, a ratio, and annotations for what is counted.
UNITS = re.compile(r"s|By|1|\{[a-zA-Z_]+\}")


def test_no_two_metrics_share_a_name() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS) > 20


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_each_metric_is_named_measured_and_told_apart_as_the_conventions_ask(metric: Metric) -> None:
    assert re.fullmatch(r"(mcp|process|lambdascope)(\.[a-z_]+)+", metric.name)
    assert not metric.name.endswith(("_total", ".total", ".count"))  # Prometheus adds the first itself
    assert UNITS.fullmatch(metric.unit)
    assert metric.description.endswith(".")
    assert set(metric.attributes) <= ATTRIBUTES
    assert bool(metric.bounds) == (metric.kind == "histogram")
    assert list(metric.bounds) == sorted(set(metric.bounds))


def test_the_metrics_of_mcp_have_the_bounds_of_its_conventions() -> None:
    assert MCP_BOUNDS == (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300)
    assert SERVER_DURATION.bounds == SESSION_DURATION.bounds == MCP_BOUNDS


def test_the_seconds_that_tools_of_this_proxy_take_are_told_apart() -> None:
    # With bounds that end at a second, a question to CloudWatch and one that hangs were the same bar.
    assert {2.5, 5.0, 10.0, 30.0, 60.0} <= set(PROXY_DURATION.bounds)


def test_no_metric_is_told_by_what_has_a_value_of_its_own_for_each_call() -> None:
    # One series for each call or session would cost more to keep than the calls themselves.
    every = {attribute for metric in METRICS for attribute in metric.attributes}
    assert not every & {names.CALL_ID, names.MCP_SESSION_ID, names.AWS_REQUEST_ID, names.JSONRPC_REQUEST_ID}
