"""What CloudWatch, its logs and the history say of the same traffic: through a real MCP client, and equal to the digit.

Part of the traffic goes through the proxy and part past it, as in any account.
"""

import json
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import Stage
from stage.waiting import eventually

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas
from lambdascope_proxy.report import Report, decode_tail, parse_report

pytestmark = pytest.mark.anyio

THROUGH_THE_PROXY: Sequence[tuple[str, dict[str, Any]]] = (
    ("demo-charge-card", {"order_id": 1001}),
    ("demo-charge-card", {"order_id": 1005}),
    ("demo-charge-card", {"order_id": 1010}),
    ("demo-sync-stock", {"warehouse": "hamburg"}),
    ("demo-sync-stock", {"warehouse": "offline"}),
    ("demo-export-catalog", {"products": 1_000}),
    ("demo-export-catalog", {"products": 100_000}),
    ("demo-export-catalog", {"products": "many"}),
    ("demo-shipping-quote", {"country": "FR"}),
)
PAST_THE_PROXY: Sequence[tuple[str, dict[str, Any]]] = (
    ("demo-charge-card", {"order_id": 1015}),
    ("demo-charge-card", {"order_id": 1002}),
    ("demo-sync-stock", {"warehouse": "hamburg"}),
    ("demo-export-catalog", {"products": "few"}),
)
NAMES = ("demo-charge-card", "demo-sync-stock", "demo-export-catalog", "demo-shipping-quote")
FUNCTIONS: Mapping[str, LocalFunction] = {function.name: function for function in demo_functions()}
FAILED = ("function_error", "function_timeout", "out_of_memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What happened: the rows the history has of it, and the reports of what went past the proxy."""

    client: Client
    stage: Stage
    aws: LocalAws
    rows: Mapping[str, list[dict[str, Any]]]
    past: Mapping[str, list[tuple[Report, bool]]]

    def executions(self, name: str) -> list[dict[str, Any]]:
        """Every execution of a function, in the words of the history."""
        words = ("billed_ms", "memory_mb", "max_memory_mb", "init_ms", "duration_ms")
        through = [({word: row[word] for word in words}, row["outcome"] in FAILED) for row in self.rows[name]]
        past = [({word: getattr(report, word) for word in words}, failed) for report, failed in self.past[name]]
        return [{**figures, "failed": failed} for figures, failed in (*through, *past)]


@pytest.fixture(scope="module")
def aws() -> Generator[LocalAws]:
    """An account of this module's own: what other tests call would be counted too."""
    with LocalAws(demo_functions(), demo_schemas()) as made:
        yield made


@pytest.fixture(scope="module")
def monitored(
    aws: LocalAws, clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Stage]:
    """A proxy process over that account."""
    history = tmp_path_factory.mktemp("monitored") / "history"
    settings = {
        **clean_environment,
        **aws.environment(),
        "FUNCTION_PREFIX": "demo-",
        "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
        "LAMBDASCOPE_HISTORY_DIR": str(history),
    }
    made = Stage(environment=settings, history_directory=history)
    yield made
    made.close()


@pytest.fixture(scope="module")
async def traffic(monitored: Stage, aws: LocalAws) -> AsyncGenerator[Traffic]:
    """A client of the proxy after all of the traffic, with the history written."""
    async with monitored.serve_http().client() as client:
        for name, payload in THROUGH_THE_PROXY:
            await invoke(client, name, payload)
        past: dict[str, list[tuple[Report, bool]]] = {name: [] for name in NAMES}
        for name, payload in PAST_THE_PROXY:
            past[name].append(straight(aws, name, payload))
        recorded = await eventually(lambda: all_of(monitored, len(THROUGH_THE_PROXY)))
        rows = {name: [row for row in recorded if row["function_name"] == name] for name in NAMES}
        yield Traffic(client=client, stage=monitored, aws=aws, rows=rows, past=past)


def straight(aws: LocalAws, name: str, payload: dict[str, Any]) -> tuple[Report, bool]:
    """Calls Lambda itself, and returns its report and whether it failed."""
    where = {"endpoint_url": aws.endpoint_url, "region_name": "us-east-1"}
    client = boto3.client("lambda", aws_access_key_id="local", aws_secret_access_key="local", **where)
    answer = client.invoke(FunctionName=name, Payload=json.dumps(payload), LogType="Tail")
    report = parse_report(decode_tail(answer["LogResult"]), None)
    client.close()
    assert report is not None
    return report, "FunctionError" in answer


def all_of(stage: Stage, count: int) -> list[dict[str, Any]] | None:
    """The invocations recorded, once all are."""
    rows = stage.rows("target = 'lambda'")
    return rows if len(rows) == count else None


@pytest.mark.parametrize("name", NAMES)
async def test_counts_and_money_agree_exactly_with_history_and_reports(traffic: Traffic, name: str) -> None:
    ran, rates = traffic.executions(name), load_rates()
    answer = await ask(traffic.client, "monitor_executions", function_name=name)
    assert not answer["is_error"]
    assert answer["invocations"]["count"] == len(ran)
    assert answer["errors"]["count"] == sum(each["failed"] for each in ran)
    assert answer["invocations"]["through_this_proxy"] == len(traffic.rows[name])
    assert answer["invocations"]["share"] == round(len(traffic.rows[name]) / len(ran), 4)
    assert answer["cold_starts"]["count"] == sum(each["init_ms"] is not None for each in ran)
    assert answer["memory"]["used_max_mb"] == max(each["max_memory_mb"] for each in ran)
    assert answer["duration"]["max_ms"] == pytest.approx(max(each["duration_ms"] for each in ran), abs=0.005)
    gb_s = sum(Decimal(each["billed_ms"] * each["memory_mb"]) / 1_024_000 for each in ran)
    assert Decimal(answer["cost"]["gb_s"]) == gb_s
    function = FUNCTIONS[name]
    prices = [
        price_invocation(
            rates,
            region="us-east-1",
            architecture=function.architecture,
            memory_mb=each["memory_mb"],
            billed_ms=each["billed_ms"],
            ephemeral_storage_mb=function.ephemeral_storage_mb,
        ).amount
        for each in ran
    ]
    assert Decimal(answer["cost"]["usd"]) == sum(prices, Decimal(0)).quantize(Decimal("1e-12"))
    assert (answer["cost"]["source"], answer["partial"]) == ("logs", [])


async def test_the_cost_is_that_of_the_history_where_all_went_through_the_proxy(traffic: Traffic) -> None:
    answer = await ask(traffic.client, "monitor_executions", function_name="demo-shipping-quote")
    (row,) = traffic.rows["demo-shipping-quote"]
    assert (Decimal(answer["cost"]["usd"]), answer["invocations"]["share"]) == (row["cost_usd"], 1)


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("demo-charge-card", {"count": 0, "out_of_memory": 0, "crashes": 0}),
        ("demo-sync-stock", {"count": 1, "out_of_memory": 0, "crashes": 0}),
        ("demo-export-catalog", {"count": 0, "out_of_memory": 1, "crashes": 0}),
    ],
)
async def test_each_way_to_end_is_seen(traffic: Traffic, name: str, ends: dict[str, int]) -> None:
    answer = await ask(traffic.client, "monitor_executions", function_name=name)
    assert answer["timeouts"] == ends


