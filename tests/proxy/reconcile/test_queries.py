"""The text of the queries: within AWS's limits, and of the right streams. What they find is tested where they run."""

import re
from collections.abc import Callable
from uuid import UUID

from lambdascope_proxy.reconcile.queries import MOST_IDS, reports_query, requests_query, streams_of
from lambdascope_proxy.selection import Function


def test_a_query_for_as_many_requests_as_are_asked_for_at_once_is_not_too_long() -> None:
    ids = [str(UUID(int=number)) for number in range(MOST_IDS)]
    text = requests_query(ids, with_errors=True)
    assert len(text) < 10_000
    assert all(text.count(f'"{request_id}"') == 2 for request_id in ids), "for text and for JSON logs"


def test_errors_are_asked_for_only_where_they_are_wanted() -> None:
    assert "errorType" in requests_query(["r1"], with_errors=True)
    assert "errorType" not in requests_query(["r1"], with_errors=False)


def test_in_a_log_group_that_may_be_shared_only_the_functions_own_streams_are_read(
    function_of: Callable[..., Function],
) -> None:
    assert streams_of(function_of("orders")) == ""
    assert streams_of(function_of("orders", log_group="/aws/lambda/orders")) == ""
    pattern = streams_of(function_of("orders", log_group="/team/shop")).replace(r"\/", "/")
    assert re.search(pattern, "2026/11/22/orders[$LATEST]0123")
    assert not re.search(pattern, "2026/11/22/back-orders[$LATEST]0123")
    assert not re.search(pattern, "2026/11/22/orders-eu[$LATEST]0123")
    assert "@logStream like" in reports_query(pattern)
    assert "@logStream like" not in reports_query()
