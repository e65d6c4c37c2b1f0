"""Failures are counted, told apart and traced back as an independent count over the same rows does."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses.errors import analyse_errors
from lambdascope_analytics.analyses.intervals import wilson
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History

Row = dict[str, Any]
Make = Callable[[Sequence[Mapping[str, object]]], History]
START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = START + 20 * DAY
SUCCESSES = {"ok", "accepted", "dry_run"}
CALLERS = {"refused", "invalid_arguments"}
GROUPS: dict[str, Callable[[Row], str | None]] = {
    "tool": lambda row: row["tool_name"],
    "client": lambda row: row["client_name"],
    "outcome": lambda row: row["outcome"],
    "version": lambda row: f"{row['function_name']}:{row['executed_version']}" if row["function_name"] else None,
    "hour": lambda row: f"{row['started_at']:%Y-%m-%dT%H:00Z}",
    "day": lambda row: f"{row['started_at']:%Y-%m-%d}",
}


def row_of(number: int, **known: Any) -> Row:
    fields: Row = {
        "call_id": UUID(int=number + (7 << 76) + (2 << 62)),
        "started_at": START,
        "target": "lambda",
        "transport": "http",
        "tool_name": "invoke_function",
        "client_name": "agent",
        "function_name": "orders",
        "executed_version": "1",
        "region": "us-east-1",
        "account_id": "1",
        "outcome": "ok",
        "error_type": None,
        "error_message": None,
        "error_fingerprint": None,
        "cost_usd": Decimal("0.000001"),
    }
    return {**fields, **known}


def failed(number: int, kind: str = "e1", **known: Any) -> Row:
    error: Row = {"error_type": "KeyError", "error_message": f"no {number}", "error_fingerprint": kind}
    return row_of(number, **{"outcome": "function_error", **error, **known})


def random_rows(count: int = 900) -> list[Row]:
    dice = random.Random(3)
    rows: list[Row] = []
    for number in range(count):
        at = START + timedelta(seconds=dice.randrange(10 * 86_400), microseconds=dice.randrange(10**6))
        known: Row = {
            "started_at": at,
            "target": dice.choices(["lambda", "self", "cloudwatch", "upstream:x"], [8, 1, 1, 1])[0],
            "function_name": dice.choice(["orders", "stock", None]),
            "executed_version": dice.choice(["1", "2"]),
            "client_name": dice.choice(["agent", "other", None]),
            "cost_usd": dice.choice([None, Decimal(dice.randrange(10**6)).scaleb(-12)]),
        }
        if known["target"] == "upstream:x":
            known |= {"function_name": None, "tool_name": dice.choice(["x__read", "x__write"])}
        outcome = dice.choice([*SUCCESSES, "ok", "ok", "throttled", "function_error", "refused", "invalid_arguments"])
        if outcome in SUCCESSES:
            rows.append(row_of(number, outcome=outcome, **known))
        else:
            kind = dice.choice([None, "e1", "e2", f"rare{dice.randrange(40)}"])
            rows.append(failed(number, outcome=outcome, **known, error_fingerprint=kind, error_type=dice.choice("AB")))
    return rows


ROWS = random_rows()


@pytest.fixture(scope="module")
def past(past_of: Make) -> History:
    """Ten days of calls of every kind, stored once."""
    return past_of(ROWS)


def kind_of(row: Row) -> str:
    return row["error_fingerprint"] or f"{row['outcome']} {row['error_type'] or ''}"


def place_of(row: Row) -> str | None:
    """A function, or a tool of another server."""
    return row["tool_name"] if row["target"].startswith("upstream:") else row["function_name"]


def counted(rows: list[Row]) -> tuple[int, int, int]:
    """Calls, failures and caller's faults."""
    outcomes = [row["outcome"] for row in rows]
    faults = sum(outcome in CALLERS for outcome in outcomes)
    return len(rows), sum(outcome not in SUCCESSES for outcome in outcomes) - faults, faults


