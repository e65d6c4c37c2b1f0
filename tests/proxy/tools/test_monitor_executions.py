"""The tool that tells how a function has been doing, over the real classes and an AWS that answers by script."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import anyio.lowlevel
import boto3
import pytest
from botocore.stub import ANY, Stubber

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.insights import Insights
from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_groups import LogGroups
from lambdascope_proxy.cloudwatch.metrics import Metrics
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.aliases import Aliases
from lambdascope_proxy.monitoring.execution_sources import ExecutionSources
from lambdascope_proxy.monitoring.executions import Executions
from lambdascope_proxy.monitoring.failed_requests import FailedRequests
from lambdascope_proxy.monitoring.limits import ConcurrencyLimits
from lambdascope_proxy.monitoring.measures import METRIC_TYPES, USUAL_SERIES, metric_queries
from lambdascope_proxy.selection import Function
from lambdascope_proxy.steps.arguments import ArgumentsStep
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tools.monitor_executions import SPEC, MonitorExecutions

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
START = NOON - timedelta(hours=1)
WITHOUT_LOGS = ["invocations", "errors", "throttles", "duration"]
STATISTICS = {"recordsMatched": 2.0, "recordsScanned": 10.0, "bytesScanned": 1_000_000.0}
FIGURES = {
    "executions": "100",
    "coldStarts": "5",
    "initP50": "388.15",
    "initP95": "512.5",
    "textTimeouts": "0",
    "jsonTimeouts": "0",
    "textDeaths": "0",
    "jsonDeaths": "0",
    "outOfMemory": "0",
    "maxUsedMB": "94",
    "maxSizeMB": "256",
    "billedMs": "12345",
    "billedMBms": str(12345 * 256),
}
SERVICES = ("cloudwatch", "logs", "lambda")


class Stage:
    """The tool, the scripts of the services it asks, and what it asked of the history."""

    region = "us-east-1"

    def __init__(self, clients: Mapping[str, Any], function: Function) -> None:
        self.stubs = {service: Stubber(client) for service, client in clients.items()}
        self.function = function
        self.now, self.seen, self.asked_history = 0.0, 40, list[Mapping[str, object]]()
        self.seen_asynchronous = 0
        self.history_error: Exception | None = None
        self._clients = clients
        home: Any = self
        places, threads = Places(home, lambda place: home), Threads(1)
        patient: dict[str, Any] = {"sleep": self.sleep}
        timed: dict[str, Any] = {**patient, "clock": lambda: self.now}
        sources = ExecutionSources(
            metrics=Metrics(places, threads, **patient),
            insights=Insights(places, threads, timeout_s=0.7, **timed),
            log_groups=LogGroups(places, threads, ttl_s=300, **timed),
            failed_requests=FailedRequests(LogEvents(places, threads, **patient)),
            history=home,
            asked=Asked(lambda: self.now),
            max_scan_gb=1,
        )
        self.tool = MonitorExecutions(
            catalogs=home,
            versions=Versions(places, threads, ttl_s=60),
            aliases=Aliases(places, threads, ttl_s=60),
            executions=Executions(sources, ConcurrencyLimits(places, threads, ttl_s=60)),
            rates=load_rates,
            scrub=Scrubber().text,
            now=lambda: NOON + timedelta(seconds=self.now),
        )

    def reader(self, service: str) -> Any:
        return self._clients[service]

    async def find(self, name: str, region: str | None = None) -> Function:
        return self.function

    async def ask(self, statement_name: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        assert statement_name == "monitoring/executions_seen"
        self.asked_history.append(parameters or {})
        if self.history_error:
            raise self.history_error
        return [{"invocations": self.seen, "asynchronous": self.seen_asynchronous}]

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await anyio.lowlevel.checkpoint()

    def measures(
        self,
        *,
        wanted: Sequence[str] = METRIC_TYPES,
        qualifier: str | None = None,
        statuses: Mapping[str, str] | None = None,
        **values: Mapping[int, float] | float,
    ) -> None:
        """CloudWatch answers these, the rest with nothing; a number stands at the start of the window."""
        series = USUAL_SERIES if wanted == METRIC_TYPES else wanted
        queries = metric_queries(self.function, qualifier, wanted, series, whole_s=3600, period_s=60)
        results: list[dict[str, Any]] = []
        for number, query in enumerate(queries):
            given = values.get(query.key, {})
            points = given if isinstance(given, Mapping) else {0: given}
            times = [START + timedelta(minutes=minute) for minute in points]
            status = (statuses or {}).get(query.key, "Complete")
            results.append(
                {"Id": f"m{number}", "Timestamps": times, "Values": list(points.values()), "StatusCode": status}
            )
        self.stubs["cloudwatch"].add_response("get_metric_data", {"MetricDataResults": results})

    def has_limit(self, limit: int | None = 10) -> None:
        reserved = {} if limit is None else {"ReservedConcurrentExecutions": limit}
        self.stubs["lambda"].add_response("get_function_concurrency", reserved)

    def describes(self, stored: int = 1_000, log_class: str = "STANDARD", days: int | None = None) -> None:
        group: dict[str, Any] = {
            "logGroupName": "/aws/lambda/orders",
            "storedBytes": stored,
            "creationTime": int((NOON - timedelta(days=10)).timestamp() * 1000),
            "logGroupClass": log_class,
        }
        kept = {} if days is None else {"retentionInDays": days}
        self.stubs["logs"].add_response("describe_log_groups", {"logGroups": [{**group, **kept}]})

    def logs(self, *answers: Sequence[Mapping[str, str]], status: str = "Complete", **asked: Any) -> None:
        """Insights answers the queries, which are asked at once, in their order."""
        for _ in answers:
            expected = {"logGroupNames": ANY, "startTime": ANY, "endTime": ANY, "queryString": ANY, "limit": ANY}
            self.stubs["logs"].add_response("start_query", {"queryId": "q"}, {**expected, **asked} if asked else None)
        for rows in answers:
            cells = [[{"field": field, "value": value} for field, value in row.items()] for row in rows]
            answer = {"status": status, "results": cells, "statistics": STATISTICS}
            self.stubs["logs"].add_response("get_query_results", answer)

    def denies(self, service: str, operation: str) -> None:
        self.stubs[service].add_client_error(operation, "AccessDeniedException", "not authorized", 400)

    def is_over(self) -> bool:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()
        return True


@pytest.fixture(scope="module")
def clients() -> dict[str, Any]:
    keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests"}
    make: Any = boto3.client  # the stubs want a literal service name
    return {service: make(service, region_name="us-east-1", **keys) for service in SERVICES}


@pytest.fixture
def stage(clients: dict[str, Any], function_of: Callable[..., Function]) -> Generator[Stage]:
    made = Stage(clients, function_of(memory_mb=256))
    for stub in made.stubs.values():
        stub.activate()
    yield made
    for stub in made.stubs.values():
        stub.deactivate()


Ask = Callable[..., Any]


@pytest.fixture
def ask(stage: Stage, call_of: Callable[..., Call]) -> Ask:
    async def run(**arguments: Any) -> Outcome:
        hour = {"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T12:00:00Z"}
        usual = {"function_name": "orders", "time_range": hour, "include_errors": False}
        return await stage.tool.run(call_of({**usual, **arguments}, tool=stage.tool))

    return run


def fully(stage: Stage) -> None:
    """Everything answers."""
    stage.measures(
        invocations=100.0,
        errors=2.0,
        throttles=0.0,
        duration_p50=40.5,
        duration_p90=80.25,
        duration_p95=90.0,
        duration_p99=120.0,
        duration_max=150.123,
        duration_sum=6000.0,
        concurrency_max=4.0,
        series_invocations={0: 60.0, 58: 40.0},
        series_errors={58: 2.0},
        series_duration_p95={0: 99.94, 58: 101.5},
    )
    stage.has_limit()
    stage.describes()


async def test_one_answer_joins_metrics_logs_and_history(stage: Stage, ask: Ask) -> None:
    fully(stage)
    stage.logs([FIGURES])
    data = (await ask()).data
    price = price_invocation(load_rates(), region="us-east-1", architecture="x86_64", memory_mb=256, billed_ms=12_345)
    usd = price.amount + 99 * Decimal("0.0000002")
    assert {key: value for key, value in data.items() if key not in {"series", "bill"}} == {
        "function_name": "orders",
        "region": "us-east-1",
        "window": {"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T12:00:00Z", "period_s": 60},
        "invocations": {"count": 100, "source": "metrics", "through_this_proxy": 40, "share": 0.4},
        "errors": {"count": 2, "rate": 0.02},
        "throttles": 0,
        "duration": {"p50_ms": 40.5, "p90_ms": 80.25, "p95_ms": 90, "p99_ms": 120, "max_ms": 150.12},
        "concurrency": {"max": 4, "limit": 10, "limit_of": "function"},
        "async": None,
        "iterator": None,
        "cold_starts": {"count": 5, "rate": 0.05, "init_p50_ms": 388.15, "init_p95_ms": 512.5},
        "timeouts": {"count": 0, "out_of_memory": 0, "crashes": 0},
        "memory": {"used_max_mb": 94, "configured_mb": 256, "share": 0.3672},
        "cost": {
            "usd": f"{usd.quantize(Decimal('1e-12')).normalize():f}",
            "gb_s": "3.08625",
            "source": "logs",
            "rates_version": load_rates().version,
        },
        "newest_data": "2026-11-22T11:58:00Z",
        "partial": [],
        "next_step": "Read its errors: query_logs(function_names=['orders'], preset='errors').",
        "cached": False,
    }
    series = data["series"]
    assert (series["start"], series["period_s"], len(series["invocations"])) == ("2026-11-22T11:00:00Z", 60, 60)
    assert (series["invocations"][58], series["errors"][57:], series["duration_p95_ms"][::58]) == (
        40,
        [0, 2, 0],
        [99.9, 102],
    )
    assert stage.is_over()


async def test_the_answer_says_what_asking_cost(stage: Stage, ask: Ask) -> None:
    fully(stage)
    stage.logs([FIGURES])
    outcome = await ask()
    # 19 statistics and 3 series at $0.01 per 1,000, and a megabyte at $0.005 per gigabyte.
    assert outcome.data["bill"] == {
        "metrics_requested": 22,
        "get_metric_data_calls": 1,
        "insights_queries": 1,
        "scanned_bytes": 1_000_000,
        "cost_usd": "0.000225000000",
    }
    assert "asking cost $0.000225; newest data 2026-11-22T11:58:00Z" in outcome.text
    assert outcome.bill is not None


async def test_the_text_says_all_that_a_reader_without_data_needs(stage: Stage, ask: Ask) -> None:
    fully(stage)
    stage.logs([FIGURES])
    outcome = await ask()
    for words in (
        "orders in us-east-1, 2026-11-22T11:00:00Z to 2026-11-22T12:00:00Z",
        "invocations 100 (40% through this proxy), errors 2 (2%), throttles 0",
        "duration: p50 40.5 ms, p90 80.25 ms, p95 90 ms, p99 120 ms, max 150.12 ms",
        "concurrency max 4 of 10 (function limit)",
        "cold starts 5 (5%), init p50 388.15 ms p95 512.5 ms",
        "timeouts 0, out of memory 0, crashes 0",
        "memory used max 94 of 256 MB (36.7%)",
        "3.08625 GB-s (as billed, from logs)",
        "Next: Read its errors",
    ):
        assert words in outcome.text
    assert "CloudWatch lags" in outcome.notes[0]


async def test_the_same_question_a_moment_later_costs_nothing(stage: Stage, ask: Ask) -> None:
    fully(stage)
    stage.logs([FIGURES])
    first = (await ask()).data
    # Calls since then are in the history already; set against metrics of before, their share would be above all.
    stage.seen += 100
    outcome = await ask()
    assert (outcome.data["cached"], outcome.bill.cost_usd, outcome.data["cost"]) == (True, 0, first["cost"])
    assert outcome.data["invocations"] == first["invocations"]
    assert "kept from a moment ago" in outcome.text
    # Half a bin later it is asked anew; the log group and the limit are remembered.
    stage.now += 31
    stage.measures(invocations=101.0)
    stage.logs([FIGURES])
    again = (await ask()).data
    assert (again["cached"], again["invocations"]["count"]) == (False, 101)
    assert stage.is_over()


async def test_questions_about_the_last_hour_a_few_seconds_apart_are_one(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["errors"], invocations=100.0)
    stage.now = 5
    await ask(time_range={"last": "1h"}, metric_types=["errors"])
    stage.now = 20
    assert (await ask(time_range={"last": "1h"}, metric_types=["errors"])).data["cached"]


async def test_the_newest_data_is_when_the_bin_begins_not_when_it_ends(stage: Stage, ask: Ask) -> None:
    """An end would be about now, and say in an outage that data is fresh."""
    stage.measures(wanted=["errors"], invocations=1.0, series_invocations={60: 1.0})
    stage.now = 5
    outcome = await ask(time_range={"last": "1h"}, metric_types=["errors"])
    assert outcome.data["newest_data"] == "2026-11-22T12:00:00Z"


async def test_errors_asked_for_later_scan_only_for_errors(stage: Stage, ask: Ask) -> None:
    # Each source is kept by itself: what was answered is not paid for twice.
    fully(stage)
    stage.logs([FIGURES])
    await ask()
    stage.logs([])
    bill = (await ask(include_errors=True)).data["bill"]
    assert (bill["metrics_requested"], bill["insights_queries"]) == (0, 1)


async def test_at_most_two_queries_find_figures_and_errors(stage: Stage, ask: Ask) -> None:
    row = {
        "@timestamp": "2026-11-22 11:30:00.000",
        "@logStream": "2026/11/22/[$LATEST]ab",
        "@message": "[ERROR] KeyError: 'ada@example.com'\nTraceback (most recent call last):\n"
        '  File "app.py", line 3, in f\n  File "app.py", line 9, in g',
    }
    fully(stage)
    stage.logs([FIGURES], [row])
    ended = {"timestamp": int(NOON.timestamp() * 1000), "logStreamName": row["@logStream"]}
    stage.stubs["logs"].add_response(
        "filter_log_events", {"events": [{**ended, "message": "END RequestId: 5b1f-request\n"}]}
    )
    outcome = await ask(include_errors=True)
    (error,) = outcome.data["top_errors"]
    fingerprint = error.pop("fingerprint")
    assert (len(fingerprint), error) == (
        16,
        {
            "error_type": "KeyError",
            "message": "'[masked]'",
            "count": 1,
            "first_seen": "2026-11-22T11:30:00Z",
            "last_seen": "2026-11-22T11:30:00Z",
            "request_id": "5b1f-request",
            "stack": ['File "app.py", line 3, in f', 'File "app.py", line 9, in g'],
        },
    )
    assert "- 1x KeyError: '[masked]', last 2026-11-22T11:30:00Z, request 5b1f-request" in outcome.text
    assert "inspect_execution(request_id='5b1f-request')" in outcome.data["next_step"]
    assert outcome.data["bill"]["insights_queries"] == 2
    assert stage.is_over()


@pytest.mark.parametrize(
    ("figures", "rows", "words"),
    [
        ({}, [], "Nothing stands out in the figures that were asked for"),
        ({"coldStarts": "50"}, [], "whether timeouts or crashes cause them"),
        ({}, [{"@timestamp": "2026-11-22 11:30:00.000", "@message": "[ERROR] KeyError: 'a'"}], "Read its errors"),
    ],
)
async def test_advice_on_some_figures_is_of_those_and_of_the_errors_seen(
    stage: Stage, ask: Ask, figures: dict[str, str], rows: list[dict[str, str]], words: str
) -> None:
    """Errors are found in the logs though their metric was not asked for."""
    stage.measures(wanted=["cold_starts"], invocations=100.0)
    stage.describes()
    stage.logs([{**FIGURES, **figures}], rows)
    outcome = await ask(metric_types=["cold_starts"], include_errors=True)
    assert "errors" not in outcome.data
    assert words in outcome.data["next_step"]


async def test_a_crash_is_an_error_though_no_metric_of_errors_was_asked_for(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["cold_starts", "timeouts"], invocations=100.0)
    stage.describes()
    stage.logs([{**FIGURES, "coldStarts": "50", "textDeaths": "3"}])
    advice = (await ask(metric_types=["cold_starts", "timeouts"])).data["next_step"]
    assert advice.startswith("Read its errors")


async def test_a_secret_is_masked_before_the_message_is_cut(stage: Stage, ask: Ask) -> None:
    message = "x " * 70 + "password=" + "hunter2" * 20
    row = {"@timestamp": "2026-11-22 11:30:00.000", "@message": f"[ERROR] E: {message}\n", "@requestId": "r1"}
    fully(stage)
    stage.logs([FIGURES], [row])
    outcome = await ask(include_errors=True)
    assert "hunter" not in json.dumps(outcome.data)
    assert "hunter" not in outcome.text
    assert len(outcome.data["top_errors"][0]["message"].encode()) <= 120


async def test_only_what_is_named_is_asked_and_answered(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["throttles"], invocations=5.0, throttles=3.0, series_throttles={7: 3.0})
    data = (await ask(metric_types=["throttles"])).data
    assert data["throttles"] == 3
    assert set(data["series"]) == {"start", "period_s", "throttles"}
    assert not set(data) & {"errors", "duration", "memory", "cost", "cold_starts", "top_errors"}
    assert data["bill"]["metrics_requested"] == 4
    assert stage.is_over()


async def test_without_permission_for_metrics_the_logs_still_answer(stage: Stage, ask: Ask) -> None:
    stage.denies("cloudwatch", "get_metric_data")
    stage.has_limit()
    stage.describes()
    stage.logs([FIGURES])
    data = (await ask()).data
    assert data["invocations"] == {"count": 100, "source": "logs", "through_this_proxy": 40, "share": 0.4}
    assert (data["errors"], data["duration"]["p50_ms"], data["cost"]["source"]) == (
        {"count": None, "rate": None},
        None,
        "logs",
    )
    assert "series" not in data
    (missing,) = data["partial"]
    assert missing.startswith("No metrics: cloudwatch:GetMetricData is not allowed.")


async def test_without_permission_for_logs_the_metrics_still_answer(stage: Stage, ask: Ask) -> None:
    stage.measures(invocations=100.0, duration_sum=6000.0)
    stage.has_limit()
    stage.denies("logs", "describe_log_groups")
    outcome = await ask(include_errors=True)
    data = outcome.data
    assert data["invocations"]["count"] == 100
    assert (data["cold_starts"], data["memory"], data["timeouts"], data["top_errors"]) == (None, None, None, None)
    assert (data["cost"]["source"], data["cost"]["gb_s"]) == ("estimated", "1.5")
    # Both log queries fail of the same; it is said once.
    (missing,) = data["partial"]
    assert missing.startswith("No log figures, errors from logs: logs:DescribeLogGroups is not allowed.")
    assert "estimated from run time, without init" in outcome.text
    assert "Incomplete: No log figures" in outcome.text


async def test_without_any_permission_the_call_fails_with_the_first_reason(stage: Stage, ask: Ask) -> None:
    stage.denies("cloudwatch", "get_metric_data")
    stage.has_limit()
    stage.denies("logs", "describe_log_groups")
    with pytest.raises(CallFailed) as failed:
        await ask()
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED
    assert "cloudwatch:GetMetricData" in failed.value.failure.hint


async def test_a_query_that_failed_at_aws_is_on_the_bill_all_the_same(stage: Stage, ask: Ask) -> None:
    stage.measures(invocations=7.0, duration_sum=10.0)
    stage.has_limit()
    stage.describes()
    stage.logs([], status="Failed")
    outcome = await ask()
    assert "failed at AWS" in outcome.data["partial"][0]
    assert (outcome.bill.queries, outcome.bill.scanned_bytes, outcome.bill.metrics) == (1, 1_000_000, 22)


async def test_when_all_fails_the_failure_has_the_bill_of_everything(stage: Stage, ask: Ask) -> None:
    stage.denies("cloudwatch", "get_metric_data")
    stage.has_limit()
    stage.describes()
    stage.logs([], [], status="Failed")
    with pytest.raises(CallFailed) as failed:
        await ask(include_errors=True)
    assert failed.value.bill is not None
    assert (failed.value.bill.queries, failed.value.bill.scanned_bytes) == (2, 2_000_000)


async def test_what_failed_is_asked_again_and_what_did_not_is_kept(stage: Stage, ask: Ask) -> None:
    stage.denies("cloudwatch", "get_metric_data")
    stage.has_limit()
    stage.describes()
    stage.logs([FIGURES])
    await ask()
    stage.measures(invocations=100.0)
    data = (await ask()).data
    assert (data["invocations"]["source"], data["cached"], data["bill"]["insights_queries"]) == ("metrics", False, 0)


async def test_a_throttle_is_waited_for(stage: Stage, ask: Ask) -> None:
    stage.stubs["cloudwatch"].add_client_error("get_metric_data", "Throttling", "slower", 400)
    stage.measures(wanted=WITHOUT_LOGS, invocations=7.0)
    data = (await ask(metric_types=WITHOUT_LOGS)).data
    assert (data["invocations"]["count"], data["partial"]) == (7, [])


async def test_partial_metrics_are_told_and_zero_is_no_guess(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=WITHOUT_LOGS, statuses={"errors": "Forbidden", "invocations": "PartialData"}, invocations=7.0)
    data = (await ask(metric_types=WITHOUT_LOGS)).data
    assert (data["invocations"]["count"], data["errors"]["count"], data["throttles"]) == (7, None, 0)
    assert [words in " ".join(data["partial"]) for words in ("only part of the data", "Errors Sum")] == [True, True]


async def test_several_bins_of_a_percentile_are_said(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["duration"], invocations=7.0, duration_p95={0: 10.0, 30: 20.0})
    outcome = await ask(metric_types=["duration"])
    assert outcome.data["duration"]["p95_ms"] == 20
    assert "the highest of duration_p95" in " ".join(outcome.notes)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"stored": 10**13}, "more than the 1 GB allowed"),
        ({"log_class": "INFREQUENT_ACCESS"}, "which Logs Insights does not serve"),
    ],
)
async def test_a_log_that_may_not_be_queried_costs_nothing_and_the_metrics_stand(
    stage: Stage, ask: Ask, group: dict[str, Any], words: str
) -> None:
    stage.measures(invocations=7.0, duration_sum=10.0)
    stage.has_limit()
    stage.describes(**group)
    data = (await ask()).data
    assert (data["invocations"]["count"], data["cost"]["source"]) == (7, "estimated")
    assert words in data["partial"][0]


async def test_no_traffic_is_told_as_such(stage: Stage, ask: Ask) -> None:
    stage.measures()
    stage.has_limit(None)
    account = {"AccountLimit": {"ConcurrentExecutions": 1000}}
    stage.stubs["lambda"].add_response("get_account_settings", account)
    stage.stubs["logs"].add_response("describe_log_groups", {"logGroups": []})
    stage.seen = 0
    outcome = await ask()
    assert outcome.data["invocations"] == {"count": 0, "source": "metrics", "through_this_proxy": 0, "share": None}
    assert (outcome.data["newest_data"], outcome.data["concurrency"]["limit_of"]) == (None, "account")
    assert "No traffic in this window" in outcome.data["next_step"]
    assert "does not exist" in outcome.data["partial"][0]


async def test_figures_of_a_query_that_does_not_end_are_not_taken_for_all(stage: Stage, ask: Ask) -> None:
    stage.measures(invocations=7.0, duration_sum=10.0)
    stage.has_limit()
    stage.describes()
    stage.logs([FIGURES], status="Running")
    for _ in range(2):
        rows = [[{"field": "executions", "value": "3"}]]
        answer = {"status": "Running", "results": rows, "statistics": STATISTICS}
        stage.stubs["logs"].add_response("get_query_results", answer)
    stage.stubs["logs"].add_response("stop_query", {"success": True})
    data = (await ask()).data
    assert (data["cold_starts"], data["cost"]["source"]) == (None, "estimated")
    assert "it did not end in time (0.7 s)" in data["partial"][0]
    assert data["bill"]["scanned_bytes"] == 1_000_000
    # Nor is it kept: asked again it may end in time. The metrics are.
    stage.logs([{**FIGURES, "executions": "7"}])
    again = (await ask()).data
    assert (again["cold_starts"]["count"], again["partial"], again["bill"]["metrics_requested"]) == (5, [], 0)


async def test_metrics_that_did_not_come_whole_are_asked_again(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=WITHOUT_LOGS, statuses={"errors": "InternalError"}, invocations=7.0)
    assert (await ask(metric_types=WITHOUT_LOGS)).data["errors"]["count"] is None
    stage.measures(wanted=WITHOUT_LOGS, invocations=7.0, errors=2.0)
    assert (await ask(metric_types=WITHOUT_LOGS)).data["errors"]["count"] == 2
    assert stage.is_over()


async def test_figures_that_are_no_numbers_are_no_figures(stage: Stage, ask: Ask) -> None:
    stage.measures(invocations=7.0)
    stage.has_limit()
    stage.describes()
    stage.logs([{"executions": "7", "billedMs": "a lot"}])
    data = (await ask()).data
    assert (data["memory"], data["cost"]["usd"]) == (None, None)
    assert "'a lot' for billedMs" in data["partial"][0]
    assert data["bill"]["scanned_bytes"] == 1_000_000


async def test_a_log_without_any_report_is_no_proof_that_nothing_was_billed(stage: Stage, ask: Ask) -> None:
    # JSON logs with a system log level above INFO have no platform.report.
    stage.measures(invocations=7.0, duration_sum=2048.0)
    stage.has_limit()
    stage.describes()
    stage.logs([{**dict.fromkeys(FIGURES, "0")}])
    data = (await ask()).data
    assert (data["cold_starts"], data["timeouts"], data["cost"]["gb_s"]) == (None, None, "0.512")
    assert data["cost"]["source"] == "estimated"
    assert "no report of any of 7 executions" in data["partial"][0]


async def test_a_log_that_no_longer_reaches_back_is_said_so(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["memory"], invocations=7.0)
    stage.describes(days=3)
    stage.logs([{**FIGURES, "executions": "7"}])
    week = {"start": "2026-11-15T12:00:00Z", "end": "2026-11-22T12:00:00Z"}
    data = (await ask(metric_types=["memory"], time_range=week)).data
    assert "keeps logs for 3 days: figures and errors from it begin at 2026-11-19T12:00:00Z" in data["partial"][0]


@pytest.mark.parametrize("error", [HistoryError("the disk is gone"), TimeoutError()])
async def test_a_history_that_cannot_be_read_leaves_the_share_unknown(stage: Stage, ask: Ask, error: Exception) -> None:
    stage.history_error = error
    stage.measures(wanted=["errors"], invocations=7.0)
    data = (await ask(metric_types=["errors"])).data
    assert (data["invocations"]["through_this_proxy"], data["invocations"]["share"]) == (None, None)
    assert data["partial"][0].startswith("No share through this proxy: the history could not be asked")


async def test_the_history_is_asked_about_the_same_window(stage: Stage, ask: Ask) -> None:
    stage.measures(wanted=["errors"], invocations=7.0)
    await ask(metric_types=["errors"])
    assert stage.asked_history == [
        {
            "function_name": "orders",
            "region": "us-east-1",
            "account_id": stage.function.account_id,
            "started_after": START,
            "started_before": NOON,
            "qualifier": None,
        }
    ]


async def test_that_asynchronous_executions_count_differently_is_said(stage: Stage, ask: Ask) -> None:
    stage.seen_asynchronous = 3
    stage.measures(wanted=["errors"], invocations=100.0)
    outcome = await ask(metric_types=["errors"])
    assert "3 of the executions through this proxy were asynchronous" in " ".join(outcome.notes)


async def test_a_share_above_all_is_shown_and_explained(stage: Stage, ask: Ask) -> None:
    # Cut to 100 % it would hide that the two do not speak of the same executions.
    stage.measures(wanted=["errors"], invocations=20.0)
    outcome = await ask(metric_types=["errors"])
    assert outcome.data["invocations"]["share"] == 2.0
    assert "(200% through this proxy)" in outcome.text
    assert "more executions through this proxy (40) than CloudWatch in all (20)" in " ".join(outcome.notes)


async def test_an_alias_is_a_dimension_of_metrics_and_its_versions_are_streams_of_the_log(
    stage: Stage, ask: Ask
) -> None:
    routing = {"AdditionalVersionWeights": {"8": 0.1}}
    aliases = [{"Name": "live", "FunctionVersion": "7", "RoutingConfig": routing}]
    stage.stubs["lambda"].add_response("list_aliases", {"Aliases": aliases})
    configuration = {
        "FunctionName": "orders",
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders:7",
        "MemorySize": 512,
        "Timeout": 9,
    }
    stage.stubs["lambda"].add_response("get_function_configuration", configuration)
    stage.measures(wanted=["memory"], qualifier="live", invocations=7.0)
    stage.describes()
    stage.logs([{**FIGURES, "maxSizeMB": "", "maxUsedMB": "256"}])
    outcome = await ask(metric_types=["memory"], qualifier="live")
    assert (outcome.data["qualifier"], outcome.data["versions"]) == ("live", ["7", "8"])
    assert outcome.data["memory"] == {"used_max_mb": 256, "configured_mb": 512, "share": 0.5}
    assert "orders:live in us-east-1" in outcome.text
    assert "version 7, 8, however it was called" in " ".join(outcome.notes)
    assert stage.asked_history[0]["qualifier"] == "live"


async def test_an_alias_that_does_not_exist_is_refused_with_those_that_do(stage: Stage, ask: Ask) -> None:
    stage.stubs["lambda"].add_response("list_aliases", {"Aliases": [{"Name": "live", "FunctionVersion": "7"}]})
    with pytest.raises(CallFailed, match="no alias 'next'") as failed:
        await ask(qualifier="next")
    assert failed.value.kind is OutcomeKind.NOT_FOUND


async def test_everything_at_its_largest_fits_two_thousand_tokens(stage: Stage, ask: Ask) -> None:
    many = {minute: 123_456.0 + minute for minute in range(60)}
    whole = {
        query.key: 1_234_567.89
        for query in metric_queries(stage.function, None, METRIC_TYPES, (), whole_s=3600, period_s=60)
    }
    stage.measures(**{**whole, "series_invocations": many, "series_errors": many, "series_duration_p95": many})
    stage.has_limit()
    stage.describes()
    rows = [
        {
            "@timestamp": f"2026-11-22 11:{minute:02d}:00.000",
            "@requestId": f"5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b{minute}",
            "@logStream": "s",
            "@message": f"[ERROR] some.long.package.of.errors.{'Kind' * 10}{letter}: {letter * 30} "
            + 'it "failed" for a reason ' * 40
            + "\nTraceback (most recent call last):\n"
            + f'  File "/var/task/{"deep/" * 20}app.py", line 6, in {letter}\n    call(a)\n' * 20,
        }
        for minute, letter in enumerate("abcdefgh", 20)
    ]
    stage.logs([FIGURES], rows)
    outcome = await ask(include_errors=True)
    assert len(outcome.data["top_errors"]) == 5
    structured = json.dumps({**outcome.data, "notes": outcome.notes}, ensure_ascii=False, separators=(",", ":"))
    texts = "\n".join([outcome.text, *outcome.notes])
    # The rest is for the facts of the call that every answer carries.
    assert len(texts.encode()) + len(structured.encode()) <= 8_000 - 400


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"metric_types": ["latency"]}, "cold_starts"),
        ({"metric_types": []}, "metric_types"),
        ({"metrics": ["errors"]}, "metrics"),
        ({"include_errors": "yes"}, "include_errors"),
    ],
)
async def test_arguments_that_do_not_exist_are_refused_by_name(
    stage: Stage, call_of: Callable[..., Call], arguments: dict[str, Any], words: str
) -> None:
    async def never(call: Call) -> Outcome:
        raise AssertionError("it was asked")

    with pytest.raises(CallFailed, match=words):
        await ArgumentsStep()(call_of({"function_name": "orders", **arguments}, tool=stage.tool), never)


def test_it_is_aimed_at_cloudwatch_whatever_is_asked(stage: Stage) -> None:
    aim = stage.tool.aim({"function_name": "orders", "qualifier": "live"})
    assert (aim.target, aim.function_name, aim.qualifier) == ("cloudwatch", "orders", "live")
    assert stage.tool.aim({"function_name": 7, "qualifier": ["x"]}).function_name is None


def test_a_name_with_its_account_and_region_is_taken_apart(stage: Stage) -> None:
    # The history holds plain names: by a full one its calls could not be found.
    aim = stage.tool.aim({"function_name": "222222222222:eu-west-1:orders", "region": "eu-west-1"})
    assert (aim.function_name, aim.region, aim.account_id) == ("orders", "eu-west-1", "222222222222")


def test_its_description_costs_little_to_list() -> None:
    listed = {"description": SPEC.description, "input": SPEC.input_schema, "output": SPEC.output_schema}
    assert len(json.dumps(listed)) < 1_300
