"""Takes the values of metrics: histograms go to the SDK, counters are summed here and read when they are exported.

A counter of the SDK costs as much CPU per call as a histogram; these need only their sum, and no exemplar.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from opentelemetry.metrics import CallbackOptions, Histogram, Meter, Observation

from lambdascope_proxy import names
from lambdascope_proxy.telemetry.metric import Metric
from lambdascope_proxy.telemetry.metric_table import METRICS, OVERFLOW

Labels = Mapping[str, str | bool | int | None]
# A client says itself what it is called: more names than these must not take the series from what matters.
MOST_CLIENTS: Final = 100
OTHER: Final = "_OTHER"
Series = tuple[tuple[str, str | bool | int], ...]
Read = Callable[[], Iterable[tuple[float, Labels]]]
# Why a value was recorded without some of its attributes: a setting raises the one limit, nothing the other.
SERIES_LIMIT: Final = "series_limit"
CLIENT_LIMIT: Final = "client_limit"
# The series OpenTelemetry's specification gives to what is over the limit.
BEYOND: Final[Series] = (("otel.metric.overflow", True),)


class Meters:
    """Every metric of the table. Values beyond `most_series` of a metric go to one series of their own, counted.

    So do those of clients beyond the first hundred names.
    """

    def __init__(self, meter: Meter, *, most_series: int) -> None:
        self._most_series = most_series
        self._lock = threading.Lock()
        self._clients: set[str | bool | int] = set()
        self._known: dict[str, set[Series]] = {metric.name: set() for metric in METRICS}
        self._histograms: dict[str, Histogram] = {}
        self._sums: dict[str, dict[Series, float]] = {}
        self._reads: dict[str, list[Read]] = {}
        for metric in METRICS:
            self._declare(meter, metric)

    def record(self, metric: Metric, value: float, labels: Labels) -> None:
        """One value of a histogram; of `labels` it gets the attributes that the metric declares."""
        self._histograms[metric.name].record(value, dict(self._series(metric, labels)))

    def add(self, metric: Metric, amount: float, labels: Labels) -> None:
        """Adds to a counter; of `labels` it gets the attributes that the metric declares."""
        series = self._series(metric, labels)
        with self._lock:
            sums = self._sums[metric.name]
            sums[series] = sums.get(series, 0) + amount

    def watch(self, metric: Metric, read: Read) -> None:
        """Has a gauge, or a counter of any kind that is kept elsewhere, read whenever metrics are exported."""
        self._reads[metric.name].append(read)

    def _declare(self, meter: Meter, metric: Metric) -> None:
        if metric.kind == "histogram":
            self._histograms[metric.name] = meter.create_histogram(
                metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=metric.bounds
            )
            return
        self._sums[metric.name], self._reads[metric.name] = {}, []
        creators = {
            "counter": meter.create_observable_counter,
            "updowncounter": meter.create_observable_up_down_counter,
            "gauge": meter.create_observable_gauge,
        }
        creators[metric.kind](metric.name, [partial(self._observe, metric)], metric.unit, metric.description)

    def _observe(self, metric: Metric, _: CallbackOptions) -> list[Observation]:
        with self._lock:
            sums = [*self._sums[metric.name].items()]
        watched = [
            (self._series(metric, labels), value) for read in self._reads[metric.name] for value, labels in read()
        ]
        return [Observation(value, dict(series)) for series, value in (*sums, *watched)]

    def _series(self, metric: Metric, labels: Labels) -> Series:
        series = tuple((name, value) for name in metric.attributes if (value := labels.get(name)) is not None)
        known = self._known[metric.name]
        if series in known:
            return series
        with self._lock:
            told = tuple((name, self._client(value) if name == names.CLIENT_NAME else value) for name, value in series)
            if told not in known and len(known) >= self._most_series:
                told = BEYOND
            else:
                known.add(told)
            if told != series:
                reason = SERIES_LIMIT if told == BEYOND else CLIENT_LIMIT
                over, beyond = self._sums[OVERFLOW.name], ((names.METRIC, metric.name), (names.REASON, reason))
                over[beyond] = over.get(beyond, 0) + 1
        return told

    def _client(self, name: str | bool | int) -> str | bool | int:
        """The name a client gave itself, if it is one of the first."""
        if len(self._clients) < MOST_CLIENTS:
            self._clients.add(name)
        return name if name in self._clients else OTHER
