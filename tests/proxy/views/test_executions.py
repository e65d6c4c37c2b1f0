"""What `lambdascope monitor FUNCTION` shows."""

from typing import Any

import pytest

from lambdascope_proxy.views.executions import show_executions
from lambdascope_proxy.views.page import Page, Surface

FAILURE: dict[str, Any] = {
    "fingerprint": "b2c1696677ab9c05",
    "error_type": "CardDeclinedError",
    "message": "order 1005: insufficient funds",
    "count": 12,
    "first_seen": "2026-11-22T15:32:48Z",
    "last_seen": "2026-11-22T17:32:48Z",
    "request_id": "55668bea-135a-4f18-bb88-b680e65e3b61",
    "stack": ['File "app.py", line 19, in handler', "raise CardDeclinedError()"],
}
DATA: dict[str, Any] = {
    "function_name": "charge-card",
    "qualifier": "live",
    "versions": ["7"],
    "region": "us-east-1",
    "window": {"start": "2026-11-22T14:30:00Z", "end": "2026-11-22T17:30:00Z", "period_s": 900},
    "invocations": {"count": 12345, "source": "metrics", "through_this_proxy": 8230, "share": 0.6667},
    "errors": {"count": 12, "rate": 0.001},
    "throttles": 0,
    "duration": {"p50_ms": 5.82, "p90_ms": 25, "p95_ms": 27.57, "p99_ms": 29.51, "max_ms": 2000},
    "concurrency": {"max": 3, "limit": 1000, "limit_of": "account"},
    "async": {"async_received": 4, "async_age_max_ms": 1500},
    "iterator": None,
    "cold_starts": {"count": 2, "rate": 0.0002, "init_p50_ms": 144.62, "init_p95_ms": 150},
    "timeouts": {"count": 1, "out_of_memory": 2, "crashes": 0},
    "memory": {"used_max_mb": 61, "configured_mb": 256, "share": 0.2383},
    "cost": {"usd": "0.0123456780", "gb_s": "1234.5", "source": "logs", "rates_version": "2026-09-19"},
    "top_errors": [FAILURE],
    "series": {
        "start": "2026-11-22T14:30:00Z",
        "period_s": 900,
        "invocations": [0, 0, 5, 1000, 0, 0, 0, 0, 0, 0, 2000, 4000],
        "duration_p95_ms": [None, None, 7, 14, None, None, None, None, None, None, 28, 27.5],
    },
    "newest_data": "2026-11-22T17:29:00Z",
    "partial": [],
    "bill": {"cost_usd": "0.000220026510"},
    "cached": False,
    "next_step": "Look at one failure whole: inspect_execution(request_id='55668bea-135a-4f18-bb88-b680e65e3b61').",
}
SHOWN = """\
charge-card:live in us-east-1, 2026-11-22 14:30 to 17:30 UTC
invocations   12,345, 66.7% through this proxy
errors        12, 0.1% of invocations
throttles     0
duration      p50 5.82, p90 25, p95 27.57, p99 29.51, max 2,000 ms
concurrency   at most 3 of 1,000, the account's limit
asynchronous  received 4, age max 1,500 ms
stream        no data
cold starts   2, <0.1% of executions; init p50 144.62, p95 150 ms
timeouts      1, out of memory 2, crashes 0
memory        at most 61 of 256 MB (23.8%)
cost          $0.012345678, 1,234.5 GB-seconds, as billed, from logs
asking cost   $0.00022002651; newest data of 2026-11-22 17:29:00 UTC

One character is 15 minutes
                               least   most
───────────────────────────────────────────
invocations      ▁▁▂▂▁▁▁▁▁▁▄█      0  4,000
duration p95 ms    ▂▄      █▇      7     28

Errors, most frequent first (times in UTC)
count  last seen            error
─────────────────────────────────────────────────────────────────────────────
   12  2026-11-22 17:32:48  CardDeclinedError: order 1005: insufficient funds
                            request 55668bea-135a-4f18-bb88-b680e65e3b61
                              File "app.py", line 19, in handler
                              raise CardDeclinedError()

Next: Look at one failure whole: `lambdascope inspect 55668bea-135a-4f18-bb88-b680e65e3b61`.
"""


