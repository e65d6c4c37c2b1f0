"""Reads CloudWatch metrics with GetMetricData: many in one request, every page, and what came back incomplete."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import anyio

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.sending import Sender, Sleep
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.threads import Threads

ACTION: Final = "cloudwatch:GetMetricData"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
MOST_QUERIES: Final = 500
_MOST_PAGES: Final = 100
_NAMES_TOLD: Final = 3
_WORDS: Final = {
    "PartialData": "only part of the data came",
    "InternalError": "CloudWatch failed, ask again",
    "Forbidden": f"not allowed, the role lacks {ACTION} there",
    "": "CloudWatch answered nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One statistic of one metric; `key` is the asker's name for it. Without dimensions it is the metric that has none.

    `statistic` as AWS writes it (Sum, Maximum, p95, tm99), `period_s` a multiple of 60.
    """

    key: str
    namespace: str
    name: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]
    period_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Its points, oldest first; a bin without data has none. `status` is AWS's: all came only if it is Complete."""

    key: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    status: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAnswer:
    """A series for every key asked; `partial` tells in words what did not come whole."""

    series: Mapping[str, Series]
    bill: Bill
    partial: tuple[str, ...]


class Metrics:
    """Asks one place at a time; the requests of a question run at once and share its patience for throttles."""

    def __init__(self, places: Places, threads: Threads, *, sleep: Sleep = anyio.sleep) -> None:
        self._places = places
        self._threads = threads
        self._sleep = sleep

    async def read(self, place: Place, queries: Sequence[MetricQuery], window: Window) -> MetricAnswer:
        """The series of all queries over one window. Every query of every request, further pages too, is on the bill.

        Raises: CallFailed, naming cloudwatch:GetMetricData where that is not allowed; ValueError for a key asked twice.
        """
        if len({query.key for query in queries}) < len(queries):
            raise ValueError("two metric queries have the same key")
        sender = Sender(self._places, self._threads, place, sleep=self._sleep)
        batches = [queries[at : at + MOST_QUERIES] for at in range(0, len(queries), MOST_QUERIES)]
        try:
            async with asyncio.TaskGroup() as tasks:
                asked = [tasks.create_task(_read_batch(sender, batch, window)) for batch in batches]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return _answer(place, [task.result() for task in asked])


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What came for one query so far."""

    query: MetricQuery
    points: list[tuple[datetime, float]] = field(default_factory=list[tuple[datetime, float]])
    status: str = ""
    messages: list[str] = field(default_factory=list[str])

    def take(self, result: Mapping[str, Any]) -> None:
        self.points += zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True)
        # Of a result spread over pages the last one says whether it is whole.
        self.status = result.get("StatusCode", "")
        self.messages += [text for text in _texts(result) if text not in self.messages]

    def series(self) -> Series:
        points = sorted((time.astimezone(UTC), float(value)) for time, value in self.points)
        return Series(
            key=self.query.key,
            times=tuple(time for time, _ in points),
            values=tuple(value for _, value in points),
            status=self.status,
            messages=tuple(self.messages),
        )


@dataclass(slots=True, kw_only=True)
class _Batch:
    """One request and its further pages."""

    readings: dict[str, _Reading]
    requests: int = 0
    remarks: list[str] = field(default_factory=list[str])

    def take(self, page: Mapping[str, Any]) -> None:
        self.requests += 1
        for result in page.get("MetricDataResults", ()):
            self.readings[result["Id"]].take(result)
        self.remarks += [text for text in _texts(page) if text not in self.remarks]


async def _read_batch(sender: Sender, queries: Sequence[MetricQuery], window: Window) -> _Batch:
    batch = _Batch(readings={f"m{at}": _Reading(query=query) for at, query in enumerate(queries)})
    asked = {
        "MetricDataQueries": [_as_asked(key, reading.query) for key, reading in batch.readings.items()],
        "StartTime": window.start,
        "EndTime": window.end,
        "ScanBy": "TimestampAscending",
    }
    more: dict[str, Any] = {}
    while batch.requests < _MOST_PAGES:
        parameters = {**asked, **more}
        page = await sender.send(ACTION, "reading metrics", lambda client, it=parameters: client.get_metric_data(**it))
        batch.take(page)
        if not page.get("NextToken"):
            return batch
        more = {"NextToken": page["NextToken"]}
    batch.remarks.append(f"CloudWatch has more than {_MOST_PAGES} pages; the rest was not read")
    return batch


def _as_asked(key: str, query: MetricQuery) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions]
    metric = {"Namespace": query.namespace, "MetricName": query.name, "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": query.period_s, "Stat": query.statistic}}


def _answer(place: Place, batches: Iterable[_Batch]) -> MetricAnswer:
    bill, readings, remarks = Bill(region=place.region), list[_Reading](), list[str]()
    for batch in batches:
        asked = len(batch.readings) * batch.requests
        bill += Bill(region=place.region, metrics=asked, metric_requests=batch.requests)
        readings += batch.readings.values()
        remarks += batch.remarks
    series = {reading.query.key: reading.series() for reading in readings}
    return MetricAnswer(series=series, bill=bill, partial=(*_shortfalls(readings), *dict.fromkeys(remarks)))


def _shortfalls(readings: Iterable[_Reading]) -> Iterable[str]:
    """What did not come whole, in words; the same words for many metrics are said once."""
    names: dict[str, dict[str, None]] = {}
    for reading in readings:
        if reading.status != "Complete":
            words = "; ".join([_WORDS.get(reading.status, reading.status), *reading.messages])
            names.setdefault(words, {})[f"{reading.query.name} {reading.query.statistic}"] = None
    for words, found in names.items():
        told = ", ".join(list(found)[:_NAMES_TOLD])
        further = f" and {len(found) - _NAMES_TOLD} more" if len(found) > _NAMES_TOLD else ""
        yield f"{told}{further}: {words}."


def _texts(said: Mapping[str, Any]) -> list[str]:
    return [message.get("Value") or message.get("Code", "") for message in said.get("Messages", ())]
