"""The namespace AWS/Logs: what each log group took in, as far back as the journal reaches.

IncomingBytes are the bytes of the messages in UTF-8. AWS does not say whether the 26 bytes it adds to every event when
it measures a batch are part of this metric; here they are not.
"""

from collections.abc import Callable, Iterator, Mapping

from lambdascope_proxy.local.logs import Journal, LogEvent
from lambdascope_proxy.local.metrics.samples import Dimensions, MetricKey, Sample, dimensions_of, raw_sample

NAMESPACE = "AWS/Logs"


class LogsMetrics:
    """The metrics as the journal has them now."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def samples(self, name: str, dimensions: Dimensions) -> list[Sample]:
        """The samples of one metric; none of a metric that does not exist."""
        groups = dict(dimensions)
        take = _OF_EVENT.get(name)
        if take is None or groups.keys() != {"LogGroupName"}:
            return []
        return [take(event) for event in self._journal.events(groups["LogGroupName"])]

    def known(self) -> Iterator[MetricKey]:
        """The metrics that have samples."""
        for group in {event.group for event in self._journal.events()}:
            for name in _OF_EVENT:
                yield MetricKey(namespace=NAMESPACE, name=name, dimensions=dimensions_of({"LogGroupName": group}))


def _events(event: LogEvent) -> Sample:
    return raw_sample(event.timestamp_ms, 1.0, "Count")


def _bytes(event: LogEvent) -> Sample:
    return raw_sample(event.timestamp_ms, float(len(event.message.encode())), "Bytes")


_OF_EVENT: Mapping[str, Callable[[LogEvent], Sample]] = {"IncomingLogEvents": _events, "IncomingBytes": _bytes}
