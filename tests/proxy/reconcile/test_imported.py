"""The row of an execution that only the logs know: marked as such, and the same whenever it is made."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.store.line import encode_row
from lambdascope_proxy.reconcile.attempts import Attempt, Line, attempts_in
from lambdascope_proxy.reconcile.imported import import_id, row_of
from lambdascope_proxy.selection import Function

At = Callable[..., Line]


def attempt_of(line: Line) -> Attempt:
    ((attempt,),) = attempts_in([line]).values()
    return attempt


def test_a_row_says_what_the_logs_tell_and_leaves_open_what_only_a_proxy_knows(
    at: At, report: Callable[..., str], function_of: Callable[..., Function], noon: datetime
) -> None:
    line = at(1000, report("r1", "200.00", 600, "Init Duration: 400.00 ms"), "2026/11/22/[7]0123")
    row = row_of(attempt_of(line), function_of(runtime="python3.13"), load_rates())
    known = {name: value for name, value in row.items() if value is not None}
    assert known.keys() == {
        *("call_id", "started_at", "transport", "target", "function_name", "executed_version", "region", "account_id"),
        *("architecture", "runtime", "outcome", "duration_ms", "billed_ms", "init_ms", "cold_start", "memory_mb"),
        *("max_memory_mb", "request_id", "cost_usd", "cost_source", "rates_version", "schema_version"),
    }
    assert (row["transport"], row["target"], row["cost_source"]) == ("backfill", "lambda", "logs")
    assert (row["executed_version"], row["outcome"], row["cold_start"]) == ("7", "ok", True)
    assert row["started_at"] == noon + timedelta(milliseconds=400)
    assert encode_row(row)


def test_the_id_is_a_uuid_of_version_7_that_sorts_by_the_beginning(
    at: At, report: Callable[..., str], function_of: Callable[..., Function], noon: datetime
) -> None:
    made = import_id(attempt_of(at(1000, report("r1", "200.00", 200))), function_of())
    assert isinstance(made, UUID)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int((noon.timestamp() + 0.8) * 1000)


def test_the_id_is_the_same_each_time_and_another_for_anything_else(
    at: At, report: Callable[..., str], function_of: Callable[..., Function]
) -> None:
    usual, function = at(1000, report("r1")), function_of()
    others = [
        import_id(attempt_of(at(1000, report("r2"))), function),
        import_id(attempt_of(at(61_000, report("r1"))), function),
        import_id(attempt_of(usual), function_of("other")),
        import_id(attempt_of(usual), function_of(region="eu-west-1")),
        import_id(attempt_of(usual), function_of(account_id="222222222222")),
    ]
    made = import_id(attempt_of(usual), function)
    assert made == import_id(attempt_of(usual), function)
    assert len({made, *others}) == 6