@settings(max_examples=20, deadline=None)
@given(
    first=st.integers(0, 9 * 24),
    # Both periods by the hour are at most 96 groups: all are listed.
    hours=st.integers(1, 2 * 24),
    group_by=st.sampled_from(sorted(GROUPS)),
    function_name=st.sampled_from([None, None, "orders"]),
)
def test_every_figure_is_that_of_an_independent_count(
    past: History, first: int, hours: int, group_by: str, function_name: str | None
) -> None:
    start, length = START + timedelta(hours=first), timedelta(hours=hours)
    rows = [row for row in ROWS if row["target"] != "cloudwatch" and function_name in (None, row["function_name"])]
    now = [row for row in rows if start <= row["started_at"] < start + length]
    before = [row for row in rows if start - length <= row["started_at"] < start]
    answer = analyse_errors(
        past, start=start, end=start + length, group_by=group_by, top=100, function_name=function_name, now=NOW
    )
    assert (answer.calls, answer.failures, answer.caller_faults) == counted(now)
    assert (answer.previous_calls, answer.previous_failures) == counted(before)[:2]
    failures = [row for row in now if row["outcome"] not in SUCCESSES | CALLERS]
    known = [row["cost_usd"] for row in failures if row["cost_usd"] is not None]
    assert answer.cost_usd == (sum(known) if known else None)
    assert answer.unpriced_calls == len(failures) - len(known)
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in now:
        groups[GROUPS[group_by](row) or "(unknown)"].append(row)
    shown = {group.group: (group.calls, group.failures, group.caller_faults) for group in answer.groups if group.calls}
    assert shown == {name: counted(members) for name, members in groups.items()}
    for clusters, is_callers in ((answer.errors, False), (answer.caller_errors, True)):
        wanted = [row for row in now if row["outcome"] not in SUCCESSES and (row["outcome"] in CALLERS) == is_callers]
        looked_at = [row for row in rows if row["started_at"] >= answer.seen_since]
        check_clusters(clusters, wanted, looked_at, is_callers)


def check_clusters(clusters: Any, wanted: list[Row], rows: list[Row], is_callers: bool) -> None:
    kinds = Counter(map(kind_of, wanted))
    assert {cluster.fingerprint: cluster.calls for cluster in clusters} == kinds
    assert [cluster.calls for cluster in clusters] == sorted(kinds.values(), reverse=True)
    for cluster in clusters:
        alike = [row for row in wanted if kind_of(row) == cluster.fingerprint]
        ever = [
            row["started_at"]
            for row in rows
            if row["outcome"] not in SUCCESSES
            and (row["outcome"] in CALLERS) == is_callers
            and kind_of(row) == cluster.fingerprint
        ]
        assert (cluster.first_seen, cluster.last_seen) == (min(ever), max(ever))
        assert cluster.functions.count == len({place_of(row) for row in alike} - {None})
        latest = sorted(alike, key=lambda row: row["started_at"], reverse=True)
        assert cluster.examples == tuple(str(row["call_id"]) for row in latest[:3])


