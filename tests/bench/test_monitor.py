"""The monitor tools' benchmark lays a past it knows, counts what AWS is asked and reads answers; nothing is timed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from bench.errors import NotRunningError, WrongAnswerError
from bench.monitor import cloudwatch_peer, lambdascope, past, serverless_peer
from bench.monitor.askers import CLOUDWATCH_SERVER, OWN
from bench.monitor.asking import Answer, Asked, ToolCall, Window
from bench.monitor.aws_calls import AwsCall, asked_of_aws, most_at_once, query_spans, seconds_covered, times_ms
from bench.monitor.inquiry import Findings, Inquiry
from bench.monitor.lambdascope import new_answer
from bench.monitor.metric_questions import LOG_GROUP, REPORTS, TOP_ERRORS
from bench.monitor.recorded import recorded
from bench.monitor.stage import MonitorStage, Observed, set_monitor_stage
from bench.monitor.tables import sections_of
from bench.monitor.wanted import (
    EACH,
    WORST,
    FunctionFigures,
    percentile,
    wanted_of_fleet,
    wanted_of_function,
    wrong_of_worst,
    wrong_or_missing,
)
from bench.rounds import Rounds

NOW_MS = 1_790_000_040_000
WINDOW = Window(
    start=datetime.fromtimestamp(NOW_MS / 1000 - 10_800, UTC), end=datetime.fromtimestamp(NOW_MS / 1000, UTC)
)


def on_stage(folder: Path, act: Callable[[MonitorStage], Awaitable[None]]) -> None:
    """Run an act on a stage of its own, without peers."""

    async def perform() -> None:
        async with asyncio.timeout(60), set_monitor_stage(folder, {}, rounds=1) as stage:
            await act(stage)

    asyncio.run(perform())


def aws(stage: MonitorStage, service: Any) -> Any:
    untyped: Any = boto3  # its stubs know only the services whose own stubs are installed
    return untyped.client(
        service,
        endpoint_url=f"http://127.0.0.1:{stage.relay.port}",
        region_name="us-east-1",
        aws_access_key_id="AKIABENCH",
        aws_secret_access_key="bench",
    )


def call(operation: str, began_s: float, ended_s: float, **known: Any) -> AwsCall:
    fields: dict[str, Any] = {"status": 200, "request_bytes": 100, "response_bytes": 900, **known}
    return AwsCall(operation=operation, began_s=began_s, ended_s=ended_s, **fields)


# Metrics from 1 to 2; a query from 1.5, heard to have ended at 4; nothing under way from 2.5 to 3 and from 3.5 to 3.8.
TRAFFIC = [
    call("GetMetricData", 1.0, 2.0, metrics=3),
    call("StartQuery", 1.5, 2.5, query_id="a"),
    call("GetQueryResults", 3.0, 3.5, query_id="a"),
    call("GetQueryResults", 3.8, 4.0, query_id="a", has_ended_query=True, scanned_bytes=2_000_000),
]


def test_time_is_awss_or_waiting_for_a_query_or_the_servers_own() -> None:
    times = times_ms(TRAFFIC, 0.5, 4.25)
    assert times == pytest.approx({"wall": 3750, "AWS": 2200, "polling": 800, "own": 750})


def test_a_query_whose_end_nobody_heard_of_runs_until_the_answer() -> None:
    assert query_spans(TRAFFIC[:3], 9.0) == [(1.5, 9.0)]
    assert times_ms(TRAFFIC[:3], 0.5, 9.0)["own"] == pytest.approx(500)


def test_what_overlaps_counts_once_and_what_touches_does_not_overlap() -> None:
    spans = [(4.0, 5.0), (1.0, 3.0), (2.0, 2.5), (3.0, 4.0)]
    assert seconds_covered(spans) == 4.0
    assert most_at_once(spans) == 2
    assert (seconds_covered([]), most_at_once([])) == (0.0, 0)


def test_metrics_and_queries_are_counted_and_priced_as_aws_does() -> None:
    asked = asked_of_aws([*TRAFFIC, call("ListFunctions", 0.0, 0.1, status=403)], 5.0)
    assert (asked["GetMetricData"], asked["StartQuery"], asked["GetQueryResults"], asked["other calls"]) == (1, 1, 2, 1)
    assert (asked["refused"], asked["at once"], asked["metrics"]) == (1, 2, 3)
    assert (asked["scanned KB"], asked["AWS KB"]) == (2000, 5)
    assert asked["$/1000"] == pytest.approx(1000 * (3 * 0.00001 + 0.002 * 0.005))


def test_percentiles_lie_between_the_nearest_values() -> None:
    assert [percentile([4, 1, 3, 2], percent) for percent in (0, 50, 90, 100)] == [1, 2.5, 3.7, 4]


def test_the_past_is_the_same_whenever_it_is_told_and_has_everything_to_ask_about() -> None:
    executions = past.executions_of(past.FUNCTION, NOW_MS)
    assert executions == past.executions_of(past.FUNCTION, NOW_MS)
    wanted = wanted_of_function(executions)
    ran = sum(one.record.outcome != "throttled" for one in executions)
    assert (wanted["invocations"], wanted["throttles"]) == (ran, past.EXECUTIONS - ran)
    assert all(value for value in wanted.values())
    earliest, latest = WINDOW.start.timestamp() * 1000, WINDOW.end.timestamp() * 1000
    assert all(earliest <= one.record.started_ms < latest for one in executions)


def test_the_local_aws_says_of_the_past_what_is_wanted(tmp_path: Path) -> None:
    """Catches figures that are wanted wrongly: every contestant would be marked down for the same mistake."""

    async def act(stage: MonitorStage) -> None:
        wanted = wanted_of_function(past.executions_of(past.FUNCTION, stage.now_ms))
        metrics, reports, errors = cloudwatch_peer.one_function(stage.window(0))
        assert (reports.arguments["query_string"], errors.arguments["query_string"]) == (REPORTS, TOP_ERRORS)
        answers = [
            await asyncio.to_thread(_metrics_as_the_peer, stage, metrics),
            await asyncio.to_thread(_rows_as_the_peer, stage, reports),
            await asyncio.to_thread(_rows_as_the_peer, stage, errors),
        ]
        found, failures = _asked([metrics, reports, errors], answers).read()
        assert failures == []
        assert wrong_or_missing(found, wanted) == ["a request id of it"]  # which the line of an error does not have
        seen = asked_of_aws(stage.relay.take(), float("inf"))
        assert (seen["GetMetricData"], seen["metrics"], seen["StartQuery"]) == (1, 12, 2)
        assert seen["scanned KB"] > 100
        assert seen["refused"] == 0

    on_stage(tmp_path, act)


def _metrics_as_the_peer(stage: MonitorStage, tool_call: ToolCall) -> dict[str, Any]:
    queries = [
        {
            "Id": query["id"],
            "MetricStat": {
                "Metric": {
                    "Namespace": query["metric_stat"]["namespace"],
                    "MetricName": query["metric_stat"]["metric_name"],
                    "Dimensions": [
                        {"Name": each["name"], "Value": each["value"]} for each in query["metric_stat"]["dimensions"]
                    ],
                },
                "Period": query["metric_stat"]["period"],
                "Stat": query["metric_stat"]["statistic"],
            },
        }
        for query in tool_call.arguments["queries"]
    ]
    window = stage.window(0)
    answer = aws(stage, "cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=window.start, EndTime=window.end
    )
    results = [
        {"id": result["Id"], "datapoints": [{"value": value} for value in result["Values"]]}
        for result in answer["MetricDataResults"]
    ]
    return {"metricDataResults": results}


def _rows_as_the_peer(stage: MonitorStage, tool_call: ToolCall) -> dict[str, Any]:
    logs, window = aws(stage, "logs"), stage.window(0)
    started = logs.start_query(
        logGroupName=LOG_GROUP,
        startTime=round(window.start.timestamp()),
        endTime=round(window.end.timestamp()),
        queryString=tool_call.arguments["query_string"],
    )
    answer: dict[str, Any] = {"status": "Scheduled"}
    for _ in range(1000):
        if answer["status"] not in {"Scheduled", "Running"}:
            break
        answer = logs.get_query_results(queryId=started["queryId"])
    lines: list[list[dict[str, str]]] = answer["results"]
    rows = [{cell["field"]: cell["value"] for cell in line} for line in lines]
    return {"status": answer["status"], "results": rows}


def _asked(calls: Sequence[ToolCall], texts: Sequence[object]) -> Asked:
    answers = [Answer(text=json.dumps(text), result={"content": [{"type": "text"}]}) for text in texts]
    return Asked(calls=tuple(calls), answers=tuple(answers), began_s=0.0, ended_s=1.0)


def test_an_error_that_a_peer_returns_as_a_success_is_no_answer() -> None:
    failed: dict[str, Any] = {"queryId": "", "status": "Error", "message": "no such group", "results": []}
    asked = _asked(cloudwatch_peer.one_function(WINDOW), [{"metricDataResults": []}, failed, failed])
    found, failures = asked.read()
    assert found == {}
    assert failures == ["execute_log_insights_query: Error: no such group"] * 2
    refused = {"success": False, "message": "Failed to retrieve metrics: denied"}
    assert _asked(serverless_peer.fleet(WINDOW, ["one"]), [refused]).read() == (
        {},
        ["get_metrics: Failed to retrieve metrics: denied"],
    )


def test_the_fleets_metrics_are_asked_for_within_the_limit_of_one_request() -> None:
    calls = cloudwatch_peer.fleet(WINDOW, [past.FUNCTION, *past.FLEET])
    assert [len(each.arguments["queries"]) for each in calls] == [500, 500]
    assert len(serverless_peer.fleet(WINDOW, [past.FUNCTION, *past.FLEET])) == 200


def test_an_answer_that_names_no_function_has_nothing_right() -> None:
    fleet = {name: past.executions_of(name, NOW_MS) for name in (past.FUNCTION, *past.BUSY_FLEET)}
    wanted = wanted_of_fleet(fleet)
    assert wrong_of_worst(wanted, wanted) == []
    assert len(wrong_of_worst({}, wanted)) == WORST * len(EACH) + 1
    best = dict(sorted(wanted.items(), key=lambda item: item[1].errors)[:WORST])
    assert wrong_of_worst(best, wanted) == [f"which {WORST} are worst"]
    invented = {"nobody": FunctionFigures(invocations=1, errors=10_000, throttles=0, duration_p95_ms=1.0)}
    assert "nobody: errors" in wrong_of_worst({**wanted, **invented}, wanted)


def test_figures_may_be_rounded_but_not_missing() -> None:
    wanted = {"p95": 143.511, "top": "KeyError", "count": 20, "id": frozenset(["a", "b"])}
    assert wrong_or_missing({"p95": 143.5, "top": "KeyError", "count": 20.0, "id": "b"}, wanted) == []
    assert wrong_or_missing({"p95": 140.0, "top": "ValueError", "id": "c"}, wanted) == ["p95", "top", "count", "id"]


def test_a_server_that_is_not_installed_says_so(tmp_path: Path) -> None:
    async def act(stage: MonitorStage) -> None:
        with pytest.raises(NotRunningError, match=r"not installed: awslabs\.cloudwatch-mcp-server"):
            async with stage.session(CLOUDWATCH_SERVER):
                pass

    on_stage(tmp_path, act)


def test_no_two_questions_of_a_server_have_the_same_window(tmp_path: Path) -> None:
    async def act(stage: MonitorStage) -> None:
        windows = [stage.window(number) for number in range(12)]
        assert len({window.start for window in windows}) == 12
        oldest = stage.now_ms / 1000 - past.FIRST_S
        assert all(window.start.timestamp() < oldest for window in windows)

    on_stage(tmp_path, act)


def test_our_tools_answer_everything_within_what_they_may_ask(tmp_path: Path) -> None:
    """Catches an answer that is wrong, too long, asks AWS too much or one by one, or misprices it."""

    async def act(stage: MonitorStage) -> None:
        executions = past.executions_of(past.FUNCTION, stage.now_ms)
        async with stage.session(OWN) as session:
            (warm_up,) = (await stage.observe(session, OWN.one_function(stage.window(0)))).asked.answers
            assert new_answer(warm_up)["invocations"]["through_this_proxy"] == len(recorded(executions))
            observed = await stage.observe(session, OWN.one_function(stage.window(1)))
        found, failures = observed.asked.read()
        assert (failures, wrong_or_missing(found, wanted_of_function(executions))) == ([], [])
        assert observed.asked.weight()["tokens"] <= 2000
        seen = asked_of_aws(observed.aws, observed.asked.ended_s)
        assert (seen["GetMetricData"] <= 2, seen["StartQuery"] <= 2, seen["at once"] >= 3) == (True, True, True)
        bill = new_answer(observed.asked.answers[0])["bill"]
        assert (bill["metrics_requested"], bill["scanned_bytes"] / 1000) == (seen["metrics"], seen["scanned KB"])
        assert float(bill["cost_usd"]) * 1000 == pytest.approx(seen["$/1000"])

    on_stage(tmp_path, act)


def test_our_fleet_tool_asks_for_200_functions_at_once(tmp_path: Path) -> None:
    async def act(stage: MonitorStage) -> None:
        everyone = {name: past.executions_of(name, stage.now_ms) for name in (past.FUNCTION, *past.BUSY_FLEET)}
        async with stage.session(OWN) as session:
            observed = await stage.observe(session, lambdascope.fleet(stage.window(0), ()))
        found, failures = observed.asked.read()
        assert (failures, wrong_of_worst(found, wanted_of_fleet(everyone))) == ([], [])
        assert observed.asked.weight()["tokens"] <= 2000
        seen = asked_of_aws(observed.aws, observed.asked.ended_s)
        assert (seen["metrics"], seen["GetMetricData"] <= 4) == (1000, True)

    on_stage(tmp_path, act)


def test_an_answer_out_of_a_cache_is_not_measured() -> None:
    kept = Answer(text="kept", result={"structuredContent": {"cached": True, "functions": []}})
    with pytest.raises(WrongAnswerError, match="kept"):
        new_answer(kept)


def test_the_tables_say_what_an_answer_lacks_and_who_did_not_run() -> None:
    askers = (OWN, CLOUDWATCH_SERVER)
    inquiry = Inquiry(
        title="One", askers=askers, calls=lambda _asker, _window: [], wanted=3, lacks=lambda _found: ["p95"]
    )
    findings = Findings(rounds=Rounds(failures={CLOUDWATCH_SERVER.name: "not installed"}))
    observed = Observed(asked=_asked([], []), aws=(), cpu_s=0.5)
    findings.rounds.samples[OWN.name] = [findings.note(inquiry, OWN, observed)]
    findings.first[OWN.name] = {**findings.rounds.samples[OWN.name][0], "tool list KB": 9.0}
    weight, _, time = sections_of(inquiry, findings, {}, ["a remark"])
    own, peer = weight.rows
    assert (own.figures["right"], own.figures["tool list KB"]) == (2, 9)
    assert (peer.figures, peer.remark) == ({}, "not installed")
    assert weight.remarks == ("lambdascope lacks or has wrong: p95", "a remark")
    assert (time.rows[0].figures["own ms"], time.rows[0].figures["CPU ms"]) == (1000, 500)
