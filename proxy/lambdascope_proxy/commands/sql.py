"""`lambdascope sql`: one SELECT over the history, in the same closed room that agents get."""

import argparse
import csv
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_analytics.adhoc.limits import QueryAnswer

DEFAULT_ROWS = 1000
MOST_BYTES = 16_000_000


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("sql", help="query the history of calls with SQL")
    parser.add_argument("query", help="one SELECT in DuckDB's dialect, or - to read it from stdin")
    parser.add_argument("--max-rows", type=int, default=DEFAULT_ROWS, help="most rows to print (default: 1000)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print CSV")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the rows on stdout and what to know of them on stderr. Raises: SettingsError, CallFailed."""
    settings = load_settings(os.environ, arguments.config, connects=False)
    if arguments.max_rows < 1:
        raise SettingsError(f"--max-rows {arguments.max_rows}: use a whole number from 1")
    from lambdascope_proxy.tools.query_history import notes_of

    sql = sys.stdin.read() if arguments.query == "-" else arguments.query
    answer = _answer(settings, sql, arguments.max_rows)
    _print(answer, "json" if arguments.json else "csv" if arguments.csv else "table")
    sys.stderr.write("".join(f"{note}\n" for note in notes_of(answer)))
    return 0


def _answer(settings: Settings, sql: str, max_rows: int) -> "QueryAnswer":
    import asyncio

    from lambdascope_analytics.adhoc.queries import Queries
    from lambdascope_analytics.errors import QueryError
    from lambdascope_proxy.log_lines import set_up_logging
    from lambdascope_proxy.tools.query_history import query_failure
    from lambdascope_proxy.wiring import history_directory, query_limits, scrubber_of

    set_up_logging(settings.log_level, scrubber_of(settings))
    # A terminal and a file take more than a model: only what agents get is bounded by their settings.
    limits = replace(query_limits(settings), max_rows=max_rows, max_bytes=MOST_BYTES)
    try:
        return asyncio.run(Queries(history_directory(settings), limits, at_once=1).run(sql))
    except QueryError as error:
        raise query_failure(error) from error


def _print(answer: "QueryAnswer", form: str) -> None:
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.tools.query_history import data_of

    names = [column.name for column in answer.columns]
    if form == "json":
        print_json(data_of(answer))
    elif form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows([names, *map(_texts, answer.rows)])
    else:
        print_table(f"{len(answer.rows)} rows in {answer.elapsed_ms:.0f} ms", names, map(_texts, answer.rows))


def _texts(row: Any) -> list[Any]:
    """Nested values as JSON; what is no list or struct stays what it is."""
    return [json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell for cell in row]
