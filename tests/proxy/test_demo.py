"""The demo: what its server may see, and what it says when a call did not end as planned."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_proxy import demo, demo_traffic
from lambdascope_proxy.cli import main
from lambdascope_proxy.demo import exports, run_demo, serve_environment
from lambdascope_proxy.demo_looking import Looks
from lambdascope_proxy.demo_traffic import Played
from lambdascope_proxy.local import LocalAws

Enter = Callable[[Mapping[str, str]], None]
# The installed command: run with `-m`, Python ends by SIGINT whatever we return if Ctrl-C came while a string was run,
# as dataclasses do on import.
COMMAND = str(Path(sys.executable).with_name("lambdascope"))


@pytest.fixture(autouse=True)
def kept_process(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """The demo changes what signals do to its process, and which hosts it reaches without a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_its_server_sees_the_local_aws_and_nothing_of_the_users_own(
    shop: LocalAws, enter: Enter, tmp_path: Path
) -> None:
    # A demo that reached the user's account would call real functions.
    users = {"AWS_PROFILE": "production", "AWS_SECRET_ACCESS_KEY": "real", "FUNCTION_LIST": "payroll"}
    limits = {"LAMBDASCOPE_MAX_CONCURRENCY": "0", "MCP_SERVER_PORT": "http"}
    otel = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    enter({**users, **limits, **otel, "LOG_LEVEL": "INFO", "HTTP_PROXY": "http://127.0.0.1:9"})
    environment = serve_environment(shop, tmp_path)
    assert "AWS_PROFILE" not in environment
    assert "FUNCTION_LIST" not in environment
    assert not environment.keys() & limits.keys()  # they would keep it from starting
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert environment["NO_PROXY"] == environment["no_proxy"] == "127.0.0.1"
    assert "real" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == shop.endpoint_url
    assert environment["FUNCTION_PREFIX"] == "demo-"
    assert environment["LAMBDASCOPE_HISTORY_DIR"] == str(tmp_path)
    assert (environment["LOG_LEVEL"], environment["PATH"]) == ("INFO", os.environ["PATH"])


def test_what_ends_otherwise_than_planned_is_told_and_fails_the_demo(
    enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({})

    def play(url: str) -> Played:
        return Played(unexpected=[f"demo-x at {url.rsplit(':', 1)[0]}: ok, not refused"], accepted=["nobody-ran-this"])

    def look(url: str, functions: Sequence[str]) -> Looks:
        failures = ["monitor_fleet: throttled: no"]
        return Looks(executions=None, cold_starts=None, fleet=None, analyses={}, failures=failures)

    monkeypatch.setattr(demo, "play_script", play)
    monkeypatch.setattr(demo, "look", look)
    monkeypatch.setattr(demo, "LATER_S", 0)
    assert run_demo(is_once=True, port=0, history_directory=tmp_path) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("NOT AS EXPECTED: ")]
    assert told == [
        "NOT AS EXPECTED: demo-x at http://127.0.0.1: ok, not refused",
        "NOT AS EXPECTED: request nobody-ran-this was accepted and has not run",
        "NOT AS EXPECTED: monitor_fleet: throttled: no",
    ]


