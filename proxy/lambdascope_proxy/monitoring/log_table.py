"""Turns rows of Logs Insights into a table: typed, scrubbed, priced where that is asked, cut to what fits. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_analytics.adhoc.cells import take
from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.cloudwatch.presets import MOST_EXPENSIVE, Preset
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.log_question import LogQuestion
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tools.query_history import cell_text

# A secret is recognised only as a whole: scrub more than is kept.
SCRUBBED_CHARS: Final = 20_000
KEPT_CHARS: Final = 10_000
SHOWN_CHARS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTable:
    """Rows in an order of columns, of `found` that came; `is_cut` when not all of those fit.

    `shortened` counts values that were cut.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    found: int
    is_cut: bool
    shortened: int

    def text(self, most_bytes: int) -> tuple[str, int]:
        """One line per row without padding, as many as fit in `most_bytes`, and how many those are."""
        lines, size = [" | ".join(self.columns)], len(" | ".join(self.columns).encode())
        for row in self.rows:
            line = " | ".join(_shown(cell) for cell in row)
            size += len(line.encode(errors="replace")) + 1
            if size > most_bytes:
                break
            lines.append(line)
        return "\n".join(lines), len(lines) - 1


def table_of(
    question: LogQuestion, rows: Sequence[Mapping[str, str]], scrub: Callable[[str], str], *, most_bytes: int
) -> LogTable:
    """The table of an answer, within `most_bytes` of JSON and holding no more; only what is kept of it is scrubbed.

    Raises: CallFailed for rows that are no answer to a preset.
    """
    if question.preset:
        _check_answered(question.preset, rows)
    columns = _columns(question, rows)
    cells = _typed(question, rows) if question.preset else _plain(columns, rows)
    taken = take(_scrubbed(cells, scrub), max_rows=len(rows), max_bytes=most_bytes)
    return LogTable(
        columns=columns,
        rows=taken.rows,
        found=len(rows),
        is_cut=taken.truncated_by is not None,
        shortened=taken.cut_cells,
    )


def _check_answered(preset: Preset, rows: Sequence[Mapping[str, str]]) -> None:
    """Stand-ins for AWS pass over commands they do not know and give raw events: a table of those would be empty."""
    named = {column.source or column.name for column in preset.columns} - {"@timestamp"}
    if any(named.isdisjoint(row) for row in rows):
        raise CallFailed(
            OutcomeKind.AWS_ERROR,
            "UnreadableRows",
            f"Logs Insights did not answer preset {preset.name}: its rows have none of {', '.join(sorted(named))}.",
            "Is AWS_ENDPOINT_URL a stand-in for AWS? Give a query it knows, such as fields @timestamp, @message.",
        )


def _columns(question: LogQuestion, rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    if question.preset is None:
        # In the order they first appear: a row lacks the fields its event lacks.
        return tuple(dict.fromkeys(name for row in rows for name in row))
    named = [column.name for column in question.preset.columns if _is_shown(column.name, question)]
    return (*named, *(("cost_usd",) if question.preset is MOST_EXPENSIVE else ()))


def _is_shown(name: str, question: LogQuestion) -> bool:
    return name != "function_name" or len(question.functions) > 1


def _plain(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [row.get(name) for name in columns]


def _typed(question: LogQuestion, rows: Sequence[Mapping[str, str]]) -> Iterator[list[Any]]:
    preset = question.preset
    assert preset is not None
    names = _Names(question.functions)
    for row in rows:
        values = {column.name: column.value_of(row) for column in preset.columns}
        values["function_name"] = names.of(values.get("function_name"))
        cells = [value for name, value in values.items() if _is_shown(name, question)]
        yield [*cells, *([_cost(values, names)] if preset is MOST_EXPENSIVE else [])]


class _Names:
    """Tells functions by what Insights calls their logs: a name, or "account:group"."""

    def __init__(self, functions: Sequence[Function]) -> None:
        self._by_name = {function.name: function for function in functions}
        self._by_group = {group_of(function): function.name for function in functions}
        self._only = functions[0] if len(functions) == 1 else None

    def of(self, logged_by: str | None) -> str | None:
        if self._only:
            return self._only.name
        if logged_by is None or logged_by in self._by_name:
            return logged_by
        return self._by_group.get(logged_by.partition(":")[2] or logged_by, logged_by)

    def function(self, name: str | None) -> Function | None:
        return self._by_name.get(name or "")


def _cost(values: Mapping[str, Any], names: _Names) -> str | None:
    """The list price, from the architecture the function has today; None where it is not known."""
    function, billed_ms, memory_mb = names.function(values["function_name"]), values["billed_ms"], values["memory_mb"]
    if function is None or not isinstance(billed_ms, int) or not isinstance(memory_mb, int):
        return None
    try:
        price = price_invocation(
            load_rates(),
            region=function.region,
            architecture=function.architecture,
            memory_mb=memory_mb,
            billed_ms=billed_ms,
            ephemeral_storage_mb=function.ephemeral_storage_mb,
        )
    except PricingError:
        return None
    return None if price.cost_usd is None else f"{price.cost_usd:.12f}"


def _scrubbed(rows: Iterator[list[Any]], scrub: Callable[[str], str]) -> Iterator[list[Any]]:
    for row in rows:
        yield [_kept(scrub(cell[:SCRUBBED_CHARS]), len(cell)) if isinstance(cell, str) else cell for cell in row]


def _kept(text: str, whole: int) -> str:
    if len(text) <= KEPT_CHARS and whole <= SCRUBBED_CHARS:
        return text
    return f"{text[:KEPT_CHARS]}... (cut: {whole} characters)"


def _shown(cell: Any) -> str:
    text = cell_text(cell)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."
