"""Expressions over our metrics."""

import pytest

from lambdascope_dashboards import promql
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.metric import Metric

ENVIRONMENT = 'deployment_environment_name=~"$environment"'
OF_FUNCTION = f'{ENVIRONMENT}, faas_invoked_region=~"$region", faas_invoked_name=~"$function"'


@pytest.mark.parametrize(
    ("metric", "filters"),
    [
        (m.QUEUE_LENGTH, ENVIRONMENT),
        (m.THROTTLES, OF_FUNCTION),
        (m.CALLS, f'{OF_FUNCTION}, lambdascope_client_name=~"$client"'),
        (m.MONITORING_COST, f'{ENVIRONMENT}, cloud_region=~"$region"'),
    ],
    ids=lambda value: value.name if isinstance(value, Metric) else "",
)
def test_a_series_is_filtered_by_each_variable_whose_label_it_has(metric: Metric, filters: str) -> None:
    assert promql.series(metric).endswith(f"{{{filters}}}")


def test_growth_is_over_the_time_range_and_rate_over_a_step() -> None:
    series = f"lambdascope_lambda_throttles_total{{{OF_FUNCTION}}}"
    assert promql.growth(m.THROTTLES) == f"sum (increase({series}[$__range]))"
    assert promql.rate(m.THROTTLES, ["faas.invoked_name"]) == (
        f"sum by (faas_invoked_name) (rate({series}[$__rate_interval]))"
    )


def test_a_percentile_adds_buckets_up_before_it_is_taken() -> None:
    # A mean of percentiles, or a percentile of one label only, would be wrong and look right.
    assert promql.quantile(0.99, m.INIT_DURATION, ["faas.invoked_name"]) == (
        "histogram_quantile(0.99, sum by (le, faas_invoked_name) "
        f"(rate(lambdascope_lambda_init_duration_seconds_bucket{{{OF_FUNCTION}}}[$__rate_interval])))"
    )


def test_a_mean_is_the_sum_over_the_count_of_the_same_series() -> None:
    total, count = promql.mean(m.PLATFORM_DURATION).split(" / ")
    assert total.replace("_sum{", "_count{") == count
    assert "_seconds_sum{" in total


def test_a_part_that_never_happened_is_0_of_what_is_reported() -> None:
    assert promql.share("part", "whole") == "(part or whole * 0) / whole"


def test_gauges_are_added_up_or_the_highest_is_taken() -> None:
    series = f"lambdascope_calls_in_flight{{{ENVIRONMENT}}}"
    assert promql.total(m.CALLS_IN_FLIGHT, ["lambdascope.target"]) == f"sum by (lambdascope_target) ({series})"
    assert promql.most(m.CALLS_IN_FLIGHT) == f"max ({series})"


def test_failed_is_every_outcome_but_the_successes() -> None:
    assert promql.FAILED == 'lambdascope_outcome!~"accepted|dry_run|ok"'


def test_every_outcome_is_of_an_execution_or_of_none() -> None:
    # A new outcome has to be put on one side.
    did_not_run = {"throttled", "dry_run", "invalid_arguments", "refused", "not_found", "access_denied"}
    nobody_knows = {"accepted", "cancelled", "transport_error", "aws_error", "payload_too_large"}
    assert {kind.value for kind in OutcomeKind} - {*promql.RAN} == did_not_run | nobody_knows
    assert promql.EXECUTED.startswith('lambdascope_outcome=~"function_error|')
