"""What calls cost is what an independent computation over the same rows says; what has no price is never nothing."""

import json
import math
import random
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses.cost import analyse_cost
from lambdascope_analytics.analyses.cost_answer import CostAnswer, Spent
from lambdascope_analytics.analyses.plain import plain
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.statements import statement

Row = dict[str, Any]
Make = Callable[[Sequence[Mapping[str, object]]], History]
START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = START + 20 * DAY
SUCCESSES = ["ok", "accepted", "dry_run"]
RAN = ["function_error", "function_timeout", "out_of_memory", "tool_error", "transport_error", "cancelled"]
GROUPS: dict[str, Callable[[Row], str | None]] = {
    "tool": lambda row: row["tool_name"],
    "client": lambda row: row["client_name"],
    "session": lambda row: row["session_id"],
    "outcome": lambda row: row["outcome"],
    "region": lambda row: row["region"],
    "version": lambda row: version_of(row),
    "hour": lambda row: f"{row['started_at']:%Y-%m-%dT%H:00Z}",
    "day": lambda row: f"{row['started_at']:%Y-%m-%d}",
}


def row_of(number: int, **known: Any) -> Row:
    fields: Row = {
        "call_id": UUID(int=number + (7 << 76) + (2 << 62)),
        "started_at": START,
        "target": "lambda",
        "transport": "http",
        "tool_name": "invoke_function",
        "client_name": "agent",
        "session_id": "s1",
        "function_name": "orders",
        "executed_version": "1",
        "region": "us-east-1",
        "account_id": "1",
        "architecture": "x86_64",
        "invocation_type": "RequestResponse",
        "outcome": "ok",
        "duration_ms": 99.5,
        "billed_ms": 100,
        "init_ms": None,
        "restore_ms": None,
        "cold_start": False,
        "memory_mb": 1024,
        "max_memory_mb": 256,
        "cost_usd": Decimal("0.000002"),
        "cost_source": "measured",
    }
    return {**fields, **known}


def unpriced(number: int, **known: Any) -> Row:
    return row_of(number, **{"cost_usd": None, "cost_source": "none", **known})


def upstream(number: int, cost_usd: str | None = "0.25", **known: Any) -> Row:
    """A call of a tool of another MCP server: no function, no report, and the price that is set for it, if any."""
    of_functions = ("function_name", "executed_version", "region", "account_id", "architecture", "invocation_type")
    measured = ("duration_ms", "billed_ms", "memory_mb", "max_memory_mb", "cold_start")
    price: Row = {"cost_usd": None, "cost_source": "none"}
    if cost_usd is not None:
        price = {"cost_usd": Decimal(cost_usd), "cost_source": "configured"}
    here = {"target": "upstream:shop", "tool_name": "shop__buy", **price}
    return row_of(number, **{**dict.fromkeys((*of_functions, *measured)), **here, **known})


def is_called(row: Row) -> bool:
    return row["target"] == "lambda" or row["target"].startswith("upstream:")


def function_of(row: Row) -> str | None:
    return row["target"] if row["target"].startswith("upstream:") else row["function_name"]


def version_of(row: Row) -> str:
    name = f"{row['region']}:{row['function_name']}:{row['executed_version']}"
    return row["target"] if row["target"].startswith("upstream:") else name


def random_row(dice: random.Random, number: int) -> Row:
    if dice.random() < 0.15:
        return upstream(
            number,
            cost_usd=dice.choice([None, "0", "0.25", "0.000000000001"]),
            started_at=START + timedelta(seconds=dice.randrange(10 * 3600), microseconds=dice.randrange(10**6)),
            target=dice.choice(["upstream:shop", "upstream:files"]),
            outcome=dice.choice(["ok", "ok", "tool_error", "transport_error", "refused"]),
            client_name=dice.choice(["agent", None]),
            session_id=dice.choice(["s1", "s2", None]),
        )
    duration = dice.randrange(1, 400_000) / 1000
    init = dice.choice([None] * 6 + [dice.randrange(50_000, 300_000) / 1000])
    is_restored = init is not None and dice.random() < 0.3
    is_free = dice.random() < 0.2  # an init that was not billed, as before August 2025
    is_event = dice.random() < 0.15
    billed = math.ceil(duration + (0 if is_free else init or 0)) + (dice.randrange(5, 500) if is_event else 0)
    region = dice.choices(["us-east-1", "eu-central-1", "cn-north-1", "xx-nowhere-1"], [8, 4, 1, 1])[0]
    is_billed = dice.random() < 0.9
    has_price = region in ("us-east-1", "eu-central-1") and dice.random() < 0.95
    return row_of(
        number,
        started_at=START + timedelta(seconds=dice.randrange(10 * 3600), microseconds=dice.randrange(10**6)),
        target=dice.choices(["lambda", "cloudwatch", "self"], [9, 1, 1])[0],
        transport=dice.choice(["http", "stdio", "backfill"]),
        host="h",
        pid=dice.choice([1, 2]),
        principal=dice.choice([None, "ada"]),
        request_bytes=dice.choice([100, 200]),
        total_ms=duration + (init or 0) + dice.randrange(90_000),
        tool_name=dice.choice(["invoke_function", "orders", None]),
        client_name=dice.choice(["agent", "other", None]),
        session_id=dice.choice(["s1", "s2", "s3", None]),
        function_name=dice.choice(["orders", "stock"]),
        executed_version=dice.choice(["1", "2"]),
        region=region,
        architecture="x86_64" if region.startswith("cn") else dice.choice(["x86_64", "arm64"]),
        invocation_type="Event" if is_event else "RequestResponse",
        outcome=dice.choice([*SUCCESSES, "ok", "ok", "ok", *RAN, "throttled", "refused"]),
        duration_ms=duration if is_billed else None,
        billed_ms=billed if is_billed else None,
        init_ms=None if is_restored else init,
        restore_ms=init if is_restored else None,
        cold_start=init is not None,
        memory_mb=dice.choice([128, 512, 1769]),
        max_memory_mb=dice.choice([None, 64, 128, 130]) if is_billed else None,
        cost_usd=Decimal(dice.randrange(1, 10**9)).scaleb(-12) if has_price else None,
        cost_source=dice.choice(["measured", "logs", "estimated"]) if has_price else "none",
    )


