"""Log groups: found by their exact name, and a scan that would be dear or useless refused before it is paid for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_groups import LogGroup, LogGroups, check_scan, estimated_scan_bytes, in_gb
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed

HERE = Place(region="us-east-1")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAME = "/aws/lambda/orders"


def group(**known: Any) -> LogGroup:
    fields: dict[str, Any] = {
        "name": NAME,
        "stored_bytes": 15 * 10**9,  # 100 GB before they were compressed
        "created_at": NOW - timedelta(days=100),
        "retention_days": None,
        "log_class": "STANDARD",
    }
    return LogGroup(**{**fields, **known})


def last(**length: float) -> Window:
    return Window(start=NOW - timedelta(**length), end=NOW)


def described(**known: Any) -> dict[str, Any]:
    created = {"creationTime": int((NOW - timedelta(days=100)).timestamp() * 1000)}
    return {"logGroupName": NAME, **created, "storedBytes": 1000, **known}


@pytest.fixture
def logs(script_of: Callable[[str], Any]) -> Any:
    return script_of("logs")


def groups_of(script: Any, ttl_s: float = 60) -> LogGroups:
    return LogGroups(script.places, script.threads, ttl_s=ttl_s, clock=lambda: script.now, sleep=script.sleep)


@pytest.mark.anyio
async def test_a_group_is_read_by_its_exact_name_and_remembered(logs: Any) -> None:
    asked = {"logGroupNamePrefix": NAME, "limit": 1}
    found = described(retentionInDays=14, logGroupClass="INFREQUENT_ACCESS")
    logs.answers("describe_log_groups", {"logGroups": [found]}, asked)
    groups = groups_of(logs)
    expected = group(stored_bytes=1000, retention_days=14, log_class="INFREQUENT_ACCESS")
    assert await groups.describe(HERE, NAME) == expected
    assert await groups.describe(HERE, NAME) == expected
    logs.now += 60
    logs.answers("describe_log_groups", {"logGroups": [described()]}, asked)
    assert await groups.describe(HERE, NAME) == group(stored_bytes=1000)
    assert logs.is_over()


@pytest.mark.anyio
@pytest.mark.parametrize("found", [[], [described(logGroupName=f"{NAME}-archive")]])
async def test_a_group_that_is_only_alike_is_not_taken_for_it(logs: Any, found: list[Any]) -> None:
    logs.answers("describe_log_groups", {"logGroups": found})
    with pytest.raises(CallFailed, match="Log group /aws/lambda/orders does not exist") as failed:
        await groups_of(logs).describe(HERE, NAME)
    assert failed.value.kind is OutcomeKind.NOT_FOUND
    assert "may never have run" in failed.value.failure.hint
    assert "logs:CreateLogGroup" in failed.value.failure.hint


@pytest.mark.anyio
async def test_a_group_that_was_not_there_is_looked_for_again(logs: Any) -> None:
    logs.answers("describe_log_groups", {"logGroups": []})
    logs.answers("describe_log_groups", {"logGroups": [described()]})
    groups = groups_of(logs)
    with pytest.raises(CallFailed):
        await groups.describe(HERE, NAME)
    assert (await groups.describe(HERE, NAME)).name == NAME


@pytest.mark.anyio
async def test_a_missing_permission_is_named(logs: Any) -> None:
    logs.refuses("describe_log_groups", "AccessDeniedException")
    with pytest.raises(CallFailed, match="logs:DescribeLogGroups is not allowed"):
        await groups_of(logs).describe(HERE, NAME)


@pytest.mark.parametrize(
    ("known", "window", "estimated_gb"),
    [
        ({}, last(days=1), 1),  # a hundredth of 100 GB
        ({}, last(days=100), 100),
        ({}, last(days=200), 100),
        ({"retention_days": 10}, last(days=1), 10),
        ({"retention_days": 400}, last(days=1), 1),
        ({}, Window(start=NOW - timedelta(days=2), end=NOW - timedelta(days=1)), 1),
        ({}, Window(start=NOW - timedelta(days=300), end=NOW - timedelta(days=200)), 0),  # before it was made
        ({"retention_days": 1}, Window(start=NOW - timedelta(days=9), end=NOW - timedelta(days=8)), 0),
        ({"created_at": NOW - timedelta(minutes=6)}, last(minutes=3), 50),  # what was written fast is scanned fast
        ({"created_at": NOW + timedelta(minutes=1)}, last(hours=1), 0),  # clocks differ
        ({"stored_bytes": 0}, last(days=1), 0),
    ],
)
def test_a_scan_is_estimated_from_what_is_stored_and_for_how_long(
    known: dict[str, Any], window: Window, estimated_gb: float
) -> None:
    assert estimated_scan_bytes(group(**known), window, NOW) == pytest.approx(estimated_gb * 10**9, abs=1)


hours = st.floats(0.01, 24 * 500)


@given(hours, hours, st.integers(0, 10**15), hours, st.none() | st.integers(1, 3653))
def test_an_estimate_grows_with_the_window_and_never_exceeds_all_there_is(
    start: float, longer: float, stored: int, age: float, kept_days: int | None
) -> None:
    old = group(stored_bytes=stored, created_at=NOW - timedelta(hours=age), retention_days=kept_days)
    estimates = [estimated_scan_bytes(old, last(hours=length), NOW) for length in (start, start + longer)]
    assert 0 <= estimates[0] <= estimates[1] <= stored / 0.15 + 1


def test_a_scan_within_the_limit_is_let_through() -> None:
    check_scan([group(), group()], last(days=1), NOW, 2.01)


def test_a_scan_above_the_limit_is_refused_with_the_figure_and_how_to_narrow_it() -> None:
    with pytest.raises(CallFailed) as refused:
        check_scan([group(), group()], last(days=10), NOW, 5)
    assert refused.value.kind is OutcomeKind.REFUSED
    assert refused.value.failure.error_type == "ScanTooLarge"
    assert str(refused.value) == "The query would scan about 20 GB of 2 log groups, more than the 5 GB allowed."
    assert refused.value.failure.hint.startswith("Ask for 2d at most")


def test_the_advice_for_a_window_older_than_the_logs_leads_to_a_scan_within_the_limit() -> None:
    # Of thirty days asked for only the last two hold anything: half of thirty days would scan as much as all.
    young = group(created_at=NOW - timedelta(days=2))
    with pytest.raises(CallFailed) as refused:
        check_scan([young, group(stored_bytes=0)], last(days=30), NOW, 50)
    assert refused.value.failure.hint.startswith("Ask for 21h at most")
    check_scan([young], last(hours=21), NOW, 50)


def test_an_advice_holds_when_the_question_is_widened_to_whole_minutes() -> None:
    with pytest.raises(CallFailed) as refused:
        check_scan([group(created_at=NOW - timedelta(hours=1))], last(minutes=10), NOW, 5)
    assert refused.value.failure.hint.startswith("Ask for 2m at most")
    check_scan([group(created_at=NOW - timedelta(hours=1))], last(minutes=3), NOW, 5)
    assert "LAMBDASCOPE_MAX_SCAN_GB" in refused.value.failure.hint


@pytest.mark.parametrize(("max_gb", "fitting"), [(50, "45d"), (1.5, "32h"), (0.04, "51m"), (0.001, "77s"), (0.0, "1s")])
def test_the_hint_names_a_span_that_fits(max_gb: float, fitting: str) -> None:
    # Rounded down: a model that follows the hint must not be refused again.
    with pytest.raises(CallFailed) as refused:
        check_scan([group()], last(days=100), NOW, max_gb)
    assert refused.value.failure.hint.startswith(f"Ask for {fitting} at most")
    assert NAME in str(refused.value)


@pytest.mark.parametrize("log_class", ["INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"])
def test_a_log_class_that_insights_does_not_serve_is_refused_with_the_reason(log_class: str) -> None:
    # An empty table would look like a function without errors.
    with pytest.raises(CallFailed, match=f"{NAME} is of class {log_class}, which Logs Insights does not serve: ") as no:
        check_scan([group(), group(log_class=log_class, stored_bytes=0)], last(hours=1), NOW, 10)
    assert (no.value.kind, no.value.failure.error_type) == (OutcomeKind.REFUSED, "LogClassWithoutInsights")
    assert "Standard class" in no.value.failure.hint


@pytest.mark.parametrize(
    ("gigabytes", "words"), [(19.4321, "19.4 GB"), (10.0, "10 GB"), (0.000001, "0.000001 GB"), (12_345, "12300 GB")]
)
def test_gigabytes_are_told_without_an_exponent(gigabytes: float, words: str) -> None:
    assert in_gb(gigabytes) == words