@pytest.mark.parametrize("name", NAMES[:3])
async def test_errors_are_those_of_the_history_under_the_same_fingerprints(traffic: Traffic, name: str) -> None:
    answer = await ask(traffic.client, "monitor_executions", function_name=name)
    found = {error["fingerprint"]: error for error in answer["top_errors"]}
    failed = [row for row in traffic.rows[name] if row["outcome"] in FAILED]
    assert failed
    assert {row["error_fingerprint"] for row in failed} <= set(found)
    assert sum(error["count"] for error in found.values()) == answer["errors"]["count"]
    known = {row["request_id"] for row in failed} | {report.request_id for report, _ in traffic.past[name]}
    assert {error["request_id"] for error in found.values()} <= known


async def test_one_question_is_one_metric_request_and_two_queries_and_its_price_is_recorded(traffic: Traffic) -> None:
    # A window that no other test asks about, or the answer would be one that is kept.
    answer = await ask(
        traffic.client, "monitor_executions", function_name="demo-charge-card", time_range={"last": "25m"}
    )
    bill = answer["bill"]
    assert (bill["get_metric_data_calls"], bill["insights_queries"], answer["cached"]) == (1, 2, False)
    assert bill["scanned_bytes"] > 0

    def recorded() -> list[dict[str, Any]]:
        cost = Decimal(bill["cost_usd"])
        return traffic.stage.rows("tool_name = 'monitor_executions' AND cost_usd = $cost", cost=cost)

    row = (await eventually(recorded))[-1]
    assert (row["target"], row["function_name"], row["outcome"]) == ("cloudwatch", "demo-charge-card", "ok")


