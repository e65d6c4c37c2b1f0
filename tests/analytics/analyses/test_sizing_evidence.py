"""The figures advice rests on, against the same computed one by one from the rows that were stored."""

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from statistics import variance
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_evidence import (
    MOST_ORDERED,
    Evidence,
    Level,
    Place,
    Size,
    in_use_first,
    ordered_period,
    read_levels,
    read_repeats,
    read_sizes,
)
from lambdascope_analytics.history import History

START = datetime(2026, 10, 1, 22, 30, tzinfo=UTC)
PERIOD = Period(start=START, end=START + timedelta(hours=3))
FUNCTIONS = [f"fn-{number}" for number in range(6)]
SIZES = [(memory_mb, architecture) for memory_mb in (256, 512) for architecture in ("x86_64", "arm64")]
FAILURES = ("function_error", "function_timeout", "out_of_memory", "throttled", "transport_error")
Row = Mapping[str, Any]


def row_of(chance: random.Random, number: int, function: str) -> Row:
    """One call, anything a proxy may store of it: it ran or not, was billed or not, cold or not."""
    at = START - timedelta(minutes=20) + timedelta(microseconds=chance.randrange(int(3.6 * 3600e6)))
    outcome = chance.choice(("ok", "ok", "ok", "accepted", "invalid_arguments", *FAILURES))
    ran = outcome in ("ok", "function_error", "function_timeout", "out_of_memory") or chance.random() < 0.1
    cold = ran and chance.random() < 0.3
    kind = chance.choice(("RequestResponse", "RequestResponse", "Event", None))
    duration = round(chance.expovariate(1 / 400_000), 2) + 0.01 if ran else None
    init = round(chance.uniform(100, 900), 2) if cold else None
    billed = None if duration is None or chance.random() < 0.05 else ceil(duration + (init or 0))
    if kind == "Event" and billed is not None and chance.random() < 0.5:
        billed += chance.randrange(2, 5_000)
    return {
        "call_id": str(UUID(int=(number << 64) | (7 << 76))),
        "started_at": at,
        "target": "cloudwatch" if chance.random() < 0.05 else "lambda",
        "transport": chance.choice(("stdio", "http", "cli", "backfill")),
        "function_name": function,
        "region": "eu-west-1",
        "account_id": "123456789012",
        "architecture": chance.choice(("x86_64", "arm64")),
        "runtime": chance.choice(("python3.12", "python3.13", None)),
        "invocation_type": kind,
        "outcome": outcome,
        "session_id": chance.choice(("s1", "s2", None)),
        "host": "h",
        "pid": chance.choice((1, 2)),
        "total_ms": round((duration or 1) + chance.uniform(1, 50), 3),
        "duration_ms": duration,
        "billed_ms": billed,
        "init_ms": init,
        "overhead_ms": chance.choice((1.0, None, -1.0)),
        "cold_start": cold if ran else None,
        "memory_mb": chance.choice((256, 512)) if ran else None,
        "max_memory_mb": chance.randrange(40, 200) if ran and chance.random() < 0.9 else None,
        "request_bytes": chance.choice((10, 20)),
        "attempts": chance.choice((1, 1, 3)),
        "cost_usd": None if billed is None else Decimal("0.000001"),
    }


def relay(number: int) -> list[Row]:
    """Calls that begin in the very microsecond in which the one before ends, from the range's start to its end."""
    quiet = {**row_of(random.Random(1), number, "relay"), "target": "lambda", "outcome": "ok"}
    lengths = {"duration_ms": 60_000.0, "billed_ms": 60_000, "init_ms": None, "cold_start": False, "memory_mb": 256}
    return [
        {
            **quiet,
            **lengths,
            "call_id": str(UUID(int=((number + minute) << 64) | (7 << 76))),
            "started_at": START + timedelta(minutes=minute),
        }
        for minute in range(181)
    ]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    chance = random.Random(5)
    calls = [row_of(chance, number, FUNCTIONS[number % len(FUNCTIONS)]) for number in range(6 * 160)]
    return [*calls, *relay(50_000)]


@pytest.fixture(scope="module")
def history(rows: list[Row], past_of: Callable[..., History]) -> History:
    return past_of(rows)


