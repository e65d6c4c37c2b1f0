"""Faults come when asked for, to the operation they were asked for, and botocore knows them for what they are."""

import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalAws

METRIC = {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}


@pytest.fixture
def aws(run_aws: Any) -> LocalAws:
    return run_aws()


def read_metrics(client: Any) -> str:
    """The status of an answer or the code of a refusal."""
    now = time.time()
    queries = [{"Id": "m", "MetricStat": METRIC}]
    try:
        answer = client.get_metric_data(MetricDataQueries=queries, StartTime=now - 60, EndTime=now)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return answer["MetricDataResults"][0]["StatusCode"]


def test_so_many_calls_of_the_operation_fail_and_others_do_not(aws: LocalAws, client_of: Any) -> None:
    client = client_of(aws, "cloudwatch")
    aws.faults.throttle_next("cloudwatch", "GetMetricData", 2)
    aws.faults.deny_next("cloudwatch", "GetMetricData")
    assert client.list_metrics()["Metrics"] == []
    assert aws.faults.left() == 3
    met = [read_metrics(client) for _ in range(4)]
    assert met == ["ThrottlingException", "ThrottlingException", "AccessDenied", "Complete"]
    assert aws.faults.left() == 0


def test_a_client_that_may_try_again_gets_through(aws: LocalAws, boto_session: Any) -> None:
    """So botocore takes it for a throttle; without its waits, which are no part of what is tested."""
    config = Config(retries={"total_max_attempts": 3}, proxies={})
    client = boto_session.client("cloudwatch", endpoint_url=aws.endpoint_url, config=config)
    aws.faults.throttle_next("cloudwatch", "ListMetrics", 2)
    attempts: list[int] = []
    client.meta.events.register("before-send.cloudwatch", lambda **_: attempts.append(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        assert client.list_metrics()["Metrics"] == []
    assert len(attempts) == 3
    client.close()


OPERATIONS = [
    ("logs", "DescribeLogGroups", "ThrottlingException", "AccessDeniedException"),
    ("resourcegroupstaggingapi", "GetResources", "ThrottledException", "AccessDeniedException"),
    ("sts", "GetCallerIdentity", "Throttling", "AccessDenied"),
]


@pytest.mark.parametrize(("service", "operation", "throttled", "denied"), OPERATIONS)
def test_each_service_has_its_own_words(
    aws: LocalAws, client_of: Any, service: str, operation: str, throttled: str, denied: str
) -> None:
    client = client_of(aws, service)
    aws.faults.throttle_next(service, operation)
    aws.faults.deny_next(service, operation)
    aws.faults.fail_next(service, operation, "InternalFailure", "try later", status=500)
    call = {
        "DescribeLogGroups": lambda: client.describe_log_groups(),
        "GetResources": lambda: client.get_resources(),
        "GetCallerIdentity": lambda: client.get_caller_identity(),
    }[operation]
    met = []
    for _ in range(3):
        with pytest.raises(ClientError) as caught:
            call()
        response = caught.value.response
        met.append((response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]))
    assert met == [(throttled, 400), (denied, 403), ("InternalFailure", 500)]
    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_denial_names_the_action(aws: LocalAws, client_of: Any) -> None:
    aws.faults.deny_next("logs", "DescribeLogGroups")
    with pytest.raises(ClientError, match="is not authorized to perform: logs:DescribeLogGroups because"):
        client_of(aws, "logs").describe_log_groups()


def test_a_service_that_is_not_among_them_is_no_silent_success(aws: LocalAws) -> None:
    with pytest.raises(KeyError):
        aws.faults.throttle_next("lambda", "Invoke")
