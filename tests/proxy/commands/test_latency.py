"""`lambdascope latency`: how long calls took, as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json
from typing import Any

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_people_see_the_calls_of_the_past_and_the_command_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "--last", "1h"]) == 0
    out, err = capsys.readouterr()
    assert "3 calls took p50 " in out
    assert "demo-export-catalog" in out
    assert "Next: `lambdascope " in out
    assert "Only 3 calls" in err


def test_programs_get_the_percentiles_they_asked_for_of_one_function(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--function", "demo-charge-card", "--percentiles", "50,99.9", "--apdex-ms", "60000", "--by", "outcome"]
    assert main(["latency", *asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["calls"], answer["apdex_ms"], answer["overall"]["apdex"]) == (2, 60_000, 0.5)
    assert [*answer["overall"]["percentiles_ms"]] == ["p50", "p99.9"]
    assert {group["group"] for group in answer["groups"]} == {"ok", "function_error"}


def test_csv_has_a_row_for_each_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "--csv", "--top", "1"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert float(row["p50_ms"]) > 0
    assert int(row["calls"]) in {1, 2}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--top", "0"], "top is 0: use 1 to 100"),
        (["--percentiles", "50,100"], "percentiles has 100, which is not between 0 and 100"),
        (["--apdex-ms", "-1"], "apdex_ms is -1, which is not above zero"),
    ],
)
def test_a_senseless_question_is_bad_usage(wrong: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", *wrong]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--by", "colour"], ["--percentiles", "some"]])
def test_what_cannot_be_read_is_bad_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["latency", *wrong])
    assert ended.value.code == 2
    assert wrong[1] in capsys.readouterr().err


def test_an_unknown_function_is_an_answer_without_calls(capsys: pytest.CaptureFixture[Any]) -> None:
    assert main(["latency", "--function", "nowhere"]) == 0
    assert "The history knows no function nowhere, but demo-" in capsys.readouterr().out
