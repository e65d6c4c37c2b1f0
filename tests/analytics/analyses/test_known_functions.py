"""Who asks about a function that the history does not know is told those it does."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.known_functions import KnownFunctions, known_functions
from lambdascope_analytics.history import History

Make = Callable[[Sequence[Mapping[str, object]]], History]
START = datetime(2026, 11, 1, tzinfo=UTC)


def calls_of(name: str | None, count: int, **known: Any) -> list[dict[str, Any]]:
    row = {"target": "lambda", "function_name": name, "region": "us-east-1", "account_id": "1", **known}
    return [
        {**row, "call_id": UUID(int=number), "started_at": START + timedelta(hours=number)} for number in range(count)
    ]


def test_those_there_are_are_told_most_called_first(few_of: Make) -> None:
    rows = [row for number in range(7) for row in calls_of(f"f{number}", number + 1)]
    rows += calls_of(None, 9, target="self") + calls_of("logs", 12, target="cloudwatch")
    known = known_functions(few_of(rows), FunctionScope.of("nope"))
    assert (known.names, known.count, known.asked_at) == (["f6", "f5", "f4", "f3", "f2"], 7, None)
    assert known.last_at == START + timedelta(hours=8)
    assert known.instead_of("nope") == "The history knows no function nope, but f6, f5, f4, f3, f2 and 2 more."


def test_a_function_that_was_called_at_all_is_known_as_is_all_of_them(few_of: Make) -> None:
    history = few_of([*calls_of("orders", 3), *calls_of("stock", 5)])
    known = known_functions(history, FunctionScope.of("orders"))
    assert (known.asked_at, known.instead_of("orders")) == (START + timedelta(hours=2), "")
    assert known_functions(history, FunctionScope.of(None)).instead_of(None) == ""
    elsewhere = known_functions(history, FunctionScope.of("eu-west-1:orders"))
    assert elsewhere.instead_of("eu-west-1:orders").startswith("The history knows no function eu-west-1:orders, but")


def test_an_empty_history_knows_none(few_of: Make) -> None:
    assert known_functions(few_of([]), FunctionScope.of("nope")) == KnownFunctions()
    own = known_functions(few_of(calls_of(None, 2, target="self")), FunctionScope.of("nope"))
    assert (own.names, own.count, own.instead_of("nope")) == ([], 0, "")
