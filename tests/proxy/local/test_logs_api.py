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


def write(aws: Any, *messages: str, group: str = "/aws/lambda/f", stream: str = "s", first_ms: int = 0) -> None:
    """Have a group hold these messages, a millisecond apart."""
    for number, message in enumerate(messages):
        event = LogEvent(timestamp_ms=first_ms + number, group=group, stream=stream, message=message)
        aws.journal.add_event(event)


def group_names(client: Any, **asked: Any) -> list[str]:
    pages = client.get_paginator("describe_log_groups").paginate(**asked)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def test_a_default_group_is_there_from_the_first_execution_on_and_a_custom_one_before(aws: Any, client_of: Any) -> None:
    logs = client_of(aws, "logs")
    assert group_names(logs) == ["/shop/all"]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        answered(logs, "fields @message")
    client_of(aws).invoke(FunctionName="f")
    assert group_names(logs) == ["/aws/lambda/f", "/shop/all"]
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"]
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f"
    assert group | {"creationTime": 0} == {
        "logGroupName": "/aws/lambda/f",
        "creationTime": 0,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": sum(len(event.message.encode()) for event in aws.journal.events()),
        "logGroupClass": "STANDARD",
    }
    assert group["creationTime"] == aws.journal.events()[0].timestamp_ms


