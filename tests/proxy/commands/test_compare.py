"""`lambdascope compare`: what changed, as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_a_past_that_is_too_young_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--last", "1h"]) == 0
    out = capsys.readouterr().out
    assert "The history begins after the earlier period, at " in out
    assert "there is nothing to compare 3 calls with" in out
    assert "too few calls" in out
    assert "Next: " not in out


def test_programs_get_the_answer_whole_and_csv_has_a_row_for_each_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--last", "1h", "--function", "demo-charge-card", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["calls_before"], answer["calls_after"]) == (0, 2)
    assert main(["compare", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["measure"] for row in rows] == [change["measure"] for change in answer["changes"]]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--version", "2"], "version goes with before_version"),
        (["--before-start", "2026-01-01"], "--before-start goes with --before-end"),
    ],
)
def test_a_senseless_question_is_bad_usage(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *words]) == 2
    assert told in capsys.readouterr().err


def test_two_periods_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--start",
        "2026-02-01",
        "--end",
        "2026-02-03",
        "--before-start",
        "2026-01-01",
        "--before-end",
        "2026-01-03",
    ]
    assert main(["compare", *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["before"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-03T00:00:00Z"}
    assert answer["calls"] == 0
