"""The page, the rows and the picture of a forecast show what was found."""

from collections.abc import Mapping
from typing import Any

from lambdascope_proxy.pictures.picture import Lines
from lambdascope_proxy.views.forecast import forecast_picture, forecast_rows, show_forecast
from lambdascope_proxy.views.page import Page, Surface

ANSWER: Mapping[str, Any] = {
    "summary": "2026-02 is forecast to cost $28.00.",
    "calls": 40,
    "period": {"start": "2026-01-24T00:00:00Z", "end": "2026-02-14T12:00:00Z"},
    "month": "2026-02",
    "function_name": None,
    "spent_usd": "14",
    "forecast_usd": "28",
    "interval_80": {"low_usd": "27", "high_usd": "29"},
    "interval_95": {"low_usd": "26", "high_usd": "30"},
    "mean_day_usd": "1",
    "base_days": 20,
    "changed_on": None,
    "complete_days": 20,
    "other_currencies": {},
    "method": "the mean of the last 20 complete days",
    "backtest": {"days": 14, "mean_error_share": 0.08},
    "budget": {"budget_usd": "25", "left_usd": "11", "chance_exceeded": 0.97, "exceeded_on": "2026-02-26"},
    "course": {
        "spent_usd": [*map(float, range(1, 15)), *[None] * 14],
        "expected_usd": [*[None] * 13, *map(float, range(14, 29))],
        "low_usd": [*[None] * 13, *map(float, range(13, 28))],
        "high_usd": [*[None] * 13, *map(float, range(15, 30))],
    },
    "next_step": "compare_periods() tells more.",
}
UNKNOWN: Mapping[str, Any] = {
    **ANSWER,
    "summary": "No forecast.",
    "function_name": "orders",
    "calls": 0,
    **dict.fromkeys(("spent_usd", "forecast_usd", "interval_80", "interval_95", "mean_day_usd", "backtest", "budget")),
    "course": {name: [None] * 28 for name in ANSWER["course"]},
}


def shown(answer: Mapping[str, Any]) -> str:
    page = Page(Surface(width=100))
    show_forecast(answer, page)
    return "\n".join(" ".join(line.split()) for line in page.text().splitlines())


def test_a_page_shows_the_forecast_its_intervals_the_budget_and_the_course() -> None:
    text = shown(ANSWER)
    assert text.startswith("Cost of all functions in 2026-02\n2026-02 is forecast to cost $28.00.")
    for line in (
        "spent so far $14.00",
        "forecast $28.00",
        "80% interval $27.00 to $29.00",
        "95% interval $26.00 to $30.00",
        "mean of a day $1.000 over 20 days",
        "budget $25.00, $11.00 left",
        "chance to exceed it 97%",
        "expected to exceed it 2026-02-26",
        "off on past days 8% on average, 14 days each forecast the day before",
        "method the mean of the last 20 complete days",
    ):
        assert f"\n{line}\n" in text
    assert "Sum of the month, with the 80% interval" in text
    assert text.endswith("Next: `lambdascope compare` tells more.")


def test_without_a_forecast_what_is_not_known_has_no_line_and_no_chart() -> None:
    text = shown(UNKNOWN)
    assert text.startswith("Cost of orders in 2026-02\nNo forecast.\nspent so far unknown\nmethod ")
    assert "Sum of the month" not in text
    assert forecast_picture(UNKNOWN).charts == ()


def test_days_that_did_not_differ_have_no_interval_and_a_chart_without_bounds() -> None:
    course = {**ANSWER["course"], "low_usd": [None] * 28, "high_usd": [None] * 28}
    alike = {**ANSWER, "interval_80": None, "interval_95": None, "course": course}
    text = shown(alike)
    assert "\n80% interval unknown\n95% interval unknown\n" in text
    (chart,) = forecast_picture(alike).charts
    assert isinstance(chart, Lines)
    assert (chart.title, chart.low, chart.high) == ("Sum of the month", (), ())


def test_rows_are_the_days_of_the_month() -> None:
    rows = forecast_rows(ANSWER)
    assert len(rows) == 28
    assert rows[13] == {
        "day": "2026-02-14",
        "spent_usd": 14.0,
        "expected_usd": 14.0,
        "low_usd": 13.0,
        "high_usd": 15.0,
    }


def test_a_picture_has_what_was_spent_what_is_expected_its_bounds_and_the_budget() -> None:
    (chart,) = forecast_picture(ANSWER).charts
    assert isinstance(chart, Lines)
    assert (f"{chart.times[0]:%Y-%m-%d}", len(chart.times)) == ("2026-02-01", 28)
    assert chart.lines["spent"][13:15] == (14.0, None)
    assert chart.lines["expected"][12:14] == (None, 14.0)
    assert set(chart.lines["budget"]) == {25.0}
    assert (chart.low[-1], chart.high[-1]) == (27.0, 29.0)


def test_a_change_of_level_is_in_the_table_and_marked_in_the_picture() -> None:
    changed = {**ANSWER, "base_days": 5, "changed_on": "2026-02-09"}
    assert "\nmean of a day $1.000 over 5 days since 2026-02-09\n" in shown(changed)
    (chart,) = forecast_picture(changed).charts
    assert isinstance(chart, Lines)
    assert {f"{at:%m-%d}": word for at, word in chart.marks.items()} == {"02-09": "level changed"}
    (earlier,) = forecast_picture({**changed, "changed_on": "2026-01-28"}).charts
    assert isinstance(earlier, Lines)
    assert earlier.marks == {}, "no day of this month"


def test_a_picture_tells_its_method_in_words_rather_than_in_a_cell_that_is_cut() -> None:
    picture = forecast_picture(ANSWER)
    assert picture.words == ("Method: the mean of the last 20 complete days",)
    assert "method" not in [row[0] for row in picture.rows]


def test_of_a_month_to_come_nothing_is_said_to_be_spent() -> None:
    """That it is unknown, or zero, says nothing."""
    assert "spent so far" not in shown({**UNKNOWN, "month": "2026-03"})


def test_what_is_billed_in_another_currency_is_shown_as_spent() -> None:
    amounts = {"CNY": "0.0893"}
    assert "spent so far CNY 0.08930\n" in shown({**UNKNOWN, "other_currencies": amounts})
    assert "spent so far $14.00, CNY 0.08930\n" in shown({**ANSWER, "other_currencies": amounts})


def test_without_a_next_step_there_is_no_line_for_it() -> None:
    assert "Next" not in shown({**ANSWER, "next_step": None})
