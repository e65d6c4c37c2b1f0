"""Which value each variable of a dashboard gets before its expressions are asked."""

from collections.abc import Sequence
from typing import Any

import pytest
from stack.errors import UnresolvedError
from stack.variables import resolve

LABELS = {"region": ["eu-west-1", "us-east-1"], "function": ["a.b"], "empty": []}


def label_values(label: str, selector: str | None) -> Sequence[str]:
    """Stands for Prometheus, which knows a function only in one region."""
    if label == "function" and selector not in (None, 'up{region=~"eu-west-1", x=~"a,b"}'):
        return []
    return LABELS[label]


def resolved(*variables: dict[str, Any]) -> dict[str, str]:
    return resolve({"templating": {"list": variables}}, {}, label_values)


def query(name: str, text: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "query", "query": text, **more}


def test_all_is_every_value_as_a_regular_expression() -> None:
    found = resolved(query("r", "label_values(up, region)", includeAll=True))
    assert found == {"r": "(eu-west-1|us-east-1)"}


def test_without_all_it_is_the_first_value() -> None:
    assert resolved(query("r", {"query": "label_values(region)", "refId": "A"})) == {"r": "eu-west-1"}


def test_a_value_of_its_own_for_all_goes_before_what_is_found() -> None:
    assert resolved(query("r", "label_values(empty)", includeAll=True, allValue=".*")) == {"r": ".*"}


def test_what_a_regular_expression_means_specially_is_escaped_as_grafana_does() -> None:
    assert resolved(query("f", "label_values(function)", includeAll=True)) == {"f": r"a\\.b"}


def test_a_later_variable_is_asked_with_the_value_of_an_earlier_one() -> None:
    chained = query("f", 'label_values(up{region=~"$r", x=~"a,b"}, function)')
    assert resolved(query("r", "label_values(region)"), chained)["f"] == r"a\\.b"


def test_custom_lists_intervals_and_texts_need_no_asking() -> None:
    found = resolved(
        {"name": "c", "type": "custom", "query": "p50, p99"},
        {"name": "i", "type": "interval", "query": "5m,1h"},
        {"name": "t", "type": "textbox", "query": "x"},
        {"name": "d", "type": "datasource", "query": "prometheus"},
    )
    assert found == {"c": "p50", "i": "5m", "t": "x"}


@pytest.mark.parametrize(
    "variable",
    [
        query("v", "label_values(empty)", includeAll=True),
        query("v", "query_result(up)"),
        {"name": "v", "type": "switch", "query": ""},
    ],
)
def test_a_variable_without_values_or_of_another_kind_is_refused_by_name(variable: dict[str, Any]) -> None:
    with pytest.raises(UnresolvedError, match=r"\$v"):
        resolved(variable)


def test_grafanas_own_variables_are_there_for_all_others() -> None:
    assert resolve({}, {"__range": "1h"}, label_values) == {"__range": "1h"}