_dice = random.Random(11)
ROWS = [random_row(_dice, number) for number in range(1_200)]


@pytest.fixture(scope="module")
def past(past_of: Make) -> History:
    """Ten hours of calls of every kind, stored once."""
    return past_of(ROWS)


def total_of(rows: list[Row]) -> Decimal | None:
    known = [row["cost_usd"] for row in rows if row["cost_usd"] is not None]
    return sum(known, Decimal(0)) if known else None


def compute(quantity: Decimal | int, row: Row) -> Decimal:
    """GB-s at the list price; nothing where it is not in dollars."""
    rates = load_rates().regions.get(row["region"])
    if rates is None or rates.currency != "USD":
        return Decimal(0)
    return Decimal(quantity) * rates.prices["compute_gb_s", row["architecture"]]


def cold(rows: list[Row]) -> tuple[int, Decimal]:
    """Billed inits and restores."""
    calls, cost = 0, Decimal(0)
    for row in rows:
        begun = row["init_ms"] if row["init_ms"] is not None else row["restore_ms"]
        if begun is None or row["billed_ms"] is None or row["billed_ms"] + 1 <= row["duration_ms"] + begun:
            continue
        calls += 1
        cost += compute(Decimal(row["memory_mb"]) / 1024 * round(begun * 1000) / 10**6, row)
    return calls, cost


def unused(rows: list[Row]) -> tuple[int, Decimal]:
    known = [row for row in rows if row["max_memory_mb"] is not None]
    # The most that was used may be told as a little more than there was.
    gb = [Decimal(max(0, row["memory_mb"] - row["max_memory_mb"])) / 1024 * row["billed_ms"] / 1000 for row in known]
    return len(known), sum((compute(size, row) for size, row in zip(gb, known, strict=True)), Decimal(0))


def caller_of(row: Row) -> tuple[object, ...] | None:
    """Who made a call: a session, else the process on stdio, else a principal's client with payloads of one size."""
    if row["session_id"]:
        return (row["session_id"],)
    if row["transport"] == "stdio":
        return (row["host"], row["pid"])
    return (row["principal"], row["client_name"], row["request_bytes"]) if row["principal"] else None


def repeated(all_rows: list[Row], start: datetime, end: datetime) -> tuple[int | None, Decimal, int]:
    """Each failure beside all calls: who made it calls again within a minute of its end.

    What an event that was called again took for attempts of Lambda's own is in its price already.
    """
    made = [row for row in all_rows if row["target"] == "lambda" and row["started_at"] < end]
    failed = [row for row in made if row["outcome"] in RAN and row["invocation_type"] != "Event"]
    by_caller: dict[object, list[Row]] = {}
    for row in sorted(made, key=lambda each: (each["started_at"], each["call_id"])):
        by_caller.setdefault((caller_of(row), row["function_name"], row["region"]), []).append(row)
    again: dict[UUID, Row] = {}
    for row in (row for row in failed if caller_of(row)):
        ended = row["started_at"] + timedelta(milliseconds=row["total_ms"])
        theirs = by_caller[caller_of(row), row["function_name"], row["region"]]
        soon = [each for each in theirs if ended <= each["started_at"] <= ended + timedelta(minutes=1)]
        again |= {each["call_id"]: each for each in soon[:1]}
    mine = [row for row in again.values() if row["started_at"] >= start]
    calls, cost = len(mine), sum((row["cost_usd"] or Decimal(0) for row in mine), Decimal(0))
    for row in all_rows:
        if row["target"] != "lambda" or row["invocation_type"] != "Event" or row["billed_ms"] is None:
            continue
        if row["call_id"] in again:
            continue
        last = math.ceil(row["duration_ms"] + (row["init_ms"] or row["restore_ms"] or 0))
        if start <= row["started_at"] < end and row["billed_ms"] - last > 1:
            calls += 1
            rates = load_rates().regions.get(row["region"])
            request = rates.prices["request", row["architecture"]] if rates and rates.currency == "USD" else Decimal(0)
            cost += request + compute(Decimal(row["memory_mb"]) / 1024 * (row["billed_ms"] - last) / 1000, row)
    unknown = sum(caller_of(row) is None and row["started_at"] >= start for row in failed)
    return (None if unknown and not calls else calls), cost, unknown


def near(found: Decimal | None, wanted: Decimal) -> bool:
    """Equal to the twelfth place; a sum of nothing known may be None."""
    return abs((found or Decimal(0)) - wanted) <= Decimal("1e-12")


