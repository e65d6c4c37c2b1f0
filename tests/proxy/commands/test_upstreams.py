"""`lambdascope upstreams`: the file it makes of a client's, and what it says beside it."""

import json
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.settings import load_settings

Enter = Callable[[Mapping[str, str]], None]
SECRET = "s3cret-of-docs"
DESKTOP = {
    "mcpServers": {
        "docs": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": f"Bearer {SECRET}"}},
        "Orders": {"command": "uvx", "args": ["orders"], "env": {"HOME": "${userHome}"}},
        "old": {"type": "sse", "url": "https://a.example/sse"},
    }
}


def file_of(directory: Path, document: object, name: str = "claude_desktop_config.json") -> str:
    (directory / name).write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(directory / name)


def test_import_writes_a_settings_file_to_stdout_and_the_rest_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upstreams", "import", file_of(tmp_path, DESKTOP)]) == 0
    printed = capsys.readouterr()
    assert printed.out == (
        '# Made of "claude_desktop_config.json" by `lambdascope upstreams import`; for `serve --config`.\n'
        "# Takes from the environment: DOCS_AUTHORIZATION.\n"
        "\n"
        "[upstreams.docs]\n"
        'url = "https://mcp.example.com/mcp"\n'
        'headers = { Authorization = "Bearer ${DOCS_AUTHORIZATION}" }\n'
        "\n"
        "[upstreams.orders]\n"
        'command = ["uvx", "orders"]\n'
        'env = { HOME = "${HOME}" }\n'
    )
    assert SECRET not in printed.err
    assert "'old' is left out: it speaks HTTP+SSE" in printed.err


def test_the_file_import_writes_is_read_by_serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "lambdascope.toml"
    assert main(["upstreams", "import", file_of(tmp_path, DESKTOP), "--output", str(written)]) == 0
    assert capsys.readouterr().out == ""
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    docs, orders = load_settings({"DOCS_AUTHORIZATION": SECRET, "HOME": "/home/ada"}, written).upstreams
    assert docs.headers == {"Authorization": f"Bearer {SECRET}"}
    assert (orders.command, orders.env) == (("uvx", "orders"), {"HOME": "/home/ada"})


@pytest.mark.parametrize(
    ("document", "member", "extra"),
    [
        (DESKTOP, ["mcpServers"], {}),
        ({"servers": DESKTOP["mcpServers"]}, ["servers"], {"type": "stdio"}),
        ({"mcp": {"servers": DESKTOP["mcpServers"]}}, ["mcp", "servers"], {"type": "stdio"}),
    ],
)
def test_what_the_client_is_to_say_instead_is_json_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: object, member: list[str], extra: Any
) -> None:
    written = tmp_path / "l.toml"
    assert main(["upstreams", "import", file_of(tmp_path, document), "--output", str(written)]) == 0
    said = capsys.readouterr().err
    inner = json.loads(said[said.index("{\n") :])
    for name in member:
        inner = inner[name]
    assert inner == {
        "lambdascope": {
            **extra,
            "command": "lambdascope",
            "args": ["serve", "--config", str(written)],
            "env": {"DOCS_AUTHORIZATION": "<the value it has now>"},
        }
    }


def test_the_clients_own_reference_is_what_hands_a_variable_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # VS Code asks for inputs itself, and can go on doing so.
    servers = {"docs": {"command": "x", "env": {"KEY": "${input:docs-key}"}}}
    assert main(["upstreams", "import", file_of(tmp_path, {"servers": servers})]) == 0
    assert '"DOCS_KEY": "${input:docs-key}"' in capsys.readouterr().err


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "l.toml").write_text("port = 1\n")
    assert main(["upstreams", "import", file_of(tmp_path, DESKTOP), "--output", str(tmp_path / "l.toml")]) == 2
    assert "is there already; nothing was written" in capsys.readouterr().err
    assert (tmp_path / "l.toml").read_text() == "port = 1\n"


def test_a_client_that_has_lambdascope_already_gives_nothing_to_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = {"mcpServers": {"lambdascope": {"command": "lambdascope", "args": ["serve"]}}}
    assert main(["upstreams", "import", file_of(tmp_path, servers), "--output", str(tmp_path / "l.toml")]) == 1
    assert "it is lambdascope itself\nnothing to import\n" in capsys.readouterr().err
    assert not (tmp_path / "l.toml").exists()


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "is no JSON"), ('{"a": 1}', "holds no servers"), ("\udcff", "utf-8")]
)
def test_a_file_that_is_no_configuration_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str
) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["upstreams", "import", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err
    assert printed.err.count("\n") == 1


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstreams", "import", str(tmp_path / "missing.json")]) == 2
    assert "missing.json: No such file" in capsys.readouterr().err
    output = str(tmp_path / "no" / "l.toml")
    assert main(["upstreams", "import", file_of(tmp_path, DESKTOP), "--output", output]) == 2
    assert f"cannot write {output}" in capsys.readouterr().err


FIXTURE = str(Path(__file__).parents[2] / "interaction" / "stage" / "upstream_server.py")
LISTED = f"""
[upstreams.shop]
command = [{json.dumps(sys.executable)}, {json.dumps(FIXTURE)}, "stdio", "both"]
allow = ["echo", "query_history", "broken", "fail"]
deny = ["f*"]
prefix = ""

[upstreams.gone]
command = ["no-such-program"]
"""


def test_list_shows_what_each_upstream_offers_and_why_one_cannot_be_used(
    tmp_path: Path, enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    config = file_of(tmp_path, LISTED, "l.toml")
    enter({"LAMBDASCOPE_HISTORY_DIR": str(tmp_path), "LAMBDASCOPE_CONFIG": config})
    assert main(["upstreams", "list"]) == 1
    printed = capsys.readouterr().out
    for text in ("2026-07-28", "fixture 1", "shop: broken is set aside: its inputSchema", "gone cannot be used: "):
        assert text in printed
    # From here on as data, of the same two looks.
    assert main(["upstreams", "list", "--json", "--config", config]) == 1
    shop, gone = json.loads(capsys.readouterr().out)
    assert shop["tools"] == {"echo": "echo"}
    assert (shop["name"], shop["transport"], shop["renamed"], shop["failure"]) == ("shop", "stdio", [], None)
    assert "flood" in shop["denied"]
    assert shop["set_aside"] == {"broken": "its inputSchema is not of type object"}
    assert (gone["tools"], gone["server"], gone["protocol_version"]) == ({}, None, None)
    assert "no-such-program" in gone["failure"]


def test_list_without_upstreams_says_where_they_are_written(
    tmp_path: Path, enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({"LAMBDASCOPE_HISTORY_DIR": str(tmp_path)})
    assert main(["upstreams", "list"]) == 0
    assert "[upstreams.NAME]" in capsys.readouterr().out