async def test_an_answer_over_the_wire_fits_two_thousand_tokens(traffic: Traffic) -> None:
    answer = await ask(traffic.client, "monitor_executions", function_name="demo-export-catalog")
    structured = {key: value for key, value in answer.items() if key not in {"texts", "is_error"}}
    sent = json.dumps(structured, ensure_ascii=False, separators=(",", ":")) + "".join(answer["texts"])
    assert len(sent.encode()) <= 8_000


async def test_an_alias_is_looked_at_by_itself(traffic: Traffic) -> None:
    name = "demo-recommend-products"
    await invoke(traffic.client, name, {}, qualifier="live")
    straight(traffic.aws, name, {})
    asked = {"function_name": name, "time_range": {"last": "12m"}}
    whole = await ask(traffic.client, "monitor_executions", **asked)
    alias = await ask(traffic.client, "monitor_executions", **asked, qualifier="live")
    assert (whole["invocations"]["count"], whole["cold_starts"]["count"]) == (2, 2)
    assert (alias["invocations"]["count"], alias["cold_starts"]["count"], alias["versions"]) == (1, 1, ["1"])


async def test_a_function_that_never_ran_has_no_traffic_and_no_error(traffic: Traffic) -> None:
    answer = await ask(traffic.client, "monitor_executions", function_name="demo-price-basket")
    assert (answer["is_error"], answer["invocations"]["count"]) == (False, 0)
    assert "No traffic" in answer["next_step"]
    assert "does not exist" in " ".join(answer["partial"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"function_name": "payroll"}, "not among those allowed"),
        ({"function_name": "demo-no-such"}, "There is no function"),
        ({"function_name": "demo-charge-card", "qualifier": "next"}, "has no alias"),
        ({"function_name": "demo-charge-card", "metric_types": ["latency"]}, "cold_starts"),
        ({"function_name": "demo-charge-card", "time_range": {"start": "2999-01-01"}}, "future"),
        ({"function_name": "demo-charge-card", "time_range": {"last": "500d"}}, "data is kept for 455 days"),
        (
            {"function_name": "demo-charge-card", "time_range": {"start": "2020-01-02", "end": "2020-01-01"}},
            "not before",
        ),
    ],
)
async def test_bad_questions_are_answered_with_what_is_wrong(
    traffic: Traffic, arguments: dict[str, Any], words: str
) -> None:
    answer = await ask(traffic.client, "monitor_executions", **arguments)
    assert answer["is_error"]
    assert words in answer["texts"][0]


async def test_the_fleet_is_all_functions_worst_first(traffic: Traffic) -> None:
    answer = await ask(traffic.client, "monitor_fleet", time_range={"last": "10m"})
    expected = {name: traffic.executions(name) for name in NAMES}
    shown = {entry["name"]: entry for entry in answer["functions"]}
    assert {name: shown[name]["invocations"] for name in NAMES} == {name: len(ran) for name, ran in expected.items()}
    assert {name: shown[name]["errors"] for name in NAMES} == {
        name: sum(each["failed"] for each in ran) for name, ran in expected.items()
    }
    errors = [entry["errors"] for entry in answer["functions"]]
    assert errors == sorted(errors, reverse=True)
    assert answer["totals"]["functions"] == len(demo_functions())
    assert answer["bill"]["get_metric_data_calls"] == 1
    assert answer["texts"][0].splitlines()[2].startswith(answer["functions"][0]["name"])