@settings(max_examples=10, deadline=None)
@given(
    first=st.integers(0, 9 * 3600),
    seconds=st.integers(1, 5 * 3600),
    group_by=st.sampled_from(sorted(GROUPS)),
    function_name=st.sampled_from([None, None, "orders", "upstream:shop"]),
)
def test_every_figure_is_that_of_an_independent_computation(
    past: History, first: int, seconds: int, group_by: str, function_name: str | None
) -> None:
    start, length = START + timedelta(seconds=first, milliseconds=250), timedelta(seconds=seconds)
    ours = [row for row in ROWS if function_name in (None, function_of(row))]
    rows = [row for row in ours if is_called(row)]
    now = [row for row in rows if start <= row["started_at"] < start + length]
    before = [row for row in rows if start - length <= row["started_at"] < start]
    answer = analyse_cost(
        past, start=start, end=start + length, group_by=group_by, top=100, function_name=function_name, now=NOW
    )
    is_whole = was_recorded_since(start - length, now + before, answer.trend.bucket_s)
    check_totals(answer, now, before, is_compared=is_whole)
    is_compared = is_whole and group_by not in ("hour", "day") and bool(before)
    check_groups(answer, now, before, GROUPS[group_by], is_compared=is_compared)
    check_waste(answer, now)
    calls, cost, unknown = repeated(ours, start, start + length)
    assert (answer.waste.retries.calls, answer.waste.retries_unknown_calls) == (calls, unknown)
    assert near(answer.waste.retries.cost_usd, cost)
    looked = [row for row in ours if row["target"] == "cloudwatch" and start <= row["started_at"] < start + length]
    assert (answer.looking.calls, answer.looking.cost_usd) == (len(looked), total_of(looked))
    check_trend(answer, now, start, seconds)


def was_recorded_since(start: datetime, rows: list[Row], bucket_s: int) -> bool:
    """Whether the history goes back so far, or nearly: to within a part of the trend."""
    first = min(row["started_at"] for row in ROWS if is_called(row))
    nearly = min((row["started_at"] for row in rows), default=first) - start
    return first <= start or nearly < timedelta(seconds=bucket_s)


def check_totals(answer: CostAnswer, now: list[Row], before: list[Row], *, is_compared: bool) -> None:
    total, was = total_of(now), total_of(before)
    priced = [row for row in now if row["cost_usd"] is not None]
    assert (answer.calls, answer.cost_usd) == (len(now), total)
    assert answer.unpriced_calls == sum(each.calls for each in answer.unpriced) == len(now) - len(priced)
    assert answer.cost_per_call_usd is None if total is None else near(answer.cost_per_call_usd, total / len(priced))
    billed = [row["memory_mb"] / 1024 * row["billed_ms"] / 1000 for row in now if row["billed_ms"] is not None]
    assert answer.billed_gb_s == (pytest.approx(sum(billed)) if billed else None)
    assert answer.previous is not None
    assert (answer.previous.calls, answer.previous.cost_usd) == (len(before), was)
    assert answer.previous.change_usd == (
        total - was if is_compared and total is not None and was is not None else None
    )
    sources = {row["cost_source"] for row in now}
    assert {each.source: (each.calls, each.cost_usd) for each in answer.sources} == {
        name: (len(those), total_of(those))
        for name, those in ((n, [row for row in now if row["cost_source"] == n]) for n in sources)
    }
    yuan = [row for row in now if row["region"] == "cn-north-1" and row["billed_ms"] is not None]
    wanted = sum(
        (
            Decimal("0.00000136") + Decimal(r["memory_mb"]) / 1024 * r["billed_ms"] / 1000 * Decimal("0.000113477")
            for r in yuan
        ),
        Decimal(0),
    )
    assert set(answer.other_currencies) == ({"CNY"} if yuan else set())
    assert near(answer.other_currencies.get("CNY"), wanted)


def check_groups(
    answer: CostAnswer, now: list[Row], before: list[Row], key: Callable[[Row], str | None], *, is_compared: bool
) -> None:
    names = {key(row) or "(unknown)" for row in now}
    # Of region:function:version the region is named only where two are alike without it.
    without = {name: name.split(":", 1)[1] if name.count(":") == 2 else name for name in names}
    alike = Counter(without.values())
    long = {name if alike[without[name]] > 1 else without[name]: name for name in names}
    assert {group.group for group in answer.groups} == set(long)
    costs = [group.cost_usd for group in answer.groups]
    if answer.group_by in ("hour", "day"):
        assert [group.group for group in answer.groups] == sorted(names)
        assert answer.trends == ()
    else:
        assert costs == sorted(costs, key=lambda cost: (cost is None, -(cost or 0)))
    for group in answer.groups:
        mine, mine_before = (
            [row for row in rows if (key(row) or "(unknown)") == long[group.group]] for rows in (now, before)
        )
        total, was = total_of(mine), total_of(mine_before) if mine_before else Decimal(0)
        assert (group.calls, group.cost_usd) == (len(mine), total)
        assert group.failures == sum(row["outcome"] not in SUCCESSES for row in mine)
        assert group.unpriced_calls == sum(row["cost_usd"] is None for row in mine)
        assert group.share == (
            None if total is None or not answer.cost_usd else pytest.approx(float(total / answer.cost_usd))
        )
        change = total - was if is_compared and total is not None and was is not None else None
        assert group.change_usd == change


def check_waste(answer: CostAnswer, now: list[Row]) -> None:
    failures = [row for row in now if row["outcome"] not in SUCCESSES]
    waste = answer.waste
    assert (waste.failures.calls, waste.failures.cost_usd) == (len(failures), total_of(failures))
    for found, (calls, cost) in ((waste.cold_starts, cold(now)), (waste.unused_memory, unused(now))):
        assert found.calls == calls
        assert near(found.cost_usd, cost)


