"""The text of the queries: within AWS's limits, and of the right streams. What they find is tested where they run."""

from collections.abc import Callable
from uuid import UUID

from lambdascope_proxy.cloudwatch.log_scope import scope_of
from lambdascope_proxy.reconcile.queries import MOST_IDS, reports_query, requests_query
from lambdascope_proxy.selection import Function

FunctionOf = Callable[..., Function]


def test_a_query_for_as_many_requests_as_are_asked_for_at_once_is_not_too_long(function_of: FunctionOf) -> None:
    ids = [str(UUID(int=number)) for number in range(MOST_IDS)]
    for count in (1, 14, 20, 100):
        functions = [function_of(f"{number:064d}", log_group="/team/shop") for number in range(count)]
        text = requests_query(functions, ids, with_errors=True)
        assert len(text) <= 10_000
    assert all(text.count(f'"{request_id}"') == 2 for request_id in ids), "for text and for JSON logs"


def test_errors_are_asked_for_only_where_they_are_wanted(function_of: FunctionOf) -> None:
    assert "errorType" in requests_query([function_of("orders")], ["r1"], with_errors=True)
    assert "errorType" not in requests_query([function_of("orders")], ["r1"], with_errors=False)


def test_only_streams_of_the_functions_are_read(function_of: FunctionOf) -> None:
    """Whoever writes to a shared group could print reports of these requests."""
    those = [function_of("orders", log_group="/team/shop"), function_of("bills", log_group="/team/shop")]
    for text in (reports_query(those), requests_query(those, ["r1"], with_errors=True)):
        assert text.startswith(f"filter {scope_of(those)}\n| filter ")
