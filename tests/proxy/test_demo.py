"""The demo: what its server may see, and what it says when a call did not end as planned."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from lambdascope_proxy import demo
from lambdascope_proxy.demo import run_demo, serve_environment
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.local import LocalAws

Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture(autouse=True)
def handlers() -> Generator[None]:
    """The demo changes what SIGTERM does to its process."""
    kept = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, kept)


def test_its_server_sees_the_local_aws_and_nothing_of_the_users_own(
    shop: LocalAws, enter: Enter, tmp_path: Path
) -> None:
    # A demo that reached the user's account would call real functions.
    enter(
        {"AWS_PROFILE": "production", "AWS_SECRET_ACCESS_KEY": "real", "FUNCTION_LIST": "payroll", "LOG_LEVEL": "INFO"}
    )
    environment = serve_environment(shop, tmp_path)
    assert "AWS_PROFILE" not in environment
    assert "FUNCTION_LIST" not in environment
    assert "real" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == shop.endpoint_url
    assert environment["FUNCTION_PREFIX"] == "demo-"
    assert environment["LAMBDASCOPE_HISTORY_DIR"] == str(tmp_path)
    assert (environment["LOG_LEVEL"], environment["PATH"]) == ("INFO", os.environ["PATH"])


def test_a_call_that_ends_otherwise_than_planned_is_told_and_fails_the_demo(
    enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({})

    def play(url: str) -> list[str]:
        return [f"demo-x at {url.rsplit(':', 1)[0]}: ok, not refused"]

    monkeypatch.setattr(demo, "play_script", play)
    assert run_demo(is_once=True, port=0, history_directory=tmp_path) == 1
    assert "NOT AS EXPECTED: demo-x at http://127.0.0.1: ok, not refused" in capsys.readouterr().out


def test_a_server_that_does_not_start_ends_the_demo_with_its_reason(enter: Enter, tmp_path: Path) -> None:
    enter({"LAMBDASCOPE_MAX_CONCURRENCY": "0"})
    with pytest.raises(SettingsError, match=r"did not start: .*LAMBDASCOPE_MAX_CONCURRENCY"):
        run_demo(is_once=True, port=0, history_directory=tmp_path)


def test_a_demo_that_is_told_to_stop_takes_its_server_with_it(enter: Enter, tmp_path: Path) -> None:
    enter({})
    command = [sys.executable, "-m", "lambdascope_proxy.cli", "demo", "--port", "0", "--history-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+(?=/mcp)", process.stdout.readline())
        assert found
        with urlopen(f"{found[0]}/health", timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 130
    with pytest.raises(URLError):
        urlopen(f"{found[0]}/health", timeout=20)
