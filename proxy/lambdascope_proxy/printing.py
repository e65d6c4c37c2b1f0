"""What commands print: tables for people, JSON for programs. Only for commands: stdout belongs to MCP elsewhere."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

PIPE_WIDTH = 2000


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; numbers stand to the right, None shows as an empty cell."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    kept = [list(row) for row in rows]
    for index, column in enumerate(columns):
        is_number = any(isinstance(row[index], int | float | Decimal) for row in kept)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in kept:
        table.add_row(*(_cell(value) for value in row))
    # A pipe has no width: then a table is as wide as it needs to be, so that nothing is cut.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False, markup=False)
    console.print(table)


def print_json(value: object) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def print_line(text: str = "") -> None:
    """One line of text."""
    sys.stdout.write(text + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _float(value: float) -> str:
    """Two decimals; below one, three digits that say something, so that a small cost does not read as none."""
    if value == 0 or abs(value) >= 1 or not isfinite(value):
        return f"{value:.2f}"
    return f"{Decimal(f'{value:.3g}'):f}"
