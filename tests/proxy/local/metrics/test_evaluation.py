"""Expressions over the metrics of a request: names, functions, and what is refused."""

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.evaluation import Evaluation
from lambdascope_proxy.local.metrics.expressions import parse_expression
from lambdascope_proxy.local.metrics.samples import Series
from lambdascope_proxy.local.metrics.windows import Window

WINDOW = Window(start_s=0, end_s=240, now_s=1000)
METRICS = {
    "errors": Series(label="Errors", period_s=60, points={0: 1, 60: 0, 180: 3}),
    "calls": Series(label="Invocations", period_s=60, points={0: 4, 60: 5, 180: 6}),
    "slow": Series(label="Duration", period_s=60, points={60: 2.5}),
    "hourly": Series(label="Duration", period_s=3600, points={0: 7}),
}


def series(**expressions: str) -> list[tuple[str, list[float | None]]]:
    """What the last of the expressions comes to, over the four minutes of the window."""
    trees = {name: parse_expression(text) for name, text in expressions.items()}
    found = Evaluation(METRICS, trees, WINDOW).series(list(expressions)[-1])
    return [(each.label, [each.points.get(at) for at in range(0, 240, 60)]) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100*errors/calls", [25, 0, None, 50]),
        ("calls - errors", [3, 5, None, 3]),
        ("FILL(errors, 0)", [1, 0, 0, 3]),
        ("FILL(calls, MIN(calls))", [4, 5, 4, 6]),
        ("FILL(slow, REPEAT)", [None, 2.5, 2.5, 2.5]),
        ("MAX([FILL(errors, 0), FILL(slow, 0)])", [1, 2.5, 0, 3]),
        ("SUM([errors, calls])", [5, 5, None, 9]),
        ("SUM(METRICS('rs'))", [1, 0, None, 3]),
        ("AVG([errors, slow])", [0.5, 1.25, None, 1.5]),
        ("calls/PERIOD(calls)", [4 / 60, 5 / 60, None, 0.1]),
        ("errors/PERIOD(hourly)*3600", [1, 0, None, 3]),
        ("RATE(calls)", [None, 1 / 60, None, 1 / 120]),
        ("ABS(errors-calls)", [3, 5, None, 3]),
        ("CEIL(slow) + FLOOR(slow)", [None, 5, None, None]),
        ("IF(errors > 0, calls)", [4, None, None, 6]),
        ("IF(errors > 0, 1, 0)", [1, 0, None, 1]),
        ("calls-AVG(calls)", [-1, 0, None, 1]),
        ("-calls", [-4, -5, None, -6]),
        ("+".join(["errors"] * 290), [290, 0, None, 870]),
    ],
)
def test_an_expression_has_the_value_worked_out_by_hand(text: str, expected: list[float | None]) -> None:
    ((_, found),) = series(e1=text)
    assert found == [None if value is None else pytest.approx(value) for value in expected]


def test_an_expression_uses_another_by_its_id() -> None:
    assert series(rate="errors/calls", percent="rate*100")[0][1] == [25, 0, None, 50]


def test_an_array_keeps_the_labels_of_its_series() -> None:
    assert series(e1="[errors, calls]*2") == [("Errors", [2, 0, None, 6]), ("Invocations", [8, 10, None, 12])]
    assert [label for label, _ in series(e1="METRICS()")] == ["Errors", "Invocations", "Duration", "Duration"]


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        ({"e1": "nothing"}, "there is no 'nothing'"),
        ({"e1": "5"}, "must be a time series"),
        ({"e1": "SUM(errors)"}, "must be a time series"),
        ({"e1": "e1"}, "refers to itself"),
        ({"e2": "e1+1", "e1": "e2+1"}, "refers to itself"),
        ({"e1": "errors+hourly"}, "one period"),
        ({"e1": "SUM(METRICS())"}, "one period"),
        ({"e1": "SUM(METRICS('nothing'))"}, "finds no metric"),
        ({"e1": "METRICS(errors)"}, "a string or nothing"),
        ({"e1": "PERIOD(5)"}, "the id of a metric"),
        ({"x": "errors*2", "e1": "errors/PERIOD(x)"}, "the id of a metric"),
        ({"e1": "FILL(errors, LINEAR)"}, "no 'LINEAR'"),
        ({"e1": "FILL(errors, calls)"}, "a number or REPEAT"),
        ({"e1": "FILL(errors)"}, "another number of arguments"),
        ({"e1": "ABS(5)*errors"}, "single time series"),
        ({"e1": "'text'"}, "METRICS only"),
        ({"e1": "[]"}, "empty array"),
        ({"e1": "[5]"}, "single time series"),
        ({"e1": "SEARCH('{AWS/Lambda} Errors', 'Sum')"}, "SEARCH is not implemented"),
        ({"e1": "ANOMALY_DETECTION_BAND(errors)"}, "ANOMALY_DETECTION_BAND is not implemented"),
        ({"e1": "STDDEV(errors)"}, "STDDEV is not implemented"),
        ({"e1": "sum([errors])"}, "sum is not implemented"),
        ({"e0": "errors", **{f"e{n}": f"e{n - 1}" for n in range(1, 200)}}, "nested too deeply"),
    ],
)
def test_what_is_not_played_is_refused_by_name(expressions: dict[str, str], message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        series(**expressions)
    assert caught.value.code == "ValidationError"
    assert f"Error in expression '{list(expressions)[-1]}'" in caught.value.message
