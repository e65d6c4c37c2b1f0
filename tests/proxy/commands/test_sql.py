"""`lambdascope sql`: rows on stdout, what to know of them on stderr."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.cli import main

Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture(autouse=True)
def history(enter: Enter, tmp_path: Path) -> None:
    """A history of three calls, and no other setting."""
    enter({"LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history")})
    writer = SpoolWriter(tmp_path / "history")
    for number in range(3):
        writer.append({"started_at": datetime(2026, 11, 20, tzinfo=UTC), "pid": number, "function_name": "orders"})
    assert writer.close(30)


def test_rows_are_a_table_with_nothing_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "SELECT function_name, count(*) AS calls FROM calls GROUP BY ALL"]) == 0
    printed = capsys.readouterr()
    assert "orders" in printed.out
    assert "calls" in printed.out
    assert printed.err == ""


def test_as_json_they_come_as_the_tool_gives_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "--json", "--max-rows", "1", "SELECT pid FROM calls ORDER BY pid"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["columns"], document["rows"]) == ([{"name": "pid", "type": "INTEGER"}], [[0]])
    assert document["truncated"]
    assert "there are more" in printed.err


def test_as_csv_they_are_quoted_and_nested_values_are_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 'x,y' AS a, [1, 2] AS b, NULL AS c"))
    assert main(["sql", "--csv", "-"]) == 0
    assert capsys.readouterr().out == 'a,b,c\n"x,y","[1, 2]",\n'


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sql", "COPY calls TO 'x'"], 1, "one SELECT"),
        (["sql", "SELECT nonsense FROM calls"], 1, "nonsense"),
        (["sql", " "], 1, "empty"),
        (["sql", "SELECT 1", "--max-rows", "0"], 2, "--max-rows"),
    ],
)
def test_a_failure_is_one_line_on_stderr(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_no_query_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sql"])
    assert ended.value.code == 2
    assert "query" in capsys.readouterr().err
