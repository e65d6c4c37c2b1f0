"""Metric math is read as it is meant, or refused; nothing else comes out, whatever goes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.metrics.expressions import (
    Array,
    Call,
    Name,
    Node,
    Number,
    Operation,
    Text,
    parse_expression,
)


def shown(node: Node) -> str:
    """The tree with every pair of parentheses."""
    match node:
        case Number(value):
            return f"{value:g}"
        case Name(name):
            return name
        case Text(text):
            return f'"{text}"'
        case Array(items):
            return f"[{', '.join(map(shown, items))}]"
        case Call(function, arguments):
            return f"{function}({', '.join(map(shown, arguments))})"
        case Operation(operator, left, right):
            return f"({shown(left)} {operator} {shown(right)})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m1", "m1"),
        (" 1 + 2*3 ", "(1 + (2 * 3))"),
        ("10-2-3", "((10 - 2) - 3)"),
        ("8/4/2", "((8 / 4) / 2)"),
        ("(1+2)*3", "((1 + 2) * 3)"),
        ("2*m1^2", "(2 * (m1 ^ 2))"),
        ("-m1*2", "((0 - m1) * 2)"),
        ("1--m1", "(1 - (0 - m1))"),
        (".5*m1", "(0.5 * m1)"),
        ("100*errors/invocations", "((100 * errors) / invocations)"),
        ("m1+1 > m2 AND m2 < 3 || m3 == 0", "((((m1 + 1) > m2) AND (m2 < 3)) OR (m3 == 0))"),
        ("IF(m1>=2 && m2!=0, m1, 0)", "IF(((m1 >= 2) AND (m2 != 0)), m1, 0)"),
        ("SUM([m1,m2]/m3)", "SUM(([m1, m2] / m3))"),
        ("SUM(METRICS())", "SUM(METRICS())"),
        ("SUM(METRICS('err'))", 'SUM(METRICS("err"))'),
        ("FILL(m1, REPEAT)", "FILL(m1, REPEAT)"),
    ],
)
def test_an_expression_groups_as_in_arithmetic(text: str, expected: str) -> None:
    assert shown(parse_expression(text)) == expected


REFUSED = (
    *("", " ", "1 +", "+ 1", "(1", "1)", "m1 m2", "m1, m2", "[m1", "SUM(m1", "SUM(m1,,m2)", "SUM(,m1)", "1e3", "1.2.3"),
    *("2m", "m1 ^ 2 ^ 3", "-m1^2", "m1 < m2 < m3", "m1 = m2", "m1 % 2", "m1 ! m2", "AND m1", "m1 AND", "'a", "é"),
    *("SELECT AVG(Duration) FROM SCHEMA(x)", "m1; m2", "(" * 41 + "1" + ")" * 41, "1" * 2049),
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"unexpected|expected|parentheses|deeply|characters|in a row"):
        parse_expression(text)


@given(text=st.text(alphabet="m1 2.+-*/^()[],<>=!&|\"'ANDORSUM", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """And what was read is read again from its own description, as the same tree."""
    try:
        tree = parse_expression(text)
    except ValueError:
        return
    assert shown(parse_expression(shown(tree))) == shown(tree)
