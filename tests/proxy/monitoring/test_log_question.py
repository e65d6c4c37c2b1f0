"""What is asked of Logs Insights: which text, groups, place and rows, and what cannot be asked."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_scope import scope_of
from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.log_question import LogQuestion, log_question, stated_limit
from lambdascope_proxy.selection import Function

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))


@pytest.fixture
def question_of(function_of: Callable[..., Function]) -> Callable[..., LogQuestion]:
    """A question about functions, by name or as they are."""

    def make(arguments: Mapping[str, Any], *functions: str | Function) -> LogQuestion:
        named = [function_of(each) if isinstance(each, str) else each for each in functions or ("orders",)]
        return log_question(named, HOUR, arguments)

    return make


def test_a_preset_is_asked_of_the_groups_lambda_makes(
    question_of: Callable[..., LogQuestion], function_of: Callable[..., Function]
) -> None:
    asked = question_of({"preset": "slowest"}, "orders", "billing")
    assert asked.groups == ("/aws/lambda/orders", "/aws/lambda/billing")
    scope = scope_of([function_of("orders"), function_of("billing")])
    assert asked.text == PRESETS["slowest"].query(scope, is_shared=False, window_s=3600)
    assert (asked.limit, asked.limit_is_ours, asked.is_on_shared_group) == (20, True, False)
    assert "slowest" in asked.title
    assert "orders, billing, 2026-11-22T10:00:00Z to 2026-11-22T11:00:00Z" in asked.title


def test_a_group_of_ones_own_choosing_is_asked_once_and_for_the_functions_by_name(
    question_of: Callable[..., LogQuestion], function_of: Callable[..., Function]
) -> None:
    asked = question_of(
        {"preset": "slowest"}, function_of("orders", log_group="/shop"), function_of("billing", log_group="/shop")
    )
    assert asked.groups == ("/shop",)
    assert asked.is_on_shared_group
    assert f"filter {scope_of(asked.functions)}\n" in asked.text


def test_a_query_of_ones_own_reads_in_a_shared_group_the_streams_of_its_functions_only(
    question_of: Callable[..., LogQuestion], function_of: Callable[..., Function]
) -> None:
    query = "fields @message\r\n| limit 5"
    shared = question_of({"query": query}, function_of("orders", log_group="/shop"))
    assert shared.text == f"filter {scope_of(shared.functions)}\n| fields @message\n| limit 5"
    assert shared.limit == 5
    own = question_of({"query": query})
    assert own.text == "fields @message\n| limit 5"


@pytest.mark.parametrize(
    "query",
    [
        "SOURCE logGroups(namePrefix: ['/aws']) | fields @message",
        "fields a | join type=inner left=l right=r where l.id=r.id (SOURCE '/aws/lambda/payroll')",
    ],
)
def test_a_query_that_reads_other_groups_is_refused(question_of: Callable[..., LogQuestion], query: str) -> None:
    with pytest.raises(CallFailed, match="A query may use fields, ") as failed:
        question_of({"query": query})
    assert failed.value.kind is OutcomeKind.REFUSED


@pytest.mark.parametrize(
    ("arguments", "limit", "is_ours"),
    [
        ({"query": "fields @message"}, 100, True),
        ({"query": "fields @message | limit 500"}, 500, False),
        ({"query": "fields @message", "limit": 7.0}, 7, False),
        ({"query": "fields @message | limit 500", "limit": 20_000}, 20_000, False),
        ({"query": "fields @message | limit 900000"}, 100_000, False),
        ({"preset": "errors", "limit": 3}, 3, False),
    ],
)
def test_rows_are_limited_by_the_caller_else_the_query_else_by_us(
    question_of: Callable[..., LogQuestion], arguments: Mapping[str, Any], limit: int, is_ours: bool
) -> None:
    asked = question_of(arguments)
    assert (asked.limit, asked.limit_is_ours) == (limit, is_ours)


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("limit 5", 5),
        ("fields a\n| limit 5\n| limit 3", 3),
        ("fields a # | limit 5", None),
        ('filter a = "x | limit 5"', None),
        ("filter a = 'x | limit 5' | limit 6", 6),
        ("filter @message like /a | limit 5/ | limit 6", 6),
        ("filter @message like /a \\/ | limit 5/", None),
        ("fields limit", None),
        ("fields a | limit 0", 1),
        ("fields a / b | limit 5 | fields c / d", 5),
    ],
)
def test_a_limit_is_a_command_not_a_word(query: str, limit: int | None) -> None:
    assert stated_limit(query) == limit


@given(st.text())
def test_any_text_has_a_limit_or_none(query: str) -> None:
    limit = stated_limit(query)
    assert limit is None or limit >= 1


def test_aggregates_are_told_from_raw_events(question_of: Callable[..., LogQuestion]) -> None:
    assert question_of({"query": "fields @message"}).is_of_raw_events
    assert question_of({"query": 'filter a = "| stats "'}).is_of_raw_events
    assert not question_of({"query": "fields a | stats count(*) by a"}).is_of_raw_events
    assert not question_of({"query": "fields a | # by a\n STATS count(*) by a"}).is_of_raw_events
    assert not question_of({"preset": "slowest"}).is_of_raw_events


@pytest.mark.parametrize(
    ("arguments", "error_type", "word"),
    [
        ({}, "QueryOrPreset", "neither"),
        ({"preset": "slowest", "query": "fields a"}, "QueryOrPreset", "both"),
        ({"query": "  "}, "EmptyQuery", "empty"),
        ({"query": "x" * 10_001}, "QueryTooLong", "10001"),
    ],
)
def test_what_cannot_be_asked_is_said_with_the_presets_there_are(
    question_of: Callable[..., LogQuestion], arguments: Mapping[str, Any], error_type: str, word: str
) -> None:
    with pytest.raises(CallFailed, match=word) as failed:
        question_of(arguments)
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.INVALID_ARGUMENTS, error_type)
    assert failed.value.failure.hint
    if error_type == "QueryOrPreset":
        assert all(name in failed.value.failure.hint for name in PRESETS)


def test_one_query_reads_at_most_fifty_groups(question_of: Callable[..., LogQuestion]) -> None:
    assert len(question_of({"preset": "slowest"}, *(f"f{number}" for number in range(50))).groups) == 50
    with pytest.raises(CallFailed, match="51 groups"):
        question_of({"preset": "slowest"}, *(f"f{number}" for number in range(51)))


def test_so_many_names_that_the_text_grows_too_long_are_refused(
    question_of: Callable[..., LogQuestion], function_of: Callable[..., Function]
) -> None:
    many = [function_of(f"{'x' * 60}{number:03d}", log_group="/shop") for number in range(150)]
    with pytest.raises(CallFailed, match="150 functions"):
        question_of({"preset": "slowest"}, *many)


def test_functions_of_two_regions_are_two_questions(
    question_of: Callable[..., LogQuestion], function_of: Callable[..., Function]
) -> None:
    with pytest.raises(CallFailed, match="eu-west-1") as failed:
        question_of({"preset": "slowest"}, "orders", function_of("billing", region="eu-west-1"))
    assert failed.value.failure.error_type == "SeveralPlaces"
