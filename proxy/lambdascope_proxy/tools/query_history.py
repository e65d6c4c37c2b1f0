"""The tool that answers SQL over the history of calls."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lambdascope_analytics.adhoc.limits import QueryAnswer
from lambdascope_analytics.adhoc.queries import Queries
from lambdascope_analytics.errors import QueryError, QueryFault
from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tool import ToolSpec

DEFAULT_ROWS: Final = 100
NOTABLE_WAIT_MS: Final = 100
KINDS: Final[Mapping[QueryFault, OutcomeKind]] = {
    "refused": OutcomeKind.REFUSED,
    "invalid": OutcomeKind.INVALID_ARGUMENTS,
    "limit": OutcomeKind.TOOL_ERROR,
    "busy": OutcomeKind.TOOL_ERROR,
    "failed": OutcomeKind.TOOL_ERROR,
}
# Their messages quote the query, which may hold anything: the history keeps only that it was so.
QUOTING: Final = {"refused", "invalid"}

SPEC: Final = ToolSpec(
    name="query_history",
    title="Query the call history",
    description=(
        "Answers one SELECT (DuckDB) over every recorded call: view calls, one row each (started_at, function_name, "
        "outcome, total_ms, cost_usd, ...). DESCRIBE calls lists the columns, resource lambdascope://history/schema "
        "explains them. Filter on started_at and aggregate."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "sql": {"type": "string", "minLength": 1},
            "max_rows": {"type": "integer", "minimum": 1, "default": DEFAULT_ROWS},
        },
        "required": ["sql"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "columns": {"type": "array"},
            "rows": {"type": "array"},
            "truncated": {"type": "boolean"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


class QueryHistory:
    """Runs the query in a process of its own, as `lambdascope sql` does."""

    spec = SPEC

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Stays in this proxy."""
        return Aim()

    async def run(self, call: Call) -> Outcome:
        """The rows. Raises CallFailed with what is wrong and what to do."""
        # JSON Schema counts 2.0 among the integers.
        max_rows = int(call.arguments.get("max_rows", DEFAULT_ROWS))
        try:
            answer = await self._queries.run(call.arguments["sql"], max_rows)
        except QueryError as error:
            raise query_failure(error) from error
        return Outcome(kind=OutcomeKind.OK, text=table_of(answer), data=data_of(answer), notes=notes_of(answer))


def query_failure(error: QueryError) -> CallFailed:
    """How a query without an answer ends its call."""
    recorded = f"the query was {error.reason}" if error.reason in QUOTING else ""
    return CallFailed(
        KINDS[error.reason], f"Query{error.reason.capitalize()}", str(error), error.hint, recorded=recorded
    )


def data_of(answer: QueryAnswer) -> dict[str, Any]:
    """The answer as structured content."""
    return {
        "columns": [{"name": column.name, "type": column.type} for column in answer.columns],
        "rows": answer.rows,
        "row_count": len(answer.rows),
        "truncated": answer.truncated_by is not None,
        "elapsed_ms": answer.elapsed_ms,
    }


def notes_of(answer: QueryAnswer) -> tuple[str, ...]:
    """What a reader must know besides the rows."""
    count = len(answer.rows)
    more = "Aggregate, add a LIMIT or name fewer columns." if answer.truncated_by == "bytes" else "Aggregate or filter."
    reason = {"rows": "the most rows asked for or allowed", "bytes": "all that fits one answer"}
    truncated = f"Truncated: these {count} rows are {reason.get(answer.truncated_by or '')}; there are more. {more}"
    cut = f"{answer.cut_cells} values were too long and are cut: select a part of them, as with substr()."
    waited = f"It waited {answer.waited_ms:.0f} ms for other queries to end."
    return (
        *((truncated,) if answer.truncated_by else ()),
        *((cut,) if answer.cut_cells else ()),
        *((waited,) if answer.waited_ms > NOTABLE_WAIT_MS else ()),
    )


def table_of(answer: QueryAnswer) -> str:
    """The answer as a table a model reads at little cost: one line per row, no padding."""
    header = _line([column.name for column in answer.columns])
    return "\n".join([header, *(_line(row) for row in answer.rows)])


def _line(cells: Sequence[Any]) -> str:
    return " | ".join(cell_text(cell) for cell in cells)


def cell_text(cell: Any) -> str:
    """A cell on one line; NULL is said."""
    if cell is None:
        return "NULL"
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return text.replace("\n", "\\n").replace("\r", "\\r").replace(" | ", " \\| ")
