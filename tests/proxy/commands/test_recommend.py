"""`lambdascope recommend`: advice as a page, as JSON and as CSV, without AWS."""

import csv
import io
import json

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_people_are_told_what_a_few_calls_cannot_say_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "demo-charge-card", "--last", "1h"]) == 0
    out = capsys.readouterr().out
    assert "2 executions): nothing can be advised yet. Not judged: memory, architecture, timeout" in out
    assert "Cannot say" in out
    assert "at least 50" in out


def test_memory_that_ran_out_once_is_enough_to_ask_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "demo-export-catalog", "--json", "--timeout-s", "30"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (memory,) = answer["recommendations"]
    assert (answer["calls"], memory["setting"], memory["purpose"]) == (1, "memory", "fewer failures")
    assert int(memory["suggested"].split()[0]) > int(memory["current"].split()[0])
    assert {each["setting"] for each in answer["refusals"]} >= {"timeout", "retries"}


def test_csv_has_a_row_for_each_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "demo-charge-card", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["suggested"] for row in rows} == {"cannot say"}
    assert len(rows) == 6


def test_a_function_that_was_never_called_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "us-east-1:unheard-of"]) == 0
    assert "The history knows no function unheard-of, but demo-charge-card" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["orders", "--timeout-s", "0"], "timeout_s is 0: use 1 to 5400 seconds"),
        (["eu-west-1:orders", "--region", "us-east-1"], "is in eu-west-1, but region is 'us-east-1'"),
        (["orders", "--last", "soon"], "last is 'soon'"),
    ],
)
def test_a_senseless_question_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert main(["recommend", *arguments]) in (1, 2)
    assert reason in capsys.readouterr().err


def test_the_size_it_has_now_can_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    set_now = ["--memory-mb", "512", "--architecture", "arm64"]
    assert main(["recommend", "demo-charge-card", *set_now]) == 0
    assert "nothing can be advised yet" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["recommend", "demo-charge-card", "--architecture", "sparc"])
