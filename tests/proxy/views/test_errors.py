"""The page, the rows and the picture of errors show what the analysis found."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_proxy.pictures.picture import Bars
from lambdascope_proxy.views.errors import errors_picture, errors_rows, show_errors
from lambdascope_proxy.views.page import Page, Surface

KIND: Mapping[str, Any] = {
    "fingerprint": "e1",
    "outcome": "function_error",
    "error_type": "KeyError",
    "message": "no such order",
    "calls": 30,
    "previous_calls": 2,
    "share": 0.15,
    "trend": "rising",
    "first_seen": "2026-11-01T10:00:00.123456Z",
    "last_seen": "2026-11-21T10:00:00Z",
    "functions": {"count": 5, "names": {"orders": 20, "stock": 6, "quotes": 2}},
    "clients": {"count": 1, "names": {"agent": 30}},
    "versions": {"count": 0, "names": {}},
    "examples": ["0193-a", "0193-b"],
}
GROUP: Mapping[str, Any] = {
    "group": "orders",
    "calls": 200,
    "failures": 30,
    "caller_faults": 0,
    "error_rate": 0.15,
    "error_rate_interval": {"low": 0.107, "high": 0.206},
    "previous_calls": 10,
    "previous_failures": 0,
    "previous_error_rate": 0,
}
ANSWER: Mapping[str, Any] = {
    "summary": "30 of 200 calls failed.",
    "period": {"start": "2026-11-15T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "calls": 200,
    "failures": 30,
    "errors": [KIND],
    "caller_errors": [],
    "gone": [{**KIND, "error_type": "Timeout", "calls": 0, "trend": "gone"}],
    "group_by": "function",
    "groups": [GROUP, {**GROUP, "group": "quiet", "failures": 0, "error_rate": None, "error_rate_interval": None}],
    "not_listed": {"errors": 4},
    "notes": [],
    "next_step": 'inspect_execution(call_id="0193-a") shows one KeyError with its log.',
}
NOTHING: Mapping[str, Any] = {
    **ANSWER,
    "calls": 0,
    "failures": 0,
    "errors": [],
    "gone": [],
    "groups": [],
    "not_listed": {},
}


def page_of(answer: Mapping[str, Any], width: int = 2000) -> str:
    page = Page(Surface(width=width))
    show_errors(answer, page)
    return page.text()


def test_people_see_kinds_groups_what_is_gone_and_a_command_to_go_on_with() -> None:
    text = page_of(ANSWER)
    assert text.startswith("200 calls, 2026-11-15 00:00 to 2026-11-22 00:00 UTC\n30 of 200 calls failed.\n")
    for part in (
        "30",
        "15%",
        "rising",
        "KeyError: no such order",
        "orders, stock, quotes, 2 more",
        "2026-11-01 10:00:00",
    ):
        assert part in text
    assert "4 more: --top shows more" in text
    assert "Only in the period before" in text
    assert "10.7% to 20.6%" in text
    assert "████████████" in text
    assert "caller's faults: refused" not in text
    assert "Next: `lambdascope inspect 0193-a` shows one KeyError" in text


def test_without_anything_to_show_there_is_no_table() -> None:
    text = page_of(NOTHING)
    assert "error" not in text.lower().replace("keyerror", "").replace("lambdascope errors", "")
    assert len(text.splitlines()) == 4


def test_rows_are_the_groups_or_without_them_the_kinds() -> None:
    rows = errors_rows(ANSWER)
    assert [row["group"] for row in rows] == ["orders", "quiet"]
    assert (rows[0]["error_rate_low"], rows[1]["error_rate_low"]) == (0.107, None)
    kinds = errors_rows({**ANSWER, "groups": []})
    assert [(kind["list"], kind["error_type"], kind["examples"]) for kind in kinds] == [
        ("errors", "KeyError", "0193-a 0193-b"),
        ("gone", "Timeout", "0193-a 0193-b"),
    ]
    assert all(set(kind) == set(kinds[0]) for kind in kinds), "CSV has one header"
    assert errors_rows(NOTHING) == []


def test_the_picture_has_a_bar_for_each_kind_and_each_group() -> None:
    picture = errors_picture(ANSWER)
    kinds, groups = picture.charts
    assert isinstance(kinds, Bars)
    assert isinstance(groups, Bars)
    assert (kinds.labels, kinds.values) == (("KeyError in 5 functions",), (30.0,))
    assert (groups.labels, groups.values) == (("orders", "quiet"), (15.0, None))
    assert len(picture.rows) == 1
    assert errors_picture(NOTHING).charts == ()


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_narrow_page_has_a_line_for_each_kind_and_group_with_less_in_it(width: int) -> None:
    """A record for each, of seven lines, is nothing one can look over."""
    message = "order 1234 was not found\nin any of the shards that were asked for it"
    text = page_of({**ANSWER, "errors": [{**KIND, "message": message}] * 3, "gone": []}, width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert sum("KeyError: or" in line and "rising" in line for line in lines) == 3
    assert "Left out on a page so narrow: first seen" in text
    assert sum(line.split()[:3] == ["orders", "200", "30"] for line in lines) == 1


def test_hours_and_days_have_no_self_in_the_period_before_and_say_so_little() -> None:
    by_day = {**ANSWER, "group_by": "day", "groups": [{**GROUP, "group": "2026-11-20"}], "not_listed": {"groups": 6}}
    text = page_of(by_day)
    assert "By day, in order of time" in text
    assert "before  " not in text
    assert "6 earlier: --top shows more" in text


def test_without_a_next_step_there_is_no_line_for_it() -> None:
    assert "Next" not in page_of({**ANSWER, "next_step": None})
