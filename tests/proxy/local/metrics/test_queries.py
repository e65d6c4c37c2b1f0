"""What a query may ask, and in which words it is refused."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.queries import MetricStat, asked_queries

STAT = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "p99"}


def test_a_query_asks_for_a_metric_or_an_expression() -> None:
    given = [{"Id": "m1", "MetricStat": STAT, "ReturnData": False}, {"Id": "e1", "Expression": "m1*2", "Label": ""}]
    metric, expression = asked_queries(Asked({"MetricDataQueries": given}))
    assert isinstance(metric.question, MetricStat)
    assert (metric.question.key.name, metric.question.period_s, metric.label, metric.is_returned) == (
        "m",
        60,
        None,
        False,
    )
    assert (expression.id, expression.label, expression.is_returned) == ("e1", "", True)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, r"Exactly one of MetricDataQueries.member.1.MetricStat"),
        ({"MetricStat": STAT, "Expression": "m"}, "Exactly one"),
        ({"Expression": "m +"}, "Error in expression 'q': unexpected end"),
        ({"Expression": "SELECT SUM(Errors) FROM x"}, "Error in expression 'q'"),
        ({"MetricStat": STAT, "Id": "Upper"}, "lowercase"),
        ({"MetricStat": STAT, "Id": "a-b"}, "lowercase"),
        ({"MetricStat": STAT, "Label": "p99 ${LAST}"}, "dynamic labels"),
        ({"MetricStat": STAT, "AccountId": "123456789012"}, "AccountId is not implemented"),
        ({"MetricStat": {**STAT, "Stat": "p99.x"}}, "Stat is not a valid statistic"),
        ({"MetricStat": {**STAT, "Period": 1}}, "multiple of 60"),
        ({"Expression": "m", "Period": 60}, "Period is not implemented"),
    ],
)
def test_a_query_that_is_wrong_is_refused(query: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        asked_queries(Asked({"MetricDataQueries": [{"Id": "q", **query}]}))
    assert caught.value.code == "ValidationError"


def test_there_are_one_to_five_hundred_queries_with_ids_of_their_own() -> None:
    many = [{"Id": f"m{number}", "MetricStat": STAT} for number in range(501)]
    assert len(asked_queries(Asked({"MetricDataQueries": many[:500]}))) == 500
    for wrong in (many, [], [many[0], many[0]]):
        with pytest.raises(AwsError, match="MetricDataQueries"):
            asked_queries(Asked({"MetricDataQueries": wrong}))
