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
from lambdascope_proxy.local.metrics.get_metric_data import get_metric_data
from lambdascope_proxy.local.metrics.sources import Metrics
from lambdascope_proxy.local.wire import Answer, Request, json_answer

_TARGET = "GraniteServiceVersion20100801"
# CloudWatch once spoke the query protocol; its exceptions have other names than the codes callers know from then.
_EXCEPTIONS = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "MissingParameter": "MissingRequiredParameterException",
}


class CloudWatchApi:
    """Answers monitoring requests."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._operations: Mapping[str, Callable[[Asked], Mapping[str, Any] | None]] = {
            "GetMetricData": self._get_metric_data,
        }

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        try:
            answer = self._operation(request)(asked_of(request))
        except AwsError as error:
            return _refusal(error)
        return json_answer(answer or {}, "application/x-amz-json-1.0")

    def _operation(self, request: Request) -> Callable[[Asked], Mapping[str, Any] | None]:
        target, _, name = request.headers.get("x-amz-target", "").partition(".")
        if target != _TARGET or name not in self._operations:
            raise not_implemented(f"the cloudwatch operation {name!r}")
        return self._operations[name]

    def _get_metric_data(self, asked: Asked) -> Mapping[str, Any]:
        return get_metric_data(asked, Metrics(self._journal), self._clock())


def _refusal(error: AwsError) -> Answer:
    sender = "Sender" if error.status < 500 else "Receiver"
    body = {"__type": _EXCEPTIONS.get(error.code, error.code), "message": error.message, **error.fields}
    return Answer(
        status=error.status,
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/x-amz-json-1.0", "x-amzn-query-error": f"{error.code};{sender}"},
    )
