"""The page for those who write SQL: complete, short, and its examples run."""

from typing import Any

import pytest

from lambdascope_analytics.adhoc.database import Parser, Room
from lambdascope_analytics.adhoc.files import HistoryFiles
from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.reference import WORKED, WorkedQuery, reference
from lambdascope_analytics.adhoc.statement import check_statement
from lambdascope_analytics.store.row import COLUMNS
from lambdascope_analytics.store.views import VIEWS


def test_every_view_and_column_has_its_line_and_the_limits_are_those_in_force() -> None:
    page = reference(Limits(timeout_s=7, memory_mb=300, max_rows=11, max_bytes=5000))
    assert [column.name for column in COLUMNS if f"- {column.name} {column.type}: {column.meaning}\n" not in page] == []
    assert [view for view in VIEWS if f"\n- {view}: " not in page] == []
    assert "7 s and 300 MB" in page
    assert "11 rows and 5000 bytes" in page


def test_it_is_short_enough_for_a_model() -> None:
    assert len(reference(Limits()).encode()) < 8_000


@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked.question)
def test_a_worked_query_is_let_through_and_runs(place: Any, worked: WorkedQuery) -> None:
    parser, files = Parser(), HistoryFiles(place.history)
    files.look()
    views = check_statement(parser.parse(worked.sql), parser.taken_names())
    room = Room(300)
    room.register(files)
    room.furnish(views)
    columns, rows = room.execute(worked.sql)
    assert columns
    list(rows)
    assert f"```sql\n{worked.sql}\n```" in reference(Limits())
