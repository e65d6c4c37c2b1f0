"""What the tests of analyses share: a history of a few rows, and of advice on settings evidence made up of figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Level, Repeats, Size
from lambdascope_analytics.analyses.sizing_prices import Prices
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.store.connection import SETTINGS
from lambdascope_analytics.store.row import COLUMNS

END = datetime(2026, 10, 31, tzinfo=UTC)


@pytest.fixture
def few_of() -> Iterator[Callable[[Sequence[Mapping[str, object]]], History]]:
    """Return a function that makes a history of a few rows in memory, in a twentieth of the time of one in files."""
    opened: list[History] = []

    def make(rows: Sequence[Mapping[str, object]]) -> History:
        connection = duckdb.connect(config={"threads": 1})
        for setting in SETTINGS:
            connection.execute(setting)
        connection.execute(f"CREATE TABLE calls ({', '.join(f'{each.name} {each.type}' for each in COLUMNS)})")
        if rows:
            values = [row.get(column.name) for row in rows for column in COLUMNS]
            row = f"({', '.join('?' * len(COLUMNS))})"
            connection.execute(f"INSERT INTO calls VALUES {', '.join([row] * len(rows))}", values)
        opened.append(History(connection))
        return opened[-1]

    yield make
    for history in opened:
        history.close()


@pytest.fixture
def size_of() -> Callable[..., Size]:
    """Return a function that makes a size: 2,000 executions of 100 ms at 512 MB of x86, unless said otherwise."""

    def make(**given: Any) -> Size:
        executions = given.get("executions", 2_000)
        usual: dict[str, Any] = {
            "region": given.get("region", "us-east-1"),
            "last_region": given.get("region", "us-east-1"),
            "account_id": "123456789012",
            "last_account_id": "123456789012",
            "memory_mb": 512,
            "architecture": "x86_64",
            "runtime": "python3.13",
            "first_at": END - timedelta(days=30),
            "last_at": END,
            "calls": executions,
            "from_logs": 0,
            "executions": executions,
            "failed": 0,
            "unpriced_calls": 0,
            "skewed_calls": 0,
            "billed_ms": 100 * executions,
            "with_billed_ms": executions,
            "successes": executions,
            "success_p999_ms": 300.0,
            "success_longest_ms": 400.0,
            "alike": executions,
            "alike_billed_ms": 100 * executions,
            "alike_variance": 100.0,
            "alike_p95_ms": 120.0,
            "memory_reports": executions,
            "memory_max_mb": 100,
            "memory_p999_mb": 99.0,
            "out_of_memory": 0,
            "timeouts": 0,
            "timeouts_billed_ms": None,
            "timeout_ms": None,
            "cold_starts": 0,
            "init_ms": None,
            "init_count": 0,
            "init_p50_ms": None,
            "init_p95_ms": None,
            "init_p99_ms": None,
            "restores": 0,
        }
        return Size(**{**usual, **given})

    return make


@pytest.fixture
def evidence_of() -> Callable[..., Evidence]:
    """Return a function that makes evidence of sizes, the one in use first, over 30 days (so a month is the period)."""

    def make(
        *sizes: Size,
        timeout_s: float | None = None,
        levels: Sequence[Level] = (),
        repeats: Repeats | None = None,
        days: int = 30,
    ) -> Evidence:
        period = Period(start=END - timedelta(days=days), end=END)
        return Evidence(
            function_name="orders",
            period=period,
            sizes=sizes,
            prices=Prices(rates=load_rates(), region=str(sizes[0].region), factor=Decimal(30) / days),
            timeout_s=timeout_s,
            ordered=period,
            levels=tuple(levels),
            repeats=(repeats,) if repeats else (),
        )

    return make


@pytest.fixture
def repeats_of() -> Callable[..., Repeats]:
    """Return a function that makes what failed and was repeated: nothing in 2,000 executions, unless said otherwise."""

    def make(**given: Any) -> Repeats:
        names = [name for name in Repeats.__slots__ if name not in ("architecture", "executions")]
        usual: dict[str, Any] = {"architecture": "x86_64", "executions": 2_000, **dict.fromkeys(names, 0)}
        return Repeats(**{**usual, **given})

    return make
