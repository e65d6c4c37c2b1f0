"""The command line: exit codes, one-line reasons, and what is not imported for a word of help."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy import cli
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.commands import functions
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.local import LocalAws

HEAVY = "boto3 botocore duckdb pandas numpy mcp aiohttp rich opentelemetry.sdk anyio jsonschema"


def raising(error: BaseException) -> Callable[[Any], int]:
    def run(arguments: Any) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SettingsError("MCP_SERVER_PORT='x':\n use a number"), 2, "lambdascope: MCP_SERVER_PORT='x': use a number\n"),
        (
            CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says\nno.", "Grant it."),
            1,
            "lambdascope: AWS says no. Grant it.\n",
        ),
        (CallFailed(OutcomeKind.AWS_ERROR, "NoRegion", "No region."), 1, "lambdascope: No region.\n"),
        (KeyboardInterrupt(), 130, ""),
        (ChildProcessError("the server did not start"), 1, "lambdascope: the server did not start\n"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    monkeypatch.setattr(functions, "run", raising(error))
    assert cli.main(["functions"]) == code
    assert capsys.readouterr() == ("", said)


def test_the_exit_code_of_a_command_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in (0, 1):

        def run(arguments: Any, code: int = code) -> int:
            return code

        monkeypatch.setattr(functions, "run", run)
        assert cli.main(["functions"]) == code


def test_a_defect_of_ours_is_not_made_to_look_like_the_users_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "run", raising(KeyError("x")))
    with pytest.raises(KeyError):
        cli.main(["functions"])


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["invoke"], ["functions", "--nonsense"], ["serve", "--port", "x"]])
def test_bad_usage_exits_with_2_and_says_how_it_is_used(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        cli.main(argv)
    assert exited.value.code == 2
    assert "usage: lambdascope" in capsys.readouterr().err


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        cli.main([command, "--help"])
    assert exited.value.code == 0
    assert f"usage: lambdascope {command}" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"lambdascope {version('lambdascope')}\n"


def test_a_word_of_help_imports_nothing_heavy() -> None:
    program = f"""
import sys
from lambdascope_proxy import cli
for argv in (["--version"], ["--help"], ["serve", "--help"]):
    try:
        cli.main(argv)
    except SystemExit:
        pass
sys.stderr.write(" ".join(name for name in {HEAVY.split()!r} if name in sys.modules))
"""
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert child.stderr == ""
    assert version("lambdascope") in child.stdout


@pytest.fixture
def run(shop: LocalAws, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a command in a process of its own, with the demo's account and this stdout."""
    ours = {"FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    environ = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}

    def start(command: list[str], stdout: int) -> "subprocess.CompletedProcess[str]":
        environment = {**environ, **shop.environment(), **ours}
        return subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, env=environment, text=True, timeout=60, check=False
        )

    return start


Run = Callable[[list[str], int], "subprocess.CompletedProcess[str]"]
PROGRAM = [sys.executable, "-m", "lambdascope_proxy.cli"]
PRINTING = ["functions", "functions --json", "doctor", "serve --help", "--version"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("arguments", PRINTING)
def test_a_full_disk_under_stdout_is_one_line_and_exit_code_1(arguments: str, run: Run) -> None:
    # Python itself would tell it at its very end, in words of its own and with exit code 120.
    with Path("/dev/full").open("w") as full:
        done = run([*PROGRAM, *arguments.split()], full.fileno())
    assert (done.returncode, done.stderr) == (1, "lambdascope: [Errno 28] No space left on device\n")


@pytest.mark.parametrize("arguments", PRINTING)
def test_a_reader_that_left_is_told_nothing_and_exit_code_1(arguments: str, run: Run) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run([*PROGRAM, *arguments.split()], writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("arguments", ["functions", "--version"])
def test_a_closed_stdout_is_one_line_and_exit_code_1(arguments: str, run: Run) -> None:
    done = run(["/bin/sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, *arguments.split()], subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (1, "lambdascope: stdout is closed\n")
