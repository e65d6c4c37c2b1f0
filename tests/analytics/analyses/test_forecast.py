"""A month's cost is forecast from what the days before it cost, and only where there are enough of them."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.analyses.forecast import forecast_cost
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History

Row = dict[str, Any]
Make = Callable[[Sequence[Mapping[str, object]]], History]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def call(at: datetime, cost_usd: str | None = "1", **known: Any) -> Row:
    fields: Row = {
        "call_id": UUID(int=int(at.timestamp())),
        "started_at": at,
        "target": "lambda",
        "function_name": "orders",
        "outcome": "ok",
        "cost_usd": None if cost_usd is None else Decimal(cost_usd),
    }
    return {**fields, **known}


def daily(days: int, cost_usd: str = "1", now: datetime = NOW, **known: Any) -> list[Row]:
    """A call at six on each of the days before now, and on the day itself."""
    six = now.replace(hour=6, minute=0)
    return [call(six - timedelta(days=number), cost_usd, **known) for number in range(days + 1)]


def test_a_steady_month_is_what_was_spent_and_the_days_to_come(few_of: Make) -> None:
    answer = forecast_cost(few_of(daily(30)), now=NOW)
    # 22 days had their call; half of today and the eight after it are to come.
    assert (answer.month, answer.spent_usd, answer.forecast_usd) == ("2026-11", 22, Decimal("30.5"))
    assert (answer.interval_80, answer.interval_95) == (None, None), "that days were alike makes nothing certain"
    assert (answer.complete_days, answer.mean_day_usd, answer.calls) == (29, 1, 31)
    assert "mean of its weekday over 29 complete days;" in answer.method
    assert (answer.backtest.days, answer.backtest.mean_error_share) == (14, 0)  # type: ignore[union-attr]
    assert answer.summary.startswith("2026-11 is forecast to cost $30.50, $22.00 of it spent so far; no interval")


def test_the_course_of_the_month_ends_with_the_forecast(few_of: Make) -> None:
    course = forecast_cost(few_of(daily(30)), now=NOW).course
    assert course.spent_usd == (*(float(day) for day in range(1, 23)), *(None,) * 8)
    assert course.expected_usd == (*(None,) * 21, *(22.5 + number for number in range(9)))
    assert set(course.low_usd) == set(course.high_usd) == {None}, "nothing ever differed"


def test_days_that_differ_make_an_interval_that_widens_and_never_falls_below_what_is_spent(few_of: Make) -> None:
    rows = [{**row, "cost_usd": Decimal(50 if number % 5 == 0 else 1)} for number, row in enumerate(daily(10))]
    answer = forecast_cost(few_of(rows), now=NOW)
    eighty, ninety_five = answer.interval_80, answer.interval_95
    assert eighty is not None
    assert ninety_five is not None
    assert answer.spent_usd is not None
    assert answer.forecast_usd is not None
    assert answer.spent_usd <= ninety_five.low_usd <= eighty.low_usd < answer.forecast_usd
    assert answer.forecast_usd < eighty.high_usd < ninety_five.high_usd
    assert min(low for low in answer.course.low_usd if low is not None) >= float(answer.spent_usd)
    assert "Not every weekday is known three times: weekends are taken to be like other days." in answer.notes


def test_a_day_without_calls_cost_nothing(few_of: Make) -> None:
    rows = [row for number, row in enumerate(daily(9)) if number % 2]
    answer = forecast_cost(few_of(rows), now=NOW)
    # The first call was nine days ago; of the eight days after it four had one.
    assert (answer.complete_days, answer.mean_day_usd) == (8, Decimal("0.5"))


def test_the_first_day_is_not_complete(few_of: Make) -> None:
    rows = [*daily(5), call(NOW.replace(hour=23) - timedelta(days=6), "99")]
    assert forecast_cost(few_of(rows), now=NOW).mean_day_usd == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no calls are recorded since 2026-09-26"),
        (daily(3), "2 complete days recorded, 3 are needed, $4.000 of it spent so far"),
        (daily(9, None), "no call has a price in dollars"),  # type: ignore[arg-type]
    ],
)
def test_without_enough_to_go_by_there_is_no_forecast(few_of: Make, rows: list[Row], reason: str) -> None:
    answer = forecast_cost(few_of(rows), now=NOW, budget_usd=100)
    assert (answer.forecast_usd, answer.interval_80, answer.interval_95, answer.mean_day_usd) == (None,) * 4
    assert answer.summary.startswith(f"No forecast for 2026-11: {reason}.")
    assert answer.method.startswith("none: ")
    assert answer.budget is not None
    assert answer.budget.chance_exceeded is None
    assert set(answer.course.expected_usd) == {None}


def test_a_budget_has_a_day_on_which_it_is_exceeded_and_a_chance(few_of: Make) -> None:
    rows = [{**row, "cost_usd": Decimal(1 + number % 2)} for number, row in enumerate(daily(10))]
    history = few_of(rows)
    fair = forecast_cost(history, now=NOW).forecast_usd
    assert fair is not None
    even = forecast_cost(history, now=NOW, budget_usd=fair).budget
    assert even is not None
    assert even.chance_exceeded == pytest.approx(0.5, abs=1e-3)
    small = forecast_cost(history, now=NOW, budget_usd="20").budget
    assert small is not None
    assert small.left_usd == 20 - 16
    assert (small.exceeded_on, small.chance_exceeded) == (date(2026, 11, 25), pytest.approx(1, abs=5e-3))
    large = forecast_cost(history, now=NOW, budget_usd=1000.5).budget
    assert large is not None
    assert (large.budget_usd, large.exceeded_on) == (Decimal("1000.5"), None)
    assert large.chance_exceeded == pytest.approx(0, abs=1e-6)


def test_a_budget_that_is_spent_is_exceeded_on_a_day_that_is_past(few_of: Make) -> None:
    answer = forecast_cost(few_of(daily(30)), now=NOW, budget_usd=10)
    assert answer.budget is not None
    assert (answer.budget.left_usd, answer.budget.chance_exceeded) == (-12, 1)
    assert answer.budget.exceeded_on == date(2026, 11, 11)
    assert "It is $12.00 over the budget of $10.00 already." in answer.summary


@pytest.mark.parametrize(("ahead", "month"), [(1, "2026-12"), (2, "2027-01"), (11, "2027-10")])
def test_a_month_to_come_has_nothing_spent_and_all_its_days(few_of: Make, ahead: int, month: str) -> None:
    answer = forecast_cost(few_of(daily(30)), now=NOW, months_ahead=ahead)
    year, number = map(int, month.split("-"))
    assert (answer.month, answer.spent_usd, answer.forecast_usd) == (month, 0, monthrange(year, number)[1])


def test_only_calls_of_the_function_asked_for_count(few_of: Make) -> None:
    rows = [*daily(9), *daily(4, "7", function_name="quotes"), *daily(9, "9", target="cloudwatch")]
    answer = forecast_cost(few_of(rows), now=NOW, function_name="quotes")
    assert (answer.mean_day_usd, answer.complete_days) == (7, 3)
    assert "The history begins on 2026-11-13: what was spent in the month before that is not known." in answer.notes


def test_calls_of_other_servers_are_spent_and_forecast_as_those_of_functions_are(few_of: Make) -> None:
    there: Row = {"target": "upstream:shop", "function_name": None}
    history = few_of([*daily(30), *daily(30, "2", now=NOW + timedelta(minutes=1), **there)])
    every, shop = forecast_cost(history, now=NOW), forecast_cost(history, now=NOW, function_name="upstream:shop")
    assert (every.spent_usd, every.forecast_usd, every.calls) == (66, Decimal("91.5"), 62)
    assert (shop.spent_usd, shop.forecast_usd, shop.next_step) == (44, 61, None)


def test_calls_of_other_servers_without_a_price_are_told_and_leave_no_day_unknown(few_of: Make) -> None:
    """Most servers cost nothing per call; of those that were not answered nobody knows."""
    free = [{**row, "cost_usd": None, "target": "upstream:files", "function_name": None} for row in daily(30)]
    answer = forecast_cost(few_of([*daily(10), *free]), now=NOW)
    assert (answer.unpriced_calls, answer.unpriced_days) == (31, 0)
    assert not any("more than is known" in note for note in answer.notes)
    cut = [{**row, "outcome": "cancelled"} for row in free]
    assert forecast_cost(few_of([*daily(10), *cut]), now=NOW).unpriced_days > 0


def test_calls_without_a_price_are_counted_and_left_out(few_of: Make) -> None:
    rows = [*daily(9), call(NOW - timedelta(hours=1), None), call(NOW + timedelta(hours=1), "99")]
    answer = forecast_cost(few_of(rows), now=NOW)
    assert (answer.unpriced_calls, answer.spent_usd) == (1, 10)
    assert "Left out, for they have no price in dollars: 1 call." in answer.notes


def test_days_whose_calls_all_have_no_price_are_in_no_mean(few_of: Make) -> None:
    """Counted as nothing they would halve the forecast."""
    half = [{**row, "cost_usd": None} if number < 15 else row for number, row in enumerate(daily(30, "10"))]
    answer = forecast_cost(few_of(half), now=NOW)
    assert (answer.mean_day_usd, answer.complete_days, answer.unpriced_days) == (10, 15, 14)
    assert (answer.backtest.days, answer.backtest.mean_error_share) == (12, 0)  # type: ignore[union-attr]
    assert "$70.00 of it spent so far without 15 days of unknown cost" in answer.summary
    assert "15 complete days of known cost" in answer.method
    told = "On 14 of 29 complete days no call has a price: they are in neither the mean nor what was spent."
    assert told in answer.notes


def test_a_day_on_which_nothing_ran_cost_nothing_and_one_with_some_prices_more_than_is_known(few_of: Make) -> None:
    rows = daily(9, "2")
    rows[3] |= {"cost_usd": None, "outcome": "throttled"}
    rows.append(call(NOW - timedelta(days=1), None))
    answer = forecast_cost(few_of(rows), now=NOW)
    assert (answer.mean_day_usd, answer.complete_days, answer.unpriced_days) == (Decimal("1.75"), 8, 0)
    assert "1 day costs more than is known, for calls that ran have no price: 1 of 2." in answer.notes


def test_days_after_the_last_record_are_left_out_and_said_to_be(few_of: Make) -> None:
    """Nobody knows whether the proxy ran: three silent weeks would halve the mean without a word."""
    rows = daily(42, "2")[21:]
    answer = forecast_cost(few_of(rows), now=NOW)
    assert (answer.mean_day_usd, answer.complete_days, answer.silent_days) == (2, 21, 20)
    silence = (
        "Nothing was recorded after 2026-11-01: the 20 days since are left out, for it is not known if the proxy ran."
    )
    assert silence in answer.notes
    running = [*rows, *daily(20, "5", function_name="stock"), call(NOW - timedelta(hours=1), None, target="self")]
    answer = forecast_cost(few_of(running), now=NOW, function_name="orders")
    assert (answer.complete_days, answer.silent_days) == (41, 0)
    assert (answer.mean_day_usd, answer.changed_on, answer.base_days) == (0, date(2026, 11, 2), 20)


def test_a_month_without_calls_has_nothing_spent(few_of: Make) -> None:
    first = datetime(2026, 12, 1, 8, tzinfo=UTC)
    answer = forecast_cost(few_of(daily(30)), now=first)
    assert (answer.month, answer.spent_usd) == ("2026-12", 0)
    assert "$0 of it spent so far" in answer.summary
    unknown = forecast_cost(few_of([*daily(30), call(first - timedelta(hours=1), None)]), now=first)
    assert unknown.spent_usd is None
    assert forecast_cost(few_of([]), now=first).spent_usd is None


def test_tenths_of_a_dollar_add_up_to_the_budget_and_not_beyond_it(few_of: Make) -> None:
    """As floats 0.1 three times is more than 0.3."""
    third = datetime(2026, 11, 3, 12, tzinfo=UTC)
    rows = daily(9, "0.1", now=third)
    spent = forecast_cost(few_of(rows), now=third, budget_usd="0.3").budget
    assert spent is not None
    # Half of today is still to come, at half of a tenth.
    assert (spent.left_usd, spent.exceeded_on) == (0, date(2026, 11, 3))
    whole = forecast_cost(few_of(rows), now=third, budget_usd="3.05")
    assert (whole.forecast_usd, whole.budget.exceeded_on) == (Decimal("3.05"), None)  # type: ignore[union-attr]
    less = forecast_cost(few_of(rows), now=third, budget_usd="3.04")
    assert less.budget.exceeded_on == date(2026, 11, 30)  # type: ignore[union-attr]
    assert less.summary.endswith("It is expected to exceed the budget of $3.040 on 2026-11-30.")
    named = forecast_cost(few_of(rows), now=third, budget_usd="3.04", function_name="orders")
    assert named.next_step == 'recommend_settings(function_name="orders") tells which settings cost less.'


def test_a_function_is_named_with_its_region_as_groups_name_it(few_of: Make) -> None:
    rows = [*daily(9, region="us-east-1"), *daily(9, "7", region="eu-west-1")]
    assert forecast_cost(few_of(rows), now=NOW, function_name="eu-west-1:orders").mean_day_usd == 7


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"months_ahead": -1}, "months_ahead"),
        ({"months_ahead": 12}, "months_ahead"),
        ({"budget_usd": 0}, "budget_usd"),
        ({"budget_usd": "much"}, "budget_usd"),
        ({"budget_usd": float("nan")}, "budget_usd"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(few_of: Make, asked: Row, field: str) -> None:
    with pytest.raises(QuestionError) as refused:
        forecast_cost(few_of([]), now=NOW, **asked)
    assert refused.value.field == field


def test_a_day_ends_at_midnight_utc_wherever_now_is_told(few_of: Make) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=9)))
    assert forecast_cost(few_of(daily(30)), now=local) == forecast_cost(few_of(daily(30)), now=NOW)


def dearer(since: int, weekend: str = "1", **known: Any) -> list[Row]:
    """Six weeks with cheap weekends, of which the last days but today's cost three times as much."""
    rows = daily(42, "4", **known)
    for number, row in enumerate(rows):
        cost = Decimal(weekend) if row["started_at"].weekday() >= 5 else row["cost_usd"]
        # Days that differ a little, as all do.
        row["cost_usd"] = cost * (3 if number <= since else 1) * (99 + number * 7 % 3) / 100
    return rows


