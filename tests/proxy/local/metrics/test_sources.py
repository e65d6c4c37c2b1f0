"""A metric is found in its namespace and nowhere else."""

import pytest

from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.samples import MetricKey
from lambdascope_proxy.local.metrics.sources import Metrics


@pytest.mark.parametrize(("namespace", "count"), [("AWS/Lambda", 1), ("AWS/Logs", 0), ("aws/lambda", 0), ("Mine", 0)])
def test_a_metric_is_found_in_its_namespace(namespace: str, count: int) -> None:
    journal = Journal()
    journal.add_invocation(
        InvocationRecord(
            started_ms=0, function_name="f", qualifier=None, version="1", request_id="r", outcome="success"
        )
    )
    assert len(Metrics(journal).samples(MetricKey(namespace=namespace, name="Invocations"))) == count
