"""An analysis is found by its name, wherever the question comes from."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from inspect import signature

import pytest

from lambdascope_analytics.analyses.named import FUNCTIONS, analyse
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_an_unknown_analysis_is_refused_with_those_there_are(
    history_of: Callable[[list[Mapping[str, object]]], History],
) -> None:
    with pytest.raises(QuestionError, match="name is 'weather', which is none of cost, ") as refused:
        analyse(history_of([]), "weather", {}, now=NOON)
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_analysis_takes_the_history_and_the_present_by_name(name: str) -> None:
    function = getattr(import_module(f"lambdascope_analytics.analyses.{name}"), FUNCTIONS[name])
    assert {"history", "now"} <= set(signature(function).parameters)


def test_parameters_reach_the_analysis_by_their_names(
    history_of: Callable[[list[Mapping[str, object]]], History],
) -> None:
    row = {"started_at": NOON, "target": "lambda", "function_name": "orders", "outcome": "ok"}
    span = {"start": NOON - timedelta(hours=1), "end": NOON + timedelta(hours=1)}
    history = history_of([row])
    assert analyse(history, "cost", {**span, "function_name": "orders"}, now=span["end"]).calls == 1
    assert analyse(history, "cost", {**span, "function_name": "quotes"}, now=span["end"]).calls == 0
