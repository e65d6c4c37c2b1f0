"""Tables of upstreams: what a good one becomes, and that each bad one is refused by table, key and advice."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.upstreams.keys import KEYS
from lambdascope_proxy.upstreams.reading import read_upstreams
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.values import Surroundings

SECRET = "s3cret-value"
AROUND = Surroundings(environ={"TOKEN": SECRET, "LINES": f"{SECRET}\r\nX-Admin: 1"}, directory=Path("/etc/lambdascope"))


def read(text: str, around: Surroundings = AROUND) -> tuple[Upstream, ...]:
    document = tomllib.loads(text, parse_float=Decimal)
    return read_upstreams(document["upstreams"], "--config l.toml", around)


def refusal(text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read(text)
    assert SECRET not in str(refused.value)
    # What is printed of the cause would show the value.
    assert refused.value.__cause__ is None
    return str(refused.value)


def test_a_server_over_stdio_is_read_whole() -> None:
    (upstream,) = read(
        """
        [upstreams.github]
        command = ["docker", "run", "-e", "TOKEN", "ghcr.io/github/github-mcp-server"]
        env = { TOKEN = "${TOKEN}", LEVEL = "${LEVEL:-info}" }
        cwd = "servers"
        allow = ["get_*", "search"]
        deny = ["get_secret*"]
        prefix = "gh_"
        timeout_s = 120
        start_timeout_s = 2.5
        cost_usd = 0.005
        tool_costs = { search = "0.020", list = 0 }
        idempotent = ["put_*"]
        """
    )
    assert upstream == Upstream(
        name="github",
        command=("docker", "run", "-e", "TOKEN", "ghcr.io/github/github-mcp-server"),
        env={"TOKEN": SECRET, "LEVEL": "info"},
        cwd="/etc/lambdascope/servers",
        allow=("get_*", "search"),
        deny=("get_secret*",),
        prefix="gh_",
        timeout_s=120.0,
        start_timeout_s=2.5,
        cost_usd=Decimal("0.005"),
        tool_costs={"search": Decimal("0.020"), "list": Decimal(0)},
        idempotent=("put_*",),
    )


def test_a_server_over_http_is_read_and_what_is_not_said_is_the_default() -> None:
    (upstream,) = read(
        """
        [upstreams.docs]
        url = "https://mcp.example.com/mcp?key=${TOKEN}"
        headers = { Authorization = "Bearer ${TOKEN}" }
        """
    )
    assert upstream == Upstream(
        name="docs",
        url=f"https://mcp.example.com/mcp?key={SECRET}",
        headers={"Authorization": f"Bearer {SECRET}"},
    )


def test_a_price_is_the_decimal_that_was_written() -> None:
    # As a float, 0.1 would be billed as 0.1000000000000000055511151231257827.
    (upstream,) = read('upstreams.a = { command = ["a"], cost_usd = 0.1 }')
    assert str(upstream.cost_usd) == "0.1"


def test_upstreams_keep_the_order_of_the_file() -> None:
    found = read("".join(f'[upstreams.{name}]\ncommand = ["x"]\n' for name in ("zebra", "ant", "b-2", "0_")))
    assert [upstream.name for upstream in found] == ["zebra", "ant", "b-2", "0_"]


def test_references_are_read_in_commands_too() -> None:
    (upstream,) = read('upstreams.a = { command = ["serve", "--token=${TOKEN}", "$${TOKEN}"] }')
    assert upstream.command == ("serve", f"--token={SECRET}", "${TOKEN}")


@pytest.mark.parametrize("name", ["A", "my server", '"-a"', '"é"', '""', "a" * 33, '"a.b"'])
def test_a_name_that_cannot_stand_before_a_tool_is_refused(name: str) -> None:
    quoted = name if name.startswith('"') else f'"{name}"'
    assert "is no name of an upstream" in refusal(f'[upstreams.{quoted}]\ncommand = ["a"]')


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("", "neither is given"),
        ('command = ["a"]\nurl = "https://a.example"', "both are given"),
        ('command = ["a"]\nheaders = { A = "b" }', "headers goes with url, not with command"),
        ('url = "https://a.example"\nenv = { A = "b" }', "env goes with command, not with url"),
        ('url = "https://a.example"\ncwd = "b"', "cwd goes with command, not with url"),
        (
            'command = ["a"]\nargs = ["b"]',
            "unknown key 'args'; arguments are further words of command; known are allow",
        ),
        ('command = ["a"]\nidempotnt = ["b"]', "unknown key 'idempotnt'; known are allow"),
        ('command = "npx -y server"', 'command: takes a list of words, such as ["uvx", "some-mcp-server"]'),
        ("command = []", "command: takes a list of words"),
        ('command = [" ", "a"]', "command: takes a list of words"),
        ('command = ["a", 8080]', "command: takes a list of words"),
        ('command = ["a", "b\\u0000"]', "command: holds a NUL"),
        ('command = ["a", "${NOWHERE}"]', "command: the variable NOWHERE is not set"),
        ('command = ["a", "${TOKEN"]', "command: '${' begins a reference"),
        ('url = "mcp.example.com"', "url: takes a URL"),
        ('url = "ftp://mcp.example.com"', "url: takes a URL"),
        ('url = "https://:80/mcp"', "url: takes a URL"),
        ('url = "https://mcp.example.com:99999/"', "url: takes a URL"),
        ('url = "https://mcp.example.com/a b${TOKEN}"', "url: takes a URL"),
        ("url = 7", "url: takes a URL"),
        ('command = ["a"]\nenv = ["A=b"]', "env: takes a table of texts"),
        ('command = ["a"]\nenv = { PORT = 80 }', "env: PORT: takes a text in quotes"),
        ('command = ["a"]\nenv = { "A=B" = "c" }', "env: 'A=B' is no name of a variable"),
        ('command = ["a"]\nenv = { A = "${NOWHERE}" }', "env: A: the variable NOWHERE is not set"),
        ('url = "https://a.example"\nheaders = { "A B" = "c" }', "headers: 'A B' is no name of a header"),
        ('url = "https://a.example"\nheaders = { A = "${LINES}" }', "headers: A: a header holds one line"),
        ('url = "https://a.example"\nheaders = { A = "café" }', "headers: A: a header holds one line of ASCII"),
        ('command = ["a"]\ncwd = 1', "cwd: takes the path of a directory"),
        ('command = ["a"]\nallow = "get_*"', 'allow: takes a list of patterns of tool names, such as ["get_*"'),
        ('command = ["a"]\nallow = ["get_*, list"]', "allow: 'get_*, list' is no pattern"),
        ('command = ["a"]\ndeny = [""]', "deny: '' is no pattern"),
        ('command = ["a"]\ndeny = ["[ab"]', "deny: '[ab' has a '[' without ']'"),
        ('command = ["a"]\nidempotent = [true]', "idempotent: takes a list of patterns"),
        ('command = ["a"]\nprefix = "a b"', "prefix: takes up to 64 letters"),
        ('command = ["a"]\nprefix = 1', "prefix: takes up to 64 letters"),
        ('command = ["a"]\ntimeout_s = -1', "timeout_s: takes seconds from 0.1 to 86400"),
        ('command = ["a"]\ntimeout_s = 0', "timeout_s: takes seconds"),
        ('command = ["a"]\ntimeout_s = nan', "timeout_s: takes seconds"),
        ('command = ["a"]\ntimeout_s = true', "timeout_s: takes seconds"),
        ('command = ["a"]\nstart_timeout_s = "soon"', "start_timeout_s: takes seconds from 0.1 to 3600"),
        ('command = ["a"]\ncost_usd = "a cent"', "cost_usd: takes the US dollars of one call"),
        ('command = ["a"]\ncost_usd = -0.01', "cost_usd: takes the US dollars"),
        ('command = ["a"]\ncost_usd = inf', "cost_usd: takes the US dollars"),
        ('command = ["a"]\ncost_usd = 10001', "cost_usd: takes the US dollars"),
        ('command = ["a"]\ncost_usd = 1e-13', "cost_usd: takes the US dollars"),
        ('command = ["a"]\ntool_costs = 1', "tool_costs: takes a table of prices"),
        ('command = ["a"]\ntool_costs = { search = "dear" }', "tool_costs: search: takes the US dollars"),
    ],
)
def test_a_wrong_key_is_refused_with_its_table_and_what_it_takes(lines: str, advice: str) -> None:
    said = refusal(f"[upstreams.orders]\n{lines}")
    assert said.startswith("--config l.toml: [upstreams.orders]")
    assert advice in said


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("upstreams = 1", "upstreams takes tables: [upstreams.NAME]"),
        ("[[upstreams]]\nname = 1", "upstreams takes tables: [upstreams.NAME]"),
        ('[upstreams]\ncommand = ["a"]', "[upstreams.command] is no table"),
    ],
)
def test_what_is_no_table_is_refused(text: str, advice: str) -> None:
    assert advice in refusal(text)


def test_every_example_of_the_documentation_is_read() -> None:
    around = Surroundings(environ={"API_TOKEN": SECRET}, directory=Path("/etc"))
    for key in KEYS:
        needed = "" if key.field in {"command", "url"} else 'command = ["a"]\n'
        needed = 'url = "https://a.example"\n' if key.field == "headers" else needed
        (upstream,) = read(f"[upstreams.a]\n{needed}{key.field} = {key.example}", around)
        assert getattr(upstream, key.field) not in (None, "", (), {})


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([key.field for key in KEYS]) | st.text(max_size=5), JSON_LIKE, max_size=4))
def test_whatever_stands_in_a_table_is_read_or_refused(table: Mapping[str, Any]) -> None:
    # Any other exception would be a traceback at the start.
    with suppress(SettingsError):
        (upstream,) = read_upstreams({"a": table}, "here", AROUND)
        assert bool(upstream.command) != bool(upstream.url)


@given(JSON_LIKE)
def test_whatever_the_tables_are_they_are_read_or_refused(tables: object) -> None:
    with suppress(SettingsError):
        assert read_upstreams(tables, "here", AROUND) == ()
