"""The snippets for clients: each is read from the page, and the server it names is really started and asked."""

import json
import os
import re
import shlex
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import yaml
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.settings_table import TABLE

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PAGES = ("docs/clients.md", "README.md")
COMMAND = Path(sys.executable).with_name("lambdascope")
SHELL_WORDS = ("claude mcp add", "npx @modelcontextprotocol/inspector")
# Of AWS's own, besides those in the table.
KNOWN = {setting.variable for setting in TABLE} | {"AWS_PROFILE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server as a snippet names it: a command, or a URL with headers."""

    page: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def fences(page: str, language: str) -> list[str]:
    """Every block of one language, by the page's own marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def servers() -> list[Server]:
    """Every server of every snippet."""
    return [
        server
        for page in PAGES
        for server in (
            *(named for block in fences(page, "json") for named in in_document(page, json.loads(block))),
            *(named for block in fences(page, "yaml") for named in in_document(page, yaml.safe_load(block))),
            *(in_words(page, line) for block in fences(page, "sh") for line in block.splitlines() if is_client(line)),
        )
    ]


def is_client(line: str) -> bool:
    """Whether a line of shell adds or asks a server."""
    return line.startswith(SHELL_WORDS)


def in_document(page: str, document: Any) -> list[Server]:
    """The servers that a client's file names; none where it is another kind of document."""
    kept: list[Any] = [document[key] for key in ("mcpServers", "servers", "context_servers") if key in document]
    entries: list[Any] = [each for found in kept for each in (found.values() if hasattr(found, "values") else found)]
    return [
        Server(
            page=page,
            command=(entry["command"], *entry.get("args", ())) if "command" in entry else (),
            env=entry.get("env", {}),
            url=entry.get("url", ""),
            headers=entry.get("headers", {}),
        )
        for entry in entries
    ]


def in_words(page: str, line: str) -> Server:
    """The server that a command line of a client names."""
    words = shlex.split(line)
    env = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "-e")
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "--header")
    url = next((word for word in words if "://" in word), "")
    at = 0 if url else words.index("lambdascope", words.index("--") if "--" in words else 0)
    command = () if url else tuple(words[at : at + 2])
    return Server(page=page, command=command, env=env, url=url, headers=headers)


def filled(value: str) -> str:
    """A value with the client's own default in place of a variable."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


@pytest.fixture(scope="module")
def account() -> Generator[LocalAws]:
    """An account with one function that the snippets allow and one that they do not."""
    (status, *_) = demo_functions()
    allowed = LocalFunction(name="agent-orders", code=status.code)
    with LocalAws([allowed, LocalFunction(name="payroll", code=status.code)], region="eu-central-1") as aws:
        yield aws


async def functions_seen(client: Client) -> set[str]:
    """The functions an agent would see through this client."""
    tools = {tool.name for tool in (await client.list_tools()).tools}
    assert {"list_functions", "invoke_function"} <= tools
    answer: Any = (await client.call_tool("list_functions", {})).structured_content
    return {function["name"] for function in answer["functions"]}


def test_there_are_snippets_for_every_client_and_both_transports() -> None:
    # Guards the reading itself: a page whose snippets are not found would pass all the others.
    found = [server for server in servers() if server.page == "docs/clients.md"]
    assert len([server for server in found if server.command]) == 9
    assert len([server for server in found if server.url]) == 5
    assert [server for server in servers() if server.page == "README.md"]


def test_every_variable_of_a_snippet_is_one_that_is_read() -> None:
    assert {name for server in servers() for name in server.env} <= KNOWN


def test_every_url_is_where_mcp_is_served_and_shows_a_key_if_it_is_not_of_this_machine() -> None:
    for server in (server for server in servers() if server.url):
        assert server.url in {"http://127.0.0.1:3000/mcp", "https://mcp.example.com/mcp"}
        if server.url.startswith("https"):
            assert server.headers["Authorization"].startswith("Bearer $")


async def test_the_command_of_every_snippet_starts_a_server_that_shows_the_functions(
    account: LocalAws, tmp_path: Path
) -> None:
    # Started once for each that differs: most clients are told the same in other words.
    distinct = {
        (server.command, tuple(sorted((name, filled(value)) for name, value in server.env.items())))
        for server in servers()
        if server.command
    }
    for command, env in distinct:
        assert command[0] == COMMAND.name
        # The profile of the snippet is nobody's here: the local AWS's variables stand in its place.
        chosen = {name: value for name, value in env if name != "AWS_PROFILE"}
        parameters = StdioServerParameters(
            command=str(COMMAND),
            args=list(command[1:]),
            env={**account.environment(), **chosen, "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)},
        )
        with anyio.fail_after(60):
            async with Client(parameters) as client:
                assert await functions_seen(client) == {"agent-orders"}


@asynccontextmanager
async def served(account: LocalAws, history: Path) -> AsyncGenerator[str]:
    """The URL of a proxy over HTTP, on a free port."""
    environ = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **account.environment(),
        "FUNCTION_PREFIX": "agent-",
        "LAMBDASCOPE_HISTORY_DIR": str(history),
    }
    async with await anyio.open_process([COMMAND, "serve", "--http", "--port", "0"], env=environ) as process:
        assert process.stderr is not None
        line = ""
        with anyio.fail_after(30):
            while "\n" not in line:
                line += (await process.stderr.receive()).decode()
        try:
            yield line.split()[-1]
        finally:
            process.terminate()


async def test_the_url_of_every_snippet_is_a_path_and_a_header_that_the_server_takes(
    account: LocalAws, tmp_path: Path
) -> None:
    asked = {(server.url, tuple(server.headers.items())) for server in servers() if server.url}
    assert asked
    async with served(account, tmp_path) as address:
        for url, headers in asked:
            here = address.removesuffix("/mcp") + "/" + url.split("/", 3)[3]
            async with (
                httpx2.AsyncClient(headers=dict(headers)) as http,
                Client(streamable_http_client(here, http_client=http)) as client,
            ):
                with anyio.fail_after(30):
                    assert await functions_seen(client) == {"agent-orders"}