def test_a_kind_that_the_period_before_lacked_is_new_and_one_that_ended_is_gone(history_of: Make) -> None:
    rows = [row_of(number, started_at=START + number % 2 * DAY) for number in range(20)]
    rows += [failed(30, "old", started_at=START), failed(31, "both", started_at=START)]
    rows += [failed(32, "both", started_at=START + DAY), failed(33, "new", started_at=START + DAY)]
    rows += [failed(34, "back", started_at=START - 5 * DAY), failed(35, "back", started_at=START + DAY)]
    answer = analyse_errors(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert {error.fingerprint: (error.is_new, error.trend) for error in answer.errors} == {
        "both": (False, "steady"),
        "new": (True, "new"),
        "back": (True, "back"),
    }
    assert [(error.fingerprint, error.trend, error.previous_calls) for error in answer.gone] == [("old", "gone", 1)]
    assert "3 kinds of error, 2 of them not seen in the period before" in answer.summary
    new = next(error for error in answer.errors if error.is_new)
    assert (answer.next_step or "").startswith(f'inspect_execution(call_id="{new.examples[0]}")')


def test_it_is_looked_back_further_for_longer_periods_but_not_without_end(history_of: Make) -> None:
    history = history_of([])
    ends = {days: START + timedelta(days=days) for days in (1, 7, 60)}
    since = {days: analyse_errors(history, start=START, end=end, now=end).seen_since for days, end in ends.items()}
    assert {days: (START - moment).days for days, moment in since.items()} == {1: 8, 7: 56, 60: 150}


def test_where_the_calendar_begins_it_is_looked_back_no_further(history_of: Make) -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    history = history_of([])
    start = first + timedelta(days=1)
    assert analyse_errors(history, start=start, end=start + timedelta(hours=1), now=START).seen_since == first
    with pytest.raises(QuestionError, match="start is so early") as refused:
        analyse_errors(history, start=start, end=START, now=START)
    assert refused.value.field == "start"


def test_the_callers_faults_stand_apart_and_lower_no_rate(history_of: Make) -> None:
    rows = [row_of(number) for number in range(8)] + [failed(10), failed(11)]
    rows += [failed(number, "no", outcome="refused", error_type="FunctionNotAllowed") for number in range(20, 30)]
    answer = analyse_errors(history_of(rows), start=START, end=START + DAY, now=NOW)
    assert (answer.calls, answer.failures, answer.caller_faults, answer.error_rate) == (20, 2, 10, 0.2)
    assert answer.error_rate_interval == wilson(2, 10)
    assert [error.fingerprint for error in answer.errors] == ["e1"]
    assert [error.fingerprint for error in answer.caller_errors] == ["no"]
    assert "2 of 10 calls failed (20%, 95% interval 5.67% to 51%)" in answer.summary
    assert "10 calls besides were the caller's fault." in answer.summary


def test_examples_are_the_latest_three_and_the_message_the_latest_one(history_of: Make) -> None:
    rows = [failed(number, started_at=START + timedelta(minutes=number)) for number in range(5)]
    (error,) = analyse_errors(history_of(rows), start=START, end=START + DAY, now=NOW).errors
    assert error.examples == tuple(str(rows[number]["call_id"]) for number in (4, 3, 2))
    assert error.message == "no 4"


def test_a_kind_that_really_grew_is_rising_and_one_that_may_be_chance_is_steady(history_of: Make) -> None:
    rows: list[Row] = []
    for day, counts in ((0, {"a": 10, "b": 10}), (1, {"a": 60, "b": 14})):
        at = START + day * DAY
        rows += [row_of(len(rows) + number, started_at=at) for number in range(200)]
        for kind, count in counts.items():
            rows += [failed(len(rows) + number, kind, started_at=at) for number in range(count)]
    answer = analyse_errors(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert {error.fingerprint: error.trend for error in answer.errors} == {"a": "rising", "b": "steady"}
    assert "up from" in answer.summary


def test_an_empty_history_is_an_answer_that_says_so(history_of: Make) -> None:
    answer = analyse_errors(history_of([]), start=START, end=START + DAY, group_by="function", now=NOW)
    assert answer.summary == "No calls were recorded in this period."
    assert (answer.calls, answer.error_rate, answer.cost_usd) == (0, None, None)
    assert (answer.errors, answer.groups, answer.notes) == ((), (), ())
    assert answer.next_step == "Make calls with invoke_function, then ask again."


def test_a_period_without_failures_is_told_beside_the_one_before(history_of: Make) -> None:
    rows = [row_of(number, started_at=START + DAY) for number in range(5)]
    answer = analyse_errors(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert answer.summary == "None of 5 calls failed."
    assert answer.difference is None
    assert any("nothing can be called new" in note for note in answer.notes)
    assert answer.next_step is None, "there is nothing to look into"


def test_all_failures_and_nothing_known_of_them_are_figures_without_zeros(history_of: Make) -> None:
    rows = [failed(number, function_name=None, error_type=None, error_message=None, cost_usd=None) for number in (1, 2)]
    rows[1]["error_fingerprint"] = rows[0]["error_fingerprint"] = None
    answer = analyse_errors(history_of(rows), start=START, end=START + DAY, now=NOW)
    (error,) = answer.errors
    assert (answer.error_rate, answer.cost_usd, answer.unpriced_calls) == (1.0, None, 2)
    assert (error.fingerprint, error.message, error.cost_usd, error.is_new) == ("function_error ", None, None, None)
    assert "and cost" not in answer.summary
    assert any("2 failed calls have no cost" in note for note in answer.notes)


def test_a_failure_of_another_server_names_its_tool_and_its_group_is_the_server(history_of: Make) -> None:
    """Would catch "in no function", and other servers lumped together with this server's own tools."""
    there: Row = {"target": "upstream:shop", "function_name": None, "region": None, "account_id": None}
    bought = [failed(number, outcome="tool_error", tool_name="shop__buy", **there) for number in (1, 2)]
    history = history_of([*bought, row_of(3, target="self", function_name=None, tool_name="read_result")])
    answer = analyse_errors(history, start=START, end=START + DAY, now=NOW, group_by="function")
    (error,) = answer.errors
    assert error.functions.names == {"shop__buy": 2}
    assert [(each.group, each.calls, each.failures) for each in answer.groups] == [
        ("upstream:shop", 2, 2),
        ("(unknown)", 1, 0),
    ]


def test_to_be_asked_for_an_approval_is_neither_a_fault_nor_a_call_of_its_own(history_of: Make) -> None:
    rows = [failed(1, "asked", outcome="refused", error_type="ApprovalAsked"), row_of(2)]
    rows += [failed(3, "no", outcome="refused", error_type="NotApproved")]
    rows += [failed(4, "own", error_type="ApprovalAsked")]  # a function's own error of that name
    answer = analyse_errors(history_of(rows), start=START, end=START + DAY, now=NOW)
    assert (answer.calls, answer.failures, answer.caller_faults) == (3, 1, 1)
    assert [each.fingerprint for each in (*answer.errors, *answer.caller_errors)] == ["own", "no"]


def test_what_is_odd_about_the_rows_is_said(history_of: Make) -> None:
    rows = [
        failed(1, region="cn-north-1", cost_usd=None, architecture="x86_64", memory_mb=1024, billed_ms=100),
        failed(8, outcome="throttled", region="cn-north-1", cost_usd=None),
        failed(2, transport="backfill"),
        row_of(3, overhead_ms=-5.0),
        row_of(4, started_at=NOW + DAY),
        row_of(5, target="self", function_name=None),
        row_of(6, target="cloudwatch", function_name=None),
        row_of(7, target="upstream:docs", function_name=None),
    ]
    answer = analyse_errors(history_of(rows), start=START, end=NOW, now=NOW)
    assert answer.targets == {"lambda": 4, "self": 1, "upstream": 1}
    told = " ".join(answer.notes)
    for part in (
        "4 of functions, 1 of this server's own tools, 1 of other servers; readings of CloudWatch are not",
        "1 call did not come through the proxy",
        # What was throttled never ran, so nobody bills it in any currency.
        "1 failed call has no cost: not run, or price unknown.",
        "1 failed call has no cost in dollars: AWS bills CNY 0.00001271 for memory, time and requests, at list price.",
        "1 call with clocks that contradict each other",
        "1 call claims to start in the future",
    ):
        assert part in told


def test_what_china_bills_is_an_amount_of_its_own(history_of: Make) -> None:
    billed: Row = {"region": "cn-north-1", "architecture": "x86_64", "memory_mb": 1024, "cost_usd": None}
    rows = [failed(number, **billed, billed_ms=100) for number in range(2)]
    rows += [failed(3, **billed, billed_ms=2**62), failed(4), row_of(5, **billed, billed_ms=100)]
    answer = analyse_errors(history_of(rows), start=START, end=START + DAY, now=NOW)
    # Each 1 GB x 0.1 s x 0.000113477 and one request at 0.00000136; the third claims to have run for ages.
    assert answer.other_currencies == {"CNY": Decimal("0.0000254154")}
    assert (answer.cost_usd, answer.unpriced_calls) == (Decimal("0.000001"), 3)


def test_namesakes_elsewhere_are_groups_of_their_own_whether_listed_or_not(history_of: Make) -> None:
    rows = [failed(0), failed(1), failed(2, region="eu-west-1"), row_of(3, region="eu-west-1", function_name="stock")]
    history = history_of(rows)
    for group_by, names in (
        ("function", ["us-east-1:orders", "eu-west-1:orders", "stock"]),
        ("version", ["us-east-1:orders:1", "eu-west-1:orders:1", "stock:1"]),
    ):
        for top in (1, 3):
            answer = analyse_errors(history, start=START, end=START + DAY, now=NOW, group_by=group_by, top=top)
            assert [group.group for group in answer.groups] == names[:top]
    answer = analyse_errors(history, start=START, end=START + DAY, now=NOW, function_name="eu-west-1:orders")
    assert (answer.calls, answer.failures, len(answer.errors[0].examples)) == (1, 1, 1)
    assert "of eu-west-1:orders failed" in answer.summary


@pytest.mark.parametrize(("top", "listed", "left_out"), [(10, range(5, 9), 0), (2, range(7, 9), 2)])
def test_days_are_in_their_order_the_latest_of_them_and_none_of_the_period_before(
    history_of: Make, top: int, listed: range, left_out: int
) -> None:
    """The day with most failures is the first, and those before have more."""
    rows = [failed(day * 10 + number, started_at=START + day * DAY) for day in range(9) for number in range(9 - day)]
    period: dict[str, Any] = {"start": START + 5 * DAY, "end": START + 9 * DAY}
    history = history_of(rows)
    answer = analyse_errors(history, **period, group_by="day", top=top, now=NOW)
    assert [group.group for group in answer.groups] == [f"2026-11-{day + 1:02}" for day in listed]
    assert {(group.previous_calls, group.previous_error_rate) for group in answer.groups} == {(0, None)}
    assert answer.not_listed.get("groups", 0) == left_out
    assert (answer.calls, answer.previous_calls) == (10, 26)
    quiet = analyse_errors(history, start=START + 9 * DAY, end=START + 12 * DAY, group_by="day", now=NOW)
    assert (quiet.groups, quiet.previous_calls, quiet.not_listed.get("groups", 0)) == ((), 6, 0)


def test_where_the_period_has_no_calls_the_latest_there_are_are_proposed_with_what_was_asked(history_of: Make) -> None:
    history = history_of([row_of(0), row_of(1, started_at=START + DAY, function_name="stock")])
    asked: dict[str, Any] = {"start": START + 9 * DAY, "end": START + 10 * DAY, "now": NOW}
    answer = analyse_errors(history, **asked, function_name="orders", group_by="client")
    assert answer.next_step == (
        'analyze_errors(function_name="orders", group_by="client", '
        'time_range={"start": "2026-10-31T00:00:01Z", "end": "2026-11-01T00:00:01Z"}) looks at the latest calls.'
    )
    again = analyse_errors(history, start=START - DAY, end=START + timedelta(seconds=1), now=NOW)
    assert again.calls == 1
    unknown = analyse_errors(history, **asked, function_name="nope")
    assert unknown.summary.endswith("in this period. The history knows no function nope, but orders, stock.")
    assert unknown.next_step is None


def test_what_is_told_to_start_in_the_future_is_in_no_count(history_of: Make) -> None:
    history = history_of([row_of(0), failed(1, started_at=START + 2 * DAY)])
    answer = analyse_errors(history, start=START, end=START + 3 * DAY, now=START + DAY)
    assert (answer.calls, answer.failures, answer.period.end) == (1, 0, START + DAY)
    assert "1 call claims to start in the future and is left out: a clock is wrong." in answer.notes


def test_what_is_cut_is_counted(history_of: Make) -> None:
    rows = [failed(number, f"kind{number}", function_name=f"f{number}") for number in range(5)]
    answer = analyse_errors(history_of(rows), start=START, end=START + DAY, top=2, group_by="function", now=NOW)
    assert (len(answer.errors), len(answer.groups)) == (2, 2)
    assert answer.not_listed == {"errors": 3, "groups": 3}
    assert "5 kinds of error" in answer.summary


@pytest.mark.parametrize(
    ("asked", "field"), [({"group_by": "colour"}, "group_by"), ({"top": 0}, "top"), ({"end": START}, "start")]
)
def test_a_senseless_question_is_refused_by_its_field(history_of: Make, asked: dict[str, Any], field: str) -> None:
    parameters: Any = {"start": START, "end": START + DAY, "now": NOW, **asked}
    history = history_of([])
    with pytest.raises(QuestionError) as refused:
        analyse_errors(history, **parameters)
    assert refused.value.field == field
