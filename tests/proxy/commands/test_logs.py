"""`lambdascope logs`: rows of Logs Insights."""

import io
import json
import sys
from typing import Any

import pytest

from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")


def test_a_preset_gives_its_rows_as_a_table(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "demo-charge-card", "demo-export-catalog", "--preset", "errors", "--last", "1h"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("2 rows, ")
    for name in ("declined", "exported"):
        assert past.calls[name]["request_id"] in printed.out
    assert past.calls["charged"]["request_id"] not in printed.out
    assert "bytes scanned, for $0.0000000" in printed.out


def test_a_query_may_come_from_stdin(
    past: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("filter type = 'platform.report' | stats count(*) as reports"))
    assert main(["logs", "demo-charge-card", "--query", "-", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["columns"], data["rows"]) == (["reports"], [["3"]])


def test_the_rows_end_at_the_limit_and_that_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "demo-charge-card", "--preset", "slowest", "--limit", "1"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("1 row, ")
    assert "These are the first 1 rows" in printed.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["demo-charge-card", "--query", "fields @message | nonsense"], "nonsense"),
        (["demo-charge-card", "--query", ""], "query"),
        (["demo-charge-card", "--preset", "errors", "--start", "2030-01-01"], "future"),
        (["payroll", "--preset", "errors"], "payroll"),
    ],
)
def test_what_cannot_be_asked_is_told_on_stderr_with_code_1(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["logs", *words]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--preset", "errors"], "FUNCTION"),
        (["demo-charge-card"], "--preset"),
        (["demo-charge-card", "--preset", "errors", "--query", "fields @message"], "not allowed with"),
        (["demo-charge-card", "--preset", "nope"], "requests_per_bin"),
    ],
)
def test_bad_usage_is_exit_code_2(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["logs", *words])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
