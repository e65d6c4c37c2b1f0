"""GetMetricData over a journal and a clock that are fixed: exact figures, periods, order and pages."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.get_metric_data import get_metric_data
from lambdascope_proxy.local.metrics.sources import Metrics

BASE_S = 1_800_000_000
DAY = 86_400
# seconds after BASE_S, outcome, duration in ms: three minutes with traffic and one without
CALLS = [(0, "success", 10.0), (59, "error", 30.0), (60, "success", 50.0), (200, "success", 5.0), (239, "timeout", 7.0)]


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    for at_s, outcome, duration_ms in CALLS:
        journal.add_invocation(
            InvocationRecord(
                started_ms=(BASE_S + at_s) * 1000,
                function_name="f",
                qualifier=None,
                version="$LATEST",
                request_id="r",
                outcome=outcome,
                duration_ms=duration_ms,
            )
        )
    return journal


def query(name: str, stat: str, period_s: int = 60, query_id: str = "m", **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": stat}, **more}


def ask(journal: Journal, *queries: dict[str, Any], now_s: float = BASE_S + 300, **more: Any) -> Any:
    window = {"StartTime": BASE_S, "EndTime": BASE_S + 300, "ScanBy": "TimestampAscending", **more}
    return get_metric_data(
        Asked({"MetricDataQueries": list(queries), **window}),
        Metrics(journal, CustomMetrics(), int(now_s * 1000)),
        now_s,
    )


def points(answer: Any, place: int = 0) -> dict[int, float]:
    result = answer["MetricDataResults"][place]
    return {time_s - BASE_S: value for time_s, value in zip(result["Timestamps"], result["Values"], strict=True)}


FIGURES = [
    ("Invocations", "Sum", 60, {0: 2, 60: 1, 180: 2}),
    ("Invocations", "Sum", 120, {0: 3, 120: 2}),
    ("Invocations", "Sum", 300, {0: 5}),
    ("Errors", "Sum", 60, {0: 1, 60: 0, 180: 1}),
    ("Errors", "Average", 60, {0: 0.5, 60: 0, 180: 0.5}),
    ("Duration", "Average", 60, {0: 20, 60: 50, 180: 6}),
    ("Duration", "Minimum", 120, {0: 10, 120: 5}),
    ("Duration", "Maximum", 120, {0: 50, 120: 7}),
    ("Duration", "SampleCount", 120, {0: 3, 120: 2}),
    ("Duration", "p50", 120, {0: 30, 120: 6}),
    ("Duration", "p95", 300, {0: 46.0}),
    ("Duration", "tm80", 300, {0: 13.0}),
    ("Duration", "TC(5:30)", 300, {0: 3}),
    ("Throttles", "Sum", 300, {0: 0}),
    ("ColdStarts", "Sum", 60, {}),
]


@pytest.mark.parametrize(("name", "stat", "period_s", "expected"), FIGURES)
def test_a_period_has_the_figures_of_what_began_in_it_and_an_empty_one_no_point(
    journal: Journal, name: str, stat: str, period_s: int, expected: dict[int, float]
) -> None:
    answer = ask(journal, query(name, stat, period_s))
    assert points(answer) == pytest.approx(expected)
    assert answer["MetricDataResults"][0]["StatusCode"] == "Complete"


def test_the_start_is_inclusive_and_the_end_is_not(journal: Journal) -> None:
    first = ask(journal, query("Invocations", "Sum"), StartTime=BASE_S + 60, EndTime=BASE_S + 180)
    assert points(first) == {60: 1}
    second = ask(journal, query("Invocations", "Sum"), StartTime=BASE_S + 119, EndTime=BASE_S + 181)
    assert points(second) == {60: 1, 180: 2}


def test_periods_begin_at_the_rounded_start(journal: Journal) -> None:
    answer = ask(journal, query("Invocations", "Sum", 120), StartTime=BASE_S - 30)
    assert points(answer) == {-60: 2, 60: 1, 180: 2}


def test_an_old_window_has_data_only_in_a_period_still_kept(journal: Journal) -> None:
    for period_s, count in ((60, 0), (300, 5)):
        answer = ask(journal, query("Invocations", "Sum", period_s), now_s=BASE_S + 15 * DAY + 300)
        assert sum(points(answer).values()) == count


def test_newest_points_come_first_unless_asked_otherwise(journal: Journal) -> None:
    answer = ask(journal, query("Invocations", "Sum"), ScanBy=None)
    assert list(points(answer)) == [180, 60, 0]


def test_a_unit_that_does_not_match_the_data_finds_none(journal: Journal) -> None:
    asked = query("Duration", "Sum")
    for unit, count in (("Milliseconds", 3), ("Seconds", 0)):
        asked["MetricStat"]["Unit"] = unit
        assert len(points(ask(journal, asked))) == count


def test_what_is_not_to_be_returned_is_not(journal: Journal) -> None:
    answer = ask(journal, query("Errors", "Sum", ReturnData=False), query("Duration", "Sum", query_id="d", Label="D"))
    assert [(each["Id"], each["Label"]) for each in answer["MetricDataResults"]] == [("d", "D")]


@pytest.mark.parametrize("order", ["TimestampAscending", "TimestampDescending"])
def test_pages_bring_every_point_once_and_say_what_is_complete(journal: Journal, order: str) -> None:
    queries = [query("Invocations", "Sum", query_id="a"), query("Duration", "p50", 120, query_id="b")]
    whole = ask(journal, *queries, ScanBy=order)
    found: dict[str, list[tuple[int, float]]] = {"a": [], "b": []}
    token, statuses = None, []
    for _ in range(9):
        answer = ask(journal, *queries, ScanBy=order, MaxDatapoints=2, NextToken=token)
        for result in answer["MetricDataResults"]:
            found[result["Id"]] += zip(result["Timestamps"], result["Values"], strict=True)
        statuses.append([each["StatusCode"] for each in answer["MetricDataResults"]])
        token = answer.get("NextToken")
        if not token:
            break
    for result in whole["MetricDataResults"]:
        assert found[result["Id"]] == list(zip(result["Timestamps"], result["Values"], strict=True))
    assert statuses[0] == ["PartialData", "PartialData"]
    assert statuses[-1] == ["Complete", "Complete"]
    assert len(statuses) == 3


def test_a_token_of_another_question_is_refused(journal: Journal) -> None:
    token = ask(journal, query("Invocations", "Sum"), MaxDatapoints=1)["NextToken"]
    for stat, given in (("Average", token), ("Sum", "nonsense")):
        with pytest.raises(AwsError) as caught:
            ask(journal, query("Invocations", stat), MaxDatapoints=1, NextToken=given)
        assert caught.value.code == "InvalidNextToken"


def math(text: str, **more: Any) -> dict[str, Any]:
    return {"Id": "e1", "Expression": text, **more}


def test_expressions_are_answered_beside_metrics(journal: Journal) -> None:
    errors = query("Errors", "Sum", query_id="errors", ReturnData=False)
    calls = query("Invocations", "Sum", query_id="calls", ReturnData=False)
    answer = ask(journal, math("100*errors/calls"), errors, calls)
    assert points(answer) == {0: 50, 60: 0, 180: 50}
    assert [(each["Id"], each["Label"]) for each in answer["MetricDataResults"]] == [("e1", "e1")]
    filled = ask(journal, math("FILL(calls, 0)", Label="Calls"), calls)
    assert points(filled) == {0: 2, 60: 1, 120: 0, 180: 2, 240: 0}
    assert filled["MetricDataResults"][0]["Label"] == "Calls"


@pytest.mark.parametrize(("label", "expected"), [(None, "e1 Errors"), ("Twice", "Twice Errors"), ("", "Errors")])
def test_each_series_of_an_array_is_a_result_of_its_own(journal: Journal, label: str | None, expected: str) -> None:
    queries = [query(name, "Sum", query_id=name.lower(), ReturnData=False) for name in ("Errors", "Invocations")]
    answer = ask(journal, math("METRICS()*2", Label=label), *queries)
    assert [each["Id"] for each in answer["MetricDataResults"]] == ["e1", "e1"]
    assert answer["MetricDataResults"][0]["Label"] == expected
    assert points(answer, 1) == {0: 4, 60: 2, 180: 4}


def test_an_expression_that_is_not_returned_is_checked_all_the_same(journal: Journal) -> None:
    with pytest.raises(AwsError, match="there is no 'nothing'"):
        ask(journal, math("nothing", ReturnData=False), query("Errors", "Sum"))


def test_with_an_expression_there_is_no_next_page_but_a_mark(journal: Journal) -> None:
    answer = ask(journal, query("Errors", "Sum"), math("m*2"), MaxDatapoints=3)
    assert [each["StatusCode"] for each in answer["MetricDataResults"]] == ["PartialData", "PartialData"]
    assert "NextToken" not in answer
