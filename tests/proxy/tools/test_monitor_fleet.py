"""The tool that compares all functions, over the real classes and a CloudWatch that answers by rule."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Snapshot
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.metrics import Metrics
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.fleet import Fleets
from lambdascope_proxy.monitoring.fleet_data import SORTS
from lambdascope_proxy.selection import Function, Place
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tools.monitor_fleet import SPEC, MonitorFleet

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
START = NOON - timedelta(hours=3)
Figures = Mapping[str, float]


class Account:
    """The metrics of one account, by function: what is not there has no data."""

    region = "us-east-1"

    def __init__(self, figures: Mapping[str, Figures]) -> None:
        self.figures = figures
        self.requests: list[Sequence[Mapping[str, Any]]] = []
        self.error: Exception | None = None
        self.status = "Complete"

    def reader(self, service: str) -> Any:
        assert service == "cloudwatch"
        return self

    def get_metric_data(self, **asked: Any) -> Mapping[str, Any]:
        self.requests.append(asked["MetricDataQueries"])
        if self.error:
            raise self.error
        return {"MetricDataResults": [self._result(query) for query in asked["MetricDataQueries"]]}

    def _result(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        stat = query["MetricStat"]
        assert stat["Period"] == 10_800  # one bin for the whole window
        (dimension,) = stat["Metric"]["Dimensions"]
        value = self.figures.get(dimension["Value"], {}).get(f"{stat['Metric']['MetricName']} {stat['Stat']}")
        points = ([], []) if value is None else ([START], [value])
        return {"Id": query["Id"], "Timestamps": points[0], "Values": points[1], "StatusCode": self.status}


def figures(
    invocations: float, errors: float = 0, throttles: float = 0, p95: float = 10, total: float = 100
) -> Figures:
    """What CloudWatch has of a function with traffic."""
    return {
        "Invocations Sum": invocations,
        "Errors Sum": errors,
        "Throttles Sum": throttles,
        "Duration p95": p95,
        "Duration Sum": total,
    }


class Stage:
    """The tool over the functions of one or two accounts."""

    def __init__(self, home: Account, functions: Sequence[Function], other: Account | None = None) -> None:
        accounts: dict[str, Any] = {"": home, "123456789012": home, "210987654321": other}
        some: Any = home
        places = Places(some, lambda place: accounts[place.account_id], accounts=["210987654321"])
        self.snapshot_ = Snapshot(
            functions=tuple(functions),
            by_name={function.name: function for function in functions},
            read_at=NOON,
            has_tags=False,
        )
        self.now = 0.0
        me: Any = self
        fleets = Fleets(Metrics(places, Threads(4)), Asked(lambda: self.now))
        self.tool = MonitorFleet(
            catalogs=me, fleets=fleets, rates=load_rates, now=lambda: NOON + timedelta(seconds=self.now)
        )

    async def snapshot(self, region: str | None = None) -> Snapshot:
        return self.snapshot_


Make = Callable[..., Function]
Ask = Callable[..., Any]


@pytest.fixture
def ask(call_of: Callable[..., Call]) -> Ask:
    async def run(stage: Stage, **arguments: Any) -> Outcome:
        hours = {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T12:00:00Z"}
        return await stage.tool.run(call_of({"time_range": hours, **arguments}, tool=stage.tool))

    return run


@pytest.fixture
def shop(function_of: Make) -> Stage:
    home = Account(
        {
            "orders": figures(1000, errors=10, p95=50, total=100_000),
            "prices": figures(10, errors=5, throttles=1, p95=900, total=5_000),
            "quotes": figures(50_000, p95=20, total=700_000),
            "blocked": {"Throttles Sum": 7.0},
        }
    )
    return Stage(home, [function_of(name) for name in ("orders", "prices", "quotes", "blocked", "idle", "old")])


async def test_the_worst_come_first_with_totals_of_all(shop: Stage, ask: Ask) -> None:
    data = (await ask(shop)).data
    assert [entry["name"] for entry in data["functions"]] == ["orders", "prices", "quotes", "blocked"]
    request, gb_s = Decimal("0.0000002"), Decimal("0.0000166667")
    cost = (1000 * request + Decimal("12.5") * gb_s).quantize(Decimal("1e-8"))
    assert data["functions"][0] == {
        "name": "orders",
        "invocations": 1000,
        "errors": 10,
        "error_rate": 0.01,
        "throttles": 0,
        "duration_p95_ms": 50,
        "cost_usd": f"{cost.normalize():f}",
    }
    total = 51_010 * request + Decimal(805) / 8 * gb_s
    assert data["totals"] == {
        "functions": 6,
        "active": 4,
        "idle": 2,
        "invocations": 51_010,
        "errors": 15,
        "throttles": 8,
        "cost_usd": f"{total.quantize(Decimal('1e-8')).normalize():f}",
        "cost_source": "estimated",
    }


@pytest.mark.parametrize(
    ("sort_by", "first"),
    [
        ("errors", "orders"),
        ("error_rate", "prices"),
        ("throttles", "blocked"),
        ("invocations", "quotes"),
        ("duration_p95", "prices"),
        ("cost", "quotes"),
    ],
)
async def test_every_order_has_its_own_first(shop: Stage, ask: Ask, sort_by: str, first: str) -> None:
    data = (await ask(shop, sort_by=sort_by)).data
    assert data["functions"][0]["name"] == first
    assert first in data["next_step"]


def test_every_order_is_tested() -> None:
    assert set(SORTS) == {"errors", "error_rate", "throttles", "invocations", "duration_p95", "cost"}


async def test_the_text_is_a_table(shop: Stage, ask: Ask) -> None:
    lines = (await ask(shop, limit=1)).text.splitlines()
    assert "6 functions, 2026-11-22T09:00:00Z to 2026-11-22T12:00:00Z: 4 with traffic, 2 without" in lines[0]
    assert lines[1:3] == [
        "name | invocations | errors | error_rate | throttles | duration_p95_ms | cost_usd (by errors)",
        "orders | 1000 | 10 | 0.01 | 0 | 50 | 0.00040833",
    ]
    assert lines[3] == "3 more with traffic are not listed"


async def test_two_hundred_functions_take_two_requests_and_a_cent(function_of: Make, ask: Ask) -> None:
    home = Account({f"f{number:03d}": figures(number + 1) for number in range(200)})
    stage = Stage(home, [function_of(f"f{number:03d}") for number in range(200)])
    outcome = await ask(stage, sort_by="invocations")
    assert [len(request) for request in home.requests] == [500, 500]
    assert outcome.data["bill"] | {"scanned_bytes": 0} == {
        "metrics_requested": 1000,
        "get_metric_data_calls": 2,
        "insights_queries": 0,
        "scanned_bytes": 0,
        "cost_usd": "0.010000000000",
    }
    assert (len(outcome.data["functions"]), outcome.data["not_listed"]) == (20, 180)
    assert outcome.data["functions"][0]["name"] == "f199"


async def test_the_default_answer_fits_two_thousand_tokens(function_of: Make, ask: Ask) -> None:
    names = [f"production-checkout-payment-service-number-{number:03d}" for number in range(200)]
    home = Account({name: figures(12_345_678, 1_234_567, 123_456, 12_345.678, 987_654_321.123) for name in names})
    outcome = await ask(Stage(home, [function_of(name) for name in names]))
    structured = json.dumps(outcome.data, separators=(",", ":"))
    assert len(outcome.text.encode()) + len(structured.encode()) <= 8_000


async def test_another_order_of_the_same_figures_costs_nothing(shop: Stage, ask: Ask) -> None:
    await ask(shop)
    shop.now = 40
    outcome = await ask(shop, sort_by="cost", limit=2)
    assert (outcome.data["cached"], outcome.data["bill"]["cost_usd"]) == (True, "0.000000000000")


async def test_each_account_is_asked_by_itself_and_one_that_refuses_hides_no_other(function_of: Make, ask: Ask) -> None:
    home, other = Account({"orders": figures(5)}), Account({})
    other.error = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "no.", "Allow cloudwatch:GetMetricData.")
    stage = Stage(home, [function_of("orders"), function_of("bills", account_id="210987654321")], other)
    data = (await ask(stage)).data
    assert [entry["name"] for entry in data["functions"]] == ["orders"]
    assert data["partial"] == ["No metrics of us-east-1 of account 210987654321: no. Allow cloudwatch:GetMetricData."]
    assert function_of("x").place == Place(region="us-east-1", account_id="123456789012")


async def test_nothing_that_could_be_read_is_a_failure(function_of: Make, ask: Ask) -> None:
    home = Account({})
    home.error = CallFailed(OutcomeKind.THROTTLED, "Throttling", "slower")
    with pytest.raises(CallFailed, match="slower"):
        await ask(Stage(home, [function_of("orders")]))


async def test_what_did_not_come_is_unknown_and_makes_the_totals_unknown(function_of: Make, ask: Ask) -> None:
    home = Account({"orders": {"Invocations Sum": 5.0}})
    home.status = "PartialData"
    stage = Stage(home, [function_of("orders"), function_of("gone")])
    data = (await ask(stage)).data
    assert (data["totals"]["errors"], data["totals"]["invocations"], data["totals"]["cost_usd"]) == (None, None, None)
    assert {entry["name"]: entry["errors"] for entry in data["functions"]} == {"orders": None, "gone": None}
    assert "only part of the data came" in data["partial"][0]
    home.status = "Complete"
    again = (await ask(stage)).data
    assert (again["cached"], again["totals"]["invocations"]) == (False, 5), "what was not whole is not kept"


async def test_no_function_or_no_traffic_is_told_and_no_error(function_of: Make, ask: Ask) -> None:
    outcome = await ask(Stage(Account({}), []))
    assert (outcome.data["totals"]["functions"], outcome.data["bill"], outcome.bill) == (0, None, None)
    outcome = await ask(Stage(Account({}), [function_of("orders")]))
    assert (outcome.data["totals"]["idle"], outcome.data["functions"]) == (1, [])
    assert "No function had traffic" in outcome.text


async def test_an_account_that_could_not_be_listed_is_a_note(shop: Stage, ask: Ask) -> None:
    shop.snapshot_ = Snapshot(
        functions=(), by_name={}, read_at=NOON, has_tags=False, stale_reason="no network", unread=("The other one.",)
    )
    assert (await ask(shop)).notes == ("The list of functions may be old: no network", "The other one.")


def test_it_is_aimed_at_cloudwatch(shop: Stage) -> None:
    assert shop.tool.aim({"sort_by": 3}).target == "cloudwatch"
    assert len(json.dumps({"d": SPEC.description, "i": SPEC.input_schema, "o": SPEC.output_schema})) < 1_000
