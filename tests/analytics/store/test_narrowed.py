import itertools
import threading
from collections.abc import Iterator

import duckdb
import pytest

from lambdascope_analytics.store.narrowed import Narrowed


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE VIEW calls AS SELECT 0 AS number")
        yield connection


def numbered() -> Iterator[str]:
    """Statements that each make other calls than those before."""
    return (f"CREATE TEMP VIEW calls AS SELECT {number} AS number" for number in itertools.count(1))


def answer(narrowed: Narrowed) -> object:
    with narrowed.cursor() as cursor:
        return cursor.execute("SELECT number FROM calls").fetchall()[0][0]


def test_statements_see_the_same_calls_and_nobody_else_does(connection: duckdb.DuckDBPyConnection) -> None:
    narrowed = Narrowed(connection, numbered().__next__)
    assert [answer(narrowed), answer(narrowed)] == [1, 1]
    assert connection.execute("SELECT number FROM calls").fetchall() == [(0,)]


def test_a_statement_that_fails_has_its_calls_looked_for_anew(connection: duckdb.DuckDBPyConnection) -> None:
    """Would catch a question that is asked again of files that are gone."""
    narrowed = Narrowed(connection, numbered().__next__)
    with pytest.raises(duckdb.CatalogException), narrowed.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    assert answer(narrowed) == 2


def test_calls_that_cannot_be_had_are_tried_again(connection: duckdb.DuckDBPyConnection) -> None:
    narrowed = Narrowed(connection, itertools.chain(["CREATE TEMP VIEW calls AS SELEC"], numbered()).__next__)
    with pytest.raises(duckdb.ParserException):
        answer(narrowed)
    assert answer(narrowed) == 1


def test_closing_lets_the_calls_go(connection: duckdb.DuckDBPyConnection) -> None:
    narrowed = Narrowed(connection, numbered().__next__)
    narrowed.close()
    assert answer(narrowed) == 1
    narrowed.close()
    assert answer(narrowed) == 2


def test_threads_have_the_cursor_one_after_the_other(connection: duckdb.DuckDBPyConnection) -> None:
    """Threads that share a cursor at once can be handed each other's rows."""
    narrowed = Narrowed(connection, numbered().__next__)
    wrong: list[object] = []

    def ask_often(number: int) -> None:
        for _ in range(50):
            with narrowed.cursor() as cursor:
                rows = cursor.execute("SELECT $number + number FROM calls", {"number": number}).fetchall()
            if rows != [(number + 1,)]:
                wrong.append(rows)

    threads = [threading.Thread(target=ask_often, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
