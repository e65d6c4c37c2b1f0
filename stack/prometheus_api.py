"""Asks Prometheus over its HTTP API."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stack.errors import StackError
from stack.http_json import get_json, post_form


class RefusedError(StackError):
    """Prometheus could not make sense of what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """The span that one value of a histogram was recorded in."""

    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class PrometheusApi:
    """Prometheus on this port of loopback."""

    port: int

    def count_rows(self, query: str) -> int:
        """How many series with a number in them the query gives now.

        Raises: RefusedError.
        """
        data = _data(post_form(self.port, "/api/v1/query", query=query))
        return sum(map(_has_number, _samples(data)))

    def total(self, series: str) -> float:
        """The sum of these series; 0 when there are none."""
        return sum(map(float, _samples(_data(post_form(self.port, "/api/v1/query", query=series)))))

    def label_values(self, label: str, selector: str | None) -> Sequence[str]:
        """The values of a label, of all series or those selected."""
        match = {"match[]": selector} if selector else {}
        return _data(get_json(self.port, f"/api/v1/label/{label}/values", **match))

    def exemplars(self, selector: str) -> list[Exemplar]:
        """The exemplars of these series."""
        now = time.time()
        found = _data(
            get_json(self.port, "/api/v1/query_exemplars", query=selector, start=f"{now - 3600:.0f}", end=f"{now:.0f}")
        )
        labels = [exemplar["labels"] for series in found for exemplar in series["exemplars"]]
        return [Exemplar(trace_id=each["trace_id"], span_id=each["span_id"]) for each in labels if "trace_id" in each]

    def failing_rules(self) -> list[str]:
        """Rules that Prometheus could not evaluate, each with why."""
        groups = _data(get_json(self.port, "/api/v1/rules"))["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] == "err"]


def _data(answer: Mapping[str, Any]) -> Any:
    if answer["status"] != "success":
        raise RefusedError(str(answer.get("error", answer)))
    return answer["data"]


def _samples(data: Mapping[str, Any]) -> Iterator[str]:
    """The newest value of each series; a native histogram counts as its sum of observations."""
    if data["resultType"] == "scalar":
        yield data["result"][1]
        return
    for series in data["result"]:
        pairs = [series["value"]] if "value" in series else series.get("values", [])
        if pairs:
            yield pairs[-1][1]
        elif "histogram" in series:
            yield series["histogram"][1]["sum"]


def _has_number(sample: str) -> bool:
    return math.isfinite(float(sample))
