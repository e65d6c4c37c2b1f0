"""`lambdascope errors`: what failed, as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json
from typing import Any

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_people_see_the_two_failures_of_the_past_and_the_command_that_goes_on(
    past: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["errors", "--last", "1h", "--by", "function"]) == 0
    out = capsys.readouterr().out
    assert "2 of 3 calls failed" in out
    assert "demo-export-catalog" in out
    assert "Next: `lambdascope inspect " in out


def test_programs_get_the_answer_whole_and_an_example_is_one_of_the_calls(
    past: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["errors", "--last", "1h", "--function", "demo-charge-card", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (kind,) = answer["errors"]
    assert (answer["calls"], answer["failures"], kind["calls"]) == (2, 1, 1)
    assert kind["examples"] == [past.calls["declined"]["call_id"]]


def test_csv_has_a_row_for_each_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errors", "--by", "function", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["group"]: row["failures"] for row in rows} == {"demo-charge-card": "1", "demo-export-catalog": "1"}


def test_a_senseless_question_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errors", "--top", "0"]) == 2
    assert "top is 0: use 1 to 100" in capsys.readouterr().err


def test_an_unknown_group_is_bad_usage_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["errors", "--by", "colour"])
    assert ended.value.code == 2
    assert "principal" in capsys.readouterr().err
