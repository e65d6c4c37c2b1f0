"""The namespace AWS/Lambda: samples of what the functions really did, as far back as the journal reaches.

Every sample bears the time at which its invocation started. As on AWS there is no point where there was no traffic; an
invocation that succeeds counts as 0 Errors and 0 Throttles, so that averages of those are rates, which is the custom of
the field and nowhere promised by AWS.
"""

from collections.abc import Callable, Iterator, Sequence

from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.samples import Dimensions, MetricKey, Sample, dimensions_of, raw_sample

NAMESPACE = "AWS/Lambda"


class LambdaMetrics:
    """The metrics as the journal has them now."""

    def __init__(self, journal: Journal) -> None:
        self._invocations: dict[Dimensions, list[InvocationRecord]] = {}
        for record in journal.invocations():
            for dimensions in _dimension_sets(record):
                self._invocations.setdefault(dimensions, []).append(record)

    def samples(self, name: str, dimensions: Dimensions) -> list[Sample]:
        """The samples of one metric; none of a metric that does not exist."""
        take = _OF_INVOCATION.get(name)
        return _taken(take, self._invocations.get(dimensions, ())) if take else []

    def keys(self) -> Iterator[MetricKey]:
        """The metrics that may have samples."""
        for dimensions in self._invocations:
            for name in _OF_INVOCATION:
                yield MetricKey(namespace=NAMESPACE, name=name, dimensions=dimensions)


def resource_dimensions(function_name: str, qualifier: str | None) -> list[Dimensions]:
    """The account, the function and, if the caller named one, the version or alias."""
    function = {"FunctionName": function_name}
    sets = [(), dimensions_of(function)]
    return [*sets, dimensions_of({**function, "Resource": f"{function_name}:{qualifier}"})] if qualifier else sets


def _dimension_sets(record: InvocationRecord) -> list[Dimensions]:
    sets = resource_dimensions(record.function_name, record.qualifier)
    if record.qualifier and record.qualifier != record.version:  # an alias
        sets.append(dimensions_of({**dict(sets[-1]), "ExecutedVersion": record.version}))
    return sets


def _taken(take: Callable[[InvocationRecord], Sample | None], records: Sequence[InvocationRecord]) -> list[Sample]:
    return [sample for record in records if (sample := take(record))]


def _is_throttled(record: InvocationRecord) -> bool:
    return record.outcome == "throttled"


def _invocations(record: InvocationRecord) -> Sample | None:
    return None if _is_throttled(record) else raw_sample(record.started_ms, 1.0, "Count")


def _errors(record: InvocationRecord) -> Sample | None:
    return None if _is_throttled(record) else raw_sample(record.started_ms, float(record.outcome != "success"), "Count")


def _throttles(record: InvocationRecord) -> Sample:
    return raw_sample(record.started_ms, float(_is_throttled(record)), "Count")


def _duration(record: InvocationRecord) -> Sample | None:
    return None if _is_throttled(record) else raw_sample(record.started_ms, record.duration_ms, "Milliseconds")


_OF_INVOCATION: dict[str, Callable[[InvocationRecord], Sample | None]] = {
    "Invocations": _invocations,
    "Errors": _errors,
    "Throttles": _throttles,
    "Duration": _duration,
}
