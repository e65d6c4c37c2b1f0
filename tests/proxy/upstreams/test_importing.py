"""Import of a client's configuration: nothing is lost but secrets, and those can be put back by variables."""

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.importing import Imported, import_servers
from lambdascope_proxy.upstreams.reading import read_upstreams
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.toml_text import upstream_table
from lambdascope_proxy.upstreams.values import Surroundings

PAT = "ghp_" + "a1B2" * 9


def imported(servers: Mapping[str, object], member: str = "mcpServers") -> Imported:
    return import_servers(json.dumps({member: servers}))


def read_back(found: Imported, **environ: str) -> dict[str, Upstream]:
    """What lambdascope serves from the TOML that import writes."""
    text = "\n".join(upstream_table(name, table) for name, table in found.tables.items())
    assert PAT not in text
    document = tomllib.loads(text, parse_float=Decimal)
    around = Surroundings(environ={**environ, **found.secrets}, directory=Path("/"))
    return {upstream.name: upstream for upstream in read_upstreams(document.get("upstreams", {}), "toml", around)}


def test_a_desktop_client_keeps_its_servers_and_loses_their_secrets() -> None:
    found = imported(
        {
            "GitHub Server": {
                "command": "docker",
                "args": ["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "ghcr.io/github/github-mcp-server"],
                "env": {"GITHUB_TOKEN": PAT, "GITHUB_HOST": "github.example.com", "RETRIES": 3, "READ_ONLY": True},
            },
            "docs": {
                "type": "http",
                "url": "https://mcp.example.com/mcp?api_key=k3y-of-docs&lang=en",
                "headers": {"Authorization": "Bearer t0ken-of-docs", "X-Team": "orders"},
            },
        }
    )
    assert found.tables == {
        "github-server": {
            "command": ["docker", "run", "-i", "--rm", "-e", "GITHUB_TOKEN", "ghcr.io/github/github-mcp-server"],
            "env": {
                "GITHUB_TOKEN": "${GITHUB_TOKEN}",
                "GITHUB_HOST": "github.example.com",
                "RETRIES": "3",
                "READ_ONLY": "true",
            },
        },
        "docs": {
            "url": "https://mcp.example.com/mcp?api_key=${DOCS_API_KEY}&lang=en",
            "headers": {"Authorization": "Bearer ${DOCS_AUTHORIZATION}", "X-Team": "orders"},
        },
    }
    assert found.secrets == {
        "GITHUB_TOKEN": PAT,
        "DOCS_API_KEY": "k3y-of-docs",
        "DOCS_AUTHORIZATION": "t0ken-of-docs",
    }
    assert found.notes == ("'GitHub Server' is called github-server here",)
    assert PAT not in repr(found)


def test_the_references_of_clients_become_ours_and_are_told() -> None:
    found = imported(
        {
            "a": {
                "command": "${workspaceFolder}/bin/a",
                "args": ["${userHome}/x", "--key", "${input:api-key}", "${env:REGION}", "${LEVEL:-info}", "5${", "$X"],
                "env": {"TOKEN": "${env:TOKEN}", "API_KEY": "${TOKEN}"},
            }
        },
        "servers",
    )
    assert found.member == "servers"
    assert found.secrets == {}
    assert found.references == {
        "WORKSPACE_FOLDER": "${workspaceFolder}",
        "HOME": "${userHome}",
        "API_KEY": "${input:api-key}",
        "REGION": "${env:REGION}",
        "LEVEL": "${LEVEL:-info}",
        "TOKEN": "${TOKEN}",
    }
    environ = {"WORKSPACE_FOLDER": "/w", "HOME": "/h", "API_KEY": "k", "REGION": "eu", "TOKEN": "t"}
    (upstream,) = read_back(found, **environ).values()
    assert upstream.command == ("/w/bin/a", "/h/x", "--key", "k", "eu", "info", "5${", "$X")
    assert upstream.env == {"TOKEN": "t", "API_KEY": "t"}


@pytest.mark.parametrize(
    ("args", "written"),
    [
        (["--api-key", "k1-secret", "-v"], ["--api-key", "${A_API_KEY}", "-v"]),
        (["--api-key=k1-secret"], ["--api-key=${A_API_KEY}"]),
        (["-e", "TOKEN=k1-secret"], ["-e", "TOKEN=${A_TOKEN}"]),
        (["--header", "Authorization: Bearer k1-secret"], ["--header", "${A_ARGUMENT}"]),
        (["postgres://ada:k1-secret@db/orders"], ["${A_ARGUMENT}"]),
        ([PAT, PAT], ["${A_ARGUMENT}", "${A_ARGUMENT}"]),
        (["--token", "--verbose"], ["--token", "--verbose"]),
        (["--max-tokens", "500"], ["--max-tokens", "500"]),
    ],
)
def test_secrets_among_arguments_become_references(args: list[str], written: list[str]) -> None:
    assert imported({"a": {"command": "x", "args": args}}).tables["a"]["command"] == ["x", *written]


def test_one_variable_holds_one_secret() -> None:
    # Two servers with a TOKEN each: one variable for both would hand one of them the other's.
    servers = {name: {"command": "x", "env": {"TOKEN": f"{name}-secret"}} for name in ("a", "b")}
    found = imported({**servers, "c": {"command": "x", "env": {"TOKEN": "a-secret"}}})
    assert found.secrets == {"TOKEN": "a-secret", "TOKEN_2": "b-secret"}
    assert read_back(found)["c"].env == {"TOKEN": "a-secret"}


def test_a_variable_that_would_steer_lambdascope_itself_is_renamed() -> None:
    # With the server's key as AWS_SECRET_ACCESS_KEY, lambdascope would call functions in that account.
    found = imported({"a": {"command": "x", "env": {"AWS_SECRET_ACCESS_KEY": "s3cret-key"}}})
    assert found.tables["a"]["env"] == {"AWS_SECRET_ACCESS_KEY": "${A_AWS_SECRET_ACCESS_KEY}"}


def test_a_secret_does_not_take_the_variable_that_a_reference_needs() -> None:
    found = imported({"a": {"command": "x", "env": {"TOKEN": "a-secret"}}, "b": {"command": "${TOKEN}"}})
    assert found.tables["a"]["env"] == {"TOKEN": "${TOKEN_2}"}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"command": "lambdascope", "args": ["serve"]}, "it is lambdascope itself"),
        ({"command": "/opt/bin/lambdascope.exe", "args": ["wrap", "--", "x"]}, "it is lambdascope itself"),
        ({"command": "uvx", "args": ["--from", "x", "lambdascope@1.0", "serve"]}, "it is lambdascope itself"),
        ({"command": "python", "args": ["-m", "lambdascope_proxy.cli", "serve"]}, "it is lambdascope itself"),
        ({"command": "x", "disabled": True}, "it is disabled"),
        ({"type": "sse", "url": "https://a.example/mcp"}, "it speaks HTTP+SSE"),
        ({"url": "https://a.example/sse"}, "it speaks HTTP+SSE"),
        ({"url": "wss://a.example/"}, "url: takes a URL"),
        ({"args": ["a"]}, "neither a command nor a URL"),
        ({"command": ["npx", "x"]}, "neither a command nor a URL"),
        ({"command": "x", "args": "a b"}, "its args is no list"),
        ({"command": "x", "args": [{"a": 1}]}, "its args holds something else than texts"),
        ({"command": "x", "env": ["A=b"]}, "its env is no object"),
        ({"command": "x", "args": ["\ud800"]}, "its args holds half a character"),
        ({"command": "x", "args": ["${config:a.b}"]}, "it refers to ${config:a.b}, which only its client can fill in"),
        ({"command": "x", "args": ["$${TOKEN}"]}, "a '$' right before ${TOKEN}"),
        ({"command": "x", "env": {"A=B": "c"}}, "'A=B' is no name of a variable"),
        ("npx x", "it is no object"),
    ],
)
def test_a_server_that_cannot_be_taken_is_left_out_with_the_reason_and_the_others_stay(
    entry: object, reason: str
) -> None:
    found = imported({"bad": entry, "good": {"command": "x"}})
    assert set(found.tables) == {"good"}
    (note,) = found.notes
    assert note.startswith("'bad' is left out: ")
    assert reason in note


