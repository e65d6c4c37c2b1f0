"""Logs through boto3, from functions that really ran."""

import json
from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.logs import LogEvent

CODE = """
    def handler(event, context):
        print("hello", event.get("name"))
        if event.get("fail"):
            raise ValueError("no such name")
        return 1
"""
REPORTS = """filter @type = "REPORT" or type = "platform.report"
| fields coalesce(@duration, record.metrics.durationMs) as d, coalesce(@billedDuration, record.metrics.billedDurationMs)
    as b, coalesce(@initDuration, record.metrics.initDurationMs) as i,
    coalesce(@maxMemoryUsed/1000000, record.metrics.maxMemoryUsedMB) as mem
| stats count(*) as n, count(i) as cold, max(d) as longest, sum(b) as billedMs, max(mem) as memMB"""


def answered(client: Any, query: str, group: str = "/aws/lambda/f", **asked: Any) -> dict[str, Any]:
    """The complete answer of a query over all time."""
    asked = {"logGroupName": group, "startTime": 0, "endTime": 4_000_000_000, "queryString": query} | asked
    query_id = client.start_query(**asked)["queryId"]
    for _ in range(10):
        answer = client.get_query_results(queryId=query_id)
        if answer["status"] not in {"Scheduled", "Running"}:
            return answer
    raise AssertionError("the query does not end")


def rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    return [{each["field"]: each["value"] for each in row} for row in answer["results"]]


@pytest.fixture
def aws(run_aws: Any, write_code: Any) -> Any:
    return run_aws(
        LocalFunction(name="f", code=write_code(CODE), memory_mb=256),
        LocalFunction(name="j", code=write_code(CODE), log_format="JSON"),
        LocalFunction(name="custom", code=write_code(CODE), log_group="/shop/all"),
    )


@pytest.mark.parametrize("name", ["f", "j"])
def test_a_query_adds_up_what_the_functions_did_in_either_log_format(aws: Any, client_of: Any, name: str) -> None:
    for event in ({"name": "a"}, {"name": "b"}, {"fail": 1}):
        client_of(aws).invoke(FunctionName=name, Payload=json.dumps(event))
    answer = answered(client_of(aws, "logs"), REPORTS, f"/aws/lambda/{name}")
    done = aws.journal.invocations()
    (row,) = rows(answer)
    assert row == {
        "n": "3",
        "cold": "1",
        "longest": f"{max(each.duration_ms for each in done):.2f}" if name == "f" else row["longest"],
        "billedMs": str(sum(each.billed_ms for each in done)),
        "memMB": str(max(each.max_memory_mb for each in done)),
    }
    assert float(row["longest"]) == max(each.duration_ms for each in done)
    assert answer["statistics"]["recordsMatched"] == 3
    assert answer["statistics"]["recordsScanned"] == len(aws.journal.events())
    assert answer["statistics"]["bytesScanned"] == sum(len(each.message.encode()) for each in aws.journal.events())


def test_a_malformed_query_is_told_with_its_place(aws: Any, client_of: Any) -> None:
    client_of(aws).invoke(FunctionName="f")
    logs = client_of(aws, "logs")
    with pytest.raises(logs.exceptions.MalformedQueryException) as refused:
        answered(logs, "fields @message | patern @message")
    compile_error = refused.value.response["queryCompileError"]
    assert compile_error["location"] == {"startCharOffset": 18, "endCharOffset": 24}
    assert "patern" in compile_error["message"]


def test_a_query_is_scheduled_then_runs_with_some_rows_then_is_complete(aws: Any, client_of: Any) -> None:
    for number in range(10):
        event = LogEvent(timestamp_ms=number, group="/aws/lambda/f", stream="s", message=f"{number}\n")
        aws.journal.add_event(event)
    logs = client_of(aws, "logs")
    asked = {"logGroupName": "/aws/lambda/f", "startTime": 0, "endTime": 1, "queryString": "fields @timestamp"}
    query_id = logs.start_query(**asked)["queryId"]
    answers = [logs.get_query_results(queryId=query_id) for _ in range(4)]
    assert [(each["status"], len(each["results"])) for each in answers] == [
        ("Scheduled", 0),
        ("Running", 5),
        ("Complete", 10),
        ("Complete", 10),
    ]
