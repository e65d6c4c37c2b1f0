"""Asks Prometheus every expression of every dashboard and rule, and judges what came back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from stack.errors import StackError
from stack.expressions import Expression, of_dashboard, of_rules
from stack.operands import operands
from stack.placeholders import Values, substitute
from stack.places import DASHBOARDS, RULES
from stack.prometheus_api import PrometheusApi
from stack.variables import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an expression gave: `rows` series with a number in them, or `problem`, which kept it from being asked.

    `reason` says why it may be without data; None when it may not.
    """

    expression: Expression
    rows: int
    problem: str | None
    reason: str | None

    @property
    def is_failure(self) -> bool:
        """Whether it should have had data, or could not even be asked."""
        return self.problem is not None or (self.rows == 0 and self.reason is None)


def ask_all(prometheus: PrometheusApi, allowances: Mapping[str, str], grafana: Values) -> list[Answer]:
    """The answers to all that is shipped; `grafana` are the values of its own variables."""
    dashboards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))]
    rules = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yaml"))]
    answers = [answer for each in dashboards for answer in _ask_dashboard(prometheus, each, allowances, grafana)]
    return answers + [answer for each in rules for answer in _ask_rules(prometheus, each, allowances)]


def _ask_dashboard(
    prometheus: PrometheusApi, dashboard: Mapping[str, Any], allowances: Mapping[str, str], grafana: Values
) -> Iterator[Answer]:
    expressions = [*of_dashboard(dashboard)]
    try:
        values = resolve(dashboard, grafana, prometheus.label_values)
    except StackError as error:
        yield from (_failed(expression, error) for expression in expressions)
        return
    for expression in expressions:
        yield _ask(prometheus, expression, [expression.text], values, allowances)


def _ask_rules(prometheus: PrometheusApi, rules: Mapping[str, Any], allowances: Mapping[str, str]) -> Iterator[Answer]:
    for expression in of_rules(rules):
        is_alert = expression.place.startswith("alert ")
        asked = operands(expression.text) if is_alert else [expression.text]
        yield _ask(prometheus, expression, asked, {}, allowances)


def _ask(
    prometheus: PrometheusApi,
    expression: Expression,
    asked: Sequence[str],
    values: Values,
    allowances: Mapping[str, str],
) -> Answer:
    """Of several parts, as an alert has them, each must have data."""
    try:
        rows = [prometheus.count_rows(substitute(text, values)) for text in asked]
    except StackError as error:
        return _failed(expression, error)
    return Answer(expression=expression, rows=min(rows), problem=None, reason=allowances.get(expression.place))


def _failed(expression: Expression, error: StackError) -> Answer:
    return Answer(expression=expression, rows=0, problem=str(error), reason=None)
