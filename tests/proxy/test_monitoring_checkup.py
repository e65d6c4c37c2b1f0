"""What `doctor` says of the monitoring side, against the demo's account."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.finding import Finding
from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.monitoring_checkup import examine_looking, examine_spend, spend_in_words
from lambdascope_proxy.selection import Function

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def aws(enter: Callable[[Mapping[str, str]], None]) -> Iterator[LocalAws]:
    with LocalAws(demo_functions()[:1]) as aws:
        enter(aws.environment())
        yield aws


@pytest.fixture
def look(aws: LocalAws, function_of: Callable[..., Function]) -> Callable[[], dict[str, Finding]]:
    places = Places(Clients(region="us-east-1", profile=""), lambda place: Clients(region=place.region, profile=""))
    return lambda: {found.subject: found for found in examine_looking(places, function_of("demo-order-status"))}


def test_a_function_that_never_ran_has_no_logs_which_is_no_fault(look: Callable[[], dict[str, Finding]]) -> None:
    found = look()
    assert {name: finding.status for name, finding in found.items()} == {
        "permission cloudwatch:GetMetricData": "ok",
        "permission logs:StartQuery": "ok",
    }
    assert "does not exist yet" in found["permission logs:StartQuery"].detail


def test_a_query_that_was_started_to_see_whether_one_may_is_stopped(
    aws: LocalAws, look: Callable[[], dict[str, Finding]]
) -> None:
    Clients(region="us-east-1", profile="").reader("lambda").invoke(FunctionName="demo-order-status", Payload=b"{}")
    aws.faults.deny_next("logs", "StopQuery", 1)
    assert look()["permission logs:StartQuery"].status == "warn", "it asked to stop"
    assert look()["permission logs:StartQuery"].detail == "allowed (on /aws/lambda/demo-order-status)"


def test_each_missing_permission_is_named(aws: LocalAws, look: Callable[[], dict[str, Finding]]) -> None:
    Clients(region="us-east-1", profile="").reader("lambda").invoke(FunctionName="demo-order-status", Payload=b"{}")
    aws.faults.deny_next("cloudwatch", "GetMetricData", 1)
    aws.faults.deny_next("logs", "StartQuery", 1)
    found = look()
    assert {finding.status for finding in found.values()} == {"warn"}
    assert all("AccessDenied" in finding.detail and finding.next_step for finding in found.values())


def test_the_spend_is_of_today_and_of_looking_only(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    rows: list[dict[str, Any]] = [
        {"started_at": NOON, "target": "cloudwatch", "tool_name": "monitor_fleet", "cost_usd": Decimal("0.0004")},
        {"started_at": NOON, "target": "cloudwatch", "tool_name": "query_logs", "cost_usd": Decimal("0.0000015")},
        {"started_at": NOON, "target": "lambda", "tool_name": "invoke_function", "cost_usd": Decimal(5)},
        {
            "started_at": NOON.replace(day=21),
            "target": "cloudwatch",
            "tool_name": "query_logs",
            "cost_usd": Decimal(7),
        },
    ]
    assert all(writer.append(row) for row in rows)
    assert writer.close(20)
    found = examine_spend(tmp_path, NOON)
    assert (found.status, found.detail) == (
        "ok",
        "$0.000402 for 2 looks (monitor_fleet $0.000400, query_logs $0.000002)",
    )


def test_without_a_history_nothing_is_made_and_nothing_was_spent(tmp_path: Path) -> None:
    assert examine_spend(tmp_path / "none", NOON).detail == "nothing: there is no history yet"
    assert list(tmp_path.iterdir()) == []


def test_looks_whose_price_is_not_known_are_not_taken_for_free_ones() -> None:
    rows = [
        {"tool_name": "monitor_fleet", "calls": 1, "unpriced_calls": 0, "cost_usd": Decimal("0.0004")},
        {"tool_name": "query_logs", "calls": 3, "unpriced_calls": 2, "cost_usd": None},
    ]
    assert spend_in_words(rows) == "$0.000400 for 4 looks (monitor_fleet $0.000400); 2 of unknown price"
    assert spend_in_words([]) == "nothing"
