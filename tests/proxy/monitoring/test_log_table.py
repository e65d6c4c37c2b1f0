"""Rows of Logs Insights as a table: typed, named, priced, scrubbed, and cut to what an answer holds."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.log_question import log_question
from lambdascope_proxy.monitoring.log_table import KEPT_CHARS, SHOWN_CHARS, LogTable, table_of
from lambdascope_proxy.selection import Function

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))
REQUEST = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"


@pytest.fixture
def table(function_of: Callable[..., Function]) -> Callable[..., LogTable]:
    """The table of these rows, for a preset or a query about functions."""

    def make(
        rows: Sequence[Mapping[str, str]],
        preset: str = "",
        functions: Sequence[Function] = (),
        most_bytes: int = 65_536,
    ) -> LogTable:
        arguments = {"preset": preset} if preset else {"query": "fields @message"}
        question = log_question(functions or [function_of()], HOUR, arguments)
        return table_of(question, rows, Scrubber().text, most_bytes=most_bytes)

    return make


def test_a_query_keeps_the_names_and_texts_of_insights_in_the_order_they_come(table: Callable[..., LogTable]) -> None:
    made = table([{"a": "1"}, {"b": "x | y\nz", "a": "2"}])
    assert made.columns == ("a", "b")
    assert made.rows == [["1", None], ["2", "x | y\nz"]]
    assert made.text(1000) == ("a | b\n1 | NULL\n2 | x \\| y\\nz", 2)


def test_a_preset_has_typed_columns_and_no_function_where_there_is_one(table: Callable[..., LogTable]) -> None:
    row = {"@timestamp": "2026-11-22 10:00:00.003", "request_id": REQUEST, "duration_ms": "41.370", "billed_ms": "42"}
    made = table([{**row, "function_name": "123456789012:/aws/lambda/orders"}], "slowest")
    names = ("time", "request_id", "duration_ms", "init_ms", "billed_ms", "memory_mb", "max_memory_mb")
    assert made.columns == names
    assert made.rows == [["2026-11-22T10:00:00.003Z", REQUEST, 41.37, None, 42, None, None]]


@pytest.mark.parametrize("preset", list(PRESETS))
def test_raw_events_are_no_answer_to_a_preset(table: Callable[..., LogTable], preset: str) -> None:
    # What a stand-in for AWS gives that does not know the query language: a table of nothing but NULL.
    raw = {"@timestamp": "2026-11-22 10:00:00.003", "@message": "REPORT", "@log": "/aws/lambda/orders"}
    with pytest.raises(CallFailed, match=f"did not answer preset {preset}"):
        table([raw], preset)


def test_functions_are_called_by_their_names_whatever_tells_them_apart(
    table: Callable[..., LogTable], function_of: Callable[..., Function]
) -> None:
    functions = [function_of("orders"), function_of("billing", log_group="/shop")]
    told = ["123456789012:/aws/lambda/orders", "billing", "123456789012:/shop", "123456789012:/other"]
    made = table([{"function_name": each, "memory_mb": "128"} for each in told], "memory", functions)
    assert [row[0] for row in made.rows] == ["orders", "billing", "billing", "123456789012:/other"]


def test_the_most_expensive_are_priced_as_the_history_prices_them(
    table: Callable[..., LogTable], function_of: Callable[..., Function]
) -> None:
    functions = [function_of(architecture="arm64", ephemeral_storage_mb=1024)]
    rows = [{"billed_ms": "601", "memory_mb": "256"}, {"billed_ms": "601"}]
    made = table(rows, "most_expensive", functions)
    price = price_invocation(
        load_rates(),
        region="us-east-1",
        architecture="arm64",
        memory_mb=256,
        billed_ms=601,
        ephemeral_storage_mb=1024,
    )
    assert made.columns[-1] == "cost_usd"
    assert Decimal(made.rows[0][-1]) == price.amount.quantize(Decimal("1e-12"))
    assert made.rows[1][-1] is None


def test_a_region_without_known_prices_costs_nothing_known(
    table: Callable[..., LogTable], function_of: Callable[..., Function]
) -> None:
    made = table([{"billed_ms": "1", "memory_mb": "128"}], "most_expensive", [function_of(region="mars-north-1")])
    assert made.rows[0][-1] is None


def test_secrets_are_masked_also_where_a_value_is_cut(table: Callable[..., LogTable]) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"  # the access key of AWS's documentation
    made = table([{"@message": f"key {secret}"}, {"@message": f"{'x ' * (KEPT_CHARS // 2 - 4)}{secret} tail"}])
    assert secret[:8] not in json.dumps(made.rows)
    assert made.rows[0][0] == "key [masked]"


def test_rows_beyond_the_bytes_are_left_out_and_long_values_cut(table: Callable[..., LogTable]) -> None:
    made = table([{"a": "x" * 400}] * 100, most_bytes=4_096)
    assert (len(made.rows), made.is_cut) == (10, True)
    assert len(json.dumps(made.rows)) < 4_300
    assert table([{"a": "y" * 30_000}]).rows[0][0].endswith("... (cut: 30000 characters)")


def test_the_text_shows_whole_rows_within_its_bytes_and_the_beginning_of_long_values(
    table: Callable[..., LogTable],
) -> None:
    made = table([{"a": "é" * 1000}] * 10)
    text, shown = made.text(2_000)
    assert shown == 3
    assert text.splitlines()[1] == "é" * SHOWN_CHARS + "..."
    assert len(text.encode()) <= 2_000


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text()), max_size=20), st.integers(1024, 4096))
def test_whatever_comes_fits(rows: list[dict[str, str]], most_bytes: int) -> None:
    function = Function(name="orders", arn="arn", region="us-east-1", account_id="123456789012")
    question = log_question([function], HOUR, {"query": "fields a"})
    made = table_of(question, rows, lambda text: text, most_bytes=most_bytes)
    size = sum(len(json.dumps(cell, ensure_ascii=False).encode(errors="replace")) for row in made.rows for cell in row)
    assert size <= most_bytes
    assert len(made.text(most_bytes)[0].encode(errors="replace")) <= max(most_bytes, 5)
    assert all(len(row) == len(made.columns) for row in made.rows)


def test_a_cell_is_whatever_type_the_preset_says(table: Callable[..., LogTable]) -> None:
    made: Any = table([{"last_seen": "1795341600003", "attempts": "2", "request_id": REQUEST}], "timeouts")
    assert made.rows[0][:3] == ["2026-11-22T10:00:00.003Z", REQUEST, 2]
