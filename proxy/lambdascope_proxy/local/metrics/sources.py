"""All metrics there are: those of AWS's own namespaces, derived from the journal, and those callers published."""

from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.metrics import lambda_metrics
from lambdascope_proxy.local.metrics.lambda_metrics import LambdaMetrics
from lambdascope_proxy.local.metrics.samples import MetricKey, Sample


class Metrics:
    """The metrics as they are when it is made; one serves one request."""

    def __init__(self, journal: Journal) -> None:
        self._lambda = LambdaMetrics(journal)

    def samples(self, key: MetricKey) -> list[Sample]:
        """The samples of a metric, in no order; none if there is no such metric."""
        if key.namespace == lambda_metrics.NAMESPACE:
            return self._lambda.samples(key.name, key.dimensions)
        return []
