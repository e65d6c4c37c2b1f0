"""CloudWatch as boto3 sees it, over functions that really ran."""

import datetime
import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.activity import EventRecord

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
        event_retry_delays_s=(0, 0),
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
        ([{"Id": "e1", "Expression": "SEARCH('x', 'Sum')"}], {}, "SEARCH is not implemented"),
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


def published(name: str, stat: str, query_id: str) -> dict[str, Any]:
    metric = {"Namespace": "Mine", "MetricName": name}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 3600, "Stat": stat}}


def test_what_callers_publish_is_found_again(cloudwatch: Any) -> None:
    """The second request is long enough for botocore to compress it."""
    now = datetime.datetime.now(datetime.UTC)
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{"MetricName": "m", "Value": 5, "Timestamp": now}])
    values = [float(number) for number in range(100)]
    many = [{"MetricName": f"many{number}", "Values": values, "Unit": "Bytes"} for number in range(60)]
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=many)
    assert ask(
        cloudwatch, published("m", "Sum", "m"), published("many0", "p95", "a"), published("many59", "Average", "z")
    ) == {"m": [5.0], "a": [pytest.approx(94.05)], "z": [49.5]}
    listed = cloudwatch.list_metrics(Namespace="Mine")["Metrics"]
    assert len(listed) == 61
    answer = cloudwatch.get_metric_statistics(
        Namespace="Mine",
        MetricName="many0",
        StartTime=now - datetime.timedelta(minutes=50),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=3600,
        ExtendedStatistics=["p50"],
    )
    assert [point["ExtendedStatistics"] for point in answer["Datapoints"]] == [{"p50": 49.5}]


def test_refusals_bear_the_codes_callers_know(cloudwatch: Any) -> None:
    """CloudWatch's codes are older than its exceptions; botocore finds both by the code."""
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException, match="AWS/Lambda") as caught:
        cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": "m", "Value": 5}])
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(cloudwatch.exceptions.InvalidParameterCombinationException):
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{"MetricName": "m"}])
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        ask(cloudwatch, query("Errors"), NextToken="x")


def test_more_than_a_page_of_metrics_is_listed_page_by_page(cloudwatch: Any) -> None:
    for first in (0, 1000):
        data = [{"MetricName": f"m{number}", "Value": 1} for number in range(first, first + 600)]
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=data)
    pages = [page["Metrics"] for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="Mine")]
    assert [len(page) for page in pages] == [500, 500, 200]
    assert len({each["MetricName"] for page in pages for each in page}) == 1200


def test_event_invocations_and_concurrency_are_measured(
    aws: Any, cloudwatch: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions, activity, is_dropped = client_of(aws), aws.journal.activity, threading.Event()
    add_event = activity.add_event

    def note(record: EventRecord) -> None:
        add_event(record)
        if record.step == "dropped":
            is_dropped.set()

    monkeypatch.setattr(activity, "add_event", note)
    functions.invoke(FunctionName="f", Qualifier="live", InvocationType="Event", Payload='{"fail": 1}')
    assert is_dropped.wait(20)
    found = ask(
        cloudwatch,
        query("AsyncEventsReceived", query_id="received", FunctionName="f"),
        query("AsyncEventsDropped", query_id="dropped", FunctionName="f", Resource="f:live"),
        query("AsyncEventAge", "SampleCount", query_id="tries"),
        query("AsyncEventAge", "Minimum", query_id="age"),
        query("Errors", query_id="errors", FunctionName="f"),
        query("ConcurrentExecutions", "Maximum", query_id="busy"),
        query("UnreservedConcurrentExecutions", "Maximum", query_id="unreserved"),
        query("ConcurrentExecutions", "Maximum", query_id="alias", FunctionName="f", Resource="f:live"),
    )
    (age_ms,) = found.pop("age")
    assert age_ms >= 0
    assert found == {
        "received": [1.0],
        "dropped": [1.0],
        "tries": [3.0],
        "errors": [3.0],
        "busy": [1.0],
        "unreserved": [1.0],
        "alias": [1.0],
    }


def test_log_groups_take_in_what_the_functions_wrote(aws: Any, cloudwatch: Any, client_of: Any) -> None:
    client_of(aws).invoke(FunctionName="f")["Payload"].read()
    events = aws.journal.events("/aws/lambda/f")
    asked = query("IncomingBytes", LogGroupName="/aws/lambda/f")
    asked["MetricStat"]["Metric"]["Namespace"] = "AWS/Logs"
    assert ask(cloudwatch, asked) == {"incomingbytes": [float(sum(len(each.message.encode()) for each in events))]}


def test_math_pages_and_fleets_come_through_the_wire(aws: Any, cloudwatch: Any, client_of: Any) -> None:
    """Five hundred queries at once, and pages that botocore's own paginator asks for."""
    client_of(aws).invoke(FunctionName="f", Payload='{"fail": 1}')["Payload"].read()
    names = {"FunctionName": "f"}
    errors, calls = query("Errors", query_id="errors", **names), query("Invocations", query_id="calls", **names)
    rate = {"Id": "rate", "Expression": "100*errors/calls"}
    assert ask(cloudwatch, rate, errors, calls) == {"rate": [100.0], "errors": [1.0], "calls": [1.0]}
    fleet = [query("Invocations", query_id=f"m{number}", **names) for number in range(500)]
    now = time.time()
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=fleet, StartTime=now - 3000, EndTime=now + 60, PaginationConfig={"PageSize": 400}
    )
    found = [sum(len(result["Values"]) for result in page["MetricDataResults"]) for page in pages]
    assert found == [400, 100]


def test_an_operation_that_is_not_played_says_so(cloudwatch: Any) -> None:
    with pytest.raises(ClientError, match="'DescribeAlarms' is not implemented"):
        cloudwatch.describe_alarms()
