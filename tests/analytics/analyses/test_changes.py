"""What changed between two periods: figures an independent count has too, verdicts that mind chance."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, log
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses import changes_asked
from lambdascope_analytics.analyses.change_series import Deployment
from lambdascope_analytics.analyses.changes import ComparisonAnswer, compare_periods
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History

Row = dict[str, Any]
Make = Callable[[Sequence[Mapping[str, object]]], History]
START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = START + 30 * DAY
SUCCESSES = {"ok", "accepted", "dry_run"}


def row_of(number: int, at: datetime, dice: random.Random, **known: Any) -> Row:
    handler = round(dice.lognormvariate(4, 0.6), 2)
    row: Row = {
        "call_id": UUID(int=number + (7 << 76) + (2 << 62)),
        "started_at": at,
        "target": "lambda",
        "transport": "http",
        "client_name": "agent",
        "function_name": dice.choice(["orders", "stock"]),
        "executed_version": "1",
        "region": "us-east-1",
        "account_id": "1",
        "outcome": "ok" if dice.random() > 0.05 else "function_error",
        "duration_ms": handler,
        "invoke_ms": handler + 10,
        "total_ms": handler + 12,
        "cost_usd": Decimal(round(handler * 100)).scaleb(-9),
    }
    return {**row, **known}


def made(seed: int = 1) -> list[Row]:
    """Two days of calls; from noon of the second on, a version 2 of `orders` fails and is slow."""
    dice, rows = random.Random(seed), list[Row]()
    for number in range(1200):
        at = START + timedelta(seconds=dice.randrange(2 * 86_400), microseconds=dice.randrange(10**6))
        row = row_of(number, at, dice)
        if row["function_name"] == "orders" and at >= START + 1.5 * DAY:
            slow = row["duration_ms"] * 4
            row |= {"executed_version": "2", "duration_ms": slow, "invoke_ms": slow + 10, "total_ms": slow + 12}
            row |= {"outcome": "function_error"} if dice.random() < 0.6 else {}
        row |= {"cost_usd": None} if dice.random() < 0.25 else {}
        odd: list[Row] = [{"transport": "backfill"}, {"target": "cloudwatch"}, {"outcome": "refused"}]
        row |= dice.choice(odd) if dice.random() < 0.25 else {}
        rows.append(row)
    return rows


ROWS = made()


@pytest.fixture(scope="module")
def past(past_of: Make) -> History:
    """Those two days, stored once."""
    return past_of(ROWS)


def is_ours(row: Row) -> bool:
    return row["target"] == "lambda" and row["transport"] != "backfill"


def quantile(values: list[float], share: float) -> float | None:
    """Interpolated, as pandas and DuckDB do."""
    if not values:
        return None
    ordered, place = sorted(values), (len(values) - 1) * share
    low = int(place)
    return ordered[low] + (ordered[min(low + 1, len(values) - 1)] - ordered[low]) * (place - low)


def figures(rows: list[Row], hours: float) -> dict[str, Any]:
    """The same by plain sums and sorting."""
    tried = [row for row in rows if row["outcome"] != "refused"]
    failed = [row for row in tried if row["outcome"] not in SUCCESSES]
    costs = [row["cost_usd"] for row in rows if row["cost_usd"] is not None]
    return {
        "calls_per_hour": len(rows) / hours,
        "error_rate": len(failed) / len(tried) if tried else None,
        **{f"{clock}_p{q}_ms": quantile([row[column] for row in rows], q / 100) for clock, column, q in QUANTILES},
        "cost_per_call_usd": float(sum(costs)) / len(costs) if costs else None,
        "cost_per_hour_usd": per_hour(costs, rows, hours),
    }


def per_hour(costs: list[Decimal], rows: list[Row], hours: float) -> float | None:
    """Known where at most one call in a hundred of those that ran has no cost."""
    executed = [row for row in rows if row["outcome"] != "refused" or row["cost_usd"] is not None]
    if len(costs) < 0.99 * len(executed):
        return None
    return float(sum(costs)) / hours * (len(executed) / len(costs) if costs else 1)


QUANTILES = [
    (clock, column, q) for clock, column in (("total", "total_ms"), ("handler", "duration_ms")) for q in (50, 95)
]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40), st.integers(1, 8), st.integers(1, 8), st.sampled_from([None, "orders"]))
def test_every_figure_is_that_of_an_independent_count(
    past: History, first: int, length: int, gap: int, function_name: str | None
) -> None:
    start = START + timedelta(hours=first)
    end, before = start + timedelta(hours=length), start - timedelta(hours=gap)
    answer = compare_periods(
        past, start=start, end=end, before_start=before, before_end=start, function_name=function_name, now=NOW
    )
    mine = [row for row in ROWS if is_ours(row) and function_name in (None, row["function_name"])]
    later = [row for row in mine if start <= row["started_at"] < end]
    earlier = [row for row in mine if before <= row["started_at"] < start]
    assert (answer.calls_before, answer.calls_after) == (len(earlier), len(later))
    # Time before the first call of the history is no time without calls.
    begin = max(before, min(row["started_at"] for row in ROWS if is_ours(row)))
    known = (start - begin) / timedelta(hours=1)
    for side, rows, hours in (("before", earlier, known), ("after", later, length)):
        counted = figures(rows, hours)
        for change in answer.changes:
            wanted, found = counted[change.measure], getattr(change, side)
            # A bin of the histogram is two percent wide; most hold one or two values, and are exact.
            assert (found is None) == (wanted is None)
            near = 0.0203 if change.measure.endswith("_ms") else 1e-6
            assert found is None or float(found) == pytest.approx(wanted, rel=near, abs=1e-15)


def changed(answer: ComparisonAnswer) -> dict[str, str]:
    return {change.measure: change.verdict for change in answer.changes if change.is_significant}


def test_what_changed_is_told_of_all_and_of_the_group_it_comes_from_with_the_deployment(past: History) -> None:
    answer = compare_periods(past, start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert changed(answer)["error_rate"] == "higher"
    assert answer.groups[0].group == "orders"
    measures = {change.measure for change in answer.groups[0].changes}
    assert {"error_rate", "total_p95_ms", "handler_p95_ms"} <= measures
    assert [group.group for group in answer.groups] == ["orders"], "nothing happened to stock"
    point = next(point for point in answer.change_points if point.series == "error_rate")
    first = min(row["started_at"] for row in ROWS if row["executed_version"] == "2" and row["target"] == "lambda")
    assert point.start <= first < point.end
    assert point.after > point.before
    assert point.deployed == (Deployment(version="orders:2", first_called=first),)
    tail = next(point for point in answer.change_points if point.series == "total_p95_ms")
    assert tail.start <= first < tail.end
    assert tail.after > 2 * tail.before > 200, "the slowest twentieth, whose lower bound is over 100 ms"
    assert "orders" in answer.summary
    assert "higher" in answer.summary


def test_two_versions_of_a_function_are_compared_within_one_period(past: History) -> None:
    answer = compare_periods(
        past, start=START, end=START + 2 * DAY, function_name="orders", version="2", before_version="1", now=NOW
    )
    assert (answer.before, answer.change_points) == (answer.period, ())
    assert answer.calls_before > answer.calls_after > 50
    verdicts = changed(answer)
    assert (verdicts["error_rate"], verdicts["handler_p50_ms"]) == ("higher", "higher")
    assert "of version 1" in answer.summary
    assert {"calls_per_hour", "cost_per_hour_usd"}.isdisjoint(change.measure for change in answer.changes)
    assert any(note.startswith("Calls and cost per hour are not compared") for note in answer.notes)
    assert (answer.groups, answer.tested_groups) == ((), 0), "the one function is all calls over again"


def test_where_nothing_changed_that_is_the_answer(history_of: Make) -> None:
    dice = random.Random(5)
    rows = [row_of(number, START + timedelta(seconds=dice.randrange(2 * 86_400)), dice) for number in range(800)]
    answer = compare_periods(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert answer.summary.startswith("No significant change: ")
    assert (answer.groups, answer.change_points) == ((), ())
    assert {change.verdict for change in answer.changes} == {"no significant change"}
    assert any("2 groups tested, corrected by Holm's method" in note for note in answer.notes)


def test_an_empty_history_one_side_and_one_row_are_answers_without_verdicts(history_of: Make) -> None:
    dice = random.Random(1)
    asked: Any = {"start": START + DAY, "end": START + 2 * DAY, "now": NOW}
    history = history_of([row_of(1, START + 1.5 * DAY, dice)])
    one = compare_periods(history, **asked)
    assert one.summary == (
        "The history begins after the earlier period, at 2026-11-02T12:00Z: there is nothing to compare 1 call with."
    )
    assert {change.verdict for change in one.changes} == {"too few calls"}
    later: Any = {**asked, "start": START + 5 * DAY, "end": START + 6 * DAY}
    none = compare_periods(history, **later)
    assert none.summary.startswith("No calls were recorded in either period")
    assert (none.calls, none.changes[1].before) == (0, None)
    assert none.next_step is None, "the history does not cover a longer period twice"


def test_what_has_no_cost_and_what_is_odd_is_said(history_of: Make) -> None:
    dice = random.Random(1)
    at = START + 1.5 * DAY
    rows = [row_of(number, at, dice) for number in range(3)]
    rows += [row_of(4, at, dice, region="cn-north-1", cost_usd=None), row_of(5, at, dice, cost_usd=None)]
    rows += [row_of(6, at, dice, transport="backfill"), row_of(7, at, dice, proxy_ms=-1.0)]
    rows += [row_of(8, START + 0.9 * DAY, dice)]
    answer = compare_periods(
        history_of(rows), start=START + DAY, end=START + 2 * DAY,
        before_start=START + 0.8 * DAY, before_end=START + DAY, now=NOW,
    )  # fmt: skip
    assert (answer.calls, answer.unpriced_calls) == (7, 2)
    told = " ".join(answer.notes)
    for part in (
        "differ in length",
        "1 call without a cost: ",
        "1 call without a cost in dollars",
        "1 execution taken from the logs left out",
        "1 call with clocks",
    ):
        assert part in told


def test_time_before_the_first_call_of_the_history_is_no_time_without_calls(history_of: Make) -> None:
    # Would catch a history that is young told as a rate that rose, and its versions as deployed when it began.
    dice = random.Random(3)
    rows = [row_of(number, START + timedelta(minutes=3 * number), dice) for number in range(720)]
    answer = compare_periods(history_of(rows), start=START + DAY, end=START + 1.5 * DAY,
        before_start=START - DAY, before_end=START + DAY, now=NOW)  # fmt: skip
    assert changed(answer) == {}
    assert answer.before.start == START
    assert answer.change_points == ()
    assert any("begins within the periods, at 2026-11-01T00:00Z" in note for note in answer.notes)


def test_of_a_period_before_the_history_nothing_is_known_and_nothing_is_compared(few_of: Make) -> None:
    # Would catch a rate that is said to have risen from zero when there was nothing that recorded calls.
    dice = random.Random(3)
    rows = [row_of(number, START + timedelta(minutes=9 * number), dice) for number in range(320)]
    asked: Any = {"start": START - DAY, "end": START + 2 * DAY, "now": START + 2 * DAY}
    answer = compare_periods(few_of(rows), **asked, group_by="version")
    assert answer.summary.startswith("The history begins after the earlier period, at 2026-11-01T00:00Z: ")
    assert {change.before for change in answer.changes} == {None}
    assert {change.is_significant for change in answer.changes} == {False}
    assert (answer.groups, answer.tested_groups, answer.next_step) == ((), 0, None)


def test_a_change_is_told_within_the_same_whole_hours_whatever_minute_one_asks(past: History) -> None:
    found = set[tuple[datetime, datetime]]()
    for minutes in (0, 7, 19):
        end = START + 2 * DAY - timedelta(minutes=minutes)
        answer = compare_periods(past, start=end - 0.9 * DAY, end=end, now=NOW)
        found |= {(point.start, point.end) for point in answer.change_points if point.series == "error_rate"}
    assert len(found) == 1
    assert {time.timestamp() % 1200 for span in found for time in span} == {0}


def test_a_version_that_was_called_before_the_periods_was_not_deployed_in_them(history_of: Make) -> None:
    rows = made()
    early = row_of(5_000, START - 9 * DAY, random.Random(1), function_name="orders", executed_version="2")
    answer = compare_periods(history_of([early, *rows]), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert answer.change_points
    assert {point.deployed for point in answer.change_points} == {()}


def test_a_group_of_one_period_alone_is_told_as_such(past: History) -> None:
    answer = compare_periods(
        past, start=START + 1.5 * DAY, end=START + 2 * DAY, function_name="orders", group_by="version", now=NOW
    )
    by_version = {group.group: group for group in answer.groups}
    assert by_version["orders:1"].only_in == "before"
    assert by_version["orders:2"].only_in == "after"
    assert by_version["orders:2"].calls_after == answer.calls_after > 50
    assert by_version["orders:2"].changes == ()
    assert "only in the" in answer.summary


def test_a_version_that_was_not_called_is_answered_with_those_that_were(past: History) -> None:
    asked: Any = {"start": START, "end": START + 2 * DAY, "function_name": "orders", "before_version": "1", "now": NOW}
    answer = compare_periods(past, **asked, version="99")
    assert "of version 99 none" in answer.summary
    assert answer.summary.endswith("Called then: 2, 1.")
    assert answer.next_step is not None
    assert answer.next_step.startswith(
        'compare_periods(function_name="orders", version="2", before_version="1", b={"start": "2026-11-01T00:00:00Z", '
    )
    assert {change.verdict for change in answer.changes} == {"too few calls"}


@pytest.mark.parametrize("name", ["us-east-1:orders", "123456789012:us-east-1:orders"])
def test_a_function_may_be_named_with_its_region_and_account(few_of: Make, name: str) -> None:
    dice = random.Random(1)
    where = {"function_name": "orders", "account_id": "123456789012"}
    rows = [row_of(number, START + timedelta(minutes=9 * number), dice, **where) for number in range(300)]
    rows += [{**row, "call_id": UUID(int=row["call_id"].int + 1000), "region": "eu-west-1"} for row in rows]
    history = few_of(rows)
    asked: Any = {"start": START + DAY, "end": START + 1.5 * DAY, "now": NOW}
    answer = compare_periods(history, **asked, function_name=name)
    assert 2 * answer.calls == compare_periods(history, **asked, function_name="orders").calls > 0
    # Would catch versions of namesakes in two regions told as one.
    assert compare_periods(history, **asked, group_by="version").tested_groups == 2


def test_nobody_waited_for_asynchronous_calls_so_they_have_no_latency(few_of: Make) -> None:
    dice = random.Random(1)
    rows = [row_of(number, START + timedelta(minutes=9 * number), dice) for number in range(300)]
    rows: list[Row] = [
        {**row, "invocation_type": "Event", "total_ms": 1e6} if place % 3 else row for place, row in enumerate(rows)
    ]
    answer = compare_periods(few_of(rows), start=START + DAY, end=START + 1.5 * DAY, now=NOW)
    p95 = next(change for change in answer.changes if change.measure == "total_p95_ms")
    assert p95.after is not None
    assert float(p95.after) < 1e4
    late = [row for row in rows if START + DAY / 2 <= row["started_at"] < START + 1.5 * DAY]
    waited = sum(row.get("invocation_type") is None for row in late)
    assert f"{len(late) - waited} asynchronous calls left out of latency: nobody waited for them." in answer.notes


def test_groups_of_any_name_have_their_latency(few_of: Make) -> None:
    # Would catch groups that are told apart by where a text names them, if that were counted in bytes.
    dice = random.Random(1)
    clients = ("支払い 1", "zahlung", None, "支払い 1")
    rows = list[Row]()
    for number in range(720):
        row = row_of(number, START + timedelta(minutes=4 * number), dice, client_name=clients[number % 4])
        is_slow = number % 4 == 1 and row["started_at"] > START + DAY
        rows.append({**row, "total_ms": row["total_ms"] * (9 if is_slow else 1)})
    answer = compare_periods(few_of(rows), start=START + DAY, end=START + 2 * DAY, group_by="client", now=NOW)
    assert answer.tested_groups == 3
    assert [(group.group, {change.measure for change in group.changes}) for group in answer.groups] == [
        ("zahlung", {"total_p50_ms", "total_p95_ms"})
    ]


def test_how_many_calls_are_slower_than_all_and_than_their_group_is_counted_by_bucket(past: History) -> None:
    # Would catch a group measured by the median of all, or all by that of a group: both waver by something else then.
    recorded = list[list[dict[str, Any]]]()

    class Recording:
        def query(self, sql: str, params: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
            recorded.append(past.query(sql, params))
            return recorded[-1]

        def within(self, after: datetime | None, before: datetime | None) -> Any:
            return nullcontext(self)

    history: Any = Recording()
    compare_periods(history, start=START + DAY, end=START + 2 * DAY, now=NOW)
    rows = next(rows for rows in recorded if rows and "kind" in rows[0])
    mine = [row for row in ROWS if is_ours(row)]
    for name in ("orders", "stock", None):
        times = sorted(row["total_ms"] for row in mine if name in (None, row["function_name"]))
        middle = floor(log(times[ceil(len(times) / 2) - 1]) * 50)
        wanted = sum(floor(log(time) * 50) > middle for time in times)
        places = {row["place"] for row in rows if row["kind"] == "bucket"}
        column = "above_p50" if name else "above_all_p50"
        of_total = [row for row in rows if row["kind"] == "bucket" and row["clock"] == 0]
        sums = {place: sum(row[column] for row in of_total if row["place"] == place) for place in places}
        assert wanted in sums.values() if name else wanted == sum(sums.values())


def test_of_very_many_calls_some_tell_the_latency_and_that_is_said(
    past: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Any = {"start": START + DAY, "end": START + 2 * DAY, "now": NOW}
    every = {change.measure: change for change in compare_periods(past, **asked).changes}
    monkeypatch.setattr(changes_asked, "MOST_TIMED", 400)
    answer = compare_periods(past, **asked)
    some = {change.measure: change for change in answer.changes}
    assert some["error_rate"].after == every["error_rate"].after
    assert some["cost_per_call_usd"].after == every["cost_per_call_usd"].after
    median = [float(found["total_p50_ms"].before or 0) for found in (every, some)]
    assert median[1] != median[0]
    assert median[1] == pytest.approx(median[0], rel=0.3)
    assert any(note.startswith("Latency is that of one call in 3: ") for note in answer.notes)


@pytest.mark.parametrize(("calls", "one_in"), [(0, 1), (1_500_000, 1), (1_500_001, 3), (10_000_000, 7), (10**12, 257)])
def test_the_more_calls_the_fewer_of_them_are_timed(calls: int, one_in: int) -> None:
    assert changes_asked.sample_for(calls) == one_in


def test_what_is_drawn_is_there_if_asked_for_with_a_gap_between_the_periods(past: History) -> None:
    asked: Any = {"start": START + DAY, "end": START + 1.5 * DAY, "now": NOW}
    assert compare_periods(past, **asked).series == ()
    begin, end = START + DAY / 12, START + DAY / 3
    answer = compare_periods(past, **asked, before_start=begin, before_end=end, with_series=True)
    rate = next(series for series in answer.series if series.series == "calls_per_hour")
    assert (rate.starts[0], rate.starts[-1]) == (begin, START + DAY * 1.5 - DAY / 144)
    assert [start for start, value in zip(rate.starts, rate.values, strict=True) if value is None] == [end]
    # A minute of a bucket of ten would be drawn as six times as many or none.
    early: Any = {**asked, "start": START + DAY - timedelta(minutes=1)}
    short = compare_periods(past, **early, before_start=begin, before_end=end, with_series=True)
    assert START + DAY - timedelta(minutes=1) not in short.series[0].starts


STEPS = [
    ({"start": START + DAY}, 'analyze_errors(function_name="orders", time_range={"last": "1d"}) shows which errors.'),
    (
        {"start": START + DAY, "function_name": "orders", "group_by": "client"},
        'analyze_errors(function_name="orders", time_range={"last": "1d"}, group_by="client") shows which errors.',
    ),
    (
        {"start": START, "function_name": "orders", "version": "2", "before_version": "1"},
        'analyze_errors(function_name="orders", time_range={"last": "2d"}, group_by="version") shows which errors.',
    ),
    (
        {"start": START + 2 * DAY, "end": START + 2.1 * DAY, "now": START + 9 * DAY, "group_by": None},
        (
            'compare_periods(b={"start": "2026-11-02T02:24:00Z", "end": "2026-11-03T02:24:00Z"}) has more calls to '
            "tell a change from chance by."
        ),
    ),
    # Of a longer one the history does not hold twice as much.
    ({"start": START + DAY, "function_name": "stock"}, None),
]


@pytest.mark.parametrize(("asked", "step"), STEPS)
def test_the_next_step_keeps_what_was_asked_and_what_the_history_covers(
    past: History, asked: dict[str, Any], step: str | None
) -> None:
    usual: dict[str, Any] = {"end": START + 2 * DAY, "now": START + 2 * DAY}
    assert compare_periods(past, **{**usual, **asked}).next_step == step


def test_costs_that_are_not_known_yet_are_no_fall(history_of: Make) -> None:
    dice = random.Random(3)
    rows = [row_of(number, START + timedelta(minutes=3 * number), dice) for number in range(960)]
    rows = [{**row, "cost_usd": None} if row["started_at"] > START + DAY and place % 2 else row
            for place, row in enumerate(rows)]  # fmt: skip
    answer = compare_periods(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert "cost" not in answer.summary
    (hourly,) = [change for change in answer.changes if change.measure == "cost_per_hour_usd"]
    assert (hourly.after, hourly.verdict) == (None, "cost not known")
    told = "Cost per hour is not compared: 240 of 960 executed calls have no known cost."
    assert told in answer.notes


def test_a_group_has_its_latency_compared_whatever_kind_its_calls_are_of(history_of: Make) -> None:
    # Would catch groups that are ranked by all calls for one figure, and by those that were waited for in another.
    dice, rows = random.Random(6), list[Row]()
    for minute in range(2 * 24 * 60):
        at = START + timedelta(minutes=minute)
        known = row_of(minute, at, dice, function_name=f"f{minute % 24:02}")
        if minute % 24 == 23:
            slow = known["duration_ms"] * (4 if at >= START + DAY else 1)
            known |= {"duration_ms": slow, "invoke_ms": slow + 10, "total_ms": slow + 12}
            rows += [
                row_of(10_000 + 60 * minute + second, at, dice, function_name="f23", outcome="accepted", invoke_ms=None)
                for second in range(2)
            ]
        rows.append(known)
    answer = compare_periods(history_of(rows), start=START + DAY, end=START + 2 * DAY, now=NOW)
    assert {change.measure for change in answer.groups[0].changes} >= {"total_p50_ms", "handler_p50_ms"}
    assert [group.group for group in answer.groups] == ["f23"]


def test_the_other_period_may_be_the_later_one(history_of: Make, few_of: Make) -> None:
    dice = random.Random(3)
    rows = [row_of(number, START + timedelta(minutes=9 * number), dice) for number in range(320)]
    asked: Any = {"start": START, "end": START + DAY, "before_start": START + DAY, "before_end": START + 2 * DAY}
    assert "in the other, later period" in compare_periods(history_of(rows), **asked, now=NOW).summary
    one = compare_periods(few_of(rows[:1]), **asked, now=NOW)
    assert one.summary == "Only the earlier period has calls (1), the later period none: there is nothing to compare."


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"group_by": "hour"}, "group_by"),
        ({"top": 0}, "top"),
        ({"before_start": START}, "before_start"),
        ({"before_start": START, "before_end": START + 1.5 * DAY}, "before_end"),
        ({"version": "2"}, "version"),
        ({"version": "2", "before_version": "1"}, "function_name"),
        ({"version": "2", "before_version": "2", "function_name": "orders"}, "before_version"),
        (
            {
                "version": "2",
                "before_version": "1",
                "function_name": "orders",
                "before_start": START,
                "before_end": START + DAY,
            },
            "before_start",
        ),
    ],
)
def test_a_senseless_question_is_refused_by_its_field(past: History, asked: dict[str, Any], field: str) -> None:
    parameters: Any = {"start": START + DAY, "end": START + 2 * DAY, "now": NOW, **asked}
    with pytest.raises(QuestionError) as refused:
        compare_periods(past, **parameters)
    assert refused.value.field == field
