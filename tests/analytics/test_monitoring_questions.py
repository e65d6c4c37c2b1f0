"""The questions of `sql/monitoring`, asked of a real history with figures that can be counted by hand."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.row import COLUMN_NAMES

HistoryOf = Callable[[list[Mapping[str, object]]], History]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NO_ID = str(UUID(int=0))


def call(number: int, **more: Any) -> dict[str, object]:
    """An execution of `orders`, a minute after the one before it."""
    usual = {
        "call_id": UUID(int=number),
        "started_at": NOON + timedelta(minutes=number),
        "target": "lambda",
        "function_name": "orders",
        "region": "us-east-1",
        "outcome": "ok",
        "request_id": f"r{number}",
        "transport": "http",
    }
    return {**usual, **more}


def ask(history: History, question: str, **parameters: object) -> list[dict[str, Any]]:
    return history.query(statement(f"monitoring/{question}"), parameters)


def seen(history: History, **more: object) -> dict[str, Any]:
    asked: dict[str, object] = {
        "function_name": "orders",
        "region": "us-east-1",
        "account_id": "111111111111",
        "started_after": NOON,
        "started_before": NOON + HOUR,
        "qualifier": None,
    }
    (row,) = ask(history, "executions_seen", **{**asked, **more})
    return row


def test_executions_seen_counts_what_really_ran_and_no_more(history_of: HistoryOf) -> None:
    outcomes = [
        *("ok", "ok", "accepted", "function_error", "function_timeout", "out_of_memory", "throttled"),
        *("refused", "invalid_arguments", "not_found", "dry_run", "access_denied", "payload_too_large", "aws_error"),
        *("cancelled", "transport_error"),
    ]
    rows = [call(number, outcome=outcome) for number, outcome in enumerate(outcomes)]
    other = [
        call(20, function_name="other"),
        call(21, region="eu-west-1"),
        call(22, target="self"),
        call(23, transport="backfill"),
        call(24, outcome="tool_error"),
        call(25, outcome="tool_error", request_id=None),
        call(60),
        call(61, started_at=NOON - HOUR),
    ]
    assert seen(history_of([*rows, *other])) == {"invocations": 7, "asynchronous": 0}


def test_executions_seen_tell_how_many_of_them_were_asynchronous(history_of: HistoryOf) -> None:
    # CloudWatch counts each of their attempts, the history has a row for all.
    events = [
        call(number, invocation_type="Event", outcome=outcome) for number, outcome in enumerate(("accepted", "ok"))
    ]
    history = history_of([*events, call(3, invocation_type="RequestResponse"), call(4, invocation_type=None)])
    assert seen(history) == {"invocations": 4, "asynchronous": 2}


def test_executions_seen_of_a_qualifier_are_those_that_asked_for_it(history_of: HistoryOf) -> None:
    # As in CloudWatch: what came by the alias is no execution of the metric of its version.
    history = history_of(
        [
            call(1, qualifier="live", executed_version="2"),
            call(2, qualifier="2", executed_version="2"),
            call(3, executed_version="$LATEST"),
        ]
    )
    counted = {name: seen(history, qualifier=name)["invocations"] for name in ("live", "2", "$LATEST", "9", None)}
    assert counted == {"live": 1, "2": 1, "$LATEST": 0, "9": 0, None: 3}


def test_executions_seen_are_those_of_one_account(history_of: HistoryOf) -> None:
    # A name may exist in several accounts, and not every row says in which it ran.
    accounts = ("111111111111", "222222222222", "222222222222", None)
    history = history_of([call(number, account_id=account) for number, account in enumerate(accounts)])
    counted = [seen(history, account_id=account)["invocations"] for account in ("111111111111", "222222222222")]
    assert counted == [2, 3]


def test_executions_seen_where_there_are_none_is_a_row_of_zeros(history_of: HistoryOf) -> None:
    assert seen(history_of([])) == {"invocations": 0, "asynchronous": 0}


def test_an_execution_is_found_by_either_id_with_all_its_columns(history_of: HistoryOf) -> None:
    attempts = [call(2, request_id="twice"), call(3, request_id="twice")]
    history = history_of([call(1), *attempts])
    (by_call,) = ask(history, "execution_by_id", id=str(UUID(int=1)))
    assert tuple(by_call) == COLUMN_NAMES
    assert ask(history, "execution_by_id", id="r1") == [by_call]
    assert [row["call_id"].int for row in ask(history, "execution_by_id", id="twice")] == [2, 3]
    assert ask(history, "execution_by_id", id="no such id") == []


def test_neighbours_are_the_nearest_calls_of_the_same_session_on_both_sides(history_of: HistoryOf) -> None:
    mine = [call(number, session_id="a", tool_name=f"t{number}") for number in range(1, 8)]
    history = history_of([*mine, call(20, session_id="b"), call(21)])
    found = ask(history, "session_neighbours", call_id=str(UUID(int=4)), limit=2)
    assert [(row["place"], row["tool_name"]) for row in found] == [(-2, "t2"), (-1, "t3"), (1, "t5"), (2, "t6")]
    assert set(found[0]) >= {"call_id", "started_at", "outcome", "cost_usd", "total_ms"}
    at_the_end = ask(history, "session_neighbours", call_id=str(UUID(int=7)), limit=1)
    assert [row["place"] for row in at_the_end] == [-1]


def test_a_stdio_session_is_its_process_and_a_call_without_session_has_no_neighbours(history_of: HistoryOf) -> None:
    history = history_of(
        [
            call(1, transport="stdio", host="h", pid=1),
            call(2, transport="stdio", host="h", pid=1),
            call(3, transport="stdio", host="h", pid=2),
            call(4, transport="http", host="h", pid=1),
            call(5, transport="http", host="h", pid=1),
        ]
    )
    assert [row["call_id"].int for row in ask(history, "session_neighbours", call_id=str(UUID(int=1)), limit=9)] == [2]
    assert ask(history, "session_neighbours", call_id=str(UUID(int=4)), limit=9) == []
    assert ask(history, "session_neighbours", call_id="none", limit=9) == []


def test_the_spend_of_a_day_is_added_up_by_tool(history_of: HistoryOf) -> None:
    def looked(number: int, tool: str, cost: str | None, **more: object) -> dict[str, object]:
        money = None if cost is None else Decimal(cost)
        return call(number, **{"target": "cloudwatch", "tool_name": tool, "cost_usd": money, **more})

    history = history_of(
        [
            looked(1, "monitor_executions", "0.000100000001"),
            looked(2, "monitor_executions", "0.00002"),
            looked(3, "query_logs", None, outcome="ok"),
            looked(7, "query_logs", None, outcome="refused"),
            looked(8, "inspect_execution", None, outcome="ok"),
            looked(4, "reconcile", "0.5"),
            looked(5, "reconcile", "0.5", started_at=NOON - HOUR),
            call(6, cost_usd=Decimal(1)),
        ]
    )
    assert ask(history, "spend_of_day", started_after=NOON) == [
        {"tool_name": "reconcile", "calls": 1, "unpriced_calls": 0, "cost_usd": Decimal("0.5")},
        {"tool_name": "monitor_executions", "calls": 2, "unpriced_calls": 0, "cost_usd": Decimal("0.000120000001")},
        {"tool_name": "inspect_execution", "calls": 1, "unpriced_calls": 0, "cost_usd": None},
        {"tool_name": "query_logs", "calls": 2, "unpriced_calls": 1, "cost_usd": None},
    ]


PENDING: Mapping[str, Mapping[str, object]] = {
    "accepted": {"outcome": "accepted", "cost_source": "none"},
    "estimated": {"cost_source": "estimated", "cost_usd": Decimal(1)},
    "failed": {"outcome": "function_error"},
    "failed as a tool": {"outcome": "tool_error"},
}
NOT_PENDING: Mapping[str, Mapping[str, object]] = {
    "measured": {"billed_ms": 3, "cost_source": "measured"},
    "a region without prices": {"billed_ms": 3, "cost_source": "none"},  # there is no more to know
    "never arrived": {"request_id": None},
    "dry run": {"outcome": "dry_run"},
    "a tool of ours": {"target": "self"},
    "before": {"started_at": NOON - HOUR},
    "after": {"started_at": NOON + HOUR},
}


def test_pending_is_what_ran_and_has_no_report(history_of: HistoryOf) -> None:
    cases = [*PENDING.items(), *NOT_PENDING.items()]
    history = history_of([call(n, **{"request_id": name, **columns}) for n, (name, columns) in enumerate(cases, 1)])
    found = ask(history, "pending", started_after=NOON, started_before=NOON + HOUR, before_id=NO_ID, limit=100)
    assert {row["request_id"] for row in found} == set(PENDING)


def test_pending_are_read_in_pages_the_latest_first_and_none_twice_though_begun_at_one_time(
    history_of: HistoryOf,
) -> None:
    history = history_of([call(number) for number in (3, 1, 2)] + [call(4, started_at=NOON + HOUR / 2)])
    before: dict[str, object] = {"started_before": NOON + HOUR, "before_id": NO_ID}
    found: list[int] = []
    while rows := ask(history, "pending", started_after=NOON, limit=2, **before):
        found += [row["call_id"].int for row in rows]
        before = {"started_before": rows[-1]["started_at"], "before_id": str(rows[-1]["call_id"])}
    assert found == [4, 3, 2, 1]


def test_known_requests_tells_calls_of_ours_from_imported_attempts(history_of: HistoryOf) -> None:
    history = history_of(
        [
            call(1),
            call(2, request_id="imported", transport="backfill"),
            call(3, request_id="imported", transport="backfill"),
            call(4, request_id=None),
            call(5, function_name="other"),
        ]
    )
    asked = {"function_name": "orders", "region": "us-east-1", "started_after": NOON, "started_before": NOON + HOUR}
    found = {row["request_id"]: row["imported_ids"] for row in ask(history, "known_requests", **asked)}
    assert found.keys() == {"r1", "imported"}
    assert found["r1"] is None
    assert sorted(call_id.int for call_id in found["imported"]) == [2, 3]
