"""What makes `calls` those of a period for one cursor, over as few files as can hold them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from string import Template

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.day_files import day_files
from lambdascope_analytics.store.views import literal, settled_rows, unsettled_rows

# Returns the statement for calls that began from one time up to another; None is open.
CallsOfPeriod = Callable[[datetime | None, datetime | None], str]


def from_connection(after: datetime | None, before: datetime | None) -> str:
    """Return the statement for a connection without a database file, which has a `calls` of its own."""
    return _view("SELECT * FROM memory.main.calls", after, before)


def from_files(directory: Path) -> CallsOfPeriod:
    """Return what makes the statement for the history in `directory`, an absolute path, over the files of then.

    It raises HistoryError where these cannot be told.
    """

    def statement_of(after: datetime | None, before: datetime | None) -> str:
        try:
            files = day_files(directory, after, before)
        except OSError as error:
            raise HistoryError(f"the history in {directory} cannot be read: {error}") from error
        rows = settled_rows(directory, files)
        if files.open or files.spools:
            rows += f" UNION ALL {unsettled_rows(directory, files)}"
        return _view(rows, after, before)

    return statement_of


def _view(rows: str, after: datetime | None, before: datetime | None) -> str:
    bounds = ((">=", after), ("<", before))
    times = (f"started_at {sign} TIMESTAMPTZ {literal(time.isoformat())}" for sign, time in bounds if time)
    literals = {"rows": rows, "condition": " AND ".join(times) or "true"}
    return Template(statement("store/calls_of_period")).substitute(literals)