def test_where_days_cost_more_now_the_forecast_rests_on_the_days_since(few_of: Make) -> None:
    """Weekday means of six weeks would tell half of it, with an interval that does not hold the truth."""
    answer = forecast_cost(few_of(dearer(5)), now=NOW, function_name="orders")
    assert (answer.changed_on, answer.base_days, answer.complete_days) == (date(2026, 11, 17), 5, 41)
    assert answer.forecast_usd is not None
    assert answer.interval_80 is not None
    # Half of Sunday, Monday to Friday, the weekend and Monday: 6 x 12 + 2.5 x 3.
    to_come = answer.forecast_usd - (answer.spent_usd or 0)
    assert float(to_come) == pytest.approx(79.5, rel=0.02)
    assert answer.interval_80.low_usd < (answer.spent_usd or 0) + Decimal("79.5") < answer.interval_80.high_usd
    assert "the mean of its weekday before 2026-11-17, when the level changed, times 3" in answer.method
    assert "for the 5 complete days since 2026-11-17; interval by Student's t" in answer.method
    (told,) = [note for note in answer.notes if "beyond chance" in note]
    assert told.startswith("From 2026-11-17 on days cost 3")
    assert told.endswith(
        "times as much as the same weekdays before, beyond chance: the forecast rests on the 5 complete days since."
    )
    assert answer.next_step == (
        'compare_periods(function_name="orders", b={"last": "132h"}) tells what changed on 2026-11-17.'
    )


