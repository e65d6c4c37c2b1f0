"""Advice on one function's settings, from a history as the proxy writes it to the answer as a program gets it."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.analyses.named import analyse
from lambdascope_analytics.analyses.plain import plain
from lambdascope_analytics.analyses.sizing import recommend_settings
from lambdascope_analytics.analyses.sizing_answer import SizingAnswer
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History, open_history

END = datetime(2026, 10, 31, tzinfo=UTC)
START = END - timedelta(days=10)
NOW = END + timedelta(days=1)
USUAL: dict[str, Any] = {
    "target": "lambda",
    "transport": "http",
    "region": "us-east-1",
    "account_id": "123456789012",
    "architecture": "x86_64",
    "runtime": "python3.13",
    "invocation_type": "RequestResponse",
    "outcome": "ok",
    "cold_start": False,
    "memory_mb": 1024,
    "max_memory_mb": 150,
    "session_id": "s",
    "request_bytes": 20,
    "attempts": 1,
}


def rows_of(name: str, count: int, **given: Any) -> list[dict[str, Any]]:
    """Calls of a function spread over the ten days, 40 to 60 ms each."""
    chance = random.Random(name)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        took = round(chance.uniform(40, 60), 2)
        row = {
            **USUAL,
            "function_name": name,
            "call_id": str(UUID(int=(int.from_bytes(name.encode()[:4], "big") + count << 64) | (7 << 76) | number)),
            "started_at": START + number * timedelta(days=10) / count,
            "duration_ms": took,
            "billed_ms": ceil(took),
            "total_ms": took + 5,
            "cost_usd": Decimal("0.0000012"),
        }
        rows.append(row | given)
    return rows


def busy() -> list[dict[str, Any]]:
    """One call after another all the last day, so that an environment is never idle; every tenth is a cold start."""
    every = timedelta(days=1) / 500
    cold = {"cold_start": True, "init_ms": 4_000.0}
    return [
        row | {"started_at": END - (number + 1) * every} | (cold if number % 10 == 0 else {})
        for number, row in enumerate(rows_of("busy", 500, duration_ms=172_000.0, billed_ms=172_000))
    ]


def rows() -> list[dict[str, Any]]:
    moved = rows_of("moved", 30) + rows_of("moved", 31, region="eu-west-1")
    china = rows_of("china", 60, region="cn-north-1", cost_usd=None)
    refused = rows_of("refused", 3, outcome="refused", **dict.fromkeys(("duration_ms", "billed_ms", "memory_mb")))
    small = {"memory_mb": 512, "architecture": "arm64"}
    long = [row | {"billed_ms": row["billed_ms"] * 100} for row in rows_of("tried", 300, **small)]
    tried = [*long, *rows_of("tried", 1, started_at=END - timedelta(hours=1))]
    both = [*rows_of("both", 60), *rows_of("both", 61, memory_mb=512)]
    stuck = rows_of("stuck", 60, outcome="function_timeout", duration_ms=60_000.0, billed_ms=60_000)
    few = [*rows_of("few", 5), *rows_of("one", 1)]
    return [*rows_of("orders", 1200), *few, *busy(), *moved, *china, *refused, *tried, *both, *stuck]


@pytest.fixture(scope="module")
def history(past_of: Callable[..., History]) -> History:
    return past_of(rows())


def ask(history: History, name: str, **given: Any) -> SizingAnswer:
    usual: dict[str, Any] = {"start": START, "end": END, "now": NOW}
    return recommend_settings(history, function_name=name, **{**usual, **given})


def test_every_setting_is_judged_or_refused_and_the_amounts_are_those_of_the_rows(history: History) -> None:
    answer = ask(history, "orders", timeout_s=30)
    assert {one.setting.split(" by ")[0] for one in (*answer.recommendations, *answer.refusals)} == {
        "memory",
        "architecture",
        "timeout",
        "provisioned concurrency",
        "SnapStart",
        "retries",
    }
    billed_ms = sum(row["billed_ms"] for row in rows_of("orders", 1200))
    memory = next(one for one in answer.recommendations if one.setting == "memory")
    # Ten days make a third of a month; half the memory at equal duration.
    gb_s = Decimal(billed_ms) * 512 / 1024 / 1000
    assert memory.saves_usd_month is None, "less than a cent"
    assert f"saves up to ${gb_s * 3 * Decimal('0.0000166667'):.4f} a month" in memory.why
    assert (answer.calls, answer.executions, answer.unpriced_calls, answer.month_factor) == (1200, 1200, 0, 3.0)
    assert answer.summary.startswith("orders (1024 MB, x86_64, 1,200 executions): no change recommended. Not judged: ")


def test_a_stray_call_is_not_the_size_in_use_and_what_it_is_not_is_not_saved(history: History) -> None:
    usual = rows_of("tried", 300)
    answer = ask(history, "tried")
    assert (answer.memory_mb, answer.architecture, answer.executions, answer.calls) == (512, "arm64", 300, 301)
    bill = sum(row["billed_ms"] for row in usual) * 100 * Decimal(512) / 1024 / 1000 * 3 * Decimal("0.0000133334")
    memory = next(one for one in answer.recommendations if one.setting == "memory")
    assert (memory.current, memory.suggested) == ("512 MB", "256 MB")
    assert memory.saves_usd_month == (bill / 2).quantize(Decimal("1e-6"))
    assert not next(one for one in answer.recommendations if one.setting == "architecture").is_change
    assert "1 at 1024 MB x86_64 ran besides, of which nothing is saved" in answer.notes[1]


def test_the_size_that_is_set_is_judged_where_it_ran(history: History) -> None:
    assert ask(history, "both").memory_mb == 512, "the newest"
    assert ask(history, "both", memory_mb=1024, architecture="x86_64").memory_mb == 1024
    assert ask(history, "both", memory_mb=2048, architecture="x86_64").memory_mb == 512, "that one never ran"


def test_snapstart_and_provisioned_concurrency_are_not_advised_together(history: History) -> None:
    answer = ask(history, "busy", start=END - timedelta(days=1))
    found = {one.setting: one for one in answer.recommendations}
    assert (found["provisioned concurrency"].is_change, found["provisioned concurrency"].suggested) == (
        True,
        "1 all day",
    )
    assert not found["SnapStart"].is_change
    assert "together with provisioned concurrency, which saves more" in found["SnapStart"].why
    assert "so they do not add up" in answer.notes[0]


def test_where_every_call_times_out_nothing_is_saved_and_the_timeouts_are_looked_at(history: History) -> None:
    answer = ask(history, "stuck")
    (change,) = [one for one in answer.recommendations if one.is_change]
    assert (change.setting, change.suggested) == ("timeout", "see first why 60 timed out")
    assert {"memory", "architecture"} <= {one.setting for one in answer.refusals}
    assert str(answer.next_step).startswith(
        'analyze_errors(function_name="stuck", time_range={"start": "2026-10-21T00:00:00Z", '
        '"end": "2026-10-31T00:00:00Z"}) tells why 60 of 60 executions failed'
    )


def test_the_answer_by_name_is_plain_json_that_begins_and_ends_as_every_answer(history: History) -> None:
    found = plain(analyse(history, "sizing", {"function_name": "orders", "start": START, "end": END}, now=NOW))
    assert list(found)[:3] == ["summary", "period", "calls"]
    assert list(found)[-2:] == ["notes", "next_step"]
    assert json.loads(json.dumps(found)) == found


def test_a_small_sample_gets_refusals_that_say_what_is_enough(history: History) -> None:
    for name, count in (("few", 5), ("one", 1)):
        answer = ask(history, name)
        assert (answer.recommendations, answer.calls) == ((), count)
        assert answer.summary.startswith(f"{name} (1024 MB, x86_64, {count} executions): nothing can be advised yet.")
        assert [one.setting for one in answer.refusals if "at least" not in one.missing] == []
        assert answer.next_step == f"Ask again once {name} was called at least 50 times."


def test_a_longer_period_is_proposed_only_where_the_history_has_enough_in_it(history: History) -> None:
    late = {"start": END - timedelta(hours=9)}
    step = str(ask(history, "orders", **late).next_step)
    again = 'recommend_settings(function_name="orders", time_range={"start": "2026-10-21T00:00:00Z", "end": "'
    assert step == again + '2026-10-31T00:00:00Z"}) rests on 1,200 executions.'
    stray = ask(history, "tried", start=END - timedelta(minutes=61), end=END - timedelta(minutes=50))
    assert (stray.memory_mb, stray.executions) == (1024, 1)
    assert stray.next_step == "Ask again once tried was called at least 50 times.", "it ran at another size before"
    few = ask(history, "few", start=END - timedelta(days=5))
    assert 0 < few.executions < 5
    assert few.next_step == "Ask again once few was called at least 50 times.", "five in all are too few"


def test_where_no_change_is_advised_there_is_no_next_step_that_would_lead_around(history: History) -> None:
    answer = ask(history, "orders", timeout_s=30)
    assert "no change recommended" in answer.summary
    assert answer.next_step is None


def test_without_rows_the_answer_says_what_to_do(history: History) -> None:
    for name, given, told in (
        ("orders", {"start": END, "end": END + timedelta(days=1)}, "has no calls of orders in this period"),
        ("unheard-of", {}, "knows no function unheard-of, but "),
    ):
        answer = ask(history, name, **given)
        assert (answer.calls, answer.executions, answer.memory_mb) == (0, 0, None)
        assert told in answer.summary
    latest = ask(history, "orders", start=END, end=END + timedelta(days=1)).next_step
    assert str(latest).startswith(
        'recommend_settings(function_name="orders", time_range={"start": "2026-10-21T00:00:00Z"'
    )
    assert ask(history, "unheard-of").next_step is None


def test_calls_that_never_ran_are_no_evidence(history: History) -> None:
    answer = ask(history, "refused")
    assert (answer.calls, answer.executions) == (3, 0)
    assert "never ran" in answer.summary
    assert "analyze_errors" in str(answer.next_step)


def test_a_name_in_two_regions_is_asked_back_and_then_one_of_them_answered(history: History) -> None:
    with pytest.raises(QuestionError, match=r"region is needed .*: eu-west-1, us-east-1"):
        ask(history, "moved")
    answer = ask(history, "moved", region="eu-west-1")
    assert answer.calls == 31
    assert ask(history, "eu-west-1:moved") == answer
    assert ask(history, "123456789012:eu-west-1:moved").calls == 31
    with pytest.raises(QuestionError, match="region is 'us-east-1', but the function is named 'eu-west-1:moved'"):
        ask(history, "eu-west-1:moved", region="us-east-1")


def test_china_is_told_in_yuan(history: History) -> None:
    answer = ask(history, "china")
    assert answer.unpriced_calls == 60
    assert all(one.saves_usd_month is None for one in answer.recommendations)
    assert "CNY" in next(one.why for one in answer.recommendations if one.setting == "memory")
    assert any("no compute_gb_s price for arm64 in cn-north-1" in one.missing for one in answer.refusals)


@pytest.mark.parametrize("timeout_s", [0, 0.5, 5_401, float("nan")])
def test_a_timeout_no_function_can_have_is_refused(history: History, timeout_s: float) -> None:
    with pytest.raises(QuestionError, match="timeout_s is"):
        ask(history, "orders", timeout_s=timeout_s)


def test_a_range_that_ends_in_the_future_is_scaled_by_what_is_over(history: History) -> None:
    answer, over = (ask(history, "orders", end=END + timedelta(days=days), now=END) for days in (20, 0))
    assert (answer.month_factor, answer.period.end) == (3.0, END)
    assert answer == over, "concurrency and retries, too, are of what is over"


def test_an_empty_history_is_no_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_history(tmp_path_factory.mktemp("empty") / "history") as empty:
        answer: Mapping[str, Any] = plain(ask(empty, "orders"))
    assert (answer["calls"], answer["recommendations"]) == (0, [])
    assert answer["next_step"].startswith("Make calls with invoke_function")