def test_cloudwatch_and_the_history_tell_the_same_of_it(
    enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Were the asynchronous call not waited for and then completed, each would count something else."""
    enter({})
    kept = [p for p in demo_traffic.SCRIPT if p.function == "demo-charge-card" or p.outcome == "accepted"]
    monkeypatch.setattr(demo_traffic, "SCRIPT", kept)
    assert run_demo(is_once=True, port=0, history_directory=tmp_path) == 0
    printed = capsys.readouterr().out
    assert "Incomplete" not in printed
    with open_history(tmp_path) as history:
        ran = history.query("SELECT * FROM calls WHERE target = 'lambda' AND duration_ms IS NOT NULL ORDER BY call_id")
    assert [(row["function_name"], row["cold_start"], row["outcome"]) for row in ran] == [
        ("demo-charge-card", True, "ok"),
        ("demo-charge-card", False, "function_error"),
        ("demo-sync-stock", True, "ok"),
    ]
    by_tools = printed.partition("demo-charge-card by monitor_executions")[2]
    executions, cold_starts, fleet, analyses = re.split(
        "Cold starts by query_logs.*\n|All functions by monitor_fleet.*\n|What the history tells.*\n", by_tools
    )
    cost = sum(row["cost_usd"] for row in ran[:2])
    (figures,) = [line.split() for line in executions.splitlines() if "CardDeclinedError" in line]
    assert figures[:3] == ["2", "1", "1"]
    # The history rounds each of the two calls to the twelfth decimal, the tool their sum.
    assert abs(Decimal(figures[6]) - cost) <= Decimal("1e-12")
    assert {line.split()[0]: line.split()[3] for line in cold_starts.splitlines() if " demo-" in line} == {
        row["function_name"]: str(row["billed_ms"]) for row in ran if row["cold_start"]
    }
    assert [line.split()[:3] for line in fleet.splitlines() if " demo-" in line] == [
        ["demo-charge-card", "2", "1"],
        ["demo-sync-stock", "1", "0"],
    ]
    (summary,) = [line.split() for line in analyses.splitlines() if line.split()[:1] == ["analyze_cost"]]
    assert summary[1:4] == [str(len(kept)), "calls", "cost"]


def test_a_server_that_does_not_start_ends_the_demo_with_its_reason(enter: Enter, tmp_path: Path) -> None:
    enter({"LOG_LEVEL": "loud"})
    with pytest.raises(ChildProcessError, match=r"did not start: LOG_LEVEL='loud'"):
        run_demo(is_once=True, port=0, history_directory=tmp_path)


def test_a_port_that_is_taken_is_one_line_and_exit_code_1(
    enter: Enter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["demo", "--port", str(port), "--history-dir", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"cannot serve at 127.0.0.1, port {port}: " in said
    assert said.count("\n") == 1


def test_settings_and_proxies_of_the_user_do_not_disturb_it(
    enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter({"LAMBDASCOPE_MAX_CONCURRENCY": "0", "MCP_SERVER_PORT": "http", "AWS_PROFILE": "production"})
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    monkeypatch.setattr(demo_traffic, "SCRIPT", demo_traffic.SCRIPT[:1])
    assert run_demo(is_once=True, port=0, history_directory=tmp_path) == 0


def terminate(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


def press_ctrl_c(process: subprocess.Popen[str]) -> None:
    """As a terminal does: every process of the group gets it."""
    os.killpg(process.pid, signal.SIGINT)


def test_a_shell_that_is_given_its_line_looks_at_the_demo_and_at_its_history(
    enter: Enter, tmp_path: Path, shop: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile of the user's would disturb; a path with a space would end early, a relative one lead elsewhere."""
    monkeypatch.chdir(tmp_path)
    enter({"AWS_PROFILE": "production", "AWS_REGION": "eu-north-1"})
    line = exports(serve_environment(shop, Path("my history")))
    script = f'{line}\n"$1" -m lambdascope_proxy.cli functions; "$1" -m lambdascope_proxy.cli history path'
    command = ["sh", "-c", script, "sh", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert "demo-charge-card" in done.stdout
    assert str(tmp_path / "my history") in done.stdout
    assert "\n" not in line


# As `command &` in a script does: its SIGINT is ignored, and what runs it inherits that.
IN_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]


@pytest.mark.parametrize("started_by", [[], IN_BACKGROUND], ids=["terminal", "background"])
@pytest.mark.parametrize(("stop", "code"), [(terminate, 128 + signal.SIGTERM), (press_ctrl_c, 0)])
def test_a_demo_that_is_told_to_stop_takes_its_server_and_its_history_with_it(
    enter: Enter, tmp_path: Path, stop: Callable[[subprocess.Popen[str]], None], code: int, started_by: list[str]
) -> None:
    enter({"TMPDIR": str(tmp_path)})
    command = [*started_by, COMMAND, "demo", "--port", "0"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, stdout=piped, stderr=piped, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+(?=/mcp)", process.stdout.readline())
        assert found
        with urlopen(f"{found[0]}/health", timeout=20) as answer:
            assert answer.status == 200
        assert list(tmp_path.glob("lambdascope-demo-*"))
        stop(process)
        try:
            assert process.communicate(timeout=30)[1] == ""
        finally:
            process.kill()  # one that does not stop must fail the test, not hold it up
    assert process.returncode == code
    assert list(tmp_path.glob("lambdascope-demo-*")) == []
    with pytest.raises(URLError):
        urlopen(f"{found[0]}/health", timeout=20)
