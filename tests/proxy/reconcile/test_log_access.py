"""Asking the logs within bounds, and with every bill kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.insights import LogQuery
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.tally import Bills

pytestmark = pytest.mark.anyio
PLACE = Place(region="us-east-1")


async def test_a_scan_beyond_the_limit_is_refused_before_it_costs(access: LogAccess, logs: Any, noon: datetime) -> None:
    window = Window(start=noon - timedelta(days=30), end=noon)
    logs.stored_bytes = 10_000_000
    assert (await access.check(PLACE, "orders", window, noon)).name == "orders"
    logs.stored_bytes = 100_000_000
    with pytest.raises(CallFailed, match=r"0\.5 GB"):
        await access.check(PLACE, "orders", window, noon)
    assert logs.asked == []


async def test_a_query_is_billed_whether_it_answers_or_fails(access: LogAccess, logs: Any, noon: datetime) -> None:
    bills = Bills()
    query = LogQuery(groups=("orders",), text="x", window=Window(start=noon, end=noon + timedelta(hours=1)))
    assert (await access.ask(PLACE, query, bills)).rows == []
    logs.failure = CallFailed(OutcomeKind.AWS_ERROR, "LogQueryFailed", "It failed.")
    with pytest.raises(CallFailed, match="It failed"):
        await access.ask(PLACE, query, bills)
    assert bills.by_region["us-east-1"].queries == 2
