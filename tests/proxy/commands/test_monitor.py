"""`lambdascope monitor`: how a function, or all of them, have been doing."""

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_proxy.cli import main

pytestmark = pytest.mark.usefixtures("past")
CARD = ["monitor", "demo-charge-card"]


def test_a_functions_figures_are_those_of_all_its_calls(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CARD, "--last", "1h", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["invocations"] == {"count": 3, "source": "metrics", "through_this_proxy": 2, "share": 0.6667}
    assert data["errors"] == {"count": 1, "rate": 0.3333}
    assert data["top_errors"][0]["request_id"] == past.calls["declined"]["request_id"]


def test_people_get_tables_and_are_told_besides_what_they_must_know(
    past: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*CARD, "--last", "1h"]) == 0
    printed = capsys.readouterr()
    for line in ("  3, 66.7% through this proxy\n", "  1, 33.3% of invocations\n", "least  most\n"):
        assert line in printed.out
    assert f"`lambdascope inspect {past.calls['declined']['request_id']}`" in printed.out
    assert "CloudWatch lags" in printed.err
    assert "CloudWatch lags" not in printed.out


def test_where_only_ascii_can_be_written_that_is_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main([*CARD, "--last", "1h"]) == main(["monitor", "--fleet", "--last", "1h"]) == 0
    out = written.getvalue().decode("ascii")
    assert "\n-----" in out
    assert "############" in out


def test_the_look_is_recorded_with_its_cost(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CARD, "--metrics", "errors,throttles", "--no-errors", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    with open_history(past.directory) as history:
        row = history.query("SELECT * FROM calls WHERE target = 'cloudwatch' ORDER BY call_id DESC LIMIT 1")[0]
    assert (row["tool_name"], row["transport"], row["outcome"]) == ("monitor_executions", "cli", "ok")
    assert row["cost_usd"] == Decimal(data["bill"]["cost_usd"])
    assert "duration" not in data
    assert "top_errors" not in data


def test_a_qualifier_that_does_not_exist_is_told_on_stderr_with_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CARD, "--qualifier", "nope"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nope" in printed.err
    assert "Traceback" not in printed.err


def test_what_could_not_be_read_is_told_and_the_rest_is_shown(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    past.aws.faults.deny_next("cloudwatch", "GetMetricData")
    assert main(CARD) == 0
    printed = capsys.readouterr()
    assert "Incomplete: " in printed.err
    assert "cloudwatch:GetMetricData" in printed.err
    assert "\ninvocations   3, " in printed.out  # from the logs
    assert "\nthrottles     unknown\n" in printed.out


def test_the_fleet_is_worst_first_with_bars(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "--fleet", "--last", "1h"]) == 0
    out = capsys.readouterr().out
    assert "8 functions, 3 with traffic" in out
    assert "invocations 5, errors 2, throttles 0" in out
    lines = [line.split()[:4] for line in out.splitlines() if line.startswith("demo-")]
    assert lines == [
        ["demo-charge-card", "3", "1", "33.3%"],
        ["demo-export-catalog", "1", "1", "100%"],
        ["demo-order-status", "1", "0", "0%"],
    ]
    assert "████████████" in out


def test_the_fleet_is_sorted_and_cut_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "--fleet", "--sort-by", "error_rate", "--limit", "1", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in data["functions"]] == ["demo-export-catalog"]
    assert data["not_listed"] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "the name of a function, or --fleet"),
        (["orders", "--fleet"], "the name of a function, or --fleet"),
        (["--fleet", "--qualifier", "live"], "--qualifier goes without --fleet"),
        (["--fleet", "--no-errors"], "--no-errors goes without --fleet"),
        (["orders", "--limit", "0"], "--limit goes with --fleet"),
        (["orders", "--watch", "1"], "5 is the least"),
        (["orders", "--watch", "nan"], "use 5 to 86400 seconds"),
        (["orders", "--last", "1h", "--end", "2026-11-22"], "--last goes without"),
    ],
)
def test_words_that_contradict_each_other_are_bad_usage(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["monitor", *words]) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [(["orders", "--metrics", "errors,nope"], "iterator"), (["--fleet", "--sort-by", "nope"], "duration_p95")],
)
def test_an_unknown_figure_is_bad_usage_and_told_with_those_there_are(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["monitor", *words])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_watch_whose_first_answer_is_an_error_ends_with_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "demo-none", "--watch"]) == 1
    assert "demo-none" in capsys.readouterr().err


def test_a_watch_on_a_terminal_draws_and_ends_on_ctrl_c_with_code_0() -> None:
    """The key itself, through a terminal: the signal reaches whatever waits at that moment."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    command = [sys.executable, "-m", "lambdascope_proxy.cli", *CARD, "--watch"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment, preexec_fn=take_terminal
    ) as process:
        os.close(theirs)
        try:
            shown = read_until(ours, b"\x1b[J")
            os.write(ours, b"\x03")
            said = process.communicate(timeout=30)[1]
        finally:
            process.kill()
            os.close(ours)
    assert b"again every 30 s; Ctrl-C ends" in shown
    assert b"demo-charge-card in us-east-1" in shown
    assert (process.returncode, said) == (0, b"")


def take_terminal() -> None:
    """Makes the terminal on descriptor 0 the one whose Ctrl-C this process gets."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def read_until(descriptor: int, mark: bytes, at_most_s: float = 60) -> bytes:
    """What comes until the mark."""
    shown, deadline = b"", time.monotonic() + at_most_s
    while mark not in shown:
        assert select.select([descriptor], [], [], deadline - time.monotonic())[0], shown
        shown += os.read(descriptor, 65_536)
    return shown
