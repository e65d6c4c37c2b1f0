"""AWS/Logs from a journal whose events are known."""

import pytest

from lambdascope_proxy.local.logs import Journal, LogEvent
from lambdascope_proxy.local.metrics.logs_metrics import LogsMetrics
from lambdascope_proxy.local.metrics.samples import Dimensions


@pytest.fixture
def metrics() -> LogsMetrics:
    journal = Journal()
    for at_ms, group, message in ((1, "a", "one\n"), (2, "a", "grün\n"), (3, "b", "x\n")):
        journal.add_event(LogEvent(timestamp_ms=at_ms, group=group, stream="s", message=message))
    return LogsMetrics(journal)


@pytest.mark.parametrize(
    ("name", "dimensions", "expected"),
    [
        ("IncomingBytes", (("LogGroupName", "a"),), [(1, 4, "Bytes"), (2, 6, "Bytes")]),
        ("IncomingLogEvents", (("LogGroupName", "a"),), [(1, 1, "Count"), (2, 1, "Count")]),
        ("IncomingLogEvents", (("LogGroupName", "b"),), [(3, 1, "Count")]),
        ("IncomingLogEvents", (("LogGroupName", "c"),), []),
        ("IncomingLogEvents", (), []),
        ("IncomingLogEvents", (("FunctionName", "a"),), []),
        ("ForwardedBytes", (("LogGroupName", "a"),), []),
    ],
)
def test_a_log_group_took_in_what_was_written_to_it(
    metrics: LogsMetrics, name: str, dimensions: Dimensions, expected: list[tuple[int, float, str]]
) -> None:
    found = [(each.timestamp_ms, each.total, each.unit) for each in metrics.samples(name, dimensions)]
    assert found == expected


def test_every_group_with_events_is_known(metrics: LogsMetrics) -> None:
    known = {(key.namespace, key.name, dict(key.dimensions)["LogGroupName"]) for key in metrics.known()}
    assert known == {("AWS/Logs", name, group) for name in ("IncomingBytes", "IncomingLogEvents") for group in "ab"}
