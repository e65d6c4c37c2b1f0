"""What commands print."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lambdascope_proxy.printing import print_json, print_line, print_table


def test_a_table_shows_every_value_whole_even_into_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    long = "arn:aws:lambda:us-east-1:123456789012:function:" + "x" * 64
    print_table(
        "calls",
        ["function", "cost", "ms", "count"],
        [(long, Decimal("0.000000866670"), 1.005, 3), ("b", None, 2.0, None)],
    )
    printed = capsys.readouterr().out
    assert printed.startswith("calls")
    for shown in (long, "0.000000866670", "2.00", "3"):
        assert shown in printed
    assert "None" not in printed
    assert "E-" not in printed


def test_square_brackets_in_a_value_are_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("t", ["version"], [("2026/11/22/[red]$LATEST[/red]",)])
    assert "[red]$LATEST[/red]" in capsys.readouterr().out


def test_json_keeps_money_exact_and_times_in_iso_format(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"cost": Decimal("8.66670E-7"), "at": datetime(2026, 11, 22, tzinfo=UTC), "where": Path("é")})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"cost": "0.000000866670", "at": "2026-11-22T00:00:00+00:00", "where": "é"}
    assert printed.endswith("}\n")


def test_a_line_ends_with_its_newline(capsys: pytest.CaptureFixture[str]) -> None:
    print_line("a")
    print_line()
    assert capsys.readouterr().out == "a\n\n"


def test_a_small_figure_does_not_read_as_none(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("", ["a"], [[1e-7], [0.0047], [0.2709], [12.345], [0.0], [float("inf")]])
    cells = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert cells[-7:-1] == ["0.0000001", "0.0047", "0.271", "12.35", "0.00", "inf"]
