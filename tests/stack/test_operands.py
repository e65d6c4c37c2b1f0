"""What of an alert is asked: an alert that is quiet has no rows, so its two sides are looked at instead."""

import pytest
from stack.operands import operands


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sum(rate(a[5m])) > 0.1", ["sum(rate(a[5m]))"]),
        ("a / b > 14.4 * 0.001 and c / b > 0.0144", ["a / b", "14.4 * 0.001", "c / b"]),
        ("(a > 1) or (b unless on (job) c)", ["a", "b", "c"]),
        ("a > bool 2", ["a"]),
        ("a > on (x) group_left () a", ["a"]),
        ("absent(up) == 1", ["absent(up)"]),
        ("sum(a > 1)", ["sum(a > 1)"]),
        ("rate(a[5m])", ["rate(a[5m])"]),
    ],
)
def test_an_alert_is_taken_apart_at_comparisons_and_set_operators(text: str, parts: list[str]) -> None:
    assert [part.replace("{}", "") for part in operands(text)] == parts
