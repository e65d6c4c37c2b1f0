"""Which statements may run, by their tree alone: nothing is executed here, so this layer is seen by itself."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.adhoc.database import Parser
from lambdascope_analytics.adhoc.statement import check_statement
from lambdascope_analytics.errors import QueryError
from lambdascope_analytics.store.views import VIEWS


@pytest.fixture(scope="session")
def parser() -> Parser:
    return Parser()


def test_what_an_analyst_writes_is_let_through(parser: Parser, allowed: str) -> None:
    check_statement(parser.parse(allowed), parser.taken_names())


def test_an_escape_is_refused_and_the_reader_told_what_to_do(parser: Parser, escape: str) -> None:
    with pytest.raises(QueryError) as refused:
        check_statement(parser.parse(escape), parser.taken_names())
    assert refused.value.reason in {"refused", "invalid"}
    assert refused.value.hint


def test_the_views_a_query_reads_are_told_wherever_it_reads_them(parser: Parser) -> None:
    sql = "WITH a AS (SELECT * FROM Errors) SELECT (SELECT count(*) FROM cold_starts) FROM a"
    assert check_statement(parser.parse(sql), parser.taken_names()) == {"errors", "cold_starts"}
    assert check_statement(parser.parse("SELECT 1"), parser.taken_names()) == set()


def test_a_name_of_duckdb_itself_is_known_as_taken_and_ours_are_not(parser: Parser) -> None:
    taken = parser.taken_names()
    assert {"duckdb_logs", "pg_class", "duckdb_views"} <= taken
    assert not taken.intersection(VIEWS)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1; SELECT 2", "2 statements"),
        ("COPY calls TO 'x'", "not a SELECT"),
        ("SELEKT 1", "cannot be parsed"),
        ("SELECT * FROM invocations", "no view 'invocations'"),
        ("SELECT * FROM read_csv('x')", "read_csv"),
    ],
)
def test_a_refusal_says_what_it_is_about(parser: Parser, sql: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        check_statement(parser.parse(sql), parser.taken_names())


def test_the_views_are_named_to_whoever_asks_for_another_table(parser: Parser) -> None:
    with pytest.raises(QueryError) as refused:
        check_statement(parser.parse("SELECT * FROM invocations"), parser.taken_names())
    assert all(view in refused.value.hint for view in VIEWS)


@given(st.sampled_from(["node", "from_table", "child", "x"]), st.text(min_size=1))
def test_a_part_of_a_kind_not_known_here_is_refused_wherever_it_stands(place: str, kind: str) -> None:
    # A later DuckDB may parse more into a SELECT: what is new must not be let through.
    unknown: Mapping[str, Any] = {"statements": [{"node": {"type": "SELECT_NODE", place: [{"type": f"NEW {kind}"}]}}]}
    with pytest.raises(QueryError, match="cannot hold"):
        check_statement(unknown, frozenset())


def test_an_expression_of_a_class_not_known_here_is_refused() -> None:
    tree = {"statements": [{"node": {"type": "SELECT_NODE", "select_list": [{"class": "NEW", "type": "SUBQUERY"}]}}]}
    with pytest.raises(QueryError, match="cannot hold"):
        check_statement(tree, frozenset())
