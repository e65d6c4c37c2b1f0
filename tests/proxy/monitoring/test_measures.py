"""What CloudWatch is asked for."""

from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.cloudwatch.metrics import MOST_QUERIES, MetricQuery
from lambdascope_proxy.monitoring.measures import METRIC_TYPES, SERIES, USUAL_SERIES, WHOLE, metric_queries
from lambdascope_proxy.selection import Function

Make = Callable[..., Function]


@pytest.fixture
def queries_for(function_of: Make) -> Callable[..., list[MetricQuery]]:
    def make(wanted: Any, series: Any, qualifier: str | None = None) -> list[MetricQuery]:
        return metric_queries(function_of(), qualifier, wanted, series, whole_s=10_800, period_s=180)

    return make


def test_everything_fits_one_call_and_no_key_is_asked_twice(queries_for: Callable[..., list[MetricQuery]]) -> None:
    queries = queries_for(METRIC_TYPES, METRIC_TYPES)
    keys = [query.key for query in queries]
    assert len(set(keys)) == len(keys) == len(WHOLE) + len(SERIES) < MOST_QUERIES
    assert {query.period_s for query in queries} == {10_800, 180}


def test_the_default_draws_three_series_only(queries_for: Callable[..., list[MetricQuery]]) -> None:
    drawn = [query.key for query in queries_for(METRIC_TYPES, USUAL_SERIES) if query.period_s == 180]
    assert drawn == ["series_invocations", "series_errors", "series_duration_p95"]


def test_less_is_asked_for_less_but_always_the_invocations(queries_for: Callable[..., list[MetricQuery]]) -> None:
    # Each metric asked is billed; rates and freshness need the invocations.
    keys = [query.key for query in queries_for({"memory"}, {"memory"})]
    assert keys == ["invocations", "series_invocations"]
    assert "duration_sum" in [query.key for query in queries_for({"cost"}, {"cost"})]


def test_every_type_has_a_source(queries_for: Callable[..., list[MetricQuery]]) -> None:
    for kind in set(METRIC_TYPES) - {"cold_starts", "timeouts", "memory", "invocations"}:
        assert len(queries_for({kind}, {"invocations"})) > len(queries_for({"invocations"}, {"invocations"}))


def test_a_qualifier_is_a_dimension(queries_for: Callable[..., list[MetricQuery]]) -> None:
    assert queries_for({"errors"}, {"errors"})[0].dimensions == (("FunctionName", "orders"),)
    qualified = queries_for({"errors"}, {"errors"}, "live")[0]
    assert qualified.dimensions == (("FunctionName", "orders"), ("Resource", "orders:live"))
