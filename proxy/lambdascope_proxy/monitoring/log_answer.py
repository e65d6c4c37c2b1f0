"""Puts what Logs Insights found into an answer: text within a model's budget, data for programs, and notes. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import MOST_ROWS, LogAnswer
from lambdascope_proxy.monitoring.log_question import LogQuestion, iso
from lambdascope_proxy.monitoring.log_table import LogTable

# A text of at most 8,000 bytes, about 2,000 tokens, with the notes.
TABLE_BYTES: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFindings:
    """A question about logs, its answer as a table and otherwise as it came, and what AWS charges for it now.

    `without_logs` are groups that the functions name and that do not exist, `dropped` those whose retention is shorter
    than the window is old.
    """

    question: LogQuestion
    table: LogTable
    answer: LogAnswer
    bill: Bill
    is_cached: bool
    without_logs: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def next_step(self) -> str:
        """What to ask next."""
        preset = self.question.preset
        if not self.table.found:
            return "Widen time_range, or ask monitor_executions whether the function ran at all."
        return preset.next_step if preset else 'inspect_execution(request_id="...") shows everything about one request.'


def text_of(findings: LogFindings) -> str:
    """The table with what it is, what it cost, and a next step; the query is in the data only."""
    table, shown = findings.table.text(TABLE_BYTES)
    rows = findings.table.found
    counted = f"{rows} row{'' if rows == 1 else 's'}"
    counted += "" if shown == rows else f", of which {shown} are shown here"
    body = [table, counted] if rows else ["No rows."]
    lines = [
        _title(findings.question.title),
        *body,
        _effort(findings),
        f"Next: {findings.next_step}",
    ]
    return "\n".join(lines)


def data_of(findings: LogFindings) -> dict[str, Any]:
    """The answer as structured content."""
    question, answer = findings.question, findings.answer
    return {
        "columns": list(findings.table.columns),
        "rows": findings.table.rows,
        "row_count": len(findings.table.rows),
        "truncated": findings.answer.more or findings.table.is_cut,
        "is_complete": answer.is_complete,
        "records_matched": answer.matched,
        "records_scanned": answer.scanned_records,
        "query": question.text,
        "log_groups": list(question.groups),
        "window": {"start": iso(question.window.start), "end": iso(question.window.end)},
        "bill": {**findings.bill.as_data(), "bytes_scanned_for_answer": answer.scanned_bytes},
        "cached": findings.is_cached,
        "next_step": findings.next_step,
    }


def notes_of(findings: LogFindings) -> tuple[str, ...]:
    """What a reader must know besides the rows."""
    question, table, answer = findings.question, findings.table, findings.answer
    notes: list[str] = []
    if not answer.is_complete:
        notes.append(
            f"Partial, not all logs were read: {answer.shortfall}. Narrow time_range or filter earlier, or raise "
            "LAMBDASCOPE_LOGS_TIMEOUT_S or LAMBDASCOPE_MAX_SCAN_GB."
        )
    if findings.without_logs:
        notes.append(f"Left out, because they do not exist (yet): {', '.join(findings.without_logs)}.")
    if findings.dropped:
        notes.append(f"The beginning of time_range is missing: {', '.join(findings.dropped)} keeps logs for less long.")
    if answer.more:
        notes.append(_limited(question, table.found))
    if table.is_cut:
        notes.append(
            f"These are the first {len(table.rows)} of {table.found} rows, all that fit one answer "
            "(LAMBDASCOPE_MAX_RESULT_BYTES): name fewer fields, or aggregate with stats."
        )
    if table.shortened:
        notes.append(f"{table.shortened} values were too long and are cut.")
    if question.preset is None and question.is_on_shared_group:
        notes.append(
            "One of these log groups is not a function's own: the first filter of the query, which is lambdascope's, "
            "keeps it to the streams of these functions."
        )
    return tuple(notes)


def _limited(question: LogQuestion, rows: int) -> str:
    whose = "lambdascope's own limit, because neither the query nor limit says one" if question.limit_is_ours else ""
    because = f" ({whose})" if whose else ""
    more = f"limit gives more, up to {MOST_ROWS}" if question.limit < MOST_ROWS else "Logs Insights gives no more"
    advice = ", but stats counts all of them at once." if question.is_of_raw_events else "."
    return f"These are the first {rows} rows{because}; {more}{advice}"


def _effort(findings: LogFindings) -> str:
    answer = findings.answer
    cost = findings.bill.cost_usd
    price = "at a price not known for this region" if cost is None else f"${cost:f}"
    charged = "answered again within a minute, at no further cost" if findings.is_cached else price
    return (
        f"{answer.matched:,} of {answer.scanned_records:,} records matched, {answer.scanned_bytes:,} bytes scanned, "
        f"{charged}."
    )


def _title(title: str) -> str:
    return title if len(title) <= 500 else f"{title[:500]}..."
