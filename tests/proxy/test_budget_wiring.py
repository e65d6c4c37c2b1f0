"""Which of budgets and approval are built, and what a person is shown of the arguments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.approvals.question import VIEW_BYTES
from lambdascope_proxy.budget_wiring import build_approval, build_budgets, build_pins, masked_view, price_of
from lambdascope_proxy.budgets.elsewhere import Rows
from lambdascope_proxy.call import Aim, Call
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.telemetry.meters import Meters
from lambdascope_proxy.upstreams.spec import Upstream


async def ask(name: str, parameters: Mapping[str, object]) -> Rows:
    raise AssertionError("building asks nothing")


def test_without_a_setting_neither_is_there() -> None:
    settings = load_settings({"LAMBDASCOPE_BUDGET_WARN_SHARE": "0.5"})
    assert build_budgets(settings, ask, None) is None
    assert build_approval(settings, Scrubber(), None) is None


@pytest.mark.parametrize(("scope", "looks_at_month"), [("MONTH", True), ("DAY", False)])
def test_the_month_is_read_for_a_budget_of_the_month_only(scope: str, looks_at_month: bool) -> None:
    meters = Meters(MeterProvider([]).get_meter("tests"), most_series=10)
    budgets = build_budgets(load_settings({f"LAMBDASCOPE_BUDGET_{scope}_USD": "5"}), ask, meters)
    assert budgets is not None
    assert budgets.elsewhere.looks_at_month is looks_at_month
    assert list(budgets.step.worst()) == []


@pytest.mark.parametrize("environ", [{"LAMBDASCOPE_APPROVE": "destructive"}, {"LAMBDASCOPE_APPROVE_TOOLS": "a*"}])
def test_either_setting_of_approval_is_enough(environ: dict[str, str]) -> None:
    assert build_approval(load_settings(environ), Scrubber(), None) is not None


@pytest.mark.parametrize(("mode", "holds"), [("off", None), ("report", False), ("hold", True)])
def test_pins_watch_as_the_setting_says_and_only_where_there_are_other_servers(
    tmp_path: Path, mode: str, holds: bool | None
) -> None:
    settings = load_settings({"LAMBDASCOPE_PIN_TOOLS": mode})
    assert build_pins(settings, tmp_path, None) is None
    wrapping = replace(settings, upstreams=(Upstream(name="files", command=("files-mcp",)),))
    pins = build_pins(wrapping, tmp_path, None)
    assert (pins.holds if pins else None) is holds
    assert list(tmp_path.iterdir()) == []


def test_a_person_is_shown_the_arguments_with_secrets_masked() -> None:
    arguments = {"function_name": "orders", "payload": {"password": "hunter2hunter2", "id": 5}}
    shown = masked_view(Scrubber())(json.dumps(arguments).encode())
    assert json.loads(shown) == {"function_name": "orders", "payload": {"password": "[masked]", "id": 5}}


@pytest.mark.parametrize("fill", [1, 3_000, 100_000])
def test_of_long_arguments_the_beginning_is_shown_and_no_half_of_a_secret(fill: int) -> None:
    arguments: dict[str, Any] = {"text": "x" * fill, "token": "ghp_" + "a1B2" * 9}
    shown = masked_view(Scrubber())(json.dumps(arguments).encode())
    assert len(shown.encode()) <= VIEW_BYTES
    assert "ghp_" not in shown
    assert shown.startswith('{"text": "x')


def test_the_price_of_another_servers_tool_is_known_before_its_call(call_of: Callable[..., Call]) -> None:
    price = price_of([Upstream(name="shop", command=("shop",), tool_costs={"buy": Decimal(2)})])
    targets = [("upstream:shop", "buy"), ("upstream:shop", "look"), ("upstream:other", "buy"), ("lambda", None)]
    calls = [call_of(aim=Aim(target=target, upstream_tool=tool)) for target, tool in targets]
    assert [price(call) for call in calls] == [2, None, None, None]


@pytest.mark.parametrize(
    ("days", "budget", "warns"), [(3, "MONTH", 1), (31, "MONTH", 0), (0, "MONTH", 0), (3, "DAY", 0)]
)
def test_a_history_that_forgets_what_the_months_budget_counts_is_told(
    caplog: pytest.LogCaptureFixture, days: int, budget: str, warns: int
) -> None:
    # Days that are removed take their dollars along, and a spent budget would open again without a word.
    given = {"LAMBDASCOPE_HISTORY_DAYS": str(days), f"LAMBDASCOPE_BUDGET_{budget}_USD": "1"}
    build_budgets(load_settings(given), ask, None)
    assert [record.getMessage()[:26] for record in caplog.records] == ["LAMBDASCOPE_HISTORY_DAYS=3"] * warns
