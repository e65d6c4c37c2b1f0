"""The process of one ad hoc query: a request on stdin, its answer on stdout, of the machine only the history.

The order matters: all that needs other files is done first, then the fences go up, and only then is the query read.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from lambdascope_analytics.adhoc import fence
from lambdascope_analytics.adhoc.cells import take
from lambdascope_analytics.adhoc.database import Parser, Room, out_of_memory, warm_up
from lambdascope_analytics.adhoc.files import HistoryFiles
from lambdascope_analytics.adhoc.statement import check_statement
from lambdascope_analytics.errors import HistoryError, QueryError
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.prepare import prepare

R = TypeVar("R")
Request = dict[str, Any]

_log: Final = logging.getLogger(__name__)
_LOOKS: Final = 3


def answer(request: Request, room: Room) -> dict[str, Any]:
    """Answer a request within fences: rows, or an error. Changes this process for good."""
    try:
        return {"answer": _answer(request, room)}
    except QueryError as error:
        return {"error": {"reason": error.reason, "message": str(error), "hint": error.hint}}
    except MemoryError:
        error = out_of_memory()
        return {"error": {"reason": error.reason, "message": str(error), "hint": error.hint}}


def _answer(request: Request, room: Room) -> dict[str, Any]:
    directory = Path(request["directory"])
    try:
        _prepare(directory)
        warm_up()
        parser, files = Parser(), HistoryFiles(directory)
        fence.leave_for_nowhere()
        fence.limit_resources(memory_mb=request["memory_mb"], timeout_s=request["timeout_s"])
        fence.confine(directory)
        files.look()
        room.register(files)
        fence.forbid_processes()
    except (HistoryError, OSError) as error:
        # With its path it is for the log; who asks may be anybody.
        _log.exception("the history cannot be opened")
        raise QueryError("failed", "The history cannot be opened.", "The log of lambdascope says why.") from error
    views = _views_of(parser, request["sql"])
    _while_files_vanish(files, lambda: room.furnish(views))
    return _while_files_vanish(files, lambda: _rows(room, request))


def _prepare(directory: Path) -> None:
    try:
        prepare(directory)
    except HistoryError:
        # Of another path or user, or on a read-only mount: what was once prepared is enough to read it.
        if not (directory / HIDDEN).exists():
            raise


def _views_of(parser: Parser, sql: str) -> frozenset[str]:
    try:
        return check_statement(parser.parse(sql), parser.taken_names())
    except RecursionError:
        raise QueryError("refused", "The query is nested too deeply.", "Split it into WITH queries.") from None


def _rows(room: Room, request: Request) -> dict[str, Any]:
    columns, rows = room.execute(request["sql"])
    header = [[column.name, column.type] for column in columns]
    left_bytes = request["max_bytes"] - len(json.dumps(header))
    if left_bytes < 0:
        raise QueryError("limit", f"The answer has {len(columns)} columns.", "Name fewer columns.")
    taken = take(rows, max_rows=request["max_rows"], max_bytes=left_bytes)
    return {
        "columns": header,
        "rows": taken.rows,
        "truncated_by": taken.truncated_by,
        "cut_cells": taken.cut_cells,
    }


def _while_files_vanish(files: HistoryFiles, attempt: Callable[[], R]) -> R:
    """A compactor may remove a file between the look and the open: the next look finds its successor."""
    for _ in range(_LOOKS - 1):
        try:
            return attempt()
        except QueryError:
            if not files.vanished:
                raise
            files.look()
    return attempt()


def main() -> None:
    """Serve one request and end without the interpreter's farewells, which take time and may hang on a thread."""
    code = 1
    try:
        _serve()
        code = 0
    except Exception:
        _log.exception("a query ended in a defect")
    finally:
        os._exit(code)


def _serve() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    fence.die_with(sys.stdin.buffer)
    # It must outlive the answer: to end a query whose rows were not all taken, DuckDB waits for its threads while
    # this one holds the interpreter lock, for which they may wait to read a file.
    room = Room(request["memory_mb"])
    sys.stdout.write(json.dumps(answer(request, room)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
