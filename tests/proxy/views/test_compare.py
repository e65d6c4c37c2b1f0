"""The page, the rows and the picture of a comparison show each figure with its verdict."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdascope_proxy.pictures.picture import Bars, Lines
from lambdascope_proxy.views.compare import compare_picture, compare_rows, show_compare
from lambdascope_proxy.views.page import Page

RATE: Mapping[str, Any] = {
    "measure": "error_rate",
    "before": 0.01,
    "after": 0.2,
    "difference": 0.19,
    "ratio": 20.0,
    "low": -0.1,
    "high": 0.28,
    "p": 0.001,
    "verdict": "higher",
}
COST: Mapping[str, Any] = {
    **RATE,
    "measure": "cost_per_call_usd",
    "before": "0.000001234567891",
    "after": "0",
    "difference": "-0.000001234567891",
    "ratio": 0.0,
    "low": "-0.00000200001",
    "high": "0.000001",
    "verdict": "no significant change",
}
UNKNOWN: Mapping[str, Any] = {
    "measure": "handler_p95_ms",
    **dict.fromkeys(("before", "difference", "ratio", "low", "high", "p")),
    "after": 1234.5,
    "verdict": "too few calls",
}
POINT: Mapping[str, Any] = {
    "series": "error_rate",
    "start": "2026-11-20T10:00:00Z",
    "end": "2026-11-20T12:00:00Z",
    "before": 0,
    "after": 0.5,
    "deployed": [{"version": "orders:7", "first_called": "2026-11-20T10:42:07.123Z"}],
}
ANSWER: Mapping[str, Any] = {
    "summary": "Error rate higher.",
    "period": {"start": "2026-11-15T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "before": {"start": "2026-11-08T00:00:00Z", "end": "2026-11-15T00:00:00Z"},
    "calls": 200,
    "version": None,
    "before_version": None,
    "changes": [RATE, COST, UNKNOWN],
    "groups": [
        {"group": "orders", "calls_before": 90, "calls_after": 80, "only_in": None, "changes": [RATE, COST]},
        {"group": "stock", "calls_before": 0, "calls_after": 1204, "only_in": "after", "changes": []},
    ],
    "group_by": "function",
    "change_points": [POINT],
    "series": [],
    "not_listed": {"groups": 3},
    "notes": [],
    "next_step": 'compare_periods(b={"last": "30d"}) looks further back.',
}


def page_of(answer: Mapping[str, Any]) -> str:
    page = Page()
    show_compare(answer, page)
    return page.text()


def cells(text: str, begin: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.strip().startswith(begin))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_people_see_each_figure_with_its_unit_its_interval_and_its_verdict() -> None:
    text = page_of(ANSWER)
    assert (
        "200 calls, 2026-11-15 00:00 to 2026-11-22 00:00 UTC against 2026-11-08 00:00 to 2026-11-15 00:00 UTC" in text
    )
    assert cells(text, "error rate") == ["error rate", "1%", "20%", "+1900.0%", "-10% to 28%", "higher"]
    assert cells(text, "cost per call") == [
        "cost per call", "$0.000001235", "$0", "-100.0%", "-$0.000002 to $0.000001", "no significant change",
    ]  # fmt: skip
    assert cells(text, "handler p95 ms") == ["handler p95 ms", "1,234.5", "too few calls"]
    assert cells(text, "orders")[:2] == ["orders", "error rate"]
    assert cells(text, "stock") == ["stock", "calls", "0", "1,204", "only later"]
    assert cells(text, "2026-11-20") == [
        "2026-11-20 10:00 to 12:00", "error rate", "0%", "50%", "orders:7 11-20 10:42",
    ]  # fmt: skip
    assert "3 more groups changed: --top shows more" in text
    assert "Next: `lambdascope compare --last 30d` looks further back." in text


def test_two_versions_are_named_and_empty_tables_left_out() -> None:
    empty: dict[str, Any] = {"groups": [], "change_points": [], "not_listed": {}, "next_step": None}
    text = page_of({**ANSWER, "version": "2", "before_version": "1", **empty})
    assert "Next" not in text
    assert "version 2 against 1, 2026-11-15" in text
    assert "By function" not in text
    assert "When it changed" not in text


def test_rows_are_all_figures_and_those_of_groups_under_one_header() -> None:
    rows = compare_rows(ANSWER)
    assert [(row["group"], row["measure"]) for row in rows] == [
        ("", "error_rate"),
        ("", "cost_per_call_usd"),
        ("", "handler_p95_ms"),
        ("orders", "error_rate"),
        ("orders", "cost_per_call_usd"),
        ("stock", "calls"),
    ]
    assert (rows[-1]["only_in"], rows[-1]["before"], rows[-1]["after"]) == ("after", 0, 1204)
    assert all(set(row) == set(rows[0]) for row in rows)


def test_groups_of_one_version_alone_are_told_by_its_name() -> None:
    text = page_of({**ANSWER, "version": "2", "before_version": "1", "group_by": "client"})
    assert cells(text, "stock")[-1] == "only of version 2"


def test_the_picture_has_a_bar_for_each_figure_that_is_known_on_both_sides_and_of_each_group() -> None:
    whole, groups = compare_picture(ANSWER).charts
    assert isinstance(whole, Bars)
    assert whole.labels == ("error rate: higher", "cost per call: not significant")
    assert whole.values == (1900.0, -100.0)
    assert isinstance(groups, Bars)
    assert groups.labels == ("error rate, orders", "cost per call, orders")
    assert compare_picture({**ANSWER, "changes": [UNKNOWN], "groups": []}).charts == ()


def test_a_long_name_leaves_room_for_what_changed_of_it() -> None:
    group = {**ANSWER["groups"][0], "group": "team-production-orders-and-returns", "changes": [COST]}
    *_, bars = compare_picture({**ANSWER, "groups": [group]}).charts
    assert isinstance(bars, Bars)
    assert bars.labels == ("cost per call, team-prod...d-returns",)


def test_the_picture_has_a_line_of_what_changed_its_level_with_the_moment_and_the_version() -> None:
    starts = ["2026-11-20T08:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z"]
    rate = {"series": "error_rate", "starts": starts, "values": [0.0, None, 0.5]}
    series = [rate, {**rate, "series": "calls_per_hour"}]
    line, *_ = compare_picture({**ANSWER, "series": series}).charts
    assert isinstance(line, Lines)
    assert (line.title, line.unit) == ("Error rate", "%")
    assert line.lines == {"error rate": (0.0, None, 50.0)}
    assert line.marks == {datetime(2026, 11, 20, 10, 42, 7, 123_000, tzinfo=UTC): "orders:7"}
    undated: dict[str, Any] = {**ANSWER, "series": series, "change_points": [{**POINT, "deployed": []}]}
    first, *others = compare_picture(undated).charts
    assert isinstance(first, Lines)
    assert first.marks == {datetime(2026, 11, 20, 11, tzinfo=UTC): "changed"}
    assert not any(isinstance(chart, Lines) for chart in others), "the rate of calls did not change"


def test_the_table_of_the_picture_has_all_calls_first_and_then_the_groups() -> None:
    rows = compare_picture(ANSWER).rows
    assert [(row[0], row[1]) for row in rows][::2] == [
        ("all", "error rate"),
        ("", "handler p95 ms"),
        ("", "cost per call"),
    ]