def shown(changed: dict[str, Any] | None = None, surface: Surface | None = None) -> str:
    page = Page(surface or Surface(width=100))
    show_executions(DATA | (changed or {}), page)
    return page.text()


def test_everything_is_shown_in_lines_of_100_characters() -> None:
    assert shown() == SHOWN


def test_figures_that_were_not_asked_for_are_not_shown() -> None:
    asked = ("function_name", "region", "window", "invocations", "memory", "newest_data", "bill", "cached", "next_step")
    page = Page()
    show_executions({key: DATA[key] for key in asked}, page)
    assert [line.split()[0] for line in page.text().splitlines()[1:4]] == ["invocations", "memory", "asking"]


def test_what_is_not_known_says_so_and_is_never_zero() -> None:
    unknown: dict[str, Any] = {
        "invocations": {"count": None, "source": None, "through_this_proxy": None, "share": None},
        "errors": {"count": None, "rate": None},
        "throttles": None,
        "duration": dict.fromkeys(DATA["duration"]),
        "concurrency": {"max": None, "limit": None, "limit_of": None},
        "cold_starts": None,
        "timeouts": None,
        "memory": None,
        "cost": {"usd": None, "gb_s": None, "source": "none", "rates_version": None},
        "bill": {"cost_usd": None},
        "top_errors": None,
    }
    lines = shown(unknown).splitlines()[1:13]
    assert [
        line.split(None, 1)[1].split(";")[0].removeprefix("starts").removeprefix("cost").strip() for line in lines
    ] == [
        "unknown",
        "unknown",
        "unknown",
        "no data",
        "no data",
        "received 4, age max 1,500 ms",
        "no data",
        "unknown",
        "unknown",
        "unknown",
        "unknown, neither logs nor metrics tell",
        "unknown",
    ]


def test_a_chart_that_is_too_long_shows_the_highest_of_several_bins_and_says_so() -> None:
    series = {"period_s": 60, "errors": [0] * 59 + [7]}
    drawn = shown({"series": series}, Surface(width=80))
    assert "One character is 2 minutes, the highest in it" in drawn
    (line,) = [line for line in drawn.splitlines() if "▁" in line]
    assert line.split() == ["errors", "▁" * 29 + "█", "0", "7"]


def test_where_blocks_cannot_be_written_the_charts_are_plain() -> None:
    drawn = shown(surface=Surface(width=100, encoding="ascii"))
    assert drawn.isascii()
    assert "__..______=#" in drawn


def test_series_without_any_value_are_not_drawn() -> None:
    assert "One character" not in shown({"series": {"period_s": 60, "errors": [None, None]}})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cached": True}, "$0.00022002651, kept from a moment ago; newest"),
        ({"concurrency": {"max": 3, "limit": None, "limit_of": None}}, "at most 3, limit unknown"),
        (
            {"concurrency": {"max": 3, "limit": 5, "limit_of": "function", "provisioned_utilization": 0.5}},
            "at most 3 of 5, the function's limit, provisioned utilization 0.5",
        ),
        ({"cost": {"usd": None, "gb_s": "1", "source": "none"}}, "unknown, 1 GB-seconds, no price known"),
        ({"cost": {"usd": "1", "gb_s": "1", "source": "estimated"}}, "estimated from run time, without init"),
        ({"top_errors": [FAILURE | {"logged_only": True, "request_id": None}]}, "funds (logged, the"),
    ],
)
def test_how_a_figure_came_about_is_told_with_it(changed: dict[str, Any], words: str) -> None:
    assert words in shown(changed)
