"""The page, the rows and the picture of cost show what the analysis found."""

from collections.abc import Mapping
from typing import Any

from lambdascope_proxy.pictures.picture import Bars, Lines
from lambdascope_proxy.views.cost import cost_picture, cost_rows, show_cost
from lambdascope_proxy.views.page import Page, Surface

GROUP: Mapping[str, Any] = {
    "group": "orders",
    "calls": 1_200,
    "failures": 3,
    "unpriced_calls": 0,
    "cost_usd": "1.2",
    "share": 0.8,
    "cost_per_call_usd": "0.001",
    "billed_gb_s": 72_000,
    "change_usd": "-0.3",
    "change_share": -0.2,
    "other_currencies": {},
    "other_per_call": {},
    "other_changes": {},
}
YUAN: Mapping[str, Any] = {
    **GROUP,
    "group": "stock",
    "calls": 7,
    "cost_usd": None,
    "share": None,
    "cost_per_call_usd": None,
    "change_usd": None,
    "change_share": None,
    "other_currencies": {"CNY": "2.5"},
    "other_per_call": {"CNY": "0.5"},
    "other_changes": {"CNY": "-0.25"},
}
TREND: Mapping[str, Any] = {"bucket_s": 86_400, "cost_usd": [0.1, None, 0, 0.5], "other_currencies": {}}
NOTHING: Mapping[str, Any] = {"calls": 0, "cost_usd": None, "share": None}
ANSWER: Mapping[str, Any] = {
    "summary": "1,207 calls cost $1.200.",
    "period": {"start": "2026-11-15T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "calls": 1_207,
    "group_by": "function",
    "cost_usd": "1.2",
    "cost_per_call_usd": "0.001",
    "billed_gb_s": 72_000,
    "other_currencies": {"CNY": "2.5"},
    "other_per_call": {"CNY": "0.5"},
    "previous": {"change_usd": "0.1", "change_share": 0.09, "other_changes": {"CNY": "-0.25"}},
    "sources": [{"source": "measured", "calls_share": 0.99}, {"source": "none", "calls_share": 0.01}],
    "waste": {
        "failures": {"calls": 3, "cost_usd": "0.15", "share": 0.125},
        "retries": NOTHING,
        "cold_starts": NOTHING,
        "unused_memory": {"calls": 1_200, "cost_usd": "0.6", "share": 0.5},
    },
    "looking": {"calls": 2, "cost_usd": "0.01"},
    "projection": {"month": "2026-11", "cost_usd": "5.1", "other_currencies": {}, "method": "mean of 7 days x 30 days"},
    "groups": [GROUP, YUAN],
    "trend": {**TREND, "group": None, "other_currencies": {"CNY": [0.5, 0, 0, 2]}},
    "trends": [
        {**TREND, "group": "orders"},
        {**TREND, "group": "stock", "cost_usd": [None] * 4, "other_currencies": {"CNY": [0.5, 0, 0, 2]}},
    ],
    "not_listed": {"groups": 4},
    "next_step": 'recommend_settings(function_name="orders") tells more.',
}


def shown(answer: Mapping[str, Any], width: int = 200) -> str:
    page = Page(Surface(width=width))
    show_cost(answer, page)
    return page.text()


def test_a_page_shows_groups_where_money_went_and_the_command_that_goes_on() -> None:
    lines = shown(ANSWER).splitlines()
    assert lines[0] == "1,207 calls, 2026-11-15 00:00 to 2026-11-22 00:00 UTC"
    assert lines[1] == "1,207 calls cost $1.200."
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert "orders 1,200 3 $1.200 80% $0.001000 -$0.3000 (-20.0%) ▂ ▁█" in text
    assert "stock 7 3 CNY 2.500 CNY 0.5000 CNY -0.2500 ▂▁▁█" in text
    assert "all 1,207 3 $1.200, CNY 2.500 $0.001000 +$0.1000 (+9.0%) ▂ ▁█" in text
    assert "4 more: --top shows more" in text
    assert "failed calls 3 $0.1500 12.5%\nattempts made again 0\n" in text, "not known is not $0"
    assert "prices, share of calls measured 99%, without a price 1%" in text
    assert "2026-11 at this pace $5.100 (mean of 7 days x 30 days)" in text
    assert "asking CloudWatch $0.01000 for 2 questions, not in the sums above" in text
    assert text.endswith("Next: `lambdascope recommend orders` tells more.")


def test_attempts_made_again_that_cannot_be_told_are_unknown_not_none() -> None:
    waste = {**ANSWER["waste"], "retries": {"calls": None, "cost_usd": None, "share": None}}
    text = "\n".join(" ".join(line.split()) for line in shown({**ANSWER, "waste": waste}).splitlines())
    assert "attempts made again unknown\n" in text


def test_on_a_narrow_page_columns_go_and_are_named() -> None:
    text = shown(ANSWER, width=60)
    assert max(len(line) for line in text.splitlines()) <= 60
    assert "too narrow for" in text
    assert "$1.200" in text


def test_the_wide_trend_goes_before_any_figure() -> None:
    text = shown(ANSWER, width=80)
    assert "too narrow for trend\n" in text
    assert "one character of the trend" not in text


def test_days_have_bars_beside_the_dearest_in_place_of_trends() -> None:
    groups = [{**GROUP, "group": f"2026-11-{20 + day}", "cost_usd": cost} for day, cost in enumerate(("1", "4", None))]
    text = shown({**ANSWER, "group_by": "day", "groups": groups, "trends": []})
    assert "By day, in order of time" in text
    assert "4 earlier: --top shows more" in text
    first, second, third = (next(line for line in text.splitlines() if line.startswith(day["group"])) for day in groups)
    assert (first.count("█"), second.count("█"), third.count("█")) == (4, 16, 0)


def test_of_no_calls_only_the_summary_and_the_next_step_are_shown() -> None:
    text = shown({**ANSWER, "calls": 0, "summary": "No calls.", "groups": [], "trends": []})
    assert [line for line in text.splitlines() if line][1:] == [
        "No calls.",
        "Next: `lambdascope recommend orders` tells more.",
    ]


def test_where_there_is_nothing_to_do_next_nothing_is_said_of_it() -> None:
    assert "Next" not in shown({**ANSWER, "next_step": None})


def test_rows_are_the_groups_with_exact_amounts() -> None:
    first, second = cost_rows(ANSWER)
    assert (first["group"], first["cost_usd"], first["other_currencies"]) == ("orders", "1.2", "")
    assert (second["cost_usd"], second["other_currencies"], second["other_changes"]) == (None, "CNY 2.5", "CNY -0.25")


def test_a_picture_has_the_course_of_all_and_a_bar_for_each_group_in_each_currency() -> None:
    """A group in CNY beside those in dollars would have no bar, as if its cost were not known."""
    picture = cost_picture(ANSWER)
    dollars, yuan, in_dollars, in_yuan = picture.charts
    assert isinstance(dollars, Lines)
    assert isinstance(yuan, Lines)
    assert [f"{time:%d}" for time in dollars.times] == ["15", "16", "17", "18"]
    assert (dollars.unit, dollars.lines) == ("USD", {"all": (0.1, None, 0, 0.5), "orders": (0.1, None, 0, 0.5)})
    assert (yuan.unit, yuan.lines) == ("CNY", {"all": (0.5, 0, 0, 2), "stock": (0.5, 0, 0, 2)})
    assert isinstance(in_dollars, Bars)
    assert isinstance(in_yuan, Bars)
    assert (in_dollars.unit, in_dollars.labels, in_dollars.values) == ("USD", ("orders",), (1.2,))
    assert (in_yuan.unit, in_yuan.labels, in_yuan.values) == ("CNY", ("stock",), (2.5,))
    assert picture.title == "Cost: $1.200, CNY 2.500"
    assert len(picture.rows[0]) == len(picture.columns)


def test_a_group_without_any_price_has_a_bar_that_is_not_known() -> None:
    bare = {**GROUP, "group": "bare", "cost_usd": None}
    charts = cost_picture({**ANSWER, "groups": [GROUP, bare], "other_currencies": {}}).charts
    bars = [chart for chart in charts if isinstance(chart, Bars)]
    assert [(each.labels, each.values) for each in bars] == [(("orders", "bare"), (1.2, None))]


def test_a_picture_of_no_calls_has_no_charts() -> None:
    assert cost_picture({**ANSWER, "calls": 0, "other_currencies": {}, "groups": [], "trends": []}).charts == ()
