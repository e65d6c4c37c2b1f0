"""The CloudWatch service: the metrics of what the functions did, and those that callers publish.

Differs from AWS where a stage may: a metric is there as soon as its invocation has ended, nothing is kept that the
journal no longer holds, and what CloudWatch leaves undocumented is decided and said in the modules of `metrics`.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.metrics.asked import Asked, asked_of
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.get_metric_data import get_metric_data
from lambdascope_proxy.local.metrics.get_metric_statistics import get_metric_statistics
from lambdascope_proxy.local.metrics.list_metrics import list_metrics
from lambdascope_proxy.local.metrics.put_metric_data import put_metric_data
from lambdascope_proxy.local.metrics.sources import Metrics
from lambdascope_proxy.local.wire import Answer, Request, json_answer

_TARGET = "GraniteServiceVersion20100801"
# CloudWatch once spoke the query protocol; its exceptions have other names than the codes callers know from then.
_EXCEPTIONS = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "MissingParameter": "MissingRequiredParameterException",
}
_QUESTIONS: Mapping[str, Callable[[Asked, Metrics, float], Mapping[str, Any]]] = {
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}


class CloudWatchApi:
    """Answers monitoring requests."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._custom = CustomMetrics()

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        target, _, operation = request.headers.get("x-amz-target", "").partition(".")
        try:
            if target != _TARGET:
                raise not_implemented(f"the target {target!r}")
            answer = self._answer(operation, asked_of(request))
        except AwsError as error:
            return _refusal(operation, error)
        return json_answer(answer, "application/x-amz-json-1.0")

    def _answer(self, operation: str, asked: Asked) -> Mapping[str, Any]:
        now_s = self._clock()
        if operation == "PutMetricData":
            put_metric_data(asked, self._custom, now_s)
            return {}
        if operation not in _QUESTIONS:
            raise not_implemented(f"the cloudwatch operation {operation!r}")
        return _QUESTIONS[operation](asked, Metrics(self._journal, self._custom, int(now_s * 1000)), now_s)


def _refusal(operation: str, error: AwsError) -> Answer:
    code = error.code
    if code == "ValidationError" and operation != "GetMetricData":
        code = "InvalidParameterValue"
    sender = "Sender" if error.status < 500 else "Receiver"
    body = {"__type": _EXCEPTIONS.get(code, code), "message": error.message, **error.fields}
    return Answer(
        status=error.status,
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/x-amz-json-1.0", "x-amzn-query-error": f"{code};{sender}"},
    )