def check_trend(answer: CostAnswer, now: list[Row], start: datetime, seconds: int) -> None:
    size, begins = answer.trend.bucket_s, math.floor(start.timestamp())
    assert size == math.ceil(seconds / 24)
    count = len(answer.trend.cost_usd)
    assert count == min(24, math.ceil((seconds + 0.25) / size))
    for bucket, value in enumerate(answer.trend.cost_usd):
        mine = [row for row in now if min((row["started_at"].timestamp() - begins) // size, count - 1) == bucket]
        total = total_of(mine)
        wanted = total if mine else Decimal(0)
        # None where the rows begin later, or none has a price.
        assert (value is None and not total) or value == pytest.approx(float(wanted or 0), rel=1e-3)


def answer_of(history: History, **asked: Any) -> CostAnswer:
    return analyse_cost(history, **{"start": START, "end": START + DAY, "now": NOW, **asked})


def test_calls_without_a_price_count_and_say_why(few_of: Make) -> None:
    rows = [
        row_of(0),
        unpriced(1, outcome="accepted", billed_ms=None),
        unpriced(2, outcome="refused", billed_ms=None),
        unpriced(3, outcome="cancelled", billed_ms=None),
        unpriced(4, region="xx-nowhere-1"),
        unpriced(5, region="cn-north-1"),
        unpriced(6, outcome="throttled", billed_ms=None),
    ]
    answer = answer_of(few_of(rows))
    assert (answer.calls, answer.unpriced_calls, answer.cost_usd) == (7, 6, Decimal("0.000002"))
    assert {each.reason: each.calls for each in answer.unpriced} == {
        "nothing was run": 2,
        "the report of the execution is not known (yet)": 1,
        "whether anything ran is not known": 1,
        "no rates for the region or architecture": 1,
        "billed in CNY": 1,
    }
    # 1 GB x 0.1 s x 0.000113477 + one request at 0.00000136
    assert answer.other_currencies == {"CNY": Decimal("0.0000127077")}
    assert "6 calls without a price in dollars, in no sum of them (2: nothing was run;" in " ".join(answer.notes)
    assert "$0.000002000 and CNY 0.00001271" in answer.summary


def test_what_is_billed_in_yuan_has_all_its_figures_in_yuan(few_of: Make) -> None:
    yuan = [unpriced(day, started_at=START + day * DAY, region="cn-north-1") for day in (-2, 0, 1)]
    only = answer_of(few_of(yuan), end=START + 2 * DAY)
    price = Decimal("0.0000127077")  # 1 GB x 0.1 s x 0.000113477 + one request at 0.00000136
    assert (only.other_currencies, only.other_per_call) == ({"CNY": 2 * price}, {"CNY": price})
    assert only.groups[0].other_per_call == {"CNY": price}
    assert only.groups[0].other_changes == {"CNY": price}
    assert only.previous is not None
    assert only.previous.other_changes == {"CNY": price}
    assert (only.projection.cost_usd, only.projection.other_currencies) == (None, {"CNY": 30 * price})
    assert only.projection.method == "mean of 2 days x 30 days"
    assert only.trend.cost_usd == (None,) * 24, "no dollars are spent there"
    spent = [pytest.approx(float(price), rel=1e-3) if part in (0, 12) else 0 for part in range(24)]
    assert list(only.trend.other_currencies["CNY"]) == spent
    both = answer_of(few_of([*yuan, row_of(9, function_name="stock")]), end=START + 2 * DAY)
    assert both.trend.cost_usd == (2e-6, *[0] * 23)
    assert both.trend.other_currencies == only.trend.other_currencies
    assert {trend.group: set(trend.other_currencies) for trend in both.trends} == {"orders": {"CNY"}, "stock": set()}


def test_calls_of_other_servers_count_with_the_prices_set_for_them_beside_those_of_functions(few_of: Make) -> None:
    """Would catch an answer that leaves out every dollar but Lambda's."""
    bought = [upstream(number) for number in (2, 3)]
    odd = [upstream(4, None), upstream(5, None, outcome="refused"), upstream(6, target="upstream:files")]
    history = few_of([row_of(1), *bought, *odd])
    answer = answer_of(history)
    assert (answer.calls, answer.cost_usd, answer.unpriced_calls) == (6, Decimal("0.750002"), 2)
    assert {each.group: (each.calls, each.cost_usd) for each in answer.groups} == {
        "upstream:shop": (4, Decimal("0.50")),
        "upstream:files": (1, Decimal("0.25")),
        "orders": (1, Decimal("0.000002")),
    }
    assert {each.source: each.calls for each in answer.sources} == {"configured": 3, "none": 2, "measured": 1}
    note = "Among these are 5 calls of tools of other MCP servers: $0.7500 at the prices set for them."
    assert note in answer.notes
    assert {each.reason: each.calls for each in answer.unpriced} == {
        "no price is set for these tools of other servers": 1,
        "nothing was run": 1,
    }
    by_tool = answer_of(history, group_by="tool")
    assert {each.group: each.cost_usd for each in by_tool.groups}["shop__buy"] == Decimal("0.75")
    (shop,) = answer_of(history, function_name="upstream:shop").groups
    assert (shop.group, shop.cost_usd) == ("upstream:shop", Decimal("0.50"))


def test_a_history_of_other_servers_alone_has_a_cost_and_no_advice_on_memory(few_of: Make) -> None:
    days = [upstream(number, started_at=START + number * HOUR) for number in range(1, 30)]
    days += [upstream(30, started_at=START + 5.5 * HOUR)]
    answer = answer_of(few_of(days), start=START + 5 * HOUR, end=START + 7 * HOUR)
    assert (answer.calls, answer.cost_usd, answer.billed_gb_s) == (3, Decimal("0.75"), None)
    assert answer.previous is not None
    assert answer.previous.change_usd == Decimal("0.25")
    one = answer_of(few_of(days), function_name="upstream:shop")
    assert one.next_step is not None
    assert one.next_step.startswith("analyze_cost(")
    # All went to failures and unused memory, but the dearest is no function.
    wasted = answer_of(few_of([row_of(1, cost_usd=Decimal(1), max_memory_mb=1), upstream(2, "0.25")]))
    assert "upstream" not in (wasted.next_step or "")


def test_calls_of_other_servers_that_were_made_once_are_found_as_the_latest_and_as_earlier_and_later_ones(
    few_of: Make,
) -> None:
    history = few_of([upstream(1), upstream(2, started_at=NOW + DAY)])
    empty = answer_of(history, start=START + 5 * DAY, end=START + 6 * DAY)
    assert empty.calls == 0
    assert empty.next_step is not None
    assert "looks at the latest calls" in empty.next_step
    assert any("began in the future: 1 call" in note for note in empty.notes)


def test_a_month_is_projected_beside_tools_of_other_servers_that_have_no_price(few_of: Make) -> None:
    """Most servers cost nothing per call: their calls must not make the rest unknown."""
    rows = [row_of(1, cost_usd=Decimal(2)), *(upstream(number, None) for number in range(2, 9))]
    answer = answer_of(few_of(rows), end=START + 2 * DAY, compare_previous=False)
    assert answer.projection.cost_usd == 30


def test_of_calls_that_all_have_no_price_no_cost_is_known(few_of: Make) -> None:
    """A sum that takes NULL for zero would say that they cost nothing."""
    answer = answer_of(few_of([unpriced(0, billed_ms=None)]))
    assert (answer.cost_usd, answer.cost_per_call_usd, answer.projection.cost_usd) == (None, None, None)
    assert answer.groups[0].cost_usd is None
    assert answer.trend.cost_usd[0] is None
    assert "1 call cost an unknown amount (none has a price)" in answer.summary


def test_an_empty_history_and_an_empty_period_have_answers_of_their_own(few_of: Make) -> None:
    empty = answer_of(few_of([]))
    assert (empty.calls, empty.cost_usd, empty.groups, empty.trend.cost_usd) == (0, None, (), (None,) * 24)
    assert empty.next_step == "Make calls with invoke_function, then ask again."
    early = answer_of(few_of([row_of(0)]), start=START + 5 * DAY, end=START + 6 * DAY)
    assert early.calls == 0
    assert early.summary == "No calls of Lambda functions are recorded from 2026-11-06 00:00 to 2026-11-07 00:00 UTC."
    looks = 'analyze_cost(time_range={"start": "2026-10-31T00:00:01Z", "end": "2026-11-01T00:00:01Z"})'
    assert early.next_step == f"{looks} looks at the latest calls."
    assert early.trend.cost_usd == (0.0,) * 24, "there was a history, so nothing was spent"


def test_beyond_the_top_groups_are_counted_not_listed(few_of: Make) -> None:
    rows = [row_of(number, function_name=f"f{number}", cost_usd=Decimal(number + 1)) for number in range(7)]
    answer = answer_of(few_of(rows), top=3)
    assert [group.group for group in answer.groups] == ["f6", "f5", "f4"]
    assert answer.not_listed == {"groups": 4}
    assert answer.cost_usd == 28
    assert [trend.group for trend in answer.trends] == ["f6", "f5", "f4"]


def test_days_are_in_their_order_and_the_top_of_them_are_the_latest(few_of: Make) -> None:
    costs = (9, 1, 3, 2)
    rows = [row_of(day, started_at=START + day * DAY + HOUR, cost_usd=Decimal(usd)) for day, usd in enumerate(costs)]
    asked: Row = {"start": START + timedelta(minutes=30), "end": START + 3 * DAY + 2 * HOUR, "group_by": "day"}
    answer = answer_of(few_of(rows), **asked)
    assert [group.group for group in answer.groups] == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]
    assert "the largest part went to 2026-11-01: $9.000 (60%)" in answer.summary
    assert "2026-11-04 is counted up to 2026-11-04 02:00 UTC only." in answer.notes
    assert "2026-11-01 is counted from 2026-11-01 00:30 UTC on only." in answer.notes
    latest = answer_of(few_of(rows), **asked, top=2)
    assert [group.group for group in latest.groups] == ["2026-11-03", "2026-11-04"]
    assert latest.not_listed == {"groups": 2}
    assert "largest part" not in latest.summary, "the dearest day is not listed"
    whole = answer_of(few_of(rows), group_by="day", end=START + 5 * DAY)
    assert not any("only." in note for note in whole.notes)


def test_two_functions_of_one_name_are_told_apart_by_region_and_account(few_of: Make) -> None:
    rows = [row_of(0, cost_usd=Decimal(3)), row_of(1, account_id="2", cost_usd=Decimal(2))]
    rows.append(row_of(2, region="eu-west-1", cost_usd=Decimal(1)))
    answer = answer_of(few_of(rows))
    assert [group.group for group in answer.groups] == ["1:us-east-1:orders", "2:us-east-1:orders", "eu-west-1:orders"]


def test_a_name_is_told_apart_from_one_that_is_not_listed(few_of: Make) -> None:
    rows = [row_of(0, cost_usd=Decimal(3)), row_of(1, region="eu-west-1", cost_usd=Decimal(1))]
    assert [group.group for group in answer_of(few_of(rows), top=1).groups] == ["us-east-1:orders"]
    rows.append(row_of(2, account_id="2"))
    assert [group.group for group in answer_of(few_of(rows), top=1).groups] == ["1:us-east-1:orders"]


def test_versions_of_two_functions_of_one_name_are_no_group(few_of: Make) -> None:
    rows = [row_of(0, cost_usd=Decimal(3)), row_of(1, region="eu-west-1", cost_usd=Decimal(1))]
    rows.append(row_of(2, executed_version="2"))
    groups = {group.group: group.cost_usd for group in answer_of(few_of(rows), group_by="version").groups}
    assert groups == {"us-east-1:orders:1": 3, "eu-west-1:orders:1": 1, "orders:2": Decimal("0.000002")}


@pytest.mark.parametrize(
    ("name", "cost"),
    [("orders", 14), ("us-east-1:orders", 10), ("eu-west-1:orders", 4), ("210987654321:us-east-1:orders", 2)],
)
def test_a_function_is_found_by_the_label_of_its_group(few_of: Make, name: str, cost: int) -> None:
    places = [("us-east-1", "123456789012", 8), ("us-east-1", "210987654321", 2), ("eu-west-1", "123456789012", 4)]
    rows = [
        row_of(number, region=region, account_id=account, cost_usd=Decimal(cost), started_at=START + number * HOUR)
        for number, (region, account, cost) in enumerate(places)
    ]
    rows += [{**row, "call_id": UUID(int=row["call_id"].int + 8), "started_at": NOW + HOUR} for row in rows]
    answer = answer_of(few_of(rows), function_name=name)
    assert (answer.cost_usd, answer.function_name) == (cost, name)
    later = sum(name in ("orders", f"{region}:orders", f"{account}:{region}:orders") for region, account, _ in places)
    assert (
        f"Not counted, for they began in the future: {later} call{'s' * (later > 1)}. A clock was wrong."
        in answer.notes
    )


def test_midnight_is_an_hour_like_the_others(few_of: Make) -> None:
    history = few_of([row_of(0)])
    assert answer_of(history, group_by="hour").groups[0].group == "2026-11-01T00:00Z"
    assert answer_of(history, group_by="day").groups[0].group == "2026-11-01"


def test_a_change_needs_a_period_before_and_a_history_that_begins_inside_is_said(few_of: Make) -> None:
    first = answer_of(few_of([row_of(0, started_at=START + 2 * HOUR)]))
    assert first.previous is not None
    assert (first.previous.change_usd, first.groups[0].change_usd) == (None, None)
    begins = "The history begins at 2026-11-01 02:00 UTC: nothing is known of what was before"
    assert f"{begins}, so no change is given." in first.notes
    assert first.trend.cost_usd[:3] == (None, None, 2e-06)
    alone = answer_of(few_of([row_of(0, started_at=START + 2 * HOUR)]), compare_previous=False)
    assert alone.previous is None
    assert f"{begins}." in alone.notes


def test_a_period_before_that_is_known_in_part_is_not_compared_with(few_of: Make) -> None:
    """A history that began a day before would tell of a rise by 600 %."""
    rows = [row_of(number, started_at=START + number * DAY, cost_usd=Decimal(1)) for number in range(-1, 7)]
    answer = answer_of(few_of(rows), end=START + 7 * DAY)
    assert answer.previous is not None
    assert (answer.previous.calls, answer.previous.change_usd, answer.previous.change_share) == (1, None, None)
    assert (answer.groups[0].change_usd, answer.groups[0].change_share) == (None, None)
    assert answer.summary == "7 calls cost $7.000 from 2026-11-01 00:00 to 2026-11-08 00:00 UTC."
    assert any("The history begins at 2026-10-31" in note and "no change is given" in note for note in answer.notes)
    whole = answer_of(few_of([*rows, row_of(9, started_at=START - 8 * DAY)]), end=START + 7 * DAY)
    assert whole.previous is not None
    assert whole.previous.change_usd == 6


def test_a_silence_between_is_no_beginning(few_of: Make) -> None:
    answer = answer_of(few_of([row_of(0, started_at=START - 9 * DAY), row_of(1)]))
    assert answer.previous is not None
    assert (answer.previous.calls, answer.previous.change_usd) == (0, None)
    assert "There are no calls in the period before, so no change is given." in answer.notes
    assert not any("begins" in note for note in answer.notes)


def test_a_function_that_is_new_is_compared_with_nothing(few_of: Make) -> None:
    rows = [row_of(0, started_at=START - DAY, function_name="old"), row_of(1, function_name="new")]
    rows.append(row_of(2, function_name="old", cost_usd=Decimal("0.000003")))
    groups = {group.group: group for group in answer_of(few_of(rows)).groups}
    assert (groups["new"].change_usd, groups["new"].change_share) == (Decimal("0.000002"), None)
    assert (groups["old"].change_usd, groups["old"].change_share) == (Decimal("0.000001"), 0.5)


def test_the_month_is_projected_from_the_days_the_history_knows(few_of: Make) -> None:
    rows = [row_of(number, started_at=START + number * DAY, cost_usd=Decimal(2)) for number in range(2)]
    answer = answer_of(few_of(rows), start=START - 5 * DAY, end=START + 2 * DAY, compare_previous=False)
    assert answer.projection.cost_usd == Decimal(4) / 2 * monthrange(2026, 11)[1]
    assert (answer.projection.month, answer.projection.method) == ("2026-11", "mean of 2 days x 30 days")
    short = answer_of(few_of(rows), start=START + 23 * HOUR, end=START + 25 * HOUR)
    assert (short.projection.cost_usd, short.projection.method) == (None, "none: less than a day is known")


def test_a_month_is_not_projected_from_calls_that_mostly_have_no_price(few_of: Make) -> None:
    """As if they cost nothing, four calls in ten would pull the pace of the others down."""
    rows = [row_of(number, started_at=START + number * DAY, cost_usd=Decimal(1)) for number in range(10)]
    known = answer_of(few_of([*rows, unpriced(10, outcome="throttled", billed_ms=None)]), end=START + 10 * DAY)
    assert known.projection.method == "mean of 10 days x 30 days", "what never ran cost nothing"
    some = [*rows, unpriced(10, billed_ms=None)]
    few = answer_of(few_of(some), end=START + 10 * DAY).projection
    assert (few.cost_usd, few.method) == (30, "mean of 10 days x 30 days; 1 of 11 calls have no known price")
    some += [unpriced(number, billed_ms=None) for number in range(11, 14)]
    many = answer_of(few_of(some), end=START + 10 * DAY).projection
    assert (many.cost_usd, many.method) == (None, "none: 4 of 14 calls have no known price")


def test_a_period_ends_now_at_the_latest(few_of: Make) -> None:
    """A day that is to come would be projected as one on which nothing was called."""
    rows = [row_of(number, started_at=START + number * DAY, cost_usd=Decimal(1)) for number in range(3)]
    answer = answer_of(few_of(rows), end=START + 30 * DAY, now=START + 2 * DAY, compare_previous=False)
    assert (answer.calls, answer.period.end, answer.projection.cost_usd) == (2, START + 2 * DAY, 30)
    assert "Not counted, for they began in the future: 1 call. A clock was wrong." not in answer.notes
    late = answer_of(
        few_of([*rows, row_of(9, started_at=START + 3 * DAY)]), end=START + 30 * DAY, now=START + 2.5 * DAY
    )
    assert (late.calls, late.cost_usd) == (3, 3)
    assert "Not counted, for they began in the future: 1 call. A clock was wrong." in late.notes


def test_memory_that_is_told_as_more_than_there_was_is_no_negative_waste(few_of: Make) -> None:
    unused_memory = answer_of(few_of([row_of(0, max_memory_mb=1100)])).waste.unused_memory
    assert (unused_memory.calls, unused_memory.cost_usd) == (1, 0)


def test_a_row_with_absurd_times_overflows_nothing(few_of: Make) -> None:
    absurd: Row = {"billed_ms": 2**62, "duration_ms": 1e300, "init_ms": 1e300, "cold_start": True}
    rows = [row_of(0), row_of(1, **absurd), row_of(2, **absurd, invocation_type="Event")]
    assert answer_of(few_of(rows)).billed_gb_s == 0.1


def test_an_event_that_is_called_again_is_paid_once_with_all_of_its_attempts(few_of: Make) -> None:
    rows = [row_of(0, outcome="function_error", cost_usd=Decimal("0.000002"))]
    again: Row = {"invocation_type": "Event", "billed_ms": 300, "cost_usd": Decimal("0.000006")}
    rows.append(row_of(1, started_at=START + timedelta(seconds=5), **again))
    retries = answer_of(few_of(rows)).waste.retries
    assert retries == Spent(calls=1, cost_usd=Decimal("0.000006"), share=0.75)


@pytest.mark.parametrize("elsewhere", [{"region": "eu-west-1"}, {"account_id": "2"}])
def test_a_call_of_a_function_of_the_same_name_elsewhere_is_none_made_again(few_of: Make, elsewhere: Row) -> None:
    rows = [row_of(0, outcome="function_error"), row_of(1, started_at=START + timedelta(seconds=5), **elsewhere)]
    assert answer_of(few_of(rows)).waste.retries.calls == 0


def test_attempts_of_lambdas_own_are_those_that_a_row_bills_beyond_its_last_one(few_of: Make) -> None:
    row = row_of(0, invocation_type="Event", billed_ms=300, duration_ms=99.5)
    spent = answer_of(few_of([row])).waste.retries
    # 0.2 s of 1 GB and one request
    assert (spent.calls, spent.cost_usd) == (1, Decimal("0.0000166667") / 5 + Decimal("0.0000002"))


@pytest.mark.parametrize(
    ("after_s", "failed", "calls"),
    [(60, {}, 1), (60.1, {}, 0), (30, {"session_id": "other"}, 0), (30, {"outcome": "refused"}, 0)],
)
def test_a_call_again_is_one_that_follows_soon_on_one_that_ran_and_failed(
    few_of: Make, after_s: float, failed: Row, calls: int
) -> None:
    rows = [row_of(0, **{"outcome": "function_error", **failed})]
    rows += [row_of(number, started_at=START + timedelta(seconds=after_s + number)) for number in range(2)]
    retries = answer_of(few_of(rows), start=START, end=START + HOUR).waste.retries
    assert retries.calls == calls
    assert retries == Spent(calls=calls, cost_usd=Decimal("0.000002") if calls else None, share=retries.share)


STDIO: Row = {"session_id": None, "transport": "stdio", "host": "h", "pid": 7}
PRINCIPAL: Row = {"session_id": None, "principal": "ada", "request_bytes": 100}


@pytest.mark.parametrize(
    ("first", "second", "calls"),
    [
        (STDIO, STDIO, 1),
        (STDIO, {**STDIO, "pid": 8}, None),
        (STDIO, {**STDIO, "host": "other"}, None),
        (PRINCIPAL, PRINCIPAL, 1),
        (PRINCIPAL, {**PRINCIPAL, "client_name": "other"}, None),
        (PRINCIPAL, {**PRINCIPAL, "request_bytes": 101}, None),
    ],
)
def test_who_has_no_session_is_known_by_its_process_or_its_principal(
    few_of: Make, first: Row, second: Row, calls: int | None
) -> None:
    """Clients of today have no session: without this all of them would never call again."""
    rows = [row_of(0, outcome="function_error", **first), row_of(1, started_at=START + timedelta(seconds=5), **second)]
    waste = answer_of(few_of(rows)).waste
    assert (waste.retries.calls or None, waste.retries_unknown_calls) == (calls, 0)


def test_advice_on_settings_knows_callers_by_the_same_rule() -> None:
    """Else one answer would count attempts that the other knows nothing of."""
    rules = [
        " ".join(statement(name).split("AS caller,", 1)[0].rpartition("CASE")[2].split())
        for name in ("cost/retries", "sizing/repeats")
    ]
    assert rules[0].startswith("WHEN session_id IS NOT NULL")
    assert rules[0] == rules[1]


def test_of_failures_that_nobody_is_known_to_have_made_it_is_not_known_whether_they_were_made_again(
    few_of: Make,
) -> None:
    nobody: Row = {"session_id": None}
    rows = [row_of(0, outcome="function_error", **nobody), row_of(1, started_at=START + HOUR, **nobody)]
    answer = answer_of(few_of(rows))
    assert answer.waste.retries == Spent(calls=None, cost_usd=None, share=None), "not 0"
    why = "no session, process or principal tells the caller."
    assert f"1 failed call may or may not have been tried again: {why}" in answer.notes
    rows += [row_of(2, outcome="function_error"), row_of(3, started_at=START + timedelta(seconds=9))]
    both = answer_of(few_of(rows))
    assert both.waste.retries.calls == 1
    assert f"1 failed call may or may not have been tried again (so retries may be more): {why}" in both.notes
    fine = answer_of(few_of([row_of(0, **nobody)]))
    assert (fine.waste.retries.calls, fine.waste.retries_unknown_calls) == (0, 0), "nothing failed, so none is repeated"


def test_a_call_again_follows_the_end_of_one_that_ran_long(few_of: Make) -> None:
    long: Row = {"outcome": "function_timeout", "total_ms": 900_000.0}
    rows = [row_of(0, **long), row_of(1, started_at=START + timedelta(seconds=930))]
    assert answer_of(few_of(rows)).waste.retries.calls == 1
    assert answer_of(few_of(rows), start=START + timedelta(seconds=920)).waste.retries.calls == 1
    rows = [row_of(0, **long), row_of(1, started_at=START + timedelta(seconds=30))]
    assert answer_of(few_of(rows)).waste.retries.calls == 0, "begun meanwhile"


def test_a_function_that_is_younger_than_the_history_is_not_where_it_begins(few_of: Make) -> None:
    rows = [row_of(0, function_name="old"), row_of(1, started_at=START + 9 * HOUR)]
    answer = answer_of(few_of(rows), function_name="orders", compare_previous=False)
    assert answer.trend.cost_usd[:3] == (0, 0, 0)
    assert not any("begins" in note for note in answer.notes)


def test_a_failure_just_before_the_period_makes_its_first_call_one_made_again(few_of: Make) -> None:
    rows = [row_of(0, started_at=START - timedelta(seconds=5), outcome="function_error"), row_of(1)]
    assert answer_of(few_of(rows)).waste.retries.calls == 1


def test_a_failure_that_was_repeated_before_the_period_is_not_repeated_in_it(few_of: Make) -> None:
    times = (-9, -5, 1)
    rows = [row_of(number, started_at=START + timedelta(seconds=at)) for number, at in enumerate(times)]
    rows[0]["outcome"] = "function_error"
    assert answer_of(few_of(rows)).waste.retries.calls == 0


def test_calls_from_the_logs_and_from_the_future_are_told(few_of: Make) -> None:
    rows = [row_of(0, transport="backfill"), row_of(1, started_at=NOW + DAY)]
    notes = answer_of(few_of(rows)).notes
    assert "Taken from the logs, not made through the proxy: 1 call." in notes
    assert "Not counted, for they began in the future: 1 call. A clock was wrong." in notes


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"group_by": "colour"}, "group_by"), ({"top": 0}, "top"), ({"end": START}, "start"), ({"now": START}, "start")],
)
def test_what_makes_no_sense_is_refused_by_its_name(few_of: Make, asked: Row, field: str) -> None:
    with pytest.raises(QuestionError) as refused:
        answer_of(few_of([]), **asked)
    assert refused.value.field == field