def test_groups_come_in_pages_of_fifty_and_by_prefix_pattern_or_class(aws: Any, client_of: Any) -> None:
    logs = client_of(aws, "logs")
    names = [f"/aws/lambda/g{number:03d}" for number in range(120)]
    for name in names:
        write(aws, "x", group=name)
    pages = list(logs.get_paginator("describe_log_groups").paginate())
    assert [len(page["logGroups"]) for page in pages] == [50, 50, 21]
    assert group_names(logs, logGroupNamePrefix="/aws/lambda/g00") == names[:10]
    assert group_names(logs, logGroupNamePattern="g01", PaginationConfig={"PageSize": 3}) == names[10:20]
    aws.set_log_group_class(names[7], "INFREQUENT_ACCESS")
    assert group_names(logs, logGroupClass="INFREQUENT_ACCESS") == [names[7]]
    for asked in (
        {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
        {"includeLinkedAccounts": True},
        {"nextToken": "x"},
        {"limit": 51},
    ):
        with pytest.raises(logs.exceptions.InvalidParameterException):
            logs.describe_log_groups(**asked)


def test_streams_are_ordered_by_name_or_by_their_last_event(aws: Any, client_of: Any) -> None:
    logs = client_of(aws, "logs")
    for stream, first_ms in (("b", 5), ("a", 1), ("c", 3)):
        write(aws, "x", "y", stream=stream, first_ms=first_ms)

    def names(**asked: Any) -> list[str]:
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName="/aws/lambda/f", **asked)
        return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]

    assert names() == ["a", "b", "c"]
    assert names(descending=True, PaginationConfig={"PageSize": 1}) == ["c", "b", "a"]
    assert names(orderBy="LastEventTime", descending=True, PaginationConfig={"PageSize": 2}) == ["b", "c", "a"]
    assert names(logStreamNamePrefix="c") == ["c"]
    (stream,) = logs.describe_log_streams(logGroupName="/aws/lambda/f", logStreamNamePrefix="b")["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (5, 6)
    with pytest.raises(logs.exceptions.InvalidParameterException):
        names(orderBy="LastEventTime", logStreamNamePrefix="b")


def test_events_are_read_by_group_name_or_arn(aws: Any, client_of: Any) -> None:
    write(aws, "one", "two x", "three x", first_ms=1000)
    logs = client_of(aws, "logs")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f"
    pages = logs.get_paginator("filter_log_events").paginate(logGroupIdentifier=arn, filterPattern="x", startTime=1001)
    events = [event for page in pages for event in page["events"]]
    assert [(event["timestamp"], event["message"]) for event in events] == [(1001, "two x"), (1002, "three x")]
    assert len({event["eventId"] for event in events}) == 2
    tail = logs.get_log_events(logGroupName="/aws/lambda/f", logStreamName="s", limit=1)
    assert [event["message"] for event in tail["events"]] == ["three x"]
    elsewhere = arn.replace("us-east-1", "eu-west-1")
    for group in (elsewhere, "/aws/lambda/none"):
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            logs.filter_log_events(logGroupIdentifier=group)
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.filter_log_events()


def test_a_query_reads_several_groups_within_whole_seconds(aws: Any, client_of: Any) -> None:
    write(aws, "a", group="/aws/lambda/f", first_ms=999)
    write(aws, "b", "c", group="/aws/lambda/f", first_ms=1000)
    write(aws, "d", "e", group="/aws/lambda/j", first_ms=2000)
    groups = ["/aws/lambda/f", "/aws/lambda/j", "/aws/lambda/f"]
    asked = {"logGroupName": None, "logGroupNames": groups, "startTime": 1, "endTime": 2}
    logs = client_of(aws, "logs")
    query = "fields @message, @log | sort @timestamp asc"
    request = {name: value for name, value in asked.items() if value is not None} | {"queryString": query}
    query_id = logs.start_query(**request)["queryId"]
    answer = [logs.get_query_results(queryId=query_id) for _ in range(3)][-1]
    assert [(row["@message"], row["@log"]) for row in rows(answer)] == [
        ("b", "123456789012:/aws/lambda/f"),
        ("c", "123456789012:/aws/lambda/f"),
        ("d", "123456789012:/aws/lambda/j"),
    ]
    assert answer["statistics"] == {
        "recordsMatched": 3.0,
        "recordsScanned": 3.0,
        "bytesScanned": 3.0,
        "estimatedRecordsSkipped": 0.0,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 2.0,
        "resultCount": 3.0,
    }


def answer_id(aws: Any, logs: Any) -> str:
    """A complete query over everything in the group of f."""
    query = "fields @timestamp | sort @timestamp asc | limit 20001"
    started = logs.start_query(logGroupName="/aws/lambda/f", startTime=0, endTime=4_000_000_000, queryString=query)
    states = [logs.get_query_results(queryId=started["queryId"], maxItems=1)["status"] for _ in range(3)]
    assert states[-1] == "Complete"
    return started["queryId"]


def test_ten_thousand_rows_are_a_page(aws: Any, client_of: Any) -> None:
    write(aws, *("x" for _ in range(20_001)))
    logs = client_of(aws, "logs")
    query = {"queryId": answer_id(aws, logs)}
    found = [logs.get_query_results(**query)]
    while "nextToken" in found[-1] and len(found) < 5:
        found.append(logs.get_query_results(**query, nextToken=found[-1]["nextToken"]))
    sizes = [len(page["results"]) for page in found]
    assert sizes == [10_000, 10_000, 1]
    assert len({row["@timestamp"] for page in found for row in rows(page)}) == 20_001
    few = logs.get_query_results(**query, maxItems=3)
    assert len(few["results"]) == 3
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.get_query_results(**query, nextToken="x")


def test_what_is_written_after_the_start_is_not_in_the_answer(aws: Any, client_of: Any) -> None:
    write(aws, "before")
    logs = client_of(aws, "logs")
    asked = {"logGroupName": "/aws/lambda/f", "startTime": 0, "endTime": 9, "queryString": "stats count(*) as n"}
    query_id = logs.start_query(**asked)["queryId"]
    write(aws, "after", first_ms=5)
    answers = [logs.get_query_results(queryId=query_id) for _ in range(3)]
    assert rows(answers[-1]) == [{"n": "1"}]


def test_a_stopped_query_is_cancelled(aws: Any, client_of: Any) -> None:
    write(aws, "x")
    logs = client_of(aws, "logs")
    asked = {"logGroupName": "/aws/lambda/f", "startTime": 0, "endTime": 9, "queryString": "fields @message"}
    query_id = logs.start_query(**asked)["queryId"]
    assert logs.stop_query(queryId=query_id)["success"] is True
    assert logs.get_query_results(queryId=query_id)["status"] == "Cancelled"
    with pytest.raises(logs.exceptions.InvalidParameterException, match="not running"):
        logs.stop_query(queryId=query_id)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.get_query_results(queryId="none")


def test_too_many_running_queries_are_refused(aws: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdascope_proxy.local.insights.queries.MAX_RUNNING", 2)
    write(aws, "x")
    logs = client_of(aws, "logs")
    asked = {"logGroupName": "/aws/lambda/f", "startTime": 0, "endTime": 9, "queryString": "fields @message"}
    for _ in range(2):
        logs.start_query(**asked)
    with pytest.raises(logs.exceptions.LimitExceededException):
        logs.start_query(**asked)


@pytest.mark.parametrize("log_class", ["DELIVERY", "ESSENTIALS"])
def test_classes_without_insights_are_refused(aws: Any, client_of: Any, log_class: str) -> None:
    write(aws, "x")
    aws.set_log_group_class("/aws/lambda/f", log_class)
    logs = client_of(aws, "logs")
    with pytest.raises(logs.exceptions.InvalidParameterException, match=log_class):
        answered(logs, "fields @message")


def test_infrequent_access_has_no_discovered_fields(aws: Any, client_of: Any) -> None:
    write(aws, '{"level": "WARN"}')
    aws.set_log_group_class("/aws/lambda/f", "INFREQUENT_ACCESS")
    answer = answered(client_of(aws, "logs"), "fields level, @message | display level, @message")
    assert rows(answer) == [{"@message": '{"level": "WARN"}', "@ptr": rows(answer)[0]["@ptr"]}]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"startTime": 10, "endTime": 9}, "InvalidParameterException"),
        ({"startTime": 1_795_339_200_000, "endTime": 1_795_339_200_001}, "InvalidParameterException"),
        ({"limit": 100_001}, "InvalidParameterException"),
        ({"queryString": "fields a" + " " * 10_000}, "InvalidParameterException"),
        ({"logGroupNames": ["/aws/lambda/f"]}, "InvalidParameterException"),
        ({"logGroupName": "/aws/lambda/none"}, "ResourceNotFoundException"),
        ({"queryLanguage": "SQL"}, "MalformedQueryException"),
        ({"queryLanguage": "PPL"}, "MalformedQueryException"),
        ({"queryString": ""}, "MalformedQueryException"),
    ],
)
def test_a_query_that_cannot_start_says_why(aws: Any, client_of: Any, asked: dict[str, Any], error: str) -> None:
    write(aws, "x")
    logs = client_of(aws, "logs")
    with pytest.raises(getattr(logs.exceptions, error)):
        answered(logs, **{"query": "fields @message"} if "queryString" not in asked else {"query": ""}, **asked)


def test_fifty_groups_are_queried_and_one_more_is_refused(aws: Any, client_of: Any) -> None:
    names = [f"/g{number}" for number in range(51)]
    for name in names:
        write(aws, "x", group=name)
    logs = client_of(aws, "logs")
    asked = {"startTime": 0, "endTime": 9, "queryString": "stats count(*)"}
    logs.start_query(logGroupNames=names[:50], **asked)
    with pytest.raises(logs.exceptions.InvalidParameterException, match="50"):
        logs.start_query(logGroupIdentifiers=names, **asked)


def test_operations_that_are_not_played_are_refused(aws: Any, client_of: Any) -> None:
    logs = client_of(aws, "logs")
    with pytest.raises(logs.exceptions.ClientError, match="not implemented by the local AWS"):
        logs.put_retention_policy(logGroupName="/aws/lambda/f", retentionInDays=1)
    with pytest.raises(logs.exceptions.InvalidParameterException, match="unmask"):
        logs.filter_log_events(logGroupName="/aws/lambda/f", unmask=True)
