"""What somebody who writes SQL over the history needs to know, in a few kilobytes: views, columns, examples, limits."""

import re
from dataclasses import dataclass
from typing import Final

from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.row import COLUMNS
from lambdascope_analytics.store.views import VIEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedQuery:
    """A question in words and its query."""

    question: str
    sql: str


WORKED: Final = (
    WorkedQuery(
        question="What did each function cost per day in the last week?",
        sql="""\
SELECT day, function_name, calls, cost_usd
FROM cost_by_function_day
WHERE day >= current_date - 7
ORDER BY day, cost_usd DESC""",
    ),
    WorkedQuery(
        question="Which functions are slow, and is it cold starts?",
        sql="""\
SELECT function_name, count(*) AS calls,
       quantile_cont(total_ms, [0.5, 0.95, 0.99]) AS p50_p95_p99_ms,
       avg(CAST(cold_start AS INTEGER)) AS cold_share
FROM calls
WHERE target = 'lambda' AND started_at >= now() - INTERVAL 1 DAY
GROUP BY function_name
ORDER BY max(total_ms) DESC
LIMIT 20""",
    ),
    WorkedQuery(
        question="Which errors are new today?",
        sql="""\
SELECT error_fingerprint, any_value(function_name) AS function_name, any_value(error_type) AS error_type,
       any_value(error_message) AS message, count(*) AS times, min(started_at) AS first_seen
FROM errors
GROUP BY error_fingerprint
HAVING min(started_at) >= date_trunc('day', now())
ORDER BY times DESC""",
    ),
    WorkedQuery(
        question="Where did the time of the slowest calls go?",
        sql="""\
SELECT call_id, function_name, total_ms, proxy_ms, overhead_ms, coalesce(init_ms, restore_ms) AS cold_ms, duration_ms
FROM calls_today
WHERE target = 'lambda'
ORDER BY total_ms DESC
LIMIT 10""",
    ),
    WorkedQuery(
        question="Which sessions spent the most?",
        sql="""\
SELECT session_id, client_name, count(*) AS calls, sum(cost_usd) AS cost_usd
FROM calls
WHERE started_at >= now() - INTERVAL 7 DAY
GROUP BY session_id, client_name
ORDER BY cost_usd DESC NULLS LAST
LIMIT 10""",
    ),
    WorkedQuery(
        question="Which functions have more memory than they use?",
        sql="""\
SELECT function_name, max(memory_mb) AS memory_mb, max(max_memory_mb) AS most_used_mb, count(*) AS calls
FROM calls
WHERE max_memory_mb IS NOT NULL
GROUP BY function_name
HAVING max(max_memory_mb) < max(memory_mb) / 2
ORDER BY calls DESC""",
    ),
)


def reference(limits: Limits) -> str:
    """Return the page, in Markdown."""
    return "\n".join(
        [
            "# SQL over the call history",
            "",
            "One SELECT in DuckDB's dialect. Times are UTC; unknown is NULL, never 0; money is exact.",
            "A filter on started_at keeps a query fast: it reads only the files of those days.",
            "",
            "## Views",
            *(f"- {name}: {_header(name, 'Answers')}" for name in VIEWS),
            f"- cost_by_function_day has the columns {_header('cost_by_function_day', 'Columns')}",
            "",
            "## Columns of calls, calls_today, errors and cold_starts",
            *(f"- {column.name} {column.type}: {column.meaning}" for column in COLUMNS),
            "",
            "## Examples",
            *(f"{worked.question}\n```sql\n{worked.sql}\n```" for worked in WORKED),
            "",
            "## Limits",
            f"- {limits.timeout_s:g} s and {limits.memory_mb} MB for a query; it is stopped beyond.",
            f"- {limits.max_rows} rows and {limits.max_bytes} bytes for an answer; it says when it was cut.",
            "- Decimals, and integers beyond 2^53, come as text; timestamps as ISO 8601 in UTC; BLOBs in hex.",
            "- No files, settings or other statements; no parameters; PIVOT needs its values: IN ('a', 'b').",
            "",
        ]
    )


def _header(view: str, part: str) -> str:
    """A part of the comment that a view's file begins with, on one line."""
    found = re.search(rf"^-- {part}: (.*(?:\n--   .*)*)", statement(f"views/{view}"), re.MULTILINE)
    assert found is not None
    return re.sub(r"\s*\n--\s*", " ", found[1])
