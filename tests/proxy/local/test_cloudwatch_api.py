"""CloudWatch as boto3 sees it, over functions that really ran."""

import datetime
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalFunction

FAIL = """
    def handler(event, context):
        if event.get("fail"):
            raise RuntimeError("not today")
"""


@pytest.fixture
def aws(run_aws: Any, write_code: Any) -> Any:
    code = write_code(FAIL)
    return run_aws(
        LocalFunction(name="f", code=code, versions={"1": code}, aliases={"live": "1"}),
        LocalFunction(name="closed", code=code, reserved_concurrency=0),
    )


@pytest.fixture
def cloudwatch(aws: Any, client_of: Any) -> Any:
    return client_of(aws, "cloudwatch")


def query(name: str, stat: str = "Sum", query_id: str | None = None, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    metric = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": named}
    return {"Id": query_id or name.lower(), "MetricStat": {"Metric": metric, "Period": 3600, "Stat": stat}}


def ask(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> dict[str, list[float]]:
    """The values of each result, over the last hour and the minute that has begun, which is one period of each."""
    now = time.time()
    window = {"StartTime": now - 3000, "EndTime": now + 60, **more}
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, **window)
    return {each["Id"]: each["Values"] for each in answer["MetricDataResults"]}


def test_the_figures_are_those_of_the_calls_that_were_made(aws: Any, cloudwatch: Any, client_of: Any) -> None:
    functions = client_of(aws)
    for event in ({}, {"fail": 1}, {}):
        functions.invoke(FunctionName="f", Payload=json.dumps(event))["Payload"].read()
    functions.invoke(FunctionName="f", Qualifier="live")["Payload"].read()
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="closed")
    durations = sorted(each.duration_ms for each in aws.journal.invocations() if each.outcome != "throttled")
    assert ask(
        cloudwatch,
        query("Invocations", FunctionName="f"),
        query("Errors", FunctionName="f"),
        query("Throttles", FunctionName="f"),
        query("Throttles", query_id="closed", FunctionName="closed"),
        query("Invocations", query_id="none", FunctionName="closed"),
        query("Invocations", query_id="account"),
        query("Throttles", query_id="all_throttles"),
        query("Invocations", query_id="alias", FunctionName="f", Resource="f:live"),
        query("Invocations", query_id="version", FunctionName="f", Resource="f:live", ExecutedVersion="1"),
        query("Duration", "Maximum", FunctionName="f"),
        query("Duration", "p50", query_id="median", FunctionName="f"),
    ) == {
        "invocations": [4.0],
        "errors": [1.0],
        "throttles": [0.0],
        "closed": [1.0],
        "none": [],
        "account": [4.0],
        "all_throttles": [1.0],
        "alias": [1.0],
        "version": [1.0],
        "duration": [durations[-1]],
        "median": [pytest.approx((durations[1] + durations[2]) / 2)],
    }


def test_a_point_bears_the_beginning_of_its_period_and_a_status(aws: Any, cloudwatch: Any, client_of: Any) -> None:
    client_of(aws).invoke(FunctionName="f")["Payload"].read()
    start_s = time.time() // 60 * 60 - 300
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[query("Invocations", FunctionName="f")], StartTime=start_s, EndTime=start_s + 3600
    )
    (result,) = answer["MetricDataResults"]
    assert result["Timestamps"] == [datetime.datetime.fromtimestamp(start_s, datetime.UTC)]
    assert (result["Label"], result["StatusCode"], result["Values"]) == ("Invocations", "Complete", [1.0])
    assert "NextToken" not in answer


@pytest.mark.parametrize(
    ("queries", "more", "message"),
    [
        ([query("Errors", "p101")], {}, "MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic"),
        ([query("Errors", query_id="E")], {}, "must start with a lowercase letter"),
        ([query("Errors"), query("Errors")], {}, "not unique"),
        ([query("Errors", query_id=f"m{n}") for n in range(501)], {}, "501"),
        ([query("Errors")], {"StartTime": 60, "EndTime": 60}, "must not equal"),
        ([query("Errors")], {"StartTime": 61, "EndTime": 60}, "must be less than"),
        ([query("Errors")], {"MaxDatapoints": 100_801}, "MaxDatapoints"),
        ([{**query("Errors"), "Label": "${MAX}"}], {}, "dynamic labels"),
        ([query("Errors")], {"LabelOptions": {"Timezone": "+0100"}}, "LabelOptions is not implemented"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    cloudwatch: Any, queries: list[Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        ask(cloudwatch, *queries, **more)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize("period_s", [1, 30, 61, 90])
def test_a_period_that_is_no_whole_minutes_is_refused(cloudwatch: Any, period_s: int) -> None:
    asked = query("Errors")
    asked["MetricStat"]["Period"] = period_s
    with pytest.raises(ClientError, match="must be a multiple of 60"):
        ask(cloudwatch, asked)


def test_an_operation_that_is_not_played_says_so(cloudwatch: Any) -> None:
    with pytest.raises(ClientError, match="'DescribeAlarms' is not implemented"):
        cloudwatch.describe_alarms()