def test_a_change_is_compared_with_days_that_are_recorded(few_of: Make) -> None:
    rows = [{**row, "cost_usd": Decimal(1 + 4 * (number <= 14))} for number, row in enumerate(daily(22))]
    answer = forecast_cost(few_of(rows), now=NOW)
    assert (answer.changed_on, answer.mean_day_usd, answer.base_days) == (date(2026, 11, 8), 5, 14)
    assert "the mean over the 14 complete days since 2026-11-08, when the level changed;" in answer.method
    assert 'a={"start": "2026-10-31T00:00:00Z", "end": "2026-11-08T00:00:00Z"}, b={' in (answer.next_step or "")
    assert any("known three times since 2026-11-08" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("before", "since", "told"),
    [
        (4, 1, "From 2026-11-15 on days cost 25% of what days cost before, beyond chance"),
        (4, 0, "From 2026-11-15 on days cost nothing any more, beyond chance"),
        (0, 4, "Until 2026-11-15 days cost nothing, beyond chance"),
    ],
)
def test_what_became_cheap_ended_or_began_is_said(few_of: Make, before: int, since: int, told: str) -> None:
    rows = [{**row, "cost_usd": Decimal(since if number <= 7 else before)} for number, row in enumerate(daily(18))]
    answer = forecast_cost(few_of(rows), now=NOW)
    assert answer.mean_day_usd == since
    assert f"{told}: the forecast rests on the 7 complete days since." in answer.notes


