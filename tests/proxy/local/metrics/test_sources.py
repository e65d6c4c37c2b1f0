"""A metric is found in its namespace and nowhere else."""

import pytest

from lambdascope_proxy.local.logs import InvocationRecord, Journal, LogEvent
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.samples import MetricKey, dimensions_of, raw_sample
from lambdascope_proxy.local.metrics.sources import Metrics

GROUP = dimensions_of({"LogGroupName": "g"})
MINE = MetricKey(namespace="Mine", name="Invocations")


@pytest.fixture
def metrics() -> Metrics:
    journal, custom = Journal(), CustomMetrics()
    journal.add_event(LogEvent(timestamp_ms=0, group="g", stream="s", message="m"))
    journal.add_invocation(
        InvocationRecord(
            started_ms=0, function_name="f", qualifier=None, version="1", request_id="r", outcome="success"
        )
    )
    custom.add([(MINE, raw_sample(0, 1.0, "None"))] * 3)
    return Metrics(journal, custom, 1)


@pytest.mark.parametrize(
    ("namespace", "name", "count"),
    [
        ("AWS/Lambda", "Invocations", 1),
        ("AWS/Logs", "Invocations", 0),
        ("AWS/Lambda", "IncomingBytes", 0),
        ("aws/lambda", "Invocations", 0),
        ("Mine", "Invocations", 3),
        ("Mine", "Errors", 0),
    ],
)
def test_a_metric_is_found_in_its_namespace(metrics: Metrics, namespace: str, name: str, count: int) -> None:
    assert len(metrics.samples(MetricKey(namespace=namespace, name=name))) == count


def test_log_metrics_are_found_by_group(metrics: Metrics) -> None:
    assert len(metrics.samples(MetricKey(namespace="AWS/Logs", name="IncomingBytes", dimensions=GROUP))) == 1


def test_all_namespaces_are_known(metrics: Metrics) -> None:
    assert {key.namespace for key in metrics.known()} == {"AWS/Lambda", "AWS/Logs", "Mine"}
