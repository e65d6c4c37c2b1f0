"""All metrics there are: those of AWS's own namespaces, derived from the journal, and those callers published."""

from collections.abc import Iterator

from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.metrics import lambda_metrics, logs_metrics
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.lambda_metrics import LambdaMetrics
from lambdascope_proxy.local.metrics.logs_metrics import LogsMetrics
from lambdascope_proxy.local.metrics.samples import MetricKey, Sample


class Metrics:
    """The metrics as they are when it is made; one serves one request."""

    def __init__(self, journal: Journal, custom: CustomMetrics, now_ms: int) -> None:
        self._lambda = LambdaMetrics(journal, now_ms)
        self._logs = LogsMetrics(journal)
        self._custom = custom.by_key()
        self._found: dict[MetricKey, list[Sample]] = {}

    def samples(self, key: MetricKey) -> list[Sample]:
        """The samples of a metric, in no order; none if there is no such metric."""
        if key not in self._found:  # one request asks for several statistics of a metric
            self._found[key] = self._find(key)
        return self._found[key]

    def known(self) -> Iterator[MetricKey]:
        """The metrics that may have samples."""
        yield from self._lambda.known()
        yield from self._logs.known()
        yield from self._custom

    def _find(self, key: MetricKey) -> list[Sample]:
        if key.namespace == lambda_metrics.NAMESPACE:
            return self._lambda.samples(key.name, key.dimensions)
        if key.namespace == logs_metrics.NAMESPACE:
            return self._logs.samples(key.name, key.dimensions)
        return self._custom.get(key, [])