def test_before_the_calendar_there_is_no_period_to_compare_with(few_of: Make) -> None:
    early = datetime(2, 1, 1, tzinfo=UTC)
    with pytest.raises(QuestionError, match="compare with none"):
        answer_of(few_of([]), start=early)


WITHIN: Final = 'time_range={"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"}'


@pytest.mark.parametrize(
    ("known", "asked", "step"),
    [
        (
            {"outcome": "function_error"},
            {"function_name": "orders", "group_by": "client"},
            f'analyze_errors(function_name="orders", {WITHIN}, group_by="client") tells which.',
        ),
        ({"max_memory_mb": 100}, {}, f'recommend_settings(function_name="orders", {WITHIN}) tells what memory'),
        ({"max_memory_mb": 1000}, {"function_name": "orders"}, 'forecast_cost(function_name="orders") tells'),
        ({"max_memory_mb": 1000}, {"group_by": "day"}, f'analyze_cost(group_by="function", {WITHIN}) tells which'),
        ({"max_memory_mb": 1000}, {"group_by": "day", "function_name": "orders"}, "forecast_cost("),
    ],
)
def test_the_next_step_follows_what_stands_out_and_keeps_the_question(
    few_of: Make, known: Row, asked: Row, step: str
) -> None:
    # Compute at 1 GB and 100 ms is most of the price.
    assert step in (answer_of(few_of([row_of(0, **known)]), **asked).next_step or "")


