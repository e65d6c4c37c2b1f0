"""The namespace AWS/Lambda: samples of what the functions really did, as far back as the journal reaches.

What is said of an invocation bears the time at which it started. As on AWS there is no point where there was no
traffic; an invocation that succeeds counts as 0 Errors and 0 Throttles, so that averages of those are rates, which is
the custom of the field and nowhere promised by AWS. An event's age is sampled when an attempt really starts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from lambdascope_proxy.local.activity import ConcurrencyRecord, EventRecord
from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.concurrency import concurrency_samples
from lambdascope_proxy.local.metrics.samples import Dimensions, MetricKey, Sample, dimensions_of, raw_sample

NAMESPACE = "AWS/Lambda"
_CONCURRENCY = "ConcurrentExecutions"
_UNRESERVED = "UnreservedConcurrentExecutions"
_Record = TypeVar("_Record", bound=InvocationRecord | EventRecord | ConcurrencyRecord)


class LambdaMetrics:
    """The metrics as the journal has them now."""

    def __init__(self, journal: Journal, now_ms: int) -> None:
        self._now_ms = now_ms
        self._invocations = _by_dimensions(journal.invocations(), _with_executed_version)
        self._events = _by_dimensions(journal.activity.events(), _of_resource)
        self._concurrency = _by_dimensions(journal.activity.concurrency(), _of_resource)

    def samples(self, name: str, dimensions: Dimensions) -> list[Sample]:
        """The samples of one metric; none of a metric that does not exist."""
        if name in _OF_INVOCATION:
            return _taken(_OF_INVOCATION[name], self._invocations.get(dimensions, ()))
        if name in _OF_EVENT:
            return _taken(_OF_EVENT[name], self._events.get(dimensions, ()))
        if name == _CONCURRENCY or (name == _UNRESERVED and not dimensions):
            changes = [(each.at_ms, _level(each, name, dimensions)) for each in self._concurrency.get(dimensions, ())]
            return concurrency_samples(changes, self._now_ms)
        return []

    def known(self) -> Iterator[MetricKey]:
        """The metrics that may have samples."""
        yield from _keys(_OF_INVOCATION, self._invocations)
        yield from _keys(_OF_EVENT, self._events)
        yield from _keys([_CONCURRENCY], self._concurrency)
        yield from _keys([_UNRESERVED], [()])


def _keys(names: Iterable[str], dimension_sets: Iterable[Dimensions]) -> Iterator[MetricKey]:
    names = list(names)
    for dimensions in dimension_sets:
        for name in names:
            yield MetricKey(namespace=NAMESPACE, name=name, dimensions=dimensions)


def _by_dimensions(
    records: Iterable[_Record], dimension_sets: Callable[[_Record], Iterable[Dimensions]]
) -> Mapping[Dimensions, list[_Record]]:
    found: dict[Dimensions, list[_Record]] = {}
    for record in records:
        for dimensions in dimension_sets(record):
            found.setdefault(dimensions, []).append(record)
    return found


def _of_resource(record: InvocationRecord | EventRecord | ConcurrencyRecord) -> list[Dimensions]:
    """The account, the function and, if the caller named one, the version or alias."""
    function = {"FunctionName": record.function_name}
    sets = [(), dimensions_of(function)]
    if record.qualifier:
        sets.append(dimensions_of({**function, "Resource": f"{record.function_name}:{record.qualifier}"}))
    return sets


def _with_executed_version(record: InvocationRecord) -> list[Dimensions]:
    sets = _of_resource(record)
    if record.qualifier and record.qualifier != record.version:  # an alias
        sets.append(dimensions_of({**dict(sets[-1]), "ExecutedVersion": record.version}))
    return sets


def _taken(take: Callable[[_Record], Sample | None], records: Iterable[_Record]) -> list[Sample]:
    return [sample for record in records if (sample := take(record))]


def _level(record: ConcurrencyRecord, name: str, dimensions: Dimensions) -> int:
    if name == _UNRESERVED:
        return record.of_unreserved
    return (record.of_account, record.of_function, record.of_qualifier)[len(dimensions)]


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


def _received(record: EventRecord) -> Sample | None:
    return raw_sample(record.at_ms, 1.0, "Count") if record.step == "received" else None


def _dropped(record: EventRecord) -> Sample | None:
    return raw_sample(record.at_ms, 1.0, "Count") if record.step == "dropped" else None


def _age(record: EventRecord) -> Sample | None:
    return raw_sample(record.at_ms, record.age_ms, "Milliseconds") if record.step == "started" else None


_OF_INVOCATION: Mapping[str, Callable[[InvocationRecord], Sample | None]] = {
    "Invocations": _invocations,
    "Errors": _errors,
    "Throttles": _throttles,
    "Duration": _duration,
}
_OF_EVENT: Mapping[str, Callable[[EventRecord], Sample | None]] = {
    "AsyncEventsReceived": _received,
    "AsyncEventsDropped": _dropped,
    "AsyncEventAge": _age,
}
