"""Queries go through their states, and are kept within bounds."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.insights.evaluation import Result
from lambdascope_proxy.local.insights.queries import MAX_KEPT, MAX_KEPT_ROWS, MAX_RUNNING, Queries, Query, Scan


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def add(queries: Queries, rows: int = 1) -> Query:
    queries.admit()
    result = Result(rows=[[("a", str(number))] for number in range(rows)], matched=rows)
    return queries.add("fields a", result, Scan(records=rows, size_bytes=0, groups=["g"]))


def code_of(call: Any, *args: Any) -> str:
    with pytest.raises(AwsError) as refused:
        call(*args)
    return refused.value.code


@pytest.mark.parametrize("states", [(), ("Running",), ("Scheduled", "Running", "Running")])
def test_a_query_is_complete_after_its_states(states: tuple[str, ...]) -> None:
    queries = Queries(states)
    query = add(queries)
    told = [queries.poll(query.query_id).status for _ in range(len(states) + 2)]
    assert told == [*states, "Complete", "Complete"]


def test_more_than_a_hundred_running_queries_are_refused_until_one_ends() -> None:
    queries = Queries((), Clock())
    started = [add(queries) for _ in range(MAX_RUNNING)]
    assert code_of(queries.admit) == "LimitExceededException"
    queries.poll(started[0].query_id)
    add(queries)
    assert code_of(queries.admit) == "LimitExceededException"
    queries.stop(started[1].query_id)
    queries.admit()


def test_a_query_nobody_asks_about_does_not_run_for_ever() -> None:
    clock = Clock()
    queries = Queries(("Scheduled",), clock)
    for _ in range(MAX_RUNNING):
        add(queries)
    assert code_of(queries.admit) == "LimitExceededException"
    clock.now_s = 61
    queries.admit()


def test_a_stopped_query_has_no_rows_and_is_not_stopped_twice() -> None:
    queries = Queries(("Running",))
    query = add(queries, 4)
    assert queries.poll(query.query_id).row_count == 2
    queries.stop(query.query_id)
    assert (queries.poll(query.query_id).status, query.row_count) == ("Cancelled", 0)
    assert code_of(queries.stop, query.query_id) == "InvalidParameterException"


def test_an_unknown_query_is_not_found() -> None:
    assert code_of(Queries().poll, "x") == "ResourceNotFoundException"
    assert code_of(Queries().stop, "x") == "ResourceNotFoundException"


def test_the_oldest_answers_go_when_there_are_too_many() -> None:
    queries = Queries((), Clock())
    started: list[Query] = []
    for _ in range(MAX_KEPT + 1):
        started.append(add(queries, 0))
        queries.poll(started[-1].query_id)
    assert code_of(queries.poll, started[0].query_id) == "ResourceNotFoundException"
    queries.poll(started[1].query_id)


def test_the_oldest_answers_go_when_their_rows_are_too_many() -> None:
    queries = Queries((), Clock())
    first, second, last = (add(queries, MAX_KEPT_ROWS // 2) for _ in range(3))
    assert code_of(queries.poll, first.query_id) == "ResourceNotFoundException"
    assert [queries.poll(each.query_id).status for each in (second, last)] == ["Complete", "Complete"]