def test_what_is_lost_of_a_server_is_said() -> None:
    entry = {"command": "x", "timeout": 5, "envFile": ".env", "autoApprove": ["a"], "excludeTools": ["drop"], "zeta": 1}
    found = imported({"a": entry})
    assert found.tables["a"] == {"command": ["x"], "deny": ["drop"]}
    assert [note.split(" is not")[0] for note in found.notes] == ["a: envFile", "a: timeout", "a: zeta"]


def test_servers_whose_names_become_one_are_told_apart() -> None:
    found = imported({"My Server": {"command": "a"}, "my-server": {"command": "b"}})
    assert {name: table["command"] for name, table in found.tables.items()} == {
        "my-server": ["a"],
        "my-server-2": ["b"],
    }


# A reference is for its client to fill in; everything else has to come back as it was.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).filter(
    lambda text: "${" not in text or "}" not in text
)
SECRETIVE = st.sampled_from(["API_KEY", "TOKEN", "AWS_SECRET_ACCESS_KEY", "PATH", "1KEY", "päss-word", "LEVEL"])
WORD = TEXT | st.sampled_from([PAT, "--token", "--api-key=abc", "KEY=${", "a@b.example", "postgres://a:b@c/", "$${"])
ENTRY = st.fixed_dictionaries(
    {"command": TEXT.filter(lambda text: text.strip() != "" and "lambdascope" not in text)},
    optional={"args": st.lists(WORD, max_size=4), "env": st.dictionaries(SECRETIVE, WORD, max_size=3)},
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=6), ENTRY, max_size=4))
def test_what_import_wrote_starts_the_same_servers(servers: dict[str, dict[str, Any]]) -> None:
    found = imported(servers)
    upstreams = list(read_back(found).values())
    assert [upstream.command for upstream in upstreams] == [
        (entry["command"], *entry.get("args", [])) for entry in servers.values()
    ]
    assert [upstream.env for upstream in upstreams] == [entry.get("env", {}) for entry in servers.values()]


HEADER = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12).filter(
    lambda text: "${" not in text
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["Authorization", "X-Api-Key", "Cookie", "X-Team"]), HEADER, max_size=4), HEADER)
def test_what_import_wrote_asks_the_same_addresses(headers: dict[str, str], token: str) -> None:
    url = "https://a.example/mcp?x=1&token=" + token.replace("&", "").replace("#", "")
    bearer = {name: f"Bearer {text}".strip() if name == "Authorization" else text for name, text in headers.items()}
    (upstream,) = read_back(imported({"a": {"url": url, "headers": bearer}})).values()
    assert (upstream.url, upstream.headers) == (url, bearer)
