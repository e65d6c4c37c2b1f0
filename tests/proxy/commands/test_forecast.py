"""`lambdascope forecast`: a month's cost, as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_of_a_history_of_one_day_nothing_is_forecast_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--budget", "$3"]) == 0
    out = capsys.readouterr().out
    assert "No forecast for 20" in out
    assert "0 complete days recorded, 3 are needed" in out
    assert "$3.000" in out
    assert "Next:" not in out, "a forecast never leads back to a question about cost, which may lead here"


def test_programs_get_the_answer_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--function", "demo-charge-card", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["calls"], answer["function_name"], answer["forecast_usd"]) == (2, "demo-charge-card", None)
    assert float(answer["spent_usd"]) > 0


def test_csv_has_a_row_for_each_day_of_the_month(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--months-ahead", "1", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) in {28, 29, 30, 31}
    assert rows[0]["day"].endswith("-01")


def test_a_month_too_far_ahead_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--months-ahead", "12"]) == 2
    assert "months_ahead is 12" in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["much", "-3", "0", "nan"])
def test_a_budget_that_is_no_amount_is_bad_usage_of_its_option(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["forecast", "--budget", budget])
    assert ended.value.code == 2
    assert f"argument --budget: '{budget}' is no amount" in capsys.readouterr().err
