"""Who called what: what is shown of it, and to whom it cannot lie by leaving something out."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

History = Callable[..., int]
Store = Callable[..., None]
Capture = pytest.CaptureFixture[str]
SINCE = ("--since", "2026-11-20", "--until", "2026-11-22")


@pytest.fixture
def stored(store: Store) -> None:
    aws = {"function_name": "orders", "target": "lambda", "request_id": "r-1", "trace_id": "ab" * 16}
    store(2, principal="ada", tool_name="invoke_function", outcome="ok", **aws)
    store(1, principal="key:ci", tool_name="list_functions", outcome="access_denied", error_type="NotAllowed")


def listed(history: History, capsys: Capture, *arguments: str) -> list[tuple[str, str]]:
    assert history("audit", *SINCE, "--json", *arguments) == 0
    return [(call["principal"], call["outcome"]) for call in json.loads(capsys.readouterr().out)]


@pytest.mark.usefixtures("stored")
def test_each_call_is_told_with_who_made_it_and_how_to_find_it_elsewhere(history: History, capsys: Capture) -> None:
    assert history("audit", *SINCE) == 0
    printed = capsys.readouterr()
    lines = [line.split() for line in printed.out.splitlines() if line.strip().startswith("2026")]
    assert ["2026-11-20", "13:00:00", "ada", "invoke_function", "lambda", "orders", "ok", "r-1", "ab" * 16] in lines
    assert len(lines) == 3
    assert printed.err == ""


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((), 3),
        (("--principal", "ada"), 2),
        (("--principal", "key:ci"), 1),
        (("--principal", "nobody"), 0),
        (("--tool", "list_functions"), 1),
        (("--outcome", "access_denied"), 1),
        (("--outcome", "access_denied", "--principal", "ada"), 0),
        (("--since", "2026-11-20T12:30Z"), 1),
        (("--until", "2026-11-20T12:30Z"), 2),
    ],
)
def test_questions_narrow_it(history: History, capsys: Capture, asked: tuple[str, ...], found: int) -> None:
    assert len(listed(history, capsys, *asked)) == found


@pytest.mark.usefixtures("stored")
def test_as_csv_it_has_a_line_for_each_call_oldest_first(history: History, capsys: Capture) -> None:
    assert history("audit", *SINCE, "--csv", "--principal", "ada") == 0
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [row["started_at"] for row in rows] == ["2026-11-20T12:00:00+00:00", "2026-11-20T13:00:00+00:00"]
    assert {(row["request_id"], row["error_type"]) for row in rows} == {("r-1", "")}


@pytest.mark.usefixtures("stored")
def test_a_list_that_is_cut_says_so_and_keeps_the_latest(history: History, capsys: Capture) -> None:
    # An audit that leaves out in silence would be worse than none.
    assert history("audit", *SINCE, "--json", "--limit", "1", "--principal", "ada") == 0
    printed = capsys.readouterr()
    assert [call["started_at"][:13] for call in json.loads(printed.out)] == ["2026-11-20T13"]
    assert "There are more" in printed.err
    assert history("audit", *SINCE, "--json", "--limit", "2", "--principal", "ada") == 0
    assert capsys.readouterr().err == ""


def test_what_callers_wrote_cannot_steer_a_terminal(history: History, store: Store, capsys: Capture) -> None:
    store(1, principal="eve", tool_name="invoke_function", function_name="a\x1b[2Jb", outcome="not_found")
    assert history("audit", *SINCE) == 0
    assert "a?[2Jb" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ("--since", "yesterday"),
        ("--until", "soon"),
        ("--outcome", "fine"),
        ("--limit", "0"),
        ("--json", "--csv"),
    ],
)
def test_questions_that_make_no_sense_are_bad_usage(history: History, directory: Path, wrong: tuple[str, ...]) -> None:
    directory.mkdir()
    assert history("audit", *wrong) == 2


def test_a_place_without_a_history_is_no_empty_audit(history: History, directory: Path, capsys: Capture) -> None:
    assert history("audit") == 1
    assert "there is no history" in capsys.readouterr().err
    assert not directory.exists()


@pytest.mark.parametrize("formula", ['=HYPERLINK("https://evil.example")', "+1", "-1+cmd", "@SUM(1)", " =1+1"])
def test_what_callers_wrote_is_no_formula_in_a_spreadsheet(
    history: History, store: Store, capsys: Capture, formula: str
) -> None:
    store(1, principal="eve", tool_name="invoke_function", function_name=f"{formula}\x1b[2J", outcome="not_found")
    assert history("audit", *SINCE, "--csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["function_name"] == f"'{formula}?[2J"