def foreign(days: int, **known: Any) -> list[Row]:
    billed: Row = {"region": "cn-north-1", "architecture": "x86_64", "memory_mb": 1024, "billed_ms": 100}
    return daily(days, None, **billed, **known)  # type: ignore[arg-type]


def test_what_is_billed_in_cny_is_told_and_not_forecast(few_of: Make) -> None:
    answer = forecast_cost(few_of(foreign(30)), now=NOW)
    # 22 times 1 GB x 0.1 s x 0.000113477 and a request at 0.00000136.
    assert answer.other_currencies == {"CNY": Decimal("0.0002795694")}
    assert (answer.spent_usd, answer.forecast_usd, answer.next_step) == (None, None, None)
    reason = "its calls are not billed in dollars, and nothing else is forecast; CNY 0.0002796 was spent so far."
    assert answer.summary == f"No forecast for 2026-11: {reason}"


def test_calls_billed_in_cny_leave_no_day_of_dollars_unknown(few_of: Make) -> None:
    rows = daily(30) + foreign(30, function_name="quotes")
    answer = forecast_cost(few_of(rows), now=NOW)
    assert (answer.spent_usd, answer.forecast_usd, answer.unpriced_days) == (22, Decimal("30.5"), 0)
    besides = "Besides, CNY 0.0002796 (22 calls, at list price) was spent so far in 2026-11: only dollars are forecast."
    assert besides in answer.notes
    assert not any("more than is known" in note for note in answer.notes)
    assert forecast_cost(few_of(rows), now=NOW, months_ahead=1).other_currencies == {}


def test_who_asks_about_a_function_that_is_not_there_is_told_those_that_are(few_of: Make) -> None:
    history = few_of([*daily(3), call(NOW - timedelta(days=90), function_name="old")])
    answer = forecast_cost(history, now=NOW, function_name="nope")
    assert answer.summary.endswith("The history knows no function nope, but orders, old.")
    assert answer.next_step is None
    gone = forecast_cost(history, now=NOW, function_name="old")
    last = "no calls of old are recorded since 2026-09-26, the last on 2026-08-24."
    assert gone.summary == f"No forecast for 2026-11: {last}"
    empty = forecast_cost(few_of([]), now=NOW, function_name="nope")
    assert empty.next_step == "Make calls with invoke_function, then ask again."
