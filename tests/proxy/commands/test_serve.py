"""`lambdascope serve`: what it hands on, and what keeps it from starting."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lambdascope_proxy import serving
from lambdascope_proxy.cli import main
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.settings_table import TABLE

Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, enter: Enter) -> list[tuple[Settings, bool]]:
    """What would be served; the serving itself is tested as a process."""
    enter({"MCP_SERVER_PORT": "4000", "FUNCTION_PREFIX": "env-"})
    seen: list[tuple[Settings, bool]] = []

    def serve(settings: Settings, *, is_http: bool, announce: Callable[[str], None]) -> int:
        seen.append((settings, is_http))
        announce("http://127.0.0.1:4000/mcp")
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    return seen


def test_stdio_is_served_by_default_and_stdout_stays_clean(
    started: list[tuple[Settings, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve"]) == 0
    ((settings, is_http),) = started
    assert (settings.port, settings.function_prefix, is_http) == (4000, "env-", False)
    assert capsys.readouterr() == ("", "lambdascope: serving MCP at http://127.0.0.1:4000/mcp\n")


def test_the_port_of_the_command_line_goes_before_the_environment(started: list[tuple[Settings, bool]]) -> None:
    assert main(["serve", "--http", "--port", "0"]) == 0
    ((settings, is_http),) = started
    assert (settings.port, is_http) == (0, True)


def test_a_file_of_settings_is_read(started: list[tuple[Settings, bool]], tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text('function_list = ["a"]\nport = 5\n')
    assert main(["serve", "--config", str(tmp_path / "l.toml")]) == 0
    ((settings, _),) = started
    assert (settings.function_list, settings.port) == ({"a"}, 4000)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"LAMBDASCOPE_MAX_CONCURRENCY": "0"}, "LAMBDASCOPE_MAX_CONCURRENCY"),
        ({"LAMBDASCOPE_HOST": "0.0.0.0"}, "LAMBDASCOPE_ALLOWED_HOSTS"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    environ: dict[str, str], words: str, enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(environ)
    assert main(["serve"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_a_port_that_is_taken_is_one_line_and_no_traceback(
    enter: Enter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    enter({"LAMBDASCOPE_HISTORY_DIR": str(tmp_path)})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--http", "--port", str(port)]) == 2
    assert f"lambdascope: cannot serve at 127.0.0.1, port {port}: " in capsys.readouterr().err
    assert main(["serve", "--http", "--port", "70000"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_help_holds_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    printed = capsys.readouterr().out
    assert all(setting.variable in printed for setting in TABLE)