def of(rows: Sequence[Row], function: str) -> list[Row]:
    return [
        row
        for row in rows
        if row["function_name"] == function
        and row["target"] == "lambda"
        and PERIOD.start <= row["started_at"] < PERIOD.end
    ]


def quantile(values: Sequence[float], q: float) -> float | None:
    """Linear between the two nearest ranks."""
    if not values:
        return None
    ordered = sorted(values)
    at = (len(ordered) - 1) * q
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def known(rows: Sequence[Row], name: str) -> list[Any]:
    return [row[name] for row in rows if row[name] is not None]


def expected_size(rows: Sequence[Row]) -> dict[str, Any]:
    successes = [row for row in rows if row["outcome"] in ("ok", "accepted")]
    alike = [
        row for row in rows if row["outcome"] == "ok" and not row["cold_start"] and row["invocation_type"] != "Event"
    ]
    billed = known(alike, "billed_ms")
    cut = [row for row in rows if row["outcome"] == "function_timeout"]
    took = known(successes, "duration_ms")
    runtimes = sorted((row["started_at"], row["runtime"]) for row in rows if row["runtime"])
    return {
        "region": "eu-west-1",
        "last_region": "eu-west-1",
        "account_id": "123456789012",
        "last_account_id": "123456789012",
        "runtime": runtimes[-1][1] if runtimes else None,
        "first_at": min(row["started_at"] for row in rows),
        "last_at": max(row["started_at"] for row in rows),
        "calls": len(rows),
        "from_logs": sum(row["transport"] == "backfill" for row in rows),
        "executions": len(known(rows, "duration_ms")),
        "failed": sum(row["outcome"] not in ("ok", "accepted") for row in rows if row["duration_ms"] is not None),
        "unpriced_calls": sum(row["cost_usd"] is None and row["duration_ms"] is not None for row in rows),
        "skewed_calls": sum(row["overhead_ms"] == -1.0 for row in rows),
        "billed_ms": sum(known(rows, "billed_ms")) if known(rows, "billed_ms") else None,
        "with_billed_ms": len(known(rows, "billed_ms")),
        "successes": len(took),
        "success_p999_ms": quantile(took, 0.999),
        "success_longest_ms": max(took, default=None),
        "alike": len(billed),
        "alike_billed_ms": sum(billed) if billed else None,
        "alike_variance": variance(billed) if len(billed) > 1 else None,
        "alike_p95_ms": quantile(known(alike, "duration_ms"), 0.95),
        "memory_reports": len(known(rows, "max_memory_mb")),
        "memory_max_mb": max(known(rows, "max_memory_mb"), default=None),
        "memory_p999_mb": quantile(known(rows, "max_memory_mb"), 0.999),
        "out_of_memory": sum(row["outcome"] == "out_of_memory" for row in rows),
        "timeouts": len(cut),
        "timeouts_billed_ms": sum(known(cut, "billed_ms")) if known(cut, "billed_ms") else None,
        "timeout_ms": max(known(cut, "duration_ms"), default=None),
        "cold_starts": sum(row["cold_start"] is True for row in rows),
        "init_ms": sum(known(rows, "init_ms")) if known(rows, "init_ms") else None,
        "init_count": len(known(rows, "init_ms")),
        "init_p50_ms": quantile(known(rows, "init_ms"), 0.5),
        "init_p95_ms": quantile(known(rows, "init_ms"), 0.95),
        "init_p99_ms": quantile(known(rows, "init_ms"), 0.99),
        "restores": 0,
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_size_has_the_figures_of_its_rows(history: History, rows: list[Row], function: str) -> None:
    found = read_sizes(history, Place(function_name=function), PERIOD)
    mine = of(rows, function)
    assert sum(size.calls for size in found) == len(mine)
    assert len(found) == len({(row["memory_mb"], row["architecture"]) for row in mine})
    assert [size.last_at for size in found] == sorted((size.last_at for size in found), reverse=True)
    for size in found:
        those = [row for row in mine if (row["memory_mb"], row["architecture"]) == (size.memory_mb, size.architecture)]
        for name, value in expected_size(those).items():
            told = getattr(size, name)
            assert told == (pytest.approx(value, rel=1e-9) if isinstance(told, float) else value), name


@pytest.mark.parametrize(("function", "size"), [*zip(FUNCTIONS, itertools.cycle(SIZES), strict=False)])
def test_how_many_ran_at_once_is_what_lies_over_one_another(
    history: History, rows: list[Row], function: str, size: tuple[int, str]
) -> None:
    """Counted stretch by stretch: between two moments in which something began or ended nothing changes."""
    ran = [row for row in of(rows, function) if (row["memory_mb"], row["architecture"]) == size]
    spans = [(row["started_at"], row["started_at"] + timedelta(microseconds=us(row)), row) for row in ran]
    moments = sorted({moment for start, end, _ in spans for moment in (start, end)})
    expected: dict[tuple[int, int], list[float]] = {}
    for begin, end in itertools.pairwise(moments):
        if at_once := sum(start <= begin < stop for start, stop, _ in spans):
            cell = expected.setdefault((begin.hour, at_once), [0, 0, 0.0])
            cell[0] += (end - begin) // timedelta(microseconds=1)
            for start, _, row in spans:
                if start == begin and row["cold_start"]:
                    cell[1] += 1
                    cell[2] += row["init_ms"]
    found = levels_of(history, function, size)
    assert {(each.hour_utc, each.level): [each.level_us, each.cold_starts] for each in found} == {
        key: cell[:2] for key, cell in expected.items()
    }
    for each in found:
        assert each.init_ms == pytest.approx(expected[each.hour_utc, each.level][2])
    busy = sum(us(row) for row in ran)
    assert sum(each.level * each.level_us for each in found) == busy, "Little's law: no busy time is lost"
    assert sum(each.begun for each in found) == len(ran)


def levels_of(history: History, function: str, size: tuple[int, str]) -> tuple[Level, ...]:
    return read_levels(history, Place(function_name=function), PERIOD, memory_mb=size[0], architecture=size[1])


def us(row: Row) -> int:
    return round(row["duration_ms"] * 1000)


def caller(row: Row) -> str | None:
    return row["session_id"] or (f"h {row['pid']}" if row["transport"] == "stdio" else None)


def earlier_ms(row: Row) -> int:
    if row["invocation_type"] != "Event" or row["billed_ms"] is None:
        return 0
    return row["billed_ms"] - ceil(row["duration_ms"] + (row["init_ms"] or 0))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_repeats_are_the_same_callers_next_calls_after_a_failure(
    history: History, rows: list[Row], function: str
) -> None:
    mine = sorted(of(rows, function), key=lambda row: row["started_at"])
    repeats: list[Row] = []
    for name in {caller(row) for row in mine} - {None}:
        # Who sends an event is not told how it ended.
        theirs = [row for row in mine if caller(row) == name and row["invocation_type"] != "Event"]
        for before, row in itertools.pairwise(theirs):
            since = row["started_at"] - before["started_at"] - timedelta(milliseconds=before["total_ms"])
            if (
                before["outcome"] in FAILURES
                and row["request_bytes"] == before["request_bytes"]
                and timedelta() <= since <= timedelta(seconds=60)
            ):
                repeats.append(row)
    found = read_repeats(history, Place(function_name=function), PERIOD)
    failed = [row for row in mine if row["outcome"] in (*FAILURES, "invalid_arguments") and row["billed_ms"]]
    retried = [row for row in mine if earlier_ms(row) > 1]
    assert [one.architecture for one in found] == ["arm64", "x86_64"]
    total = {name: sum(getattr(one, name) for one in found) for name in found[0].__slots__ if name != "architecture"}
    assert total == {
        "executions": len(known(mine, "duration_ms")),
        "failed": len(failed),
        "failed_mb_ms": sum(row["billed_ms"] * row["memory_mb"] for row in failed),
        "repeats": len(repeats),
        "repeats_ok": sum(row["outcome"] == "ok" for row in repeats),
        "repeats_mb_ms": sum(row["billed_ms"] * row["memory_mb"] for row in repeats if row["billed_ms"]),
        "callerless": sum(caller(row) is None and row["invocation_type"] != "Event" for row in mine),
        "event_calls": sum(row["invocation_type"] == "Event" for row in mine),
        "event_retried": len(retried),
        "event_retried_ok": sum(row["outcome"] in ("ok", "accepted") for row in retried),
        "event_retried_mb_ms": sum(earlier_ms(row) * row["memory_mb"] for row in retried),
        "throttled_attempts": 2 * sum(row["attempts"] == 3 for row in mine),
    }


def test_the_rows_have_repeats_overlaps_and_retries_to_find(history: History) -> None:
    """Without them the tests above would hold of nothing."""
    levels: list[Level] = []
    repeats = retried = 0
    for function in FUNCTIONS:
        levels += [level for size in SIZES for level in levels_of(history, function, size)]
        found = read_repeats(history, Place(function_name=function), PERIOD)
        repeats += sum(one.repeats for one in found)
        retried += sum(one.event_retried for one in found)
    assert max(each.level for each in levels) >= 3
    assert min(repeats, retried) >= 5


def test_one_after_another_is_not_at_once_and_the_end_is_not_of_the_range(history: History) -> None:
    place = Place(function_name="relay")
    ((memory_mb, architecture),) = [(s.memory_mb, s.architecture) for s in read_sizes(history, place, PERIOD)]
    levels = read_levels(history, place, PERIOD, memory_mb=memory_mb, architecture=architecture)
    assert {(each.hour_utc, each.level) for each in levels} == {(hour, 1) for hour in (22, 23, 0, 1)}
    assert sum(each.level_us for each in levels) == PERIOD.seconds * 1e6
    assert [size.calls for size in read_sizes(history, place, PERIOD)] == [180]
    assert [one.executions for one in read_repeats(history, place, PERIOD)] == [180]


def test_a_place_narrows_the_rows(history: History) -> None:
    for place in (Place(function_name="fn-0", region="us-east-1"), Place(function_name="fn-0", account_id="0")):
        assert read_sizes(history, place, PERIOD) == []
        assert read_levels(history, place, PERIOD, memory_mb=256, architecture="arm64") == ()
        assert read_repeats(history, place, PERIOD) == ()


def test_only_as_many_are_put_in_order_as_can_be_and_in_whole_days() -> None:
    month = Period(start=START, end=START + timedelta(days=30))
    assert ordered_period(month, MOST_ORDERED) == month
    assert ordered_period(month, MOST_ORDERED * 3) == Period(start=month.end - timedelta(days=10), end=month.end)
    assert ordered_period(month, MOST_ORDERED * 1000) == Period(start=month.end - timedelta(days=1), end=month.end)
    assert ordered_period(PERIOD, MOST_ORDERED * 1000) == PERIOD


Make = Callable[..., Size]


def test_a_trial_of_a_few_calls_is_not_the_size_in_use(size_of: Make) -> None:
    trial, usual, old = size_of(memory_mb=1024, executions=49), size_of(), size_of(memory_mb=256, architecture="arm64")
    assert in_use_first([trial, usual, old], None, None) == (usual, trial, old)


def test_the_size_that_is_set_is_the_one_in_use_where_enough_ran_or_memory_ran_out(size_of: Make) -> None:
    newest, older = size_of(), size_of(memory_mb=256, architecture="arm64")
    assert in_use_first([newest, older], 256, "arm64")[0] is older
    assert in_use_first([newest, older], 256, None)[0] is older, "the architecture may not be known"
    assert in_use_first([newest, older], 256, "x86_64")[0] is newest, "what is set never ran"
    for few, expected in (
        (size_of(memory_mb=128, executions=1), 512),
        (size_of(memory_mb=128, executions=1, out_of_memory=1), 128),
    ):
        assert in_use_first([few, newest], 128, "x86_64")[0].memory_mb == expected


def test_where_no_size_has_enough_the_newest_is_judged_by_what_it_lacks(size_of: Make) -> None:
    few = [size_of(memory_mb=memory, executions=40) for memory in (1024, 512)]
    assert in_use_first(few, 512, "x86_64") == tuple(few)


@pytest.mark.parametrize(("timeout_s", "cut_off"), [(None, 7), (3.0, 7), (2.0, 7), (30.0, 0)])
def test_calls_that_a_lower_timeout_cut_off_before_say_nothing_of_the_one_of_now(
    size_of: Make, evidence_of: Callable[..., Evidence], timeout_s: float | None, cut_off: int
) -> None:
    assert evidence_of(size_of(timeouts=7, timeout_ms=3_000.4), timeout_s=timeout_s).cut_off == cut_off


def test_failing_is_more_than_one_in_twenty(size_of: Make) -> None:
    assert [size_of(failed=failed).is_failing for failed in (0, 100, 101)] == [False, False, True]
