"""Names made for upstreams: after what is started, always valid, never twice the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.naming import fit, free, name_of_command, name_of_url
from lambdascope_proxy.upstreams.reading import NAME


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("orders-server --port 5", "orders-server"),
        ("/opt/Orders/bin/orders_server.exe", "orders_server"),
        ("C:\\tools\\orders.cmd", "orders"),
        ("uvx awslabs.lambda-tool-mcp-server@latest", "awslabs-lambda-tool-mcp-server"),
        ("npx -y @modelcontextprotocol/server-everything@2026.1.0 stdio", "server-everything"),
        ("python -m acme.orders", "acme-orders"),
        ("python3 servers/orders.py --debug", "orders"),
        ("uv run --quiet orders.py", "orders"),
        ("uvx mcp-proxy==0.13.0", "mcp-proxy"),
        ("uvx fastmcp[all]", "fastmcp"),
        ("docker run -i --rm mcp/github", "docker"),
        ("python -c import;serve()", "python"),
        ("npx", "npx"),
    ],
)
def test_a_command_is_named_after_what_it_starts(command: str, name: str) -> None:
    assert name_of_command(command.split(" ")) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mcp.example.com/mcp", "mcp-example-com"),
        ("http://localhost:8000/mcp", "localhost-8000"),
        ("http://[::1]:8000/", "1-8000"),
        ("https://user:secret@mcp.example.com/", "mcp-example-com"),
    ],
)
def test_a_url_is_named_after_its_host(url: str, name: str) -> None:
    assert name_of_url(url) == name


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_a_made_name_is_always_a_valid_one(words: list[str]) -> None:
    assert NAME.fullmatch(name_of_command(words))
    assert NAME.fullmatch(fit(words[0]))


@given(st.lists(st.sampled_from(["orders", "orders-2", "a" * 32, "a" * 30 + "-2"]), max_size=30))
def test_names_given_one_after_the_other_are_all_different(wanted: list[str]) -> None:
    taken: list[str] = []
    for name in wanted:
        taken.append(free(name, taken))
    assert len(set(taken)) == len(wanted)
    assert all(NAME.fullmatch(name) for name in taken)
