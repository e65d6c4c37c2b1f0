"""The page, the rows and the picture of advice show every setting with its reason."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_proxy.pictures.picture import Bars
from lambdascope_proxy.views.page import Page
from lambdascope_proxy.views.recommend import recommend_picture, recommend_rows, show_recommend

NO_AMOUNT: Mapping[str, Any] = {
    "saves_usd_month": None,
    "saves_least_usd_month": None,
    "saves_cny_month": None,
    "saves_least_cny_month": None,
}
MEMORY: Mapping[str, Any] = {
    "setting": "memory",
    "is_change": True,
    "purpose": "fewer failures",
    "current": "512 MB",
    "suggested": "768 MB",
    "why": "3 of 2,000 executions ran out of memory",
    **NO_AMOUNT,
    "saves_usd_month": "-1.23456",
    "saves_least_usd_month": "-1.23456",
    "confidence": "high",
    "risk": "look again",
}
TIMEOUT: Mapping[str, Any] = {**MEMORY, "setting": "timeout", "purpose": "less cost", "suggested": "2 s", **NO_AMOUNT}
KEPT: Mapping[str, Any] = {
    **TIMEOUT,
    "setting": "SnapStart",
    "is_change": False,
    "purpose": None,
    "current": "off",
    "suggested": "no change",
    "why": "init is short",
}
ANSWER: Mapping[str, Any] = {
    "summary": "orders: memory 512 MB -> 768 MB.",
    "period": {"start": "2026-11-08T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "calls": 2_010,
    "function_name": "orders",
    "region": "us-east-1",
    "runtime": "python3.13",
    "executions": 2_000,
    "recommendations": [MEMORY, TIMEOUT, KEPT],
    "refusals": [{"setting": "retries", "missing": "4 executions, at least 50 are needed"}],
    "notes": [],
    "next_step": 'Set it, then ask recommend_settings(function_name="orders") again.',
}
NOTHING: Mapping[str, Any] = {**ANSWER, "region": None, "runtime": None, "recommendations": []}


def page_of(answer: Mapping[str, Any]) -> str:
    page = Page()
    show_recommend(answer, page)
    return page.text()


def test_people_see_what_to_change_and_why_what_to_leave_and_what_is_missing() -> None:
    text = page_of(ANSWER)
    assert text.startswith("orders (us-east-1, python3.13), 2026-11-08 00:00 to 2026-11-22 00:00 UTC\norders: memory")
    for part in (
        "512 MB  768 MB  -$1.23",
        "memory: 3 of 2,000 executions ran out of memory. Risk: look again.",
        "SnapStart (off): init is short.",
        "retries: 4 executions, at least 50 are needed.",
        "Next: Set it, then ask `lambdascope recommend orders` again.",
    ):
        assert part in text
    assert text.index("\nChange\n") < text.index("\nLeave\n") < text.index("\nCannot say\n")


def test_people_are_told_how_a_timeout_that_is_not_known_is_judged() -> None:
    unknown = {**KEPT, "setting": "timeout", "current": "not known", "suggested": "about 8 s"}
    assert "--timeout-s has it judged." in page_of({**ANSWER, "recommendations": [unknown]})


def test_where_nothing_can_be_advised_there_are_no_empty_parts() -> None:
    text = page_of(NOTHING)
    assert text.startswith("orders, 2026-11-08")
    assert "Next" not in page_of({**NOTHING, "next_step": None})
    assert "Change" not in text
    assert "Leave" not in text


@pytest.mark.parametrize(("name", "told"), [("saves_usd_month", "$0.50"), ("saves_cny_month", "CNY 0.50")])
def test_an_amount_carries_its_currency(name: str, told: str) -> None:
    assert told in page_of({**ANSWER, "recommendations": [{**MEMORY, **NO_AMOUNT, name: "0.5"}]})


def test_rows_are_all_settings_judged_or_not() -> None:
    rows = recommend_rows(ANSWER)
    assert [(row["setting"], row["suggested"]) for row in rows] == [
        ("memory", "768 MB"),
        ("timeout", "2 s"),
        ("SnapStart", "no change"),
        ("retries", "cannot say"),
    ]
    assert all(set(row) == set(rows[0]) for row in rows), "CSV has one header"
    assert [row["setting"] for row in recommend_rows(NOTHING)] == ["retries"]


def test_the_picture_has_a_bar_for_each_amount_that_is_known() -> None:
    picture = recommend_picture(ANSWER)
    (bars,) = picture.charts
    assert isinstance(bars, Bars)
    assert (bars.labels, bars.values, bars.unit) == (("memory: 768 MB",), (-1.23456,), "USD")
    assert len(picture.rows) == 3
    assert picture.words[0] == "memory: 3 of 2,000 executions ran out of memory. Risk: look again."
    assert picture.words[2:] == (
        "SnapStart (off): init is short.",
        "cannot say: retries: 4 executions, at least 50 are needed.",
    )
    assert recommend_picture(NOTHING).charts == ()
