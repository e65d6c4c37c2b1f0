"""What is said of an answer of Logs Insights: the text within its budget, the data, and what a reader must know."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import LogAnswer
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.log_answer import LogFindings, data_of, notes_of, text_of
from lambdascope_proxy.monitoring.log_question import log_question
from lambdascope_proxy.monitoring.log_table import table_of
from lambdascope_proxy.selection import Function

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))
RAW = {"query": "fields @message"}


@pytest.fixture
def findings(function_of: Callable[..., Function]) -> Callable[..., LogFindings]:
    """Findings of a question about `orders`; give what matters."""

    def make(
        rows: list[dict[str, str]], arguments: Mapping[str, Any] = RAW, most_bytes: int = 65_536, **changes: Any
    ) -> LogFindings:
        question = log_question([changes.pop("function", function_of())], HOUR, arguments)
        more, is_complete = changes.pop("more", False), changes.pop("is_complete", True)
        bill = Bill(region="us-east-1", queries=1, scanned_bytes=2_000_000)
        answer = LogAnswer(
            rows=rows,
            matched=1_200,
            scanned_records=34_000,
            scanned_bytes=2_000_000,
            status="Complete" if is_complete else "Running",
            is_complete=is_complete,
            shortfall="" if is_complete else "it did not end in time (60 s)",
            more=more,
            query_id="q",
            bill=bill,
        )
        table = table_of(question, rows, lambda text: text, most_bytes=most_bytes)
        known: dict[str, Any] = {"is_cached": False, "bill": bill, **changes}
        return LogFindings(question=question, table=table, answer=answer, **known)

    return make


def test_the_text_says_what_was_asked_found_scanned_and_paid_and_what_to_ask_next(
    findings: Callable[..., LogFindings],
) -> None:
    text = text_of(findings([{"@message": "hello"}]))
    assert text.splitlines() == [
        "query over the logs of orders, 2026-11-22T10:00:00Z to 2026-11-22T11:00:00Z",
        "@message",
        "hello",
        "1 row",
        "1,200 of 34,000 records matched, 2,000,000 bytes scanned, $0.000010000000.",
        'Next: inspect_execution(request_id="...") shows everything about one request.',
    ]


def test_programs_get_the_rows_the_query_and_the_cost(findings: Callable[..., LogFindings]) -> None:
    data = data_of(findings([{"@message": "hello"}]))
    assert data == {
        "columns": ["@message"],
        "rows": [["hello"]],
        "row_count": 1,
        "truncated": False,
        "is_complete": True,
        "records_matched": 1_200,
        "records_scanned": 34_000,
        "query": "fields @message",
        "log_groups": ["/aws/lambda/orders"],
        "window": {"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T11:00:00Z"},
        "bill": {
            "metrics_requested": 0,
            "get_metric_data_calls": 0,
            "insights_queries": 1,
            "scanned_bytes": 2_000_000,
            "cost_usd": "0.000010000000",
            "bytes_scanned_for_answer": 2_000_000,
        },
        "cached": False,
        "next_step": 'inspect_execution(request_id="...") shows everything about one request.',
    }


def test_the_text_stays_under_eight_thousand_bytes_and_says_how_many_rows_it_shows(
    findings: Callable[..., LogFindings],
) -> None:
    found = findings([{"@message": "é" * 3_000}] * 100)
    text = text_of(found)
    assert len(text.encode()) < 8_000
    assert "rows, of which 8 are shown here" in text


@pytest.mark.parametrize("arguments", [RAW, {"preset": "slowest"}])
def test_the_query_is_in_the_data_and_not_in_the_text(
    findings: Callable[..., LogFindings], arguments: Mapping[str, Any]
) -> None:
    """Who asked has it, and of a preset it says less than its name."""
    found = findings([], arguments)
    assert found.question.text == data_of(found)["query"]
    assert found.question.text not in text_of(found)


def test_a_whole_answer_needs_no_note(findings: Callable[..., LogFindings]) -> None:
    assert notes_of(findings([{"@message": "hello"}])) == ()


def test_a_limit_nobody_asked_for_is_said(findings: Callable[..., LogFindings]) -> None:
    (note,) = notes_of(findings([{"@message": "hello"}] * 100, more=True))
    assert "first 100 rows (lambdascope's own limit" in note
    assert "stats" in note
    (note,) = notes_of(findings([{"@message": "hello"}] * 2, {**RAW, "limit": 2}, more=True))
    assert "own limit" not in note
    (note,) = notes_of(findings([{"@message": "x"}], {**RAW, "limit": 100_000}, more=True))
    assert "no more" in note


def test_partial_cut_shortened_missing_and_shared_are_said(
    findings: Callable[..., LogFindings], function_of: Callable[..., Function]
) -> None:
    found = findings(
        [{"@message": "x" * 900}] * 3,
        most_bytes=1_024,
        is_complete=False,
        without_logs=("/aws/lambda/new",),
        function=function_of(log_group="/shop"),
    )
    notes = notes_of(found)
    words = (
        "not all logs were read: it did not end in time (60 s)",
        "/aws/lambda/new",
        "first 1 of 3 rows",
        "values were too long",
        "keeps it to the streams of these functions",
    )
    assert [word in note for word, note in zip(words, notes, strict=True)] == [True] * 5
    assert data_of(found)["truncated"]


def test_an_answer_given_again_costs_nothing(findings: Callable[..., LogFindings]) -> None:
    text = text_of(findings([], is_cached=True, bill=Bill(region="us-east-1")))
    assert "No rows." in text
    assert "at no further cost" in text
    assert "monitor_executions" in text


def test_a_price_that_is_not_known_is_not_zero(findings: Callable[..., LogFindings]) -> None:
    assert "price not known" in text_of(findings([], bill=Bill(region="mars-north-1", scanned_bytes=1)))


def test_names_of_many_functions_do_not_fill_the_text(function_of: Callable[..., Function]) -> None:
    functions = [function_of(f"{'f' * 50}{number:02d}") for number in range(50)]
    question = log_question(functions, HOUR, {"preset": "slowest"})
    answer = LogAnswer(
        rows=[],
        matched=0,
        scanned_records=0,
        scanned_bytes=0,
        status="Complete",
        is_complete=True,
        more=False,
        query_id="q",
        bill=Bill(region="us-east-1"),
    )
    table = table_of(question, [], str, most_bytes=1_024)
    text = text_of(
        LogFindings(question=question, table=table, answer=answer, bill=Bill(region="us-east-1"), is_cached=False)
    )
    assert len(text.encode()) < 3_000
