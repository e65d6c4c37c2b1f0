"""The gauges of the budgets: dollars and seconds apart, each by the budget's name."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from lambdascope_proxy.budgets.budget import Budget, Scope, Unit
from lambdascope_proxy.budgets.purse import purse_of
from lambdascope_proxy.budgets.spending import Spent
from lambdascope_proxy.budgets.standing import Standing
from lambdascope_proxy.call import Caller
from lambdascope_proxy.telemetry.budget_gauges import watch_budgets
from lambdascope_proxy.telemetry.meters import Meters


def standing_of(scope: Scope, unit: Unit) -> Standing:
    return Standing(
        budget=Budget(scope=scope, unit=unit, limit=Decimal(10)),
        purse=purse_of(scope, Caller(transport="stdio"), datetime(2026, 11, 22, tzinfo=UTC)),
        spent=Spent(usd=Decimal("2.5"), seconds=Decimal(12)),
        warn_share=Decimal(1),
    )


def test_spent_and_left_are_read_of_each_budget_in_its_unit() -> None:
    reader = InMemoryMetricReader()
    meters = Meters(MeterProvider([reader]).get_meter("tests"), most_series=10)
    watch_budgets(meters, lambda: [standing_of(Scope.DAY, Unit.USD), standing_of(Scope.MONTH, Unit.SECONDS)])
    data = reader.get_metrics_data()
    assert data is not None
    seen: dict[str, list[Any]] = {
        metric.name: [
            (dict(point.attributes or {})["lambdascope.budget"], point.value) for point in metric.data.data_points
        ]
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        if metric.name.startswith("lambdascope.budget")
    }
    assert seen == {
        "lambdascope.budget.spent": [("day_usd", 2.5)],
        "lambdascope.budget.left": [("day_usd", 7.5)],
        "lambdascope.budget.time.spent": [("month_s", 12.0)],
        "lambdascope.budget.time.left": [("month_s", 0.0)],  # calls in flight took it below nothing
    }