def test_a_change_is_compared_over_the_period_that_was_asked_about(few_of: Make) -> None:
    rows = [row_of(day, started_at=START + day * DAY, max_memory_mb=1000) for day in (-2, -1, 0)]
    rows.append(row_of(9, max_memory_mb=1000))
    next_step = answer_of(few_of(rows), function_name="orders", group_by="hour").next_step
    compared = WITHIN.replace("time_range=", "b=")
    assert next_step == f'compare_periods(function_name="orders", {compared}) tells what changed.'


def test_a_function_that_nobody_called_is_said_to_be_unknown_with_those_there_are(few_of: Make) -> None:
    rows = [row_of(0), row_of(1, function_name="stock"), row_of(2)]
    answer = answer_of(few_of(rows), function_name="order")
    assert answer.summary.startswith("No calls of order are recorded from 2026-11-01 00:00")
    assert answer.summary.endswith("The history knows no function order, but orders, stock.")
    assert answer.next_step is None, "a longer time would show nothing either"


def test_of_calls_that_cost_no_dollars_no_forecast_is_advised(few_of: Make) -> None:
    assert answer_of(few_of([unpriced(0, region="cn-north-1")])).next_step is None


def test_the_whole_answer_has_a_plain_form(few_of: Make) -> None:
    assert json.loads(json.dumps(plain(answer_of(few_of([row_of(0)])))))["cost_usd"] == "0.000002"
