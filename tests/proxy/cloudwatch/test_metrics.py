"""Metrics as they are read: every page and batch, oldest first, with what is missing said and all of it on the bill."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import ANY

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch import metrics as metrics_module
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.metrics import MetricAnswer, MetricQuery, Metrics, Series
from lambdascope_proxy.cloudwatch.period import aligned, whole_period_s
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
HERE = Place(region="us-east-1")
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))


def query(key: str = "errors", name: str = "Errors", statistic: str = "Sum") -> MetricQuery:
    return MetricQuery(
        key=key,
        namespace="AWS/Lambda",
        name=name,
        statistic=statistic,
        dimensions=(("FunctionName", "orders"),),
        period_s=300,
    )


def result(key: str, values: dict[int, float] | None = None, status: str = "Complete", **more: Any) -> dict[str, Any]:
    points = {TEN + timedelta(minutes=minute): value for minute, value in (values or {}).items()}
    return {"Id": key, "Timestamps": list(points), "Values": list(points.values()), "StatusCode": status, **more}


@pytest.fixture
def aws(script_of: Callable[[str], Any]) -> Any:
    return script_of("cloudwatch")


async def read(aws: Any, *queries: MetricQuery) -> MetricAnswer:
    metrics = Metrics(aws.places, aws.threads, sleep=aws.sleep)
    return await metrics.read(HERE, queries, HOUR)


async def test_a_query_is_asked_as_aws_wants_it_and_its_points_come_oldest_first(aws: Any) -> None:
    stat = {
        "Metric": {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": "orders"}],
        },
        "Period": 300,
        "Stat": "Sum",
    }
    asked = {
        "MetricDataQueries": [{"Id": "m0", "MetricStat": stat}],
        "StartTime": HOUR.start,
        "EndTime": HOUR.end,
        "ScanBy": "TimestampAscending",
    }
    aws.answers("get_metric_data", {"MetricDataResults": [result("m0", {5: 2.0, 0: 1.0})]}, asked)
    answer = await read(aws, query())
    assert answer == MetricAnswer(
        series={
            "errors": Series(
                key="errors", times=(TEN, TEN + timedelta(minutes=5)), values=(1.0, 2.0), status="Complete"
            )
        },
        bill=Bill(region="us-east-1", metrics=1, metric_requests=1),
        partial=(),
    )


async def test_no_data_is_an_empty_series_and_nothing_partial(aws: Any) -> None:
    aws.answers("get_metric_data", {"MetricDataResults": [result("m0")]})
    answer = await read(aws, query())
    assert (answer.series["errors"].values, answer.partial) == ((), ())


async def test_every_page_is_read_and_a_series_over_pages_is_whole(aws: Any) -> None:
    first = [result("m0", {0: 1.0}, "PartialData"), result("m1", {0: 9.0})]
    aws.answers("get_metric_data", {"MetricDataResults": first, "NextToken": "2"})
    aws.answers("get_metric_data", {"MetricDataResults": [], "NextToken": "3"})
    last = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY, "ScanBy": ANY, "NextToken": "3"}
    aws.answers("get_metric_data", {"MetricDataResults": [result("m0", {5: 2.0})]}, last)
    answer = await read(aws, query(), query("throttles", "Throttles"))
    assert answer.series["errors"].values == (1.0, 2.0)
    assert answer.series["throttles"].values == (9.0,)
    assert answer.partial == ()
    assert answer.bill == Bill(region="us-east-1", metrics=6, metric_requests=3)
    assert aws.is_over()


async def test_more_than_500_queries_go_in_several_requests(aws: Any) -> None:
    for size in (500, 500, 1):
        aws.answers("get_metric_data", {"MetricDataResults": [result(f"m{at}", {0: at}) for at in range(size)]})
    answer = await read(aws, *(query(f"q{at}") for at in range(1001)))
    assert [answer.series[f"q{at}"].values for at in (0, 499, 500, 1000)] == [(0,), (499,), (0,), (0,)]
    assert answer.bill == Bill(region="us-east-1", metrics=1001, metric_requests=3)
    assert aws.is_over()


async def test_nothing_asked_costs_nothing(aws: Any) -> None:
    answer = await read(aws)
    assert (dict(answer.series), answer.bill) == ({}, Bill(region="us-east-1"))


async def test_what_did_not_come_whole_is_said_in_words_once_for_all_it_holds_for(aws: Any) -> None:
    words = [{"Code": "Hot", "Value": "too many points"}]
    results = [
        result("m0", {0: 1.0}, "PartialData", Messages=words),
        result("m1", status="Forbidden"),
        result("m2", status="InternalError"),
        result("m3", status="Forbidden"),
    ]
    remark = [{"Code": "MaxMetricsExceeded", "Value": "Maximum number of allowed metrics exceeded"}]
    aws.answers("get_metric_data", {"MetricDataResults": results, "Messages": remark})
    answer = await read(
        aws,
        query(),
        query("p95", "Duration", "p95"),
        query("throttles", "Throttles"),
        query("max", "Duration", "Maximum"),
        query("lost", "Invocations"),
    )
    assert answer.partial == (
        "Errors Sum: only part of the data came; too many points.",
        "Duration p95, Duration Maximum: not allowed, the role lacks cloudwatch:GetMetricData there.",
        "Throttles Sum: CloudWatch failed, ask again.",
        "Invocations Sum: CloudWatch answered nothing.",
        "Maximum number of allowed metrics exceeded",
    )
    assert answer.series["errors"].values == (1.0,)
    assert answer.series["errors"].messages == ("too many points",)
    assert (answer.series["lost"].values, answer.series["lost"].status) == ((), "")


async def test_many_metrics_with_one_fault_are_told_in_one_short_line(aws: Any) -> None:
    results = [result(f"m{at}", status="Forbidden") for at in range(10)]
    aws.answers("get_metric_data", {"MetricDataResults": results})
    answer = await read(aws, *(query(str(at), f"Metric{at}") for at in range(10)))
    assert [line.partition(":")[0] for line in answer.partial] == ["Metric0 Sum, Metric1 Sum, Metric2 Sum and 7 more"]


async def test_pages_without_end_are_not_followed_for_ever(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_module, "_MOST_PAGES", 3)
    for _ in range(3):
        aws.answers("get_metric_data", {"MetricDataResults": [result("m0")], "NextToken": "again"})
    answer = await read(aws, query())
    assert answer.partial == ("CloudWatch has more than 3 pages; the rest was not read",)


async def test_a_throttle_is_waited_for(aws: Any) -> None:
    aws.refuses("get_metric_data", "Throttling", "Rate exceeded")
    aws.answers("get_metric_data", {"MetricDataResults": [result("m0", {0: 1.0})]})
    assert (await read(aws, query())).series["errors"].values == (1.0,)
    assert len(aws.pauses) == 1


async def test_a_missing_permission_fails_the_whole_question_and_is_named(aws: Any) -> None:
    for _ in range(3):
        aws.refuses("get_metric_data", "AccessDenied", "not authorized", 403)
    with pytest.raises(CallFailed, match="cloudwatch:GetMetricData is not allowed") as failed:
        await read(aws, *(query(f"q{at}") for at in range(1001)))
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED


async def test_a_key_asked_twice_is_a_defect_of_the_asker(aws: Any) -> None:
    # One of the two answers would silently be the other's.
    with pytest.raises(ValueError, match="same key"):
        await read(aws, query(), query())


@pytest.mark.usefixtures("in_shop")
async def test_the_series_and_the_whole_of_a_function_that_really_ran_agree(settled_clients: Any) -> None:
    for _ in range(3):
        settled_clients.reader("lambda").invoke(FunctionName="demo-order-status", Payload=b"{}")
    now = datetime.now(UTC)
    window = aligned(Window(start=now - timedelta(hours=3), end=now + timedelta(minutes=1)), 300)
    dimensions = (("FunctionName", "demo-order-status"),)

    def asked(key: str, name: str, statistic: str, period_s: int) -> MetricQuery:
        return MetricQuery(
            key=key, namespace="AWS/Lambda", name=name, statistic=statistic, dimensions=dimensions, period_s=period_s
        )

    whole_s = whole_period_s(window, now)
    metrics = Metrics(Places(settled_clients, lambda place: settled_clients), Threads(4))
    queries = [
        asked("series", "Invocations", "Sum", 300),
        asked("whole", "Invocations", "Sum", whole_s),
        asked("p95", "Duration", "p95", whole_s),
        asked("none", "NoSuchMetric", "Sum", 300),
    ]
    answer = await metrics.read(HERE, queries, window)
    (whole,) = answer.series["whole"].values
    assert whole == sum(answer.series["series"].values) >= 3
    assert answer.series["whole"].times == (window.start,)
    assert len(answer.series["p95"].values) == 1
    assert (answer.series["none"].values, answer.partial) == ((), ())
