"""The page, the rows and the picture of latency show what the analysis found."""

from collections.abc import Mapping
from typing import Any

from lambdascope_proxy.pictures.picture import Bars, Bins
from lambdascope_proxy.views.latency import latency_picture, latency_rows, show_latency
from lambdascope_proxy.views.page import Page, Surface

FIGURES: Mapping[str, Any] = {
    "calls": 200,
    "failures": 3,
    "percentiles_ms": {"p50": 72.388, "p95": 1805.16},
    "apdex": 0.925,
    "cold_calls": 4,
    "cold_share": 0.02,
    "cold_p50_ms": 460,
    "cold_p95_ms": 900,
    "warm_p50_ms": 70.1,
    "warm_p95_ms": 600,
    "cold_adds_ms": 389.9,
    "measured_calls": 200,
    "clocks": {
        "proxy": {"mean_ms": 2, "share": 0.02},
        "network_and_platform": {"mean_ms": 5, "share": 0.05},
        "init": {"mean_ms": 7, "share": 0.07},
        "handler": {"mean_ms": 86, "share": 0.86},
    },
}
SLOW: Mapping[str, Any] = {
    "call_id": "0193-a",
    "total_ms": 1990.5,
    "started_at": "2026-11-21T10:00:00.123456Z",
    "function_name": "orders",
    "outcome": "ok",
    "cold_start": True,
}
ANSWER: Mapping[str, Any] = {
    "summary": "200 calls took p50 72.4 ms.",
    "period": {"start": "2026-11-15T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "calls": 200,
    "group_by": "function",
    "overall": FIGURES,
    "clock_p95_ms": {"proxy": 2.5, "network_and_platform": 9.5, "init": None, "handler": 620},
    "groups": [{"group": "orders", "waited_share": 0.7, "figures": FIGURES}],
    "not_listed": {"groups": 4},
    "tail": {"from_ms": 1805.16, "calls": 40, "causes": [{"text": "82 % were cold starts", "lift": 27.3}]},
    "histogram": [{"from_ms": 10, "to_ms": 100, "calls": 150}, {"from_ms": 100, "to_ms": 1000, "calls": 50}],
    "slowest": [SLOW, {**SLOW, "call_id": "0193-b", "cold_start": None, "function_name": None}],
    "notes": [],
    "next_step": 'inspect_execution(call_id="0193-a") shows one.',
}
NOTHING: Mapping[str, Any] = {
    **ANSWER,
    "summary": "The history has no call.",
    "calls": 0,
    "overall": {**FIGURES, "percentiles_ms": {}, "clocks": {}},
    "groups": [],
    "not_listed": {},
    "tail": {"from_ms": None, "calls": 0, "causes": []},
    "histogram": [],
    "slowest": [],
    "next_step": 'analyze_latency(time_range={"last": "30d"}) looks at a longer period.',
}


def page_of(answer: Mapping[str, Any], width: int = 2000) -> str:
    page = Page(Surface(width=width))
    show_latency(answer, page)
    return page.text()


def test_people_see_groups_clocks_causes_the_histogram_and_a_command_to_go_on_with() -> None:
    text = page_of(ANSWER)
    assert text.startswith("200 calls, 2026-11-15 00:00 to 2026-11-22 00:00 UTC\n200 calls took p50 72.4 ms.\n")
    rows = [line.split() for line in text.splitlines()]
    assert ["orders", "200", "70%", "72.39", "1,805", "2%", "460", "70.1", "0.93"] in rows
    assert ["all", "200", "100%", "72.39", "1,805", "2%", "460", "70.1", "0.93"] in rows
    assert "4 more: --top shows more" in text
    assert "network and platform" in text
    assert "- 82 % were cold starts (27.3 times)" in text
    assert "Calls by total time (ms" in text
    assert "0193-a" in text
    assert "Next: `lambdascope inspect 0193-a` shows one." in text


def test_in_eighty_columns_groups_are_a_table_without_what_matters_least() -> None:
    long = {**ANSWER["groups"][0], "group": "team-prod-function-of-a-long-name-19"}
    lines = page_of({**ANSWER, "groups": [long]}, 80).splitlines()
    assert any(line.split() == [long["group"], "200", "70%", "72.39", "1,805", "2%", "0.93"] for line in lines)
    assert "Left out on a page so narrow: warm p50, cold p50" in lines
    slow = {**SLOW, "call_id": "01a1883e-35bc-7000-8df2-71c37b746a79"}
    lines = page_of({**ANSWER, "slowest": [slow]}, 80).splitlines()
    assert any(line.split() == [slow["call_id"], "1,990", "orders", "cold"] for line in lines)


def test_days_are_told_in_order_of_time_and_those_left_out_as_earlier() -> None:
    text = page_of({**ANSWER, "group_by": "day"})
    assert "Total time in ms by day\n" in text
    assert "4 earlier: --top shows more" in text


def test_a_next_step_that_there_is_not_is_not_shown() -> None:
    assert "Next" not in page_of({**ANSWER, "next_step": None})


def test_a_tail_without_a_cause_says_whether_there_was_enough_of_it() -> None:
    tail = {**ANSWER["tail"], "causes": []}
    assert "nothing that could not be chance" in page_of({**ANSWER, "tail": tail})
    assert "Too few to tell" in page_of({**ANSWER, "tail": {**tail, "calls": 4}})


def test_without_calls_there_is_the_summary_and_a_command_that_looks_further() -> None:
    assert page_of(NOTHING).splitlines()[1:] == [
        "The history has no call.",
        "",
        "Next: `lambdascope latency --last 30d` looks at a longer period.",
    ]


def test_unknown_clocks_are_not_shown_as_nothing() -> None:
    assert "where the time went" not in page_of({**ANSWER, "overall": {**FIGURES, "clocks": {}}})


def test_rows_are_flat_and_alike_whatever_is_known_of_a_group() -> None:
    unknown = {"group": "quiet", "waited_share": None, "figures": {**FIGURES, "clocks": {}}}
    first, second = latency_rows({**ANSWER, "groups": [*ANSWER["groups"], unknown]})
    assert (first["group"], first["p95_ms"], first["handler_mean_ms"]) == ("orders", 1805.16, 86)
    assert second["handler_mean_ms"] is None
    assert [*first] == [*second]


def test_the_picture_has_the_histogram_the_groups_and_the_clocks() -> None:
    picture = latency_picture(ANSWER)
    histogram, groups, clocks = picture.charts
    assert isinstance(histogram, Bins)
    assert (histogram.edges, histogram.counts) == ((10, 100, 1000), (150, 50))
    assert histogram.marks == {"p50": 72.388, "p95": 1805.16}
    assert isinstance(groups, Bars)
    assert (groups.title, groups.labels, groups.values) == ("p95 by function", ("orders",), (1805.16,))
    assert isinstance(clocks, Bars)
    assert clocks.values == (2, 5, 7, 86)
    assert len(picture.rows[0]) == len(picture.columns)
    assert picture.words == ("82 % were cold starts (27.3 times)",)


def test_where_p95_was_not_asked_for_the_highest_percentile_is_drawn() -> None:
    figures = {**FIGURES, "percentiles_ms": {"p50": 1.0, "p99.9": 2.0}}
    answer = {**ANSWER, "groups": [{**ANSWER["groups"][0], "figures": figures}], "overall": figures}
    groups = latency_picture(answer).charts[1]
    assert groups.title == "p99.9 by function"


def test_nothing_is_no_picture_of_something() -> None:
    assert latency_picture(NOTHING).charts == ()
    assert latency_picture(NOTHING).rows == ()
