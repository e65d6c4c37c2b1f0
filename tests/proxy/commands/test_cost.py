"""`lambdascope cost`: what calls cost, as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_people_see_what_each_function_cost_and_the_command_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--last", "1h"]) == 0
    out, err = capsys.readouterr()
    assert "3 calls cost $0.0000" in out
    assert out.index("demo-export-catalog") < out.index("demo-charge-card"), "dearest first"
    assert "Next: Failures took" in out
    assert "`lambdascope errors --last 1h` tells which." in out
    assert "without free tier" in err


def test_programs_get_the_answer_whole_and_it_is_the_sum_of_what_the_calls_cost(
    past: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", "--by", "outcome", "--no-previous", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    costs = [Decimal(call["cost_usd"]) for call in past.calls.values()]
    assert Decimal(answer["cost_usd"]) == sum(costs)
    assert (answer["calls"], answer["previous"], len(answer["groups"])) == (3, None, 3)


def test_csv_has_a_row_for_each_group(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--function", "demo-charge-card", "--csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    wanted = Decimal(past.calls["charged"]["cost_usd"]) + Decimal(past.calls["declined"]["cost_usd"])
    assert (row["group"], row["calls"], Decimal(row["cost_usd"])) == ("demo-charge-card", "2", wanted)


def test_a_senseless_question_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--top", "0"]) == 2
    assert "top is 0: use 1 to 100" in capsys.readouterr().err
