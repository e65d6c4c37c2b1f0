"""What `lambdascope logs` shows."""

from typing import Any

from lambdascope_proxy.views.log_rows import show_log_rows
from lambdascope_proxy.views.page import Page, Surface

ID = "fdb800e4-768e-4835-ab8f-298610e75a7f"
DATA: dict[str, Any] = {
    "columns": ["time", "request_id", "billed_ms", "memory_mb", "init_ms", "cost_usd"],
    "rows": [
        ["2026-11-22T17:32:48.471Z", ID, 149, 256, 144.62, "0.000000866670"],
        ["2026-11-22T17:32:49.471Z", ID, 2, 256, None, None],
    ],
    "row_count": 2,
    "is_complete": True,
    "records_matched": 2,
    "records_scanned": 12345,
    "window": {"start": "2026-11-22T14:33:00Z", "end": "2026-11-22T17:34:00Z"},
    "bill": {"scanned_bytes": 2651, "cost_usd": "0.000000013255", "bytes_scanned_for_answer": 2651},
    "cached": False,
    "next_step": 'inspect_execution(request_id="...") shows everything about one of them.',
}
SHOWN = f"""\
2 rows, 2026-11-22 14:33 to 17:34 UTC
UTC 2026-11-22  request id                            billed ms  memory MB  init ms  cost
───────────────────────────────────────────────────────────────────────────────────────────────────
17:32:48.471    {ID}        149        256   144.62  $0.00000086667
17:32:49.471    {ID}          2        256
2 of 12,345 records matched, 2,651 bytes scanned, for $0.000000013255

Next: `lambdascope inspect ID` shows everything about one of them.
"""


def shown(width: int = 2000, **changed: Any) -> str:
    page = Page(Surface(width=width))
    show_log_rows(DATA | changed, page)
    return page.text()


def test_rows_are_a_table_with_units_and_the_day_once() -> None:
    assert shown() == SHOWN


def test_rows_that_are_too_wide_are_records() -> None:
    assert f"1  UTC 2026-11-22  17:32:48.471\n   request id      {ID}\n" in shown(60)


def test_times_of_several_days_keep_their_day() -> None:
    rows = [["2026-11-21T17:32:48.471Z", ID, 1, 2, 3, None], *DATA["rows"]]
    drawn = shown(rows=rows)
    assert "time (UTC)" in drawn
    assert "2026-11-21 17:32:48.471" in drawn
    assert "2026-11-22 17:32:48.471" in drawn


def test_a_column_of_ones_own_that_is_called_time_stays_what_it_is() -> None:
    drawn = shown(columns=["time"], rows=[["noon"], [None]])
    assert "time\n" in drawn
    assert "noon" in drawn


def test_no_rows_are_said_without_a_table() -> None:
    drawn = shown(rows=[], row_count=0, columns=[], cached=True)
    assert drawn.startswith("0 rows, ")
    assert "─" not in drawn
    assert "kept from a moment ago, at no further cost" in drawn


def test_a_price_that_is_not_known_is_no_zero() -> None:
    assert "for a price not known for this region" in shown(bill={"scanned_bytes": 5, "cost_usd": None})
